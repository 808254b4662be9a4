// Search without a network: the twin of domain/search/match.py, held to the same answers by
// tests/search_cases.yaml. Change one, change the other.
import { alike, wordsOf } from "./english.js";
import {
  asMeant,
  goneOf,
  grams,
  normalise,
  othersAlike,
  pairs,
  unitsOf,
  withoutFillers,
  withoutSpaces,
} from "./reading.js";
import { fold, spelt, syllablesOf, withoutSpoken } from "./spelling.js";

const UNIGRAM = 0.25,
  SOUND = 0.7,
  NAMES = 2,
  FAINT = 0.3,
  FAINT_GUESS = 0.5,
  ENOUGH = 0.6,
  HARDLY = 0.5,
  TELLING = 0.7,
  FEW = 4,
  HEARD_LEAST = 0.25,
  SHORT = 2,
  CANDIDATES = 40,
  WEIGHED = 12,
  UNHELD = 0.3,
  MEANT = 0.9,
  SAME = 4,
  SOUNDING = 3,
  WITHIN = 2,
  NEAR = 1.6,
  SHORTEST_NEAR = 3,
  LONGEST_NEAR = 8,
  ENGLISH = 3,
  MOST = 12,
  MOST_GUESSES = 5;
// Milliseconds at a time of making an index, which takes a slow phone a second.
const SLICE = 16;

const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
const foldedPairs = (sounds) => pairs(sounds.map(fold), " ");

function withOneOpen(text) {
  if (text.length < SHORTEST_NEAR || text.length > LONGEST_NEAR) return [];
  return Array.from(text, (_, at) => `${text.slice(0, at)}?${text.slice(at + 1)}`);
}

// Two characters of a name are easily typed the wrong way round.
const inAnyOrder = (text) => [...text].sort().join("");
const pairsOf = (word) => (word.length === 1 ? [word] : pairs([...word], ""));

// Everything of two characters and more that the texts say.
function stringsOf(texts) {
  const found = new Set();
  for (const text of texts) {
    for (let length = 2; length <= text.length; length += 1) {
      for (let start = 0; start + length <= text.length; start += 1) {
        found.add(text.slice(start, start + length));
      }
    }
  }
  return found;
}

function raise(worths, number, worth) {
  worths.set(number, Math.max(worths.get(number) || 0, worth));
}

function put(postings, keys, number, weight) {
  for (const key of keys) {
    if (!postings.has(key)) postings.set(key, new Map());
    raise(postings.get(key), number, weight);
  }
}

// Rounded, because two languages differ in the last digits of a logarithm.
function best(scores, most, faint = FAINT) {
  const least = Math.max(0, ...scores.values()) * faint;
  return [...scores]
    .filter(([, score]) => score > 0 && score >= least)
    .map(([number, score]) => [number, Math.round(score * 1e9)])
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, most)
    .map(([number]) => number);
}

// What the entries hold: by gram, sound or word the numbers of the entries, and the weight.
class Layer {
  constructor() {
    for (const name of ["grams", "exact", "folded", "words", "near", "written", "sounding"]) {
      this[name] = new Map();
    }
    this.known = new Set();
  }

  hold(number, term) {
    const { text, weight, sounds, held, joined } = term;
    if (!this.written.has(joined)) this.written.set(joined, new Map());
    const alike = this.written.get(joined);
    if (!alike.has(number) || alike.get(number).weight < weight) alike.set(number, term);
    // Of running text one character says nothing: 事 is in every other sentence.
    const telling = weight < NAMES ? [...held].filter((gram) => gram.length > 1) : held;
    put(this.grams, telling, number, weight);
    if (weight < NAMES) return;
    for (const gram of held) if (gram.length > 1) this.known.add(gram);
    put(this.words, wordsOf(text), number, weight);
    put(this.exact, pairs(sounds, " "), number, weight);
    put(this.folded, foldedPairs(sounds), number, weight);
    if (sounds.length) put(this.sounding, [sounds.map(fold).join(" ")], number, weight);
    put(this.near, [...withOneOpen(joined), inAnyOrder(joined)], number, weight);
  }
}

// A name sounds as its characters do by themselves, unless the index says otherwise.
function termOf([text, weight, spoken], speak) {
  const held = new Set(text.split(" ").flatMap((part) => grams(unitsOf(part))));
  const joined = withoutSpaces(text);
  const isHeard = weight >= NAMES && !/[a-z]/.test(text);
  let sounds = spoken ? spoken.split(" ") : [];
  if (spoken === undefined && isHeard) sounds = speak([...joined]);
  return { text, weight, sounds, held, joined };
}

// The common characters with their sounds: those of GB 2312, level 1, which stand in that order.
function soundsOf(told) {
  const runs = told.split(" ").map((run) => run.match(/^(.*?)(\d+)$/));
  const sounds = runs.flatMap(([, sound, times]) => Array(Number(times)).fill(sound));
  const bytes = [];
  for (let row = 0xb0; row < 0xd8; row += 1) {
    for (let column = 0xa1; column < 0xff; column += 1) bytes.push(row, column);
  }
  const characters = [...new TextDecoder("gb2312").decode(new Uint8Array(bytes))];
  return new Map(sounds.map((sound, at) => [characters[at], sound]));
}

// As an index told it that was kept before this.
const soundsBefore = (told) =>
  new Map(Object.entries(told).flatMap(([sound, all]) => [...all].map((one) => [one, sound])));

// What a person typed, ready to be compared; `sounds` are the syllables of each part.
function queryOf(text, parts, sounds, others, meant, beside) {
  const syllables = sounds.flat().map(fold);
  const other = others.flatMap((one) => grams(unitsOf(one)));
  const whole = parts.map((part) => part.join("")).join("");
  const asked = [...new Set([...parts.flatMap(grams), ...other])];
  const alone = new Set(parts.filter((part) => part.length === 1).map(([unit]) => unit));
  const isTelling = (gram) => whole.length <= SHORT || gram.length > 1 || alone.has(gram);
  return {
    text,
    parts,
    sounds,
    strings: stringsOf([text, ...others].filter(Boolean)),
    folded: syllables.length > 1 ? syllables.join(" ") : "",
    meant,
    beside,
    whole,
    grams: asked,
    telling: asked.filter(isTelling),
    pairs: new Set(sounds.flatMap((part) => pairs(part, " "))),
  };
}

function restingEvery(milliseconds) {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < milliseconds) return;
    await new Promise((goOn) => setTimeout(goOn));
    began = performance.now();
  };
}

export class Index {
  // A phone may hold an index that was kept before it had some of these.
  constructor({
    fillers,
    sounds,
    alike: said = {},
    relatives = "",
    simplified = ["", ""],
    words = {},
  }) {
    this._fillers = fillers;
    this._alike = said;
    this._relatives = relatives.split(" ").filter(Boolean);
    this._gone = goneOf(this._relatives);
    this._words = words;
    const simple = [...simplified[1]];
    this._simplified = new Map([...simplified[0]].map((one, at) => [one, simple[at]]));
    this._sounds = typeof sounds === "string" ? soundsOf(sounds) : soundsBefore(sounds);
    this.entries = [];
    this._layer = new Layer();
  }

  // The index of what a phone keeps. A hand that types meanwhile is let in.
  static async of(kept) {
    const rest = restingEvery(SLICE);
    const index = new Index(kept);
    for (const entry of kept.entries) {
      await rest();
      index._add(entry);
    }
    await rest();
    index._learn();
    await rest();
    return index;
  }

  _add([path, kind, name, about, told, isSitewide]) {
    const terms = told.map((one) => termOf(one, (units) => this._spoken(units)));
    for (const term of terms) this._layer.hold(this.entries.length, term);
    this.entries.push({ path, kind, name, about, isSitewide, terms });
  }

  _learn() {
    const { grams: held, exact } = this._layer;
    const ages = [...held.keys()].flatMap((gram) => gram.match(/\d+(?=岁)/g) || []);
    this._ages = [...new Set(ages.map(Number))].sort((a, b) => b - a);
    const spoken = this._fillers.map((filler) => this._spoken([...filler]));
    const once = new Map(spoken.map((filler) => [filler.join(" "), filler]));
    this._spokenFillers = [...once.values()].sort((a, b) => b.length - a.length);
    const pairsHeld = [...exact.keys()].flatMap((pair) => pair.split(" "));
    this._syllables = new Set([...spoken.flat(), ...pairsHeld]);
  }

  // The word in the language of the page, where it is one of the interface.
  said(word) {
    const by = this._words[word] || {};
    return by[document.documentElement.lang] || word;
  }

  // The entries that answer what was typed, best first, and whether they only may.
  find(typed) {
    for (const query of this._readings(typed)) {
      const scores = query.latin ? this._inLatin(query) : this._inCharacters(query);
      const found = best(scores, MOST);
      if (!found.length) continue;
      const entries = found.map((number) => this.entries[number]);
      const held = this._held(query, found[0]);
      if (held >= ENOUGH) return { isGuess: false, entries };
      if (held >= HARDLY || this._isWritten(query, found[0])) {
        const { length } = best(scores, MOST_GUESSES, FAINT_GUESS);
        return { isGuess: true, entries: entries.slice(0, length) };
      }
    }
    return { isGuess: false, entries: [] };
  }

  _spoken(units) {
    return units.map((one) => this._sounds.get(one) || one);
  }

  // Letters among characters are a half-typed word (低bao): by sound as a whole, else each part.
  _readings(typed) {
    const text = normalise(typed, this._simplified);
    const joined = withoutSpaces(text);
    if (!joined) return [];
    if (/^[0-9]*[a-z][0-9a-z]*$/.test(joined)) {
      return [{ text: joined, latin: text.split(" ") }, ...this._speltOut(text)];
    }
    const letters = (joined.match(/[a-z]+/g) || []).join("");
    if (!letters) return [this._characters(text)];
    const spelled = this._spoken([...joined]).join("");
    const parts = [
      { text: letters, latin: [letters] },
      this._characters(text.replace(/[a-z]+/g, " ")),
    ];
    if (letters.length <= 2 * (joined.length - letters.length)) parts.reverse();
    return [{ text: spelled, latin: [spelled] }, ...parts];
  }

  _characters(text) {
    const aged = asMeant(text, this._gone);
    const isKnown = (pair) => this._layer.known.has(pair);
    const parts = withoutFillers(aged, this._fillers, isKnown).map(unitsOf);
    const sounds = parts.map((part) => this._spoken(part));
    const meant = othersAlike(aged, this._alike);
    const others = [...meant.map(([, word]) => word), ...this._lowerAges(aged)];
    const beside = this._relatives.filter((one) => aged.includes(one)).join("");
    return queryOf(withoutSpaces(aged), parts, sounds, others, meant, beside);
  }

  _lowerAges(text) {
    const said = (text.match(/\d+(?=岁)/g) || []).map(Number);
    return said.flatMap((years) => {
      const begins = this._ages.find((age) => age <= years);
      return begins === undefined || begins === years ? [] : [`${begins}岁`];
    });
  }

  _speltOut(text) {
    const words = text.split(" ").map((word) => syllablesOf(word, this._syllables));
    const syllables = words.every((word) => word.length)
      ? words.flat()
      : syllablesOf(withoutSpaces(text), this._syllables);
    const parts = withoutSpoken(syllables, this._spokenFillers);
    return parts.some((part) => part.length > 1) ? [queryOf("", [], parts, [], [], "")] : [];
  }

  _inCharacters(query) {
    const { grams: held, near } = this._layer;
    const shared = this._shared(query.grams.map((gram) => [gram, held.get(gram)]));
    const told = new Set(
      query.telling.flatMap((gram) => [...(held.get(gram) || new Map()).keys()]),
    );
    const scores = new Map([...shared].filter(([number]) => told.has(number)));
    for (const [number, score] of this._heard(query)) {
      scores.set(number, Math.max(scores.get(number) || 0, SOUND * score));
    }
    if (!query.whole) return scores;
    const candidates = best(scores, CANDIDATES, 0);
    const kinship = this._kinship(query, candidates);
    for (const number of candidates) {
      scores.set(number, scores.get(number) + (kinship.get(number) || 0));
    }
    for (const key of this._nearKeys(query.whole)) {
      for (const [number, weight] of near.get(key) || []) {
        scores.set(number, (scores.get(number) || 0) + NEAR * weight);
      }
    }
    for (const number of best(scores, WEIGHED, 0)) {
      const share = Math.min(1, this._held(query, number));
      scores.set(number, scores.get(number) * (UNHELD + (1 - UNHELD) * share));
    }
    return scores;
  }

  // A name of which one character is wrong, or two are the other way round.
  _nearKeys(text) {
    const open = withOneOpen(text).filter((_, at) => this._mayBeWrong(text, at));
    return text.length < SHORTEST_NEAR ? open : [...open, inAnyOrder(text)];
  }

  _shared(asked) {
    const scores = new Map();
    let whole = 0;
    for (const [gram, held = new Map()] of asked) {
      const worth = this._worth(gram, held.size);
      whole += worth;
      for (const [number, weight] of held) {
        scores.set(number, (scores.get(number) || 0) + worth * weight);
      }
    }
    for (const [number, score] of scores) scores.set(number, score / whole);
    return scores;
  }

  // Of a long text one pair sounds alike by chance, and alone only what is spelt alike counts.
  _heard(query) {
    const { exact, folded } = this._layer;
    const asked = [...new Set(query.sounds.flatMap(foldedPairs))];
    const times = new Map();
    for (const pair of asked) {
      for (const number of (folded.get(pair) || new Map()).keys()) {
        times.set(number, (times.get(number) || 0) + 1);
      }
    }
    const spelled = new Set();
    for (const pair of query.pairs) {
      for (const number of (exact.get(pair) || new Map()).keys()) spelled.add(number);
    }
    const least = HEARD_LEAST * sum(query.sounds.map((part) => part.length - 1));
    const isHeard = ([number]) =>
      times.get(number) >= least && (times.get(number) > 1 || spelled.has(number));
    return [...this._shared(asked.map((pair) => [pair, folded.get(pair)]))].filter(isHeard);
  }

  _worthOf(gram) {
    return this._worth(gram, (this._layer.grams.get(gram) || new Map()).size);
  }

  _worth(gram, times) {
    const rarity = Math.log(1 + this.entries.length / (times || 1));
    return gram.length === 1 ? UNIGRAM * rarity : rarity;
  }

  _mayBeWrong(text, at) {
    const { known } = this._layer;
    return (
      !known.has(text.slice(Math.max(0, at - 1), at + 1)) && !known.has(text.slice(at, at + 2))
    );
  }

  // What it adds that a query is a term of an entry, a part of one, or contains some.
  _kinship(query, numbers) {
    const nearest = this._nearest(query, numbers);
    const most = new Map();
    const said = new Map();
    for (const string of query.strings) {
      // The same is nearer than what it contains.
      if (string === query.whole || string === query.text) continue;
      for (const [number, { weight, held }] of this._layer.written.get(string) || []) {
        if (weight < NAMES) continue;
        raise(most, number, weight);
        if (!said.has(number)) said.set(number, new Map());
        for (const gram of held) raise(said.get(number), gram, weight);
      }
    }
    const whole = sum(query.grams.map((gram) => this._worthOf(gram)));
    for (const number of numbers.filter((one) => most.has(one))) {
      const shares = [...said.get(number)].map(([gram, weight]) => this._worthOf(gram) * weight);
      raise(nearest, number, 0.3 * most.get(number) + (1.5 * sum(shares)) / whole);
    }
    return nearest;
  }

  // The worth of the terms that a query is, as it is written or sounds, or is a part of.
  _nearest(query, numbers) {
    const { written, sounding } = this._layer;
    const nearest = new Map();
    const asked = query.whole;
    for (const text of [asked, query.text]) {
      for (const [number, { weight }] of written.get(text) || []) {
        raise(nearest, number, SAME * weight);
      }
    }
    for (const [number, weight] of sounding.get(query.folded) || []) {
      raise(nearest, number, SOUNDING * weight);
    }
    if (query.parts.length !== 1) return nearest;
    for (const number of numbers) {
      for (const { joined, weight } of this.entries[number].terms) {
        if (!joined.includes(asked)) continue;
        raise(nearest, number, (WITHIN + (0.5 * asked.length) / joined.length) * weight);
      }
    }
    return nearest;
  }

  // The share of what was typed that an entry holds, from 0 to 1.
  _held(query, number) {
    if (query.latin || !query.parts.length) return 1;
    let held = 0,
      told = 0;
    query.parts.forEach((part, at) => {
      const covered = this._cover(part, query.sounds[at], number);
      this._coverMeant(query, part, covered, number);
      const telling = this._telling(query, part, covered);
      held += sum(covered.filter((_, n) => telling[n]));
      told += telling.filter(Boolean).length;
    });
    const asked = query.parts.flat().length - query.beside.length;
    return held / Math.max(told, TELLING * asked, Math.min(asked, FEW), 1);
  }

  // Whether an entry holds a word of the query as it is written, or but for one character.
  _isWritten({ telling, parts, whole }, number) {
    const { grams: held, near } = this._layer;
    const holds = (postings, key) => (postings.get(key) || new Map()).has(number);
    const alone = parts.filter((part) => part.length === 1).map(([unit]) => unit);
    const words = [...telling.filter((gram) => gram.length > 1), ...alone];
    return (
      words.some((word) => holds(held, word)) ||
      this._nearKeys(whole).some((key) => holds(near, key))
    );
  }

  _telling(query, part, covered) {
    const known = pairs(part, "").map((pair) => this._layer.known.has(pair));
    return part.map((unit, at) => {
      const isKnown = known[at - 1] || known[at] || part.length === 1;
      return !query.beside.includes(unit) && (covered[at] > 0 || isKnown);
    });
  }

  _cover(part, sounds, number) {
    const { grams: held, exact } = this._layer;
    const weightOf = (gram) => (held.get(gram) || new Map()).get(number) || 0;
    const covered = part.map((unit) => {
      if (!weightOf(unit)) return 0;
      return part.length === 1 || unit.length > 1 ? 1 : 0.2;
    });
    const spoken = pairs(sounds, " ");
    pairs(part, "").forEach((pair, at) => {
      const weight = weightOf(pair);
      let worth = weight >= NAMES ? 1 : weight ? 0.6 : 0;
      if (!worth && (exact.get(spoken[at]) || new Map()).has(number))
        worth = part.length > SHORT ? 0.8 : 0.55;
      covered[at] = Math.max(covered[at], worth);
      covered[at + 1] = Math.max(covered[at + 1], worth);
    });
    return covered;
  }

  // The same, where an entry holds the word for what is said otherwise.
  _coverMeant({ meant }, part, covered, number) {
    const isHeld = (pair) => (this._layer.grams.get(pair) || new Map()).get(number);
    for (const [said, word] of meant) {
      if (!pairsOf(word).every(isHeld)) continue;
      for (let at = 0; at + said.length <= part.length; at += 1) {
        const end = at + said.length;
        if (part.slice(at, end).join("") === said) covered.fill(MEANT, at, end);
      }
    }
  }

  _inLatin({ text, latin }) {
    const scores = this._inEnglish(latin);
    this.entries.forEach(({ terms }, number) => {
      const fits = terms.map(({ weight, sounds }) => weight * spelt(text, sounds));
      const score = Math.max(0, ...fits);
      if (score > (scores.get(number) || 0)) scores.set(number, score);
    });
    return scores;
  }

  _inEnglish(latin) {
    const asked = wordsOf(latin.join(" ")).map((word) => [word, this._meant(word)]);
    const known = asked.filter(([, held]) => held.size).length;
    if (known * 2 < Math.max(1, asked.length)) return new Map();
    const scores = this._shared(asked);
    for (const [number, score] of scores) scores.set(number, ENGLISH * score);
    return scores;
  }

  _meant(word) {
    const held = new Map();
    for (const [known, numbers] of this._layer.words) {
      const worth = alike(word, known);
      if (worth) for (const [number, weight] of numbers) raise(held, number, worth * weight);
    }
    return held;
  }
}
