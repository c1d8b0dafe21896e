// The editor of a post's text. The field stays a field of the form; without this module it is one all the same.
import { reveal } from "./caret.js";
import * as commands from "./commands.js";
import { completeTags, completeText } from "./complete.js";
import * as count from "./count.js";
import * as find from "./find.js";
import { isPressed, spoken, written } from "./keys.js";
import * as lists from "./lists.js";
import * as paste from "./paste.js";
import * as picker from "./picker.js";
import * as pictures from "./pictures.js";
import * as preview from "./preview.js";
import { learn, word } from "./say.js";
import { apply } from "./text.js";
import * as toolbar from "./toolbar.js";

const EDITS = {
  heading2: commands.heading(2), heading3: commands.heading(3), bold: commands.wrap("**"), italic: commands.wrap("*"),
  link: commands.link, code: commands.code, fence: commands.fence, bullets: commands.bullets, numbers: commands.numbers,
  quote: commands.quote, callout: commands.callout, table: commands.table,
};

const start = (field, template) => {
  const made = template.content.cloneNode(true), writer = made.querySelector(".writer");
  const part = (name) => writer.querySelector(`[data-part=${name}]`);
  const [shortcuts, adding, choosing] = ["shortcuts", "adding", "choosing"].map((name) => made.querySelector(`dialog[data-dialog=${name}]`));
  const { page, figures, add, posts, tags } = template.dataset;
  learn(template, part("told"));

  const hadFocus = document.activeElement === field, chosen = [field.selectionStart, field.selectionEnd];
  field.before(writer);
  part("text").append(field);
  field.rows = 24;
  if (hadFocus) {
    field.focus({ preventScroll: true });
    field.setSelectionRange(...chosen);
  }
  const host = document.createElement("div");
  host.className = "writer-host";
  host.append(shortcuts, adding, choosing);
  (document.getElementById("content-start") || document.body).append(host); // within the main part, as readers of screens expect

  const upload = pictures.attach(field, adding, add);
  const pick = picker.attach(field, choosing, figures, upload);
  const seek = find.attach(field, part("find"));
  completeText(field, host, { figures, posts });
  const tagsField = document.getElementById("id_tags");
  if (tagsField) completeTags(tagsField, host, tags);
  lists.attach(field);
  paste.attach(field, upload);
  const told = count.attach(field, part("count"));
  const parts = {
    pane: part("preview"), frame: part("frame"), holder: part("holder"), toggle: writer.querySelector("[data-do=preview]"),
    widths: writer.querySelectorAll("[name=writer-width]"), problems: part("problems"), told: part("preview-told"),
    reveal: (at) => reveal(field, at),
  };
  const toggle = preview.attach(field, parts, page, told);

  let before = field; // where the keys were when the list of shortcuts was opened
  const list = () => {
    before = document.activeElement;
    shortcuts.showModal();
  };
  const acts = { figure: () => pick("figure"), reference: () => pick("reference"), find: seek, help: list };
  const run = (name) => {
    if (EDITS[name]) apply(field, EDITS[name](field.value, field.selectionStart, field.selectionEnd));
    else acts[name]?.();
  };

  // --- Buttons, and the keys that stand for them
  const buttons = [...writer.querySelectorAll("[data-do]")];
  const rows = shortcuts.querySelector("tbody");
  for (const button of buttons) {
    const { keys } = button.dataset, name = button.getAttribute("aria-label");
    button.title = keys ? `${name} (${written(keys)})` : name;
    if (!keys) continue;
    button.setAttribute("aria-keyshortcuts", spoken(keys));
    const row = rows.insertRow();
    row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: name }));
    row.insertCell().append(Object.assign(document.createElement("kbd"), { textContent: written(keys) }));
  }
  for (const one of shortcuts.querySelectorAll("[data-keys]")) one.textContent = written(one.dataset.keys);
  part("bar").addEventListener("pointerdown", (event) => event.target.closest("button") && event.preventDefault()); // the selection stays
  part("bar").addEventListener("click", (event) => {
    const name = event.target.closest("[data-do]")?.dataset.do;
    if (name && name !== "preview") run(name);
  });
  toolbar.attach(part("bar"));
  writer.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const button = buttons.find((one) => one.dataset.keys && isPressed(event, one.dataset.keys));
    if (!button) return;
    event.preventDefault();
    if (button.dataset.do === "preview") toggle();
    else run(button.dataset.do);
  });
  document.addEventListener("keydown", (event) => {
    if (isPressed(event, "mod+s") && !document.querySelector("dialog[open]")) {
      const save = field.form.querySelector("input[name=_continue]") || field.form.querySelector("input[name=_save]");
      if (!save) return;
      event.preventDefault();
      field.form.requestSubmit(save);
    } else if (event.key === "?" && !event.target.closest("input, textarea, select, [contenteditable], dialog") && single.checked) {
      event.preventDefault();
      list();
    }
  });

  // A key that acts by itself can be turned off: speech software types such keys by mistake.
  const single = shortcuts.querySelector("[data-part=single]");
  try { single.checked = localStorage.getItem("writer-single") !== "off"; } catch { /* then it is on */ }
  single.addEventListener("change", () => {
    try { localStorage.setItem("writer-single", single.checked ? "on" : "off"); } catch { /* for this visit */ }
  });
  shortcuts.querySelector("[data-act=close]").addEventListener("click", () => shortcuts.close());
  shortcuts.addEventListener("close", () => before.focus({ preventScroll: true }));
  field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), "writer-hint"].filter(Boolean).join(" "));
  writer.dataset.ready = word("ready");
};

const field = document.querySelector("textarea.body-text"), template = document.getElementById("writing");
if (field && template && field.form) start(field, template);
