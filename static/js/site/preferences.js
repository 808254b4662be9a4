// How a person likes to read. The cookie is the one of web/preferences.py: "view:elder|size:24".
// A script does it too, so that one tap works at once and without a network.
(() => {
  const root = document.documentElement;
  const defaults = { view: "standard", size: "22", theme: "auto" };
  const read = () => {
    const found = document.cookie.match(/(?:^|;\s*)lianxin=([^;]*)/);
    const pairs = found ? found[1].split("|").map((pair) => pair.split(":")) : [];
    return Object.fromEntries(pairs.filter((pair) => pair.length === 2));
  };
  const write = (preferences) => {
    const kept = Object.entries(preferences).filter(([name, value]) => value !== defaults[name]);
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `lianxin=${kept.map((pair) => pair.join(":")).join("|")}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  };
  const show = () => {
    const preferences = { ...defaults, ...read() };
    for (const name of Object.keys(defaults)) root.dataset[name] = preferences[name];
    for (const option of document.querySelectorAll("[data-current]")) {
      const [name, value] = option.dataset.current.split("=");
      option.setAttribute("aria-pressed", String(preferences[name] === value));
    }
  };
  document.addEventListener("submit", (event) => {
    const { submitter } = event;
    if (!event.target.matches("[data-preferences]") || !submitter || !(submitter.name in defaults)) return;
    event.preventDefault();
    write({ ...read(), [submitter.name]: submitter.value });
    const hadFocus = document.activeElement === submitter;
    show();
    // The button that was pressed may have given its place to its counterpart.
    if (hadFocus && submitter.offsetParent === null) {
      [...event.target.querySelectorAll(`[name=${submitter.name}]`)].find((each) => each.offsetParent)?.focus();
    }
  });
  window.lianxin = { preferences: read };
  show();
})();
