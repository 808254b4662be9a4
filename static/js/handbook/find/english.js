// English words of a query and of search words: the twin of domain/search/english.py.
const EMPTY = new Set(
  (
    "an the my me our for of in on at to do does did how can could get got getting where what " +
    "when who which is are be and or with without need needs want wants apply application " +
    "applying help have has had about from there please new make some any it its you your we us " +
    "if as"
  ).split(" "),
);
const STEM = 5;
const BEGINNING = 4;

export function wordsOf(text) {
  return [...new Set(text.match(/[a-z]{2,}/g) || [])].filter((word) => !EMPTY.has(word));
}

export function alike(typed, word) {
  const isLong = typed.length >= BEGINNING;
  const single = isLong && typed.endsWith("s") ? typed.slice(0, -1) : typed;
  if (word === typed || word === single) return true;
  if (isLong && word.startsWith(single)) return true;
  if (word.length >= BEGINNING && typed.startsWith(word)) return true;
  return typed.length >= STEM && typed.slice(0, STEM) === word.slice(0, STEM);
}
