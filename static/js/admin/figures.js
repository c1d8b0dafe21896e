// The library: a click on a picture sets where the eye should fall.
const point = document.querySelector(".focus-point");
const across = document.getElementById("id_focus_x");
const down = document.getElementById("id_focus_y");
if (point && across && down) {
  const picture = point.querySelector("img");
  const mark = point.appendChild(document.createElement("span"));
  mark.className = "mark";
  const crops = document.createElement("div");
  crops.className = "focus-crops";
  crops.setAttribute("aria-hidden", "true");
  for (let n = 0; n < 2; n += 1) crops.appendChild(new Image()).src = picture.src;
  point.after(crops);
  point.dataset.picks = "";

  const show = () => {
    const set = across.value !== "" && down.value !== "";
    mark.hidden = !set;
    mark.style.left = `${across.value}%`;
    mark.style.top = `${down.value}%`;
    for (const one of crops.children) {
      one.style.objectPosition = set ? `${across.value}% ${down.value}%` : "";
      one.classList.toggle("whole", !set && one === crops.firstChild);
    }
  };
  picture.addEventListener("click", ({ offsetX, offsetY }) => {
    across.value = Math.round((100 * offsetX) / picture.clientWidth);
    down.value = Math.round((100 * offsetY) / picture.clientHeight);
    show();
  });
  for (const one of [across, down]) one.addEventListener("input", show);
  show();
}
