// A hall's device: asks the server what it is to show, tells the time by the server's clock, and
// stands for weeks without a hand to help it. It counts on nothing: not on the network, not on
// the server, not on the device's own clock, and not on an answer being ours.
(() => {
  const SILENT = 30_000, PATIENCE = 10_000, FIRST = 5_000, LONGEST = 30_000, AGAIN = 600_000;
  const MINUTE = 60_000, HOUR = 60 * MINUTE, NIGHT = [2 * HOUR, 5 * HOUR], DAY = 24 * HOUR;

  // Whether to load the page anew, in local milliseconds: a newer version at once when nobody can
  // be using the device; and once a night, at a moment of its own.
  const isDue = ({ now, loaded, moment, isNewer, isIdle }) => {
    const midnight = now - (now % DAY);
    const inNight = now >= midnight + moment && now < midnight + NIGHT[1];
    return (isNewer && isIdle) || (inNight && loaded < midnight + NIGHT[0]);
  };
  window.lianxin.isDue = isDue;

  const place = document.querySelector("[data-check-in]");
  if (!place) return;
  const root = document.documentElement;
  const notice = document.querySelector("[data-device-notice]");
  const version = document.querySelector("meta[name=lianxin-revision]").content.split(".")[1];
  const moment = NIGHT[0] + Math.random() * (NIGHT[1] - NIGHT[0] - 10 * MINUTE);
  let ahead = -new Date().getTimezoneOffset() * MINUTE; // local time is the device's clock and this
  let loaded, answered, answeredAt, shown, lock;
  let isAsking = false, isWanted = false, failures = 0, every = FIRST, timer;

  const now = () => Date.now() + ahead;
  const time = (at) => `${Math.floor((at % DAY) / HOUR)}:${String(Math.floor((at % HOUR) / MINUTE)).padStart(2, "0")}`;
  const days = new Intl.DateTimeFormat(root.lang === "en" ? "en-GB" : "zh-CN", { month: "long", day: "numeric", weekday: "long", timeZone: "UTC" });
  const write = (element, words) => { if (element && element.textContent !== words) element.textContent = words; };

  function tick() {
    for (const each of document.querySelectorAll("[data-clock]")) write(each, time(now()));
    for (const each of document.querySelectorAll("[data-date]")) write(each, days.format(now()));
    const isSilent = answered === undefined ? failures > 0 : performance.now() - answered > SILENT;
    root.toggleAttribute("data-offline", isSilent);
    const words = answered === undefined ? notice.dataset.wordsWaiting : notice.dataset.wordsSince.replace("{}", answeredAt);
    write(notice, isSilent ? words : "");
  }

  function show(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("device");
    if (!fresh) throw new Error("not an answer of ours");
    const said = fresh.dataset;
    ahead = Number(said.now) - Date.now() + Number(said.offset) * MINUTE;
    every = Number(said.every) * 1000;
    loaded ??= now();
    answered = performance.now();
    answeredAt = time(now());
    // What did not change is left alone: nothing flickers, and no voice says it again.
    if (fresh.innerHTML !== shown) {
      shown = fresh.innerHTML;
      place.replaceChildren(...fresh.childNodes);
      document.title = place.querySelector("h1").textContent;
    }
    document.dispatchEvent(new CustomEvent("lianxin:shown", { detail: { now: Number(said.now) } }));
    return said;
  }

  async function checkIn() {
    // Something happened while an answer is awaited, which may never come: ask once more after it.
    isWanted = isAsking;
    if (isAsking) return;
    isAsking = true;
    clearTimeout(timer);
    const giveUp = new AbortController();
    const patience = setTimeout(() => giveUp.abort(), PATIENCE);
    try {
      const body = new URLSearchParams({ version });
      const answer = await fetch(place.dataset.checkIn, { method: "POST", body, signal: giveUp.signal });
      if (!answer.ok && answer.status !== 429) throw new Error(answer.statusText);
      const said = show(await answer.text());
      failures = 0;
      loadAnewIfDue(said);
      stayAwake();
    } catch {
      failures += 1;
      every = Math.min(FIRST * 2 ** Math.min(failures - 1, 5), LONGEST);
    } finally {
      clearTimeout(patience);
      isAsking = false;
      // Never all devices of a hall in step.
      timer = setTimeout(checkIn, isWanted ? 0 : every * (0.8 + Math.random() * 0.4));
    }
    tick();
  }

  // Only after an answer, so that there is a server to load from; and not again and again, should
  // two servers behind one address be of two versions.
  function loadAnewIfDue(said) {
    const isNewer = said.version !== version, isIdle = "idle" in said;
    if (!isDue({ now: now(), loaded, moment, isNewer, isIdle })) return;
    if (Math.abs(Date.now() - Number(sessionStorage.getItem("device-loaded"))) < AGAIN) return;
    sessionStorage.setItem("device-loaded", Date.now());
    location.reload();
  }

  async function stayAwake() {
    if (!navigator.wakeLock || document.hidden || lock?.released === false) return;
    try { lock = await navigator.wakeLock.request("screen"); } catch { /* the device decides */ }
  }

  // A clock that was set, or a device that slept: the two clocks of the browser come apart.
  let wall = Date.now(), steady = performance.now();
  setInterval(() => {
    const passed = [Date.now() - wall, performance.now() - steady];
    [wall, steady] = [Date.now(), performance.now()];
    if (Math.abs(passed[0] - passed[1]) > 2000 || passed[1] > 10_000) checkIn();
    tick();
  }, 1000);
  window.lianxin.checkIn = checkIn;
  addEventListener("online", checkIn);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) checkIn(); });
  navigator.serviceWorker?.ready.then(({ active }) => active.postMessage({ device: location.pathname }));
  tick();
  checkIn();
})();
