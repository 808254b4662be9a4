// A ticket that is followed: numbers change in place, the page's changing part is fetched when the
// state does, and when nothing comes the page says so and asks by itself. The truth is always the
// server's.
import { write } from "../lib/dom.js";
import { Live } from "../lib/live.js";
import { keep, keepJson, keys, readJson } from "../lib/store.js";
import { isInUse, oneAtATime, parse, partOf, replacePart, timely } from "../lib/swap.js";

// The stream says the time each minute: more silence than that is a dead line.
const SILENT = 80000;
const PATIENCE = 8000;
const PAUSE = 3000;
const FIGURES = ["ahead", "wait", "back", "calling", "counter", "at"];
const LONGEST_LINE = 10;
const RINGS = [0, 0.45, 0.9];
const KEPT = "ticket:";
const DAY = 86400000;

class TicketPage {
  constructor(place) {
    this._place = place;
    this._token = place.dataset.ticket;
    // A copy is behind, whatever its figures say: what can be done may have changed as well.
    this._isBehind = "asOf" in document.documentElement.dataset;
    if (this._isBehind) this._showKept();
    else this._keep();
    this._notice = document.querySelector("[data-ticket-notice]");
    this._voice = document.querySelector("[data-ticket-say]");
    this._soon = document.querySelector("[data-ticket-soon]");
    // A page that opens shortly before the turn says so itself.
    this._isSoonSaid = Boolean(this._part().dataset.soon);
    this._title = document.title;
    this._since = this._figure("at") ? this._figure("at").textContent : "";
    this._bell = new Bell(Number(this._part().dataset.ring));
    this._refresh = oneAtATime(() => this._fetch());
    this._live = new Live(`/live/tickets/${this._token}`, {
      ask: () => this._refresh(),
      message: (data) => this._take(JSON.parse(data)),
      gone: () => this._end(),
      changed: () => this._tell(),
      silent: SILENT,
    });
  }

  follow() {
    this._live.start();
    if (!this._isBehind && "serviceWorker" in navigator) keepMine();
  }

  _part() {
    return document.getElementById("ticket");
  }

  _figure(name) {
    return this._place.querySelector(`[data-live=${name}]`);
  }

  // What a message says: the figures, and by its mark whether more than they changed.
  _take(words) {
    if (!words.mark) return;
    if (words.mark !== this._part().dataset.mark) {
      this._isBehind = true;
      this._live.ask();
    }
    for (const name of FIGURES) if (words[name] !== "") write(this._figure(name), words[name]);
    write(
      this._place.querySelector("[data-line]"),
      "●".repeat(Math.min(words.ahead, LONGEST_LINE)),
    );
    this._since = words.at;
    this._keep();
  }

  // What a phone shows that opens this page without a network.
  _keep() {
    keepJson(KEPT + this._token, { at: Date.now(), html: this._part().outerHTML });
  }

  _showKept() {
    const kept = readJson(KEPT + this._token);
    if (kept) this._part().replaceWith(parse(kept.html).getElementById("ticket"));
  }

  // The ticket is done: there is nothing more to follow but its last state.
  _end() {
    this._isBehind = true;
    this._live.stop();
    this._live.ask();
  }

  async _fetch() {
    try {
      const answer = await timely(`/f/tickets/${this._token}`, {}, PATIENCE);
      if (!answer.ok) throw new Error(answer.statusText);
      this._show(await partOf(answer, "ticket"));
      this._isBehind = false;
      this._live.answered();
      document.dispatchEvent(new Event("lianxin:fresh"));
    } catch {
      // The notice says since when; it is asked again.
    }
    this._tell();
  }

  _show(fresh) {
    const before = this._part();
    this._showActs(fresh.ownerDocument);
    if (isInUse(before)) return;
    replacePart(before, fresh);
    if (this._figure("at")) this._since = this._figure("at").textContent;
    this._keep();
    this._announce(before.dataset.state, fresh.dataset);
    this._saySoon(fresh.dataset);
    this._bell.ring(Number(fresh.dataset.ring));
  }

  // Only when other acts are possible: a form in use stays as it is.
  _showActs(answer) {
    const [old, fresh] = [document, answer].map((page) => page.getElementById("ticket-acts"));
    if (fresh && fresh.dataset.when !== old.dataset.when) old.replaceWith(fresh);
  }

  // Once: who let others go first and is near again need not hear it twice.
  _saySoon({ soon }) {
    if (!soon || this._isSoonSaid) return;
    this._isSoonSaid = true;
    this._soon.textContent = soon;
  }

  _announce(before, { state, title }) {
    if (state !== before) {
      this._voice.textContent = title;
      // Who was served is not near any more.
      this._soon.textContent = "";
      if (state === "called") scrollTo({ top: 0 });
    }
    document.title = state === "called" ? title : this._title;
  }

  // Hears each second, so that what went wrong is tried again.
  _tell() {
    const { isLive, isOver, heard } = this._live;
    this._place.toggleAttribute("data-is-live", isLive && !isOver);
    const isStale = !isLive && !isOver && performance.now() - heard > PAUSE;
    this._notice.hidden = !isStale;
    write(this._notice, isStale ? this._place.dataset.wordsStale.replace("{}", this._since) : "");
    if (this._isBehind) this._live.askAgain();
  }
}

// What a phone says of its numbers without a network: the worker keeps it when it is asked for.
async function keepMine() {
  await navigator.serviceWorker.ready;
  await timely("/f/mine/tickets").catch(() => {});
}

// Sound and vibration, after one tap: browsers let a page sound only then.
class Bell {
  constructor(rung) {
    this._rung = rung;
    this._box = document.querySelector("[data-tell-box]");
    this._Sound = window.AudioContext || window.webkitAudioContext;
    if (!this._box || !(this._Sound || navigator.vibrate)) return;
    this._box.hidden = false;
    const button = this._box.querySelector("[data-tell]");
    button.addEventListener("click", () => this._turnOn(button));
    document.addEventListener("visibilitychange", () => this._stayAwake());
  }

  // `call` is the number of the call; each rings once.
  ring(call) {
    if (!call || call === this._rung) return;
    this._rung = call;
    if (!this._isOn()) return;
    if (navigator.vibrate) navigator.vibrate([300, 150, 300, 150, 600]);
    if (this._sound) this._chime(RINGS);
  }

  _isOn() {
    return Boolean(this._box && this._box.querySelector("[aria-pressed=true]"));
  }

  _turnOn(button) {
    if (this._Sound) {
      if (!this._sound) this._sound = new this._Sound();
      this._chime([0]);
    }
    if (navigator.vibrate) navigator.vibrate(80);
    button.setAttribute("aria-pressed", "true");
    button.textContent = button.dataset.wordsOn;
    this._stayAwake();
  }

  async _stayAwake() {
    if (!navigator.wakeLock || document.hidden || !this._isOn()) return;
    if (this._lock && !this._lock.released) return;
    try {
      this._lock = await navigator.wakeLock.request("screen");
    } catch {
      // The phone decides.
    }
  }

  _chime(times) {
    this._sound.resume();
    for (const at of times) {
      const tone = this._sound.createOscillator();
      const volume = this._sound.createGain();
      const begin = this._sound.currentTime + at;
      tone.frequency.setValueAtTime(880, begin);
      tone.frequency.setValueAtTime(660, begin + 0.18);
      volume.gain.setValueAtTime(0.3, begin);
      volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.4);
      tone.connect(volume).connect(this._sound.destination);
      tone.start(begin);
      tone.stop(begin + 0.4);
    }
  }
}

// Numbers are for a day, and so is what was kept of them.
function forgetOld() {
  for (const key of keys()) {
    if (key.startsWith(KEPT) && !(Date.now() - (readJson(key) || {}).at < DAY)) keep(key, null);
  }
}

setTimeout(forgetOld);
const place = document.querySelector("[data-ticket]");
if (place && place.dataset.ticket) new TicketPage(place).follow();
