// Notifications: following a ticket by one tap, messages where the browser takes them, and how many
// are new. Nothing is asked on arrival; what the server knows is never waited for.
import { quietly, setFlag } from "../notifications/unread.js";

const KEPT = "/push/kept";
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

export function explain(place, why) {
  if (!place) return;
  for (const words of place.querySelectorAll("[data-why]"))
    words.hidden = words.dataset.why !== why;
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
export const permission = () => (whyNot() ? null : Notification.requestPermission());

// Subscribes, once permission is given; the answer is why not, or empty.
export async function begin(permitted, whose) {
  if (whyNot()) return whyNot();
  if ((await permitted) !== "granted") return "denied";
  try {
    setFlag();
    return await post(await inTime(subscription()), whose);
  } catch {
    return "failed";
  }
}

export async function offer(place) {
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

function putThisPhoneFirst(phones) {
  const kinds = { wechat: isWeChat, ios: isApple, android: /Android/.test(agent) };
  const kind = Object.keys(kinds).find((name) => kinds[name]);
  const mine = kind && phones.querySelector(`[data-phone=${kind}]`);
  if (!mine) return;
  phones.prepend(mine);
  mine.querySelector("[data-this-phone]").hidden = false;
}

const phones = document.querySelector("[data-phones]");
if (phones) putThisPhoneFirst(phones);
const watch = document.querySelector("[data-watch], [data-push-offer]");
if (watch) {
  const place = watch.closest("section");
  quietly(offer(place));
  if (watch.hasAttribute("data-reads")) explain(place, whyNot());
}
if (document.querySelector("[data-browser]")) quietly(markThisBrowser());
quietly(renew());
