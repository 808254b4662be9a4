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
