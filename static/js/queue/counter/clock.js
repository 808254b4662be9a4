// Time on the desk, by the server's clock: how long it takes, and how long a call can be taken back.
const root = document.documentElement;
const twoDigits = new Intl.NumberFormat(root.lang === "en" ? "en" : "zh-CN", {
  minimumIntegerDigits: 2,
});

let ahead = 0;

// `now` is the server's, in milliseconds.
export function setClock(now) {
  ahead = Number(now) - Date.now();
}

export function tick() {
  const now = Date.now() + ahead;
  for (const place of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((now - Number(place.dataset.since)) / 1000));
    place.textContent = `${Math.floor(seconds / 60)}:${twoDigits.format(seconds % 60)}`;
  }
  for (const place of document.querySelectorAll("[data-until]")) {
    const left = Math.ceil((Number(place.dataset.until) - now) / 1000);
    place.hidden = left <= 0;
    place.querySelector("kbd").textContent = `Z ${left}`;
  }
}
