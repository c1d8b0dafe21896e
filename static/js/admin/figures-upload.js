// Several files at once: a row for each with its picture, its words and its progress. Without this, the form has rows of its own.
const form = document.querySelector("form.bulk");

const make = (name, props = {}, ...children) => {
  const made = Object.assign(document.createElement(name), props);
  made.append(...children);
  return made;
};

const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);
const keyOf = (name) =>
  name.replace(/\.[^.]*$/, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 80);

// Drawn, not linked: the policy lets no page show addresses that were made up here.
async function preview(file) {
  const canvas = make("canvas", { width: 320, height: 200 });
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(320 / bitmap.width, 200 / bitmap.height);
    const [w, h] = [bitmap.width * scale, bitmap.height * scale];
    canvas.getContext("2d").drawImage(bitmap, (320 - w) / 2, (200 - h) / 2, w, h);
    bitmap.close();
    return canvas;
  } catch {
    return make("div", { className: "bulk-blank", textContent: file.name.split(".").pop().toUpperCase() });
  }
}

if (form) {
  const said = form.dataset;
  const list = form.querySelector(".bulk-rows");
  const button = form.querySelector("[type=submit]");
  const rows = new Set();
  let number = 0;
  let busy = false;

  const chooser = make("input", { type: "file", multiple: true, accept: said.accept, id: "bulk-files" });
  const drop = make("div", { className: "bulk-drop" }, make("label", { htmlFor: "bulk-files", textContent: `${said.drop} ${said.choose}` }), chooser);
  const summary = make("p", { className: "bulk-status" });
  summary.setAttribute("role", "status");
  summary.tabIndex = -1;
  list.replaceChildren();
  list.before(drop);
  button.before(summary);
  form.querySelector(".submit-row a")?.remove();

  const tell = () => {
    const left = [...rows].filter((row) => !row.done).length;
    const added = [...rows].filter((row) => row.done).length;
    summary.textContent = rows.size ? said.summary.replace("%(added)s", added).replace("%(left)s", left) : "";
    button.disabled = busy || !left;
  };

  const add = async (file) => {
    number += 1;
    const id = `bulk-${number}`;
    const row = { file, done: false };
    row.alt = make("textarea", { id: `${id}-alt`, rows: 2 });
    row.caption = make("textarea", { id: `${id}-caption`, rows: 1 });
    row.key = make("input", { id: `${id}-key`, value: keyOf(file.name), className: "vTextField", maxLength: 80 });
    row.decorative = make("input", { id: `${id}-decorative`, type: "checkbox" });
    row.bar = make("progress", { max: 100, value: 0, hidden: true });
    row.bar.setAttribute("aria-label", file.name);
    row.status = make("p", { className: "bulk-status", textContent: said.waiting });
    row.status.setAttribute("role", "status");
    const leave = make("button", { type: "button", textContent: said.remove });
    leave.setAttribute("aria-label", `${said.remove}: ${file.name}`);
    row.decorative.addEventListener("change", () => {
      row.alt.disabled = row.decorative.checked;
    });
    const label = (text, field) => make("label", { htmlFor: field.id, textContent: text });
    row.fields = make("div", { className: "bulk-fields" },
      make("div", {}, label(said.alt, row.alt), row.alt),
      make("label", { className: "check" }, row.decorative, said.decorative),
      make("div", {}, label(said.caption, row.caption), row.caption),
      make("div", {}, label(said.key, row.key), row.key), leave);
    const about = make("div", {}, make("h3", { textContent: file.name }), make("span", { className: "quiet", textContent: size(file.size) }), row.bar, row.status);
    row.box = make("section", { className: "bulk-one" });
    row.box.setAttribute("aria-label", file.name);
    leave.addEventListener("click", () => {
      rows.delete(row);
      row.box.remove();
      tell();
      chooser.focus();
    });
    rows.add(row);
    list.append(row.box);
    row.box.append(await preview(file), about, row.fields);
    tell();
  };

  const refuse = (row, ...words) => {
    row.box.classList.add("refused");
    row.status.replaceChildren(...words);
    row.bar.hidden = true;
  };

  const send = (row) =>
    new Promise((resolve) => {
      const data = new FormData();
      data.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
      data.append("upload", row.file);
      data.append("caption", row.caption.value);
      if (row.key.value.trim() !== keyOf(row.file.name)) data.append("slug", row.key.value.trim());
      if (row.decorative.checked) data.append("decorative", "on");
      else data.append("alt", row.alt.value);
      const request = new XMLHttpRequest();
      request.open("POST", location.pathname);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        row.bar.value = (100 * loaded) / total;
        if (loaded === total) row.status.textContent = said.working;
      });
      request.addEventListener("loadend", () => {
        let answer = null;
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          // A login page, or nothing at all.
        }
        row.bar.hidden = true;
        if (request.status === 201 && answer) {
          row.done = true;
          row.box.classList.add("added");
          row.status.replaceChildren(`${said.added} `, make("a", { href: answer.url, textContent: answer.key }));
        } else if (answer?.errors) {
          const link = answer.same ? [` ${said.same} `, make("a", { href: answer.same.url, textContent: answer.same.key })] : [];
          refuse(row, Object.values(answer.errors).flat().join(" "), ...link);
        } else refuse(row, request.status ? said.out : said.lost);
        resolve();
      });
      row.box.classList.remove("refused");
      row.bar.hidden = false;
      row.bar.value = 0;
      request.send(data);
    });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const open = [...rows].filter((row) => !row.done);
    let first = null;
    busy = true;
    for (const row of open) {
      if (!row.decorative.checked && !row.alt.value.trim()) {
        refuse(row, said.needs);
        first ??= row.alt;
        continue;
      }
      tell();
      await send(row);
      if (!row.done) first ??= row.alt;
    }
    busy = false;
    tell();
    (first || summary).focus(); // the button that was pressed may be off now
  });
  chooser.addEventListener("change", () => {
    for (const file of chooser.files) add(file);
    chooser.value = "";
  });
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"])
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind.startsWith("drago") || kind === "dragenter");
      if (kind === "drop") for (const file of event.dataTransfer.files) add(file);
    });
  addEventListener("beforeunload", (event) => {
    if ([...rows].some((row) => !row.done && (row.alt.value || row.caption.value))) event.preventDefault();
  });
  tell();
}
