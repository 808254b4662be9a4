// Words by the strokes of their characters, for those who never learnt pinyin. Each tile brings the
// strokes of its word, so the terminal needs no network and no table.
import { make } from "../lib/dom.js";

const WRITTEN = "terminal-strokes";
const SHAPES = { 1: "一", 2: "丨", 3: "丿", 4: "丶", 5: "乛" };
const LONGEST = 40;
// As many tiles as are read at a glance.
const MOST = 24;

// A character gives way to the next after so many of its strokes, or when it is written to its end.
const LEAST = 3;

// Whether the strokes begin these characters: those of the first, then of the next.
export function begins([first, ...others], strokes) {
  if (!first || first.startsWith(strokes)) return Boolean(first);
  for (let some = first.length; some >= Math.min(LEAST, first.length); some -= 1) {
    if (strokes.startsWith(first.slice(0, some)) && begins(others, strokes.slice(some)))
      return true;
  }
  return false;
}

// Words whose first character begins so come first, then those that begin so in their first
// characters, then those within which one begins so. Null where none does.
export function place(characters, strokes) {
  if (characters[0].startsWith(strokes)) return 0;
  const at = characters.findIndex((_, from) => begins(characters.slice(from), strokes));
  return at < 0 ? null : at + 1;
}

export class Strokes {
  constructor(page) {
    this._shown = page.querySelector("[data-terminal-written]");
    this._none = page.querySelector("[data-terminal-results]").dataset.wordsStrokes;
    this._words = [...page.querySelectorAll("[data-terminal-strokes] li")].map((item) => {
      return { item, characters: item.dataset.written.split(" ") };
    });
    this._write(sessionStorage.getItem(WRITTEN) || "");
  }

  press(key) {
    if (key === "clear") this._write("");
    else this._write(key === "back" ? this.written.slice(0, -1) : this.written + key);
  }

  _write(strokes) {
    this.written = strokes.slice(0, LONGEST);
    if (this.written) sessionStorage.setItem(WRITTEN, this.written);
    else sessionStorage.removeItem(WRITTEN);
    this._shown.textContent = [...this.written].map((one) => SHAPES[one]).join(" ");
  }

  // The tiles that fit, or words that none does; nothing before the first stroke.
  found() {
    if (!this.written) return null;
    const fitting = this._words
      .map(({ item, characters }) => ({ item, at: place(characters, this.written) }))
      .filter(({ at }) => at !== null)
      .sort((a, b) => a.at - b.at || a.item.textContent.length - b.item.textContent.length);
    if (!fitting.length) return [make("p", { className: "card empty", textContent: this._none })];
    const tiles = fitting.slice(0, MOST).map(({ item }) => item.cloneNode(true));
    return [make("ul", { className: "terminal-words" }, ...tiles)];
  }
}
