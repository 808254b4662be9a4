// One person's visit to the terminal: where they have been, for the way back; and its end, after
// which nothing of them is left. A visit ends on the start page, whichever way leads there.
import { checkIn } from "../devices/check_in.js";
import { keep, keys, read } from "../lib/store.js";
import { partOf, timely } from "../lib/swap.js";

// What is the device's own: its paper, and the page it begins with when there is no network.
const HOME = "terminal-home";
const DEVICES_OWN = ["kiosk-paper", HOME];
const LOADED = "device-loaded";
const TRAIL = "terminal-trail";
const MINUTE = 60000;

export function forget() {
  for (const key of keys()) if (!DEVICES_OWN.includes(key)) keep(key, null);
  const loaded = sessionStorage.getItem(LOADED);
  sessionStorage.clear();
  if (loaded) sessionStorage.setItem(LOADED, loaded);
}

// The pages of this visit, this one last. A page that is met again shortens the way.
function trail() {
  const before = JSON.parse(sessionStorage.getItem(TRAIL) || "[]");
  const met = before.indexOf(location.pathname);
  const now = [...(met < 0 ? before : before.slice(0, met)), location.pathname];
  sessionStorage.setItem(TRAIL, JSON.stringify(now));
  return now;
}

function leadBack(link) {
  const way = trail();
  if (way.length > 1) link.href = way[way.length - 2];
  else if (link.pathname === location.pathname) link.href = "/terminal";
}

// The other language is no page of its own on the way back.
function forgetThisPage() {
  const way = JSON.parse(sessionStorage.getItem(TRAIL) || "[]");
  sessionStorage.setItem(TRAIL, JSON.stringify(way.slice(0, -1)));
}

// While someone reads for long, the terminal is still seen, and one that was taken out of service
// ends the visit.
async function look(start) {
  try {
    const version = document.querySelector("meta[name=lianxin-revision]").content.split(".")[1];
    const body = new URLSearchParams({ version });
    const answer = await timely(`/f/devices${start}`, { method: "POST", body });
    if (!answer.ok) return;
    const shown = await partOf(answer, "device");
    if (!shown.querySelector("[data-terminal-home]")) location.replace(start);
  } catch {
    // No network: the kept pages are read on.
  }
}

function movePage({ target }) {
  const button = target.closest("button[value]");
  if (!button) return;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const top = Number(button.value) * innerHeight * 0.6;
  scrollBy({ top, behavior: isCalm ? "auto" : "smooth" });
}

// Up and down where there is more than the screen shows; the bar where there is anything in it.
function showWays(ways) {
  const { scrollHeight, clientHeight } = document.documentElement;
  const moves = [...ways.querySelectorAll("button[value]")];
  for (const button of moves) button.hidden = scrollHeight <= clientHeight;
  ways.hidden = [...ways.children].every((each) => each.hidden);
  ways.addEventListener("click", movePage);
}

function begin(page) {
  const back = document.querySelector("[data-terminal-back]");
  if (back) leadBack(back);
  const language = document.querySelector("[data-terminal-language]");
  language.addEventListener("click", forgetThisPage);
  const print = document.querySelector("[data-terminal-print]");
  if (print && (read("kiosk-paper") || "none") !== "none") {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  const ways = document.querySelector("[data-terminal-pages]");
  if (ways) showWays(ways);
  setInterval(() => look(page.dataset.start), MINUTE);
}

// The start page as it was kept, for a terminal that was switched on without a network.
async function showKept(place) {
  const home = read(HOME);
  if (!home || place.querySelector(".terminal-categories")) return;
  const kept = await caches.match(home);
  if (!kept) return;
  const page = new DOMParser().parseFromString(await kept.text(), "text/html");
  const start = page.querySelector("#terminal-start");
  if (start && !place.querySelector(".terminal-categories")) {
    place.textContent = "";
    place.append(start);
  }
}

// After each check-in: this terminal keeps what its hall has, or forgets it when it has no hall.
function keepPages() {
  const top = document.querySelector("[data-terminal-home]");
  keep(HOME, top && top.dataset.terminalHome);
  if (!navigator.serviceWorker) return;
  const told = top
    ? { home: top.dataset.terminalHome, community: top.dataset.community, copy: top.dataset.copy }
    : { home: "" };
  navigator.serviceWorker.ready.then(({ active }) => active.postMessage({ terminal: told }));
}

const page = document.querySelector(".terminal-page");
const place = document.querySelector(".terminal [data-check-in]");
if (page) begin(page);
if (place) {
  forget();
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) checkIn();
  });
  document.addEventListener("lianxin:shown", keepPages);
  document.addEventListener("lianxin:silent", () => showKept(place).catch(() => {}));
}
