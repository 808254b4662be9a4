// A form with `data-keep-typed` is sent by fetch, so that its page stays until the server took the
// words. Without this script these forms post natively.
// Not taken: a check and then a native post. Its answer is not seen, so nobody knows when to forget.
import { bodyOf, submitterOf } from "../lib/dom.js";
import { parse } from "../lib/swap.js";
import { isWayIn, sent, whoIsThere } from "./session.js";
import { forget, keep, restore } from "./typed.js";
import { hush, tell } from "./unsaved.js";

const AGAIN = 5000;

class Sender {
  constructor() {
    this._waiting = null;
  }

  async send(form, button) {
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    this._waiting = null;
    keep(form);
    try {
      await this._post(form, button);
    } finally {
      form.removeAttribute("aria-busy");
    }
  }

  // What waits is sent again, unless its form was changed before.
  again() {
    if (!this._waiting || document.hidden) return;
    const { form, button } = this._waiting;
    if (form.isConnected) this.send(form, button);
    else this._waiting = null;
  }

  noteTyping(form) {
    keep(form);
    if (!this._waiting || this._waiting.form !== form) return;
    this._waiting = null;
    hush();
  }

  async _post(form, button) {
    const state = await whoIsThere();
    // A colleague sees their own page, and nothing of what is kept here.
    if (state === "other") {
      location.reload();
      return;
    }
    if (state !== "here") {
      this._wait(form, button, state);
      return;
    }
    let answer;
    try {
      const options = { method: "POST", body: bodyOf(form, button) };
      answer = await sent(form.getAttribute("action"), options);
    } catch {
      // It may have arrived: to send it again is for the person to decide.
      tell(form, "unsure");
      return;
    }
    await this._receive(form, button, answer);
  }

  async _receive(form, button, answer) {
    if (isWayIn(answer)) this._wait(form, button, "out");
    else if (answer.status >= 500) tell(form, "unsure");
    else {
      if (answer.ok) forget(form);
      if (answer.ok && answer.redirected) location.assign(answer.url);
      else this._show(form, parse(await answer.text()));
    }
  }

  _show(form, page) {
    const main = page.getElementById("main");
    if (!main) {
      tell(form, "refused");
      return;
    }
    document.title = page.title;
    document.getElementById("main").replaceWith(main);
    document.dispatchEvent(new Event("lianxin:swapped"));
    scrollTo(0, 0);
    (main.querySelector("[aria-invalid]") || main).focus();
  }

  // Nothing has reached the server: it goes on by itself.
  _wait(form, button, why) {
    this._waiting = { form, button };
    tell(form, why);
    clearTimeout(this._timer);
    if (why === "lost") this._timer = setTimeout(() => this.again(), AGAIN);
  }
}

const sender = new Sender();
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    const form = target.closest("form[data-keep-typed]");
    if (form) sender.noteTyping(form);
  });
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-keep-typed]:not([data-act])")) return;
  event.preventDefault();
  sender.send(form, submitterOf(event));
});
for (const name of ["online", "focus"]) addEventListener(name, () => sender.again());
document.addEventListener("visibilitychange", () => sender.again());
for (const form of document.querySelectorAll("form[data-keep-typed]")) {
  if (restore(form)) tell(form, "back");
}
