// The app without a network: the worker is registered, told which handbook to keep, and asked
// whether the page in front of the person is a kept copy.
import { preferences } from "../site/preferences.js";

const SETTLED = 2000;
const root = document.documentElement;
// A hall's device has none: it tells by itself since when it has heard nothing.
const notice = document.querySelector("[data-offline-notice]");
// Looked for now: a kept copy puts this mark on its root as well.
const keptWords = document.querySelector("[data-kept]");

function meta(name) {
  const found = document.querySelector(`meta[name=lianxin-${name}]`);
  return found && found.content;
}

function goOffline() {
  if (!notice || root.hasAttribute("data-offline")) return;
  root.setAttribute("data-offline", "");
  notice.hidden = false;
  document.dispatchEvent(new Event("lianxin:offline"));
}

function goOnline() {
  if (!notice) return;
  root.removeAttribute("data-offline");
  notice.hidden = true;
}

// What a person had in the hand stays, and says as of when it is.
function sayWhen(at) {
  const place = notice && notice.querySelector("[data-kept-at]");
  if (!place || !at) return;
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
  const keep = () => worker.postMessage({ keep: meta("community"), revision: meta("revision") });
  const settle = () => setTimeout(() => (window.requestIdleCallback || setTimeout)(keep), SETTLED);
  if (document.readyState === "complete") settle();
  else addEventListener("load", settle);
}

function followWorker(workers) {
  workers.addEventListener("message", ({ data }) => {
    if (data.copy) {
      root.dataset.kept = "true";
      sayWhen(data.at);
      goOffline();
    }
    nameKept(data.communities);
  });
  workers.register("/sw.js");
  workers.ready.then(({ active }) => {
    active.postMessage({ ask: true });
    const link = document.querySelector("[data-kept-handbook]");
    const { community } = preferences();
    if (link && community) link.href = `/c/${community}/handbook`;
    keepWhenSettled(active);
  });
}

addEventListener("offline", goOffline);
addEventListener("online", goOnline);
// A request that never reached us says nothing by itself; one that did proves the network is back.
document.addEventListener("lianxin:unanswered", () => {
  if (!navigator.onLine || root.dataset.kept) goOffline();
});
document.addEventListener("lianxin:answered", goOnline);
if (!navigator.onLine) goOffline();

for (const button of document.querySelectorAll("[data-again]")) {
  button.hidden = false;
  button.addEventListener("click", () => location.reload());
}
if ("serviceWorker" in navigator) followWorker(navigator.serviceWorker);
