// A picture that was dropped, pasted or chosen: its words are asked for, then it goes into the library and into the text.
import { figure, reference, stands } from "./commands.js";
import { say, word } from "./say.js";
import { send } from "./server.js";
import { apply } from "./text.js";

const THUMB = 320;

// Drawn, since the page's policy shows pictures of this site only, and no file of the editor's.
const show = async (file, canvas) => {
  canvas.hidden = true;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, THUMB / Math.max(picture.width, picture.height));
    canvas.width = Math.max(1, picture.width * scale);
    canvas.height = Math.max(1, picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.hidden = false;
  } catch { /* what can't be drawn, the server will judge */ }
};

export const attach = (field, dialog, address) => {
  const form = dialog.querySelector("form"), part = (name) => form.elements.namedItem(name);
  const [alt, decorative, caption] = ["alt", "decorative", "caption"].map(part);
  const [canvas, named, meter, told] = ["canvas", "[data-part=name]", "progress", "[data-part=told]"].map((one) => dialog.querySelector(one));
  const buttons = [...dialog.querySelectorAll("button")];
  const known = dialog.querySelector("[data-act=known]");
  let waiting = [], total = 0, stop = null, spot = [0, 0], same = "";

  const next = () => {
    const file = waiting[0];
    if (!file) return dialog.open && dialog.close();
    form.reset();
    alt.disabled = false;
    for (const one of [alt, caption]) one.removeAttribute("aria-invalid");
    told.textContent = "";
    meter.hidden = known.hidden = true;
    named.textContent = total > 1 ? word("picture-of", { name: file.name, n: total - waiting.length + 1, all: total }) : file.name;
    show(file, canvas);
    if (!dialog.open) dialog.showModal();
    alt.focus();
  };

  const refuse = ({ error, errors, known: key = "" }) => {
    told.textContent = error;
    same = key;
    known.hidden = !key;
    if (key) known.textContent = word(stands(key, field.value) ? "refer-known" : "insert-known", { key });
    for (const [name, one] of [["alt", alt], ["caption", caption]]) one.setAttribute("aria-invalid", String(Boolean(errors?.[name])));
    (errors?.alt && !alt.disabled ? alt : errors?.caption ? caption : key ? known : buttons[0]).focus();
  };

  // Puts the figure where the file was dropped, and goes on to the next file.
  const put = (key, told_) => {
    waiting.shift();
    if (!waiting.length) dialog.close();
    const again = stands(key, field.value);
    apply(field, (again ? reference : figure)(key)(field.value, ...spot));
    spot = [field.selectionEnd, field.selectionEnd];
    say(word(again ? "referred" : told_, { key }));
    next();
  };

  const upload = async () => {
    if (!alt.value.trim() && !decorative.checked) return refuse({ error: word("alt-missing"), errors: { alt: [""] } });
    const file = waiting[0], sent = new FormData();
    sent.append("upload", file, file.name || "picture.png");
    sent.append("caption", caption.value);
    sent.append(...(decorative.checked ? ["decorative", "on"] : ["alt", alt.value]));
    // Pasted pictures are all called image.png, which says nothing.
    if (/^image\.\w+$/.test(file.name)) sent.append("slug", caption.value.slice(0, 60));
    meter.hidden = false;
    meter.value = 0;
    told.textContent = word("uploading", { name: file.name });
    for (const one of buttons) one.disabled = one.dataset.act !== "cancel";
    const [answer, abort] = send(address, sent, (part_) => {
      meter.value = part_;
      if (part_ === 1) told.textContent = word("checking");
    });
    stop = abort;
    const given = await answer;
    stop = null;
    for (const one of buttons) one.disabled = false;
    meter.hidden = true;
    if (given.aborted) return;
    if (given.status !== 201) return refuse(given);
    put(given.figure.key, "added");
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    upload();
  });
  decorative.addEventListener("change", () => (alt.disabled = decorative.checked));
  known.addEventListener("click", () => put(same, "inserted"));
  dialog.querySelector("[data-act=cancel]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    stop?.();
    waiting = [];
    field.focus({ preventScroll: true });
  });

  return (files) => {
    waiting = [...files];
    total = waiting.length;
    spot = [field.selectionStart, field.selectionEnd];
    next();
  };
};
