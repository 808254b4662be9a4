// The rating tablet: a level that was touched is never lost. It is kept on the tablet until the
// server says that it has it, whatever the network does, and sent by itself when somebody walks
// away after the first touch.
(() => {
  const KEPT = "ratings-kept", MOST = 50, SENDS = 15, THANKS = 5_000, AGAIN = 5_000, PATIENCE = 10_000;
  const thanks = document.querySelector("[data-rate-thanks]");
  if (!thanks) return;
  const form = () => document.querySelector("[data-rate]");

  function kept() {
    try { return JSON.parse(localStorage.getItem(KEPT)) ?? []; } catch { return []; }
  }
  const keep = (all) => localStorage.setItem(KEPT, JSON.stringify(all.slice(-MOST)));

  // What is chosen but not sent yet: {form, body, left}.
  let pending, ticking, clearing;

  function note() {
    const body = new URLSearchParams(new FormData(form()));
    if (!body.has("level")) return;
    pending = { form: form(), body: body.toString(), left: SENDS };
    clearInterval(ticking);
    tell();
    ticking = setInterval(() => {
      pending.left -= 1;
      if (pending.left <= 0) give();
      else tell();
    }, 1000);
  }

  function tell() {
    const words = pending.form.querySelector("[data-rate-left]");
    words.textContent = words.dataset.words.replace("{}", pending.left);
  }

  function give() {
    clearInterval(ticking);
    const { body, form: given } = pending;
    pending = undefined;
    keep([...kept(), body]);
    given.remove();
    thanks.textContent = thanks.dataset.words;
    clearTimeout(clearing);
    clearing = setTimeout(() => { thanks.textContent = ""; }, THANKS);
    send();
  }

  // The oldest first, one at a time; the same one sent twice is one rating.
  let isSending = false, timer;
  async function send() {
    clearTimeout(timer);
    if (isSending) return;
    isSending = true;
    let isAll = true;
    for (let body = kept()[0]; body && isAll; body = kept()[0]) {
      isAll = await isTaken(body);
      if (isAll) keep(kept().filter((each) => each !== body));
    }
    isSending = false;
    if (isAll) window.lianxin.checkIn();
    else timer = setTimeout(send, AGAIN);
  }

  // Whether the server has it, or will never take it: then there is nothing to wait for.
  async function isTaken(body) {
    const giveUp = new AbortController();
    const patience = setTimeout(() => giveUp.abort(), PATIENCE);
    try {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const answer = await fetch("/rating/ratings", { method: "POST", body, headers, signal: giveUp.signal });
      return answer.ok || [404, 409, 422].includes(answer.status);
    } catch {
      return false;
    } finally {
      clearTimeout(patience);
    }
  }

  document.addEventListener("input", ({ target }) => { if (target.closest("[data-rate]")) note(); });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-rate]")) return;
    event.preventDefault();
    if (pending) give();
  });

  let stream;
  function listen() {
    if (stream && stream.readyState !== EventSource.CLOSED) return;
    stream = new EventSource("/live/rating");
    let isFirst = true;
    stream.onmessage = () => {
      if (!isFirst) window.lianxin.checkIn();
      isFirst = false;
    };
    stream.addEventListener("gone", () => { close(); window.lianxin.checkIn(); });
  }
  function close() {
    stream?.close();
    stream = undefined;
  }

  document.addEventListener("lianxin:shown", () => {
    if (document.querySelector("[data-tablet]")) listen();
    else close();
    // The next one is called already: what was touched counts all the same.
    if (pending && !pending.form.isConnected) give();
  });
  addEventListener("pagehide", () => { if (pending) keep([...kept(), pending.body]); });
  addEventListener("online", send);
  if (kept().length) send();
})();
