// A pin on our own drawing: a pointer puts it, and the arrow keys move it. Where the phone is, is
// never asked. A place is two numbers from 0 to 1: of the drawing's width, and of its height.

const STEP = 0.02;
const MIDDLE = { x: 0.5, y: 0.5 };
const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const within = (share) => Math.min(1, Math.max(0, share));

export class Pin {
  // `part` holds the drawing and the button over it; `put` is told where a person puts the pin. A
  // key that is held down moves it by `STEP`; one that is pressed once by so many `units`, if given.
  constructor(part, put, units = 0) {
    this.svg = part.querySelector("svg");
    this.button = part.querySelector(".tap button");
    this._ground = part.querySelector(".ground");
    this._drawn = part.querySelector(".pin");
    this._put = put;
    this._finest = units / this.width || STEP;
    this.at = null;
    this.button.addEventListener("click", (event) => this._tap(event));
    this.button.addEventListener("keydown", (event) => this._key(event));
  }

  get width() {
    return this._ground.width.baseVal.value;
  }

  get height() {
    return this._ground.height.baseVal.value;
  }

  get isDrawn() {
    return !this._drawn.hasAttribute("hidden");
  }

  show(at) {
    this.at = at;
    const [across, down] = this._units();
    this._drawn.setAttribute("transform", `translate(${across} ${down})`);
    this._drawn.removeAttribute("hidden");
  }

  hide() {
    this.at = null;
    this._drawn.setAttribute("hidden", "");
  }

  // What the pin is near, by its name; empty for nothing.
  near() {
    const [across, down] = this._units();
    let [least, name] = [Number(this.svg.dataset.nearUnits), ""];
    for (const mark of this.svg.querySelectorAll("[data-near]")) {
      const [x, y] = mark.dataset.at.split(" ");
      const away = Math.hypot(x - across, y - down);
      if (away <= least) [least, name] = [away, mark.dataset.near];
    }
    return name;
  }

  // A click without a pointer comes from a key: the pin begins in the middle.
  _tap(event) {
    this._go(event.detail === 0 ? this.at || MIDDLE : this._under(event));
  }

  _under({ clientX, clientY }) {
    const ground = this._ground.getBoundingClientRect();
    return {
      x: within((clientX - ground.left) / ground.width),
      y: within((clientY - ground.top) / ground.height),
    };
  }

  _key(event) {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    const step = event.repeat ? STEP : this._finest;
    const { x, y } = this.at || MIDDLE;
    this._go({ x: within(x + way[0] * step), y: within(y + way[1] * step) });
  }

  _go(at) {
    this.show(at);
    this._put(at);
  }

  _units() {
    return [this.at.x * this.width, this.at.y * this.height];
  }
}
