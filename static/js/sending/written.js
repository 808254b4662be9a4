// What a resident writes is kept in this tab until it is sent: it is there again after a reload and
// in the other language. Under the form's action, for a day. What was chosen is kept with it, but no
// file, no password, and of what the page hides only fields with `data-written`.
const PREFIX = "written:";
const LONGEST = 86400000;
const FORMS = "form[data-outbox]";
const NOT_TYPED = ["hidden", "password", "file", "submit", "button", "reset", "image"];
// The hidden fields that say what a form is about: words about another page are not put in.
const ABOUT = ["page", "item", "line"];

// A browser may refuse its storage; then nothing is kept, and all else works.
function quietly(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

const keyOf = (form) => PREFIX + form.getAttribute("action");
const isBox = ({ type }) => type === "checkbox" || type === "radio";
// A point on a drawing is given in a field that the page hides.
const isGiven = (field) => field.hasAttribute("data-written");
const isTyped = (field) => field.name && (isGiven(field) || !NOT_TYPED.includes(field.type));
const fieldsOf = (form) => [...form.elements].filter(isTyped);
const textsOf = (form) => [...form.querySelectorAll("textarea")];

function aboutOf(form) {
  return ABOUT.map((name) => form.querySelector(`input[type=hidden][name=${name}]`))
    .map((field) => (field ? field.value : ""))
    .join(" ");
}

function keep(form) {
  if (!textsOf(form).length) return;
  const fields = fieldsOf(form).map(({ name, value, checked }) => [name, value, checked === true]);
  const words = JSON.stringify({ at: Date.now(), about: aboutOf(form), fields });
  quietly(() => sessionStorage.setItem(keyOf(form), words));
}

export function forget(form) {
  quietly(() => sessionStorage.removeItem(keyOf(form)));
}

function restore(form) {
  const kept = quietly(() => JSON.parse(sessionStorage.getItem(keyOf(form))));
  if (!kept || kept.about !== aboutOf(form)) return;
  if (Date.now() - kept.at > LONGEST) forget(form);
  else for (const field of fieldsOf(form)) fillIn(field, kept.fields);
}

function fillIn(field, kept) {
  const found = kept.find(
    ([name, value]) => name === field.name && (!isBox(field) || value === field.value),
  );
  if (!found) return;
  const [, value, isChecked] = found;
  const before = isBox(field) ? field.checked : field.value;
  if (isBox(field)) field.checked = isChecked;
  else field.value = value;
  // What was chosen is no longer offered.
  if (field.localName === "select" && field.selectedIndex < 0) field.value = before;
  if (before === (isBox(field) ? field.checked : field.value)) return;
  unfold(field);
  if (isGiven(field)) field.dispatchEvent(new Event("lianxin:written"));
}

function unfold(field) {
  const around = field.closest("details");
  if (around) around.open = true;
}

for (const form of document.querySelectorAll(FORMS)) {
  const texts = textsOf(form);
  // Words that a refused form brings back are newer, and so are those typed before this script came.
  if (texts.some(({ value, defaultValue }) => value !== defaultValue)) keep(form);
  else if (texts.length && texts.every(({ value }) => !value)) restore(form);
}
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    if (target.form && target.form.matches(FORMS)) keep(target.form);
  });
}
