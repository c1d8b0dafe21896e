// A remark leads to its field and puts the cursor there, on the line it is about; also from another page.
"use strict";
{
  // What is seen of a field: the box of a completed one, the first field of a group.
  const seen = (place) => {
    const within = place.closest(".related-widget-wrapper") || place;
    const all = [...within.querySelectorAll(".select2-search__field, .select2-selection--single, input, select, textarea"), place];
    return all.find((one) => one.tabIndex >= 0 && one.getClientRects().length && one.type !== "hidden");
  };

  const lead = (place, line) => {
    const field = seen(place);
    if (!field) return false;
    (field.closest(".form-row") || field).scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
    if (!line || field.tagName !== "TEXTAREA") return true;
    const lines = field.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    field.setSelectionRange(start, start + (lines[line - 1] || "").length);
    field.scrollTop = (field.scrollHeight * (line - 1)) / lines.length - field.clientHeight / 3;
    return true;
  };

  const placeOf = (hash) => document.getElementById(decodeURIComponent(hash.slice(1)));

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".findings a[href*='#'], .messagelist a[href*='#']");
    const place = link && link.pathname === location.pathname && placeOf(link.hash);
    if (place && lead(place, Number(link.dataset.line))) event.preventDefault();
  });

  window.addEventListener("load", () => {
    // jQuery's own queue: after the admin has drawn the boxes of its fields, which may be later than this event.
    django.jQuery(() => {
      const place = location.hash.length > 1 && placeOf(location.hash);
      if (place && place.closest("form .form-row, .inline-group")) lead(place);
    });
  });
}
