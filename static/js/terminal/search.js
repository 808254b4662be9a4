// Search by large keys. It asks the index that the terminal keeps, so it is the same without a
// network, and what someone looks for never leaves the terminal.
import { fill, make } from "../lib/dom.js";
import { Index } from "../handbook/find/match.js";

const TYPED = "terminal-typed";
// The first character of each count, 1 to 16, in the order of strokes.
const FIRST = [..."一丁万不丗丞丣並临乘乾亁亂僎僵亸"];

// What a terminal has a page for, or needs none.
const isHere = ({ path, isSitewide }) =>
  !isSitewide && /^\/(handbook\/|facilities|people|hall\/figures|elsewhere)/.test(path);

class Search {
  constructor(place) {
    this._place = place;
    this._field = place.querySelector("#typed");
    this._results = place.querySelector("[data-terminal-results]");
    this._offered = [...this._results.childNodes];
    this._index = null;
    place.addEventListener("click", (event) => this._press(event.target.closest("button")));
    this._field.addEventListener("input", () => this._find());
    this._field.value = sessionStorage.getItem(TYPED) || "";
    this._find();
  }

  _press(button) {
    if (!button) return;
    if (button.closest(".terminal-modes")) this._choose(button.value);
    else if (button.closest(".terminal-keys")) this._type(button.value);
    else if (button.matches(".terminal-word")) this._write(button.value);
  }

  _choose(mode) {
    for (const part of this._place.querySelectorAll("[data-terminal-by]")) {
      part.hidden = part.dataset.terminalBy !== mode;
    }
    for (const button of this._place.querySelectorAll(".terminal-modes button")) {
      button.setAttribute("aria-pressed", button.value === mode);
    }
    this._field.value = "";
    this._find();
    if (mode === "strokes") fill(this._results);
    for (const key of this._place.querySelectorAll(".terminal-strokes button")) {
      key.setAttribute("aria-pressed", "false");
    }
  }

  _type(key) {
    const before = this._field.value;
    if (key === "clear") this._write("");
    else this._write(key === "back" ? before.slice(0, -1) : before + key);
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

  async _open() {
    try {
      if (!this._index) {
        const answer = await fetch(`/c/${this._place.dataset.terminalSearch}/search.json`);
        this._index = new Index(await answer.json());
      }
      return this._index;
    } catch {
      return null;
    }
  }

  _row({ path, kind, name, about }, index) {
    const soft = make("span", { className: "soft", textContent: index.said(about) });
    const text = make(
      "span",
      { className: "grow" },
      make("b", { textContent: index.said(name) }),
      soft,
    );
    const kinds = make("span", { className: "days", textContent: index.said(kind) });
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

// How many strokes a character has, by the browser's own order of strokes; null where it has none.
export function strokeCounter() {
  const order = new Intl.Collator("zh-u-co-stroke");
  if (order.resolvedOptions().collation !== "stroke") return null;
  return (character) => FIRST.filter((first) => order.compare(character, first) >= 0).length;
}

// The everyday words by the strokes of their first character: for those who never learnt pinyin.
// Browsers count 艹, 辶, 礻 and 衤 the old way, one stroke more, and people miscount: neighbours are
// shown as well, the exact ones first.
class Strokes {
  constructor(place, count) {
    this._results = place.querySelector("[data-terminal-results]");
    this._keys = place.querySelector("[data-terminal-strokes]");
    this._words = [...place.querySelectorAll("[data-terminal-everyday] li")]
      .map((item) => ({ item, strokes: count(item.textContent.trim()[0]) }))
      .filter(({ strokes }) => strokes);
    const counts = [...new Set(this._words.map(({ strokes }) => strokes))];
    counts.sort((a, b) => a - b);
    fill(this._keys, ...counts.map((each) => this._key(each)));
  }

  _key(strokes) {
    const key = make("button", { type: "button", className: "terminal-way", textContent: strokes });
    key.setAttribute("aria-pressed", "false");
    key.addEventListener("click", () => this._show(key, strokes));
    return key;
  }

  _show(key, wanted) {
    for (const each of this._keys.children) each.setAttribute("aria-pressed", each === key);
    const away = ({ strokes }) => Math.abs(strokes - wanted);
    const near = this._words.filter((word) => away(word) <= 1);
    near.sort((a, b) => away(a) - away(b));
    const items = near.map(({ item }) => item.cloneNode(true));
    fill(this._results, make("ul", { className: "terminal-words" }, ...items));
  }
}

const place = document.querySelector("[data-terminal-search]");
if (place) {
  new Search(place);
  const count = strokeCounter();
  if (count) new Strokes(place, count);
  else place.querySelector(".terminal-modes").hidden = true;
}
