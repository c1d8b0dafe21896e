// select2 draws boxes that no label is tied to: each takes the name and the help of the field it stands for.
"use strict";
{
  const nameOf = (select) => {
    const label = select.labels && select.labels[0];
    return select.getAttribute("aria-label") || (label ? label.textContent.trim().replace(/:$/, "") : "");
  };
  const boxOf = (select) => select.nextElementSibling && select.nextElementSibling.querySelector(".select2-selection");

  const tellAll = () => {
    for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
      const box = boxOf(select);
      if (!box) continue;
      const chosen = box.querySelector("span.select2-selection__rendered");
      box.id = `${select.id}-box`;
      box.setAttribute("aria-label", nameOf(select));
      if (chosen) {
        box.setAttribute("aria-labelledby", `${box.id} ${chosen.id}`);
        for (const wrong of ["role", "aria-readonly"]) chosen.removeAttribute(wrong); // nothing is typed there
      }
      const search = box.querySelector(".select2-search__field");
      if (search) search.setAttribute("aria-label", nameOf(select));
      const help = select.getAttribute("aria-describedby");
      if (help) (search || box).setAttribute("aria-describedby", help);
    }
  };

  // A column that nobody may delete from has a head without a word.
  for (const head of document.querySelectorAll(".tabular th:empty")) head.setAttribute("role", "presentation");

  // A list that is wider than the window, with nothing in it that keys come to, is scrolled by keys itself.
  for (const list of document.querySelectorAll("#changelist .results")) {
    if (list.scrollWidth <= list.clientWidth || list.querySelector("a, button, input, select")) continue;
    list.tabIndex = 0;
    list.setAttribute("role", "region");
    list.setAttribute("aria-label", (document.querySelector("#content h1") || list).textContent.trim());
  }

  const $ = window.django && window.django.jQuery;
  if ($) {
    $(tellAll); // jQuery's own queue: after the admin has drawn its boxes, which may be later than the load event
    $(document).on("select2:open", ({ target }) => {
      const box = boxOf(target);
      if (box.hasAttribute("aria-owns")) box.setAttribute("aria-controls", box.getAttribute("aria-owns"));
      const search = document.querySelector(".select2-dropdown .select2-search__field");
      if (search) search.setAttribute("aria-label", `${nameOf(target)}: search`);
    });
    $(document).on("select2:close", ({ target }) => boxOf(target).removeAttribute("aria-controls"));
  }
  document.addEventListener("formset:added", () => setTimeout(tellAll));
}
