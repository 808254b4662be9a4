// A part of a page, fetched and put in the place of the old one. Every request ends: a line that
// died in silence would otherwise never be asked for again.

const PATIENCE = 10000;

// fetch() that gives up. Raises for no network, and for no answer in time.
export function timely(address, options = {}, patience = PATIENCE) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), patience);
  return fetch(address, { ...options, signal: giveUp.signal }).finally(() => clearTimeout(timer));
}

export function parse(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

// The part in an answer's page. Raises for a page without it, which is not an answer of ours.
export async function partOf(answer, id) {
  const part = parse(await answer.text()).getElementById(id);
  if (!part) throw new Error(`no #${id} in the answer`);
  return part;
}

function isChanged(field) {
  if (field.options) return [...field.options].some((one) => one.selected !== one.defaultSelected);
  if (/checkbox|radio/.test(field.type)) return field.checked !== field.defaultChecked;
  return field.type !== "hidden" && field.value !== field.defaultValue;
}

// Whether someone is filling in a form of the part, or it waits to be sent.
export function isInUse(part) {
  const fields = [...part.querySelectorAll("input, select, textarea")];
  return (
    part.querySelector("[data-in-use]") !== null ||
    fields.some((field) => field === document.activeElement || isChanged(field))
  );
}

const isSame = (one) => (other) =>
  ["id", "name", "value", "href"].every((name) => one[name] === other[name]) &&
  (one.name || one.id || one.textContent === other.textContent);

// Puts a part's newer self in its place: what was unfolded stays so, and the focus where it was.
export function replacePart(old, fresh) {
  const focused = old.contains(document.activeElement) && document.activeElement;
  const unfolded = [...old.querySelectorAll("details")].map(({ open }) => open);
  old.replaceWith(fresh);
  fresh.querySelectorAll("details").forEach((details, at) => {
    if (unfolded[at]) details.open = true;
  });
  if (!focused) return;
  let again = [...fresh.querySelectorAll(focused.tagName)].find(isSame(focused));
  if (!again) {
    again = fresh;
    fresh.tabIndex = -1;
  }
  again.focus({ preventScroll: true });
}

// Runs a task never twice at once: what is asked for meanwhile runs once more afterwards. Two
// answers on their way could otherwise arrive in the wrong order.
export function oneAtATime(task) {
  let isRunning = false;
  let isWanted = false;
  return async function run() {
    isWanted = isRunning;
    if (isRunning) return;
    isRunning = true;
    try {
      await task();
    } finally {
      isRunning = false;
      if (isWanted) run();
    }
  };
}
