// What staff type is kept until the server has it. A form with `data-keep-typed` keeps its words for
// this tab, is sent by fetch, so that its page stays until the server took them, and gets them back
// when it is shown again: to the same member of staff, until they sign out. Passwords and files are
// never kept. Without this script these forms post natively.
// Not taken: a check and then a native post. Its answer is not seen, so nobody knows when to forget.
(() => {
  const PREFIX = "typed:", LONGEST = 12 * 3600000, PATIENCE = 20000, AGAIN = 5000;
  const SIGN_OUT = "/staff/sessions/ending", SIGNED_OUT = "lianxin-signed-out";
  const WAY_IN = /^\/staff\/(sessions|second-factor)(\/|$)/;
  const NOT_TYPED = ["hidden", "password", "file", "submit", "button", "reset", "image"];
  const meta = document.querySelector("meta[name=lianxin-member]");
  const member = meta ? meta.content : "";
  let waiting = null, timer = 0;

  // A browser may refuse its storage; then nothing is kept, and all else works.
  const quietly = (act) => { try { return act(); } catch { return null; } };
  const keyOf = (form) => [PREFIX, member, form.getAttribute("action"), form.dataset.keepTyped].join(" ");
  const isBox = (field) => field.type === "checkbox" || field.type === "radio";
  const fieldsOf = (form) => [...form.elements].filter((field) => field.name && !NOT_TYPED.includes(field.type));

  function keep(form) {
    const fields = fieldsOf(form).map((field) => [field.name, field.value, field.checked === true]);
    quietly(() => sessionStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), fields })));
  }
  const forget = (form) => quietly(() => sessionStorage.removeItem(keyOf(form)));
  const read = (key) => quietly(() => JSON.parse(sessionStorage.getItem(key)));

  function forgetWhere(isOver) {
    const keys = quietly(() => Object.keys(sessionStorage)) || [];
    for (const key of keys) if (key.startsWith(PREFIX) && isOver(read(key))) quietly(() => sessionStorage.removeItem(key));
  }

  // Whether this changed the field. `kept` loses what was used: names can stand more than once.
  function fill(field, kept) {
    const at = kept.findIndex(([name, value]) => name === field.name && (!isBox(field) || value === field.value));
    if (at < 0) return false;
    const [[, value, isChecked]] = kept.splice(at, 1);
    const before = isBox(field) ? field.checked : field.value;
    if (isBox(field)) field.checked = isChecked;
    else field.value = value;
    // What was chosen is no longer offered.
    if (field.localName === "select" && field.selectedIndex < 0) field.value = before;
    return before !== (isBox(field) ? field.checked : field.value);
  }

  function unfold(form) {
    for (let around = form; around; around = around.parentElement) if (around.localName === "details") around.open = true;
  }

  // Fill in what was typed here before; whether that changed anything.
  function restore(form) {
    const kept = read(keyOf(form));
    if (!kept) return false;
    const changed = fieldsOf(form).filter((field) => fill(field, kept.fields));
    if (changed.length) unfold(form);
    return changed.length > 0;
  }

  // The notice. There is one on a page at a time, above the button or where the page says.
  const noticed = () => document.querySelector(".unsaved");
  function hush() {
    const notice = noticed();
    if (notice) notice.remove();
  }
  function place(form, notice) {
    const here = document.querySelector("[data-unsaved-place]");
    // It stays in view there, and the page does not scroll under who is typing.
    if (here) { here.prepend(notice); return; }
    const button = [...form.querySelectorAll("button")].pop();
    (button.closest(".pair") || button).before(notice);
    notice.scrollIntoView({ block: "nearest" });
  }
  function tell(form, why, address) {
    const old = noticed();
    if (old && old.dataset.why === why) return;
    hush();
    const words = document.getElementById("unsaved-words").content;
    const notice = words.querySelector(`[data-why="${why}"]`).cloneNode(true);
    if (address) notice.querySelector("a").href = address;
    place(form, notice);
  }

  function timely(address, options) {
    const patience = new AbortController();
    const giveUp = setTimeout(() => patience.abort(), PATIENCE);
    return fetch(address, { ...options, signal: patience.signal }).finally(() => clearTimeout(giveUp));
  }
  const isWayIn = (answer) => WAY_IN.test(new URL(answer.url).pathname);

  // "here" for the member of staff whose page this is; "other" for a colleague, "out" for nobody,
  // "lost" when the server does not answer.
  async function whoIsThere() {
    if (!member) return "here";
    try {
      const answer = await timely("/staff/sessions/current", { redirect: "manual", cache: "no-store" });
      if (answer.type === "opaqueredirect") return "out";
      if (!answer.ok) return "lost";
      return String((await answer.json()).member) === member ? "here" : "other";
    } catch {
      return "lost";
    }
  }

  // Nothing has reached the server: it goes on by itself, unless the form is changed before.
  function wait(form, button, why) {
    waiting = { form, button };
    tell(form, why);
    clearTimeout(timer);
    if (why === "lost") timer = setTimeout(again, AGAIN);
  }
  function again() {
    if (!waiting || document.hidden) return;
    if (waiting.form.isConnected) send(waiting.form, waiting.button);
    else waiting = null;
  }

  function show(page) {
    document.title = page.title;
    document.getElementById("main").replaceWith(page.getElementById("main"));
    const main = document.getElementById("main");
    const wrong = main.querySelector("[aria-invalid]");
    scrollTo(0, 0);
    (wrong || main).focus();
  }

  async function receive(form, button, answer) {
    if (isWayIn(answer)) { wait(form, button, "out"); return; }
    if (answer.status >= 500) { tell(form, "unsure"); return; }
    if (answer.ok) forget(form);
    if (answer.ok && answer.redirected) { location.assign(answer.url); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.getElementById("main")) show(page);
    else tell(form, "refused");
  }

  async function post(form, button) {
    const state = await whoIsThere();
    // A colleague sees their own page, and nothing of what is kept here.
    if (state === "other") { location.reload(); return; }
    if (state !== "here") { wait(form, button, state); return; }
    const body = new URLSearchParams(new FormData(form));
    if (button && button.name) body.append(button.name, button.value);
    let answer;
    try {
      answer = await timely(form.getAttribute("action"), { method: "POST", body });
    } catch {
      // It may have arrived: to send it again is for the person to decide.
      tell(form, "unsure");
      return;
    }
    await receive(form, button, answer);
  }

  async function send(form, button) {
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    waiting = null;
    keep(form);
    try { await post(form, button); } finally { form.removeAttribute("aria-busy"); }
  }

  function typed(event) {
    const form = event.target.closest("form[data-keep-typed]");
    if (!form) return;
    keep(form);
    if (waiting && waiting.form === form) { waiting = null; hush(); }
  }
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("action") === SIGN_OUT) signOut();
    if (event.defaultPrevented || !form.matches("[data-keep-typed]:not([data-act])")) return;
    event.preventDefault();
    send(form, event.submitter);
  });
  for (const name of ["online", "focus"]) addEventListener(name, again);
  document.addEventListener("visibilitychange", again);

  // Signing out clears every tab: the others hear of it by a storage event.
  const forgetAll = () => forgetWhere(() => true);
  function signOut() {
    forgetAll();
    quietly(() => { localStorage.setItem(SIGNED_OUT, "1"); localStorage.removeItem(SIGNED_OUT); });
  }
  addEventListener("storage", (event) => { if (event.key === SIGNED_OUT) forgetAll(); });
  forgetWhere((kept) => !kept || Date.now() - kept.at > LONGEST);

  for (const form of document.querySelectorAll("form[data-keep-typed]")) if (restore(form)) tell(form, "back");
  window.lianxin.typed = { keyOf, read, forget, restore, tell, hush, timely, isWayIn, whoIsThere };
})();
