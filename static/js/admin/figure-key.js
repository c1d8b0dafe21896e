// Suggests a figure's key from the chosen file's name, as the server would.
"use strict";
window.addEventListener("load", () => {
  const upload = document.getElementById("id_upload");
  const key = document.getElementById("id_slug");
  if (!upload || !key || key.value) return;
  let suggested = "";
  upload.addEventListener("change", () => {
    if (!upload.files.length || key.value !== suggested) return;
    const stem = upload.files[0].name.replace(/\.[^.]*$/, "").toLowerCase();
    suggested = stem.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 80).replace(/-+$/, "");
    key.value = suggested;
  });
});
