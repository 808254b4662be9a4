// The search page without a network, found by the index that the phone keeps.
import { fill, make } from "../../lib/dom.js";
import { spoken } from "./language.js";
import { Index } from "./match.js";

const isElsewhere = ({ path }) => path.startsWith("/elsewhere#");
// As the index has it, in every language.
const isUrgent = ({ kind }) => kind === "Call first";

// The index is fetched when it is first needed.
class KeptSearch {
  constructor(field) {
    this._field = field;
    this._community = this._results().dataset.community;
    this._index = null;
  }

  async answer() {
    const words = this._field.value.trim();
    if (!words || this._results().dataset.for === words) return;
    let index, found;
    try {
      index = await this._open();
      found = index.find(words);
    } catch {
      this._index = null;
      return;
    }
    if (this._field.value.trim() === words) this._show(words, found, index);
  }

  _results() {
    return document.querySelector("#results");
  }

  _open() {
    if (!this._index) {
      this._index = fetch(`/c/${this._community}/search.json`)
        .then((answer) => answer.json())
        .then((kept) => Index.of(kept));
    }
    return this._index;
  }

  _show(words, found, index) {
    const results = this._results();
    results.dataset.for = words;
    const { entries, isGuess } = found;
    if (!entries.length) return fill(results, this._nothing(words, results.dataset));
    const { wordsGuess, wordsElsewhere, wordsUrgent, wordsHere } = results.dataset;
    const list = (some) =>
      make("ul", { className: "rows card" }, ...some.map((entry) => this._row(entry, index)));
    if (isGuess)
      return fill(results, strong(wordsGuess), list(entries), ...this._ask(results.dataset));
    if (!isElsewhere(entries[0])) return fill(results, list(entries));
    const here = entries.filter((entry) => !isElsewhere(entry));
    return fill(
      results,
      strong(isUrgent(entries[0]) ? wordsUrgent : wordsElsewhere),
      list(entries.filter(isElsewhere)),
      ...(here.length ? [strong(wordsHere), list(here)] : []),
    );
  }

  _row({ path, kind, name, about, isSitewide }, index) {
    const text = make(
      "span",
      { className: "grow" },
      make("b", spoken(index.said(name))),
      make("span", { className: "soft", ...spoken(index.said(about)) }),
    );
    const kindWords = make("span", { className: "days", ...spoken(index.said(kind)) });
    const href = isSitewide ? path : `/c/${this._community}${path}`;
    return make("li", {}, make("a", { className: "row", href }, text, kindWords));
  }

  _nothing(typed, data) {
    const suggestions = document.querySelector("[data-suggestions]");
    return make(
      "div",
      { className: "card empty" },
      strong(data.wordsNone.replace("{}", typed)),
      make("p", { textContent: data.wordsTry }),
      ...(suggestions ? [suggestions.content.cloneNode(true)] : []),
      ...this._ask(data),
      make(
        "p",
        {},
        make("a", {
          className: "link",
          href: `/c/${this._community}/handbook`,
          textContent: data.wordsAll,
        }),
      ),
    );
  }

  _ask({ wordsAsk, phone, dialled }) {
    return [
      make("p", { textContent: wordsAsk }),
      make("a", { className: "btn", href: `tel:${dialled}`, textContent: phone }),
    ];
  }
}

function strong(words) {
  return make("p", {}, make("b", { textContent: words }));
}

function begin(field) {
  const search = new KeptSearch(field);
  const isOffline = () => document.documentElement.hasAttribute("data-offline");
  field.addEventListener("input", () => {
    if (isOffline()) search.answer();
  });
  field.form.addEventListener("submit", (event) => {
    if (!isOffline()) return;
    event.preventDefault();
    search.answer();
  });
  document.addEventListener("lianxin:offline", () => search.answer());
  // A kept copy of this page knows nothing of the words in its address.
  const asked = new URLSearchParams(location.search).get("q") || "";
  if (asked && asked !== document.querySelector("#results").dataset.for) {
    field.value = asked;
    search.answer();
  }
}

const field = document.querySelector("form[data-search] input[name=q]");
if (field && document.querySelector("#results")) begin(field);
