// Puts “Copy” on every block of code, and “Wrap lines” on those that are wider than their room.
const tools = document.getElementById("code-tools");

for (const block of document.querySelectorAll(".code")) {
  const code = block.querySelector("code");
  const pre = code.parentElement;
  const bar = tools.content.cloneNode(true).firstElementChild;
  const [wrap, copy] = bar.querySelectorAll("button");
  const said = bar.querySelector("[role=status]");
  let waiting;

  copy.hidden = !navigator.clipboard; // there is none without HTTPS
  copy.onclick = async () => {
    await navigator.clipboard.writeText(code.textContent);
    clearTimeout(waiting);
    said.textContent = copy.dataset.done;
    waiting = setTimeout(() => (said.textContent = ""), 4000);
  };

  wrap.onclick = () => {
    const on = block.classList.toggle("wrapped");
    wrap.setAttribute("aria-pressed", on);
  };
  const measure = () => (wrap.hidden = pre.scrollWidth <= pre.clientWidth && !block.classList.contains("wrapped"));
  new ResizeObserver(measure).observe(pre);

  pre.before(bar);
}
