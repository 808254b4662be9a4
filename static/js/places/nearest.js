// The nearest place first, from where the phone is: asked for with a tap, worked out here, told to
// nobody. It also narrows a kept copy of the page, which no server can: what is open is counted now,
// from the periods of the days that the copy knows.
import { preferences } from "../site/preferences.js";

const EARTH = 6371008.8; // metres
const DAY = 86400000;
// How long a position counts as where the phone is, while its tab is open.
const FRESH = 600000;
const KEPT = "lianxin-here";
const root = document.documentElement;
const places = document.querySelector("[data-places]");

const radians = (degrees) => (degrees * Math.PI) / 180;

export function metres(from, to) {
  const north = radians(to.latitude - from.latitude) * EARTH;
  const width = EARTH * Math.cos(radians(from.latitude));
  return Math.hypot(north, radians(to.longitude - from.longitude) * width);
}

export function inWords(distance) {
  if (distance < 995) return `${Math.round(distance / 10) * 10} m`;
  return `${(distance / 1000).toFixed(1)} km`;
}

export function positionOf({ dataset }) {
  return { latitude: Number(dataset.latitude), longitude: Number(dataset.longitude) };
}

// The periods of this moment's day, as `[["0830", "1200"]]`; null when nobody says.
function periodsNow(row) {
  const { firstDay, minutesEast } = places.dataset;
  const now = new Date(Date.now() + minutesEast * 60000);
  const ahead = Math.floor((now - Date.parse(`${firstDay}T00:00:00Z`)) / DAY);
  const day = row.dataset.open.split(" ")[ahead];
  if (!day || day === "?") return null;
  const time = now.toISOString().slice(11, 16).replace(":", "");
  const periods = day === "-" ? [] : day.split(",").map((each) => each.split("-"));
  return periods.filter(([opens, closes]) => opens <= time && (time < closes || closes === "2359"));
}

// 2 for a place that fits, 1 where nobody has said it for certain, 0 for one that does not.
function fits(row, asked) {
  let found = 2;
  if (asked.has("open")) {
    const periods = periodsNow(row);
    found = periods === null ? 1 : periods.length && 2;
  }
  if (asked.has("stepfree")) found = Math.min(found, { yes: 2, no: 0 }[row.dataset.stepFree] ?? 1);
  return found;
}

// That a place is open, and until when.
function showState(row) {
  const [period] = periodsNow(row) || [];
  const state = row.querySelector(".state");
  state.hidden = !period;
  if (!period) return;
  const [, closes] = period;
  const until = `${Number(closes.slice(0, 2))}:${closes.slice(2)}`;
  const { wordsOpen, wordsUntil } = places.dataset;
  state.textContent = closes === "2359" ? wordsOpen : wordsUntil.replace("{}", until);
}

const listIn = (name) => places.querySelector(`[data-${name}] .rows`);

// The rows where they belong: near things in one list, others by kind as they stand.
function arrange(rows, from) {
  const near = (row) => metres(from, positionOf(row));
  if (from) rows.sort((a, b) => near(a.row) - near(b.row));
  for (const { row, found, home } of rows) {
    row.hidden = !found;
    if (from) {
      row.querySelector(".away").textContent = places.dataset.wordsAway.replace(
        "{}",
        inWords(near(row)),
      );
    }
    if (found === 1) listIn("perhaps").append(row);
    else (from ? listIn("nearest") : home).append(row);
  }
  for (const section of places.querySelectorAll("section")) {
    section.hidden = !section.querySelector(".facility:not([hidden])");
  }
  const fitting = rows.filter(({ found }) => found === 2).length;
  places.querySelector("[data-nothing]").hidden = fitting > 0;
  return fitting;
}

const rowsOfPage = () =>
  [...places.querySelectorAll(".facility")].map((row) => {
    const home = row.closest(".rows");
    return { row, home, found: home === listIn("perhaps") ? 1 : 2 };
  });

export function keptPosition() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    return kept && Date.now() - kept.at < FRESH ? kept : null;
  } catch {
    return null;
  }
}

function keepPosition({ latitude, longitude }) {
  const position = { latitude, longitude, at: Date.now() };
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(position));
  } catch {
    /* then it counts for this page */
  }
  return position;
}

export function askPhone(found, refused) {
  navigator.geolocation.getCurrentPosition(({ coords }) => found(keepPosition(coords)), refused, {
    maximumAge: 60000,
    timeout: 10000,
  });
}

function press(link, isOn) {
  if (isOn) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}

// The nearest to a position that only the phone knows.
function sortFromHere(position) {
  const button = document.querySelector("[data-here]");
  arrange(rowsOfPage(), position);
  const asked = new URLSearchParams(location.search);
  asked.set("from", "here");
  history.replaceState(history.state, "", `${location.pathname}?${asked}`);
  button.setAttribute("aria-pressed", "true");
  for (const link of document.querySelectorAll("[data-origin]")) press(link, false);
  document.querySelector("[data-origin-words]").textContent = button.dataset.wordsHere;
  document.querySelector("[data-here-status]").textContent = "";
  for (const link of document.querySelectorAll("[data-wish]")) {
    if (link.dataset.wish === "nearest") continue;
    const address = new URL(link.href);
    address.searchParams.set("from", "here");
    link.href = address.href;
  }
}

function offer(button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const status = document.querySelector("[data-here-status]");
    askPhone(sortFromHere, () => {
      status.textContent = button.dataset.wordsRefused;
    });
  });
}

function originOf(asked) {
  const links = [...document.querySelectorAll("[data-origin]")];
  const named = links.find(({ dataset }) => dataset.origin === asked.get("from"));
  if (named) return named;
  const { community, building } = preferences();
  const isHere = location.pathname.startsWith(`/c/${community}/`);
  const own = links.find(({ dataset }) => dataset.buildings.split(" ").includes(building));
  return (isHere && own) || links[links.length - 1];
}

// A kept copy is of the whole page, whatever its address asks for.
function narrowCopy(asked) {
  const origin = asked.has("from") ? originOf(asked) : null;
  const rows = rowsOfPage().map((each) => ({ ...each, found: fits(each.row, asked) }));
  if (asked.has("open")) rows.forEach(({ row }) => showState(row));
  const fitting = arrange(rows, origin && positionOf(origin));
  for (const link of document.querySelectorAll("[data-wish]")) {
    const { wish } = link.dataset;
    const name = wish === "nearest" ? "from" : wish;
    const isOn = asked.has(name);
    const other = new URLSearchParams(asked);
    if (isOn) other.delete(name);
    else other.set(name, name === "from" ? "home" : "1");
    link.href = `${location.pathname}?${other}`;
    press(link, isOn);
  }
  countOpen(rows, asked);
  document.querySelector("[data-origins]").hidden = !origin;
  for (const link of document.querySelectorAll("[data-origin]")) {
    const other = new URLSearchParams(asked);
    other.set("from", link.dataset.origin);
    link.href = `${location.pathname}?${other}`;
    press(link, link === origin);
  }
  if (origin) document.querySelector("[data-origin-words]").textContent = origin.dataset.words;
  const words = places.dataset.wordsShown.replace("{}", fitting).replace("{}", rows.length);
  places.querySelector("[data-shown]").textContent =
    asked.has("open") || asked.has("stepfree") ? words : "";
}

// What is open is counted for this moment, also on a page that was made this morning.
function countOpen(rows, asked) {
  for (const link of document.querySelectorAll("[data-wish]")) {
    const { wish } = link.dataset;
    if (wish === "nearest") continue;
    const more = new URLSearchParams(asked);
    more.set(wish, "1");
    const fitting = rows.filter(({ row }) => fits(row, more) === 2);
    link.querySelector(".count").textContent = fitting.length;
  }
}

if (places) {
  const asked = new URLSearchParams(location.search);
  const button = document.querySelector("[data-here]");
  if ("asOf" in root.dataset) narrowCopy(asked);
  else if (!location.search) countOpen(rowsOfPage(), asked);
  if (navigator.geolocation) {
    offer(button);
    const kept = asked.get("from") === "here" && keptPosition();
    if (kept) sortFromHere(kept);
  }
}
