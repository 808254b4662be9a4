"""通知 in a real browser: our words on a locked screen, the page they open, and the badge."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect
from sqlalchemy import select, update

from domain.keys import key_hash, new_key
from domain.places.tables import Community, Hall
from domain.queue import calling
from domain.queue.calling import StaffedCounter
from domain.queue.tables import CounterShift
from domain.queue.tickets import TicketRequest, take_ticket
from domain.store import Store
from push import recipients
from push.events import Teller
from push.keys import KeyRing
from push.messages import message
from push.outbox import Ways
from push.subscriptions import Known
from push.tables import InboxMessage, Kind, Language, OutboxRow, SendState, Subscription
from push.watches import follow, followed_ticket
from tests.browser.eyes import LANGUAGES, LOW, WIDE, faults_for_everyone
from tests.world.people import DISTRICT_ADMINISTRATOR, arrived, hired
from tests.world.push_browsers import FCM, PushBrowser
from tests.world.servers import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from playwright.async_api import Page, Worker

    from domain.queue.tables import Ticket
    from push.recipients import Recipient
    from push.tables import Facts
    from tests.world.phones import Phone
    from tests.world.servers import Server

MINUTE = dt.timedelta(minutes=1)
SUBSCRIBED = """
const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replace(/[+]/g, "-").replace(/[/]/g, "_").replace(/=+$/, "");
const bytes = (words) => Uint8Array.from(
  atob(words.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0)).buffer;
const made = ({ endpoint, keys, key }) => ({
  endpoint, options: { applicationServerKey: bytes(key) }, toJSON: () => ({ endpoint, keys }),
  unsubscribe: async () => { localStorage.removeItem("subscription"); return true; },
});
PushManager.prototype.getSubscription = async () => {
  const kept = localStorage.getItem("subscription");
  return kept && made(JSON.parse(kept));
};
PushManager.prototype.subscribe = async ({ applicationServerKey: key }) => {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const { publicKey } = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
  const keys = { p256dh: text(await crypto.subtle.exportKey("raw", publicKey)), auth: text(new Uint8Array(16)) };
  const words = { endpoint: `https://fcm.googleapis.com/fcm/send/${crypto.randomUUID()}`, keys, key };
  localStorage.setItem("subscription", JSON.stringify(words));
  return made(words);
};
"""
"""A push service that says yes at once: a real one is elsewhere."""


def now() -> dt.datetime:
    return dt.datetime.now(ZoneInfo("Asia/Shanghai"))


@dataclass
class Counter:
    """A counter of 刘家庄 and its queue, in another process than the server; and a phone."""

    store: Store
    hall: int
    shift: int = 0
    key: str = field(default_factory=new_key)
    """What the phone was given when it took a number once."""
    is_busy: bool = False

    @property
    def phone(self) -> Recipient:
        """Who is told."""
        return recipients.device(key_hash(self.key))

    async def take(self, **more: Any) -> Ticket:
        """Someone takes a number."""
        take = partial(
            take_ticket, hall_id=self.hall, request=TicketRequest("B"), now=now(), served={"B"}
        )
        return await self.store.write(partial(take, **more))

    async def follow(self, ticket: Ticket) -> None:
        """The phone follows it."""

        async def unit(session: Any) -> None:
            await follow(session, self.phone, await followed_ticket(session, ticket.id), 3, now())

        await self.store.write(unit)

    async def call(self, ticket: Ticket) -> None:
        """This one, please."""
        await self._do(StaffedCounter.call_chosen, ticket_id=ticket.id)
        self.is_busy = True

    async def leave(self) -> None:
        """The person who sits here serves the last and goes."""
        if self.is_busy:
            await self._do(StaffedCounter.finish)
        await self._do(StaffedCounter.sign_off)

    async def _do(self, verb: Any, **more: Any) -> None:
        async def unit(session: Any) -> None:
            shift = await session.get(CounterShift, self.shift)
            await verb(StaffedCounter(session, shift, now()), **more)

        await self.store.write(unit)


@pytest.fixture
async def counter(own_server: Server) -> AsyncIterator[Counter]:
    store = Store(own_server.database)
    store.before_commit(Teller(Ways()))
    await store.open()
    try:
        async with store.read() as session:
            of_community = select(Hall.id).join(Community).where(Community.slug == "liujiazhuang")
            hall = (await session.scalars(of_community)).one()
        clerk = await hired(store, f"clerk-{now().timestamp()}", now=now())
        sign_on = partial(
            calling.sign_on, hall_id=hall, counter=3, staff_id=clerk, letters="B", now=now()
        )
        found = Counter(store, hall, (await store.write(sign_on)).id)
        yield found
        await found.leave()
    finally:
        await store.close()


async def known(phone: Phone, counter: Counter) -> None:
    """The phone took a number here once, and allowed notifications."""
    await phone.context.grant_permissions(["notifications"])
    await phone.context.add_cookies(
        [{"name": "device-key", "value": counter.key, "url": phone.url}]
    )


async def worker_of(page: Page) -> Worker:
    """The service worker, with its ways out of the browser written down instead of gone."""
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    worker = page.context.service_workers[0]
    await worker.evaluate(
        """() => {
          self.said = { badges: [], opened: [] };
          self.navigator.setAppBadge = async (count) => { said.badges.push(count); };
          self.navigator.clearAppBadge = async () => { said.badges.push(0); };
          clients.openWindow = async (address) => { said.opened.push(address); };
        }"""
    )
    return worker


CLICK = """async () => {
  const [notification] = await registration.getNotifications();
  dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""


def facts_of(ticket: Ticket) -> Facts:
    """What a message says of a ticket that waits, for as long as it waits."""
    return {
        "number": ticket.label, "token": ticket.token, "hall": "大厅", "ticket": ticket.id,
        "hours": "08:30-11:30",
    }  # fmt: skip


async def noted(counter: Counter, ticket: Ticket) -> None:
    """The phone has a new message about a ticket in its inbox."""
    message = InboxMessage(
        recipient=counter.phone, subject=f"ticket/{ticket.id}", kind=Kind.HALL_HOURS,
        facts=facts_of(ticket), leads_to=f"/tickets/{ticket.token}", created_at=now(),
    )  # fmt: skip

    async def put(session: Any) -> None:
        session.add(message)

    await counter.store.write(put)


async def service_of(page: Page) -> Callable[[bytes], Awaitable[None]]:
    """The browser's push service: what it is given it hands to the worker."""
    session = await page.context.new_cdp_session(page)
    found: list[str] = []

    def registered(event: dict[str, Any]) -> None:
        found.extend(each["registrationId"] for each in event["registrations"])

    session.on("ServiceWorker.workerRegistrationUpdated", registered)
    await session.send("ServiceWorker.enable")
    while not found:
        await page.wait_for_timeout(20)
    to = {"origin": await page.evaluate("location.origin"), "registrationId": found[0]}

    async def deliver(payload: bytes) -> None:
        await session.send("ServiceWorker.deliverPushMessage", to | {"data": payload.decode()})

    return deliver


async def notifications(page: Page, count: int = 1) -> list[dict[str, Any]]:
    """What stands on the screen, as soon as it is so many."""
    found: list[dict[str, Any]] = await page.evaluate(
        """async ([count, patience]) => {
          const { getNotifications } = ServiceWorkerRegistration.prototype;
          const here = await navigator.serviceWorker.ready;
          const until = performance.now() + patience;
          let all = [];
          while ((all = await getNotifications.call(here)).length !== count) {
            if (performance.now() > until) break;
            await new Promise((again) => setTimeout(again, 20));
          }
          return all.map(({ title, body, tag, lang }) => ({ title, body, tag, lang }));
        }""",
        [count, PATIENCE],
    )
    assert len(found) == count, found
    return found


@pytest.mark.parametrize(
    ("language", "title", "lang"),
    [
        (Language.CHINESE, "{} 今天开放时间有变", "zh-CN"),
        (Language.ENGLISH, "{}: other hours today", "en"),
    ],
)
async def test_our_words_are_shown_lead_to_their_page_and_are_read_by_that(  # noqa: PLR0913, PLR0917
    new_phone, own_server, counter, language, title, lang
) -> None:
    ticket = await counter.take()
    await counter.follow(ticket)
    async with new_phone(f"lang:{language}", url=own_server.url) as phone:
        await known(phone, counter)
        page = await phone.open("/mine")
        worker, deliver = await worker_of(page), await service_of(page)
        facts, subject = facts_of(ticket), f"ticket/{ticket.id}"
        told = message(Kind.HALL_HOURS, facts, language, counter.phone, subject, 5 * MINUTE, now())

        await noted(counter, ticket)
        # Twice, as after a crash: it stands there once.
        for _ in range(2):
            await deliver(told.declarative(own_server.url, 1))
        [shown] = await notifications(page)
        assert shown["title"] == title.format(ticket.label)
        assert (shown["lang"], shown["tag"]) == (lang, told.tag)
        await page.reload()
        await expect(page.locator("#my-inbox")).to_contain_text(shown["title"])
        await expect(page.locator(".tab-dot")).to_have_count(1)
        await worker.evaluate(CLICK)
        assert await notifications(page, 0) == []
        said: dict[str, list[Any]] = {}
        while not (said.get("opened") and 0 in said["badges"]):
            said = await worker.evaluate("said")
        assert said["opened"] == [f"/tickets/{ticket.token}"]
        assert set(said["badges"]) == {0, 1}
        await page.reload()
        await expect(page.locator("#my-inbox .inbox")).to_contain_text(shown["title"])
        await expect(page.locator("#my-inbox .new, .tab-dot")).to_have_count(0)


ODD = (
    "", "word", "[]", "null", "7", "{}", '{"notification": null}', '{"notification": {}}',
    '{"notification": {"title": "", "body": "x"}}',
    '{"notification": {"title": "x", "tag": "t", "dir": "up"}}',
    '{"notification": {"title": "x", "tag": "t", "actions": 7}}',
)  # fmt: skip
"""Payloads that say nothing that can be shown."""
SHORT = (
    '{"notification": {"title": "B001"}}',
    '{"notification": {"title": "B001", "navigate": "http://["}}',
    '{"notification": {"title": "B001", "tag": "", "body": "x"}, "app_badge": "many"}',
)
"""Payloads that say enough."""


LOST_AFTER = 20.0
"""Seconds after which a message counts as lost on its way to the browser."""


async def test_something_is_shown_whatever_arrives(new_phone, own_server) -> None:
    async with new_phone(url=own_server.url) as phone:
        await phone.context.grant_permissions(["notifications"])
        page = await phone.open("/push/help")
        worker, deliver = await worker_of(page), await service_of(page)
        found = {}
        for payload in (*ODD, *SHORT):
            try:
                async with asyncio.timeout(LOST_AFTER):
                    await deliver(payload.encode())
                    [shown] = await notifications(page)
            except TimeoutError:
                # Chromium has lost one while it was busy. A push service sends it again, too.
                await deliver(payload.encode())
                [shown] = await notifications(page)
            found[payload] = shown["title"]
            await worker.evaluate(CLICK)
            await notifications(page, 0)
        assert found == dict.fromkeys(ODD, "连心有一条给您的消息") | dict.fromkeys(SHORT, "B001")
        opened: list[str] = []
        while len(opened) < len(found):
            opened = (await worker.evaluate("said"))["opened"]
        assert set(opened) == {"/mine/inbox"}


async def test_the_same_words_ring_again_for_another_call_only(
    new_phone, own_server, counter
) -> None:
    ticket = await counter.take()
    await noted(counter, ticket)
    facts = facts_of(ticket) | {"counter": 3}

    def called(at: dt.datetime) -> bytes:
        told = message(
            Kind.TICKET_CALLED, facts, Language.CHINESE, counter.phone, "ticket/1", MINUTE, at
        )
        return told.declarative(own_server.url)

    async with new_phone(url=own_server.url) as phone:
        await known(phone, counter)
        page = await phone.open("/push/help")
        worker, deliver = await worker_of(page), await service_of(page)
        await worker.evaluate(
            """() => {
              self.rang = [];
              const show = registration.showNotification.bind(registration);
              registration.showNotification = async (title, words) => {
                await show(title, words);
                rang.push(words.renotify);
              };
            }"""
        )
        first = now()
        for count, at in enumerate((first, first, first + MINUTE), 1):
            await deliver(called(at))
            while len(await worker.evaluate("rang")) < count:
                await page.wait_for_timeout(20)
        assert await worker.evaluate("rang") == [True, False, True]
        assert len(await notifications(page)) == 1


async def test_the_tray_says_what_the_inbox_says(new_phone, own_server, counter) -> None:
    opened, other = await counter.take(), await counter.take()

    for ticket in (opened, other):
        await noted(counter, ticket)
    async with new_phone(url=own_server.url) as phone:
        await known(phone, counter)
        page = await phone.open("/push/help")
        await worker_of(page)
        deliver = await service_of(page)
        for path in (f"/tickets/{opened.token}", f"/tickets/{other.token}", "/staff/matters/7"):
            words = {"title": path, "tag": path, "navigate": f"{own_server.url}{path}"}
            await deliver(json.dumps({"notification": words}).encode())
        await notifications(page, 3)
        # Nobody follows it on this page, and no script was told anything: it is opened, no more.
        await page.goto(f"/tickets/{opened.token}")
        titles = {each["title"] for each in await notifications(page, 2)}
        assert titles == {f"/tickets/{other.token}", "/staff/matters/7"}
        assert (await (await page.request.get("/inbox/unread")).json())["unread"] == 1
        # Read on another phone.
        await counter.store.write(
            lambda session: session.execute(update(InboxMessage).values(read_at=now()))
        )
        await page.goto("/push/help")
        # Of the office's messages the inbox says nothing while none of them is signed in.
        assert [each["title"] for each in await notifications(page)] == ["/staff/matters/7"]


async def test_one_tap_follows_and_reaches_this_phone(new_phone, own_server, counter) -> None:
    ticket = await counter.take()
    async with new_phone(url=own_server.url) as phone:
        await phone.context.grant_permissions(["notifications"])
        await phone.context.add_init_script(SUBSCRIBED)
        page = await phone.open(f"/tickets/{ticket.token}")
        await page.get_by_role("button", name="3 位").dblclick()
        await expect(page.locator("#watch")).to_contain_text("手机会收到通知", timeout=PATIENCE)
        await expect(page.get_by_role("button", name="3 位")).to_have_attribute(
            "aria-pressed", "true"
        )
        await page.get_by_role("link", name="我的通知").click()
        await expect(page.get_by_role("listitem")).to_contain_text("Chrome")
        await expect(page.locator("[data-here]")).to_be_visible()
        await page.get_by_role("button", name="在此停止").click()
        await expect(page.get_by_text("那个浏览器不再接收通知")).to_be_visible()
        assert await page.evaluate("localStorage.getItem('subscription')") is None
        await page.goto(f"/tickets/{ticket.token}")
        await page.get_by_role("button", name="不再通知").click()
        # It is a relative's number: this phone did not take it.
        await expect(page.locator("#watch")).to_contain_text("快到这个号时通知我")


async def kept_by(counter: Counter, endpoint: str) -> Subscription | None:
    """A subscription as the server has it."""
    async with counter.store.read() as session:
        found: Subscription | None = await session.scalar(
            select(Subscription).where(Subscription.endpoint == endpoint)
        )
    return found


KEEP = """async (words) => {
  await navigator.serviceWorker.ready;
  localStorage.setItem("subscription", JSON.stringify(words));
  const kept = { endpoint: words.endpoint, key: words.key, whose: "device", at: 0 };
  await (await caches.open("pages")).put("/push/kept", new Response(JSON.stringify(kept)));
}"""


async def test_after_a_rotation_the_browser_quietly_takes_the_new_key(
    new_phone, own_server, counter
) -> None:
    old_key = KeyRing(own_server.data).current.public
    old = PushBrowser(f"{FCM}before-the-rotation", old_key)
    await old.subscribe(
        counter.store, counter.phone, Known(frozenset(), frozenset({old_key})), now=now()
    )
    fresh_key = KeyRing(own_server.data).rotate().public
    async with new_phone(url=own_server.url) as phone:
        await known(phone, counter)
        await phone.context.add_init_script(SUBSCRIBED)
        page = await phone.open("/push/help")
        given = old.given()
        keys = {"p256dh": given.p256dh, "auth": given.auth}
        await page.evaluate(KEEP, {"endpoint": given.endpoint, "keys": keys, "key": old_key})
        await page.reload()
        while await kept_by(counter, given.endpoint) is not None:
            await page.wait_for_timeout(20)
        fresh = await page.evaluate("JSON.parse(localStorage.getItem('subscription'))")
        found = await kept_by(counter, fresh["endpoint"])
        assert found is not None
        assert (found.key, found.recipient) == (fresh_key, counter.phone)


async def test_what_its_owner_ended_elsewhere_does_not_begin_again(
    new_phone, own_server, counter
) -> None:
    async with new_phone(url=own_server.url) as phone:
        phone.expect("status of 410")
        await known(phone, counter)
        await phone.context.add_init_script(SUBSCRIBED)
        page = await phone.open("/push/help")
        given = PushBrowser(f"{FCM}ended", KeyRing(own_server.data).current.public).given()
        keys = {"p256dh": given.p256dh, "auth": given.auth}
        await page.evaluate(KEEP, {"endpoint": given.endpoint, "keys": keys, "key": given.key})
        await page.reload()
        while await page.evaluate("caches.match('/push/kept').then(Boolean)"):
            await page.wait_for_timeout(20)
        assert await page.evaluate("localStorage.getItem('subscription')") is None
        assert await kept_by(counter, given.endpoint) is None


async def test_a_subscription_that_the_browser_replaced_is_moved_by_the_worker(
    new_phone, own_server, counter
) -> None:
    key = KeyRing(own_server.data).current.public
    before, after = (PushBrowser(f"{FCM}{name}", key) for name in ("replaced", "replacing"))
    await before.subscribe(
        counter.store, counter.phone, Known(frozenset(), frozenset({key})), now=now()
    )
    async with new_phone(url=own_server.url) as phone:
        await known(phone, counter)
        page = await phone.open("/push/help")
        worker, given = await worker_of(page), after.given()
        words = {"endpoint": before.endpoint, "key": key, "whose": "device", "at": 0}
        fresh = {
            "endpoint": given.endpoint,
            "keys": {"p256dh": given.p256dh, "auth": given.auth},
        }
        await worker.evaluate(
            """async ([words, fresh]) => {
              await (await caches.open("pages")).put("/push/kept", new Response(JSON.stringify(words)));
              const changed = new ExtendableEvent("pushsubscriptionchange");
              changed.newSubscription = { toJSON: () => fresh };
              dispatchEvent(changed);
            }""",
            [words, fresh],
        )
        while await kept_by(counter, before.endpoint) is not None:
            await page.wait_for_timeout(20)
        found = await kept_by(counter, given.endpoint)
        assert found is not None
        assert found.recipient == counter.phone


async def test_where_push_cannot_come_the_page_says_what_does(
    new_phone, own_server, counter
) -> None:
    ticket = await counter.take()
    for agent, words in (
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Safari/604.1", "添加到主屏幕"),
        ("Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0", "先用浏览器打开"),
    ):
        async with new_phone(url=own_server.url, user_agent=agent) as phone:
            await phone.context.add_init_script("delete window.PushManager")
            page = await phone.open(f"/tickets/{ticket.token}")
            await page.get_by_role("button", name="1 位").click()
            box = page.locator("#watch")
            await expect(box).to_contain_text("消息会放在“我的”页面")
            await expect(box.locator("[data-why]:visible")).to_contain_text(words)
            await box.get_by_role("link", name="怎样收到通知").click()
            first = page.locator("[data-phones] section").first
            await expect(first.locator("[data-this-phone]")).to_be_visible()


async def test_what_was_called_for_stands_on_mine(new_phone, own_server, counter) -> None:
    ticket = await counter.take(device_hash=key_hash(counter.key))
    await counter.follow(ticket)
    await counter.call(ticket)
    async with new_phone(url=own_server.url) as phone:
        await known(phone, counter)
        page = await phone.open("/mine")
        await page.get_by_role("button", name=f"{ticket.label} 请到 3 号窗口").click()
        await page.wait_for_url(f"**/tickets/{ticket.token}")
        await expect(page.locator(".ticket-called")).to_contain_text("请到窗口3")


async def test_a_push_service_that_we_do_not_know_is_no_failure_of_the_wish(
    new_phone, own_server, counter
) -> None:
    ticket = await counter.take()
    async with new_phone(url=own_server.url) as phone:
        phone.expect("status of 422")
        await phone.context.grant_permissions(["notifications"])
        await phone.context.add_init_script(SUBSCRIBED.replace("fcm.googleapis.com", "push.test"))
        page = await phone.open(f"/tickets/{ticket.token}")
        await page.get_by_role("button", name="5 位").click()
        box = page.locator("#watch")
        await expect(box.locator("[data-why]:visible")).to_contain_text("还不认识")
        await expect(page.get_by_role("button", name="5 位")).to_have_attribute(
            "aria-pressed", "true"
        )


async def test_a_push_service_that_does_not_answer_keeps_nothing_from_anybody(
    new_phone, own_server, counter
) -> None:
    ticket = await counter.take()
    async with new_phone(url=own_server.url) as phone:
        await phone.context.grant_permissions(["notifications"])
        await phone.context.add_init_script(
            "PushManager.prototype.subscribe = () => Promise.reject(new Error('no service'))"
        )
        page = await phone.open(f"/tickets/{ticket.token}")
        await page.get_by_role("button", name="5 位").click()
        box = page.locator("#watch")
        await expect(box.locator("[data-why]:visible")).to_contain_text("没有回应")
        await expect(box.get_by_role("button", name="在这部手机上接收通知")).to_be_visible()
        await phone.context.set_offline(True)
        phone.expect("ERR_INTERNET_DISCONNECTED")
        await box.get_by_role("button", name="不再通知").click()
        await expect(box.locator(".form-waits")).to_contain_text("没有网络")
        await phone.context.set_offline(False)
        # It goes by itself.
        await expect(box).to_contain_text("快到这个号时通知我", timeout=PATIENCE)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_read_and_press_everything(
    new_phone, own_server, counter, language
) -> None:
    called, ticket = await counter.take(), await counter.take()
    await counter.follow(called)
    await counter.follow(ticket)
    boss = await arrived(
        counter.store, f"boss-{language.lower()}", DISTRICT_ADMINISTRATOR, now=now()
    )
    options = {"viewport": LOW, "service_workers": "block", "url": own_server.url}
    async with new_phone(LANGUAGES[language], **options) as phone:
        await phone.context.add_cookies(
            [
                {"name": "device-key", "value": counter.key, "url": own_server.url},
                {"name": "staff", "value": boss.key, "url": own_server.url},
            ]
        )
        page = await phone.open("/push/help")
        key = (await (await page.request.get("/push/key")).json())["key"]
        browser = PushBrowser(key=key).given()
        for whose in ("staff", "device"):
            endpoint = f"{browser.endpoint}-{whose}-{language}"
            said = {**vars(browser), "endpoint": endpoint, "whose": whose}
            said["language"] = ""
            headers = {"origin": own_server.url}
            answer = await page.request.post("/push/subscriptions", form=said, headers=headers)
            assert answer.status == 204
        await failed_once(counter, called)
        found = []
        for path in (
            f"/tickets/{ticket.token}", "/push/help", "/mine", "/mine/inbox",
            "/mine/notifications?done=saved", "/notifications/addresses/guessed",
            "/staff/account/notifications", "/staff/push", "/staff",
        ):  # fmt: skip
            await page.goto(path)
            faults = await faults_for_everyone(page, language, screens=(LOW, WIDE))
            found += [f"{path}: {each}" for each in faults]
        assert not found, "\n".join(found)


async def failed_once(counter: Counter, ticket: Ticket) -> None:
    """Someone is called, and the message does not arrive."""
    await counter.call(ticket)
    failing = update(OutboxRow).values(state=SendState.FAILED, reason="denied 403")
    await counter.store.write(lambda session: session.execute(failing))
