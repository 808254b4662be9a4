// Where, by a tap on our own drawing: a pointer or the arrow keys move the pin. What is sent is the
// point on the drawing; where the phone is, is never asked.
import { write } from "../lib/dom.js";

// Of the drawing's width, and its height.
const STEP = 0.02;
const ARROWS = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};
const within = (share) => Math.min(1, Math.max(0, share));

class Drawing {
  constructor(part) {
    this._part = part;
    this._field = part.querySelector("[name=point]");
    this._svg = part.querySelector("svg");
    this._ground = part.querySelector(".ground");
    this._pin = part.querySelector(".pin");
    this._remove = part.querySelector("[data-pin-remove]");
    this._button = part.querySelector(".tap button");
    this._at = this._field.value ? JSON.parse(this._field.value) : null;
  }

  offer() {
    this._part.hidden = false;
    this._button.addEventListener("click", (event) => this._tap(event));
    this._button.addEventListener("keydown", (event) => this._key(event));
    this._remove.addEventListener("click", () => this._forget());
  }

  // A click without a pointer comes from a key: the pin begins in the middle.
  _tap(event) {
    if (event.detail === 0) this._put(this._at || { x: 0.5, y: 0.5 });
    else this._put(this._under(event));
  }

  _under({ clientX, clientY }) {
    const ground = this._ground.getBoundingClientRect();
    return {
      x: within((clientX - ground.left) / ground.width),
      y: within((clientY - ground.top) / ground.height),
    };
  }

  _key(event) {
    const step = ARROWS[event.key];
    if (!step) return;
    event.preventDefault();
    const { x, y } = this._at || { x: 0.5, y: 0.5 };
    this._put({ x: within(x + step[0]), y: within(y + step[1]) });
  }

  _put({ x, y }) {
    const frame = JSON.parse(this._svg.dataset.frame);
    this._at = { x: Number(x.toFixed(4)), y: Number(y.toFixed(4)), frame };
    this._field.value = JSON.stringify(this._at);
    const [across, down] = this._units();
    this._pin.setAttribute("transform", `translate(${across} ${down})`);
    this._pin.removeAttribute("hidden");
    this._remove.hidden = false;
    this._say(this._near(across, down));
  }

  _units() {
    const { width, height } = this._ground;
    return [this._at.x * width.baseVal.value, this._at.y * height.baseVal.value];
  }

  _near(across, down) {
    let [least, name] = [Number(this._svg.dataset.nearUnits), ""];
    for (const mark of this._svg.querySelectorAll("[data-near]")) {
      const [x, y] = mark.dataset.at.split(" ");
      const away = Math.hypot(x - across, y - down);
      if (away <= least) [least, name] = [away, mark.dataset.near];
    }
    return name;
  }

  _say(name) {
    const { wordsNear, wordsSet } = this._part.dataset;
    write(
      this._part.querySelector("[role=status]"),
      name ? wordsNear.replace("{}", name) : wordsSet,
    );
  }

  _forget() {
    this._at = null;
    this._field.value = "";
    this._pin.setAttribute("hidden", "");
    this._remove.hidden = true;
    write(this._part.querySelector("[role=status]"), "");
    this._button.focus();
  }
}

function offer() {
  const part = document.querySelector("[data-pin]");
  if (part && part.hidden) new Drawing(part).offer();
}

offer();
// What was refused brings its form again; see static/js/sending/forms.js.
document.addEventListener("lianxin:form-again", offer);
