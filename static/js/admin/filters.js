// A chosen filter applies at once. select2 tells of a choice through jQuery only.
"use strict";
window.addEventListener("load", () => {
  django.jQuery(".related-filter select").on("change", (event) => event.target.form.submit());
});
