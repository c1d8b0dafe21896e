// Shows the buttons that copy a line, where the browser lets a page copy.
for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = !navigator.clipboard;
  button.onclick = async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    button.nextElementSibling.textContent = button.dataset.done;
  };
}
