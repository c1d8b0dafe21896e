// What is still being made of a figure says so when it is done; what waited for it is no longer in the way.
const EVERY = 2000;
const LONGEST = 300;

const waiting = () => [...document.querySelectorAll(".rendering-waiting[data-rendering]")];

async function ask(left) {
  const open = waiting();
  if (!open.length || !left) return;
  if (!document.hidden) {
    const url = new URL(open[0].dataset.states, location.href);
    for (const key of new Set(open.slice(0, 100).map((one) => one.dataset.rendering))) url.searchParams.append("id", key);
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, redirect: "error" });
      if (!answer.ok) return;
      const states = await answer.json();
      for (const one of open) {
        const now = states[one.dataset.rendering];
        if (!now || now.state === "waiting") continue;
        one.className = `rendering rendering-${now.state}`;
        one.textContent = now.told;
        if (now.state === "made") one.closest(".findings li")?.classList.add("is-mended");
      }
    } catch {
      return;
    }
  }
  setTimeout(ask, EVERY, left - 1);
}
setTimeout(ask, EVERY, LONGEST);
