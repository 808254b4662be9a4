// The service worker. Assets have their hash in their address and are taken from the phone;
// pages come from the network first and from the phone when it does not answer. ICON, VERSION, SHELL
// (what every page needs), JOINED (all styles and scripts) and PLAIN (the words for a message that
// cannot be read) are written above this by the server.
// A new worker takes over at once: pages that are open keep what they loaded, so nothing that is
// being typed is touched.
const ASSETS = "assets",
  PAGES = "pages",
  PATIENCE = 6000,
  MOST_COMMUNITIES = 3,
  INBOX = "/mine/inbox";
// The pages of a hall's devices: nobody is there to read an error or to press a button.
const DEVICES = /^\/(screen|kiosk|rating|terminal)$/;
// The pages between a device's start and what a person came for.
const BETWEEN = /^\/(kiosk|terminal)\//;
// Firefox shows a worker the language that a request asks for, so that by its Vary a copy would be
// found only by a request like the one that it was kept for.
const ANY = { ignoreVary: true };
// What is one person's: kept as they last saw it, for a few days.
const OWN = "own",
  OWN_DAYS = 3,
  PERSONAL = /^\/(tickets\/[\w-]+|matters\/[\w-]+|mine\/(inbox|notifications)|c\/[\w-]+\/take)$/;

addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const assets = await caches.open(ASSETS);
      const kept = await Promise.all(SHELL.map((address) => assets.match(address)));
      await assets.addAll(SHELL.filter((_, at) => !kept[at]));
      const pages = await caches.open(PAGES);
      await pages.addAll(["/offline", "/offline/staff"]);
      await skipWaiting();
    })(),
  );
});

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === "POST" && request.mode === "navigate") event.respondWith(post(request));
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request));
  else if (request.mode === "navigate") event.respondWith(page(event, url));
  else if (/\/search\.json$|^\/f\/mine\//.test(url.pathname)) event.respondWith(newest(request));
});

// A form that no script sends, and that meets no network, leads back to its page. From the history
// it asks for an answer that no browser keeps: its address has one.
async function post(request) {
  try {
    return await fetch(request);
  } catch {
    const back = request.cache === "only-if-cached" ? request.url : request.referrer;
    return Response.redirect(back || "/", 303);
  }
}

async function asset(request) {
  const assets = await caches.open(ASSETS);
  const kept = await assets.match(request, ANY);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) assets.put(request, answer.clone());
  return answer;
}

async function page(event, url) {
  const kept = await keptPage(url);
  try {
    // Only a page that is kept is worth giving up on the network for.
    const answer = await (kept ? timely(asked(event.request)) : asked(event.request));
    if (kept && (answer.status >= 500 || (DEVICES.test(url.pathname) && !answer.ok)))
      throw new Error("the server is in trouble");
    if (BETWEEN.test(url.pathname) && answer.status === 404) return toItsStart(url);
    if (BETWEEN.test(url.pathname) && answer.status >= 500) throw new Error("no server");
    if (isOwn(answer, url)) event.waitUntil(keepOwn(url, answer.clone()));
    if (keepable(answer, url)) {
      const pages = await caches.open(PAGES);
      event.waitUntil(pages.put(url.pathname, answer.clone()));
    }
    return answer;
  } catch {
    // Halfway to a number and no way on: back to the device's start, which says so.
    if (!kept && BETWEEN.test(url.pathname)) return toItsStart(url);
    return kept ? asCopy(kept) : otherwise(url);
  }
}

// From the history, a browser may ask for what it has itself. What it has not is fetched.
const asked = (request) =>
  fetch(request).catch((error) => {
    if (request.cache === "default" || request.cache === "no-store") throw error;
    return fetch(request.url, { credentials: "same-origin" });
  });

async function keptPage({ pathname, search }) {
  if (PERSONAL.test(pathname)) {
    const own = await caches.open(OWN);
    const found = (await own.match(pathname + search)) || (await own.match(pathname));
    if (found) return found;
  }
  return (await caches.open(PAGES)).match(pathname);
}

// A kept page says on its root since when it is kept, and whether that was another day: then it
// shows nothing that was true on that day alone.
async function asCopy(kept) {
  const at = kept.headers.get("date") || "";
  const isOld = at && new Date(at).toDateString() !== new Date().toDateString();
  return marked(kept, `data-as-of="${at}" data-offline${isOld ? " data-other-day" : ""}`);
}

async function marked(kept, marks) {
  const html = (await kept.text()).replace("<html", `<html ${marks}`);
  return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
}

const isOwn = (answer, url) => answer.ok && !answer.redirected && PERSONAL.test(url.pathname);

async function keepOwn({ pathname, search }, answer) {
  const own = await caches.open(OWN);
  for (const request of await own.keys()) {
    const { headers } = await own.match(request);
    if (Date.now() - new Date(headers.get("date")) > OWN_DAYS * 86400000) await own.delete(request);
  }
  const headers = { date: answer.headers.get("date") || "" };
  await own.put(pathname + search, new Response(await answer.text(), { headers }));
}

// The page that comes nearest to one that is not kept.
async function otherwise(url) {
  const pages = await caches.open(PAGES);
  const [, first, slug, part] = url.pathname.split("/");
  let nearest = null;
  if (first === "staff") return marked(await pages.match("/offline/staff"), "data-offline");
  // The code on a door opens the community's home, and a form its community's page.
  if (first === "c" && part === "b") nearest = await pages.match(`/c/${slug}`);
  if (first === "c" && part === "take") nearest = await pages.match(`/c/${slug}/take/offline`);
  if (!first || url.pathname === "/take" || BARE.includes(first)) {
    const there = { take: "/take/offline", "": "" }[first] ?? url.pathname;
    for (const { community } of await known())
      nearest = nearest || (await pages.match(`/c/${community}${there}`));
  }
  // What only says that there is no network is no copy of anything.
  if (nearest && !/\/take$/.test(url.pathname)) return asCopy(nearest);
  return marked(nearest || (await pages.match("/offline")), "data-offline");
}
const BARE = ["handbook", "disclosures"];

const toItsStart = (url) => Response.redirect(`/${url.pathname.split("/")[1]}`, 302);

const timely = (promise) =>
  Promise.race([
    promise,
    new Promise((_, give) => {
      setTimeout(() => give(new Error("no answer in time")), PATIENCE);
    }),
  ]);

const keepable = (answer, url) =>
  answer.ok &&
  !answer.redirected &&
  !url.search &&
  answer.headers.get("content-type")?.startsWith("text/html") &&
  !answer.headers.get("cache-control")?.includes("no-store");

async function newest(request) {
  const { pathname } = new URL(request.url);
  const cache = await caches.open(pathname.startsWith("/f/") ? OWN : PAGES);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(request, ANY);
    if (!kept) throw error;
    // The page is told that this is no answer of now.
    const headers = { "content-type": kept.headers.get("content-type"), "x-kept": "1" };
    return new Response(await kept.text(), { headers });
  }
}

addEventListener("message", (event) => {
  const { data, source } = event;
  if (data.ask) {
    event.waitUntil(
      known().then((all) =>
        source.postMessage({ communities: all.map(({ community }) => community) }),
      ),
    );
  }
  // A device's first page came before this worker did.
  if (DEVICES.test(data.device)) event.waitUntil(keepDevice(data).catch(() => {}));
  if (data.keep) event.waitUntil(keep(data.keep, data.revision));
  if (data.terminal) event.waitUntil(keepTerminal(data.terminal));
});

// What a hall's terminal keeps, in both languages: {copy} names what it is a copy of. A terminal
// without a hall keeps nothing.
const TERMINAL = "/terminal/kept";
function keepTerminal(told) {
  keeping = keeping.then(() => keepTerminalNow(told)).catch(() => {});
  return keeping;
}

async function keepTerminalNow({ home, community, copy }) {
  const pages = await caches.open(PAGES);
  const before = await pages.match(TERMINAL);
  const wanted = `${home} ${copy}`;
  if ((before ? await before.text() : "") === (home ? wanted : "")) return;
  const fresh = home ? await terminalPages(home) : new Map();
  for (const [path, page] of fresh) await pages.put(path, page);
  for (const request of await pages.keys()) {
    const { pathname } = new URL(request.url);
    if (BETWEEN.test(pathname) && !fresh.has(pathname)) await pages.delete(request);
  }
  if (!home) return;
  await pages.add(`/c/${community}/search.json`);
  await pages.put(TERMINAL, new Response(wanted));
}

async function terminalPages(home) {
  const found = new Map();
  for (const lang of ["zh-Hans", "en"]) {
    const answer = await fetch(
      `${home.replace(/^\/terminal\/[^/]+/, `/terminal/${lang}`)}/offline.json`,
    );
    if (!answer.ok) throw new Error("not now");
    const type = { "content-type": "text/html; charset=utf-8" };
    const headers = { ...type, date: answer.headers.get("date") || "" };
    const { pages } = await answer.json();
    await keepAssets(Object.values(pages));
    for (const path in pages) found.set(path, new Response(pages[path], { headers }));
  }
  return found;
}

async function keepDevice({ device, assets }) {
  await (await caches.open(PAGES)).add(device);
  await (await caches.open(ASSETS)).addAll(assets);
}

// Which handbooks are kept, the newest first: [{community, revision}].
async function known() {
  const pages = await caches.open(PAGES);
  const answer = await pages.match("/kept");
  return answer ? answer.json() : [];
}

// What kept pages ask for, also when no page that was open has asked for it yet.
async function keepAssets(pages) {
  const assets = await caches.open(ASSETS);
  const named = new Set(pages.flatMap((html) => html.match(/\/assets\/[\w.-]+/g) ?? []));
  for (const address of named) if (!(await assets.match(address, ANY))) await assets.add(address);
}

// What the office took back after this phone opened it, and all below it.
async function drop(gone) {
  const pages = await caches.open(PAGES);
  for (const request of await pages.keys()) {
    const { pathname } = new URL(request.url);
    if (gone.some((path) => pathname === path || pathname.startsWith(`${path}/`)))
      await pages.delete(request);
  }
}

let keeping = Promise.resolve();
function keep(community, revision) {
  keeping = keeping.then(() => keepNow(community, revision)).catch(() => {});
  return keeping;
}

async function keepNow(community, revision) {
  const all = await known();
  const before = all.find((each) => each.community === community);
  const isNew = before?.revision !== revision;
  if (!isNew && all[0] === before) return;
  const kept = [isNew ? await fetchBundle(community) : before];
  const lang = revision.split(".").pop();
  for (const each of all.filter((other) => other !== before).slice(0, MOST_COMMUNITIES - 1)) {
    // All speak the language that was chosen.
    const isOther = !each.revision.endsWith(`.${lang}`);
    kept.push(isOther ? await fetchBundle(each.community).catch(() => each) : each);
  }
  const pages = await caches.open(PAGES);
  for (const request of await pages.keys()) {
    const [, c, slug] = new URL(request.url).pathname.split("/");
    if (c === "c" && !kept.some((each) => each.community === slug)) await pages.delete(request);
  }
  await pages.put(
    "/kept",
    new Response(JSON.stringify(kept), { headers: { "content-type": "application/json" } }),
  );
  if (isNew) await clearAssets();
}

async function fetchBundle(community) {
  const pages = await caches.open(PAGES);
  const answer = await fetch(`/c/${community}/offline.json`);
  if (!answer.ok) throw new Error("not now");
  const bundle = await answer.json();
  const headers = {
    "content-type": "text/html; charset=utf-8",
    date: answer.headers.get("date") ?? "",
  };
  for (const [path, html] of Object.entries(bundle.pages))
    await pages.put(path, new Response(html, { headers }));
  await pages.addAll(["/offline", "/offline/staff"]);
  await keepAssets(Object.values(bundle.pages));
  await drop(bundle.gone);
  const index = await fetch(`/c/${community}/search.json`);
  if (index.ok) await pages.put(`/c/${community}/search.json`, index);
  return { community, revision: bundle.revision };
}

// Only what a kept page names stays, and what a page of this version may name.
async function clearAssets() {
  const named = new Set([...SHELL, ...JOINED, ICON]);
  for (const name of [PAGES, OWN]) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const html = await (await cache.match(request, ANY)).text();
      for (const address of html.match(/\/assets\/[\w.-]+/g) ?? []) named.add(address);
    }
  }
  const assets = await caches.open(ASSETS);
  for (const request of await assets.keys()) {
    if (!named.has(new URL(request.url).pathname)) await assets.delete(request);
  }
}

// Messages that wait on the phone, when the network is back and no page is open. The pages' own
// half is static/js/sending/outbox.js; the server takes each key once, from either.
addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(sendAll());
});

function unsent(mode, act) {
  return new Promise((done, fail) => {
    const asked = indexedDB.open("lianxin-outbox", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("messages", { keyPath: "key" });
    asked.onerror = () => fail(asked.error);
    asked.onsuccess = () => {
      const database = asked.result;
      const transaction = database.transaction("messages", mode);
      const wanted = act(transaction.objectStore("messages"));
      transaction.oncomplete = () => {
        database.close();
        done(wanted.result);
      };
    };
  });
}

async function sendAll() {
  for (const { key, action, fields, photos, refused } of await unsent("readonly", (each) =>
    each.getAll(),
  )) {
    if (refused) continue;
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    for (const photo of photos) body.append("photo", photo, "photo.jpg");
    // No network raises, and the browser asks this worker again later.
    const answer = await fetch(action, { method: "POST", body });
    if (answer.ok && answer.redirected) await unsent("readwrite", (each) => each.delete(key));
  }
}

// A message, as declarative push JSON. Where a browser reads that by itself, this is never asked.
addEventListener("push", (event) => event.waitUntil(tell(event.data)));

// Where an app shows nothing, Chrome says in its place that something happened in the background,
// and Safari takes the permission away. So whatever arrives, something is shown.
async function tell(data) {
  const { notification, app_badge: unread } = read(data);
  await show(notification).catch(() => show(plain()));
  await badge(unread);
  for (const each of await clients.matchAll({ type: "window", includeUncontrolled: true }))
    each.postMessage({ told: true });
}

function read(data) {
  try {
    return data.json() ?? {};
  } catch {
    return {};
  }
}

const plain = () => ({
  ...PLAIN[navigator.language.startsWith("zh") ? "zh-Hans" : "en"],
  navigate: INBOX,
  tag: "plain",
});

async function show({ title, navigate, tag = "", timestamp, ...words }) {
  if (!title) throw new TypeError("no title");
  const shown = tag ? await registration.getNotifications({ tag }) : [];
  // The same event told twice rings once. The same words of a later event, such as a number that
  // is called again, ring again.
  const isShown = shown.some(
    (each) => each.title === title && each.body === words.body && each.data.at === timestamp,
  );
  await registration.showNotification(title, {
    ...words,
    tag,
    timestamp,
    renotify: tag !== "" && !isShown,
    icon: ICON,
    data: { navigate: local(navigate), at: timestamp },
  });
}

// An address of ours, whatever a message says.
function local(navigate) {
  try {
    const { pathname, search } = new URL(navigate ?? INBOX, location.origin);
    return pathname + search;
  } catch {
    return INBOX;
  }
}

async function badge(unread) {
  if (unread === undefined) return;
  try {
    await (unread ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.());
  } catch {
    /* the phone decides */
  }
}

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.navigate));
});

// The window that has the page already, or a new one: what is typed in another is not touched.
async function open(navigate) {
  const address = local(navigate);
  const { pathname } = new URL(address, location.origin);
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((each) => new URL(each.url).pathname === pathname);
  await Promise.all([
    there ? there.focus() : clients.openWindow(address),
    fetch("/inbox/readings", { method: "POST", body: new URLSearchParams({ path: pathname }) })
      .then((answer) => answer.json())
      .then(({ unread }) => badge(unread))
      .catch(() => {}),
  ]);
}

// The browser replaced its subscription by itself. What the page last said stands in /push/kept.
addEventListener("pushsubscriptionchange", (event) => event.waitUntil(move(event)));

async function move({ oldSubscription, newSubscription }) {
  const pages = await caches.open(PAGES);
  const answer = await pages.match("/push/kept");
  if (!answer) return;
  const before = await answer.json();
  const { pushManager } = registration;
  const now =
    newSubscription ??
    (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: before.key }));
  const {
    endpoint,
    keys: { p256dh, auth },
  } = now.toJSON();
  const { key, whose } = before;
  const body = new URLSearchParams({
    endpoint,
    p256dh,
    auth,
    key,
    whose,
    old: oldSubscription?.endpoint ?? before.endpoint,
  });
  const said = await fetch("/push/subscriptions", { method: "POST", body });
  if (said.ok)
    await pages.put(
      "/push/kept",
      new Response(JSON.stringify({ ...before, endpoint, at: Date.now() })),
    );
}
