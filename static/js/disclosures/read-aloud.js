// Reads a disclosure aloud where the device has a Mandarin voice; the button is not there otherwise.
// Nothing leaves the phone: a voice that a company speaks on its servers is not used.
const PART = "[data-aloud-part]";
const READ = "#disclosure-title, .summary > p, .disclosure .prose, .disclosure .ledger li";
const MANDARIN = /^(zh|cmn)([-_](hans|cn|sg|tw))*$/i;
// Long sentences stop in the middle in some browsers.
const LONGEST = 120;

const isMandarin = ({ lang, localService }) => localService && MANDARIN.test(lang);
const voiceHere = () => speechSynthesis.getVoices().find(isMandarin);

export function sentences(text) {
  const whole = text.replace(/\s*\n\s*/g, "。").match(/[^。！？；!?;]+[。！？；!?;]?/g) ?? [];
  const parts = whole.map((part) => part.trim()).filter((part) => /[^。！？；!?;\s]/.test(part));
  const longest = new RegExp(`[^]{1,${LONGEST}}`, "g");
  return parts.flatMap((part) => part.match(longest));
}

class Reader {
  constructor(button) {
    this._button = button;
    this._words = button.querySelector("span");
    this._start = this._words.textContent;
    button.addEventListener("click", () => (this._isReading ? this.stop() : this.read()));
    addEventListener("pagehide", () => this.stop());
  }

  read() {
    const found = [...document.querySelectorAll(READ)].map((each) => each.innerText);
    // Not every voice knows the space that keeps 11 月份 on one line.
    const waiting = sentences(found.join("\n").replace(/\u00a0/g, " "));
    this._show(true);
    const next = () => {
      const part = waiting.shift();
      if (!part || !this._isReading) {
        this._show(false);
        return;
      }
      const said = new SpeechSynthesisUtterance(part);
      said.voice = voiceHere();
      said.lang = said.voice ? said.voice.lang : "zh-CN";
      said.rate = document.documentElement.dataset.view === "elder" ? 0.85 : 1;
      said.onend = next;
      said.onerror = () => this._show(false);
      speechSynthesis.speak(said);
    };
    speechSynthesis.cancel();
    next();
  }

  stop() {
    this._show(false);
    speechSynthesis.cancel();
  }

  _show(isReading) {
    this._isReading = isReading;
    this._button.setAttribute("aria-pressed", String(isReading));
    this._words.textContent = isReading ? this._button.dataset.wordsStop : this._start;
  }
}

const part = document.querySelector(PART);
if (part && "speechSynthesis" in window) {
  new Reader(part.querySelector("[data-aloud]"));
  const look = () => {
    part.hidden = !voiceHere();
  };
  look();
  // Voices are often known only after the page.
  if (speechSynthesis.addEventListener) speechSynthesis.addEventListener("voiceschanged", look);
}
