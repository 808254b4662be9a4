// Single keys press the desk's buttons. They can be turned off (WCAG 2.2, 2.1.4).
import { keep, read } from "../../lib/store.js";

const OFF = "counter-keys-off";
const root = document.documentElement;
const isOn = () => !root.hasAttribute("data-keys-off");

function turn(off) {
  root.toggleAttribute("data-keys-off", off);
  document.getElementById("keys").setAttribute("aria-pressed", String(!off));
  keep(OFF, off ? "1" : null);
}

function nameOf({ key }) {
  if (key === " ") return "Space";
  return key.length === 1 ? key.toLowerCase() : key;
}

// Keys for a field, for the browser, and for what has the focus are none of ours.
function isForUs(event, key) {
  if (!isOn() || event.repeat || event.isComposing) return false;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.target.closest("input, select, textarea")) return false;
  return !(["Space", "Enter"].includes(key) && event.target.closest("a, button, summary"));
}

function isSeen(button) {
  return button.checkVisibility?.() ?? button.getClientRects().length > 0;
}

function press(event) {
  const key = nameOf(event);
  if (!isForUs(event, key)) return;
  const desk = document.getElementById("desk");
  const button = desk.querySelector(`[data-keys~="${CSS.escape(key)}"]`);
  const folded = desk.querySelector(`[data-open-key="${CSS.escape(key)}"]`);
  if (button && isSeen(button)) {
    event.preventDefault();
    button.click();
  } else if (folded) {
    event.preventDefault();
    folded.open = true;
    folded.querySelector("select, input").focus();
  } else if (key === "Space") event.preventDefault();
}

export function listenForKeys() {
  const toggle = document.getElementById("keys");
  turn(read(OFF) === "1");
  toggle.hidden = false;
  toggle.addEventListener("click", () => turn(isOn()));
  document.addEventListener("keydown", press);
}
