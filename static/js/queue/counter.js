// The clerk's desk: single keys press its buttons, what is done stays on the page, and the desk
// follows the hall. Without this script every button is a plain form and does the same.
(() => {
  if (!document.getElementById("desk")) return;
  const SLOW = 10_000, PATIENCE = 10_000, KEYS = "counter-keys-off";
  const root = document.documentElement;
  const desk = () => document.getElementById("desk");
  const line = document.getElementById("live-line");
  const news = document.getElementById("news");
  const toggle = document.getElementById("keys");
  let isBusy = false, isAsking = false, isWanted = false, isLive = false, isLeaving = false, seen;
  let ahead = Number(desk().dataset.now) - Date.now(), said = desk().dataset.news;

  // What is typed into stays as it is, until it is sent.
  const changed = new Set();
  const isTyping = (part) => part.contains(document.activeElement?.closest("input, select, textarea")) || [...changed].some((form) => part.contains(form));
  addEventListener("input", (event) => { const form = event.target.closest("#desk form"); if (form) changed.add(form); });
  const { typed } = window.lianxin;
  const keeping = () => [...desk().querySelectorAll("form[data-keep-typed]")];
  const written = () => [...changed].filter((form) => form.isConnected);
  for (const form of keeping()) if (typed.read(typed.keyOf(form))) changed.add(form);

  function show(fresh, isWhole) {
    const old = desk(), focused = document.activeElement?.id, had = old.contains(document.activeElement);
    const open = new Set([...old.querySelectorAll("details[open]")].map((each) => each.id));
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const there = document.getElementById(part.id);
      if (!isWhole && isTyping(there)) continue;
      if (!isWhole) for (const each of part.querySelectorAll("details")) each.open ||= open.has(each.id);
      for (const form of changed) if (there.contains(form)) changed.delete(form);
      there.replaceWith(part);
    }
    for (const name of ["now", "news"]) old.dataset[name] = fresh.dataset[name];
    ahead = Number(old.dataset.now) - Date.now();
    if (had && !old.contains(document.activeElement)) (document.getElementById(focused) ?? document.getElementById("main")).focus({ preventScroll: true });
    if (old.dataset.news !== said || isWhole) { said = old.dataset.news; news.textContent = said; }
    tick();
  }

  const state = (name) => {
    if (line.dataset.state === name) return;
    line.dataset.state = name;
    line.textContent = line.dataset[`words${name[0].toUpperCase()}${name.slice(1)}`];
  };
  const ask = async (address, options) => {
    const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status >= 500) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return [answer, page.getElementById("desk")];
  };
  const leave = (address) => {
    if (isLeaving) return;
    isLeaving = true;
    location.assign(address);
  };
  // Signed out, signed off, or the day is closed. What is being written stays, and the clerk goes
  // on when they are ready.
  const sendAway = (answer) => {
    const address = desk().dataset.fragment.slice(2), [form] = written();
    if (!form) leave(address);
    else if (typed.isWayIn(answer)) typed.tell(form, "out");
    else typed.tell(form, "elsewhere", address);
  };
  // The words of a form stay with it while it is on the desk, and go with it.
  function settle(before) {
    const now = new Map(keeping().map((form) => [typed.keyOf(form), form]));
    for (const old of before) {
      const form = now.get(typed.keyOf(old));
      if (!form) typed.forget(old);
      else if (typed.restore(form)) changed.add(form);
    }
  }

  async function refresh() {
    if (isLeaving) return;
    isWanted = isAsking || isBusy;
    if (isWanted) return;
    isAsking = true;
    try {
      const [answer, fresh] = await ask(desk().dataset.fragment);
      // While something is done here, its own answer says where to go on.
      if (!fresh) { if (!isBusy) sendAway(answer); return; }
      typed.hush();
      // An answer from before what was done meanwhile is not the newest.
      if (!isBusy && !isWanted) show(fresh, false);
      state(isLive ? "live" : "slow");
    } catch {
      state("lost");
    } finally {
      isAsking = false;
      if (isWanted && !isBusy) refresh();
    }
  }

  // A colleague who signed in meanwhile is shown nothing of what this clerk wrote.
  async function comeBack() {
    if (document.hidden) return;
    if (written().length && await typed.whoIsThere() === "other") leave(desk().dataset.fragment.slice(2));
    else refresh();
  }

  async function act(form, button) {
    if (isBusy || isLeaving) return;
    isBusy = true;
    root.toggleAttribute("data-busy", true);
    try {
      const body = new URLSearchParams(new FormData(form, button));
      const [answer, fresh] = await ask(form.action, { method: "POST", body });
      if (!fresh) {
        // A page to go on to: a notice to print, or the counters.
        const isHere = new URL(answer.url).pathname === new URL(form.action).pathname;
        if (isHere || typed.isWayIn(answer)) sendAway(answer);
        else { typed.forget(form); leave(answer.url); }
        return;
      }
      typed.hush();
      // What was refused leaves what was typed.
      if (!answer.ok) { show(fresh, false); speak(fresh); return; }
      const before = written();
      typed.forget(form);
      changed.clear();
      show(fresh, true);
      settle(before);
    } catch {
      state("lost");
      isWanted = true;
    } finally {
      isBusy = false;
      root.toggleAttribute("data-busy", false);
      if (isWanted) refresh();
    }
  }

  // A refusal is shown also above a form that is left as it was.
  function speak(fresh) {
    const part = document.getElementById("desk-had");
    if (part.querySelector(".said") || !fresh.dataset.news) return;
    const words = document.createElement("p");
    words.className = "said";
    words.setAttribute("role", "alert");
    words.textContent = fresh.dataset.news;
    part.prepend(words);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("#desk form[data-act]");
    if (!form) return;
    event.preventDefault();
    act(form, event.submitter);
  });

  // Single keys, which can be turned off (WCAG 2.2, 2.1.4).
  const isOn = () => !root.hasAttribute("data-keys-off");
  const turn = (off) => {
    root.toggleAttribute("data-keys-off", off);
    toggle.setAttribute("aria-pressed", String(!off));
    try { if (off) localStorage.setItem(KEYS, "1"); else localStorage.removeItem(KEYS); } catch { /* for this page only */ }
  };
  let wasOff = false;
  try { wasOff = localStorage.getItem(KEYS) === "1"; } catch { /* on */ }
  turn(wasOff);
  toggle.hidden = false;
  toggle.addEventListener("click", () => turn(isOn()));
  document.addEventListener("keydown", (event) => {
    if (!isOn() || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.target.closest("input, select, textarea")) return;
    if ((key === "Space" || key === "Enter") && event.target.closest("a, button, summary")) return;
    const button = desk().querySelector(`[data-keys~="${CSS.escape(key)}"]`);
    const folded = desk().querySelector(`[data-open-key="${CSS.escape(key)}"]`);
    if (button?.checkVisibility?.() ?? button) { event.preventDefault(); button.click(); }
    else if (folded) {
      event.preventDefault();
      folded.open = true;
      folded.querySelector("select, input").focus();
    } else if (key === "Space") event.preventDefault();
  });

  // Time: how long it takes, and how long a call can be taken back.
  const words = new Intl.NumberFormat(root.lang === "en" ? "en" : "zh-CN", { minimumIntegerDigits: 2 });
  function tick() {
    const now = Date.now() + ahead;
    for (const each of document.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.floor((now - Number(each.dataset.since)) / 1000));
      each.textContent = `${Math.floor(seconds / 60)}:${words.format(seconds % 60)}`;
    }
    for (const each of document.querySelectorAll("[data-until]")) {
      const left = Math.ceil((Number(each.dataset.until) - now) / 1000);
      each.hidden = left <= 0;
      each.querySelector("kbd").textContent = `Z ${left}`;
    }
  }

  // The hall's stream says that something changed; without it the desk looks by itself.
  function follow() {
    const stream = new EventSource(line.dataset.live);
    stream.addEventListener("open", () => { isLive = true; state("live"); });
    stream.addEventListener("message", ({ data }) => {
      const isNew = seen !== undefined && data !== seen;
      seen = data;
      if (isNew) refresh();
    });
    stream.addEventListener("error", () => {
      isLive = false;
      if (line.dataset.state !== "lost") state("slow");
      // A stream that was refused is not asked for again by the browser.
      if (stream.readyState === EventSource.CLOSED) setTimeout(follow, SLOW);
    });
    addEventListener("pagehide", () => stream.close());
  }
  setInterval(() => { if (!isLive && !document.hidden) refresh(); }, SLOW);
  // Minutes of waiting grow without anything happening.
  setInterval(() => { if (isLive && !document.hidden) refresh(); }, 6 * SLOW);
  setInterval(tick, 1000);
  addEventListener("online", refresh);
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  addEventListener("focus", comeBack);
  document.addEventListener("visibilitychange", comeBack);
  tick();
  follow();
})();
