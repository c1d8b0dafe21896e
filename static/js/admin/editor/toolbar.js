// A toolbar after the ARIA pattern: one stop of the Tab key, arrow keys within.

export const attach = (bar) => {
  const buttons = () => [...bar.querySelectorAll("button")].filter((one) => one.getClientRects().length && !one.disabled);
  const hold = (wanted) => {
    for (const one of bar.querySelectorAll("button")) one.tabIndex = one === wanted ? 0 : -1;
  };
  hold(bar.querySelector("button"));
  bar.addEventListener("focusin", (event) => event.target.closest("button") && hold(event.target.closest("button")));
  bar.addEventListener("keydown", (event) => {
    const all = buttons(), here = all.indexOf(document.activeElement);
    const steps = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: -1 };
    if (!(event.key in steps) || here < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    all.at(steps[event.key] % all.length).focus();
  });
};
