// The page beside the text: drawn by the server from the whole form, shown in a frame in which no script runs.
import { word } from "./say.js";
import { post } from "./server.js";
import * as sync from "./sync.js";

const PAUSE = 100; // milliseconds after the last key
const BESIDE = 832; // pixels, as in editor.css
const KEPT = "writer-preview", WIDTH = "writer-width";
const WIDTHS = { fit: 0, phone: 390, desktop: 1200 };

// A device may forbid to remember.
const remembered = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* then for this visit */ } };

// Makes `old` equal to `fresh` with as few changes as its shape allows: pictures that stay are not loaded again.
const patch = (old, fresh) => {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const before = [...old.childNodes], after = [...fresh.childNodes];
  let first = 0;
  while (first < before.length && first < after.length && before[first].isEqualNode(after[first])) first += 1;
  let last = before.length, end = after.length;
  while (last > first && end > first && before[last - 1].isEqualNode(after[end - 1])) (last -= 1), (end -= 1);
  const gone = before.slice(first, last), come = after.slice(first, end);
  const alike = (node, n) => node.nodeType === Node.ELEMENT_NODE && come[n].nodeType === Node.ELEMENT_NODE && node.tagName === come[n].tagName;
  if (gone.length === come.length && gone.every(alike)) return gone.forEach((node, n) => patch(node, come[n]));
  const place = before[last] ?? null;
  for (const node of gone) node.remove();
  for (const node of come) old.insertBefore(old.ownerDocument.adoptNode(node), place);
};

const WALL = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'";

// The page without what a frame of ours can't do; links open beside the form, never in its place.
const prepared = (html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const one of page.querySelectorAll("script, link[rel=preload], meta[http-equiv]")) one.remove();
  for (const one of page.querySelectorAll("a[href]")) {
    if (one.getAttribute("href").startsWith("#")) continue;
    one.target = "_blank";
    one.rel = "noopener";
  }
  const wall = page.createElement("meta");
  wall.httpEquiv = "Content-Security-Policy";
  wall.content = WALL;
  page.head.prepend(wall);
  return page;
};

export const attach = (field, parts, address, onCount) => {
  const { pane, frame, holder, toggle, widths, problems, told } = parts;
  const form = field.form;
  let isOpen = false, isLoaded = false, isLost = false, waiting = 0, isAsking = false, isBehind = false, asked = "", listened = null;
  const scrolling = sync.attach(field, frame, () => isOpen && isLoaded);

  const jump = (hash) => {
    const place = hash.length > 1 && frame.contentDocument.getElementById(decodeURIComponent(hash.slice(1)));
    place?.scrollIntoView({ behavior: "instant" });
  };
  const listen = () => {
    const page = frame.contentDocument;
    if (listened === page) return;
    listened = page;
    page.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[href^='#']");
      if (!link) return;
      event.preventDefault();
      jump(link.getAttribute("href"));
    });
    page.addEventListener("submit", (event) => event.preventDefault());
    scrolling.listen();
  };

  const show = (html) => {
    const fresh = prepared(html);
    const page = frame.contentDocument;
    if (isLoaded && page?.querySelector("main")) {
      patch(page.head, fresh.head);
      patch(page.body, fresh.body);
      page.documentElement.lang = fresh.documentElement.lang;
      scrolling.settle();
      return;
    }
    frame.addEventListener("load", () => {
      isLoaded = true;
      listen();
      fit();
      scrolling.settle();
    }, { once: true });
    frame.srcdoc = `<!DOCTYPE html>${fresh.documentElement.outerHTML}`;
  };

  const list = (found) => {
    problems.replaceChildren(...found.map(({ message, line }) => {
      const one = document.createElement("li");
      if (!line) return Object.assign(one, { textContent: message });
      const lead = Object.assign(document.createElement("button"), { type: "button", textContent: word("line", { n: line }) });
      lead.addEventListener("click", () => select(line));
      one.append(lead, ` ${message}`);
      return one;
    }));
    problems.hidden = !found.length;
  };
  const select = (line) => {
    const lines = field.value.split("\n"), from = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    field.focus();
    field.setSelectionRange(from, from + (lines[line - 1] || "").length);
    parts.reveal(from);
  };

  const written = () => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    return data;
  };
  // One question at a time: what is typed meanwhile is asked for right after the answer. A question that was taken back
  // would be worked on all the same.
  const update = async () => {
    if (!isOpen) return;
    if (isAsking) return void (isBehind = true);
    const data = written(), now = JSON.stringify([...data]);
    if (now === asked) return;
    const source = field.value, begun = performance.now();
    isAsking = true;
    isBehind = false;
    const given = await post(address, data);
    isAsking = false;
    if (given.status !== 200 || given.refused) {
      // The last good page stays; the next key asks again.
      told.textContent = given.refused || given.error;
      isLost = true;
    } else {
      asked = now;
      if (isLost) told.textContent = "";
      isLost = false;
      show(given.html);
      list(given.problems);
      onCount(source, given.words);
      frame.dataset.took = Math.round(performance.now() - begun);
      frame.dataset.shown = String(Number(frame.dataset.shown || 0) + 1);
    }
    if (isBehind) update();
  };
  const soon = () => {
    clearTimeout(waiting);
    if (isOpen) waiting = setTimeout(update, PAUSE);
  };

  const fit = () => {
    const width = WIDTHS[[...widths].find((one) => one.checked)?.value] || 0, space = holder.clientWidth;
    const scale = width && width > space ? space / width : 1;
    Object.assign(frame.style, {
      width: width ? `${Math.min(width, Math.max(width, 0))}px` : "100%",
      height: `${100 / scale}%`,
      transform: scale < 1 ? `scale(${scale})` : "",
    });
    scrolling.forget();
  };

  const open = (wanted, { keep = true } = {}) => {
    isOpen = wanted;
    pane.hidden = !wanted;
    pane.closest(".writer").classList.toggle("has-preview", wanted);
    toggle.setAttribute("aria-pressed", String(wanted));
    if (keep) remember(KEPT, wanted ? "open" : "closed");
    if (wanted) update().then(fit);
  };

  toggle.addEventListener("click", () => open(!isOpen));
  for (const one of widths) {
    one.checked = one.value === (remembered(WIDTH) || "fit");
    one.addEventListener("change", () => {
      remember(WIDTH, one.value);
      fit();
    });
  }
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  // select2 and the admin's rows tell of a choice through jQuery only.
  window.django?.jQuery?.(form).on("change", soon);
  document.addEventListener("formset:removed", soon);
  window.addEventListener("online", soon);
  new ResizeObserver(fit).observe(holder);
  // Where there is no room for both, the form begins with the text.
  open(remembered(KEPT) !== "closed" && pane.closest(".writer").clientWidth >= BESIDE, { keep: false });
  return () => open(!isOpen);
};
