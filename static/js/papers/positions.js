// Below each position in a form stands our own drawing. A tap on it fills the position's fields as if
// it were typed, and what is typed or pasted is shown as a pin. Only the server knows how positions
// are read and converted, so it says where that is.
import { write } from "../lib/dom.js";
import { Pin } from "../places/pin.js";
import { sent } from "../staff/session.js";

const PAUSE = 300;
const NAMES = ["latitude", "longitude", "datum"];

class Position {
  constructor(group, part) {
    this._part = part;
    this._fields = NAMES.map((name) => group.querySelector(`[name$=".${name}"]`));
    this._back = part.querySelector("[data-pin-back]");
    this._frame = JSON.parse(part.querySelector("svg").dataset.frame);
    // A key that is pressed once moves the pin by a metre.
    this._pin = new Pin(part, (at) => this._put(at), this._frame.scale);
    this._degree = JSON.parse(part.dataset.degreeUnits);
    // What stood in the fields before the last taps.
    this._before = null;
    this._isFilling = false;
    group.addEventListener("input", () => this._typed());
    part.addEventListener("toggle", () => this._look());
    this._back.addEventListener("click", () => this._putBack());
  }

  _values() {
    return this._fields.map((field) => field.value);
  }

  _put({ x, y }) {
    this._before = this._before || this._values();
    this._back.hidden = false;
    const [east, north] = this._degree;
    const latitude = this._frame.latitude + ((0.5 - y) * this._pin.height) / north;
    const longitude = this._frame.longitude + ((x - 0.5) * this._pin.width) / east;
    this._fill([latitude.toFixed(6), longitude.toFixed(6), "WGS-84"]);
    this._say();
  }

  // As if typed: what saves the form and what lists its rows hear of it.
  _fill(values) {
    this._isFilling = true;
    this._fields.forEach((field, index) => {
      field.value = values[index];
      for (const name of ["input", "change"]) {
        field.dispatchEvent(new Event(name, { bubbles: true }));
      }
    });
    this._isFilling = false;
  }

  _putBack() {
    this._fill(this._before);
    this._forgetBefore();
    this._look();
    this._pin.button.focus();
  }

  _forgetBefore() {
    this._before = null;
    this._back.hidden = true;
  }

  _typed() {
    if (this._isFilling) return;
    this._forgetBefore();
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._look(), PAUSE);
  }

  // Shows where what stands in the fields lies. An answer to what was changed meanwhile is too late.
  async _look() {
    if (!this._part.open) return;
    const asked = this._values();
    const found = await whereIs(asked);
    if (this._values().join() !== asked.join()) return;
    if (found) this._showAt(found);
    else this._clear("");
  }

  _showAt([latitude, longitude]) {
    const [east, north] = this._degree;
    const x = 0.5 + ((longitude - this._frame.longitude) * east) / this._pin.width;
    const y = 0.5 - ((latitude - this._frame.latitude) * north) / this._pin.height;
    if (Math.min(x, y) < 0 || Math.max(x, y) > 1) {
      this._clear(this._part.dataset.wordsOutside);
    } else {
      this._pin.show({ x, y });
      this._say();
    }
  }

  _clear(words) {
    this._pin.hide();
    this._write(words);
  }

  _say() {
    const { wordsNear, wordsSet } = this._part.dataset;
    const name = this._pin.near();
    this._write(name ? wordsNear.replace("{}", name) : wordsSet);
  }

  _write(words) {
    write(this._part.querySelector("[role=status]"), words);
  }
}

// Degrees north and east (WGS-84); null for none, and without an answer.
async function whereIs(values) {
  if (!values.some(Boolean)) return null;
  const query = new URLSearchParams(values.map((value, index) => [NAMES[index], value]));
  try {
    const answer = await sent(`/staff/position?${query}`, { redirect: "manual" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function offer(group, part) {
  group.append(part);
  if (!part.matches("details")) return;
  const help = part.querySelector("[id]");
  help.id = `${group.id}-map-help`;
  part.querySelector(".tap button").setAttribute("aria-describedby", help.id);
  new Position(group, part);
}

// Called again when rows were added: each position gets a copy of the page's one drawing.
export function offerDrawings(form) {
  const template = document.querySelector("[data-place-by-tap]");
  if (!template) return;
  for (const group of form.querySelectorAll("[data-position]")) {
    const isOffered = group.querySelector(".place-by-tap");
    if (!isOffered) offer(group, template.content.cloneNode(true).firstElementChild);
  }
}
