// Which place of the text is which place of its page: blocks of both are matched by their words, in order; what lies
// between two that match is in proportion.
import { measure } from "./caret.js";

const COMPARED = 24, AHEAD = 60, LEAST = 3;

const bare = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "").slice(0, COMPARED);

// The blocks of a source: where each begins, its words, and the figure that it places.
export const sourceBlocks = (source) => {
  const blocks = [];
  let at = 0, open = null, fence = "";
  for (const line of source.split("\n")) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence) {
      if (mark && mark[0] === fence[0] && mark.length >= fence.length) fence = "";
      else open.words += line;
    } else if (mark) {
      fence = mark;
      blocks.push((open = { at, words: "", key: /\bkey="([^"]+)"/.exec(line)?.[1] }));
    } else if (!line.trim()) open = null;
    else {
      const begins = !open || /^\s*(?:[-*+] |\d{1,9}[.)] |#{1,6} |!\[)/.test(line) || /^#{1,6} /.test(open.line);
      if (begins) blocks.push((open = { at, words: "", key: /^\s*!\[[^\]]*\]\(figure:([^)\s]+)/.exec(line)?.[1] }));
      open.line = line;
      open.words += line.replace(/^\s*(?:!!!|\?\?\?\+?) ?\w+/, "").replace(/^\s*\d{1,9}[.)] /, "")
        .replace(/\]\([^)]*\)/g, "").replace(/\[\^[^\]]+\]/g, "");
    }
    at += line.length + 1;
  }
  return blocks.map(({ at: place, words, key }) => ({ at: place, words: bare(words), key }));
};

const pageBlocks = (page) => [...page.querySelectorAll(".prose > *, .prose > ul > li, .prose > ol > li")]
  .map((element) => ({ element, key: /^fig-(.+)/.exec(element.id)?.[1], words: bare((element.querySelector("pre") || element).textContent) }));

const isSame = (one, other) => {
  if (one.key || other.key) return one.key === other.key;
  const size = Math.min(one.words.length, other.words.length);
  return size >= LEAST && one.words.slice(0, size) === other.words.slice(0, size) && (size > 8 || one.words === other.words);
};

const between = (value, points, from, to) => {
  let high = points.findIndex((one) => one[from] > value);
  if (high < 0) high = points.length - 1;
  const a = points[Math.max(0, high - 1)], b = points[high];
  const span = b[from] - a[from];
  return span > 0 ? a[to] + ((value - a[from]) / span) * (b[to] - a[to]) : b[to];
};

// `inPage(y)` and `inText(y)` lead from pixels of the one to pixels of the other.
export const align = (field, page) => {
  const sources = sourceBlocks(field.value), pairs = [];
  let next = 0;
  for (const block of pageBlocks(page)) {
    const found = sources.slice(next, next + AHEAD).findIndex((one) => isSame(one, block));
    if (found < 0) continue;
    pairs.push([sources[next + found].at, block.element]);
    next += found + 1;
  }
  const { places, height } = measure(field, pairs.map(([at]) => at));
  const scrolled = page.defaultView.scrollY;
  const points = [{ text: 0, page: 0 }];
  for (const [n, [, element]] of pairs.entries()) {
    const point = { text: places[n].top, page: element.getBoundingClientRect().top + scrolled };
    if (point.text > points.at(-1).text && point.page > points.at(-1).page) points.push(point);
  }
  const prose = page.querySelector(".prose")?.getBoundingClientRect();
  if (prose && prose.bottom + scrolled > points.at(-1).page) points.push({ text: height, page: prose.bottom + scrolled });
  return {
    inPage: (y) => between(y, points, "text", "page"),
    inText: (y) => between(y, points, "page", "text"),
  };
};

// Leads two boxes that scroll: the one that is being scrolled by hand decides. How far down its window a place stands
// is the same in both, so that they begin and end together.
export const attach = (field, frame, isOn) => {
  let leader = field, map = null, drawn = 0;
  const view = () => frame.contentWindow, page = () => frame.contentDocument;
  const maps = () => (map ??= align(field, page()));
  const forget = () => (map = null);

  const follow = () => {
    drawn = 0;
    if (!isOn() || !page()?.querySelector(".prose")) return;
    const tall = view().innerHeight, all = page().documentElement.scrollHeight - tall;
    const most = field.scrollHeight - field.clientHeight;
    if (leader === field) {
      const share = most > 0 ? field.scrollTop / most : 0;
      if (share > 0.995) return view().scrollTo({ top: Math.min(all, maps().inPage(field.scrollHeight) - tall * 0.8), behavior: "instant" });
      view().scrollTo({ top: field.scrollTop < 2 ? 0 : maps().inPage(field.scrollTop + share * field.clientHeight) - share * tall, behavior: "instant" });
    } else if (most > 0) {
      const share = all > 0 ? view().scrollY / all : 0;
      field.scrollTop = maps().inText(view().scrollY + share * tall) - share * field.clientHeight;
    }
  };
  const soon = () => (drawn ||= requestAnimationFrame(follow));

  const lead = (who) => () => (leader = who);
  for (const name of ["pointerenter", "wheel", "touchstart", "keydown", "focus"]) field.addEventListener(name, lead(field), { passive: true });
  field.addEventListener("scroll", () => leader === field && soon());
  field.addEventListener("input", forget);
  new ResizeObserver(forget).observe(field);
  const listen = () => {
    for (const name of ["pointerover", "wheel", "touchstart", "keydown"]) page().addEventListener(name, lead(frame), { passive: true });
    view().addEventListener("scroll", () => leader === frame && soon());
    view().addEventListener("resize", forget);
    page().addEventListener("load", forget, true); // pictures that have found their size
  };

  // After a new page: what is being written stays in sight.
  const settle = () => {
    forget();
    if (!isOn() || document.activeElement !== field) return;
    const { places: [{ top }] } = measure(field, [field.selectionEnd]);
    if (top < field.scrollTop || top > field.scrollTop + field.clientHeight) return; // looking elsewhere
    const tall = view().innerHeight, y = maps().inPage(top), seen = y - view().scrollY;
    if (field.value.length && field.selectionEnd && (seen < tall * 0.05 || seen > tall * 0.85)) {
      view().scrollTo({ top: y - tall * Math.min(0.7, Math.max(0.2, (top - field.scrollTop) / field.clientHeight)), behavior: "instant" });
    }
  };
  return { listen, settle, forget };
};
