// The library, to choose a figure from; also to add one.
import { figure, reference, stands } from "./commands.js";
import { say, word } from "./say.js";
import { ask } from "./server.js";
import { apply } from "./text.js";

export const attach = (field, dialog, address, upload) => {
  const part = (name) => dialog.querySelector(`[data-part=${name}]`);
  const [sought, grid, told, more, file] = ["sought", "grid", "told", "more", "file"].map(part);
  const shape = part("shape");
  let page = 1, asking = null, waiting = 0, wanted = "figure", last = [0, 0], before = field, settled = false;

  const draw = (one) => {
    const made = shape.content.cloneNode(true), input = made.querySelector("input"), picture = made.querySelector("img");
    input.value = one.key;
    picture.src = one.thumb;
    picture.width = one.width;
    picture.height = one.height;
    made.querySelector("[data-part=title]").textContent = one.title || word("decorative");
    made.querySelector("[data-part=key]").textContent = one.key;
    made.querySelector("[data-part=placed]").hidden = !stands(one.key, field.value);
    return made;
  };

  const load = async (anew) => {
    asking?.abort();
    asking = new AbortController();
    if (anew) page = 1;
    const given = await ask(address, { q: sought.value, page }, asking.signal);
    if (given.aborted) return;
    if (!given.figures) return void (told.textContent = given.error);
    if (anew) grid.replaceChildren();
    const first = grid.children.length;
    grid.append(...given.figures.map(draw));
    more.hidden = !given.more;
    const n = grid.children.length;
    const said = given.more ? "figures-more" : n === 1 ? "figures-one" : n ? "figures" : sought.value.trim() ? "figures-none" : "figures-empty";
    told.textContent = word(said, { n });
    if (!anew) grid.children[first]?.querySelector("input").focus();
  };

  const chosen = () => grid.querySelector("input:checked")?.value;
  const put = (kind) => {
    const key = chosen();
    if (!key) {
      told.textContent = word("choose");
      return grid.querySelector("input")?.focus();
    }
    if (kind === "figure" && stands(key, field.value)) {
      told.textContent = word("stands", { key });
      return dialog.querySelector("[data-act=reference]").focus();
    }
    settled = true;
    dialog.close();
    apply(field, (kind === "reference" ? reference : figure)(key)(field.value, ...last));
    say(word(kind === "reference" ? "referred" : "inserted", { key }));
  };

  sought.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => load(true), 200);
  });
  more.addEventListener("click", () => {
    page += 1;
    load(false);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName === "BUTTON") return;
    event.preventDefault();
    if (event.target === sought) grid.querySelector("input")?.focus();
    else put(wanted);
  });
  grid.addEventListener("dblclick", (event) => event.target.closest("label") && put(wanted));
  dialog.addEventListener("click", (event) => {
    const act = event.target.closest("button")?.dataset.act;
    if (act === "figure" || act === "reference") put(act);
    if (act === "add") file.click();
    if (act === "cancel") dialog.close();
  });
  file.addEventListener("change", () => {
    const files = [...file.files];
    file.value = "";
    settled = true;
    dialog.close();
    field.setSelectionRange(...last);
    if (files.length) upload(files);
  });
  dialog.addEventListener("close", () => {
    asking?.abort();
    if (settled) return;
    field.setSelectionRange(...last);
    before.focus({ preventScroll: true }); // the button of those who came by key
  });

  return (kind) => {
    wanted = kind;
    settled = false;
    before = document.activeElement;
    last = [field.selectionStart, field.selectionEnd];
    for (const one of dialog.querySelectorAll("[data-act=figure], [data-act=reference]")) {
      one.classList.toggle("is-first", one.dataset.act === kind);
    }
    dialog.showModal();
    sought.value = "";
    sought.focus();
    load(true);
  };
};
