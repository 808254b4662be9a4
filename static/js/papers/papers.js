// The form of a document: it saves itself, and the page beside it shows what residents will see.
// Without this script its buttons do the same on the server.
import { fill, submitterOf } from "../lib/dom.js";
import { parse } from "../lib/swap.js";
import { sent, whoIsThere } from "../staff/session.js";
import { hush, tell } from "../staff/unsaved.js";
import { listenForLists } from "./lists.js";
import { startOutline } from "./outline.js";
import { offerDrawings } from "./positions.js";

const PAUSE = 900;
const AGAIN = 5000;
const WORDS = { lost: "wordsFailed", out: "wordsOut", other: "wordsOut", refused: "wordsRefused" };

class Autosave {
  constructor(form, preview) {
    this._form = form;
    this._preview = preview;
    this._isSaving = false;
    this._isWanted = false;
    this._isDirty = false;
    // Another tab saved the same place: the server kept nothing, and asks at the next button.
    this._isRefused = false;
    // Why the last save did not work; empty when it did.
    this._trouble = "";
    // The button that was pressed and waits for the server.
    this._pressed = null;
    this._isThrough = false;
  }

  start() {
    // The page came back with words that the server did not keep.
    this._isDirty = this._form.hasAttribute("data-not-saved");
    this._form.addEventListener("input", () => this.changed());
    this._form.addEventListener("submit", (event) => this._submit(event));
    for (const name of ["online", "focus"]) addEventListener(name, () => this._again());
    document.addEventListener("visibilitychange", () => this._again());
    addEventListener("beforeunload", (event) => {
      if (!this._isDirty && !this._isSaving && !this._isRefused) return;
      event.preventDefault();
      // Browsers before 2023 ask only when this is set.
      event.returnValue = "";
    });
  }

  changed(pause = PAUSE) {
    this._isDirty = true;
    // Going on now would take the page away in the middle of a word.
    this._pressed = null;
    this._mark();
    this._saveIn(pause);
  }

  _submit(event) {
    if (this._isThrough) return;
    event.preventDefault();
    this._pressed = submitterOf(event);
    this._again();
  }

  _again() {
    if (this._isDirty) this._save();
    else if (this._pressed && !this._isSaving) this._check();
  }

  _saveIn(time) {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._again(), time);
  }

  async _save() {
    clearTimeout(this._timer);
    this._isWanted = this._isSaving;
    if (this._isSaving) return;
    this._isSaving = true;
    this._isDirty = false;
    this._mark();
    this._trouble = await this._post();
    this._isSaving = false;
    if (this._trouble) this._fail(this._trouble);
    this._mark();
    // What was changed while the answer was awaited.
    if (this._isWanted) this._save();
    else if (!this._trouble) this._goOn();
  }

  // Why what is typed could not be saved; empty when it was.
  async _post() {
    // A colleague may have signed in on another tab: nothing is saved in their name.
    const mayBeOther = this._trouble === "out" || this._trouble === "other";
    const state = mayBeOther ? await whoIsThere() : "here";
    if (state !== "here") return state;
    try {
      const options = { method: "POST", body: new FormData(this._form), redirect: "manual" };
      const answer = await sent(this._form.dataset.autosave, options);
      if (answer.type === "opaqueredirect") return "out";
      if (answer.status === 413 || answer.status === 400) return "refused";
      if (!answer.ok) return "lost";
      this._line().replaceWith(parse(await answer.text()).getElementById("saved"));
      this._isRefused = this._line().hasAttribute("data-not-kept");
      this._preview.reload();
      return "";
    } catch {
      return "lost";
    }
  }

  _fail(why) {
    this._isDirty = true;
    this._say(this._form.dataset[WORDS[why]]);
    this._line().classList.add("unsaved-line");
    this._wait(why);
  }

  // An outage of a moment is said in the line alone, unless a button was pressed.
  _wait(why) {
    if (this._pressed || why !== "lost") tell(this._form, why);
    clearTimeout(this._timer);
    if (why === "lost") this._saveIn(AGAIN);
  }

  // All is saved; the button still needs a server, and its session.
  async _check() {
    const state = await whoIsThere();
    if (state === "here") this._goOn();
    else this._wait(state);
  }

  _goOn() {
    hush();
    if (!this._pressed || this._isDirty) return;
    const button = this._pressed;
    this._pressed = null;
    this._isRefused = false;
    this._isThrough = true;
    button.click();
    this._isThrough = false;
  }

  // The line holds a field too: what the form began from.
  _say(words) {
    const fields = this._line().querySelectorAll("input");
    fill(this._line(), ...fields, words);
  }

  _line() {
    return document.getElementById("saved");
  }

  _mark() {
    this._form.toggleAttribute("data-unsaved", this._isDirty || this._isSaving);
  }
}

// The page beside the form. It can be read and scrolled; what is pressed there leads nowhere.
class Preview {
  constructor(frame) {
    this._frame = frame;
    if (frame) frame.addEventListener("load", () => this._holdFast());
  }

  reload() {
    if (this._frame && this._frame.offsetParent) this._frame.contentWindow.location.reload();
  }

  _holdFast() {
    const page = this._frame.contentDocument;
    if (!page) return;
    const stay = (event) => {
      if (event.type === "submit" || event.target.closest("a[href]")) event.preventDefault();
    };
    page.addEventListener("click", stay, true);
    page.addEventListener("submit", stay, true);
  }
}

// A box is as high as what is written in it.
function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

// Enter in a line would press the form's first button, and the page would come back at its top.
// While Chinese is typed, Enter takes the letters as they are.
function stayInLine(event) {
  if (event.key !== "Enter" || event.isComposing) return;
  if (event.target.matches("input, select")) event.preventDefault();
}

function begin(form) {
  for (const button of form.querySelectorAll("[data-by-hand]")) button.hidden = true;
  const autosave = new Autosave(form, new Preview(document.querySelector("[data-preview]")));
  autosave.start();
  const listRows = startOutline(form);
  listenForLists(form, () => {
    listRows();
    offerDrawings(form);
    autosave.changed(0);
  });
  offerDrawings(form);
  form.addEventListener("keydown", stayInLine);
  form.querySelectorAll("textarea").forEach(grow);
  form.addEventListener("input", ({ target }) => {
    if (target.matches("textarea")) grow(target);
  });
}

const form = document.querySelector("[data-autosave]");
if (form) begin(form);
