// Single keys for what a page offers: each element names its own in `data-shortcut`, and `?` lists them all. In fields they
// do nothing, and they can be turned off: speech software types such keys by mistake. The form of a post has its own list.
const dialog = document.getElementById("shortcuts"), opener = document.querySelector("[data-opens=shortcuts]");

if (dialog?.showModal && opener && !document.getElementById("writing")) {
  document.querySelector(".object-tools .addlink")?.setAttribute("data-shortcut", "n");
  const single = dialog.querySelector("input"), typed = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog";
  const words = (one) => (one.labels?.[0] || one).textContent.replace(/[‹›]/g, "").trim().replace(/\s+/g, " ");
  const there = new Map();
  const rows = dialog.querySelector("tbody"), last = rows.lastElementChild;
  for (const one of document.querySelectorAll("[data-shortcut]")) {
    if (there.has(one.dataset.shortcut)) continue;
    there.set(one.dataset.shortcut, one);
    one.setAttribute("aria-keyshortcuts", one.dataset.shortcut);
    const row = document.createElement("tr");
    row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: words(one) }));
    row.insertCell().append(Object.assign(document.createElement("kbd"), { textContent: one.dataset.shortcut }));
    rows.insertBefore(row, last);
  }

  const open = () => dialog.showModal();
  document.addEventListener("keydown", (event) => {
    const own = event.ctrlKey && event.altKey ? event.getModifierState("AltGraph") : !event.ctrlKey && !event.altKey;
    if (event.defaultPrevented || event.repeat || event.metaKey || !own || !single.checked || event.target.closest?.(typed)) return;
    const one = event.key === "?" ? opener : there.get(event.key);
    if (!one) return;
    event.preventDefault();
    if (one.matches("input")) one.focus();
    else one.click();
  });

  try { single.checked = localStorage.getItem("writer-single") !== "off"; } catch { /* then they are on */ }
  single.addEventListener("change", () => {
    try { localStorage.setItem("writer-single", single.checked ? "on" : "off"); } catch { /* for this visit */ }
  });
  opener.addEventListener("click", open);
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  opener.hidden = false;
}
