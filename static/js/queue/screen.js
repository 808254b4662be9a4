// The hall's screen: hears of a call at once, and says each once. What stands on it is drawn by
// the check-in (devices/check_in.js); the stream only says that it is time for one, and what to
// call. Where no stream comes through, the check-in brings the calls as well, a little later.
import { checkIn } from "../devices/check_in.js";
import { fill, make, write } from "../lib/dom.js";
import { DeviceStream } from "../lib/live.js";
import { keep, read } from "../lib/store.js";

const MINUTE = 60000;
const FLASHES = 15000;
const STANDS = 5000;
const TOOLS = 8000;
const GAP = 0.06; // seconds
const SAID = "screen-said";
const MODE = "screen-voice";
const root = document.documentElement;
const sleep = (time) => new Promise((done) => setTimeout(done, time));
const mode = () => read(MODE) || "voice";

// The clips of one call, in order: 请 B 0 0 7 号 到 3 号窗口. Digits as numbers are called; a
// counter that has no clip of its own in its digits too.
export function sentence({ number, counter }, hasClip) {
  const called = [...number].map((sign) =>
    /\d/.test(sign) ? `digit-${sign}` : `letter-${sign.toLowerCase()}`,
  );
  const digits = [...String(counter)].map((sign) => (sign === "0" ? "digit-0" : `counter-${sign}`));
  const at = hasClip(`counter-${counter}`) ? [`counter-${counter}`] : digits;
  return ["qing", ...called, "hao", "dao", ...at, "hao-chuangkou"];
}

// What was said last survives a page that is loaded afresh, and a browser that starts again. Only
// for its day: a store brought back from a backup counts from earlier.
const lastSaid = {
  read() {
    const kept = sessionStorage.getItem(SAID) || read(SAID) || "";
    const [day, id] = kept.split("|");
    return day === new Date().toDateString() ? Number(id) : 0;
  },
  keep(id) {
    const words = `${new Date().toDateString()}|${id}`;
    sessionStorage.setItem(SAID, words);
    keep(SAID, words);
  },
};

// Clips, played whole and one after the other.
class Player {
  constructor(clips, startButton) {
    this.clips = clips;
    this._start = startButton;
    this._buffers = new Map();
  }

  // Without a finger on the glass some browsers play nothing; then there is a button to start.
  async mayPlay() {
    if (!window.AudioContext) return true;
    if (!this._context) this._context = new AudioContext();
    if (this._context.state !== "running") {
      await Promise.race([this._context.resume().catch(() => {}), sleep(300)]);
    }
    const isRunning = this._context.state === "running";
    this._start.hidden = isRunning || mode() === "silent";
    return isRunning;
  }

  // `how` is voice, chime or silent.
  async say(clips, how, repeats) {
    if (how === "silent" || !this._context) return;
    if (how === "chime") {
      await this._play(["chime"]);
      return;
    }
    for (let time = 0; time < repeats; time += 1) {
      // A sentence is said whole or not at all: without its counter it would send people astray.
      try {
        await this._play(time ? clips : ["chime", ...clips]);
      } catch {
        await this._play(["chime"]);
      }
      await sleep(400);
    }
  }

  // Fetched while nobody needs them: the service worker keeps them for a day without a network.
  async prepare() {
    if (mode() === "silent" || !(await this.mayPlay())) return;
    for (const name of this.clips.keys()) {
      try {
        await this._buffer(name);
      } catch {
        return;
      }
    }
  }

  async _play(names) {
    const buffers = await Promise.all(names.map((name) => this._buffer(name)));
    const began = this._context.currentTime + 0.05;
    let at = began;
    for (const buffer of buffers) {
      const source = this._context.createBufferSource();
      source.buffer = buffer;
      source.connect(this._context.destination);
      source.start(at);
      at += buffer.duration + GAP;
    }
    await sleep((at - began) * 1000 + 50);
  }

  async _buffer(name) {
    if (!this._buffers.has(name)) {
      const answer = await fetch(this.clips.get(name));
      if (!answer.ok) throw new Error(name);
      const buffer = await this._context.decodeAudioData(await answer.arrayBuffer());
      this._buffers.set(name, buffer);
    }
    return this._buffers.get(name);
  }
}

// Which calls are still to be said: {id, number, counter, age in seconds}.
class Calls {
  constructor(player, board) {
    this._player = player;
    this._board = board;
    this._heard = lastSaid.read();
    this._waiting = [];
    this._newest = [];
    this._isSaying = false;
    this.repeats = 2;
  }

  // `calls` are of this moment.
  hear(calls) {
    this._newest = calls;
    const isFresh = ({ id, age }) => id > this._heard && age * 1000 < MINUTE;
    const fresh = calls.filter(isFresh).sort((a, b) => a.id - b.id);
    if (!fresh.length) return;
    this._heard = fresh[fresh.length - 1].id;
    const now = performance.now();
    this._waiting.push(...fresh.map((call) => ({ ...call, at: now - call.age * 1000 })));
    this.say();
  }

  forgetOld() {
    this._waiting = this._waiting.filter(({ at }) => performance.now() - at < MINUTE);
  }

  async say() {
    if (this._isSaying) return;
    this._isSaying = true;
    try {
      while (this._waiting.length) {
        if (mode() !== "silent" && !(await this._player.mayPlay())) break;
        const call = this._waiting.shift();
        if (!this._isTakenBack(call)) await this._sayOne(call);
      }
    } finally {
      this._board.say("");
      this._isSaying = false;
    }
  }

  _isTakenBack({ id }) {
    const known = this._newest.map((call) => call.id);
    return id > Math.min(...known) && !known.includes(id);
  }

  async _sayOne(call) {
    const how = mode();
    lastSaid.keep(call.id);
    const hasClip = (name) => this._player.clips.has(name);
    const clips = how === "voice" ? sentence(call, hasClip) : [];
    const detail = { id: call.id, how, clips };
    document.dispatchEvent(new CustomEvent("lianxin:say", { detail }));
    root.dataset.said = call.id;
    this._board.say(call.number);
    // Without a voice two calls of one moment stand there one after the other all the same.
    if (how !== "voice" && this._waiting.length) await sleep(STANDS);
    try {
      await this._player.say(clips, how, this.repeats);
    } catch {
      await sleep(500);
    }
  }
}

// The card is the call that is being said, or the newest; the others stand in the rows. What was
// called a moment ago flashes in either place. The page may be drawn again meanwhile.
class Board {
  constructor() {
    this._said = "";
    this._ahead = 0;
  }

  // The number that is being said; empty when none is.
  say(number) {
    this._said = number;
    this.arrange();
  }

  // `now` is the time at the server.
  drawn(now) {
    this._ahead = now - Date.now();
    this.arrange();
  }

  arrange() {
    clearTimeout(this._again);
    const rows = [...document.querySelectorAll("[data-call]")];
    if (!rows.length) return;
    const shown = rows.find(({ dataset }) => dataset.call === this._said) || rows[0];
    const card = document.querySelector("[data-newest]");
    this._put(shown.dataset, card);
    for (const row of rows) row.hidden = row === shown;
    const fresh = rows.filter(({ dataset }) => this._isFresh(dataset.call));
    for (const row of rows) row.classList.toggle("is-new", fresh.includes(row));
    card.classList.toggle("is-new", fresh.includes(shown));
    if (fresh.length) this._again = setTimeout(() => this.arrange(), 1000);
  }

  _put({ call, counter, words }, card) {
    write(card.querySelector(".wall-number"), call);
    const place = card.querySelector(".wall-counter");
    if (place.textContent === words.replace("{}", counter)) return;
    const [before, after] = words.split("{}");
    fill(place, before, make("b", { textContent: counter }), after);
  }

  _isFresh(number) {
    if (number === this._said) return true;
    const { calls } = document.querySelector("[data-screen]").dataset;
    const call = JSON.parse(calls).find((each) => each.number === number);
    return Boolean(call) && Date.now() + this._ahead - call.at < FLASHES;
  }
}

class Screen {
  constructor(tools) {
    this._tools = tools;
    const pairs = tools.dataset.clips.trim().split(/\s+/);
    const clips = new Map(pairs.map((pair) => pair.split("=")));
    this._startButton = tools.querySelector("[data-voice-start]");
    this._player = new Player(clips, this._startButton);
    this._board = new Board();
    this._calls = new Calls(this._player, this._board);
    this._isPrepared = false;
    this._stream = new DeviceStream("/live/screen", {
      opened: () => {
        this._before = undefined;
      },
      message: (data) => this._take(JSON.parse(data)),
      gone: checkIn,
    });
  }

  start() {
    document.addEventListener("lianxin:shown", ({ detail }) => this._shown(detail.now));
    this._tools.addEventListener("click", ({ target }) => this._press(target));
    for (const kind of ["pointermove", "pointerdown", "keydown"]) {
      addEventListener(kind, () => this._showTools());
    }
    this._mark(mode());
  }

  // What was drawn already is not asked for again; how long ago a call was does not count.
  _take(told) {
    this._calls.hear(told.calls);
    const now = JSON.stringify({ ...told, calls: told.calls.map(({ id }) => id) });
    if (this._before !== now) checkIn();
    this._before = now;
  }

  _shown(now) {
    const wall = document.querySelector("[data-screen]");
    this._tools.hidden = !wall;
    if (!wall) {
      this._stream.close();
      return;
    }
    this._calls.repeats = Number(wall.dataset.repeats);
    this._stream.open();
    this._board.drawn(now);
    const calls = JSON.parse(wall.dataset.calls);
    this._calls.hear(calls.map(({ at, ...call }) => ({ ...call, age: (now - at) / 1000 })));
    if (this._isPrepared) return;
    this._isPrepared = true;
    this._player.prepare();
  }

  async _press(target) {
    const button = target.closest("[data-voice-mode]");
    if (button) {
      keep(MODE, button.dataset.voiceMode);
      this._mark(button.dataset.voiceMode);
    }
    if (mode() === "silent") this._startButton.hidden = true;
    else if (await this._player.mayPlay()) this._player.prepare();
    this._calls.forgetOld();
    this._calls.say();
  }

  _mark(chosen) {
    for (const button of this._tools.querySelectorAll("[data-voice-mode]")) {
      button.setAttribute("aria-pressed", button.dataset.voiceMode === chosen);
    }
  }

  // The choices stand there while a hand is near.
  _showTools() {
    this._tools.dataset.handy = "";
    clearTimeout(this._hiding);
    this._hiding = setTimeout(() => {
      delete this._tools.dataset.handy;
    }, TOOLS);
  }
}

const tools = document.querySelector("[data-voice]");
if (tools) new Screen(tools).start();
