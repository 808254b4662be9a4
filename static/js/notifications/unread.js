// How many messages are new. Nothing is asked by a browser that was never told anything.
import { make } from "../lib/dom.js";
import { keep, read } from "../lib/store.js";

const FLAG = "lianxin-told";
const INBOX = "/mine/inbox";

// What goes wrong is tried again on another day.
export const quietly = (promise) => promise.catch(() => {});

async function json(address, options) {
  return (await fetch(address, options)).json();
}

export function setFlag() {
  keep(FLAG, "1");
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

function noteMessages() {
  setFlag();
  quietly(countUnread());
}

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
quietly(countUnread({ isNew: true }));
