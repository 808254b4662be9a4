// What sends forms without a network, and asks for notifications, is loaded when someone begins to
// use it, or has before.
import { busy, make, submitterOf } from "../lib/dom.js";
import { read } from "../lib/store.js";

const FORMS = "form[data-outbox], [data-watch]";
const BEFORE = "[data-reads], [data-push-offer], [data-browser], [data-phones]";
const { content } = document.querySelector('meta[name="lianxin-outbox"]') || {};
let script = null;
let isThere = false;

function load() {
  if (script || !content) return;
  script = document.createElement("script");
  script.src = content;
  script.addEventListener("load", () => {
    isThere = true;
  });
  document.head.append(script);
}

function begin({ target }) {
  if (target.closest && target.closest(FORMS)) load();
}

for (const kind of ["pointerdown", "focusin"]) addEventListener(kind, begin);
// Sent before the script is there: it is sent once more, or as any form.
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || isThere || !content || !form.closest(FORMS)) return;
  event.preventDefault();
  if (form.hasAttribute("aria-busy")) return;
  const button = submitterOf(event);
  const rest = busy(form, button);
  load();
  script.addEventListener("load", () => {
    rest();
    form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  });
  script.addEventListener("error", () => {
    const { name, value } = button || {};
    if (name) form.append(make("input", { type: "hidden", name, value }));
    form.submit();
  });
});
// What was written in this tab and not sent is put in again.
function isWritten() {
  const forms = [...document.querySelectorAll("form[data-outbox]")];
  try {
    return forms.some((form) => sessionStorage.getItem(`written:${form.getAttribute("action")}`));
  } catch {
    return false;
  }
}

const isAllowed = () => "Notification" in window && Notification.permission === "granted";

// In a task of its own: a weak phone takes long to open what it keeps.
setTimeout(() => {
  if (read("unsent") || isWritten() || isAllowed() || document.querySelector(BEFORE)) load();
});
