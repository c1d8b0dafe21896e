// Pasting and dropping: an address on words, rich text as Markdown, pictures into the library.
import { linkTo } from "./commands.js";
import { toMarkdown } from "./html.js";
import { say, word } from "./say.js";
import { apply, change, isInFence, lineStart } from "./text.js";

const pictures = (data) => [...(data?.files || [])].filter((file) => file.type.startsWith("image/"));

const insert = (field, text) => {
  const { value, selectionStart: from, selectionEnd: to } = field;
  const isBlock = text.includes("\n\n") || /^(?:#{2,4} |- |1\. |\||```|> )/.test(text);
  const above = isBlock && value.slice(lineStart(value, from), from).trim() ? "\n\n" : "";
  apply(field, change(from, to, above + text));
};

export const attach = (field, place) => {
  field.addEventListener("paste", (event) => {
    const data = event.clipboardData, files = pictures(data);
    const { value, selectionStart: start, selectionEnd: end } = field;
    const plain = data.getData("text/plain"), html = data.getData("text/html");
    const linked = linkTo(value, start, end, plain.trim());
    const rich = !linked && html && !isInFence(value, start) ? toMarkdown(html) : null;
    if (linked) apply(field, linked);
    else if (files.length && !rich?.text) place(files);
    else if (rich?.text && rich.text !== plain.trim()) {
      insert(field, rich.text);
      say(rich.pictures ? word("pasted-without", { n: rich.pictures }) : word("pasted"));
    } else return;
    event.preventDefault();
  });

  const holdsFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  field.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    field.classList.add("is-target");
  });
  for (const name of ["dragleave", "drop", "dragend"]) field.addEventListener(name, () => field.classList.remove("is-target"));
  field.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault(); // the browser would leave the page to show the file
    const files = pictures(event.dataTransfer);
    if (!files.length) return say(word("no-picture"), { trouble: true });
    const at = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    if (at?.offsetNode === field) field.setSelectionRange(at.offset, at.offset);
    place(files);
  });
};
