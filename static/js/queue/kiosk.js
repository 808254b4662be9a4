// The kiosk: everybody's again after a while without a touch, a number that is taken once
// whatever the network does, and paper. Staff choose the paper by a long press on the clock.
import { bodyOf, make, submitterOf, write } from "../lib/dom.js";
import { keep, read } from "../lib/store.js";

const PAPER = "kiosk-paper";
const PRINTED = "kiosk-printed";
const LAST = 10;
const LONG = 3000;
const LOST = 10000;
const TRIES = 4;
const TOUCHES = ["pointerdown", "keydown", "input", "scroll"];
const root = document.documentElement;
const step = document.querySelector("[data-timeout]");
const paper = () => read(PAPER) || "none";
const sleep = (time) => new Promise((done) => setTimeout(done, time));

// Back to the start, away from what a visitor left standing there.
function leaveWhenUntouched() {
  const notice = document.querySelector("[data-timeout-notice]");
  let touched = performance.now();
  for (const kind of TOUCHES) {
    const touch = () => {
      touched = performance.now();
      notice.textContent = "";
    };
    addEventListener(kind, touch, { passive: true, capture: true });
  }
  const looking = setInterval(() => {
    const left = Math.ceil(Number(step.dataset.timeout) - (performance.now() - touched) / 1000);
    if (left > 0) {
      write(notice, left <= LAST ? notice.dataset.words.replace("{}", left) : "");
      return;
    }
    clearInterval(looking);
    location.replace(step.dataset.start);
  }, 250);
}

// The number: asked for again with the same key until there is an answer.
async function take(form, button) {
  form.setAttribute("aria-busy", "true");
  const body = bodyOf(form, button);
  button.textContent = form.dataset.words;
  for (let time = 0; time < TRIES; time += 1) {
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      if (answer.ok && answer.redirected) {
        location.replace(answer.url);
        return;
      }
      if (answer.status < 500) {
        askAsPage(form, body);
        return;
      }
    } catch {
      // The network: once more.
    }
    await sleep(500 * 2 ** time);
  }
  location.replace(step.dataset.start);
}

// Refused: the same once more as a page, which says why.
function askAsPage(form, body) {
  form.append(make("input", { type: "hidden", name: "priority", value: body.get("priority") }));
  form.submit();
}

async function printOnce(slip) {
  const button = document.querySelector("[data-kiosk-print]");
  button.hidden = false;
  button.addEventListener("click", () => print());
  await slip
    .querySelector("img")
    .decode()
    .catch(() => {});
  if (sessionStorage.getItem(PRINTED) === slip.dataset.slip) return;
  sessionStorage.setItem(PRINTED, slip.dataset.slip);
  print();
}

class PaperSettings {
  constructor(dialog) {
    this._dialog = dialog;
    addEventListener("pointerdown", ({ target }) => {
      clearTimeout(this._pressing);
      if (target.closest("[data-clock]")) this._pressing = setTimeout(() => this._open(), LONG);
    });
    for (const kind of ["pointerup", "pointercancel"]) {
      addEventListener(kind, () => clearTimeout(this._pressing));
    }
    addEventListener("contextmenu", (event) => event.preventDefault());
    dialog.addEventListener("click", ({ target }) => this._choose(target.closest("button")));
  }

  _open() {
    for (const button of this._dialog.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", button.value === paper());
    }
    this._dialog.showModal();
  }

  _choose(button) {
    if (!button || !button.value) return;
    keep(PAPER, button.value);
    root.dataset.paper = button.value;
    this._dialog.close();
  }
}

if (step) leaveWhenUntouched();
// A page that is none of these, say because the kiosk was taken out of service.
else if (/^\/(kiosk|terminal)\//.test(location.pathname))
  setTimeout(() => location.replace(`/${location.pathname.split("/")[1]}`), LOST);

const form = document.querySelector("[data-kiosk-take]");
if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.hasAttribute("aria-busy")) take(form, submitterOf(event));
  });
}

root.dataset.paper = paper();
const slip = document.querySelector("[data-slip]");
if (slip && paper() !== "none") printOnce(slip);
const settings = document.querySelector("[data-kiosk-settings]");
if (settings) new PaperSettings(settings);
