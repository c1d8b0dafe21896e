// Theme and text size, as this reader has chosen them on this device. A plain script in the head, before the styles:
// a page must never be seen in the wrong colours first.
(() => {
  const root = document.documentElement;
  const names = ["theme", "size"];
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem("reading")) || {};
  } catch {}

  const show = () => {
    for (const name of names) {
      if (kept[name]) root.dataset[name] = kept[name];
      else delete root.dataset[name];
    }
    // Pictures and browser chrome ask the system, not the page: tell them as well.
    for (const one of document.querySelectorAll("[media*=color-scheme], [data-media]")) {
      const asked = (one.dataset.media ??= one.media);
      one.media = kept.theme ? (asked.includes(kept.theme) ? "all" : "not all") : asked;
    }
  };

  show();
  addEventListener("DOMContentLoaded", () => {
    show();
    const form = document.querySelector(".prefs");
    if (!form) return;
    form.hidden = false;
    for (const name of names) form.elements[name].value = kept[name] || "";
    form.addEventListener("change", () => {
      kept = Object.fromEntries(new FormData(form));
      try {
        localStorage.setItem("reading", JSON.stringify(kept));
      } catch {}
      show();
    });
  });
})();
