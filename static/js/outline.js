// Marks, in the outline beside a text, the section that is being read. Scrolls nothing.
const links = new Map();
for (const link of document.querySelectorAll(".outline a")) {
  const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (heading) links.set(heading, link);
}

let marked, waiting;
const mark = () => {
  waiting = 0;
  let current;
  for (const [heading, link] of links) {
    if (heading.getBoundingClientRect().top < innerHeight / 3) current = link;
  }
  if (current === marked) return;
  marked?.removeAttribute("aria-current");
  current?.setAttribute("aria-current", "location");
  marked = current;
};

if (links.size) {
  addEventListener("scroll", () => (waiting ||= requestAnimationFrame(mark)), { passive: true });
  mark();
}
