// Where, by a tap on our own drawing. What is sent is the point on the drawing.
import { write } from "../lib/dom.js";
import { Pin } from "../places/pin.js";

class Point {
  constructor(part) {
    this._part = part;
    this._field = part.querySelector("[name=point]");
    this._remove = part.querySelector("[data-pin-remove]");
    this._pin = new Pin(part, (at) => this._put(at));
  }

  offer() {
    this._part.hidden = false;
    this._remove.addEventListener("click", () => this._forget());
    this._showGiven();
    this._field.addEventListener("lianxin:written", () => this._showGiven());
  }

  // Of a form that was refused, or left and opened again. The server draws what was put on a drawing
  // of before; what only this tab kept of one is let go, since nobody would see it.
  _showGiven() {
    if (!this._field.value) return;
    const { frame, ...point } = JSON.parse(this._field.value);
    if (JSON.stringify(frame) === JSON.stringify(this._frame())) this._show(point);
    else if (!this._pin.isDrawn) this._field.value = "";
  }

  _frame() {
    return JSON.parse(this._pin.svg.dataset.frame);
  }

  _show(point) {
    this._pin.show(point);
    this._remove.hidden = false;
    this._say(this._pin.near());
  }

  _put({ x, y }) {
    const point = { x: Number(x.toFixed(4)), y: Number(y.toFixed(4)) };
    this._give(JSON.stringify({ ...point, frame: this._frame() }));
    this._show(point);
  }

  _give(value) {
    this._field.value = value;
    this._field.dispatchEvent(new Event("input", { bubbles: true }));
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
    this._give("");
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
