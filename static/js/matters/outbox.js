// A message is kept on the phone before it is sent, and forgotten once the server took it. Without a
// network it waits, says so on every page, and goes by itself.
import { fill, make } from "../lib/dom.js";
import { all, bodyOfMessage, drop, put } from "../lib/outbox.js";
import { parse, timely } from "../lib/swap.js";
import { smaller } from "./photos.js";

const PATIENCE = 60000;
const AGAIN = 20000;
const SHOWN = 40;
const notice = document.querySelector("[data-outbox-notice]");

async function messageOf(form) {
  const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  const files = [...form.querySelectorAll("[data-photos]")].reduce(
    (found, { files: chosen }) => [...found, ...chosen],
    [],
  );
  const photos = await Promise.all(files.map(smaller));
  const valueOf = (wanted) => (fields.find(([name]) => name === wanted) || ["", ""])[1];
  return {
    key: valueOf("request"),
    words: valueOf("words"),
    action: form.getAttribute("action"),
    fields,
    photos,
    at: Date.now(),
  };
}

// Where it went, or the page that says why not; null when it did not arrive.
async function deliver(message) {
  let answer;
  try {
    const options = { method: "POST", body: bodyOfMessage(message) };
    answer = await timely(message.action, options, PATIENCE);
  } catch {
    return null;
  }
  if (answer.status >= 500 || answer.status === 429) return null;
  if (answer.ok && answer.redirected) {
    await drop(message.key).catch(() => {});
    return { address: answer.url };
  }
  return { page: parse(await answer.text()) };
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
  if (result && result.address) location.assign(result.address);
  else if (result) show(result.page, message);
  else if (isKept) waits(form);
  else form.submit();
}

// The page says what to do, and still has the words; the photographs are put back here.
function show(page, message) {
  drop(message.key).catch(() => {});
  const main = page.getElementById("main");
  if (!main) return;
  document.title = page.title;
  document.getElementById("main").replaceWith(main);
  document.dispatchEvent(new Event("lianxin:form-again"));
  const field = main.querySelector("[data-photos]");
  try {
    const chosen = new DataTransfer();
    for (const photo of message.photos) chosen.items.add(photo);
    if (field) field.files = chosen.files;
  } catch {
    // An old phone: they are chosen again.
  }
  scrollTo(0, 0);
  (main.querySelector("[role=alert]") || main).scrollIntoView({ block: "nearest" });
}

function waits(form) {
  const words = form.dataset.wordsKept || notice.dataset.wordsUnsent;
  form.replaceWith(make("p", { className: "card", tabIndex: -1, textContent: words }));
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

async function tell() {
  const waiting = await all();
  notice.hidden = waiting.length === 0;
  fill(notice, ...waiting.map(line));
}

function line(message) {
  const why = message.refused ? notice.dataset.wordsRefused : notice.dataset.wordsUnsent;
  const discard = make("button", { type: "button", textContent: notice.dataset.wordsDiscard });
  discard.className = "btn quiet";
  discard.addEventListener("click", async () => {
    if (!confirm(notice.dataset.wordsSure)) return;
    await drop(message.key);
    tell();
  });
  const words = message.refused ? message.words : message.words.slice(0, SHOWN);
  return make("p", {}, make("b", { textContent: why }), ` ${words} `, discard);
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
    if (result && result.address && document.querySelector("[data-matter]")) {
      document.dispatchEvent(new Event("lianxin:sent"));
    }
  }
  isSending = false;
  tell();
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.matches("form[data-outbox]")) return;
  if (!window.indexedDB || !window.fetch) return;
  event.preventDefault();
  send(event.target);
});
if (notice && window.indexedDB) {
  addEventListener("online", sendAll);
  setInterval(async () => {
    if (!notice.hidden) sendAll();
  }, AGAIN);
  tell().then(sendAll);
}
