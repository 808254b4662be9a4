// Search without a network: the twin of domain/search/match.py, held to the same answers by
// tests/search_cases.yaml. Change one, change the other.
import { fill, make } from "../lib/dom.js";

const LONGEST = 40,
  UNIGRAM = 0.25,
  SOUND = 0.7,
  ENOUGH = 0.34,
  FAINT = 0.3,
  MOST = 12;

const normalise = (typed) =>
  typed
    .slice(0, LONGEST * 4)
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^0-9a-z\u3400-\u9fff]+/g, " ")
    .trim()
    .slice(0, LONGEST)
    .trim();
const withoutSpaces = (text) => text.split(" ").join("");
const grams = (text) => new Set([...text, ...pairs([...text], "")]);
const pairs = (parts, by) => parts.slice(1).map((part, i) => parts[i] + by + part);
const fold = (sound) => sound.replace(/^([zcs])h/, "$1").replace(/ng$/, "n");
const soundPairs = (sounds) => new Set(pairs(sounds.map(fold), " "));

const consume = (typed, sounds, start) => {
  if (!typed) return [0, true];
  if (start === sounds.length) return [0, false];
  for (const spelling of new Set([sounds[start], fold(sounds[start])])) {
    let length = spelling.length;
    while (length && !typed.startsWith(spelling.slice(0, length))) length -= 1;
    for (let taken = length; taken > 0; taken -= 1) {
      const rest = typed.slice(taken);
      const [used, whole] = consume(rest, sounds, start + 1);
      if (used || !rest) return [used + 1, whole && taken === spelling.length];
    }
  }
  return [0, false];
};
const spelt = (typed, sounds) => {
  let best = 0;
  sounds.forEach((sound, start) => {
    if (sound[0] !== typed[0]) return;
    const [used, whole] = consume(typed, sounds, start);
    if (!used) return;
    const ends = start + used === sounds.length;
    best = Math.max(best, (whole ? 2 : 1.6) * (start ? 0.6 : 1) + (ends && !start ? 1 : 0));
  });
  return best;
};

export class Index {
  constructor({ fillers, sounds, kinds = {}, entries }) {
    this.fillers = fillers;
    this.kinds = kinds;
    this.sounds = new Map(
      Object.entries(sounds).flatMap(([sound, all]) => [...all].map((one) => [one, sound])),
    );
    const held = new Map();
    this.entries = entries.map(([path, kind, name, about, terms]) => {
      const made = terms.map(([text, weight, spoken]) => {
        const syllables = spoken.split(" ");
        return {
          text,
          weight,
          sounds: syllables,
          grams: grams(text),
          pairs: soundPairs(syllables),
        };
      });
      for (const gram of new Set(made.flatMap((term) => [...term.grams, ...term.pairs]))) {
        held.set(gram, (held.get(gram) ?? 0) + 1);
      }
      return { path, kind, name, about, terms: made };
    });
    this.rarest = Math.log(1 + entries.length);
    this.rarity = new Map(
      [...held].map(([gram, times]) => [gram, Math.log(1 + entries.length / times)]),
    );
  }
  readings(typed) {
    const text = normalise(typed);
    const joined = withoutSpaces(text);
    if (/^[0-9]*[a-z][0-9a-z]*$/.test(joined)) return [{ text: joined, latin: true }];
    if (!joined) return [];
    const letters = (joined.match(/[a-z]+/g) ?? []).join("");
    if (!letters) return [this.inCharacters(text)];
    const spelled = this.spoken(joined).join("");
    const parts = [{ text: letters, latin: true }, this.inCharacters(text.replace(/[a-z]+/g, " "))];
    if (letters.length <= 2 * (joined.length - letters.length)) parts.reverse();
    return [{ text: spelled, latin: true }, ...parts];
  }
  spoken(text) {
    return [...text].map((one) => this.sounds.get(one) ?? one);
  }
  inCharacters(text) {
    const bare =
      withoutSpaces(this.fillers.reduce((left, filler) => left.split(filler).join(" "), text)) ||
      withoutSpaces(text);
    return { text: bare, latin: false, grams: grams(bare), pairs: soundPairs(this.spoken(bare)) };
  }
  // A phone may hold an index that was kept before it had the words of its kinds.
  kindWords(kind) {
    return this.kinds[kind]?.[document.documentElement.lang] ?? "";
  }
  find(typed) {
    for (const query of this.readings(typed)) {
      const found = this.answers(query);
      if (found.length) return found;
    }
    return [];
  }
  answers(query) {
    if (!query.text) return [];
    const scored = this.entries.map((entry) => [this.score(query, entry), entry]);
    const best = Math.max(0, ...scored.map(([score]) => score));
    return scored
      .filter(([score]) => score > 0 && score >= best * FAINT)
      .sort((a, b) => b[0] - a[0])
      .slice(0, MOST)
      .map(([, entry]) => entry);
  }
  score(query, { terms }) {
    if (query.latin)
      return Math.max(...terms.map((term) => term.weight * spelt(query.text, term.sounds)));
    const fits = terms.map((term) => term.weight * this.kinship(query, term));
    return Math.max(...fits) + (0.1 * fits.reduce((sum, fit) => sum + fit, 0)) / fits.length;
  }
  kinship(query, term) {
    if (query.text === term.text) return 3;
    if (term.text.includes(query.text)) return 2 + (0.5 * query.text.length) / term.text.length;
    let alike = this.share(query.grams, term.grams);
    const sound = SOUND * this.share(query.pairs, term.pairs);
    if (term.text.length > 1 && query.text.includes(term.text))
      alike = Math.max(alike + 0.1, ENOUGH);
    const best = Math.max(alike, sound);
    return best >= ENOUGH ? 1.8 * best : 0;
  }
  share(asked, held) {
    let common = 0,
      all = 0;
    for (const gram of asked) {
      const rarity = this.rarity.get(gram) ?? this.rarest;
      const worth = gram.length === 1 ? UNIGRAM * rarity : rarity;
      all += worth;
      if (held.has(gram)) common += worth;
    }
    return common ? common / all : 0;
  }
}

// The results of the search page, found on the phone. The index is fetched when it is first needed.
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
        .then((kept) => new Index(kept));
    }
    return this._index;
  }

  _show(words, found, index) {
    const results = this._results();
    results.dataset.for = words;
    const rows = found.map((entry) => this._row(entry, index));
    const list = () => make("ul", { className: "rows card" }, ...rows);
    fill(results, rows.length ? list() : this._nothing(words, results.dataset));
  }

  _row({ path, kind, name, about }, index) {
    const text = make(
      "span",
      { className: "grow" },
      make("b", { textContent: name }),
      make("span", { className: "soft", textContent: about }),
    );
    const kindWords = make("span", { className: "days", textContent: index.kindWords(kind) });
    const href = `/c/${this._community}${path}`;
    return make("li", {}, make("a", { className: "row", href }, text, kindWords));
  }

  _nothing(typed, { wordsNone, wordsTry, phone, dialled }) {
    return make(
      "div",
      { className: "card empty" },
      make("p", {}, make("b", { textContent: wordsNone.replace("{}", typed) })),
      make("p", { textContent: wordsTry }),
      make("a", { className: "btn", href: `tel:${dialled}`, textContent: phone }),
    );
  }
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
