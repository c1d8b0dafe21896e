// Our words, from the page's template, where they are translated; and the line that tells what happened.

let words = new Map();
let line = null;

export const learn = (template, status) => {
  words = new Map([...template.content.querySelectorAll("[data-say]")].map((one) => [one.dataset.say, one.textContent]));
  line = status;
};

export const word = (name, given = {}) =>
  (words.get(name) || name).replace(/\{(\w+)\}/g, (whole, key) => (key in given ? given[key] : whole));

let clearing = 0;
export const say = (text, { trouble = false } = {}) => {
  clearTimeout(clearing);
  line.classList.toggle("is-trouble", trouble);
  line.textContent = text;
  if (!trouble) clearing = setTimeout(() => (line.textContent = ""), 8_000);
};
