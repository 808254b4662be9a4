// 申请材料: what a person ticked at home. Kept on the phone only, under "ticks:<item>".
(() => {
  const PREFIX = "ticks:";
  const load = (item) => {
    try { return JSON.parse(localStorage.getItem(PREFIX + item)) ?? null; } catch { return null; }
  };
  const save = (item, list) => {
    try {
      if (list.ticked.length) localStorage.setItem(PREFIX + item, JSON.stringify(list));
      else localStorage.removeItem(PREFIX + item);
    } catch { /* a private window keeps nothing, and says so by forgetting */ }
  };

  for (const guide of document.querySelectorAll("[data-item]")) {
    const boxes = [...guide.querySelectorAll("[data-tick]")];
    const count = guide.querySelector("[data-ticked]");
    const plain = count?.textContent;
    const tell = () => {
      if (!count) return;
      const ticked = boxes.filter((box) => box.checked).length;
      count.textContent = ticked ? `${ticked} / ${boxes.length}` : plain;
    };
    const before = load(guide.dataset.item)?.ticked ?? [];
    for (const box of boxes) box.checked = before.includes(box.dataset.tick);
    guide.addEventListener("change", (event) => {
      if (!event.target.matches("[data-tick]")) return;
      save(guide.dataset.item, {
        community: guide.dataset.community ?? location.pathname.split("/")[2],
        of: boxes.length,
        ticked: boxes.filter((box) => box.checked).map((box) => box.dataset.tick),
      });
      tell();
    });
    tell();
  }

  // On a ticket the counter is told: all that is ticked, whichever item it belongs to.
  const told = [...document.querySelectorAll("[data-brought]")];
  let telling;
  const tellCounter = async () => {
    const body = new URLSearchParams(told.map((form) => ["item", form.elements.item.value]));
    for (const box of told.flatMap((form) => [...form.querySelectorAll("[data-tick]:checked")])) body.append("brought", box.value);
    try {
      const answer = await fetch(told[0].action, { method: "POST", body, keepalive: true, redirect: "manual" });
      if (answer.status >= 500) throw new Error(answer.statusText);
    } catch { telling = setTimeout(tellCounter, 5000); }
  };
  if (told.length) {
    document.addEventListener("change", ({ target }) => {
      if (!target.closest("[data-brought]")) return;
      clearTimeout(telling);
      telling = setTimeout(tellCounter, 400);
    });
    const asked = told.flatMap((form) => [...form.querySelectorAll("[data-tick]")]);
    if (asked.some((box) => box.checked !== box.defaultChecked)) tellCounter();
  }

  const mine = document.querySelector("[data-checklists]");
  if (mine) {
    const names = JSON.parse(mine.dataset.items);
    const none = mine.querySelector("[data-none]");
    const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
    const card = (item, list) => {
      const box = make("div", { className: "card checklist" });
      const link = make("a", { className: "link", href: `/c/${list.community}/handbook/${item}`, textContent: names[item] });
      const forget = make("button", { type: "button", className: "forget", textContent: mine.dataset.wordsForget });
      forget.setAttribute("aria-label", `${forget.textContent} ${names[item]}`);
      forget.addEventListener("click", () => { save(item, { ticked: [] }); draw(); });
      const [ready, of] = [String(list.ticked.length), String(list.of)];
      const words = mine.dataset.wordsTicked.replace("{}", ready).replace("{}", of);
      const bar = make("progress", { max: list.of, value: list.ticked.length });
      bar.setAttribute("aria-label", `${names[item]}: ${words}`);
      box.append(link, forget, bar, make("p", { className: "soft", textContent: words }));
      return box;
    };
    const draw = () => {
      const lists = [];
      try {
        for (let i = 0; i < localStorage.length; i += 1) {
          const key = localStorage.key(i);
          const item = key.slice(PREFIX.length);
          if (key.startsWith(PREFIX) && item in names && load(item)) lists.push([item, load(item)]);
        }
      } catch { /* as above */ }
      mine.replaceChildren(...(lists.length ? lists.sort().map(([item, list]) => card(item, list)) : [none]));
    };
    draw();
    const home = document.querySelector("[data-home]");
    const { community } = window.lianxin.preferences();
    const communities = JSON.parse(mine.dataset.names);
    if (community in communities) {
      home.replaceChildren(make("a", { className: "link", href: `/c/${community}`, textContent: communities[community] }));
    }
  }
})();
