// Changes of a text field. A change is a value: replace `from`–`to` by `insert`, then select `start`–`end`.

export const change = (from, to, insert, start = from + insert.length, end = start) => ({ from, to, insert, start, end });

// Through the browser's own editing command, so that its undo knows the change as one step.
export const apply = (field, { from, to, insert, start, end }) => {
  field.focus({ preventScroll: true });
  field.setSelectionRange(from, to);
  const done = insert
    ? document.execCommand("insertText", false, insert)
    : from === to || document.execCommand("delete");
  if (!done || (insert && field.value.slice(from, from + insert.length) !== insert)) {
    field.setRangeText(insert, from, done ? from : to, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
  }
  field.setSelectionRange(start, end);
};

export const lineStart = (text, at) => text.lastIndexOf("\n", at - 1) + 1;
export const lineEnd = (text, at) => (text.indexOf("\n", at) + 1 || text.length + 1) - 1;

// The whole lines that a selection touches; one that ends at a line's beginning does not touch that line.
export const linesAt = (text, start, end) => {
  const from = lineStart(text, start);
  const to = lineEnd(text, end > start && text[end - 1] === "\n" ? end - 1 : end);
  return { from, to, lines: text.slice(from, to).split("\n") };
};

const FENCE = /^(?: {0,3}|\s*)(`{3,}|~{3,})/;

// Whether `at` stands within fenced code, where Markdown is only text.
export const isInFence = (text, at) => {
  let open = "";
  for (const line of text.slice(0, lineStart(text, at)).split("\n").slice(0, -1)) {
    const mark = FENCE.exec(line)?.[1];
    if (!mark) continue;
    if (!open) open = mark;
    else if (mark[0] === open[0] && mark.length >= open.length && !line.trim().slice(mark.length)) open = "";
  }
  return open !== "";
};

// A block set apart by empty lines from what stands before and after it. `start` and `end` count within the block.
export const block = (text, from, to, words, start = words.length, end = start) => {
  const before = text.slice(0, from), after = text.slice(to);
  const above = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const below = !after ? "\n" : after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  const at = from + above.length;
  return change(from, to, above + words + below, at + start, at + end);
};
