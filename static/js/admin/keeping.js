// Keeps what is typed into a post's form: in this browser at once, on the server within two seconds, until it is saved.
// Also tells others that the form is open, and this editor who they are.
const PAUSE = 800; // ms after the last key
const LONGEST = 1500; // ms that typing may go on before it is sent
const NOTE = 200; // ms until a change is in the browser
const BEAT = 3000;
const IDLE = 120_000;
const AT_ONCE = 60_000; // bytes that a browser sends while it closes the page
const RETRY = [1000, 2000, 4000, 8000, 15_000];

const root = document.getElementById("keeping");
const form = root && root.closest("form");
const given = root ? root.dataset : {};
const hidden = (name) => form.elements.namedItem(`_keeping_${name}`);
const newTab = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");
let tab = newTab();

// --- Talking with the server

const clock = new Intl.DateTimeFormat(document.documentElement.lang || "en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: given.zone });
const date = new Intl.DateTimeFormat(document.documentElement.lang || "en", { day: "numeric", month: "short", timeZone: given.zone });

const ask = async (address, words, more = {}) => {
  const token = form.elements.namedItem("csrfmiddlewaretoken").value;
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token };
  const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(words), signal: AbortSignal.timeout(10_000), ...more });
  const told = await answer.json().catch(() => ({}));
  return { status: answer.status, ...told };
};

// Logging in again, in another tab, gives the forms of this one a token that is no longer good.
const freshToken = async () => {
  const answer = await fetch(given.token, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) return false;
  const { token, user } = await answer.json();
  if (String(user) !== given.user) return false;
  for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = token;
  return true;
};

const askTwice = async (address, words, more) => {
  const answer = await ask(address, words, more);
  return answer.status === 403 && answer.csrf && (await freshToken()) ? ask(address, words, more) : answer;
};

const must = async (address, words) => {
  const answer = await askTwice(address, words);
  if (answer.status !== 200) throw new Error(answer.error);
  return answer;
};

// --- Who else is here

const others = () => {
  const list = root.querySelector(".keeping-others");
  const seen = form.elements.namedItem("seen_version");
  let timer = 0;
  let busy = false;
  let lastKey = Date.now();
  let shown = list.textContent;

  const show = (lines) => {
    if (shown === lines.join("")) return;
    shown = lines.join("");
    list.replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
    list.hidden = !lines.length;
  };
  const tell = (more) => askTwice(given.presence, { tab, version: Number(seen ? seen.value : given.version), ...more }, { keepalive: true });
  const beat = async () => {
    clearTimeout(timer);
    if (document.hidden || busy) return;
    busy = true;
    try {
      const told = await tell({ idle: Date.now() - lastKey > IDLE });
      if (told.status === 200) show([...told.others, told.saved].filter(Boolean));
    } catch { /* the next beat may get through */ }
    busy = false;
    timer = setTimeout(beat, BEAT);
  };

  form.addEventListener("input", () => { lastKey = Date.now(); });
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    // Closing a tab hides it first; only one that stays open is away.
    timer = document.hidden ? setTimeout(() => document.hidden && tell({ away: true }).catch(() => {}), 1000) : setTimeout(beat);
  });
  window.addEventListener("pagehide", () => { clearTimeout(timer); tell({ leave: true }).catch(() => {}); });
  window.addEventListener("pageshow", (event) => event.persisted && beat());
  beat();
};

// --- What the browser keeps

const prefix = `stratum:kept:${given.user}:`;
const place = () => (given.post ? given.post : `new.${hidden("key").value}`);
const store = {
  name: (which = tab) => `${prefix}${place()}:${which}`,
  put(words) {
    try {
      localStorage.setItem(this.name(), words);
      return true;
    } catch {
      return false;
    }
  },
  drop(name = this.name()) {
    try {
      localStorage.removeItem(name);
    } catch { /* nothing was kept then */ }
  },
  // Of this post, or on the form of a new one of any that was never saved; the newest first.
  all() {
    try {
      return Object.keys(localStorage)
        .filter((name) => name.startsWith(given.post ? `${prefix}${given.post}:` : `${prefix}new.`))
        .map((name) => ({ name, tab: name.slice(name.lastIndexOf(":") + 1), ...JSON.parse(localStorage.getItem(name)) }))
        .sort((a, b) => b.at - a.at);
    } catch {
      return [];
    }
  },
};

// A tab that is open holds a lock with its name, so that another knows whose words were left behind.
const alive = async () => {
  if (!navigator.locks) return new Set();
  const { held } = await navigator.locks.query();
  return new Set(held.map((one) => one.name));
};
const holdLock = () => navigator.locks && navigator.locks.request(`stratum:tab:${tab}`, () => new Promise(() => {}));

// --- What is typed

const typed = () => {
  const words = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || name.startsWith("_") || name === "csrfmiddlewaretoken" || name.includes("__prefix__")) continue;
    (words[name] ||= []).push(value);
  }
  return words;
};

const keep = () => {
  const status = root.querySelector(".keeping-status");
  const panel = root.querySelector(".keeping-ask");
  const buttons = document.querySelector(".submit-row.post-buttons");
  let last = null; // all that was typed, as JSON, when it was noted last
  let unsent = 0; // since when something is not on the server; 0: nothing
  let lastChange = 0;
  let inBrowser = true;
  let sequence = 0;
  let failures = 0;
  let noting = 0;
  let sendTimer = 0;
  let sending = null;
  let over = 0; // the number of the other tab's words, which were seen and are to give way; this tab's own, once they have
  let going = false; // to another page, which may take its time
  let state = "well"; // "out": logged out, "asking": two texts to choose from, "leaving": the form was sent
  if (buttons) buttons.append(status);
  status.hidden = false; // its room is kept from the beginning: a button must not move under the hand that presses it

  const say = (kind, at = 0, reason = "") => {
    const words = root.querySelector(`template[data-say=${kind}]`).content.cloneNode(true);
    const put = (node) => {
      if (node.nodeType === Node.TEXT_NODE) node.data = node.data.replace("{time}", at ? clock.format(at) : "").replace("{reason}", reason);
      for (const child of node.childNodes) put(child);
    };
    put(words);
    const login = words.querySelector("a[href='']");
    if (login) login.href = given.login;
    if (status.textContent === words.textContent.trim()) return; // a reader aloud need not hear it again
    status.replaceChildren(...words.childNodes);
    status.normalize();
    status.dataset.state = kind === "kept" ? "well" : "alert";
  };

  const number = () => Number(hidden("number").value) || 0;
  const entry = (more) => {
    const seen = form.elements.namedItem("seen_version");
    return { user: Number(given.user), tab, number: number(), seen: Number(seen && seen.value) || 0, key: hidden("key").value, form: JSON.parse(last), ...more };
  };

  // What is typed after the form was sent is not among what it saves: under the same name it would be forgotten with that.
  const goOnAs = (name) => {
    tab = name;
    holdLock();
    hidden("tab").value = tab;
  };

  const note = () => {
    clearTimeout(noting);
    noting = 0;
    const now = JSON.stringify(typed());
    if (now === last) return false;
    const sent = state === "leaving" ? store.name() : "";
    if (sent) {
      state = "well";
      goOnAs(newTab());
    }
    last = now;
    lastChange = Date.now();
    unsent ||= lastChange;
    inBrowser = store.put(JSON.stringify(entry({ at: lastChange, sequence })));
    if (sent && inBrowser) store.drop(sent);
    if (state === "asking") say("waiting", unsent);
    else if (failures) say(inBrowser ? (navigator.onLine ? "local" : "offline") : "nowhere", unsent);
    else schedule(Math.max(0, Math.min(PAUSE, unsent + LONGEST + now.length / 100 - lastChange)));
    return true;
  };
  const changed = () => { noting ||= setTimeout(note, NOTE); };
  const schedule = (delay) => { clearTimeout(sendTimer); sendTimer = setTimeout(send, delay, false); };

  const arrived = (text, told) => {
    hidden("number").value = told.number;
    failures = 0;
    over = 0;
    if (text === last) {
      unsent = 0;
      store.drop();
    } else {
      unsent = lastChange;
    }
    say("kept", Date.parse(told.saved_at));
    if (unsent) schedule(PAUSE);
  };
  const fails = (kind, reason = "") => {
    schedule(RETRY[Math.min(failures++, RETRY.length - 1)]);
    say(inBrowser ? kind : "nowhere", unsent, reason);
  };

  const send = async (closing = false) => {
    if (!unsent || (sending && !closing) || state === "asking" || state === "leaving") return;
    if (state === "out" && !(await freshToken().catch(() => false))) return schedule(3000);
    state = "well";
    const text = last;
    const controller = new AbortController();
    const patience = setTimeout(() => controller.abort(), 10_000);
    sending = controller;
    try {
      const words = entry({ sequence: ++sequence, ...(over && { number: over, over: true }) });
      const told = await askTwice(given.copy, words, { signal: controller.signal, keepalive: closing && text.length < AT_ONCE });
      if (sending === controller) sending = null;
      if (told.status === 200 && told.closed) {
        // What this tab had kept was saved or discarded elsewhere; what came since goes on under a new name.
        store.drop();
        goOnAs(newTab());
        hidden("number").value = told.number;
        store.put(JSON.stringify(entry({ at: lastChange, sequence })));
        schedule(0);
      } else if (told.status === 200) arrived(text, told);
      else if (told.status === 409) clash(told);
      else if (told.status === 401) {
        state = "out";
        say(inBrowser ? "out" : "nowhere", unsent);
        schedule(3000);
      } else if (told.status >= 500 || !told.error) fails("local");
      else fails("refused", told.error);
    } catch {
      if (sending === controller) sending = null;
      if (state !== "leaving") fails(navigator.onLine ? "local" : "offline");
    } finally {
      clearTimeout(patience);
    }
  };

  // --- Two texts, and a choice

  const open = (kind, at, deeds) => {
    const words = root.querySelector(`template[data-ask=${kind}]`).content.cloneNode(true);
    const heading = words.querySelector("h2");
    heading.textContent = heading.textContent.replace("{time}", clock.format(at)).replace("{day}", date.format(at));
    panel.replaceChildren(words);
    panel.hidden = false;
    panel.onclick = async (event) => {
      const button = event.target.closest("button[data-do]");
      if (!button) return;
      button.disabled = true;
      try {
        await deeds[button.dataset.do]();
      } catch {
        say("again");
      } finally {
        button.disabled = false;
      }
    };
  };
  const close = () => { panel.replaceChildren(); panel.hidden = true; };
  const compare = async (words) => {
    const told = await must(given.difference, { key: words.key, form: words.form });
    const parsed = new DOMParser().parseFromString(told.html || "", "text/html");
    panel.querySelector("[data-difference]").replaceChildren(...parsed.body.childNodes);
  };
  const goOn = (key) => { state = "leaving"; location.assign(given.post ? given.continue : `${given.form}?continue=${key}`); };

  const clash = (told) => {
    state = "asking";
    over = 0;
    for (const offer of root.querySelectorAll("[data-offer]")) offer.hidden = true; // it is asked once
    inBrowser = store.put(JSON.stringify(entry({ at: lastChange, sequence })));
    say(inBrowser ? "waiting" : "nowhere", unsent);
    open("other", Date.parse(told.saved_at), {
      mine: async () => {
        over = told.number;
        state = "well";
        close();
        await send();
      },
      theirs: async () => {
        let left = "";
        while (note() || left !== last) { // what is typed until the server answers is given up with the rest, and kept with it
          left = last;
          await must(given.copy, entry({ aside: true, sequence: ++sequence }));
        }
        unsent = 0;
        store.drop();
        goOn(hidden("key").value);
      },
      both: () => { note(); return compare(entry({})); },
    });
  };

  // What another opening of this form has left in the browser. Words that only follow what the server has are brought
  // there at once; others are offered.
  const lookBack = async () => {
    const closed = new Set(given.closed.split(" "));
    const open_ = await alive();
    for (const found of store.all()) {
      if (found.tab === tab || open_.has(`stratum:tab:${found.tab}`)) continue;
      if (closed.has(found.tab) || JSON.stringify(found.form) === last) {
        store.drop(found.name);
        continue;
      }
      const words = { user: found.user, tab: found.tab, number: found.number, seen: found.seen, key: found.key, form: found.form };
      const told = await askTwice(given.copy, { ...words, sequence: found.sequence + 1 });
      if (told.status === 200 && !told.closed) {
        store.drop(found.name);
        if (!unsent && !note() && !going) return location.reload(); // which would call back somebody on the way elsewhere
        return;
      }
      if (told.status !== 200 && told.status !== 409) return;
      open("found", found.at, {
        mine: async () => {
          await must(given.copy, { ...words, tab: newTab(), number: told.number, over: true, sequence: 1 });
          store.drop(found.name);
          goOn(found.key);
        },
        drop: async () => {
          await must(given.copy, { ...words, aside: true });
          store.drop(found.name);
          close();
          await lookBack();
        },
        both: () => compare(words),
      });
      return;
    }
  };

  // --- When

  const flush = (closing = false) => {
    note();
    if (unsent && !failures) send(closing);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  if (window.django && django.jQuery) django.jQuery(form).on("change", changed); // what jQuery tells, it tells its own alone
  for (const event of ["formset:added", "formset:removed"]) document.addEventListener(event, changed);
  setInterval(() => document.hasFocus() && last !== null && note(), 2000); // what scripts have filled in
  form.addEventListener("focusout", () => flush());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return flush(true);
    if (unsent) schedule(0);
  });
  window.addEventListener("pagehide", () => state !== "leaving" && flush(true));
  for (const event of ["online", "focus"]) window.addEventListener(event, () => unsent && schedule(0));
  window.addEventListener("beforeunload", (event) => {
    going = true;
    note();
    if (unsent && !inBrowser && state !== "leaving") event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.defaultPrevented || (button && button.formTarget === "_blank")) return;
    note();
    state = "leaving";
    clearTimeout(sendTimer);
    if (sending) sending.abort();
  });

  const begin = () => {
    hidden("tab").value = tab;
    holdLock();
    // What the browser itself has put back into the fields is not on the server either.
    const restored = [...form.querySelectorAll("textarea, input:is([type=text], [type=url])")].some((one) => one.value !== one.defaultValue);
    if (last === null && !restored && given.unsent === undefined) last = JSON.stringify(typed());
    else note();
    lookBack().catch(() => {});
  };
  if (document.readyState === "complete") setTimeout(begin);
  else window.addEventListener("load", () => setTimeout(begin));
};

if (form) {
  // A browser that fills a form again on the way back puts old words beside a new version, and one tab's name in another.
  form.autocomplete = "off";
  if (given.writes !== undefined) keep();
  if (given.presence) others();
}
