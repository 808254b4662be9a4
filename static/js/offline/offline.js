// The app without a network: the worker is registered, told which handbook to keep, and asked
// whether the page in front of the person is a kept copy.
(() => {
  const root = document.documentElement;
  // A hall's device has none: it tells by itself since when it has heard nothing.
  const notice = document.querySelector("[data-offline-notice]");
  const meta = (name) => document.querySelector(`meta[name=lianxin-${name}]`)?.content;
  const offline = () => {
    if (!notice || root.hasAttribute("data-offline")) return;
    root.setAttribute("data-offline", "");
    notice.hidden = false;
    document.dispatchEvent(new Event("lianxin:offline"));
  };
  const online = () => {
    if (!notice) return;
    root.removeAttribute("data-offline");
    notice.hidden = true;
  };
  addEventListener("offline", offline);
  addEventListener("online", online);
  // htmx tells of a request that never reached us; one that did proves the network is back.
  document.addEventListener("htmx:error", () => { if (!navigator.onLine || root.dataset.kept) offline(); });
  document.addEventListener("htmx:after:request", (event) => { if (event.detail?.ctx?.response?.status) online(); });
  if (!navigator.onLine) offline();

  for (const again of document.querySelectorAll("[data-again]")) {
    again.hidden = false;
    again.addEventListener("click", () => location.reload());
  }
  if (!("serviceWorker" in navigator)) return;

  const kept = document.querySelector("[data-kept]");
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (data.copy) { root.dataset.kept = "true"; offline(); }
    if (kept && data.communities) {
      const names = JSON.parse(document.querySelector("[data-checklists]").dataset.names);
      const words = data.communities.map((slug) => names[slug]).filter(Boolean);
      if (words.length) kept.textContent = kept.dataset.wordsKept.replace("{}", words.join(", "));
    }
  });
  navigator.serviceWorker.register("/sw.js");
  navigator.serviceWorker.ready.then(({ active }) => {
    active.postMessage({ ask: true });
    const link = document.querySelector("[data-kept-handbook]");
    const { community } = window.lianxin.preferences();
    if (link && community) link.href = `/c/${community}/handbook`;
    // Whoever saves data keeps the pages they open; the rest waits until the page has settled.
    if (!meta("community") || navigator.connection?.saveData) return;
    const keep = () => active.postMessage({ keep: meta("community"), revision: meta("revision") });
    const settled = () => setTimeout(() => (window.requestIdleCallback ?? setTimeout)(keep), 2000);
    if (document.readyState === "complete") settled();
    else addEventListener("load", settled);
  });
})();
