// Below a date and time: the instant in the editor's zone and in UTC, while it is typed. And this device's own zone, on the
// page where a zone is chosen.
const shape = (zone, more) => new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...more });

// Milliseconds by which clocks in the zone are ahead of UTC at an instant.
const ahead = (instant, zone) => {
  const parts = Object.fromEntries(
    shape(zone, { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" })
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year, month, day, hour, minute, second } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
};

// The instants at which clocks in the zone show this date and time: one, none in an hour that is skipped, or two.
const readings = (wall, zone) => {
  const tried = [wall - ahead(wall - 864e5, zone), wall - ahead(wall + 864e5, zone)];
  return [...new Set(tried)].filter((instant) => instant + ahead(instant, zone) === wall).sort((a, b) => a - b);
};

const told = (instant, zone) => {
  const day = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
  const time = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  const here = shape(zone, { ...day, ...time }).format(instant);
  return zone === "UTC" ? here : `${here} = ${shape("UTC", { ...day, ...time }).format(instant)}`;
};

for (const note of document.querySelectorAll(".moment[data-zone]")) {
  const { zone } = note.dataset;
  const output = note.querySelector(".moment-both");
  const boxes = [...note.parentElement.querySelectorAll("input:not([type=hidden])")].slice(0, 2);
  const skipped = note.dataset.skipped || "?";
  const tell = () => {
    const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(boxes[0].value.trim());
    const time = /^(\d\d?):(\d\d)(?::(\d\d))?$/.exec(boxes[1].value.trim());
    if (!day || !time) {
      output.textContent = "";
      return;
    }
    const wall = Date.UTC(+day[1], day[2] - 1, +day[3], +time[1], +time[2], +(time[3] || 0));
    try {
      const found = readings(wall, zone);
      output.textContent = found.length ? found.map((one) => told(one, zone)).join(" / ") : skipped;
    } catch {
      output.textContent = ""; // a zone that this browser does not know
    }
  };
  let before = boxes.map((box) => box.value).join();
  const look = () => {
    const now = boxes.map((box) => box.value).join();
    if (now !== before) tell();
    before = now;
  };
  if (boxes.length === 2) {
    for (const box of boxes) for (const kind of ["input", "change", "focus", "blur"]) box.addEventListener(kind, look);
    // The stock calendar and clock beside the fields fill them without an event.
    note.parentElement.addEventListener("click", () => setTimeout(look, 50));
  }
}

const device = document.querySelector("[data-device-zone]");
const choice = document.getElementById("id_time_zone");
if (device && choice) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if (timeZone && [...choice.options].some((one) => one.value === timeZone) && choice.value !== timeZone) {
    const button = device.querySelector("button");
    button.querySelector("span").textContent = timeZone;
    button.addEventListener("click", () => {
      choice.value = timeZone;
      choice.focus();
    });
    device.hidden = false;
  }
}
