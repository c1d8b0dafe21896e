// Where in a text field a character stands: a copy of the field, laid out out of sight, tells.

const COPIED = [
  "direction", "unicodeBidi", "textAlign", "fontFamily", "fontSize", "fontStyle", "fontWeight", "fontKerning", "fontFeatureSettings", "letterSpacing", "lineHeight",
  "paddingTop", "paddingRight", "paddingBottom", "paddingLeft", "tabSize", "textIndent", "wordSpacing",
];

// For each offset, in ascending order, its { top, left } in pixels from the top of the field's text, and a line's height.
export const measure = (field, offsets) => {
  const style = getComputedStyle(field), copy = document.createElement("div");
  for (const name of COPIED) copy.style[name] = style[name];
  Object.assign(copy.style, {
    position: "absolute", top: "0", left: "-99999px", visibility: "hidden", boxSizing: "border-box",
    whiteSpace: "pre-wrap", overflowWrap: "break-word", width: `${field.clientWidth}px`,
  });
  let last = 0;
  const marks = offsets.map((offset) => {
    copy.append(field.value.slice(last, offset));
    last = offset;
    const mark = document.createElement("span");
    mark.textContent = "\u200b";
    copy.append(mark);
    return mark;
  });
  copy.append(`${field.value.slice(last)}\u200b`);
  document.body.append(copy);
  const places = marks.map((mark) => ({ top: mark.offsetTop, left: mark.offsetLeft }));
  const height = copy.offsetHeight, line = parseFloat(style.lineHeight) || parseFloat(style.fontSize) * 1.5;
  copy.remove();
  return { places, height, line };
};

// Brings a place of the text into view without moving the focus.
export const reveal = (field, offset) => {
  const { places: [{ top }], line } = measure(field, [offset]);
  if (top < field.scrollTop + line || top > field.scrollTop + field.clientHeight - line * 2) {
    field.scrollTop = top - field.clientHeight / 3;
  }
};
