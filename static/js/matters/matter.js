// A conversation that is followed: its part is fetched when the stream says that something changed.
// What the page shows is said to be seen once it is in view; a scanner that opens the link never
// says so.
import { write } from "../lib/dom.js";
import { Live } from "../lib/live.js";
import { oneAtATime, partOf, timely } from "../lib/swap.js";

const PATIENCE = 8000;
const SILENT = 80000;
const PAUSE = 3000;

class MatterPage {
  constructor(place) {
    this._place = place;
    this._path = place.dataset.matter;
    this._notice = document.querySelector("[data-matter-notice]");
    this._voice = document.querySelector("[data-matter-say]");
    this._isBehind = "asOf" in document.documentElement.dataset;
    this._refresh = oneAtATime(() => this._fetch());
    this._live = new Live(`/live${this._path}`, {
      ask: () => this._refresh(),
      message: (data) => this._take(JSON.parse(data).mark),
      gone: () => this._live.stop(),
      changed: () => this._tell(),
      silent: SILENT,
    });
  }

  follow() {
    this._live.start();
    this._see();
    document.addEventListener("visibilitychange", () => this._see());
  }

  _part() {
    return document.getElementById("matter");
  }

  _take(mark) {
    if (mark && mark !== this._part().dataset.mark) {
      this._isBehind = true;
      this._live.ask();
    }
  }

  async _fetch() {
    try {
      const answer = await timely(`/f${this._path}`, {}, PATIENCE);
      if (!answer.ok) throw new Error(answer.statusText);
      const fresh = await partOf(answer, "matter");
      const isNew = fresh.dataset.mark !== this._part().dataset.mark;
      this._part().replaceWith(fresh);
      this._isBehind = false;
      this._live.answered();
      document.dispatchEvent(new Event("lianxin:fresh"));
      if (isNew) {
        write(this._voice, this._voice.dataset.wordsNew);
        this._seen = false;
        this._see();
      }
    } catch {
      // The notice says so; it is asked again.
    }
    this._tell();
  }

  _see() {
    if (this._seen || document.hidden || this._place.dataset.own === undefined) return;
    this._seen = true;
    fetch(`${this._path}/seen`, { method: "POST", keepalive: true }).catch(() => {
      this._seen = false;
    });
  }

  _tell() {
    const { isLive, isOver, heard } = this._live;
    const isStale = !isLive && !isOver && performance.now() - heard > PAUSE;
    this._notice.hidden = !isStale;
    write(this._notice, isStale ? this._place.dataset.wordsStale : "");
    if (this._isBehind) this._live.askAgain();
  }
}

const place = document.querySelector("[data-matter]");
if (place) new MatterPage(place).follow();
