// What an element shows, with its language: the office's words are Chinese on an English page too,
// and a voice must know it.
export function spoken(textContent) {
  const lang = /[\u3400-\u9fff]/.test(textContent) ? "zh-Hans" : document.documentElement.lang;
  return { textContent, lang };
}
