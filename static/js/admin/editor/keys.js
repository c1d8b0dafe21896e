// Shortcuts, as they are written in `data-keys`: "mod+alt+2". `mod` is Command on a Mac and Control elsewhere.

const MAC = /mac|iphone|ipad/i.test(navigator.userAgentData?.platform || navigator.platform || "");

export const isPressed = (event, keys) => {
  const wanted = keys.split("+"), key = wanted.at(-1);
  const [mod, other] = MAC ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  if (wanted.includes("mod") !== mod || other || wanted.includes("shift") !== event.shiftKey) return false;
  // The right Alt of many keyboards writes letters and tells of itself as Control and Alt.
  if (wanted.includes("alt") !== event.altKey || event.getModifierState("AltGraph")) return false;
  const byPlace = event.altKey || /\d/.test(key) || !/^[\x20-\x7e]$/.test(event.key);
  return byPlace ? event.code === (/\d/.test(key) ? `Digit${key}` : `Key${key.toUpperCase()}`)
    : event.key.toLowerCase() === key;
};

const SIGNS = MAC ? { mod: "⌘", alt: "⌥", shift: "⇧" } : { mod: "Ctrl", alt: "Alt", shift: "Shift" };

export const written = (keys) => keys.split("+").map((key) => SIGNS[key] || key.toUpperCase()).join(MAC ? "" : "+");

// As assistive software reads it.
export const spoken = (keys) => keys.split("+")
  .map((key) => ({ mod: MAC ? "Meta" : "Control", alt: "Alt", shift: "Shift" })[key] || key.toUpperCase()).join("+");
