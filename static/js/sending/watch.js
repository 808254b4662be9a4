// Following a ticket by one tap, and notifications on this browser by another.
import { submitterOf } from "../lib/dom.js";
import { parse } from "../lib/swap.js";
import { sendHere } from "./forms.js";
import { begin, explain, offer, permission } from "./notifications.js";
import { quietly, setFlag } from "../notifications/unread.js";

// The box on a ticket's page that follows it. Only one request at a time.
class Watch {
  constructor() {
    this._isBusy = false;
    document.addEventListener("submit", (event) => this._submit(event));
    document.addEventListener("click", (event) => this._click(event));
  }

  _submit(event) {
    const form = event.target;
    if (!form.matches("[data-watch-form]")) return;
    event.preventDefault();
    const isEnding = form.dataset.watchForm === "ending";
    const permitted = isEnding ? null : permission();
    sendHere(form, submitterOf(event), async (answer) => {
      const box = this._show(await answer.text());
      setFlag();
      if (!isEnding && box && box.hasAttribute("data-reads")) {
        await this._subscribe(permitted, box);
      }
    });
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

new Watch();
