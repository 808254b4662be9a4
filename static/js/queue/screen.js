// The hall's screen: hears of a call at once, and says each once. What stands on it is drawn by
// the check-in (device.js); the stream only says that it is time for one, and whom to call. Where
// no stream comes through, the check-in brings the calls as well, a little later.
(() => {
  const MINUTE = 60_000, FLASHES = 15_000, TOOLS = 8_000, GAP = 0.06;
  const SAID = "screen-said", MODE = "screen-voice";
  const voice = document.querySelector("[data-voice]");
  if (!voice) return;
  const clips = new Map(voice.dataset.clips.trim().split(/\s+/).map((each) => each.split("=")));
  const start = voice.querySelector("[data-voice-start]");
  const root = document.documentElement;
  const sleep = (time) => new Promise((done) => { setTimeout(done, time); });

  // The clips of one call, in order: 请 B 0 0 7 号 到 3 号窗口. Digits as numbers are called; a
  // counter above twenty in its digits too.
  const sentence = ({ number, counter }) => {
    const each = [...number].map((one) => (/\d/.test(one) ? `digit-${one}` : `letter-${one.toLowerCase()}`));
    const digits = [...String(counter)].map((one) => (one === "0" ? "digit-0" : `counter-${one}`));
    const at = clips.has(`counter-${counter}`) ? [`counter-${counter}`] : digits;
    return ["qing", ...each, "hao", "dao", ...at, "hao-chuangkou"];
  };
  window.lianxin.sentence = sentence;

  // What was said last survives a page that is loaded anew, and a browser that starts anew. Only
  // for its day: a store brought back from a backup counts from earlier.
  const day = () => new Date().toDateString();
  function lastSaid() {
    const kept = sessionStorage.getItem(SAID) ?? localStorage.getItem(SAID);
    const [on, id] = (kept ?? "").split("|");
    return on === day() ? Number(id) : 0;
  }
  function remember(id) {
    for (const store of [sessionStorage, localStorage]) store.setItem(SAID, `${day()}|${id}`);
  }

  let heard = lastSaid(), waiting = [], isSaying = false, newest = [], repeats = 2;
  let stream, seen, context;
  const buffers = new Map();
  const mode = () => localStorage.getItem(MODE) ?? "voice";

  // `calls` are of this moment: {id, number, counter, age in seconds}.
  function hear(calls) {
    newest = calls;
    const fresh = calls.filter(({ id, age }) => id > heard && age * 1000 < MINUTE).sort((a, b) => a.id - b.id);
    if (!fresh.length) return;
    heard = fresh.at(-1).id;
    waiting.push(...fresh.map((call) => ({ ...call, at: performance.now() - call.age * 1000 })));
    saySoon();
  }

  async function saySoon() {
    if (isSaying) return;
    isSaying = true;
    try {
      while (waiting.length) {
        const how = mode();
        if (how !== "silent" && !(await mayPlay())) break;
        const call = waiting.shift();
        const known = newest.map(({ id }) => id);
        if (call.id > Math.min(...known) && !known.includes(call.id)) continue; // it was taken back
        remember(call.id);
        const clipped = how === "voice" ? sentence(call) : [];
        document.dispatchEvent(new CustomEvent("lianxin:say", { detail: { id: call.id, how, clips: clipped } }));
        root.dataset.said = call.id;
        try { await say(clipped, how); } catch { await sleep(500); }
      }
    } finally {
      isSaying = false;
    }
  }

  // Without a finger on the glass some browsers play nothing; then there is a button to start.
  async function mayPlay() {
    if (!window.AudioContext) return true;
    context ??= new AudioContext();
    if (context.state !== "running") await Promise.race([context.resume().catch(() => {}), sleep(300)]);
    start.hidden = context.state === "running" || mode() === "silent";
    return context.state === "running";
  }

  async function buffer(name) {
    if (!buffers.has(name)) {
      const answer = await fetch(clips.get(name));
      if (!answer.ok) throw new Error(name);
      buffers.set(name, await context.decodeAudioData(await answer.arrayBuffer()));
    }
    return buffers.get(name);
  }

  async function say(clipped, how) {
    if (how === "silent" || !context) return;
    if (how === "chime") { await play(["chime"]); return; }
    for (let time = 0; time < repeats; time += 1) {
      // A sentence is said whole or not at all: without its counter it would send people astray.
      try { await play(time ? clipped : ["chime", ...clipped]); } catch { await play(["chime"]); }
      await sleep(400);
    }
  }

  async function play(names) {
    const found = await Promise.all(names.map(buffer));
    let at = context.currentTime + 0.05;
    const began = at;
    for (const each of found) {
      const source = context.createBufferSource();
      source.buffer = each;
      source.connect(context.destination);
      source.start(at);
      at += each.duration + GAP;
    }
    await sleep((at - began) * 1000 + 50);
  }

  // Fetched while nobody needs them: the service worker keeps them for a day without a network.
  async function prepare() {
    if (mode() === "silent" || !(await mayPlay())) return;
    for (const name of clips.keys()) try { await buffer(name); } catch { return; }
  }

  function listen() {
    if (stream && stream.readyState !== EventSource.CLOSED) return;
    stream = new EventSource("/live/screen");
    let before;
    stream.onmessage = ({ data }) => {
      const said = JSON.parse(data);
      hear(said.calls);
      const now = JSON.stringify({ ...said, calls: said.calls.map(({ id }) => id) });
      if (before !== now) window.lianxin.checkIn();
      before = now;
    };
    // The server asks again who this is.
    stream.addEventListener("gone", () => { close(); window.lianxin.checkIn(); });
  }

  function close() {
    stream?.close();
    stream = undefined;
  }

  let isPrepared = false;
  document.addEventListener("lianxin:shown", ({ detail }) => {
    const wall = document.querySelector("[data-screen]");
    voice.hidden = !wall;
    if (!wall) { close(); return; }
    repeats = Number(wall.dataset.repeats);
    listen();
    flash(wall.querySelector("[data-newest]"));
    hear(JSON.parse(wall.dataset.calls).map(({ at, ...call }) => ({ ...call, age: (detail.now - at) / 1000 })));
    if (!isPrepared) { isPrepared = true; prepare(); }
  });

  // The newest call flashes for a while; the page may be drawn anew meanwhile.
  let since = 0;
  function flash(card) {
    if (!card) return;
    const { newest: id } = card.dataset;
    if (seen !== undefined && seen !== id) since = performance.now();
    seen = id;
    const left = since ? FLASHES - (performance.now() - since) : 0;
    card.classList.toggle("is-new", left > 0);
    if (left > 0) setTimeout(() => card.classList.remove("is-new"), left);
  }

  function press(chosen) {
    for (const each of voice.querySelectorAll("[data-voice-mode]")) each.setAttribute("aria-pressed", each.dataset.voiceMode === chosen);
  }
  voice.addEventListener("click", async ({ target }) => {
    const chosen = target.closest("[data-voice-mode]")?.dataset.voiceMode;
    if (chosen) { localStorage.setItem(MODE, chosen); press(chosen); }
    if (mode() === "silent") start.hidden = true;
    else if (await mayPlay()) prepare();
    waiting = waiting.filter(({ at }) => performance.now() - at < MINUTE);
    saySoon();
  });
  press(mode());

  // The choices stand there while a hand is near.
  let hiding;
  const handy = () => {
    voice.dataset.handy = "";
    clearTimeout(hiding);
    hiding = setTimeout(() => { delete voice.dataset.handy; }, TOOLS);
  };
  for (const kind of ["pointermove", "pointerdown", "keydown"]) addEventListener(kind, handy);
})();
