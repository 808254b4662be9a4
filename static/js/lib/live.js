// A stream of events that is followed as long as the page is open. Without one the page asks by
// itself. A phone that slept, a tunnel and a server that restarted all end the same way: the line
// is opened again, and what was missed comes with its first message.
//
// After a restart thousands of pages come back together. So the stream comes first, an ask only
// where none comes; no two pages wait for the same time; and a page without an answer waits twice
// as long for the next.

const TICK = 1000;
const ASLEEP = 10000;
const REOPEN = [3000, 60000];
const ASK = [8000, 120000];
const SOON = 1000;

// A wait between `first` and twice that, doubled by each failure up to `longest`.
class Pace {
  constructor([first, longest]) {
    this.reset = () => this.grow(first);
    this.grow = (base = Math.min(2 * this._base, longest)) => {
      this._base = base;
      this.wait = base * (1 + Math.random());
    };
    this.reset();
  }
}

export class Live {
  // `ask` fetches what the stream would have said, `message` takes the words of an event, `changed`
  // hears each second and at every change whether the line is up. `silent` is how many milliseconds
  // without a word mean a dead line; a stream that may be silent for long leaves it out.
  constructor(address, { ask, message, changed = () => {}, gone = () => {}, silent = Infinity }) {
    this._address = address;
    this._ask = ask;
    this._message = message;
    this._changed = changed;
    this._gone = gone;
    this._silent = silent;
    this.isLive = false;
    this.isOver = false;
    this.heard = performance.now();
    this._asked = -Infinity;
    this._opened = 0;
    this._lost = performance.now();
    this._soonAt = Infinity;
    this._reopening = new Pace(REOPEN);
    this._asking = new Pace(ASK);
    this._behind = new Pace(REOPEN);
    this._wall = Date.now();
  }

  start() {
    this._open();
    setInterval(() => this._tick(), TICK);
    addEventListener("online", () => this.comeBack());
    addEventListener("offline", () => this._set(false));
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.comeBack();
    });
    addEventListener("pagehide", () => this._source && this._source.close());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && !this.isOver) this.comeBack();
    });
  }

  // Opens the line where it is not up, whose first message says all, and asks where none comes. A
  // line that seems up may be dead.
  comeBack() {
    if (this.isOver) return;
    if (this.isLive && this._source.readyState === EventSource.OPEN) {
      this.ask();
      return;
    }
    this._open();
    this._soonAt = performance.now() + SOON * (1 + Math.random());
  }

  ask() {
    this._asked = performance.now();
    this._soonAt = Infinity;
    this._asking.grow();
    this._ask();
  }

  // For a page that knows that it is behind: not at once again where no answer came.
  askAgain() {
    if (performance.now() - this._asked <= this._behind.wait) return;
    this._behind.grow();
    this.ask();
  }

  // What was asked for has come.
  answered() {
    this.heard = performance.now();
    this._asking.reset();
    this._behind.reset();
  }

  stop() {
    this.isOver = true;
    if (this._source) this._source.close();
  }

  _open() {
    if (this._source) this._source.close();
    if (this.isOver) return;
    this._opened = performance.now();
    this._source = new EventSource(this._address);
    this._source.addEventListener("message", ({ data }) => {
      this.heard = performance.now();
      this._soonAt = Infinity;
      this._reopening.reset();
      this._asking.reset();
      this._message(data);
      this._set(true);
    });
    this._source.addEventListener("gone", () => this._gone());
    this._source.addEventListener("error", () => this._set(false));
  }

  _set(isLive) {
    if (this.isLive && !isLive) this._lost = performance.now();
    this.isLive = isLive;
    this._changed(isLive);
  }

  // Two clocks tell of a phone that slept: the one on the wall went on.
  _tick() {
    const slept = Date.now() - this._wall > ASLEEP;
    this._wall = Date.now();
    this._changed(this.isLive);
    if (this.isOver) return;
    const now = performance.now();
    const isDead =
      this._source.readyState === EventSource.CLOSED || now - this.heard > this._silent;
    if (slept || (isDead && now - this._opened > this._reopening.wait)) {
      this._set(false);
      this._reopening.grow();
      this._open();
    }
    const isDue = now - Math.max(this._asked, this._lost) > this._asking.wait;
    if (!this.isLive && (isDue || now > this._soonAt)) this.ask();
  }
}

// A stream whose page asks by itself all the time, as a hall's devices do: the stream only says that
// it is time. Its page opens it again, at each answer that calls for one.
export class DeviceStream {
  constructor(address, { message, gone, opened = () => {} }) {
    this._address = address;
    this._message = message;
    this._gone = gone;
    this._opened = opened;
    this._source = null;
  }

  open() {
    if (this._source && this._source.readyState !== EventSource.CLOSED) return;
    this._opened();
    this._source = new EventSource(this._address);
    this._source.addEventListener("message", ({ data }) => this._message(data));
    // The server asks again who this is.
    this._source.addEventListener("gone", () => {
      this.close();
      this._gone();
    });
  }

  close() {
    if (this._source) this._source.close();
    this._source = null;
  }
}
