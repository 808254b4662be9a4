// The clerk's desk: single keys press its buttons, what is done stays on the page, and the desk
// follows the hall. Without this script every button is a plain form and does the same.
import { bodyOf, make, submitterOf } from "../../lib/dom.js";
import { Live } from "../../lib/live.js";
import { parse, timely } from "../../lib/swap.js";
import { isWayIn, whoIsThere } from "../../staff/session.js";
import { forget, keyOf, read, restore } from "../../staff/typed.js";
import { hush, tell } from "../../staff/unsaved.js";
import { setClock, tick } from "./clock.js";
import { listenForKeys } from "./keys.js";

const MINUTE = 60000;
const root = document.documentElement;
const desk = () => document.getElementById("desk");
const home = () => desk().dataset.fragment.slice(2);
const questionIn = (part) => part.querySelector("[data-asks]");

// The forms that are written in stay as they are, until they are sent.
class Written {
  constructor() {
    this._forms = new Set(this._kept().filter((form) => read(keyOf(form))));
    addEventListener("input", ({ target }) => {
      const form = target.closest("#desk form");
      if (form) this._forms.add(form);
    });
  }

  all() {
    return [...this._forms].filter((form) => form.isConnected);
  }

  // A question stays like a form that is being written in, until it is answered.
  isIn(part) {
    if (questionIn(part)) return true;
    const { activeElement } = document;
    const field = activeElement && activeElement.closest("input, select, textarea");
    return part.contains(field) || [...this._forms].some((form) => part.contains(form));
  }

  dropIn(part) {
    for (const form of this._forms) if (part.contains(form)) this._forms.delete(form);
  }

  clear() {
    this._forms.clear();
  }

  // The words of a form stay with it while it is on the desk, and go with it.
  settle(before) {
    const now = new Map(this._kept().map((form) => [keyOf(form), form]));
    for (const old of before) {
      const form = now.get(keyOf(old));
      if (!form) forget(old);
      else if (restore(form)) this._forms.add(form);
    }
  }

  _kept() {
    return [...desk().querySelectorAll("form[data-keep-typed]")];
  }
}

// The line that says whether the desk follows its hall: live, slow or lost.
class StateLine {
  constructor(line) {
    this._line = line;
  }

  get state() {
    return this._line.dataset.state;
  }

  show(state) {
    if (this.state === state) return;
    this._line.dataset.state = state;
    this._line.textContent = this._line.dataset[`words${state[0].toUpperCase()}${state.slice(1)}`];
  }
}

// Says of a press without an answer what became of it, until the next one. Nothing is sent later by
// itself: that would call someone at a wrong moment.
class Unanswered {
  constructor(said) {
    this._said = said;
  }

  // What was on its way when the connection went may have arrived.
  show(wasOnline) {
    const { wordsNothing, wordsUnsure } = this._said.dataset;
    this._said.textContent = wasOnline ? wordsUnsure : wordsNothing;
    this._said.hidden = false;
    this._said.scrollIntoView({ block: "nearest" });
  }

  clear() {
    this._said.hidden = true;
    this._said.textContent = "";
  }
}

class Desk {
  constructor(line) {
    this._line = new StateLine(line);
    this._unanswered = new Unanswered(document.getElementById("unanswered"));
    this._written = new Written();
    this._news = document.getElementById("news");
    this._said = desk().dataset.news;
    this._isBusy = false;
    this._isAsking = false;
    this._isWanted = false;
    this._isLeaving = false;
    this._live = new Live(line.dataset.live, {
      ask: () => this._look(),
      message: (data) => this._hear(data),
      changed: (isLive) => this._showLive(isLive),
    });
  }

  start() {
    setClock(desk().dataset.now);
    document.addEventListener("submit", (event) => {
      const form = event.target.closest("#desk form[data-act]");
      if (!form) return;
      event.preventDefault();
      this._act(form, submitterOf(event));
    });
    // Minutes of waiting grow without anything happening.
    setInterval(() => {
      if (this._live.isLive && !document.hidden) this._refresh();
    }, MINUTE);
    addEventListener("focus", () => this._look());
    addEventListener("pageshow", (event) => {
      if (event.persisted) location.reload();
    });
    this._live.start();
  }

  // The stream's first word says how it stands; the others that something changed.
  _hear(data) {
    const isNew = this._seen !== undefined && data !== this._seen;
    this._seen = data;
    if (isNew) this._refresh();
  }

  _showLive(isLive) {
    if (isLive === this._wasLive) return;
    this._wasLive = isLive;
    if (isLive) this._line.show("live");
    else if (this._line.state !== "lost") this._line.show("slow");
  }

  // A colleague who signed in meanwhile is shown nothing of what this clerk wrote.
  async _look() {
    if (document.hidden) return;
    if (this._written.all().length && (await whoIsThere()) === "other") this._leave(home());
    else this._refresh();
  }

  async _fetch(address, options) {
    const answer = await timely(address, options);
    if (answer.status >= 500) throw new Error(String(answer.status));
    return [answer, parse(await answer.text()).getElementById("desk")];
  }

  async _refresh() {
    if (this._isLeaving) return;
    this._isWanted = this._isAsking || this._isBusy;
    if (this._isWanted) return;
    this._isAsking = true;
    try {
      const [answer, fresh] = await this._fetch(desk().dataset.fragment);
      this._take(answer, fresh);
    } catch {
      this._line.show("lost");
    } finally {
      this._isAsking = false;
      if (this._isWanted && !this._isBusy) this._refresh();
    }
  }

  _take(answer, fresh) {
    // While something is done here, its own answer says where to go on.
    if (!fresh) {
      if (!this._isBusy) this._sendAway(answer);
      return;
    }
    hush();
    this._live.answered();
    // An answer from before what was done meanwhile is not the newest.
    if (!this._isBusy && !this._isWanted) this._show(fresh, false);
    this._line.show(this._live.isLive ? "live" : "slow");
  }

  async _act(form, button) {
    if (this._isBusy || this._isLeaving) return;
    this._isBusy = true;
    root.toggleAttribute("data-busy", true);
    this._unanswered.clear();
    const wasOnline = navigator.onLine;
    try {
      const options = { method: "POST", body: bodyOf(form, button) };
      const [answer, fresh] = await this._fetch(form.action, options);
      if (fresh) this._done(form, answer, fresh);
      else this._goOn(form, answer);
    } catch {
      this._line.show("lost");
      this._unanswered.show(wasOnline);
      this._isWanted = true;
    } finally {
      this._isBusy = false;
      root.toggleAttribute("data-busy", false);
      if (this._isWanted) this._refresh();
    }
  }

  _done(form, answer, fresh) {
    hush();
    // What was refused leaves what was typed; a question takes the place of the form it is about.
    if (!answer.ok && !questionIn(fresh)) {
      this._show(fresh, false);
      this._sayRefusal(fresh.dataset.news);
      return;
    }
    const before = this._written.all();
    forget(form);
    this._written.clear();
    this._show(fresh, true);
    this._written.settle(before);
  }

  // A page to go on to: a notice to print, or the counters.
  _goOn(form, answer) {
    const isHere = new URL(answer.url).pathname === new URL(form.action).pathname;
    if (isHere || isWayIn(answer)) this._sendAway(answer);
    else {
      forget(form);
      this._leave(answer.url);
    }
  }

  // Signed out, signed off, or the day is closed. What is being written stays, and the clerk goes
  // on when they are ready.
  _sendAway(answer) {
    const [form] = this._written.all();
    if (!form) this._leave(home());
    else if (isWayIn(answer)) tell(form, "out");
    else tell(form, "elsewhere", home());
  }

  _leave(address) {
    if (this._isLeaving) return;
    this._isLeaving = true;
    location.assign(address);
  }

  // `isWhole` after something was done here: then also what is written in gives way.
  _show(fresh, isWhole) {
    const old = desk();
    const focused = document.activeElement && document.activeElement.id;
    const hadFocus = old.contains(document.activeElement);
    const open = [...old.querySelectorAll("details[open]")].map(({ id }) => id);
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const there = document.getElementById(part.id);
      if (!isWhole && this._written.isIn(there)) continue;
      for (const details of isWhole ? [] : part.querySelectorAll("details")) {
        if (open.includes(details.id)) details.open = true;
      }
      this._written.dropIn(there);
      there.replaceWith(part);
    }
    for (const name of ["now", "news"]) old.dataset[name] = fresh.dataset[name];
    setClock(old.dataset.now);
    const question = isWhole && questionIn(old);
    if (question) question.focus();
    else if (hadFocus && !old.contains(document.activeElement)) {
      const next = document.getElementById(focused) || document.getElementById("main");
      next.focus({ preventScroll: true });
    }
    this._announce(old.dataset.news, isWhole);
    tick();
  }

  _announce(news, isWhole) {
    if (news === this._said && !isWhole) return;
    this._said = news;
    this._news.textContent = news;
  }

  // A refusal is shown also above a form that is left as it was.
  _sayRefusal(words) {
    const part = document.getElementById("desk-had");
    if (part.querySelector(".said") || !words) return;
    const refusal = make("p", { className: "said", textContent: words });
    refusal.setAttribute("role", "alert");
    part.prepend(refusal);
  }
}

if (desk()) {
  listenForKeys();
  new Desk(document.getElementById("live-line")).start();
  tick();
  setInterval(tick, 1000);
}
