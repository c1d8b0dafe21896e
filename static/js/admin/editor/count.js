// Words and reading time while a text is written, by the server's rules (`blog/markup/plain.py`); what those say of the
// rendered text corrects what is counted here in the source.
import { word } from "./say.js";

const WORD = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|(?:(?![_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])[\p{L}\p{N}])+(?:['’.-][\p{L}\p{N}]+)*/gu;
const WORDS_A_MINUTE = 220, SECONDS_A_FIGURE = 12, SECONDS_A_LINE = 1.5;

// Of the source: `words`, and the `minutes` that reading takes.
export const count = (source) => {
  let lines = 0, figures = 0;
  const prose = source
    .replace(/^ {0,3}(`{3,}|~{3,})[^\n]*\n([\s\S]*?)(?:^ {0,3}\1[`~]*[ \t]*$|(?![\s\S]))/gm, (_all, _mark, code) => {
      lines += code.split("\n").filter((line) => line.trim()).length;
      return "";
    })
    .replace(/!\[[^\]]*\]\(\s*figure:[^)]*\)/g, () => ((figures += 1), ""))
    .replace(/!\[[^\]]*\]\([^)]*\)/g, "")
    .replace(/\[\]\(figure:[^)]*\)/g, "Figure 1")
    .replace(/\]\([^)\s]*(?:\s+"([^"]*)")?\)/g, "]")
    .replace(/^\[[^\]\n]+\]:\s*\S+.*$/gm, "")
    .replace(/^(?:!!!|\?\?\?\+?) ?\w+/gm, "")
    .replace(/^\s*\d{1,9}[.)] /gm, "")
    .replace(/\[\^[^\]\s]+\]:?/g, "")
    .replace(/[*_~`]+/g, "");
  const words = (prose.match(WORD) || []).length;
  const seconds = (words * 60) / WORDS_A_MINUTE + figures * SECONDS_A_FIGURE + lines * SECONDS_A_LINE;
  return { words, minutes: Math.max(1, Math.ceil(seconds / 60)) };
};

export const attach = (field, place) => {
  let beside = 0, waiting = 0; // how far the server's number is from ours
  const number = new Intl.NumberFormat(document.documentElement.lang || "en");
  const show = () => {
    const { words, minutes } = count(field.value);
    const told = Math.max(0, words + beside);
    place.textContent = word(told === 1 ? "word" : "words", { n: number.format(told), minutes: number.format(minutes) });
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 150);
  });
  show();
  return (source, words) => {
    beside = words - count(source).words;
    show();
  };
};
