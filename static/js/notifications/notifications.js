// Being told: following a ticket by one tap, notifications where the browser takes them, and how
// much is new. Nothing is asked on arrival; what the server knows is never waited for.
(() => {
  const KEPT = "/push/kept", FLAG = "lianxin-told", DAY = 86_400_000, PATIENCE = 20_000;
  const agent = navigator.userAgent;
  const isApple = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
  const isWeChat = /MicroMessenger/.test(agent);
  const canPush = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const whyNot = () => {
    if (isWeChat) return "wechat";
    if (!canPush) return isApple ? "ios" : "none";
    return Notification.permission === "denied" ? "denied" : "";
  };
  const say = (place, why) => {
    for (const each of place?.querySelectorAll("[data-why]") ?? []) each.hidden = each.dataset.why !== why;
  };

  const quietly = (promise) => promise.catch(() => { /* another day */ });

  // What this browser last told the server, where the worker finds it as well.
  const kept = async () => (await (await caches.open("pages")).match(KEPT))?.json();
  const keep = async (words) => (await caches.open("pages")).put(KEPT, new Response(JSON.stringify(words)));
  const forget = async () => (await caches.open("pages")).delete(KEPT);

  const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const timely = (promise) => Promise.race([
    promise,
    new Promise((_, give) => { setTimeout(() => give(new Error("no answer in time")), PATIENCE); }),
  ]);

  async function subscription() {
    const answer = await fetch("/push/key");
    if (!answer.ok) throw new Error(answer.statusText);
    const { key } = await answer.json();
    const { pushManager } = await navigator.serviceWorker.ready;
    const found = await pushManager.getSubscription();
    if (found && text(found.options.applicationServerKey) === key) return found;
    // Made with a key that was rotated away.
    await found?.unsubscribe();
    return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  }

  async function post(found, whose, more = {}) {
    const { endpoint, keys: { p256dh, auth } } = found.toJSON();
    const key = text(found.options.applicationServerKey);
    const body = new URLSearchParams({ endpoint, p256dh, auth, key, whose, ...more });
    const answer = await fetch("/push/subscriptions", { method: "POST", body });
    if (answer.status === 410) {
      // Ended by its owner on another page of theirs.
      await found.unsubscribe();
      await forget();
    } else if (answer.ok) await keep({ endpoint, key, whose, at: Date.now() });
    // A service that is not on our list: messages for it would go nowhere.
    if (answer.status === 422) return "unknown";
    return answer.ok ? "" : "failed";
  }

  // Once a day, and at once when the browser changed its subscription by itself.
  async function renew() {
    if (!canPush || Notification.permission !== "granted") return;
    const before = await kept();
    // Somebody of the office is only known on their own pages.
    if (!before || (before.whose === "staff" && !document.querySelector(".staff-tabs"))) return;
    const now = await (await navigator.serviceWorker.ready).pushManager.getSubscription();
    if (now?.endpoint === before.endpoint && Date.now() - before.at < DAY) return;
    const fresh = await subscription();
    await post(fresh, before.whose, fresh.endpoint === before.endpoint ? { renews: "1" } : { old: before.endpoint });
  }

  // The permission is asked for within the tap, before anything else is waited for.
  const asked = () => (whyNot() ? null : Notification.requestPermission());
  async function begin(permission, whose) {
    if (whyNot()) return whyNot();
    if (await permission !== "granted") return "denied";
    try {
      flag();
      return await post(await timely(subscription()), whose);
    } catch {
      return "failed";
    }
  }

  function swap(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    for (const id of ["ticket", "watch"]) {
      const [before, after] = [document.getElementById(id), fresh.getElementById(id)];
      if (id === "ticket" && !after?.querySelector("[role=alert]")) continue;
      if (after) before.replaceWith(after);
      else before.remove();
    }
    document.querySelector("#ticket [role=alert]")?.scrollIntoView({ block: "center" });
    const box = document.getElementById("watch");
    if (box) box.tabIndex = -1;
    box?.focus({ preventScroll: true });
    return box;
  }
  const page = async () => swap(await (await fetch(location.pathname)).text());

  let isBusy = false;
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-watch-form]")) return;
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    const isEnding = form.dataset.watchForm === "ending";
    const permission = isEnding ? null : asked();
    const body = new URLSearchParams(new FormData(form));
    if (event.submitter?.name) body.set(event.submitter.name, event.submitter.value);
    let box;
    try {
      box = swap(await (await fetch(form.action, { method: "POST", body })).text());
      flag();
    } catch {
      say(form.closest("section"), "offline");
      return;
    } finally {
      isBusy = false;
    }
    if (isEnding || !box?.hasAttribute("data-reads")) return;
    const why = await begin(permission, "device");
    try {
      if (!why) box = await page();
    } catch { /* the page is right again when it is looked at next */ }
    say(box, why);
    quietly(offer(box));
  });

  // Where notifications would come but do not yet: one more tap.
  async function offer(place) {
    const button = place?.querySelector("[data-push-offer]");
    if (!button || whyNot()) return;
    button.hidden = Notification.permission === "granted" && Boolean(await kept());
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-push-on]");
    if (!button || isBusy) return;
    isBusy = true;
    const place = button.closest("section");
    const why = await begin(asked(), button.dataset.pushOn);
    isBusy = false;
    if (why) say(place, why);
    else if (place.id === "watch") await page();
    else location.reload();
  });

  // The list of browsers says which one this is; stopped here, it is stopped wholly.
  async function here() {
    const now = canPush && await (await navigator.serviceWorker.ready).pushManager.getSubscription();
    if (!now) return;
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(now.endpoint));
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const row = document.querySelector(`[data-browser="${hex}"]`);
    if (!row) return;
    row.querySelector("[data-here]").hidden = false;
    row.querySelector("[data-push-off]").addEventListener("submit", async (event) => {
      event.preventDefault();
      await now.unsubscribe().catch(() => {});
      await forget();
      event.target.submit();
    });
  }

  // How much is new: asked only by a browser that was told something once.
  const isTold = () => { try { return localStorage.getItem(FLAG); } catch { return null; } };
  function flag() { try { localStorage.setItem(FLAG, "1"); } catch { /* it is asked for less often */ } }
  function show(unread) {
    if (unread) navigator.setAppBadge?.(unread).catch(() => {});
    else navigator.clearAppBadge?.().catch(() => {});
    const tab = document.querySelector(".tabs[data-words-new] a[href='/mine']");
    const dot = tab?.querySelector(".tab-dot");
    if (!unread) dot?.remove();
    else if (tab && !dot) {
      const fresh = document.createElement("span");
      const words = document.createElement("span");
      fresh.className = "tab-dot";
      words.className = "hidden";
      words.textContent = tab.parentElement.dataset.wordsNew;
      fresh.append(words);
      tab.append(fresh);
    }
  }
  async function count() {
    if (!isTold() || document.hidden) return;
    // Whoever looks at the page has read what led to it.
    const reads = document.querySelector("[data-reads]");
    const asking = reads
      ? fetch("/inbox/readings", { method: "POST", body: new URLSearchParams({ path: location.pathname }) })
      : fetch("/inbox/unread");
    try { show((await (await asking).json()).unread); } catch { /* without a network nothing is new */ }
  }

  const phones = document.querySelector("[data-phones]");
  if (phones) {
    const kind = isWeChat ? "wechat" : isApple ? "ios" : /Android/.test(agent) ? "android" : "";
    const mine = kind && phones.querySelector(`[data-phone=${kind}]`);
    if (mine) {
      phones.prepend(mine);
      mine.querySelector("[data-this-phone]").hidden = false;
    }
  }

  document.addEventListener("htmx:after:swap", () => { if (document.querySelector("[data-told]")) { flag(); quietly(count()); } });
  document.addEventListener("visibilitychange", () => quietly(count()));
  navigator.serviceWorker?.addEventListener("message", ({ data }) => { if (data.told) { flag(); quietly(count()); } });
  if (document.querySelector("[data-told]")) flag();
  const watch = document.querySelector("[data-watch], [data-push-offer]");
  if (watch) {
    const place = watch.closest("section");
    quietly(offer(place));
    if (watch.hasAttribute("data-reads")) say(place, whyNot());
  }
  if (document.querySelector("[data-browser]")) quietly(here());
  quietly(count());
  quietly(renew());
})();
