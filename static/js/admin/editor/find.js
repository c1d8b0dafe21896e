// Finding and replacing within the text; the browser's own search stays what it is.
import { reveal } from "./caret.js";
import { say, word } from "./say.js";
import { apply, change } from "./text.js";

export const attach = (field, bar) => {
  const part = (name) => bar.querySelector(`[data-find=${name}]`);
  const [sought, put, told, exact] = ["sought", "put", "told", "case"].map(part);

  const all = () => {
    if (!sought.value) return [];
    const fold = (text) => (exact.checked ? text : text.toLowerCase());
    const text = fold(field.value), wanted = fold(sought.value), found = [];
    // Letters whose small form is longer would shift all places behind them.
    if (text.length !== field.value.length) return exactly(field.value, sought.value);
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) found.push(at);
    return found;
  };
  const exactly = (text, wanted) => {
    const found = [];
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) found.push(at);
    return found;
  };

  const go = (step) => {
    const found = all();
    if (!found.length) {
      told.textContent = sought.value ? word("found-none") : "";
      return;
    }
    const here = field.selectionStart;
    let place = step > 0 ? found.findIndex((at) => at > here || (at === here && field.selectionEnd === here))
      : found.findLastIndex((at) => at < here);
    if (place < 0) place = step > 0 ? 0 : found.length - 1;
    field.setSelectionRange(found[place], found[place] + sought.value.length);
    reveal(field, found[place]);
    told.textContent = word("found", { n: place + 1, all: found.length });
  };

  const isOn = () => all().includes(field.selectionStart) && field.selectionEnd - field.selectionStart === sought.value.length;

  const replace = () => {
    const focused = document.activeElement;
    if (isOn()) {
      const from = field.selectionStart;
      apply(field, change(from, field.selectionEnd, put.value));
      focused.focus({ preventScroll: true });
    }
    go(1);
  };

  const replaceAll = () => {
    const found = all(), size = sought.value.length;
    if (!found.length) return go(1);
    const first = found[0], end = found.at(-1) + size, focused = document.activeElement;
    let words = "", last = first;
    for (const at of found) {
      words += field.value.slice(last, at) + put.value;
      last = at + size;
    }
    apply(field, change(first, end, words));
    focused.focus({ preventScroll: true });
    told.textContent = "";
    say(word("replaced", { n: found.length }));
  };

  const close = () => {
    bar.hidden = true;
    field.focus({ preventScroll: true });
  };
  const open = () => {
    const chosen = field.value.slice(field.selectionStart, field.selectionEnd);
    bar.hidden = false;
    if (chosen && !chosen.includes("\n")) sought.value = chosen;
    sought.focus();
    sought.select();
  };

  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.target === sought) go(event.shiftKey ? -1 : 1);
    else if (event.key === "Enter" && event.target === put) replace();
    else return;
    event.preventDefault(); // Enter would send the form
    event.stopPropagation();
  });
  const acts = { next: () => go(1), previous: () => go(-1), one: replace, every: replaceAll, close };
  bar.addEventListener("click", (event) => acts[event.target.closest("button")?.dataset.act]?.());
  sought.addEventListener("input", () => {
    const found = all();
    told.textContent = sought.value ? (found.length ? word("found-count", { all: found.length }) : word("found-none")) : "";
  });
  return open;
};
