// How a typed text is read before it is compared: the twin of domain/search/reading.py. The words
// that only ask, and those that mean the same, come with the index.
const LONGEST = 40;
const YOUNGEST = 50;
const DIGITS = "零一二三四五六七八九";
const AGE =
  /(?:(\d{2,3})|([一二三四五六七八九]?)十([一二三四五六七八九]?)|(一百|百))(?:[多几来]?周?岁|多(?!年|个|天|元|块)|[了咧啦哩](?=$|[^0-9a-z]))/g;

export const withoutSpaces = (text) => text.split(" ").join("");
export const pairs = (parts, by) => parts.slice(1).map((part, at) => parts[at] + by + part);
export const unitsOf = (text) => text.match(/\d+岁?|[a-z]+|./g) || [];
export const grams = (units) => [...units, ...pairs(units, "")];

export function normalise(typed, simplified) {
  const plain = typed
    .slice(0, LONGEST * 4)
    .normalize("NFKC")
    .toLowerCase();
  const parts = plain.normalize("NFD").split("u\u0308").join("v");
  const simple = Array.from(
    parts.replace(/[\u0300-\u036f]/g, ""),
    (one) => simplified.get(one) || one,
  );
  const words = simple.join("").replace(/[^0-9a-z\u3400-\u9fff]+/g, " ");
  return words.trim().slice(0, LONGEST).trim();
}

function years(digits, tens, ones) {
  if (digits) return Number(digits);
  if (tens === undefined) return 100;
  const ten = tens ? DIGITS.indexOf(tens) : 1;
  return 10 * ten + (ones ? DIGITS.indexOf(ones) : 0);
}

export function withAges(text) {
  return text.replace(AGE, (found, digits, tens, ones) => {
    const age = years(digits, tens, ones);
    return found.includes("岁") || age >= YOUNGEST ? `${age}岁` : found;
  });
}

export function withoutFillers(text, fillers, isKnown) {
  let left = text;
  for (const filler of fillers) if (filler.length > 1) left = left.split(filler).join(" ");
  const belongs = (at) =>
    isKnown(left.slice(Math.max(0, at - 1), at + 1)) || isKnown(left.slice(at, at + 2));
  const kept = Array.from(left, (one, at) => (fillers.includes(one) && !belongs(at) ? " " : one));
  return kept.join("").split(" ").filter(Boolean);
}

export function othersAlike(text, alike) {
  const isSaid = ([word, said]) =>
    !text.includes(word) && said.split(" ").some((one) => text.includes(one));
  return Object.entries(alike)
    .filter(isSaid)
    .map(([word]) => word);
}
