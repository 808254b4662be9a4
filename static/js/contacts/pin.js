// Where, by a tap on our own drawing. What is sent is the point on the drawing.
import { write } from "../lib/dom.js";
import { Pin } from "../places/pin.js";

class Point {
  constructor(part) {
    this._part = part;
    this._field = part.querySelector("[name=point]");
    this._remove = part.querySelector("[data-pin-remove]");
    this._pin = new Pin(part, (at) => this._put(at));
    if (this._field.value) this._pin.at = JSON.parse(this._field.value);
  }

  offer() {
    this._part.hidden = false;
    this._remove.addEventListener("click", () => this._forget());
  }

  _put({ x, y }) {
    const frame = JSON.parse(this._pin.svg.dataset.frame);
    const point = { x: Number(x.toFixed(4)), y: Number(y.toFixed(4)) };
    this._pin.show(point);
    this._field.value = JSON.stringify({ ...point, frame });
    this._remove.hidden = false;
    this._say(this._pin.near());
  }

  _say(name) {
    const { wordsNear, wordsSet } = this._part.dataset;
    write(
      this._part.querySelector("[role=status]"),
      name ? wordsNear.replace("{}", name) : wordsSet,
    );
  }

  _forget() {
    this._pin.hide();
    this._field.value = "";
    this._remove.hidden = true;
    write(this._part.querySelector("[role=status]"), "");
    this._pin.button.focus();
  }
}

function offer() {
  const part = document.querySelector("[data-pin]");
  if (part && part.hidden) new Point(part).offer();
}

offer();
// What was refused brings its form again; see static/js/sending/forms.js.
document.addEventListener("lianxin:form-again", offer);
