// Search by large keys. It asks the index that the terminal keeps, so it is the same without a
// network, and what someone looks for never leaves the terminal.
import { fill, make } from "../lib/dom.js";
import { spoken } from "../handbook/find/language.js";
import { Index } from "../handbook/find/match.js";
import { Strokes } from "./strokes.js";

const TYPED = "terminal-typed";

// What a terminal has a page for, or needs none.
const isHere = ({ path, isSitewide }) =>
  !isSitewide && /^\/(handbook\/|facilities|people|hall\/figures|elsewhere)/.test(path);

class Search {
  constructor(place, strokes) {
    this._place = place;
    this._strokes = strokes;
    this._field = place.querySelector("#typed");
    this._results = place.querySelector("[data-terminal-results]");
    this._offered = [...this._results.childNodes];
    this._index = null;
    place.addEventListener("click", (event) => this._press(event.target.closest("button")));
    this._field.addEventListener("input", () => this._find());
    this._field.value = sessionStorage.getItem(TYPED) || "";
    if (strokes.written) this._choose("strokes");
    else this._find();
  }

  _press(button) {
    if (!button) return;
    if (button.closest(".terminal-modes")) this._choose(button.value);
    else if (button.closest("[data-terminal-by=strokes]")) this._show(button.value);
    else if (button.closest(".terminal-keys")) this._type(button.value);
    else if (button.matches(".terminal-word")) this._offer(button.value);
  }

  _choose(mode) {
    for (const part of this._place.querySelectorAll("[data-terminal-by]")) {
      part.hidden = part.dataset.terminalBy !== mode;
    }
    for (const button of this._place.querySelectorAll(".terminal-modes button")) {
      button.setAttribute("aria-pressed", button.value === mode);
    }
    if (mode === "strokes") this._show();
    else {
      this._strokes.press("clear");
      this._find();
    }
  }

  // What is written by strokes; the words typed by sound are over with it.
  _show(key) {
    if (key) this._strokes.press(key);
    this._field.value = "";
    sessionStorage.removeItem(TYPED);
    fill(this._results, ...(this._strokes.found() || this._offered));
  }

  _type(key) {
    const before = this._field.value;
    if (key === "clear") this._write("");
    else this._write(key === "back" ? before.slice(0, -1) : before + key);
  }

  _offer(word) {
    this._choose("sound");
    this._write(word);
  }

  _write(words) {
    this._field.value = words.slice(0, this._field.maxLength);
    this._find();
  }

  async _find() {
    const words = this._field.value.trim();
    sessionStorage.setItem(TYPED, words);
    if (!words) {
      fill(this._results, ...this._offered);
      return;
    }
    const index = await this._open();
    if (!index || this._field.value.trim() !== words) return;
    const { entries, isGuess } = index.find(words);
    const rows = entries.filter(isHere).map((entry) => this._row(entry, index));
    if (!rows.length) return void fill(this._results, this._nothing(words));
    const { wordsGuess } = this._results.dataset;
    const heading = isGuess ? [make("p", { textContent: wordsGuess })] : [];
    fill(this._results, ...heading, make("ul", { className: "rows card" }, ...rows));
  }

  // Null when there is none; then the next one asks again.
  _open() {
    if (!this._index) {
      this._index = fetch(`/c/${this._place.dataset.terminalSearch}/search.json`)
        .then((answer) => answer.json())
        .then((kept) => Index.of(kept))
        .catch(() => (this._index = null));
    }
    return this._index;
  }

  _row({ path, kind, name, about }, index) {
    const text = make(
      "span",
      { className: "grow" },
      make("b", spoken(index.said(name))),
      make("span", { className: "soft", ...spoken(index.said(about)) }),
    );
    const kinds = make("span", { className: "days", ...spoken(index.said(kind)) });
    // Who does what is done elsewhere stands in the row itself; a terminal has no page for it.
    if (path.startsWith("/elsewhere"))
      return make("li", {}, make("p", { className: "row" }, text, kinds));
    const href = this._place.dataset.home + path.split("#")[0];
    return make("li", {}, make("a", { className: "row", href }, text, kinds));
  }

  _nothing(words) {
    const { wordsNone, wordsTry } = this._results.dataset;
    const none = make("b", { textContent: wordsNone.replace("{}", words) });
    const help = make("p", { textContent: wordsTry });
    return make("div", { className: "card empty" }, make("p", {}, none), help);
  }
}

const place = document.querySelector("[data-terminal-search]");
if (place) new Search(place, new Strokes(place));
