"""What residents and strangers can type, far too long: PostgreSQL has a bound for each column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from starlette.routing import Route

from domain.devices import pairing
from domain.devices.tables import DeviceKind
from domain.queue.calling import StaffedCounter
from domain.queue.tables import Ticket, TicketState
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.invitations import invite
from domain.staff.tables import Role
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.forms import form, take
from tests.world.push_browsers import PushBrowser
from web.routes import routes

if TYPE_CHECKING:
    from tests.world.app import Browser
    from tests.world.halls import HallDesk

pytestmark = both_databases

LONG = "长" * 3000
LONGER = f"a{'b' * 3000}"
"""For what takes letters only."""
KEY = "x" * 43
"""As long as the keys of forms."""
HALL = "/halls/liujiazhuang/tickets"


def host_of(length: int) -> str:
    """The name of a push service with so many characters."""
    end = ".push.apple.com"
    labels = ("a." * length)[: length - len(end)]
    return f"{labels[:-1]}a{end}"


@pytest.mark.parametrize("length", [253, 254, 264, 274, 800])
async def test_a_call_stands_whatever_host_its_followers_gave(
    own: Browser, desk: HallDesk, length
) -> None:
    await desk.sit()
    address = await take(own)
    key = own.services.keys.current.public
    host = host_of(length)
    assert len(host) == length
    given = PushBrowser(f"https://{host}/x", key).given()
    response = await own.post(
        "/push/subscriptions",
        data={"endpoint": given.endpoint, "p256dh": given.p256dh, "auth": given.auth, "key": key},
    )
    assert response.status_code == (204 if length <= 253 else 422)
    assert (await own.post(f"{address}/watches", data={"ahead": 3})).status_code == 303
    await desk.do(StaffedCounter.call_next)
    async with own.store.read() as session:
        assert await session.scalar(select(Ticket.state)) is TicketState.CALLED


FORMS: list[tuple[str, dict[str, Any]]] = [
    (HALL, {"category": LONG, "item": LONG, "priority": LONG, "brought": LONG, "request": KEY}),
    (HALL, {"category": "B", "brought": [LONG] * 9, "request": KEY}),
    (HALL, {"category": "B", "request": LONG}),
    ("/push/subscriptions", {"endpoint": LONG, "p256dh": LONG, "auth": LONG, "key": LONG}),
    ("/push/subscriptions", {"endpoint": LONGER, "old": LONGER, "renews": LONG, "whose": LONG}),
    ("/mine/notifications", {"ahead": LONG, "off": LONG, "quiet_from": LONG, "channel": LONG}),
    ("/mine/notifications/addresses", {"email": f"{LONGER}@{LONGER}.cn"}),
    ("/mine/notifications/addresses", {"email": f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.cn"}),
    ("/mine/notifications/addresses", {"email": f"{'a' * 65}@c.cn"}),
    (f"/notifications/addresses/{LONGER}", {}),
    (f"/notifications/stopping/{LONGER}", {"List-Unsubscribe": LONG}),
    ("/preferences", {"lang": LONG, "community": LONGER, "building": LONGER, "next": LONG}),
    ("/staff/sessions", {"name": LONG, "password": LONG, "next": LONG}),
    (f"/invitations/{LONGER}", {"name": LONG, "password": LONG}),
    ("/f/devices/screen", {"version": LONG}),
    ("/f/devices/kiosk", {"version": LONG}),
    ("/f/devices/terminal", {"version": LONG}),
    ("/f/devices/rating", {"version": LONG}),
    ("/rating/ratings", {"ticket": LONG, "level": LONG, "words": LONG, "phone": LONG}),
    ("/kiosk/tickets", {"category": LONG, "request": LONG}),
    ("/terminal/en/tickets", {"category": LONG, "request": LONG}),
    ("/inbox/readings", {"read": LONG}),
    ("/inbox/1/reading", {"read": LONG}),
    ("/push/subscriptions/ending", {"endpoint": LONGER}),
    ("/mine/notifications/addresses/ending", {"email": LONG}),
    ("/mine/notifications/browsers/1/ending", {"browser": LONG}),
    ("/mine/notifications/follows/1/ending", {"follow": LONG}),
    (f"/tickets/{LONGER}/watches", {"ahead": LONG, "request": LONG}),
    (f"/tickets/{LONGER}/rating", {"level": "satisfied", "words": LONG}),
    ("/matters/code", {"code": LONG, "request": LONG}),
    ("/c/liujiazhuang/promises/1/following", {"request": LONG}),
    ("/c/liujiazhuang/promises/1/following/ending", {"request": LONG}),
    ("/c/liujiazhuang/mistakes", {"words": LONG, "phone": LONG, "page": LONG, "request": KEY}),
    ("/c/liujiazhuang/disclosures/wishes", {"title": LONG, "why": LONG, "request": KEY}),
    (
        "/c/liujiazhuang/disclosures/wishes",
        {"title": "长" * 80, "why": "长" * 600, "request": KEY, "seen": "yes"},
    ),
    ("/c/liujiazhuang/disclosures/wishes/1/supporters", {"request": LONG}),
    ("/c/liujiazhuang/inquiries/applications", {"words": LONG, "asker": LONG, "request": KEY}),
    ("/c/liujiazhuang/inquiries/1/supporters", {"request": LONG}),
    ("/c/liujiazhuang/disclosures/follows", {"kind": LONG, "item": LONGER, "request": LONG}),
    ("/c/liujiazhuang/disclosures/follows/ending", {"kind": LONG, "item": LONGER}),
    (
        "/c/liujiazhuang/disclosures/6/inquiries",
        {
            "words": "长" * 2000,
            "asker": LONG,
            "kind": "question",
            "line": LONGER,
            "confirmed": "yes",
            "request": KEY,
        },
    ),
    ("/c/liujiazhuang/messages", {"words": LONG, "request": KEY}),
    (
        "/c/liujiazhuang/messages",
        {
            "words": "长" * 2000,
            "request": KEY,
            "post": LONGER,
            "building": LONGER,
            "facility": LONGER,
            "item": LONGER,
            "asker": LONG,
            "on_behalf_of": LONG,
            "agreed_by": LONG,
        },
    ),
]


@pytest.mark.parametrize(("path", "fields"), FORMS)
async def test_what_is_far_too_long_is_cut_or_refused(own: Browser, path, fields) -> None:
    cookies = dict.fromkeys(("device-key", "device-screen", "staff", "lianxin"), LONGER)
    headers = {"user-agent": LONGER, "cookie": "; ".join(f"{n}={v}" for n, v in cookies.items())}
    for sent in ({}, headers):
        response = await own.post(path, data=fields, headers=sent)
        assert response.status_code < 500, response.text


NOUNS = ["cancellation", "letting-pass", "return", "rating", "documents", "watches"]


@pytest.mark.parametrize("noun", [*NOUNS, "watches/ending"])
async def test_what_is_far_too_long_about_a_number_is_cut_or_refused(own: Browser, noun) -> None:
    address = await take(own)
    fields = {"ahead": LONG, "passing": LONG, "has": LONG, "brought": LONG, "request": LONG}
    rating = {"level": "satisfied", "words": LONG, "phone": LONG, "tag": LONG}
    assert (await own.post(f"{address}/{noun}", data={**fields, **rating})).status_code < 500


DEEDS = ["messages", "thanks", "closing", "reopening", "rating", "erasing", "seen"]
DEEDS += ["judging", "disputing", "correcting"]


async def test_what_is_far_too_long_in_a_conversation_is_cut_or_refused(own: Browser) -> None:
    begun = await own.post(
        "/c/liujiazhuang/messages", data={"words": "长" * 2000, "request": KEY, "asker": LONG}
    )
    assert begun.status_code == 303
    address = begun.headers["location"]
    fields = {"words": LONG, "request": LONG, "rating": LONG, "sure": LONG}
    for deed in DEEDS:
        assert (await own.post(f"{address}/{deed}", data=fields)).status_code < 500
        assert (await own.post(f"/matters/{LONGER}/{deed}", data=fields)).status_code < 500


def test_every_form_of_a_resident_or_stranger_is_tried() -> None:
    tried = {path for path, _ in FORMS}
    tried |= {f"/matters/{LONGER}/{deed}" for deed in DEEDS}
    tried |= {f"/tickets/{LONGER}/{noun}" for noun in [*NOUNS, "watches/ending"]}
    left = [
        route.path
        for route in routes()
        if isinstance(route, Route)
        and "POST" in (route.methods or ())
        and not route.path.startswith(("/staff/", "/f/staff/"))
        and not any(route.path_regex.match(path) for path in tried)
    ]
    assert left == []


async def test_the_longest_rating_and_telephone_number_are_kept(own, desk: HallDesk) -> None:
    await desk.sit()
    address = await take(own, brought=[LONG, "身份证"])
    await desk.do(StaffedCounter.call_next)
    await desk.do(StaffedCounter.finish)
    said = {"level": "dissatisfied", "words": "\U00020000" * 3000, "phone": f"+{'1' * 15}-123"}
    assert (await own.post(f"{address}/rating", data=said)).status_code == 303


async def test_the_longest_device_and_version_are_kept(own: Browser) -> None:
    async def unit(session: Any) -> str:
        begun, key = await pairing.begin(session, DeviceKind.SCREEN, "x" * 64, NOW)
        hall = await pairing.hall_of(session, 1)
        await pairing.confirm(session, COMMAND_LINE, begun.code, hall, "大" * 40, None, NOW)
        return key

    own.cookies.set("device-screen", await own.store.write(unit))
    assert (await own.post("/f/devices/screen", data={"version": LONG})).status_code == 200


async def test_the_longest_account_is_made_and_signs_in(own: Browser) -> None:
    async def unit(session: Any) -> str:
        return await invite(
            session,
            actor=COMMAND_LINE,
            full_name="王" * 80,
            grant=Grant(Role.ADMINISTRATOR),
            now=own.services.now(),
        )

    key = await own.store.write(unit)
    account = {"name": f"a{'b' * 3000}", "password": "长得没有人猜得到的密码" * 10}
    response = await own.post(f"/invitations/{key}", data=account)
    assert response.status_code == 303
    signed_in = await own.post("/staff/sessions", data=account, headers={"user-agent": LONGER})
    assert signed_in.status_code == 303


async def test_the_longest_form_is_still_a_form(own: Browser) -> None:
    fields = await form(own)
    response = await own.post(
        HALL, data={**fields, "brought": [f"{n}{LONG[:50]}" for n in range(99)]}
    )
    assert response.status_code == 303
