// The review of a post: words that are selected can be commented on, and words that were commented on are marked. Without
// it a passage is chosen from the list.

const root = document.querySelector("[data-review]");
const form = document.querySelector("[data-write]");
const plain = (text) => text.replace(/\s+/g, " ").trim();

function wordsOf(range) {
  const box = document.createElement("div");
  box.append(range.cloneContents());
  for (const sign of box.querySelectorAll("a.anchor, a.footnote-back, .passage-margin")) sign.remove();
  return plain(box.textContent);
}

function passageAt(node) {
  const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
  return element.closest(".passage-words")?.closest("[data-passage], .passage-title");
}

function around(passage, range) {
  const words = passage.querySelector(".passage-words");
  const before = document.createRange();
  before.selectNodeContents(words);
  before.setEnd(range.startContainer, range.startOffset);
  const after = document.createRange();
  after.selectNodeContents(words);
  if (words.contains(range.endContainer)) after.setStart(range.endContainer, range.endOffset);
  else after.collapse(false);
  return [wordsOf(before).slice(-60), wordsOf(after).slice(0, 60)];
}

function open(number, quote = "", before = "", after = "") {
  const passage = document.getElementById(`passage-${number}`);
  if (passage && number !== "summary") passage.querySelector(".passage-margin").append(form);
  form.elements.passage.value = number;
  for (const [name, value] of Object.entries({ quote, before, after })) form.elements[name].value = value;
  const chosen = form.querySelector("[data-chosen]");
  chosen.hidden = !quote;
  chosen.textContent = quote && `“${quote.length > 160 ? `${quote.slice(0, 159)}…` : quote}”`;
  form.elements.text.focus();
  form.scrollIntoView({ block: "nearest" });
}

function offerSelection() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "comment-here";
  button.textContent = form.querySelector("button[value=comment]").textContent;
  button.hidden = true;
  root.after(button);
  let found = null;
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    found = null;
    if (selection.rangeCount && !selection.isCollapsed) {
      const range = selection.getRangeAt(0);
      const passage = passageAt(range.startContainer);
      const quote = passage?.dataset.passage && plain(wordsOf(range)).slice(0, 1000);
      if (quote) found = [passage.dataset.passage, quote, ...around(passage, range)];
    }
    button.hidden = !found;
  });
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    if (found) open(...found);
    button.hidden = true;
  });
}

// The range of the quoted words within an element: its text with blanks made single is laid over its text nodes.
function rangeOf(element, quote) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const places = [];
  let text = "";
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest("a.anchor, a.footnote-back")) continue;
    for (let at = 0; at < node.data.length; at += 1) {
      const blank = /\s/.test(node.data[at]);
      if (blank && (!text || text.endsWith(" "))) continue;
      text += blank ? " " : node.data[at];
      places.push([node, at]);
    }
  }
  const start = text.indexOf(quote);
  if (start < 0) return null;
  const range = document.createRange();
  range.setStart(...places[start]);
  const [node, at] = places[start + quote.length - 1];
  range.setEnd(node, at + 1);
  return range;
}

function markQuotes() {
  if (!("highlights" in CSS)) return;
  const ranges = [];
  for (const thread of root.querySelectorAll("[data-quote][open]")) {
    const words = thread.closest(".passage")?.querySelector(".passage-words");
    const range = words && rangeOf(words, thread.dataset.quote);
    if (range) ranges.push(range);
  }
  CSS.highlights.set("commented", new Highlight(...ranges));
}

if (root) {
  markQuotes();
  if (form) {
    root.addEventListener("click", (event) => {
      const link = event.target.closest("[data-on]");
      if (!link) return;
      event.preventDefault();
      open(link.dataset.on);
    });
    form.elements.passage.addEventListener("change", () => {
      for (const name of ["quote", "before", "after"]) form.elements[name].value = "";
      form.querySelector("[data-chosen]").hidden = true;
    });
    offerSelection();
  }
}
