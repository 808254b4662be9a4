// Notifications: following a ticket by one tap, messages where the browser takes them, and how many
// are new. Nothing is asked on arrival; what the server knows is never waited for.
import { bodyOf, make, submitterOf } from "../lib/dom.js";
import { keep as keepOnPhone, read } from "../lib/store.js";
import { parse } from "../lib/swap.js";

const KEPT = "/push/kept";
const FLAG = "lianxin-told";
const INBOX = "/mine/inbox";
const DAY = 86400000;
const PATIENCE = 20000;
const agent = navigator.userAgent;
const isMac = /Macintosh/.test(agent) && navigator.maxTouchPoints > 1;
const isApple = /iPhone|iPad|iPod/.test(agent) || isMac;
const isWeChat = /MicroMessenger/.test(agent);
const canPush = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

// Why this browser takes no notifications, as in data-why; empty when it does.
function whyNot() {
  if (isWeChat) return "wechat";
  if (!canPush) return isApple ? "ios" : "none";
  return Notification.permission === "denied" ? "denied" : "";
}

function explain(place, why) {
  if (!place) return;
  for (const words of place.querySelectorAll("[data-why]"))
    words.hidden = words.dataset.why !== why;
}

// What goes wrong is tried again on another day.
const quietly = (promise) => promise.catch(() => {});

async function json(address, options) {
  return (await fetch(address, options)).json();
}

// What this browser last told the server, where the worker finds it as well.
const store = {
  async read() {
    const kept = await (await caches.open("pages")).match(KEPT);
    return kept && kept.json();
  },
  async keep(words) {
    return (await caches.open("pages")).put(KEPT, new Response(JSON.stringify(words)));
  },
  async forget() {
    return (await caches.open("pages")).delete(KEPT);
  },
};

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const inTime = (promise) =>
  Promise.race([
    promise,
    new Promise((_, give) => {
      setTimeout(() => give(new Error("no answer in time")), PATIENCE);
    }),
  ]);

// The browser's subscription with the server's key, made if need be.
async function subscription() {
  const answer = await fetch("/push/key");
  if (!answer.ok) throw new Error(answer.statusText);
  const { key } = await answer.json();
  const { pushManager } = await navigator.serviceWorker.ready;
  const found = await pushManager.getSubscription();
  if (found && base64url(found.options.applicationServerKey) === key) return found;
  // Made with a key that was rotated away.
  if (found) await found.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

// Tells the server of a subscription; the answer is why it was not taken, or empty.
async function post(found, whose, more = {}) {
  const {
    endpoint,
    keys: { p256dh, auth },
  } = found.toJSON();
  const key = base64url(found.options.applicationServerKey);
  const body = new URLSearchParams({ endpoint, p256dh, auth, key, whose, ...more });
  const answer = await fetch("/push/subscriptions", { method: "POST", body });
  if (answer.status === 410) {
    // Ended by its owner on another page of theirs.
    await found.unsubscribe();
    await store.forget();
  } else if (answer.ok) await store.keep({ endpoint, key, whose, at: Date.now() });
  // A service that is not on our list: messages for it would go nowhere.
  if (answer.status === 422) return "unknown";
  return answer.ok ? "" : "failed";
}

// Once a day, and at once when the browser changed its subscription by itself.
async function renew() {
  if (!canPush || Notification.permission !== "granted") return;
  const before = await store.read();
  // A member of staff is only known on staff pages.
  if (!before || (before.whose === "staff" && !document.querySelector(".staff-tabs"))) return;
  const now = await (await navigator.serviceWorker.ready).pushManager.getSubscription();
  if (now && now.endpoint === before.endpoint && Date.now() - before.at < DAY) return;
  const fresh = await subscription();
  const isSame = fresh.endpoint === before.endpoint;
  await post(fresh, before.whose, isSame ? { renews: "1" } : { old: before.endpoint });
}

// The permission is asked for within the tap, before anything else is waited for.
const permission = () => (whyNot() ? null : Notification.requestPermission());

// Subscribes, once permission is given; the answer is why not, or empty.
async function begin(permitted, whose) {
  if (whyNot()) return whyNot();
  if ((await permitted) !== "granted") return "denied";
  try {
    setFlag();
    return await post(await inTime(subscription()), whose);
  } catch {
    return "failed";
  }
}

// The box on a ticket's page that follows it. Only one request at a time.
class Watch {
  constructor() {
    this._isBusy = false;
    document.addEventListener("submit", (event) => this._submit(event));
    document.addEventListener("click", (event) => this._click(event));
  }

  async _submit(event) {
    const form = event.target;
    if (!form.matches("[data-watch-form]")) return;
    event.preventDefault();
    if (this._isBusy) return;
    this._isBusy = true;
    const isEnding = form.dataset.watchForm === "ending";
    const permitted = isEnding ? null : permission();
    let box;
    try {
      const options = { method: "POST", body: bodyOf(form, submitterOf(event)) };
      box = this._show(await (await fetch(form.action, options)).text());
      setFlag();
    } catch {
      explain(form.closest("section"), "offline");
      return;
    } finally {
      this._isBusy = false;
    }
    if (!isEnding && box && box.hasAttribute("data-reads")) await this._subscribe(permitted, box);
  }

  async _subscribe(permitted, shown) {
    let box = shown;
    const why = await begin(permitted, "device");
    try {
      if (!why) box = await this._reload();
    } catch {
      // The page is right again when it is looked at next.
    }
    explain(box, why);
    quietly(offer(box));
  }

  // Where notifications would come but do not yet: one more tap.
  async _click({ target }) {
    const button = target.closest && target.closest("[data-push-on]");
    if (!button || this._isBusy) return;
    this._isBusy = true;
    const place = button.closest("section");
    const why = await begin(permission(), button.dataset.pushOn);
    this._isBusy = false;
    if (why) explain(place, why);
    else if (place.id === "watch") await this._reload();
    else location.reload();
  }

  async _reload() {
    return this._show(await (await fetch(location.pathname)).text());
  }

  // Puts the box of the answer on the page, and the ticket when it says that something was refused.
  _show(html) {
    const fresh = parse(html);
    const ticket = fresh.getElementById("ticket");
    if (ticket && ticket.querySelector("[role=alert]")) {
      document.getElementById("ticket").replaceWith(ticket);
      ticket.querySelector("[role=alert]").scrollIntoView({ block: "center" });
    }
    const box = fresh.getElementById("watch");
    if (!box) {
      document.getElementById("watch").remove();
      return null;
    }
    document.getElementById("watch").replaceWith(box);
    box.tabIndex = -1;
    box.focus({ preventScroll: true });
    return box;
  }
}

async function offer(place) {
  const button = place && place.querySelector("[data-push-offer]");
  if (!button || whyNot()) return;
  button.hidden = Notification.permission === "granted" && Boolean(await store.read());
}

// The list of browsers says which one this is; stopped here, it is stopped wholly.
async function markThisBrowser() {
  const now =
    canPush && (await (await navigator.serviceWorker.ready).pushManager.getSubscription());
  if (!now) return;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(now.endpoint));
  const bytes = [...new Uint8Array(digest)];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const row = document.querySelector(`[data-browser="${hex}"]`);
  if (!row) return;
  row.querySelector("[data-here]").hidden = false;
  row.querySelector("[data-push-off]").addEventListener("submit", async (event) => {
    event.preventDefault();
    await now.unsubscribe().catch(() => {});
    await store.forget();
    event.target.submit();
  });
}

// How many messages are new: asked only by a browser that was told something once.
function setFlag() {
  keepOnPhone(FLAG, "1");
}

function showUnread(unread) {
  if (navigator.setAppBadge) {
    (unread ? navigator.setAppBadge(unread) : navigator.clearAppBadge()).catch(() => {});
  }
  const tab = document.querySelector(".tabs[data-words-new] a[href='/mine']");
  const dot = tab && tab.querySelector(".tab-dot");
  if (!unread && dot) dot.remove();
  if (!unread || !tab || dot) return;
  const words = { className: "hidden", textContent: tab.parentElement.dataset.wordsNew };
  tab.append(make("span", { className: "tab-dot" }, make("span", words)));
}

async function inTray() {
  const worker = await navigator.serviceWorker?.getRegistration();
  return worker?.getNotifications ? worker.getNotifications() : [];
}

// Safari shows messages by itself and says as its own where they lead.
function leadsTo({ navigate, data }) {
  return new URL(navigate || data?.navigate || "/", location.origin).pathname;
}

function isRead(path, pages, staff) {
  // Where a message leads that the worker could not read.
  if (path === INBOX) return location.pathname === INBOX;
  return !pages.includes(path) && (staff || !path.startsWith("/staff/"));
}

async function countUnread({ isNew = false } = {}) {
  if (document.hidden) return;
  // Looked at before the inbox is asked: what comes meanwhile is not in its answer.
  const tray = await inTray();
  if (!read(FLAG) && !tray.length) return;
  // A page that just came, or follows what happens, has shown what led to it.
  const body = new URLSearchParams({ path: location.pathname });
  const asked =
    isNew || document.querySelector("[data-reads]")
      ? json("/inbox/readings", { method: "POST", body })
      : json("/inbox/unread");
  try {
    const { unread, pages, staff } = await asked;
    showUnread(unread);
    for (const each of tray) if (isRead(leadsTo(each), pages, staff)) each.close();
  } catch {
    // Without a network nothing is new.
  }
}

function putThisPhoneFirst(phones) {
  const kinds = { wechat: isWeChat, ios: isApple, android: /Android/.test(agent) };
  const kind = Object.keys(kinds).find((name) => kinds[name]);
  const mine = kind && phones.querySelector(`[data-phone=${kind}]`);
  if (!mine) return;
  phones.prepend(mine);
  mine.querySelector("[data-this-phone]").hidden = false;
}

function noteMessages() {
  setFlag();
  quietly(countUnread());
}

new Watch();
document.addEventListener("lianxin:swapped", () => {
  if (document.querySelector("[data-told]")) noteMessages();
});
document.addEventListener("visibilitychange", () => quietly(countUnread()));
if (navigator.serviceWorker) {
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (data.told) noteMessages();
  });
}
if (document.querySelector("[data-told]")) setFlag();
const phones = document.querySelector("[data-phones]");
if (phones) putThisPhoneFirst(phones);
const watch = document.querySelector("[data-watch], [data-push-offer]");
if (watch) {
  const place = watch.closest("section");
  quietly(offer(place));
  if (watch.hasAttribute("data-reads")) explain(place, whyNot());
}
if (document.querySelector("[data-browser]")) quietly(markThisBrowser());
quietly(countUnread({ isNew: true }));
quietly(renew());
