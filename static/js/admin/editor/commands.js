// What the buttons and shortcuts do: each takes a text and a selection and gives a change.
import { block, change, linesAt } from "./text.js";

const WORD = /[\p{L}\p{N}]/u;
const LIST = /^(\s*)(?:[-*+]|\d{1,9}[.)]) +(?:\[[ xX]\] +)?/;

// The selection without blanks at its ends; of a bare caret, the word that it stands in.
const meant = (text, start, end) => {
  if (start === end) {
    while (start > 0 && WORD.test(text[start - 1])) start -= 1;
    while (end < text.length && WORD.test(text[end])) end += 1;
    return [start, end];
  }
  while (start < end && /\s/.test(text[start])) start += 1;
  while (end > start && /\s/.test(text[end - 1])) end -= 1;
  return [start, end];
};

const runOf = (text, at, step, sign) => {
  let length = 0;
  while (text[at] === sign) (length += 1), (at += step);
  return length;
};

// Whether a run of as many signs contains this mark: `***` is both emphases, `**` is no single one.
const holds = (run, mark) => (mark.length === 1 ? run % 2 === 1 : run >= mark.length);

export const wrap = (mark) => (text, caret, mostEnd) => {
  const [start, end] = meant(text, caret, mostEnd);
  const size = mark.length;
  const outside = Math.min(runOf(text, start - 1, -1, mark[0]), runOf(text, end, 1, mark[0]));
  if (end > start && holds(outside, mark)) {
    const inner = text.slice(start, end);
    return change(start - size, end + size, inner, start - size, end - size);
  }
  const inner = text.slice(start, end);
  const inside = Math.min(runOf(inner, 0, 1, mark[0]), runOf(inner, inner.length - 1, -1, mark[0]));
  if (inner.length > size * 2 && holds(inside, mark)) {
    return change(start, end, inner.slice(size, -size), start, end - size * 2);
  }
  if (start === end && outside >= size) return change(start - size, end + size, "", start - size);
  const wrapped = inner.split("\n").map((line) => (line.trim() || !inner ? mark + line + mark : line)).join("\n");
  const bare = caret === mostEnd;
  if (bare) return change(start, end, wrapped, caret + size);
  return inner.includes("\n")
    ? change(start, end, wrapped, start, start + wrapped.length)
    : change(start, end, wrapped, start + size, end + size);
};

export const code = (text, start, end) => {
  const [from, to] = meant(text, start, end);
  const longest = Math.max(0, ...(text.slice(from, to).match(/`+/g) || []).map((run) => run.length));
  if (!longest) return wrap("`")(text, start, end);
  const mark = "`".repeat(longest + 1);
  const words = `${mark} ${text.slice(from, to)} ${mark}`;
  return change(from, to, words, from, from + words.length);
};

export const heading = (level) => (text, start, end) => {
  const { from, to, lines } = linesAt(text, start, end);
  const sign = `${"#".repeat(level)} `;
  const off = lines.every((line) => !line.trim() || line.startsWith(sign));
  const done = lines.map((line) => (line.trim() || lines.length === 1
    ? (off && line.trim() ? "" : sign) + line.replace(/^\s*#{1,6}\s+/, "") : line));
  const words = done.join("\n");
  return lines.length === 1
    ? change(from, to, words, Math.max(from, start + words.length - (to - from)))
    : change(from, to, words, from, from + words.length);
};

const isAddress = (words) => /^(?:https?:\/\/|mailto:|post:|figure:)\S+$/.test(words);

export const link = (text, start, end) => {
  const words = text.slice(start, end);
  if (isAddress(words)) return change(start, end, `[](${words})`, start + 1);
  if (!words.trim()) return change(start, end, `[${words}]()`, start + 1, start + 1 + words.length);
  return change(start, end, `[${words}]()`, end + 3);
};

// An address pasted on words makes them a link; anything else is pasted as it is.
export const linkTo = (text, start, end, address) =>
  start < end && isAddress(address) && !text.slice(start, end).includes("\n") && !isAddress(text.slice(start, end))
    ? change(start, end, `[${text.slice(start, end)}](${address})`)
    : null;

export const fence = (text, start, end) => {
  const { from, to, lines } = linesAt(text, start, end);
  const inner = lines.join("\n");
  const longest = Math.max(2, ...(inner.match(/^\s*`{3,}/gm) || []).map((run) => run.trim().length));
  const mark = "`".repeat(longest + 1);
  return block(text, from, to, `${mark}\n${inner}\n${mark}`, mark.length);
};

const prefixed = (is, strip, add) => (text, start, end) => {
  const { from, to, lines } = linesAt(text, start, end);
  const full = lines.filter((line) => line.trim());
  const off = full.length > 0 && full.every((line) => is.test(line));
  let n = 0;
  const done = lines.map((line) => (line.trim() || lines.length === 1
    ? (off ? line.replace(strip, "$1") : add(line.replace(LIST, "$1"), (n += 1))) : line));
  const words = done.join("\n");
  return lines.length === 1
    ? change(from, to, words, Math.max(from, start + words.length - (to - from)))
    : change(from, to, words, from, from + words.length);
};

const into = (line, mark) => line.replace(/^\s*/, (indent) => indent + mark);

export const bullets = prefixed(/^\s*[-*+] /, /^(\s*)[-*+] +/, (line) => into(line, "- "));
export const numbers = prefixed(/^\s*\d{1,9}[.)] /, /^(\s*)\d{1,9}[.)] +/, (line, n) => into(line, `${n}. `));
export const quote = (text, start, end) => {
  const { from, to, lines } = linesAt(text, start, end);
  const off = lines.every((line) => line.startsWith(">"));
  const words = lines.map((line) => (off ? line.replace(/^> ?/, "") : `> ${line}`.trimEnd() + (line ? "" : " "))).join("\n");
  return lines.length === 1
    ? change(from, to, words, Math.max(from, start + words.length - (to - from)))
    : change(from, to, words, from, from + words.length);
};

export const callout = (text, start, end) => {
  const { from, to, lines } = linesAt(text, start, end);
  const inner = lines.map((line) => (line.trim() || lines.length === 1 ? `    ${line}` : "")).join("\n");
  return block(text, from, to, `!!! note "Title"\n${inner}`, 4, 8);
};

// Lines of cells with tabs between them, as from a spreadsheet, become a table; without any, there is one to fill in.
export const table = (text, start, end) => {
  const { from, to, lines } = linesAt(text, start, end);
  const rows = lines.filter((line) => line.trim()).map((line) => line.split("\t").map((cell) => cell.trim()));
  const given = rows.length > 1 && rows[0].length > 1;
  const cells = given ? rows : [["Column", "Column"], ["", ""]];
  const words = drawTable(cells);
  return given ? block(text, from, to, words) : block(text, to, to, words, 2, 8);
};

export const drawTable = (rows) => {
  const width = Math.max(...rows.map((row) => row.length));
  const draw = (row) => `| ${Array.from({ length: width }, (_, n) => (row[n] || "").replaceAll("|", "\\|")).join(" | ")} |`;
  return [draw(rows[0]), `|${" --- |".repeat(width)}`, ...rows.slice(1).map(draw)].join("\n");
};

// A figure stands in a text once; what comes later refers to it.
export const stands = (key, text) => text.includes(`![](figure:${key})`);

export const figure = (key) => (text, start, end) => {
  const { from, to, lines } = linesAt(text, start, end);
  // On an empty line it stands there; else below the line that the caret is in. At the end of the text, the text goes on.
  const place = lines.join("").trim() ? to : from, words = `![](figure:${key})`;
  return text.slice(to).trim() ? block(text, place, to, words) : block(text, place, text.length, `${words}\n`, words.length + 2);
};

export const reference = (key) => (text, start, end) =>
  change(start, end, `[${text.slice(start, end)}](figure:${key})`);
