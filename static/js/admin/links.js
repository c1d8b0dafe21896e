// Shows the button that copies a new address, where the browser lets a page copy; selects it where not.
for (const button of document.querySelectorAll("[data-copies]")) {
  const address = document.getElementById(button.dataset.copies);
  address.addEventListener("focus", () => address.select());
  if (document.activeElement === address) address.select();
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(address.value);
    button.nextElementSibling.textContent = button.dataset.done;
  });
}
