// English words of a query and of search words: the twin of domain/search/english.py.
const EMPTY = new Set(
  (
    "an the my me our for of in on at to do does did how can could get got getting where what " +
    "when who which is are be and or with without need needs want wants apply application " +
    "applying help have has had about from there please new make some any it its you your we us " +
    "if as not no this that am was were been should would will just very too so much they them he " +
    "she his her their him by up down out looking look find give mother father mom dad mum son " +
    "daughter wife husband grandmother grandfather grandma grandpa uncle aunt brother sister " +
    "people person"
  ).split(" "),
);
const STEM = 5;
const BEGINNING = 4;
const RELATED = 0.6;

export function wordsOf(text) {
  return [...new Set(text.match(/[a-z]{2,}/g) || [])].filter((word) => !EMPTY.has(word));
}

// 1 if what was typed is the word, less if its beginning or another form of it: police, policy.
export function alike(typed, word) {
  const isLong = typed.length >= BEGINNING;
  const single = isLong && typed.endsWith("s") ? typed.slice(0, -1) : typed;
  if (word === typed || word === single) return 1;
  const isBegun = word.length >= BEGINNING && typed.startsWith(word);
  const isStem = typed.length >= STEM && typed.slice(0, STEM) === word.slice(0, STEM);
  return (isLong && word.startsWith(single)) || isBegun || isStem ? RELATED : 0;
}
