// How a person likes to read. The cookie is the one of web/site/preferences.py: "view:elder|size:24".
// A script does it too, so that one tap works at once and without a network.
import { submitterOf } from "../lib/dom.js";

const DEFAULTS = { view: "standard", size: "22", theme: "auto" };
const YEAR = 31536000;
const root = document.documentElement;

export function preferences() {
  const found = document.cookie.match(/(?:^|;\s*)lianxin=([^;]*)/);
  const pairs = found ? found[1].split("|").map((pair) => pair.split(":")) : [];
  return Object.fromEntries(pairs.filter((pair) => pair.length === 2));
}

export function keepPreferences(chosen) {
  const kept = Object.entries(chosen).filter(([name, value]) => value !== DEFAULTS[name]);
  const words = kept.map((pair) => pair.join(":")).join("|");
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `lianxin=${words}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

function show() {
  const chosen = { ...DEFAULTS, ...preferences() };
  for (const name of Object.keys(DEFAULTS)) root.dataset[name] = chosen[name];
  for (const option of document.querySelectorAll("[data-current]")) {
    const [name, value] = option.dataset.current.split("=");
    option.setAttribute("aria-pressed", String(chosen[name] === value));
  }
}

// The button that was pressed may have given its place to its counterpart.
function focusCounterpart(form, { name }) {
  const seen = [...form.querySelectorAll(`[name=${name}]`)].find((button) => button.offsetParent);
  if (seen) seen.focus();
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-preferences]")) return;
  const button = submitterOf(event);
  if (!button) return;
  const words = document.querySelector("[data-one-language]");
  if (button.name === "lang" && words && root.hasAttribute("data-offline")) {
    event.preventDefault();
    words.hidden = false;
  }
  if (!(button.name in DEFAULTS)) return;
  event.preventDefault();
  keepPreferences({ ...preferences(), [button.name]: button.value });
  const hadFocus = document.activeElement === button;
  show();
  if (hadFocus && button.offsetParent === null) focusCounterpart(event.target, button);
});
// A page that the server has just made is as the cookie says, which takes a weak phone long to read.
function isJustMade() {
  const [{ type } = {}] = performance.getEntriesByType("navigation");
  return /^(navigate|reload)$/.test(type) && !root.hasAttribute("data-offline");
}

// A hall's device is as its server says: everybody's, so nobody's wishes hold there.
const mayDiffer = () => !isJustMade() || document.querySelector("[data-current]");
if (!document.body.matches(".device") && mayDiffer()) show();
