// What staff type is kept until the server has it: for this tab, for the same member of staff, until
// they sign out. A form with `data-keep-typed` gets its words back when it is shown again. Passwords
// and files are never kept.
import { member } from "./session.js";

const PREFIX = "typed:";
const LONGEST = 12 * 60 * 60 * 1000;
const SIGN_OUT = "/staff/sessions/ending";
const SIGNED_OUT = "lianxin-signed-out";
const NOT_TYPED = ["hidden", "password", "file", "submit", "button", "reset", "image"];

// A browser may refuse its storage; then nothing is kept, and all else works.
function quietly(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

export function keyOf(form) {
  return [PREFIX, member, form.getAttribute("action"), form.dataset.keepTyped].join(" ");
}

const isBox = ({ type }) => type === "checkbox" || type === "radio";
const isTyped = ({ name, type }) => name && !NOT_TYPED.includes(type);
const fieldsOf = (form) => [...form.elements].filter(isTyped);

export function keep(form) {
  const fields = fieldsOf(form).map(({ name, value, checked }) => [name, value, checked === true]);
  const words = JSON.stringify({ at: Date.now(), fields });
  quietly(() => sessionStorage.setItem(keyOf(form), words));
}

export function forget(form) {
  quietly(() => sessionStorage.removeItem(keyOf(form)));
}

// What is kept under a key, {at, fields}; null for nothing.
export function read(key) {
  return quietly(() => JSON.parse(sessionStorage.getItem(key)));
}

// Fills in what was typed here before; whether that changed anything.
export function restore(form) {
  const kept = read(keyOf(form));
  if (!kept) return false;
  const changed = fieldsOf(form).filter((field) => fillIn(field, kept.fields));
  if (changed.length) unfold(form);
  return changed.length > 0;
}

// Whether this changed the field. `kept` loses what was used: names can stand more than once.
function fillIn(field, kept) {
  const isOfField = ([name, value]) =>
    name === field.name && (!isBox(field) || value === field.value);
  const at = kept.findIndex(isOfField);
  if (at < 0) return false;
  const [[, value, isChecked]] = kept.splice(at, 1);
  const before = isBox(field) ? field.checked : field.value;
  if (isBox(field)) field.checked = isChecked;
  else field.value = value;
  // What was chosen is no longer offered.
  if (field.localName === "select" && field.selectedIndex < 0) field.value = before;
  return before !== (isBox(field) ? field.checked : field.value);
}

function unfold(form) {
  for (let around = form; around; around = around.parentElement) {
    if (around.localName === "details") around.open = true;
  }
}

function forgetWhere(isOver) {
  const keys = quietly(() => Object.keys(sessionStorage)) || [];
  for (const key of keys) {
    if (key.startsWith(PREFIX) && isOver(read(key))) {
      quietly(() => sessionStorage.removeItem(key));
    }
  }
}

const forgetAll = () => forgetWhere(() => true);

// Signing out clears every tab: the others hear of it by a storage event.
function signOut() {
  forgetAll();
  quietly(() => {
    localStorage.setItem(SIGNED_OUT, "1");
    localStorage.removeItem(SIGNED_OUT);
  });
}

document.addEventListener("submit", ({ target }) => {
  if (target.getAttribute("action") === SIGN_OUT) signOut();
});
addEventListener("storage", ({ key }) => {
  if (key === SIGNED_OUT) forgetAll();
});
forgetWhere((kept) => !kept || Date.now() - kept.at > LONGEST);
