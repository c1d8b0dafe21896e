// Enter goes on with a list, a quote or an indentation; Tab moves an item, and nothing but an item.
import { apply, change, isInFence, lineEnd, linesAt, lineStart } from "./text.js";

const ITEM = /^((?:\s*>)*)(\s*)(?:(?:([-*+])|(\d{1,9})([.)]))( +)(\[[ xX]\] +)?)?/;
const CONTAINER = /^\s*(?:!!!|\?\?\?\+?) ?\w/;
const STEP = "    ";

const read = (line) => {
  const [all, quote, space, bullet, number, dot, gap, task] = ITEM.exec(line);
  return { all, quote, space, bullet, number, dot, gap, task, isItem: Boolean(bullet || number) };
};

// The item with the number that follows the one above it at the same depth; 1 where it is the first.
const renumbered = (text, from, line) => {
  const { number, space, quote } = read(line);
  if (!number) return line;
  let last = 0;
  for (const above of text.slice(0, Math.max(0, from - 1)).split("\n").reverse()) {
    const one = read(above);
    if (!above.trim() || one.quote !== quote || (one.isItem && one.space.length < space.length)) break;
    if (one.isItem && one.space.length === space.length) {
      last = Number(one.number || 0);
      break;
    }
  }
  return line.replace(/\d+/, String(last + 1));
};

// What Enter does at `at`; null where the browser knows better.
export const onEnter = (text, at) => {
  const from = lineStart(text, at), to = lineEnd(text, at);
  const line = text.slice(from, to), fenced = isInFence(text, at);
  const found = read(line);
  const isEmpty = !line.slice(found.all.length).trim();
  if (fenced || !(found.isItem || found.quote)) return onIndented(text, at, from, to, line, fenced);
  if (at < from + found.all.length) return null;
  if (isEmpty) {
    // Out of an inner list first, then out of the list, then out of the quote.
    const rest = found.isItem && found.space.length >= STEP.length && !found.quote
      ? found.all.slice(STEP.length)
      : found.isItem ? found.quote && `${found.quote} ` : "";
    // An empty line after the last item: right below it, a paragraph would still belong to it.
    const goesOn = !rest && from > 0 && text.slice(lineStart(text, from - 1), from - 1).trim();
    return change(from, to, goesOn ? "\n" : renumbered(text, from, rest));
  }
  const mark = found.bullet || (found.number && `${Number(found.number) + 1}${found.dot}`);
  const next = found.isItem ? found.quote + found.space + mark + found.gap + (found.task ? "[ ] " : "") : `${found.quote} `;
  const spare = /^ */.exec(text.slice(at, to))[0].length;
  return change(at, at + spare, `\n${next}`);
};

const onIndented = (text, at, from, to, line, fenced) => {
  const indent = /^[ \t]*/.exec(line)[0];
  if (!fenced && CONTAINER.test(line) && at === to) return change(at, at, `\n${indent}${STEP}`);
  if (!indent || at < from + indent.length) return null;
  if (line.trim() || fenced) return change(at, at, `\n${indent}`);
  const above = text.slice(lineStart(text, from - 1), Math.max(0, from - 1));
  // An empty line parts two paragraphs of a callout; a second one leaves it.
  return above.trim() ? change(from, to, `\n${indent}`) : change(from, to, "");
};

// What Tab does to the selected lines; null where there is no item, so that Tab goes to the next field.
export const onTab = (text, start, end, back) => {
  if (isInFence(text, start)) return null;
  const { from, to, lines } = linesAt(text, start, end);
  if (!read(lines[0]).isItem) return null;
  let moved = lines.map((line) => (back ? line.replace(/^(?: {1,4}|\t)/, "") : line.trim() ? STEP + line : line));
  if (lines.length === 1) moved = moved.map((line) => renumbered(text, from, line));
  const words = moved.join("\n");
  if (words === lines.join("\n")) return change(start, start, "", start, end);
  const shift = moved[0].length - lines[0].length;
  return change(from, to, words, Math.max(from, start + shift), Math.max(from, end + words.length - (to - from)));
};

export const attach = (field) => {
  let leaving = false; // after Escape the next Tab leaves, wherever it is pressed
  field.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const bare = !(event.ctrlKey || event.metaKey || event.altKey);
    const { value, selectionStart: start, selectionEnd: end } = field;
    let made = null;
    if (event.key === "Enter" && bare && !event.shiftKey && start === end) made = onEnter(value, start);
    if (event.key === "Tab" && bare && !leaving) made = onTab(value, start, end, event.shiftKey);
    if (event.key !== "Shift") leaving = event.key === "Escape";
    if (!made) return;
    event.preventDefault();
    if (made.insert || made.from < made.to) apply(field, made);
  });
  field.addEventListener("blur", () => (leaving = false));
};
