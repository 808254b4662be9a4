// A ticket that is followed: numbers change in place, the page's changing part is fetched when the
// state does, and when nothing comes the page says so and asks by itself. The truth is always the
// server's; what was missed in a tunnel, asleep or while the server restarted comes with the first
// message.
(() => {
  const place = document.querySelector("[data-ticket]");
  const token = place?.dataset.ticket;
  if (!token) return;
  // The stream says the time each minute: more silence than that is a dead line.
  const SILENT = 80_000, ASK = 10_000, PAUSE = 3_000, TICK = 1_000, ASLEEP = 10_000, PATIENCE = 8_000;
  const RINGS = [0, 0.45, 0.9];
  const notice = document.querySelector("[data-ticket-notice]");
  const say = document.querySelector("[data-ticket-say]");
  const plain = document.title;
  const now = () => performance.now();
  const ticket = () => document.getElementById("ticket");
  let source, heard = now(), isLive = false, isOver = false, asked = -Infinity, began = 0, isAsking = false;
  let since = place.querySelector("[data-live=at]")?.textContent ?? "", rung = Number(ticket().dataset.ring);

  const write = (name, words) => {
    const element = place.querySelector(`[data-live=${name}]`);
    if (element && words !== "" && element.textContent !== String(words)) element.textContent = words;
  };

  function tell() {
    place.toggleAttribute("data-is-live", isLive);
    const stale = !isLive && !isOver && now() - heard > PAUSE;
    notice.hidden = !stale;
    const words = stale ? place.dataset.wordsStale.replace("{}", since) : "";
    if (notice.textContent !== words) notice.textContent = words;
  }

  function swap(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("ticket");
    if (!fresh) throw new Error("not an answer of ours");
    const before = ticket();
    const isOpen = before.querySelector("details")?.open;
    const had = before.contains(document.activeElement);
    before.replaceWith(fresh);
    const more = fresh.querySelector("details");
    if (more && isOpen) more.open = true;
    since = fresh.querySelector("[data-live=at]")?.textContent ?? since;
    if (had) { fresh.tabIndex = -1; fresh.focus(); }
    if (fresh.dataset.state !== before.dataset.state) {
      say.textContent = fresh.dataset.title;
      if (fresh.dataset.state === "called") scrollTo({ top: 0 });
    }
    document.title = fresh.dataset.state === "called" ? fresh.dataset.title : plain;
    ring(Number(fresh.dataset.ring));
  }

  // The changing part alone. Never twice at once; a second wish is granted afterwards.
  let isWanted = false, isBehind = false;
  async function ask() {
    isWanted = isAsking;
    if (isAsking) return;
    isAsking = true;
    asked = now();
    const giveUp = new AbortController();
    const patience = setTimeout(() => giveUp.abort(), PATIENCE);
    try {
      const answer = await fetch(`/f/tickets/${token}`, { signal: giveUp.signal });
      if (!answer.ok) throw new Error(answer.statusText);
      swap(await answer.text());
      isBehind = false;
      heard = now();
    } catch { /* the notice says since when; it is asked again */ } finally {
      clearTimeout(patience);
      isAsking = false;
      if (isWanted) ask();
      tell();
    }
  }

  function take(words) {
    if (!words.mark) return;
    if (words.mark !== ticket().dataset.mark) {
      isBehind = true;
      ask();
    }
    for (const name of ["ahead", "wait", "back", "calling", "counter", "at"]) write(name, words[name]);
    since = words.at;
  }

  function listen() {
    source?.close();
    if (isOver) return;
    began = now();
    source = new EventSource(`/live/tickets/${token}`);
    source.addEventListener("message", ({ data }) => {
      heard = now();
      isLive = true;
      take(JSON.parse(data));
      tell();
    });
    source.addEventListener("gone", () => {
      isOver = isBehind = true;
      source.close();
      ask();
    });
    source.addEventListener("error", () => { isLive = false; tell(); });
  }

  // By one tap, because browsers let a page sound only then.
  let sound, lock;
  const box = document.querySelector("[data-tell-box]");
  const Sound = window.AudioContext ?? window.webkitAudioContext;
  if (box && (Sound || navigator.vibrate)) {
    box.hidden = false;
    box.querySelector("[data-tell]").addEventListener("click", ({ currentTarget: button }) => {
      if (Sound) { sound ??= new Sound(); sound.resume(); chime([0]); }
      navigator.vibrate?.(80);
      button.setAttribute("aria-pressed", "true");
      button.textContent = button.dataset.wordsOn;
      wake();
    });
  }
  const wants = () => box?.querySelector("[aria-pressed=true]");
  async function wake() {
    if (!navigator.wakeLock || document.hidden || !wants() || lock?.released === false) return;
    try { lock = await navigator.wakeLock.request("screen"); } catch { /* the phone decides */ }
  }
  function chime(times) {
    for (const at of times) {
      const [tone, volume] = [sound.createOscillator(), sound.createGain()];
      const begin = sound.currentTime + at;
      tone.frequency.setValueAtTime(880, begin);
      tone.frequency.setValueAtTime(660, begin + 0.18);
      volume.gain.setValueAtTime(0.3, begin);
      volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.4);
      tone.connect(volume).connect(sound.destination);
      tone.start(begin);
      tone.stop(begin + 0.4);
    }
  }
  function ring(call) {
    if (!call || call === rung) return;
    rung = call;
    if (!wants()) return;
    navigator.vibrate?.([300, 150, 300, 150, 600]);
    if (sound) { sound.resume(); chime(RINGS); }
  }

  // A phone that slept or a line that died in silence: both clocks tell.
  let wall = Date.now();
  setInterval(() => {
    const slept = Date.now() - wall > ASLEEP;
    wall = Date.now();
    if (isOver && isBehind && now() - asked > PAUSE) ask();
    if (isOver) return;
    const isDead = source.readyState === EventSource.CLOSED || now() - heard > SILENT;
    if (slept || (isDead && now() - began > PAUSE)) {
      isLive = false;
      listen();
    }
    if (isBehind ? now() - asked > PAUSE : !isLive && now() - Math.max(asked, began) > ASK) ask();
    tell();
  }, TICK);
  addEventListener("online", () => { listen(); ask(); });
  addEventListener("offline", () => { isLive = false; tell(); });
  addEventListener("pageshow", (event) => { if (event.persisted) { listen(); ask(); } });
  addEventListener("pagehide", () => source.close());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || isOver) return;
    wake();
    if (!isLive || source.readyState !== EventSource.OPEN) listen();
    ask();
  });
  listen();
})();
