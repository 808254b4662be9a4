// Chinese by its sound: the twin of domain/search/spelling.py.
const LONGEST_SYLLABLE = 6;

export function fold(sound) {
  return sound
    .replace(/^([zcs])h/, "$1")
    .replace(/v/g, "u")
    .replace(/ng$/, "n");
}

// How many syllables from `start` spell all of what was typed (0 if none do), and if in full.
function consume(typed, sounds, start) {
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
}

export function spelt(typed, sounds) {
  let best = 0;
  sounds.forEach((sound, start) => {
    if (sound[0] !== typed[0]) return;
    const [used, whole] = consume(typed, sounds, start);
    if (!used) return;
    const ends = !start && used === sounds.length;
    best = Math.max(best, (whole ? 2 : 1.6) * (start ? 0.6 : 1) + (ends ? 1 : 0));
  });
  return best;
}

export function syllablesOf(typed, known) {
  const rest = new Array(typed.length).fill(null);
  rest.push([]);
  for (let start = typed.length - 1; start >= 0; start -= 1) {
    const longest = Math.min(LONGEST_SYLLABLE, typed.length - start);
    for (let length = longest; length > 0 && !rest[start]; length -= 1) {
      const syllable = typed.slice(start, start + length);
      const after = rest[start + length];
      if (after && known.has(syllable)) rest[start] = [syllable, ...after];
    }
  }
  return rest[0] || [];
}

// The parts of the syllables between fillers, which are syllables too; longest first.
export function withoutSpoken(syllables, fillers) {
  const parts = [[]];
  let at = 0;
  const begins = (filler) => filler.every((sound, n) => syllables[at + n] === sound);
  while (at < syllables.length) {
    const filler = fillers.find(begins);
    if (filler) parts.push([]);
    else parts[parts.length - 1].push(syllables[at]);
    at += filler ? filler.length : 1;
  }
  return parts.filter((part) => part.length);
}
