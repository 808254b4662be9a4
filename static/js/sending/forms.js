// A form that meets no network keeps every choice and word, says so in its place, and is sent once
// when there is one: it has a key, which the server takes once. With `data-outbox` the message is
// kept on the phone, and sent from any page. With `data-outbox="here"` the form stays as it is, and
// its own page sends it: a number is not taken tomorrow. With `data-outbox="now"` nothing is sent
// later: what was asked for is about this moment, and is tapped again.
import { bodyOf, busy, fill, make, submitterOf } from "../lib/dom.js";
import { all, bodyOfMessage, drop, put } from "./outbox.js";
import { smaller } from "./photos.js";
import { keepJson, readJson } from "../lib/store.js";
import { parse, timely } from "../lib/swap.js";
import { forget } from "./written.js";

const PATIENCE = 60000;
const AGAIN = 20000;
const SOON = 5000;
const SHOWN = 40;
const TOO_OFTEN = 429;
const DISCARDED = "discarded";
const MOST_DISCARDED = 10;
const notice = document.querySelector("[data-outbox-notice]");

// The server's answer; null when it did not arrive.
async function posted(address, body) {
  try {
    const answer = await timely(address, { method: "POST", body }, PATIENCE);
    return answer.status >= 500 ? null : answer;
  } catch {
    return null;
  }
}

async function messageOf(form) {
  const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  const files = [...form.querySelectorAll("[data-photos]")].reduce(
    (found, { files: chosen }) => [...found, ...chosen],
    [],
  );
  const photos = await Promise.all(files.map(smaller));
  const valueOf = (wanted) => (fields.find(([name]) => name === wanted) || ["", ""])[1];
  const action = form.getAttribute("action");
  return {
    key: valueOf("request") || action,
    words: valueOf("words"),
    action,
    fields,
    photos,
    at: Date.now(),
  };
}

// Where it went, or the page that says why not; null when it did not arrive.
async function deliver(message) {
  const answer = await posted(message.action, bodyOfMessage(message));
  if (!answer || answer.status === TOO_OFTEN) return null;
  if (answer.ok && answer.redirected) {
    await drop(message.key).catch(() => {});
    return { address: answer.url };
  }
  return { page: parse(await answer.text()), at: answer.url };
}

async function send(form) {
  if (form.hasAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  const message = await messageOf(form);
  const isKept = await put(message).then(
    () => true,
    () => false,
  );
  const result = await deliver(message);
  form.removeAttribute("aria-busy");
  if (result || isKept) forget(form);
  if (result && result.address) location.assign(result.address);
  else if (result) show(result, message);
  else if (isKept) waits(form, message);
  else form.submit();
}

// The page says what to do, and still has the words; the photographs are put back here.
function show({ page, at }, { key, photos = [] } = {}) {
  if (key) discard(key).catch(() => {});
  const main = page.getElementById("main");
  if (!main) return;
  if (at.includes("?")) history.replaceState(history.state, "", at);
  document.title = page.title;
  document.getElementById("main").replaceWith(main);
  document.dispatchEvent(new Event("lianxin:form-again"));
  const field = main.querySelector("[data-photos]");
  try {
    const chosen = new DataTransfer();
    for (const photo of photos) chosen.items.add(photo);
    if (field) field.files = chosen.files;
  } catch {
    // An old phone: they are chosen again.
  }
  scrollTo(0, 0);
  (main.querySelector("[role=alert]") || main).scrollIntoView({ block: "nearest" });
}

// What stands in the place of a form that waits, by the message's key.
const cards = new Map();

function waits(form, { key }) {
  const words = form.dataset.wordsKept || notice.dataset.wordsUnsent;
  const card = make("p", { className: "card", tabIndex: -1, textContent: words });
  card.dataset.inUse = "";
  form.replaceWith(card);
  cards.set(key, card);
  card.focus();
  askWorker();
  tell();
}

// Chromium sends it even when the page is closed.
async function askWorker() {
  try {
    const { sync } = await navigator.serviceWorker.ready;
    if (sync) await sync.register("outbox");
  } catch {
    // The next opening sends it.
  }
}

// What waited when it was last looked at, and what was sent since, by key: {words, address}.
let shown = [];
const sent = new Map();

async function tell() {
  const waiting = await all();
  const discarded = readJson(DISCARDED) || [];
  const kept = [...waiting.map(({ key }) => key), ...discarded, ...sent.keys()];
  const gone = shown.filter(({ key }) => !kept.includes(key));
  shown = waiting;
  // The worker or another tab has sent it.
  for (const message of gone) arrived(message, "");
  notice.hidden = waiting.length + sent.size === 0;
  fill(notice, ...[...sent.values()].map(sentLine), ...waiting.map(line));
}

// Other pages of ours hear by this that nobody sent it.
async function discard(key) {
  const before = readJson(DISCARDED) || [];
  keepJson(DISCARDED, [...before, key].slice(-MOST_DISCARDED));
  await drop(key);
}

function sentWords({ address }) {
  const link = make("a", { className: "link", href: address || "/mine" });
  link.textContent = notice.dataset.wordsLook;
  return [make("b", { textContent: notice.dataset.wordsSent }), " ", link];
}

function sentLine(message) {
  const [why, space, link] = sentWords(message);
  return make("p", {}, why, ` ${message.words.slice(0, SHOWN)}`, space, link);
}

function line(message) {
  const why = message.refused ? notice.dataset.wordsRefused : notice.dataset.wordsUnsent;
  const button = make("button", { type: "button", textContent: notice.dataset.wordsDiscard });
  button.className = "btn quiet";
  button.addEventListener("click", async () => {
    if (!confirm(notice.dataset.wordsSure)) return;
    await discard(message.key);
    tell();
  });
  const words = message.refused ? message.words : message.words.slice(0, SHOWN);
  return make("p", {}, make("b", { textContent: why }), ` ${words} `, button);
}

let isSending = false;
async function sendAll() {
  if (isSending || navigator.onLine === false) return;
  isSending = true;
  const waiting = (await all()).filter(({ refused }) => !refused);
  for (const message of waiting) {
    const result = await deliver(message);
    // What the server refuses is kept with its words, for its person to see.
    if (result && result.page) await put({ ...message, refused: true }).catch(() => {});
    if (result && result.address) arrived(message, result.address);
  }
  isSending = false;
  tell();
}

// A page that shows what was sent is loaded again; a conversation brings it by itself. All others
// say it, with the way there. The address is empty where someone else sent it.
function arrived({ key, words, action }, address) {
  const [, ticket] = action.match(/^(\/tickets\/[^/]+)\//) || [];
  const path = address ? new URL(address).pathname : ticket;
  if (path === location.pathname && !document.querySelector("[data-matter]")) {
    location.reload();
    return;
  }
  sent.set(key, { words, address });
  const card = cards.get(key);
  if (card) fill(card, ...sentWords({ address }));
}

// The form that is sent by its own page, with its note. `arrive` hears the answer; without it, the
// form does not wait, and the note alone stands.
let waiting = null;

export async function sendHere(form, button, arrive) {
  if (form.hasAttribute("aria-busy")) return;
  const body = bodyOf(form, button);
  const rest = busy(form, button);
  const answer = await posted(form.getAttribute("action"), body);
  if (answer) forget(form);
  if (answer && arrive === leave && answer.redirected) {
    hush();
    // The next page takes its time: until it is there, this one is under way.
    addEventListener("pageshow", rest, { once: true });
    location.assign(answer.url);
    return;
  }
  rest();
  if (answer) {
    hush();
    await arrive(answer);
  } else if (form.dataset.outbox === "now") miss(form, button);
  else wait(form, button, arrive);
}

async function leave(answer) {
  show({ page: parse(await answer.text()), at: answer.url });
}

function miss(form, button) {
  hush();
  const note = noteOf(form);
  stand(note, form, button);
  waiting = { form, note };
}

function noteOf(form, ...more) {
  const why = make("b", { textContent: form.dataset.wordsWaits });
  const note = make("p", { className: "notice form-waits" }, why, ...more);
  note.setAttribute("role", "status");
  return note;
}

function wait(form, button, arrive) {
  if (waiting && waiting.form === form) {
    waiting.button = button;
    return;
  }
  hush();
  const stop = make("button", { type: "button", textContent: notice.dataset.wordsDiscard });
  stop.className = "btn quiet";
  stop.addEventListener("click", hush);
  const note = noteOf(form, " ", stop);
  stand(note, form, button);
  form.dataset.inUse = "";
  waiting = { form, button, arrive, note };
}

// Above the button, or below a row of them, which it would tear apart.
function stand(note, form, button) {
  const row = button && button.closest(".options");
  if (row) row.after(note);
  else (form.querySelector(".foot") || button).before(note);
}

function hush() {
  if (!waiting) return;
  waiting.note.remove();
  delete waiting.form.dataset.inUse;
  waiting = null;
}

function again() {
  if (!waiting || !waiting.arrive || document.hidden) return;
  if (waiting.form.isConnected) sendHere(waiting.form, waiting.button, waiting.arrive);
  else hush();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form[data-outbox]")) return;
  if (!window.indexedDB || !window.fetch) return;
  event.preventDefault();
  if (form.dataset.outbox) sendHere(form, submitterOf(event), leave);
  else send(form);
});
addEventListener("online", again);
document.addEventListener("visibilitychange", again);
setInterval(again, SOON);
if (notice && window.indexedDB) {
  addEventListener("online", sendAll);
  setInterval(() => {
    if (!notice.hidden) sendAll();
  }, AGAIN);
  tell().then(sendAll);
}
