// The app without a network: the worker is registered and told which handbook to keep. It marks the
// copies that it gives: `data-as-of` says since when one is kept.
import { timely } from "../lib/swap.js";
import { keepPreferences, preferences } from "../site/preferences.js";

const SETTLED = 2000;
const AGAIN = 10000;
const root = document.documentElement;
// A hall's device has none: it tells by itself since when it has heard nothing.
const notice = document.querySelector("[data-offline-notice]");
const keptWords = document.querySelector("[data-kept]");

function meta(name) {
  const found = document.querySelector(`meta[name=lianxin-${name}]`);
  return found && found.content;
}

function goOffline() {
  if (!notice || !notice.hidden) return;
  root.setAttribute("data-offline", "");
  notice.hidden = false;
  sayWhy();
  sayWhen(root.dataset.asOf);
  document.dispatchEvent(new Event("lianxin:offline"));
}

// A copy stays one: its page can be loaded again. One that says that there is no network has done its
// work.
function goOnline() {
  if (!notice || notice.hidden) return;
  if (document.querySelector("[data-no-page]")) {
    location.reload();
    return;
  }
  root.removeAttribute("data-offline");
  if ("asOf" in root.dataset && notice.querySelector("[data-why-offline]")) sayWhy("back");
  else notice.hidden = true;
}

// Only a missing network is called one.
function sayWhy(why = navigator.onLine ? "slow" : "lost") {
  for (const words of notice.querySelectorAll("[data-why-offline]")) {
    words.hidden = words.dataset.whyOffline !== why;
  }
}

// While the notice stands, it is asked whether it must.
async function look() {
  if (!notice || notice.hidden || document.hidden || !root.hasAttribute("data-offline")) return;
  try {
    if ((await timely("/healthz", { cache: "no-store" })).ok) goOnline();
  } catch {
    sayWhy();
  }
}

// What a person had in the hand stays, and says as of when it is.
function sayWhen(at) {
  const place = notice.querySelector("[data-kept-at]");
  if (!place) return;
  place.textContent = "";
  if (!at) return;
  const lang = root.lang === "en" ? "en-GB" : "zh-CN";
  const options = { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" };
  const words = new Intl.DateTimeFormat(lang, { ...options, hourCycle: "h23" }).format(
    new Date(at),
  );
  place.textContent = place.dataset.words.replace("{}", words);
}

function nameKept(slugs) {
  if (!keptWords || !slugs) return;
  const names = JSON.parse(document.querySelector("[data-checklists]").dataset.names);
  const words = slugs.map((slug) => names[slug]).filter(Boolean);
  if (!words.length) return;
  keptWords.textContent = keptWords.dataset.wordsKept.replace("{}", words.join(", "));
}

// A phone that saves data keeps the pages its person opens; the rest waits until the page has settled.
function keepWhenSettled(worker) {
  const isSaving = navigator.connection && navigator.connection.saveData;
  if (!meta("community") || isSaving) return;
  // The worker of now: a newer one may have come since the page did.
  const keep = () =>
    worker.active.postMessage({ keep: meta("community"), revision: meta("revision") });
  const settle = () => setTimeout(() => (window.requestIdleCallback || setTimeout)(keep), SETTLED);
  if (document.readyState === "complete") settle();
  else addEventListener("load", settle);
}

// A first visit has its style within the page, so that the worker need not fetch it once more.
async function keepStyle() {
  const style = document.querySelector("style[data-address]");
  if (!style) return;
  const headers = { "content-type": "text/css" };
  const kept = await caches.open("assets");
  await kept.put(style.dataset.address, new Response(style.textContent, { headers }));
}

function followWorker(workers) {
  workers.addEventListener("message", ({ data }) => {
    nameKept(data.communities);
  });
  const register = () => workers.register("/sw.js");
  // Not kept, as where a browser lets no page keep anything: then the worker fetches it.
  keepStyle().then(register, register);
  workers.ready.then((registration) => {
    registration.active.postMessage({ ask: true });
    const link = document.querySelector("[data-kept-handbook]");
    const { community } = preferences();
    if (link && community) link.href = `/c/${community}/handbook`;
    keepWhenSettled(registration);
  });
}

// A copy of another day leaves out the days that are over since.
if ("otherDay" in root.dataset) {
  const now = new Date();
  const today = new Date(now - now.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
  for (const row of document.querySelectorAll("[data-day]")) row.hidden = row.dataset.day < today;
}
// The code on a door, scanned without a network.
const door = location.pathname.match(/^\/c\/([\w-]+)\/b\/([\w-]+)$/);
if (door && "asOf" in root.dataset) {
  const [, community, building] = door;
  keepPreferences({ ...preferences(), community, building });
  history.replaceState(null, "", `/c/${community}`);
}
addEventListener("offline", goOffline);
// A page that would load itself is first sure of it: that must not stop a link on its way.
addEventListener("online", () => (document.querySelector("[data-no-page]") ? look : goOnline)());
// A request that never reached us says nothing by itself; one that did proves the network is back.
document.addEventListener("lianxin:unanswered", () => {
  if (!navigator.onLine || "asOf" in root.dataset) goOffline();
});
// An answer that was on its way when the network went proves nothing: then it is asked for another.
document.addEventListener("lianxin:answered", () => (navigator.onLine ? goOnline : look)());
// A page that is followed has brought itself up to date: it is no copy any more. What a copy of
// another day leaves out comes only with a new page.
document.addEventListener("lianxin:fresh", () => {
  if (!("otherDay" in root.dataset)) delete root.dataset.asOf;
  goOnline();
});
if (!navigator.onLine || root.hasAttribute("data-offline")) goOffline();
setInterval(look, AGAIN);
document.addEventListener("visibilitychange", look);

for (const button of document.querySelectorAll("[data-again]")) {
  button.hidden = false;
  button.addEventListener("click", () => location.reload());
}
if ("serviceWorker" in navigator) followWorker(navigator.serviceWorker);
