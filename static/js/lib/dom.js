// Small deeds on a page, in words that a phone of 2020 knows.

export function make(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// replaceChildren() is newer than our phones.
export function fill(element, ...children) {
  element.textContent = "";
  element.append(...children);
}

// Only what changed is written, so that no voice reads it out twice.
export function write(element, words) {
  if (element && element.textContent !== String(words)) element.textContent = words;
}

// Events do not say which button sent a form before Chrome 81 and Safari 15.4.
let pressed = null;
document.addEventListener(
  "click",
  (event) => {
    pressed = event.target.closest ? event.target.closest("button") : null;
  },
  true,
);

export function submitterOf(event) {
  if (event.submitter) return event.submitter;
  return pressed && pressed.form === event.target ? pressed : null;
}

// What a form posts when this button sends it; photographs go with a form that says so.
export function bodyOf(form, button) {
  const fields = new FormData(form);
  const body = form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields);
  if (button && button.name) body.append(button.name, button.value);
  return body;
}

// A form that is under way says so on its button; what this returns takes it back.
export function busy(form, button) {
  const { wordsBusy } = form.dataset;
  const words = button && wordsBusy ? button.textContent : null;
  form.setAttribute("aria-busy", "true");
  if (words !== null) button.textContent = wordsBusy;
  return () => {
    form.removeAttribute("aria-busy");
    if (words !== null) button.textContent = words;
  };
}
