// What another program copied as HTML, as Markdown. It is read as data, in a document that runs and loads nothing.
import { drawTable } from "./commands.js";

const BLOCKS = new Set(("ADDRESS ARTICLE ASIDE BLOCKQUOTE DETAILS DIV DL DD DT FIGURE FIGCAPTION FOOTER H1 H2 H3 H4 H5 H6 HEADER HR LI "
  + "MAIN NAV OL P PRE SECTION TABLE UL").split(" "));
const SKIPPED = new Set("HEAD SCRIPT STYLE TEMPLATE NOSCRIPT IFRAME OBJECT EMBED SVG MATH AUDIO VIDEO BUTTON INPUT SELECT TEXTAREA TITLE META LINK".split(" "));
const MEANING = "h1, h2, h3, h4, h5, h6, ul, ol, table, blockquote, pre, a[href], b, strong, i, em, code, [data-style*='font-weight'], img";
const MARKS = { B: "**", STRONG: "**", I: "*", EM: "*", CITE: "*", DEL: "~~", S: "~~", STRIKE: "~~", MARK: "==" };

// Styles and handlers would be reported against our own page's policy, even here where nothing obeys them. Styles are kept
// as data, since some programs say bold by style.
const inert = (html) => html
  .replace(/<style[\s\S]*?<\/style\s*>/gi, "")
  .replace(/<[a-z](?:"[^"]*"|'[^']*'|[^'"<>])*>/gi, (tag) =>
    tag.replace(/"[^"]*"|'[^']*'|\b(style|on\w+)(?=\s*=)/gi, (whole, name) => (name ? `data-${name}` : whole)));

const escaped = (text) => text
  .replace(/[\\`*[\]]/g, "\\$&")
  .replace(/<(?=[a-z/!])/gi, "\\<")
  .replace(/(^|[^\p{L}\p{N}])_|_(?=[^\p{L}\p{N}]|$)/gu, (found) => found.replace("_", "\\_"));

// A line that would begin a block, had its first sign not been escaped.
const lineSafe = (text) => text.replace(/^(#{1,6} |>|[-+] |!!!|\?\?\?|={3,}|-{3,})/gm, "\\$1").replace(/^(\d{1,9})([.)] )/gm, "$1\\$2");

const target = (element) => {
  const href = (element.getAttribute("href") || "").trim();
  try {
    const address = new URL(href);
    if (address.hostname === "www.google.com" && address.pathname === "/url") return address.searchParams.get("q") || "";
    if (!/^(?:https?|mailto):$/.test(address.protocol)) return "";
  } catch {
    return "";
  }
  return href.replace(/[\s()<>]/g, encodeURIComponent);
};

const isBold = (element) => /font-weight\s*:\s*(?:bold|[6-9]00)/i.test(element.dataset.style || "");
const isPlain = (element) => /font-weight\s*:\s*(?:normal|[1-4]00)/i.test(element.dataset.style || "");
const isSlanted = (element) => /font-style\s*:\s*italic/i.test(element.dataset.style || "");

const marked = (text, mark) => {
  const [, before, inner, after] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text);
  return inner ? before + mark + inner + mark + after : text;
};

const fencedIn = (text, sign, least) => {
  const longest = Math.max(least - 1, ...(text.match(new RegExp(`${sign}+`, "g")) || []).map((run) => run.length));
  return sign.repeat(longest + 1);
};

const inline = (node, notes) => {
  if (node.nodeType === Node.TEXT_NODE) return escaped(node.nodeValue.replace(/[\t\n\r ]+/g, " ").replaceAll("\u00a0", " "));
  if (node.nodeType !== Node.ELEMENT_NODE || SKIPPED.has(node.tagName.toUpperCase())) return "";
  if (node.tagName === "BR") return "  \n";
  if (node.tagName === "IMG") return (notes.pictures += 1), "";
  if (/^(?:CODE|KBD|SAMP|TT)$/.test(node.tagName)) {
    const text = node.textContent.replace(/\s+/g, " "), mark = fencedIn(text, "`", 1);
    return text.trim() ? (text.includes("`") ? `${mark} ${text} ${mark}` : mark + text + mark) : "";
  }
  const inner = [...node.childNodes].map((child) => inline(child, notes)).join("");
  if (node.tagName === "A") {
    const address = target(node);
    return address && inner.trim() ? inner.replace(/^(\s*)([\s\S]*?)(\s*)$/, `$1[$2](${address.replaceAll("$", "$$$$")})$3`) : inner;
  }
  if (node.tagName === "SUP") return /^\S+$/.test(inner) ? `^${inner}^` : inner;
  if (node.tagName === "SUB") return /^\S+$/.test(inner) ? `~${inner}~` : inner;
  let text = inner;
  const mark = MARKS[node.tagName];
  if (mark && !(mark === "**" && isPlain(node))) text = marked(text, mark);
  else if (isBold(node)) text = marked(text, "**");
  if (!mark && isSlanted(node)) text = marked(text, "*");
  return text;
};

const paragraph = (nodes, notes) => lineSafe(nodes.map((node) => inline(node, notes)).join("").replace(/ *\n */g, (cut) => (cut.startsWith("  ") ? "  \n" : "\n"))
  .replace(/^\s+|\s+$/g, "").replace(/([^ ]) {2,}(?=[^\n ])/g, "$1 "));

const indented = (text, by) => text.split("\n").map((line) => (line ? " ".repeat(by) + line : line)).join("\n");

const list = (element, notes) => {
  let number = Number(element.getAttribute("start")) || 1;
  const ordered = element.tagName === "OL", items = [];
  for (const child of element.children) {
    if (/^[UO]L$/.test(child.tagName) && items.length) {
      items.push(indented(list(child, notes), 4)); // as some programs nest
    } else if (child.tagName === "LI") {
      const box = child.querySelector(":scope > input[type=checkbox], :scope > p > input[type=checkbox]");
      const task = box ? (box.hasAttribute("checked") ? "[x] " : "[ ] ") : "";
      const parts = blocks(child, notes);
      const tight = parts.slice(1).every((part) => /^(?:[-] |\d+\. )/.test(part));
      const words = parts.join(tight ? "\n" : "\n\n");
      items.push(`${ordered ? `${number}. ` : "- "}${task}${indented(words, 4).trimStart()}`);
      number += 1;
    }
  }
  return items.join("\n");
};

const table = (element, notes) => {
  const rows = [...element.rows].map((row) => [...row.cells].map((cell) => blocks(cell, notes).join(" ").replace(/\s*\n\s*/g, " ")));
  const full = rows.filter((row) => row.some((cell) => cell));
  return full.length && Math.max(...full.map((row) => row.length)) > 1 ? drawTable(full) : full.flat().join("\n\n");
};

const pre = (element) => {
  const text = element.textContent.replace(/\n$/, ""), mark = fencedIn(text, "`", 3);
  const holder = [element, ...element.querySelectorAll("code")].map((one) => one.className).join(" ");
  return `${mark}${/\b(?:language|lang|highlight-source)-([\w+#-]+)/.exec(holder)?.[1] || ""}\n${text}\n${mark}`;
};

// The blocks within an element, each as Markdown.
const blocks = (element, notes) => {
  const out = [];
  let loose = [];
  const settle = () => {
    const text = paragraph(loose, notes);
    if (text) out.push(text);
    loose = [];
  };
  const holdsBlock = (node) => node.nodeType === Node.ELEMENT_NODE
    && (BLOCKS.has(node.tagName) || [...node.children].some(holdsBlock));
  for (const node of element.childNodes) {
    if (!holdsBlock(node)) {
      loose.push(node);
      continue;
    }
    settle();
    const level = /^H([1-6])$/.exec(node.tagName)?.[1];
    if (level) {
      const words = paragraph([...node.childNodes], notes).replace(/\s*\n\s*/g, " ").replace(/^\*\*(.*)\*\*$/, "$1");
      if (words) out.push(`${"#".repeat(Math.min(4, Math.max(2, Number(level))))} ${words}`);
    } else if (/^[UO]L$/.test(node.tagName)) out.push(list(node, notes));
    else if (node.tagName === "PRE") out.push(pre(node));
    else if (node.tagName === "TABLE") out.push(table(node, notes));
    else if (node.tagName === "HR") out.push("---");
    else if (node.tagName === "BLOCKQUOTE") {
      out.push(blocks(node, notes).join("\n\n").split("\n").map((line) => `> ${line}`.trimEnd()).join("\n"));
    } else out.push(...blocks(node, notes));
  }
  settle();
  return out.filter((one) => one);
};

// `text`, and how many `pictures` were left out; null for what means no more than its plain text.
export const toMarkdown = (html) => {
  const page = new DOMParser().parseFromString(inert(html), "text/html");
  if (!page.body.querySelector(MEANING)) return null;
  const notes = { pictures: 0 };
  return { text: blocks(page.body, notes).join("\n\n"), pictures: notes.pictures };
};
