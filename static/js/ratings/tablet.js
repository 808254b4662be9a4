// The rating tablet: a level that was touched is never lost. It is kept on the tablet until the
// server says that it has it, whatever the network does, and sent by itself when the visitor walks
// away after the first touch.
import { checkIn } from "../devices/check_in.js";
import { keepJson, readJson } from "../lib/store.js";
import { DeviceStream } from "../lib/live.js";
import { timely } from "../lib/swap.js";

const KEPT = "ratings-kept";
const MOST = 50;
const SENDS = 15;
const THANKS = 5000;
const AGAIN = 5000;
// Statuses that say that the server will never take it: then there is nothing to wait for.
const NEVER = [404, 409, 422];

// Ratings that wait for the server, the oldest first.
class Outbox {
  constructor() {
    this._isSending = false;
  }

  _kept() {
    return readJson(KEPT) || [];
  }

  add(body) {
    keepJson(KEPT, [...this._kept(), body].slice(-MOST));
  }

  // One at a time; the same one sent twice is one rating.
  async send() {
    clearTimeout(this._timer);
    if (this._isSending) return;
    this._isSending = true;
    let isSent = true;
    for (let body = this._kept()[0]; body && isSent; body = this._kept()[0]) {
      isSent = await this._post(body);
      if (isSent) this._drop(body);
    }
    this._isSending = false;
    if (isSent) checkIn();
    else this._timer = setTimeout(() => this.send(), AGAIN);
  }

  sendIfAny() {
    if (this._kept().length) this.send();
  }

  _drop(body) {
    keepJson(
      KEPT,
      this._kept().filter((kept) => kept !== body),
    );
  }

  // Whether the server has it, or will never take it.
  async _post(body) {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    try {
      const answer = await timely("/rating/ratings", { method: "POST", body, headers });
      return answer.ok || NEVER.includes(answer.status);
    } catch {
      return false;
    }
  }
}

// The form on the glass. What is chosen is sent after some seconds, or by its button.
class RatingForm {
  constructor(thanks, outbox) {
    this._thanks = thanks;
    this._outbox = outbox;
    this._pending = null;
    document.addEventListener("input", ({ target }) => {
      if (target.closest("[data-rate]")) this._note();
    });
    document.addEventListener("submit", (event) => {
      if (!event.target.matches("[data-rate]")) return;
      event.preventDefault();
      if (this._pending) this._give();
    });
    addEventListener("pagehide", () => {
      if (this._pending) outbox.add(this._pending.body);
    });
  }

  // The next visitor is called already: what was touched counts all the same.
  giveIfGone() {
    if (this._pending && !this._pending.form.isConnected) this._give();
  }

  _note() {
    const form = document.querySelector("[data-rate]");
    const body = new URLSearchParams(new FormData(form));
    if (!body.has("level")) return;
    this._pending = { form, body: body.toString(), left: SENDS };
    clearInterval(this._ticking);
    this._countDown();
    this._ticking = setInterval(() => {
      this._pending.left -= 1;
      if (this._pending.left <= 0) this._give();
      else this._countDown();
    }, 1000);
  }

  _countDown() {
    const words = this._pending.form.querySelector("[data-rate-left]");
    words.textContent = words.dataset.words.replace("{}", this._pending.left);
  }

  _give() {
    clearInterval(this._ticking);
    const { body, form } = this._pending;
    this._pending = null;
    this._outbox.add(body);
    form.remove();
    this._thank();
    this._outbox.send();
  }

  _thank() {
    this._thanks.textContent = this._thanks.dataset.words;
    clearTimeout(this._clearing);
    this._clearing = setTimeout(() => {
      this._thanks.textContent = "";
    }, THANKS);
  }
}

function begin(thanks) {
  const outbox = new Outbox();
  const rating = new RatingForm(thanks, outbox);
  let isFirst = true;
  const stream = new DeviceStream("/live/rating", {
    opened: () => {
      isFirst = true;
    },
    message: () => {
      if (!isFirst) checkIn();
      isFirst = false;
    },
    gone: checkIn,
  });
  document.addEventListener("lianxin:shown", () => {
    if (document.querySelector("[data-tablet]")) stream.open();
    else stream.close();
    rating.giveIfGone();
  });
  addEventListener("online", () => outbox.send());
  outbox.sendIfAny();
}

const thanks = document.querySelector("[data-rate-thanks]");
if (thanks) begin(thanks);
