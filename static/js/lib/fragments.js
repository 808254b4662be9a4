// Parts that a page fetches by itself: `data-fragment` on an element names where its newer self is.
// `data-load` fetches it once, with `seen` when it is first on the screen; `data-every` fetches it
// every so many seconds while it is in view. A field
// with `data-answers` fetches the part with that id while its person types, where htmx does not do
// it by the hx- attributes of the same field. Whatever goes wrong, what is on the page stays.
import { isInUse, partOf, replacePart, timely } from "./swap.js";

const PAUSE = 150;

function tell(name) {
  document.dispatchEvent(new Event(name));
}

// The part's newer self in the page; null when there is none to be had, or no need of it any more.
async function fetched(id, address, isWanted) {
  try {
    const answer = await timely(address);
    // The worker marks what it kept, when it finds no network.
    const isKept = answer.headers.get("x-kept");
    tell(isKept ? "lianxin:unanswered" : "lianxin:answered");
    if (!answer.ok) return null;
    const fresh = await partOf(answer, id);
    const old = document.getElementById(id);
    if (!old || isInUse(old) || !isWanted()) return null;
    replacePart(old, fresh);
    tell("lianxin:swapped");
    return fresh;
  } catch {
    tell("lianxin:unanswered");
    return null;
  }
}

function follow({ id, dataset: { fragment, every } }) {
  setInterval(
    () => {
      if (!document.hidden) fetched(id, fragment, () => true);
    },
    Number(every) * 1000,
  );
}

// An answer to words that were typed over meanwhile comes too late.
function answerWhileTyping(field) {
  const { fragment, answers } = field.dataset;
  let timer = 0;
  let asked = field.value;
  function ask() {
    if (field.value === asked) return;
    asked = field.value;
    const address = new URL(fragment, location.href);
    address.searchParams.set(field.name, asked);
    fetched(answers, address.href, () => field.value === asked);
  }
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
}

function fetchNow({ id, dataset: { fragment } }) {
  fetched(id, fragment, () => true);
}

const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    fetchNow(target);
  }
});

function fetchParts() {
  for (const part of document.querySelectorAll('[data-load=""]')) fetchNow(part);
  for (const part of document.querySelectorAll('[data-load="seen"]')) seen.observe(part);
  for (const part of document.querySelectorAll("[data-fragment][data-every]")) follow(part);
}

function answerEveryField() {
  for (const field of document.querySelectorAll("[data-fragment][data-answers]")) {
    answerWhileTyping(field);
  }
}

// htmx 4 fails at each swap in engines of before 2022, so it is not asked for there; nor on pages
// without a field that it would answer, where its bytes would only cost mobile data.
function wantsHtmx() {
  const isNew = "structuredClone" in window && "at" in Array.prototype;
  return isNew && document.querySelector("[hx-get]") !== null;
}

function loadHtmx(address) {
  document.addEventListener("htmx:after:swap", () => tell("lianxin:swapped"));
  document.addEventListener("htmx:error", () => tell("lianxin:unanswered"));
  document.addEventListener("htmx:after:request", ({ detail }) => {
    const response = detail && detail.ctx && detail.ctx.response;
    if (response && response.status) tell("lianxin:answered");
  });
  const script = document.createElement("script");
  script.src = address;
  script.addEventListener("error", answerEveryField);
  document.head.append(script);
}

fetchParts();
if (wantsHtmx()) loadHtmx(document.querySelector('meta[name="lianxin-htmx"]').content);
else answerEveryField();
