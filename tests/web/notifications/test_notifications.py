"""通知 over the wire: following, subscribing, reading, choosing; and what strangers get of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, insert, select, update

from domain.queue.calling import StaffedCounter
from domain.staff.actor import Grant
from domain.staff.tables import Role
from push import addresses, recipients
from push.outbox import DENIED
from push.subscriptions import MOST
from push.tables import (
    ChannelKind,
    End,
    Facts,
    InboxMessage,
    Kind,
    OutboxRow,
    Preferences,
    SendState,
    Subscription,
    TicketWatch,
)
from push.tidying import KEEP_REFUSED, tidy
from push.truth import Truth
from push.watches import MOST_OF_TICKET
from tests.world.district import places
from tests.world.forms import MAIL, RATING, take, words
from tests.world.people import DISTRICT_ADMINISTRATOR, Person, arrived
from tests.world.push_browsers import FCM, PushBrowser
from web.running.services import BROWSERS_AN_ADDRESS
from web.site.device_key import COOKIE

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.app import Browser
    from tests.world.clock import Clock
    from tests.world.halls import HallDesk

MINE = "/mine/notifications"
ENGLISH = {"accept-language": "en"}


async def rows_of(browser: Browser, table: type[Any]) -> list[Any]:
    """Everything in a table."""
    async with browser.store.read() as session:
        return list(await session.scalars(select(table).order_by(table.created_at)))


async def said_by(browser: Browser, endpoint: str = f"{FCM}one", **other: str) -> dict[str, str]:
    """What the script posts of a browser's subscription."""
    given = PushBrowser(endpoint, browser.services.keys.current.public).given()
    said = {"endpoint": given.endpoint, "p256dh": given.p256dh, "auth": given.auth}
    return {**said, "key": given.key, "whose": "device", **other}


async def watched(browser: Browser, ahead: int = 3) -> str:
    """Take a number and follow it; its address."""
    address = await take(browser)
    response = await browser.post(f"{address}/watches", data={"ahead": ahead})
    assert (response.status_code, response.headers["location"]) == (303, address)
    return address


async def called(browser: Browser, desk: HallDesk) -> str:
    """A number that was followed, and is called; its address."""
    await desk.sit()
    address = await watched(browser)
    await desk.do(StaffedCounter.call_next)
    return address


# On the ticket's page


async def test_one_tap_follows_a_number_and_another_ends_it(own) -> None:
    address = await take(own)
    page = words(await own.get(address))
    assert "快到我时通知我" in page
    await own.post(f"{address}/watches", data={"ahead": 5})
    response = await own.get(address)
    assert "快到时会通知您" in words(response)
    assert 'value="5" aria-pressed="true"' in response.text
    await own.post(f"{address}/watches", data={"ahead": 1})
    assert [each.ahead for each in await rows_of(own, TicketWatch)] == [1]
    ended = await own.post(f"{address}/watches/ending")
    assert (ended.status_code, ended.headers["location"]) == (303, f"{address}?left")
    assert await rows_of(own, TicketWatch) == []
    assert "不再通知您了" in words(await own.get(ended.headers["location"]))
    assert "不再通知您了" not in words(await own.get(address))
    assert (await own.post(f"{address}/watches/ending")).status_code == 303, "tapped twice"


async def test_family_follows_with_a_key_of_its_own_which_a_double_tap_shares(own) -> None:
    address = await take(own)
    taken_by = own.cookies[COOKIE]
    own.cookies.clear()
    page = (await own.get(address)).text
    key = re.search(r'name="request" value="([^"]+)"', page)
    assert key
    sent = {"ahead": "3", "request": key[1]}
    answers = await asyncio.gather(*(own.post(f"{address}/watches", data=sent) for _ in range(4)))
    assert {each.status_code for each in answers} == {303}
    assert len(await rows_of(own, TicketWatch)) == 1
    assert own.cookies[COOKIE] != taken_by
    assert 'aria-pressed="true"' in (await own.get(address)).text
    assert (await own.post(f"{address}/cancellation")).status_code == 403


@pytest.mark.parametrize("ahead", ["", "2", "-1", "3.0", "三", "9" * 40])
async def test_an_odd_distance_is_refused_and_follows_nothing(own, ahead) -> None:
    address = await take(own)
    response = await own.post(f"{address}/watches", data={"ahead": ahead})
    assert response.status_code == 422
    assert "请选择前面还有几位时通知" in response.text
    assert await rows_of(own, TicketWatch) == []


async def test_a_number_that_is_over_guessed_or_followed_by_many_is_not_followed(
    own, desk, clock: Clock
) -> None:
    assert (await own.post("/tickets/guessed/watches", data={"ahead": 3})).status_code == 404
    assert (await own.post("/tickets/guessed/watches/ending")).status_code == 303
    address = await take(own)
    for _ in range(MOST_OF_TICKET):
        own.cookies.clear()
        assert (await own.post(f"{address}/watches", data={"ahead": 3})).status_code == 303
    own.cookies.clear()
    many = await own.post(f"{address}/watches", data={"ahead": 3})
    assert many.status_code == 429
    assert "不能再加了" in many.text
    assert COOKIE not in own.cookies
    await desk.sit()
    await desk.do(StaffedCounter.call_next)
    await desk.do(StaffedCounter.finish)
    assert (await own.post(f"{address}/watches", data={"ahead": 3})).status_code == 409
    clock.now += dt.timedelta(days=1)
    assert (await own.post(f"{address}/watches", data={"ahead": 3})).status_code == 409


async def test_the_page_says_plainly_how_the_word_comes(open_app) -> None:
    async with open_app(**MAIL) as browser:
        address = await watched(browser)
        assert "消息会放在“我的”页面" in words(await browser.get(address))
        english = words(await browser.get(address, headers=ENGLISH))
        assert "The message is on the page “Mine”" in english

        async def confirmed(session: Any) -> None:
            own = (await session.scalars(select(Preferences))).one()
            own.email, own.email_confirmed_at = "li@example.com", browser.services.now()

        await browser.post(MINE, data={"subject": "tickets", "ahead": "3"})
        await browser.store.write(confirmed)
        assert "邮件会发到 li@example.com" in words(await browser.get(address))
        await browser.post("/push/subscriptions", data=await said_by(browser))
        assert "手机会收到通知" in words(await browser.get(address))


# Subscriptions


async def test_a_browser_is_kept_renewed_moved_and_its_end_is_heeded(own) -> None:
    await watched(own)
    key = (await own.get("/push/key")).json()["key"]
    said = await said_by(own)
    assert said["key"] == key
    assert (await own.post("/push/subscriptions", data=said)).status_code == 204
    assert (await own.post("/push/subscriptions", data=said)).status_code == 204
    [kept] = await rows_of(own, Subscription)
    [watch] = await rows_of(own, TicketWatch)
    assert (kept.recipient, kept.language.value) == (watch.recipient, "zh-Hans")
    renewed = await own.post("/push/subscriptions", data={**said, "renews": "1"}, headers=ENGLISH)
    assert renewed.status_code == 204
    moved = {**await said_by(own, f"{FCM}two"), "old": said["endpoint"]}
    assert (await own.post("/push/subscriptions", data=moved)).status_code == 204
    [kept] = await rows_of(own, Subscription)
    assert kept.endpoint == f"{FCM}two"
    ended = await own.post(f"{MINE}/browsers/{kept.id}/ending")
    assert ended.headers["location"] == f"{MINE}?done=stopped"
    # By a page, and by the worker after the browser changed its endpoint.
    for itself in (
        {**moved, "renews": "1"},
        {**await said_by(own, f"{FCM}three"), "old": f"{FCM}two"},
    ):
        again = await own.post("/push/subscriptions", data=itself)
        assert again.status_code == 410, "what was ended does not begin again by itself"
        assert await rows_of(own, Subscription) == []
    # By a tap.
    tapped = await said_by(own, f"{FCM}two")
    assert (await own.post("/push/subscriptions", data=tapped)).status_code == 204
    moved = {**await said_by(own, f"{FCM}three"), "old": f"{FCM}two"}
    assert (await own.post("/push/subscriptions", data=moved)).status_code == 204


async def test_a_browser_without_a_key_is_given_one(own) -> None:
    assert (await own.post("/push/subscriptions", data=await said_by(own))).status_code == 204
    assert own.cookies[COOKIE]
    assert "Chrome 或类似的浏览器" in words(await own.get(MINE))


@pytest.mark.parametrize(
    ("changed", "trouble"),
    [
        ({"endpoint": ""}, "endpoint-form"),
        ({"endpoint": "http://fcm.googleapis.com/x"}, "endpoint-scheme"),
        ({"endpoint": "https://fcm.googleapis.com:8443/x"}, "endpoint-port"),
        ({"endpoint": "https://me@fcm.googleapis.com/x"}, "endpoint-user"),
        ({"endpoint": "https://192.168.1.1/x"}, "endpoint-host"),
        ({"endpoint": "https://169.254.169.254/latest/meta-data"}, "endpoint-host"),
        ({"endpoint": "https://[::1]/x"}, "endpoint-host"),
        ({"endpoint": "https://fcm.googleapis.com.evil.test/x"}, "endpoint-host"),
        ({"endpoint": "https://xn--fcm-abc.push.apple.com/x"}, "endpoint-host"),
        ({"endpoint": FCM + "x" * 1500}, "endpoint-length"),
        ({"p256dh": "AAAA"}, "keys-p256dh"),
        ({"p256dh": "B" + "A" * 86}, "keys-p256dh"),
        ({"auth": "AAAA"}, "keys-auth"),
        ({"auth": "密"}, "keys-auth"),
        ({"key": "AAAA"}, "key"),
    ],
)
async def test_an_address_or_key_that_cannot_be_is_refused_with_words(
    own, changed, trouble
) -> None:
    for more in ({}, {"old": f"{FCM}before"}):
        said = {**await said_by(own), **changed, **more}
        response = await own.post("/push/subscriptions", data=said)
        assert (response.status_code, response.json()["trouble"]) == (422, trouble)
        assert response.json()["words"]
    assert await rows_of(own, Subscription) == []
    assert COOKIE not in own.cookies


async def test_many_subscriptions_of_one_device_are_five(own) -> None:
    await watched(own)
    for number in range(MOST + 6):
        said = await said_by(own, f"{FCM}{number}")
        assert (await own.post("/push/subscriptions", data=said)).status_code == 204
    kept = await rows_of(own, Subscription)
    assert len(kept) == MOST
    assert kept[-1].endpoint == f"{FCM}{MOST + 5}"


async def test_nobody_subscribes_as_the_office_without_being_of_it(own) -> None:
    refused = await own.post("/push/subscriptions", data=await said_by(own, whose="staff"))
    assert refused.status_code == 403
    person = await arrived(own.store, "clerk")
    said = await said_by(own, whose="staff")
    kept = await own.post("/push/subscriptions", data=said, headers=person.headers)
    assert kept.status_code == 204
    assert COOKIE not in own.cookies
    [found] = await rows_of(own, Subscription)
    assert found.recipient == recipients.staff(person.id)


async def test_another_site_subscribes_and_follows_nothing(own) -> None:
    address, foreign = await take(own), {"sec-fetch-site": "cross-site"}
    for path in ("/push/subscriptions", f"{address}/watches", MINE, "/inbox/readings"):
        assert (await own.post(path, data={"ahead": 3}, headers=foreign)).status_code == 403


# Messages


async def test_what_was_told_stands_on_mine_until_it_is_read(own, desk) -> None:
    address = await called(own, desk)
    part = words(await own.get("/f/mine/inbox"))
    assert "B001 请到 2 号窗口" in part
    english = words(await own.get("/mine/inbox", headers=ENGLISH))
    assert "B001: counter 2, please" in english
    assert (await own.get("/inbox/unread")).json()["unread"] == 1
    [message] = await rows_of(own, InboxMessage)
    for _ in range(2):
        opened = await own.post(f"/inbox/{message.id}/reading")
        assert (opened.status_code, opened.headers["location"]) == (303, address)
    assert (await own.get("/inbox/unread")).json()["unread"] == 0
    assert 'class="new"' not in (await own.get("/f/mine/inbox")).text


async def test_whoever_is_on_the_page_has_read_what_led_there(own, desk) -> None:
    address = await called(own, desk)
    assert (await own.post("/inbox/readings", data={"path": "/c/jian"})).json()["unread"] == 1
    assert (await own.post("/inbox/readings", data={"path": address})).json()["unread"] == 0
    for odd in ({}, {"path": "//evil.test"}, {"path": "x" * 5000}):
        assert (await own.post("/inbox/readings", data=odd)).json()["unread"] == 0


async def test_what_is_not_so_any_more_is_marked_and_no_news(own, desk) -> None:
    await called(own, desk)
    assert "已不是现在的情况" not in (await own.get("/mine/inbox")).text
    await desk.do(StaffedCounter.finish)
    assert (await own.get("/inbox/unread")).json() == {"unread": 0, "pages": [], "staff": False}
    for path in ("/mine/inbox", "/f/mine/inbox"):
        page = (await own.get(path)).text
        assert "B001" in page
        assert "已不是现在的情况" in page
        assert 'class="new"' not in page


async def test_a_message_of_another_version_is_left_out_of_the_page(own, desk) -> None:
    await called(own, desk)
    for values in (
        {"facts": {"ticket": 1}},
        {"kind": "disclosure-new", "facts": {"disclosure": "x", "place": "x"}},
        {"kind": "case-due"},
    ):
        odd = update(InboxMessage).values(values)
        await own.store.write(lambda session, odd=odd: session.execute(odd))
        for path in ("/mine/inbox", "/f/mine/inbox", "/inbox/unread"):
            response = await own.get(path)
            assert (response.status_code, "B001" in response.text) == (200, False)


async def test_a_stranger_reads_no_messages_of_others(own, desk) -> None:
    await called(own, desk)
    [message] = await rows_of(own, InboxMessage)
    for key in ("", "made-up"):
        own.cookies.clear()
        if key:
            own.cookies.set(COOKIE, key)
        assert (await own.post(f"/inbox/{message.id}/reading")).status_code == 404
        assert (await own.post("/inbox/readings", data={"path": message.leads_to})).json()[
            "unread"
        ] == 0
        assert "B001" not in (await own.get("/f/mine/inbox")).text
        assert "B001" not in (await own.get("/mine/inbox")).text
    assert [each.read_at for each in await rows_of(own, InboxMessage)] == [None]
    assert (await own.post(f"/inbox/{'9' * 30}/reading")).status_code == 404


# My notifications


async def test_what_is_chosen_is_kept_and_shown(own) -> None:
    page = (await own.get(MINE)).text
    assert 'value="tickets" checked' in page
    assert 'value="3" checked' in page
    assert await rows_of_preferences(own) == []
    sent = {"ahead": "5", "from": "22:00", "to": "7：30"}
    saved = await own.post(MINE, data=sent, headers=ENGLISH)
    assert saved.headers["location"] == f"{MINE}?done=saved"
    [kept] = await rows_of_preferences(own)
    assert [each.value for each in kept.off] == [*("tickets", "answers", "promises", "disclosures")]
    assert (kept.ahead, kept.quiet_from, kept.quiet_to) == (5, dt.time(22), dt.time(7, 30))
    assert (kept.language.value, set(kept.channels)) == ("en", {"push", "email"})
    response = await own.get(f"{MINE}?done=saved")
    assert "已保存" in words(response)
    assert 'value="22:00"' in response.text
    assert 'value="07:30"' in response.text
    assert 'value="tickets" checked' not in response.text


async def rows_of_preferences(browser: Browser) -> list[Preferences]:
    async with browser.store.read() as session:
        return list(await session.scalars(select(Preferences)))


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"from": "22:00"}, "请把两个时间都填上"),
        ({"to": "07:00"}, "请把两个时间都填上"),
        ({"from": "25:00", "to": "07:00"}, "请这样写时间"),
        ({"from": "late", "to": "early"}, "请这样写时间"),
        ({"ahead": "7"}, "请从这几项里选一个"),
        ({"ahead": "x" * 500}, "请从这几项里选一个"),
    ],
)
async def test_what_cannot_be_is_said_and_nothing_typed_is_lost(own, sent, why) -> None:
    response = await own.post(MINE, data={"ahead": "1", **sent})
    assert response.status_code == 422
    assert why in response.text
    assert 'value="tickets" checked' not in response.text
    for name in ("from", "to"):
        assert f'name="{name}" type="time" value="{sent.get(name, "")}"' in response.text
    assert await rows_of_preferences(own) == []


async def test_an_address_is_written_to_after_its_reader_says_so(open_app, clock) -> None:
    async with open_app(**MAIL) as browser:
        assert "用邮件通知" in words(await browser.get(MINE))
        wrong = await browser.post(f"{MINE}/addresses", data={"email": "li@"})
        assert wrong.status_code == 422
        assert 'value="li@"' in wrong.text
        asked = await browser.post(f"{MINE}/addresses", data={"email": "li@example.com"})
        assert asked.headers["location"] == f"{MINE}?done=asked"
        assert "确认邮件已发到 li@example.com" in words(await browser.get(MINE))
        soon = await browser.post(f"{MINE}/addresses", data={"email": "li@example.com"})
        assert soon.status_code == 422
        [row] = await rows_of(browser, OutboxRow)
        assert (row.kind, row.channel) == (Kind.EMAIL_CHECK, ChannelKind.EMAIL)
        link = f"/notifications/addresses/{row.facts['key']}"
        assert "是我，请发给我" in (await browser.get(link)).text
        assert (await rows_of_preferences(browser))[0].email_confirmed_at is None
        assert "邮箱已确认" in (await browser.post(link)).text
        for gone in (link, "/notifications/addresses/guessed"):
            response = await browser.post(gone)
            assert response.status_code == 410
            assert "这个链接已经失效" in response.text
        assert "不再发邮件" in words(await browser.get(MINE))
        await browser.post(f"{MINE}/addresses/ending")
        assert "li@example.com" not in (await browser.get(MINE)).text


async def confirmed(browser: Browser, email: str = "li@example.com") -> Preferences:
    """The settings of someone who gets letters."""
    await browser.post(f"{MINE}/addresses", data={"email": email})
    [row] = await rows_of(browser, OutboxRow)
    await browser.post(f"/notifications/addresses/{row.facts['key']}")
    [kept] = await rows_of_preferences(browser)
    return kept


async def test_the_link_in_a_letter_ends_letters_on_any_device(open_app) -> None:
    async with open_app(**MAIL) as browser:
        kept = await confirmed(browser)
        browser.cookies.clear()
        link = f"/notifications/stopping/{kept.email_stop_key}"
        assert "不再收邮件通知？" in (await browser.get(link)).text
        assert (await rows_of_preferences(browser))[0].email == "li@example.com"
        # As a mail program presses it (RFC 8058); twice does no harm, and a guess says nothing.
        for path in (link, link, "/notifications/stopping/guessed"):
            response = await browser.post(path, data={"List-Unsubscribe": "One-Click"})
            assert (response.status_code, "不会再给您发邮件了" in response.text) == (200, True)
        [kept] = await rows_of_preferences(browser)
        assert (kept.email, kept.email_stop_key) == (None, None)


async def test_an_address_that_is_none_is_said_on_its_person_s_page(open_app) -> None:
    async with open_app(**MAIL) as browser:
        kept = await confirmed(browser)
        for address in ("another@example.com", "li@example.com"):
            now = browser.services.now()
            await browser.store.write(
                partial(addresses.bounced, recipient=kept.recipient, address=address, now=now)
            )
            is_refused = "没有 li@example.com 这个邮箱" in words(await browser.get(MINE))
            assert is_refused is (address == "li@example.com")
        month = now + KEEP_REFUSED
        await browser.store.write(partial(tidy, now=month))
        assert await rows_of_preferences(browser) == []


async def test_without_a_mail_server_no_address_is_asked_for(own) -> None:
    assert "邮箱地址" not in (await own.get(MINE)).text
    refused = await own.post(f"{MINE}/addresses", data={"email": "li@example.com"})
    assert refused.status_code == 422
    assert await rows_of(own, OutboxRow) == []


async def test_nobody_ends_the_notifications_of_another(own) -> None:
    await own.post("/push/subscriptions", data=await said_by(own))
    [kept] = await rows_of(own, Subscription)
    own.cookies.clear()
    assert (await own.post(f"{MINE}/browsers/{kept.id}/ending")).status_code == 303
    person = await arrived(own.store, "clerk")
    path = f"/staff/account/notifications/browsers/{kept.id}/ending"
    await own.post(path, headers=person.headers)
    assert len(await rows_of(own, Subscription)) == 1


@pytest.mark.parametrize("headers", [{}, ENGLISH])
async def test_the_help_is_one_page_for_everybody(resident, headers) -> None:
    page = (await resident.get("/push/help", headers=headers)).text
    assert page.count('class="drawing"') == 9
    assert page.count("data-phone=") == 3


# The office


async def editor(browser: Browser, slug: str) -> Person:
    """Someone who keeps a community's pages."""
    place = (await places(browser.store)).community[slug]
    return await arrived(browser.store, f"editor-{slug}", Grant(Role.EDITOR, community_id=place))


async def of_kind(browser: Browser, kind: Kind) -> list[InboxMessage]:
    """The messages of a kind in everybody's inbox."""
    return [each for each in await rows_of(browser, InboxMessage) if each.kind is kind]


async def test_a_bad_rating_is_told_to_who_can_answer_it_and_to_nobody_else(own, desk) -> None:
    near, far = await editor(own, "liujiazhuang"), await editor(own, "jian")
    above = await arrived(own.store, "boss", DISTRICT_ADMINISTRATOR)
    clerk = await arrived(own.store, "someone")
    address = await called(own, desk)
    await desk.do(StaffedCounter.finish)
    await own.post(f"{address}/rating", data=RATING)
    told = {each.recipient for each in await of_kind(own, Kind.BAD_RATING)}
    assert told == {recipients.staff(near.id), recipients.staff(above.id)}
    home = await own.get("/staff", headers=near.headers)
    assert "有人等您回访" in words(home)
    assert "等了" not in home.text.partition("回访")[2].partition("<section")[0]
    assert "有人等您回访" not in (await own.get("/staff", headers=far.headers)).text
    message = next(
        each
        for each in await of_kind(own, Kind.BAD_RATING)
        if each.recipient == recipients.staff(near.id)
    )
    assert (await own.post(f"/inbox/{message.id}/reading", headers=far.headers)).status_code == 404
    opened = await own.post(f"/inbox/{message.id}/reading", headers=near.headers)
    page = await own.get(opened.headers["location"], headers=near.headers)
    assert page.headers["location"] == "/staff/c/liujiazhuang/call-backs/1"
    for stranger in (far, clerk):
        response = await own.get(opened.headers["location"], headers=stranger.headers)
        assert response.status_code == 404


async def test_the_office_chooses_on_a_page_of_its_own(own) -> None:
    person, path = await editor(own, "liujiazhuang"), "/staff/account/notifications"
    assert "等待回访的差评" in words(await own.get(path, headers=person.headers))
    sent = {"from": "20:00", "to": "08:00"}
    saved = await own.post(path, data=sent, headers=person.headers)
    assert saved.headers["location"] == f"{path}?done=saved"
    [kept] = await rows_of_preferences(own)
    assert (kept.recipient, [each.value for each in kept.off]) == (
        recipients.staff(person.id),
        ["matters", "call-backs", "owed"],
    )
    wrong = await own.post(path, data={"from": "20:00"}, headers=person.headers)
    assert wrong.status_code == 422
    assert 'value="20:00"' in wrong.text


async def test_the_operator_sees_what_failed_and_tries_again(own, desk) -> None:
    boss = await arrived(own.store, "boss", DISTRICT_ADMINISTRATOR)
    empty = await own.get("/staff/push", headers=boss.headers)
    assert "今天的通知都送到了，或正在排队" in words(empty)
    await desk.sit()
    address = await watched(own)
    await own.post("/push/subscriptions", data=await said_by(own))
    await desk.do(StaffedCounter.call_next)
    failing = update(OutboxRow).values(state=SendState.FAILED, reason=f"{DENIED}403")
    await own.store.write(lambda session: session.execute(failing))
    page = await own.get("/staff/push", headers=boss.headers)
    assert "fcm.googleapis.com 不认我们的身份" in words(page)
    for private in (address.rpartition("/")[2], "B001", f"{FCM}one"):
        assert private not in page.text
    [row] = await rows_of(own, OutboxRow)
    for done in ("again", "not"):
        response = await own.post(f"/staff/push/{row.id}/retry", headers=boss.headers)
        assert response.headers["location"] == f"/staff/push?done={done}"
        shown = await own.get(response.headers["location"], headers=boss.headers)
        assert ("会再发一次" in shown.text) == (done == "again")
    async with own.store.read() as session:
        waiting = select(func.count(OutboxRow.id)).where(OutboxRow.state == SendState.WAITING)
        assert await session.scalar(waiting) == 1


async def test_the_operator_reads_what_failed_of_every_kind(own) -> None:
    boss = await arrived(own.store, "boss", DISTRICT_ADMINISTRATOR)
    now = own.services.now()

    async def fail(session: AsyncSession) -> None:
        session.add_all(
            OutboxRow(
                recipient="d:li",
                channel=ChannelKind.EMAIL,
                subscription_id=0,
                service="email",
                subject=kind.value,
                kind=kind,
                facts={},
                created_at=now,
                due_at=now,
                expires_at=now,
                state=SendState.FAILED,
                reason="given up",
            )
            for kind in Kind
        )

    await own.store.write(fail)
    page = await own.get("/staff/push", headers=boss.headers)
    assert page.status_code == 200
    assert page.text.count("/retry") == len(Kind)


async def test_the_operator_reads_of_a_message_that_this_version_cannot_read(own) -> None:
    boss = await arrived(own.store, "boss", DISTRICT_ADMINISTRATOR)
    now = own.services.now()
    row = {
        "recipient": "d:li", "channel": ChannelKind.EMAIL, "subscription_id": 0, "service": "email",
        "subject": "x", "kind": "case-due", "facts": {}, "created_at": now, "due_at": now,
        "expires_at": now, "attempts": 1, "state": SendState.FAILED, "ended": End.OUR_FAULT,
        "reason": "unreadable: KeyError in _check",
    }  # fmt: skip
    await own.store.write(lambda session: session.execute(insert(OutboxRow), [row]))
    page = await own.get("/staff/push", headers=boss.headers)
    assert page.status_code == 200
    assert "case-due" in page.text
    assert "这个版本读不懂这条通知" in page.text


async def test_a_call_back_that_was_answered_is_news_to_nobody(own, desk) -> None:
    person = await editor(own, "liujiazhuang")
    address = await called(own, desk)
    await desk.do(StaffedCounter.finish)
    await own.post(f"{address}/rating", data=RATING)
    facts: Facts = {"callback": 1, "hall": "大厅"}

    async def told() -> Facts | None:
        async with own.store.read() as session:
            return await Truth(session, own.services.now()).of(Kind.BAD_RATING, facts)

    assert await told() == facts
    one = "/staff/c/liujiazhuang/call-backs/1/answer"
    other = await arrived(own.store, "boss", DISTRICT_ADMINISTRATOR)
    assert "有人等您回访" in (await own.get("/staff", headers=person.headers)).text
    assert (await own.post(one, data={"answer": "抱歉。"}, headers=person.headers)).is_redirect
    assert await told() is None
    for each in (person, other):
        assert "有人等您回访" not in (await own.get("/staff", headers=each.headers)).text


async def test_an_address_from_which_everything_comes_is_asked_to_wait(own) -> None:
    odd = {"endpoint": "https://evil.example/"}
    for _ in range(BROWSERS_AN_ADDRESS):
        assert (await own.post("/push/subscriptions", data=odd)).status_code == 422
    refused = await own.post("/push/subscriptions", data=odd)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "600")
