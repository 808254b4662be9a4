// How a typed text is read before it is compared: the twin of domain/search/reading.py. The words
// that only ask, and those that mean the same, come with the index.
const LONGEST = 40;
const YOUNGEST = 50;
const DIGITS = "零一二三四五六七八九";
const AGE =
  /(?:(\d{2,3})|([一二三四五六七八九]?)十([一二三四五六七八九]?)|(一百|百))(?:[多几来]?周?岁|多(?!年|个|天|元|块)|[了咧啦哩](?=$|[^0-9a-z]))/g;

const MEASURE = /([办开弄找装买养租生领交请搞补换改做])一?个(?![体人税月])/g;
const PAPERS =
  /(?:需要|需不需要|要不要|用不用|要带|要拿|带着|带|要|用)(?:(?:户口本|户口簿|身份证|照片|相片|结婚证|房产证|银行卡|复印件|社保卡)[和跟与、 ]?)+(?:吗|么|不|啵|嘛)/g;
const SINCE =
  "(?:昨天|今天|前天|昨晚上|昨晚|昨夜|夜来|夜里|半夜|今早|早上|前几天|上星期|上周|上个月|去年|突然|忽然|已经|刚刚|刚才" +
  "|刚|才|也|就)*";
const GONE =
  "(?:死了|不在了|不在|走了|走啦|走咧|没了|没啦|没咧|走|没|老了)(?=$|[ 要怎咋该需以后还得办能有])";
const VERY = /([吵臭累烦热冷气急愁疼脏吓饿困呛笑穷贵慢堵晒闷难])死(?:个?人|我|俺|了|啦)+/g;

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

function withAges(text) {
  return text.replace(AGE, (found, digits, tens, ones) => {
    const age = years(digits, tens, ones);
    return found.includes("岁") || age >= YOUNGEST ? `${age}岁` : found;
  });
}

// 去世, as people say it of a relative: 婆婆走了. Not 走丢了.
export function goneOf(relatives) {
  const longest = [...relatives].sort((a, b) => b.length - a.length);
  return new RegExp(`(${[...longest, "老人"].join("|")})${SINCE}${GONE}`, "g");
}

// The text as an office says it: ages in digits, 去世 for a relative who is gone.
export function asMeant(text, gone) {
  const told = text.replace(PAPERS, " ");
  const plain = (told.trim() ? told : text).replace(MEASURE, "$1");
  return withAges(plain.replace(VERY, "$1 ").replace(gone, "$1去世 "));
}

export function withoutFillers(text, fillers, isKnown) {
  let left = text;
  for (const filler of fillers) if (filler.length > 1) left = left.split(filler).join(" ");
  const belongs = (at) =>
    isKnown(left.slice(Math.max(0, at - 1), at + 1)) || isKnown(left.slice(at, at + 2));
  const kept = Array.from(left, (one, at) => (fillers.includes(one) && !belongs(at) ? " " : one));
  return kept.join("").split(" ").filter(Boolean);
}

// What the text says, and the word that search words use for it.
export function othersAlike(text, alike) {
  return Object.entries(alike).flatMap(([word, all]) => {
    const said = all.split(" ").find((one) => text.includes(one));
    return said && !text.includes(word) ? [[said, word]] : [];
  });
}
