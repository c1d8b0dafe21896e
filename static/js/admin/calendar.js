// An entry of the calendar can be dragged to another day; a question is asked before anything moves. Without this, and
// for everybody who does not drag, each entry has a link to a form that does the same.
const dialog = document.querySelector(".calendar-move");
const table = document.querySelector("table.calendar");

if (dialog && table && dialog.showModal) {
  const form = dialog.querySelector("form");
  let dragged = null;

  const over = (event) => (dragged ? event.target.closest("td[data-day]") : null);
  const unmark = () => table.querySelectorAll(".day-over").forEach((day) => day.classList.remove("day-over"));

  const question = (entry, day) => {
    form.action = entry.dataset.move;
    form.elements.what.value = entry.dataset.what;
    form.elements.was.value = entry.dataset.was;
    form.elements.when_0.value = day;
    form.elements.when_1.value = entry.dataset.time;
    dialog.querySelector("[data-title]").textContent =
      `${entry.querySelector(".planned-title").textContent} (${entry.querySelector(".planned-when").textContent.trim()})`;
    dialog.showModal();
    form.elements.when_1.focus();
  };

  table.addEventListener("dragstart", (event) => {
    dragged = event.target.closest(".planned[data-move]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.querySelector(".planned-title").textContent);
  });
  table.addEventListener("dragover", (event) => {
    const day = over(event);
    if (!day) return;
    event.preventDefault();
    if (!day.classList.contains("day-over")) {
      unmark();
      day.classList.add("day-over");
    }
  });
  table.addEventListener("drop", (event) => {
    const day = over(event);
    if (!day) return;
    event.preventDefault();
    const from = dragged.closest("td[data-day]");
    if (!from || from.dataset.day !== day.dataset.day) question(dragged, day.dataset.day);
  });
  table.addEventListener("dragend", () => {
    unmark();
    dragged = null;
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
}
