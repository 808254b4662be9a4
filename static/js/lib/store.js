// What the phone keeps. A private window, or a phone that is full, keeps nothing: then a page
// behaves as on a first visit.

export function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

// Keeps the words, or forgets them when they are null.
export function keep(key, words) {
  try {
    if (words === null) localStorage.removeItem(key);
    else localStorage.setItem(key, words);
  } catch {
    // as said above
  }
}

// The value kept under the key; null for none, and for what is no JSON.
export function readJson(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

export function keepJson(key, value) {
  keep(key, JSON.stringify(value));
}

export function keys() {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}
