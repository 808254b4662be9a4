// The kiosk: everybody's again after a while without a touch, a number that is taken once
// whatever the network does, and paper. Staff choose the paper by a long press on the clock.
(() => {
  const PAPER = "kiosk-paper", PRINTED = "kiosk-printed", LAST = 10, LONG = 3000, TRIES = 4;
  const root = document.documentElement;
  const paper = () => localStorage.getItem(PAPER) ?? "none";

  // Away from what somebody left standing there.
  const step = document.querySelector("[data-timeout]");
  if (step) {
    const notice = document.querySelector("[data-timeout-notice]");
    let touched = performance.now();
    const touch = () => { touched = performance.now(); notice.textContent = ""; };
    for (const kind of ["pointerdown", "keydown", "input", "scroll"]) addEventListener(kind, touch, { passive: true, capture: true });
    const looking = setInterval(() => {
      const left = Math.ceil(Number(step.dataset.timeout) - (performance.now() - touched) / 1000);
      if (left <= 0) { clearInterval(looking); location.replace("/kiosk"); return; }
      const words = left <= LAST ? notice.dataset.words.replace("{}", left) : "";
      if (notice.textContent !== words) notice.textContent = words;
    }, 250);
  } else if (location.pathname.startsWith("/kiosk/")) {
    // A page that is none of these, say because the kiosk was taken out of service.
    setTimeout(() => location.replace("/kiosk"), 10_000);
  }

  // The number: asked for again with the same key until there is an answer.
  const form = document.querySelector("[data-kiosk-take]");
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    const body = new URLSearchParams(new FormData(form, event.submitter));
    event.submitter.textContent = form.dataset.words;
    for (let time = 0; time < TRIES; time += 1) {
      try {
        const answer = await fetch(form.action, { method: "POST", body });
        if (answer.ok && answer.redirected) { location.replace(answer.url); return; }
        if (answer.status < 500) { ask(body); return; }
      } catch { /* the network: once more */ }
      await new Promise((again) => { setTimeout(again, 500 * 2 ** time); });
    }
    location.replace("/kiosk");
  });
  // Refused: the same once more as a page, which says why.
  function ask(body) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "priority", value: body.get("priority") }));
    form.submit();
  }

  const ticket = document.querySelector("[data-slip]");
  root.dataset.paper = paper();
  if (ticket && paper() !== "none") {
    const again = document.querySelector("[data-kiosk-print]");
    again.hidden = false;
    again.addEventListener("click", () => print());
    const picture = ticket.querySelector("img");
    picture.decode().catch(() => {}).then(() => {
      if (sessionStorage.getItem(PRINTED) === ticket.dataset.slip) return;
      sessionStorage.setItem(PRINTED, ticket.dataset.slip);
      print();
    });
  }

  const settings = document.querySelector("[data-kiosk-settings]");
  if (!settings) return;
  let pressing;
  addEventListener("pointerdown", ({ target }) => {
    clearTimeout(pressing);
    if (target.closest("[data-clock]")) pressing = setTimeout(() => { press(); settings.showModal(); }, LONG);
  });
  for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, () => clearTimeout(pressing));
  addEventListener("contextmenu", (event) => event.preventDefault());
  const press = () => {
    for (const each of settings.querySelectorAll("button")) each.setAttribute("aria-pressed", each.value === paper());
  };
  settings.addEventListener("click", ({ target }) => {
    const chosen = target.closest("button")?.value;
    if (!chosen) return;
    localStorage.setItem(PAPER, chosen);
    root.dataset.paper = chosen;
    settings.close();
  });
})();
