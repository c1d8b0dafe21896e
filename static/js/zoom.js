// Opens a figure large: wheel, pinch, drag, buttons, keys. Without this, its link leads to its page.
const dialog = document.querySelector("dialog.zoom");
const stage = dialog?.querySelector(".zoom-stage");
const held = new Map(); // the pointers that are down
let picture, opener, scale, x, y;

const show = () => {
  // It may not leave the stage.
  x = Math.min(0, Math.max(stage.clientWidth * (1 - scale), x));
  y = Math.min(0, Math.max(stage.clientHeight * (1 - scale), y));
  picture.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  stage.classList.toggle("zoomed", scale > 1);
};

// To `to` times the fitting size, around `at` or the middle.
const zoom = (to, at) => {
  const box = stage.getBoundingClientRect();
  const px = at ? at.x - box.x : box.width / 2;
  const py = at ? at.y - box.y : box.height / 2;
  const { naturalWidth, naturalHeight } = picture.lastElementChild;
  const most = Math.max(6, (3 * naturalWidth) / box.width, (3 * naturalHeight) / box.height);
  const next = Math.min(most, Math.max(1, to));
  x = px - ((px - x) * next) / scale;
  y = py - ((py - y) * next) / scale;
  scale = next;
  show();
};

const pan = (dx, dy) => {
  x += dx;
  y += dy;
  show();
};

const open = (link) => {
  opener = link;
  picture = link.querySelector("picture").cloneNode(true);
  for (const one of picture.children) one.sizes = "9999px";
  picture.lastElementChild.loading = "eager";
  stage.replaceChildren(picture);
  dialog.querySelector(".zoom-caption").textContent =
    link.dataset.caption ?? link.parentElement.querySelector("figcaption p").textContent;
  dialog.showModal();
  scale = 1;
  x = y = 0;
  show();
};

// Where the pointers are together, and how far apart.
const grip = () => {
  const [a, b = a] = held.values();
  const apart = Math.hypot(a.x - b.x, a.y - b.y);
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart };
};

const FACTORS = { "+": 1.5, "=": 1.5, "-": 0.667, 0: 0 };
const STEPS = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] };

if (dialog?.showModal) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".figure a.plate");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(link);
  });

  dialog.addEventListener("click", ({ target }) => {
    const by = target.dataset.zoom;
    if (by === "close") dialog.close();
    else if (by) zoom(scale * by);
  });
  dialog.addEventListener("close", () => {
    held.clear();
    opener.focus({ preventScroll: true });
  });
  dialog.addEventListener("keydown", (event) => {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || !(key in FACTORS || key in STEPS)) return;
    event.preventDefault();
    if (key in STEPS) pan(...STEPS[key]);
    else zoom(scale * FACTORS[key]);
  });
  addEventListener("resize", () => dialog.open && show());

  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(scale * 1.002 ** -event.deltaY, event);
  });
  stage.addEventListener("dblclick", (event) => zoom(scale > 1 ? 1 : 3, event));
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    held.set(event.pointerId, event);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!held.has(event.pointerId)) return;
    const before = grip();
    held.set(event.pointerId, event);
    const now = grip();
    pan(now.x - before.x, now.y - before.y);
    if (held.size > 1) zoom((scale * now.apart) / before.apart, now);
  });
  stage.addEventListener("lostpointercapture", (event) => held.delete(event.pointerId));
}
