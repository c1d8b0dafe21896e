// Completion while typing: keys of figures, posts, kinds of callouts, tags. A list below the caret, led by the arrow keys.
import { measure } from "./caret.js";
import { stands } from "./commands.js";
import { word } from "./say.js";
import { ask } from "./server.js";
import { apply, change, isInFence } from "./text.js";

const KINDS = ["note", "tip", "warning", "danger", "example"];
const PAUSE = 120;
let made = 0;

// What a text field completes: `seek(text, caret)` gives { from, asked, find } or null, where `find(signal)` gives options
// { value, label, note } and `insert(value)` what replaces the text from `from` to the caret.
const attach = (field, seek, at, host) => {
  const list = document.createElement("ul"), told = document.createElement("p");
  list.className = "writer-options";
  list.setAttribute("role", "listbox");
  list.id = `options-${(made += 1)}`;
  list.setAttribute("aria-label", word("completions"));
  list.tabIndex = 0; // it scrolls; Tab takes an option before it would come here
  list.hidden = true;
  told.className = "unseen";
  told.setAttribute("role", "status");
  host.append(list, told);
  const isCombobox = field.tagName === "INPUT";
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  if (isCombobox) {
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-expanded", "false");
    field.autocomplete = "off";
  }
  let here = null, options = [], chosen = -1, asking = null, waiting = 0, dismissed = -1;

  const close = () => {
    clearTimeout(waiting);
    asking?.abort();
    list.hidden = true;
    options = [];
    chosen = -1;
    told.textContent = "";
    field.removeAttribute("aria-activedescendant");
    if (isCombobox) field.setAttribute("aria-expanded", "false");
  };

  const choose = (n) => {
    list.children[chosen]?.setAttribute("aria-selected", "false");
    chosen = (n + options.length) % options.length;
    const one = list.children[chosen];
    one.setAttribute("aria-selected", "true");
    one.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", one.id);
  };

  const take = (n) => {
    const { from, insert } = here, to = field.selectionEnd;
    const words = insert(options[n].value, field.value.slice(to));
    close();
    dismissed = from;
    apply(field, change(from, to, words));
  };

  const open = (found) => {
    options = found;
    if (!options.length || document.activeElement !== field) return close();
    list.replaceChildren(...options.map(({ value, label, note, thumb }, n) => {
      const one = document.createElement("li");
      one.id = `${list.id}-${n}`;
      one.setAttribute("role", "option");
      one.setAttribute("aria-selected", "false");
      if (thumb) one.append(Object.assign(document.createElement("img"), { src: thumb, alt: "", width: 48, height: 30 }));
      one.append(Object.assign(document.createElement("b"), { textContent: label || value }));
      if (note) one.append(" ", Object.assign(document.createElement("small"), { textContent: note }));
      one.addEventListener("pointerdown", (event) => (event.preventDefault(), take(n)));
      return one;
    }));
    list.hidden = false;
    if (isCombobox) field.setAttribute("aria-expanded", "true");
    const { left, top, bottom } = at(here.from);
    const below = innerHeight - bottom > list.offsetHeight + 8;
    list.style.left = `${Math.max(8, Math.min(left, innerWidth - list.offsetWidth - 8))}px`;
    list.style.top = `${below ? bottom + 4 : Math.max(8, top - list.offsetHeight - 4)}px`;
    chosen = -1;
    choose(0);
    told.textContent = word("completions-told", { n: options.length });
  };

  const look = () => {
    const found = field.selectionStart === field.selectionEnd ? seek(field.value, field.selectionStart) : null;
    if (!found || found.from === dismissed) {
      if (!found) dismissed = -1;
      return close();
    }
    here = found;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      asking?.abort();
      const mine = (asking = new AbortController());
      const answer = await found.find(mine.signal);
      if (!mine.signal.aborted && here === found) open(answer);
    }, found.pause ?? PAUSE);
  };

  field.addEventListener("input", (event) => {
    if (event.inputType !== "historyUndo" && event.inputType !== "historyRedo") look();
    else close();
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter" || event.key === "Tab") take(chosen);
    else if (event.key === "Escape") {
      dismissed = here.from;
      close();
    } else {
      if (/^(?:Arrow|Home|End|Page)/.test(event.key)) close();
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  field.addEventListener("blur", close);
  field.addEventListener("scroll", close);
};

export const completeText = (field, host, { figures, posts }) => {
  const seek = (text, caret) => {
    const line = text.slice(Math.max(0, caret - 300, text.lastIndexOf("\n", caret - 1) + 1), caret);
    const kind = /^\s*(?:!!!|\?\?\?\+?) ?([a-z]*)$/.exec(line);
    if (kind && (kind[1] || /[!?+] $/.test(line))) {
      const offered = KINDS.filter((one) => one.startsWith(kind[1]) && one !== kind[1]);
      return { from: caret - kind[1].length, pause: 0, insert: (value) => value,
        find: async () => offered.map((value) => ({ value, note: word(`kind-${value}`) })) };
    }
    const found = /\]\((figure|post):([-\w]*)$/.exec(line);
    if (!found || isInFence(text, caret)) return null;
    const [, what, asked] = found, from = caret - asked.length;
    const insert = (value, after) => (after.startsWith(")") ? value : `${value})`);
    const find = what === "post"
      ? async (signal) => ((await ask(posts, { q: asked.replaceAll("-", " ") }, signal)).posts || [])
        .map(({ slug, title, state }) => ({ value: slug, label: title, note: state === "live" ? slug : `${slug} · ${word(`state-${state}`)}` }))
      : async (signal) => {
        const all = (await ask(figures, { q: asked.replaceAll("-", " ") }, signal)).figures || [];
        // Those that the text shows already are what a reference most likely means.
        const placed = (key) => stands(key, text);
        const first = text[text.lastIndexOf("[", from) - 1] === "!" ? all : [...all.filter((one) => placed(one.key)), ...all.filter((one) => !placed(one.key))];
        return first.slice(0, 8).map(({ key, title, thumb }) => ({ value: key, note: title, thumb }));
      };
    return { from, find, insert };
  };
  const at = (offset) => {
    const box = field.getBoundingClientRect(), { places: [{ top, left }], line } = measure(field, [offset]);
    const y = box.top + top - field.scrollTop + field.clientTop;
    return { left: box.left + left, top: y, bottom: y + line };
  };
  attach(field, seek, at, host);
};

export const completeTags = (field, host, address) => {
  const seek = (text, caret) => {
    const from = text.lastIndexOf(",", caret - 1) + 1;
    const typed = text.slice(from, caret), asked = typed.trimStart();
    if (!asked || /^\s*\S/.test(text.slice(caret).split(",")[0])) return null;
    const begun = from + typed.length - asked.length;
    const given = new Set(text.split(",").map((one) => one.trim().toLowerCase()));
    return { from: begun, insert: (value) => `${value}, `, find: async (signal) =>
      ((await ask(address, { q: asked }, signal)).tags || []).filter((one) => !given.has(one.toLowerCase())).map((value) => ({ value })) };
  };
  attach(field, seek, () => {
    const { left, top, bottom } = field.getBoundingClientRect();
    return { left, top, bottom };
  }, host);
};
