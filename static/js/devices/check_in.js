// A hall's device: asks the server what it is to show, tells the time by the server's clock, and
// stands for weeks without a hand to help it. It counts on nothing: not on the network, not on
// the server, not on the device's own clock, and not on an answer being ours.
import { fill, write } from "../lib/dom.js";
import { oneAtATime, partOf, timely } from "../lib/swap.js";

const SILENT = 30000;
const FIRST = 5000;
const LONGEST = 30000;
const AGAIN = 600000;
const SLEPT = 10000;
const SET = 2000;
const MINUTE = 60000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NIGHT = [2 * HOUR, 5 * HOUR];
const LOADED = "device-loaded";
const root = document.documentElement;

// Whether to load the page afresh, in local milliseconds: a newer version at once when nobody can
// be using the device, and once a night, at a moment of its own.
export function isDue({ now, loaded, moment, isNewer, isIdle }) {
  const midnight = now - (now % DAY);
  const inNight = now >= midnight + moment && now < midnight + NIGHT[1];
  return (isNewer && isIdle) || (inNight && loaded < midnight + NIGHT[0]);
}

function timeOf(at) {
  const minutes = String(Math.floor((at % HOUR) / MINUTE)).padStart(2, "0");
  return `${Math.floor((at % DAY) / HOUR)}:${minutes}`;
}

class Device {
  constructor(place) {
    this._place = place;
    this._notice = document.querySelector("[data-device-notice]");
    const revision = document.querySelector("meta[name=lianxin-revision]").content;
    this._version = revision.split(".")[1];
    this._moment = NIGHT[0] + Math.random() * (NIGHT[1] - NIGHT[0] - 10 * MINUTE);
    // Local time is the device's clock and this.
    this._ahead = -new Date().getTimezoneOffset() * MINUTE;
    this._every = FIRST;
    this._failures = 0;
    this._days = new Intl.DateTimeFormat(root.lang === "en" ? "en-GB" : "zh-CN", {
      month: "long",
      day: "numeric",
      weekday: "long",
      timeZone: "UTC",
    });
    // What happens while an answer is awaited, which may never come, asks once more after it.
    this.checkIn = oneAtATime(() => this._checkIn());
  }

  start() {
    this._watchClocks();
    addEventListener("online", this.checkIn);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.checkIn();
    });
    this._keepOffline();
    this._tick();
    this.checkIn();
  }

  _now() {
    return Date.now() + this._ahead;
  }

  // A clock that was set, or a device that slept: the two clocks of the browser come apart.
  _watchClocks() {
    let wall = Date.now();
    let steady = performance.now();
    setInterval(() => {
      const passed = [Date.now() - wall, performance.now() - steady];
      [wall, steady] = [Date.now(), performance.now()];
      if (Math.abs(passed[0] - passed[1]) > SET || passed[1] > SLEPT) this.checkIn();
      this._tick();
    }, 1000);
  }

  // The worker keeps this page, its styles and its script.
  _keepOffline() {
    if (!navigator.serviceWorker) return;
    const links = [...document.querySelectorAll("link[rel=stylesheet], script[src]")];
    const assets = links.map((link) => link.href || link.src);
    navigator.serviceWorker.ready.then(({ active }) => {
      active.postMessage({ device: location.pathname, assets });
    });
  }

  _tick() {
    for (const clock of document.querySelectorAll("[data-clock]")) {
      write(clock, timeOf(this._now()));
    }
    for (const date of document.querySelectorAll("[data-date]")) {
      write(date, this._days.format(this._now()));
    }
    const isSilent = this._isSilent();
    root.toggleAttribute("data-offline", isSilent);
    write(this._notice, isSilent ? this._silenceInWords() : "");
  }

  _isSilent() {
    if (this._answered === undefined) return this._failures > 0;
    return performance.now() - this._answered > SILENT;
  }

  _silenceInWords() {
    const { wordsWaiting, wordsSince } = this._notice.dataset;
    return this._answered === undefined ? wordsWaiting : wordsSince.replace("{}", this._answeredAt);
  }

  async _checkIn() {
    clearTimeout(this._timer);
    try {
      const body = new URLSearchParams({ version: this._version });
      const answer = await timely(this._place.dataset.checkIn, { method: "POST", body });
      if (!answer.ok && answer.status !== 429) throw new Error(answer.statusText);
      const fresh = await partOf(answer, "device");
      this._show(fresh);
      this._failures = 0;
      this._loadAfreshIfDue(fresh.dataset);
      this._stayAwake();
    } catch {
      this._failures += 1;
      this._every = Math.min(FIRST * 2 ** Math.min(this._failures - 1, 5), LONGEST);
      document.dispatchEvent(new Event("lianxin:silent"));
    }
    // Never all devices of a hall in step.
    this._timer = setTimeout(this.checkIn, this._every * (0.8 + Math.random() * 0.4));
    this._tick();
  }

  _show(fresh) {
    const { now, offset, every } = fresh.dataset;
    this._ahead = Number(now) - Date.now() + Number(offset) * MINUTE;
    this._every = Number(every) * 1000;
    if (this._loaded === undefined) this._loaded = this._now();
    this._answered = performance.now();
    this._answeredAt = timeOf(this._now());
    // What did not change is left alone: nothing flickers, and no voice says it again.
    if (fresh.innerHTML !== this._shown) {
      this._shown = fresh.innerHTML;
      fill(this._place, ...fresh.childNodes);
      document.title = this._place.querySelector("h1").textContent;
    }
    document.dispatchEvent(new CustomEvent("lianxin:shown", { detail: { now: Number(now) } }));
  }

  // Only after an answer, so that there is a server to load from; and not again and again, should
  // two servers behind one address be of two versions.
  _loadAfreshIfDue(told) {
    const isNewer = told.version !== this._version;
    const given = { now: this._now(), loaded: this._loaded, moment: this._moment };
    if (!isDue({ ...given, isNewer, isIdle: "idle" in told })) return;
    if (Math.abs(Date.now() - Number(sessionStorage.getItem(LOADED))) < AGAIN) return;
    sessionStorage.setItem(LOADED, Date.now());
    location.reload();
  }

  async _stayAwake() {
    if (!navigator.wakeLock || document.hidden) return;
    if (this._lock && !this._lock.released) return;
    try {
      this._lock = await navigator.wakeLock.request("screen");
    } catch {
      // The device decides.
    }
  }
}

const place = document.querySelector("[data-check-in]");
const device = place && new Device(place);
if (device) device.start();

export function checkIn() {
  if (device) device.checkIn();
}
