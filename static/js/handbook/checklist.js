// 申请材料: what a person ticked at home. Kept on the phone only, under "ticks:<item>".
import { fill, make } from "../lib/dom.js";
import { keep, keepJson, keys, readJson } from "../lib/store.js";
import { preferences } from "../site/preferences.js";

const PREFIX = "ticks:";
const SOON = 400;
const AGAIN = 5000;

const kept = (item) => readJson(PREFIX + item);

function keepList(item, list) {
  if (list.ticked.length) keepJson(PREFIX + item, list);
  else keep(PREFIX + item, null);
}

// The boxes of one item, on its guide or on a ticket.
class Checklist {
  constructor(place) {
    this._place = place;
    this._item = place.dataset.item;
    this._boxes = [...place.querySelectorAll("[data-tick]")];
    this._count = place.querySelector("[data-ticked]");
    this._plain = this._count && this._count.textContent;
    const { ticked } = kept(this._item) || { ticked: [] };
    for (const box of this._boxes) box.checked = ticked.includes(box.dataset.tick);
    place.addEventListener("change", (event) => {
      if (event.target.matches("[data-tick]")) this._keep();
    });
    this._show();
  }

  _ticked() {
    return this._boxes.filter((box) => box.checked);
  }

  _keep() {
    keepList(this._item, {
      community: this._place.dataset.community || location.pathname.split("/")[2],
      of: this._boxes.length,
      ticked: this._ticked().map((box) => box.dataset.tick),
    });
    this._show();
  }

  _show() {
    if (!this._count) return;
    const { length } = this._ticked();
    this._count.textContent = length ? `${length} / ${this._boxes.length}` : this._plain;
  }
}

// On a ticket the counter is told: all that is ticked, whichever item it belongs to.
class CounterNote {
  constructor(forms) {
    this._forms = forms;
    document.addEventListener("change", ({ target }) => {
      if (target.closest("[data-brought]")) this._sendIn(SOON);
    });
    const boxes = forms.flatMap((form) => [...form.querySelectorAll("[data-tick]")]);
    if (boxes.some((box) => box.checked !== box.defaultChecked)) this._send();
  }

  _sendIn(time) {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._send(), time);
  }

  async _send() {
    const body = new URLSearchParams();
    for (const form of this._forms) {
      body.append("item", form.elements.item.value);
      for (const box of form.querySelectorAll("[data-tick]:checked")) {
        body.append("brought", box.value);
      }
    }
    try {
      const options = { method: "POST", body, keepalive: true, redirect: "manual" };
      const answer = await fetch(this._forms[0].action, options);
      if (answer.status >= 500) throw new Error(answer.statusText);
    } catch {
      this._sendIn(AGAIN);
    }
  }
}

// 我的: every list with a tick in it.
class MyChecklists {
  constructor(place) {
    this._place = place;
    this._names = JSON.parse(place.dataset.items);
    this._none = place.querySelector("[data-none]");
  }

  show() {
    const items = keys()
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => key.slice(PREFIX.length))
      .filter((item) => item in this._names && kept(item));
    const cards = items.sort().map((item) => this._card(item, kept(item)));
    fill(this._place, ...(cards.length ? cards : [this._none]));
  }

  _card(item, { community, of, ticked }) {
    const name = this._names[item];
    const words = this._place.dataset.wordsTicked.replace("{}", ticked.length).replace("{}", of);
    const bar = make("progress", { max: of, value: ticked.length });
    bar.setAttribute("aria-label", `${name}: ${words}`);
    return make(
      "div",
      { className: "card checklist" },
      make("a", {
        className: "link",
        href: `/c/${community}/handbook/${item}`,
        textContent: name,
      }),
      this._forgetButton(item, name),
      bar,
      make("p", { className: "soft", textContent: words }),
    );
  }

  _forgetButton(item, name) {
    const { wordsForget } = this._place.dataset;
    const button = make("button", {
      type: "button",
      className: "forget",
      textContent: wordsForget,
    });
    button.setAttribute("aria-label", `${wordsForget} ${name}`);
    button.addEventListener("click", () => {
      keepList(item, { ticked: [] });
      this.show();
    });
    return button;
  }
}

function nameMyCommunity(names) {
  const { community } = preferences();
  if (!(community in names)) return;
  const link = { className: "link", href: `/c/${community}`, textContent: names[community] };
  fill(document.querySelector("[data-home]"), make("a", link));
}

for (const place of document.querySelectorAll("[data-item]")) new Checklist(place);
const forms = [...document.querySelectorAll("[data-brought]")];
if (forms.length) new CounterNote(forms);
const mine = document.querySelector("[data-checklists]");
if (mine) {
  new MyChecklists(mine).show();
  nameMyCommunity(JSON.parse(mine.dataset.names));
}
