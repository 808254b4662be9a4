"""取号: one form one ticket, nothing lost, nobody acts on another's, and the stream is true."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any, Self

import pytest
from sqlalchemy import func, select

from domain.places.tables import Counter
from domain.queue.calling import StaffedCounter
from domain.queue.snapshot import queue_now
from domain.queue.tables import Ticket
from domain.revision import touch_content
from domain.store import Store
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.forms import POST, TAKE, form, take, words
from tests.world.halls import hall_of
from web.queue.ticket import _words
from web.site.device_key import FormKey

if TYPE_CHECKING:
    import httpx

    from tests.world.app import Browser

pytestmark = both_databases


async def count(browser: Browser) -> int:
    """How many tickets there are."""
    async with browser.store.read() as session:
        return await session.scalar(select(func.count(Ticket.id))) or 0


def state_of(response: httpx.Response) -> str:
    found = re.search(r'data-state="([a-z-]+)"', response.text)
    assert found
    return found.group(1)


# Taking


async def test_whoever_looks_sees_each_category_with_its_wait_and_no_key_is_set(own, desk) -> None:
    await desk.sit()
    response = await own.get(TAKE)
    assert response.status_code == 200
    assert "养老服务" in response.text
    assert "现在没有窗口在办" in response.text, "nobody signed on"
    assert response.headers["cache-control"] == "no-store"
    assert "device-key" not in response.headers.get("set-cookie", "")


async def test_a_guide_leads_to_its_own_item_ticked_with_what_to_bring(resident) -> None:
    guide = await resident.get("/c/liujiazhuang/handbook/gaoling-jintie")
    assert f'href="{TAKE}?item=gaoling-jintie"' in guide.text
    page = (await resident.get(f"{TAKE}?item=gaoling-jintie")).text
    assert re.search(r'value="gaoling-jintie" checked', page)
    assert 'data-tick="' in page


@pytest.mark.parametrize(
    "query", ["?item=nothing", "?category=Z", "?category=", "?item=&category=b"]
)
async def test_an_odd_question_shows_everything(resident, query) -> None:
    response = await resident.get(TAKE + query)
    assert response.status_code == 200
    assert '<form class="take"' not in response.text


async def test_a_number_is_taken_and_followed(own) -> None:
    address = await take(own, item="gaoling-jintie", priority="aged")
    assert "device-key" in own.cookies
    page = await own.get(address)
    assert page.status_code == 200
    assert "B001" in page.text
    assert "高龄津贴" in page.text
    assert "70 岁及以上" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert state_of(page) == "waiting"
    async with own.store.read() as session:
        ticket = await session.scalar(select(Ticket))
    assert ticket.items == ("gaoling-jintie",)
    assert ticket.priority == "aged"
    assert ticket.device_hash not in {None, own.cookies["device-key"]}


async def test_the_key_is_out_of_reach_of_scripts_and_of_other_sites(own) -> None:
    fields = await form(own)
    response = await own.post(POST, data=fields)
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


async def test_behind_tls_the_key_has_the_prefix_no_other_site_can_set(own) -> None:
    fields = await form(own)
    response = await own.post(f"https://lianxin.test{POST}", data=fields)
    assert response.headers["set-cookie"].startswith("__Host-device-key=")
    assert "Secure" in response.headers["set-cookie"]


async def test_a_double_tap_gives_one_ticket(own) -> None:
    fields = await form(own)
    answers = await asyncio.gather(*(own.post(POST, data=fields) for _ in range(3)))
    assert len({each.headers["location"] for each in answers}) == 1
    assert await count(own) == 1


async def test_after_a_lost_answer_the_same_form_finds_ticket_and_key_again(own) -> None:
    fields = await form(own)
    first = await own.post(POST, data=fields)
    own.cookies.clear()  # the answer never came, and its cookie neither
    second = await own.post(POST, data=fields)
    assert second.headers["location"] == first.headers["location"]
    assert "退掉 B001" in (await own.get(second.headers["location"])).text


async def test_the_same_form_finds_its_ticket_after_the_hall_closed(own, clock) -> None:
    fields = await form(own)
    first = await own.post(POST, data=fields)
    clock.now = NOW.replace(hour=20)
    second = await own.post(POST, data=fields)
    assert second.headers["location"] == first.headers["location"]


async def test_when_closed_the_page_says_when_it_opens_and_gives_no_number(own, clock) -> None:
    fields = await form(own)
    clock.now = NOW.replace(hour=20)
    page = (await own.get(TAKE)).text
    assert "大厅现在没开门" in page
    assert "11月24日星期二" in page
    assert '<form class="take"' not in page
    response = await own.post(POST, data=fields)
    assert response.status_code == 409
    assert "大厅现在没开门" in response.text
    assert await count(own) == 0


async def test_after_the_day_was_ended_by_hand_no_number_is_given(own, desk) -> None:
    fields = await form(own)
    address = await take(own)
    await desk.end()
    own.cookies.clear()
    response = await own.post(POST, data=fields)
    assert response.status_code == 409
    assert "今天不再发号了" in response.text
    assert state_of(await own.get(address)) == "closed"


async def test_sold_out_says_what_to_do(own, desk) -> None:
    await desk.rules(most_a_day=1)
    fields = await form(own)
    await take(own)
    own.cookies.clear()
    response = await own.post(POST, data=fields)
    assert response.status_code == 409
    assert "今天的号取完了" in response.text
    assert await count(own) == 1
    assert "今天的号取完了" in (await own.get(TAKE)).text


async def test_a_category_the_hall_does_not_serve_says_where_to_ask(own) -> None:
    hall = await hall_of(own.store)

    async def unit(session: Any) -> None:
        for each in await session.scalars(select(Counter).where(Counter.hall_id == hall.id)):
            each.categories = tuple(letter for letter in each.categories if letter != "B")

    fields = await form(own)
    await own.store.write(unit)
    own.services.content_changed()
    response = await own.post(POST, data=fields)
    assert response.status_code == 409
    assert "这个大厅不办这类事" in response.text


async def test_a_second_number_of_a_kind_leads_to_the_first(own) -> None:
    fields = await form(own)
    address = await take(own)
    response = await own.post(POST, data=fields)
    assert response.status_code == 409
    assert f'href="{address}"' in response.text
    assert f'action="{address}/cancellation"' in response.text
    assert (await own.post(f"{address}/cancellation")).status_code == 303
    assert (await own.post(POST, data=fields)).status_code == 303
    assert await count(own) == 2


async def test_another_kind_may_be_held_beside_it_by_the_same_device(own) -> None:
    await take(own, "B")
    key = own.cookies["device-key"]
    await take(own, "A")
    assert own.cookies["device-key"] == key
    assert await count(own) == 2


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({"category": "Z"}, set()),
        ({"category": ""}, set()),
        ({"item": "nothing"}, {"aged"}),
        ({"item": "dibao"}, {"aged"}),
        ({"priority": "president"}, {"gaoling-jintie"}),
        ({"request": ""}, {"gaoling-jintie", "aged"}),
        ({"request": "x" * 43 + "!"}, {"gaoling-jintie", "aged"}),
        ({"request": "short"}, {"gaoling-jintie", "aged"}),
    ],
)
async def test_a_forged_form_is_refused_and_what_fits_is_kept(resident, change, fits) -> None:
    fields = {"priority": "aged", "item": "gaoling-jintie", **await form(resident), **change}
    response = await resident.post(POST, data=fields)
    assert response.status_code == 422
    assert "请再选一次" in response.text
    kept = re.findall(r'name="(?:item|priority)" value="([^"]+)" checked', response.text)
    assert set(kept) == fits
    # Without a category that exists there is no form to keep anything in, but the list of all.
    assert ('<form class="take"' in response.text) is (fields["category"] == "B")


async def test_nothing_sent_at_all_is_met_politely(resident) -> None:
    assert (await resident.post(POST)).status_code == 422
    assert (await resident.post("/halls/nowhere/tickets")).status_code == 404


# Following and acting


@pytest.mark.parametrize("token", ["x", "A" * 22, "%00", "x" * 300])
async def test_an_address_that_no_ticket_has_says_so(resident, token) -> None:
    response = await resident.get(f"/tickets/{token}")
    assert response.status_code == 404
    assert (await resident.get(f"/f/tickets/{token}")).status_code == 404
    assert (await resident.get(f"/live/tickets/{token}")).status_code == 404
    assert (await resident.post(f"/tickets/{token}/cancellation")).status_code in {403, 404}


async def test_a_guessed_ticket_is_met_in_words(resident) -> None:
    response = await resident.get("/tickets/AAAAAAAAAAAAAAAAAAAAAA")
    assert "没有找到这个号" in response.text


@pytest.mark.parametrize("noun", ["cancellation", "letting-pass", "return"])
async def test_another_device_follows_and_cannot_act(own, noun) -> None:
    address = await take(own)
    own.cookies.clear()
    page = await own.get(address)
    assert "您在一起看进度" in page.text
    assert f"{address}/cancellation" not in page.text
    response = await own.post(f"{address}/{noun}")
    assert response.status_code == 403
    assert "只有取号的那部手机" in response.text
    own.cookies.set("device-key", "guessed")
    assert (await own.post(f"{address}/{noun}")).status_code == 403
    assert state_of(await own.get(address)) == "waiting"


async def test_giving_a_number_up(own) -> None:
    address = await take(own)
    assert (await own.post(f"{address}/cancellation")).headers["location"] == address
    assert state_of(await own.get(address)) == "cancelled"
    again = await own.post(f"{address}/cancellation")
    assert again.status_code == 409
    assert "情况刚刚变了" in again.text


async def test_letting_others_pass_until_the_rules_say_no(own, desk, clock) -> None:
    await desk.rules(most_lets=1)
    address = await take(own)
    own_cookies = dict(own.cookies)
    for _ in range(3):
        clock.now += dt.timedelta(minutes=1)
        own.cookies.clear()
        await take(own)
    own.cookies.clear()
    own.cookies.update(own_cookies)
    fragment = f"/f{address}"
    assert 'data-live="ahead">0<' in (await own.get(fragment)).text
    passed = await own.post(f"{address}/letting-pass", data={"count": "2"})
    assert passed.headers["location"] == f"{address}?let=2"
    assert "让了 2 位先办，您的号不变。" in (await own.get(passed.headers["location"])).text
    assert 'data-live="ahead">2<' in (await own.get(fragment)).text
    refused = await own.post(f"{address}/letting-pass", data={"count": "2"})
    assert refused.status_code == 409
    assert "次数用完了" in refused.text


async def test_the_wait_of_all_categories_is_said_once(own, desk) -> None:
    await desk.sit(1, "ABCDEFGHIJKL")
    await desk.sit(2, "ABCDEFGHIJKL")
    await desk.take("B")
    assert (await own.get(TAKE)).text.count("前面 1 位") == 1


async def test_a_number_that_no_counter_calls_is_never_said_to_be_near(own, desk) -> None:
    await desk.sit(2, "A")
    await desk.take("B")
    await desk.take("B")
    assert "2位在前面现在没有窗口在办" in words(await own.get(f"{TAKE}?category=B"))
    page = await own.get(await take(own, "B"))
    assert 'data-live="ahead">2<' in page.text
    assert "快到了" not in page.text
    assert "现在没有窗口在办" in page.text


@pytest.mark.parametrize("given", ["", "0", "-3", "999", "x", "９"])
async def test_an_odd_number_of_people_is_brought_within_bounds(own, given) -> None:
    address = await take(own)
    own_cookies = dict(own.cookies)
    own.cookies.clear()
    await take(own)
    own.cookies.clear()
    own.cookies.update(own_cookies)
    response = await own.post(f"{address}/letting-pass", data={"count": given})
    assert response.status_code == 303


async def test_letting_pass_with_nobody_behind_says_so_and_does_not_count(own) -> None:
    address = await take(own)
    for _ in range(4):
        refused = await own.post(f"{address}/letting-pass", data={"count": "1"})
        assert refused.status_code == 409
        assert "后面没有人在等" in refused.text
    assert f"{address}/letting-pass" in (await own.get(address)).text


async def test_called_missed_and_back(own, desk, clock) -> None:
    address = await take(own)
    await desk.sit()
    await desk.do(StaffedCounter.call_next)
    page = await own.get(address)
    assert state_of(page) == "called"
    assert "请到窗口</span><b>2</b>" in page.text
    assert "B001 请到 2 号窗口" in page.text
    await desk.do(StaffedCounter.no_show)
    page = await own.get(address)
    assert state_of(page) == "no-show"
    assert "号没有作废" in page.text
    assert (await own.post(f"{address}/return")).status_code == 303
    assert state_of(await own.get(address)) == "waiting"


async def test_a_missed_number_comes_to_its_end_with_the_day(own, desk) -> None:
    address = await take(own)
    await desk.sit()
    await desk.do(StaffedCounter.call_next)
    await desk.do(StaffedCounter.no_show)
    assert f"{address}/return" in (await own.get(address)).text
    await desk.end()
    page = await own.get(address)
    assert "大厅今天已经结束" in page.text
    assert f"{address}/return" not in page.text
    response = await own.post(f"{address}/return")
    assert response.status_code == 409
    assert "情况刚刚变了" in response.text
    assert state_of(await own.get(address)) == "no-show"


async def test_what_is_missing_is_said_once_and_whole(own, desk) -> None:
    address = await take(own)
    await desk.sit()
    await desk.do(StaffedCounter.call_next)
    await desk.do(StaffedCounter.start)
    await desk.do(StaffedCounter.tell_missing, missing=("户口簿", "一寸照片"))
    await desk.do(StaffedCounter.hold)
    page = await own.get(address)
    assert state_of(page) == "on-hold"
    assert "户口簿" in page.text
    assert "直接回 2 号窗口" in page.text


async def test_served_and_done(own, desk) -> None:
    address = await take(own)
    await desk.sit()
    await desk.do(StaffedCounter.call_next)
    await desk.do(StaffedCounter.start)
    assert state_of(await own.get(address)) == "serving"
    await desk.do(StaffedCounter.finish)
    assert state_of(await own.get(address)) == "done"


async def test_yesterdays_ticket_says_so_and_cannot_be_acted_on(own, clock) -> None:
    address = await take(own)
    clock.now += dt.timedelta(days=1)
    page = await own.get(address)
    assert page.status_code == 200
    assert state_of(page) == "past"
    assert "号当天有效" in page.text
    assert (await own.post(f"{address}/cancellation")).status_code == 409


async def test_mine_shows_what_this_device_took_today(own, clock) -> None:
    address = await take(own)
    assert f'href="{address}"' in (await own.get("/f/mine/tickets")).text
    assert address not in (await own.get("/mine")).text
    own_cookies = dict(own.cookies)
    own.cookies.clear()
    assert address not in (await own.get("/f/mine/tickets")).text
    own.cookies.update(own_cookies)
    clock.now += dt.timedelta(days=1)
    assert address not in (await own.get("/f/mine/tickets")).text


async def test_the_door_leads_to_the_remembered_community(resident) -> None:
    assert (await resident.get("/take")).headers["location"] == "/communities"
    await resident.get("/c/liujiazhuang")
    assert (await resident.get("/take")).headers["location"] == TAKE


def test_a_device_key_says_nothing_of_the_form_and_the_other_way_round() -> None:
    key = FormKey.new()
    assert FormKey.given(key.key) == key
    assert len({key.key, key.device_key, key.request_key}) == 3


# Streams


class Listener:
    """A stream as a browser reads it, over ASGI: httpx's own transport waits for the end."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": f"/live{address}",
            "raw_path": f"/live{address}".encode(),
            "query_string": b"",
            "headers": [(b"host", b"lianxin.test")],
            "scheme": "http",
            "server": ("lianxin.test", 80),
            "client": ("127.0.0.1", 1),
            "root_path": "",
            "http_version": "1.1",
        }
        self.app = browser.app
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.left = asyncio.Event()
        self.headers: dict[bytes, bytes] = {}

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self.app(self.scope, self._receive, self._send))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.left.set()
        await self.task

    async def _receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.headers = dict(message["headers"])
        elif message.get("body"):
            self.heard.put_nowait(message["body"].decode())

    async def next(self) -> dict[str, Any]:
        """The next message with data; `{"gone": True}` when the stream says so."""
        while True:
            text = await asyncio.wait_for(self.heard.get(), 60)
            if text.startswith("event: gone"):
                return {"gone": True}
            found = re.search(r"^data: (.*)$", text, re.MULTILINE)
            if found:
                said: dict[str, Any] = json.loads(found.group(1))
                return said


async def test_a_stream_says_where_one_stands_at_once_and_again_when_one_is_called(
    own, desk
) -> None:
    await take(own)
    own.cookies.clear()
    second = await take(own)
    await desk.sit()
    async with Listener(own, second) as listener:
        first = await listener.next()
        assert first["ahead"] == 1
        assert first["mark"].startswith("waiting|")
        assert first["at"] == "10:26"
        assert listener.headers[b"content-type"].startswith(b"text/event-stream")
        await desk.do(StaffedCounter.call_next)
        moved = await listener.next()
        assert (moved["ahead"], moved["calling"], moved["counter"]) == (0, "B001", 2)
        await desk.do(StaffedCounter.finish)
        await desk.do(StaffedCounter.call_next)
        while not moved["mark"].startswith("called|2|"):
            moved = await listener.next()
        assert moved["ring"] > 0
        ring = moved["ring"]
        await desk.do(StaffedCounter.recall)
        assert (await listener.next())["ring"] > ring


async def test_what_another_process_did_is_heard_at_the_next_look(own, desk, monkeypatch) -> None:
    monkeypatch.setattr("web.site.live.LOOK", 0.05)
    address = await take(own)
    await desk.sit()
    elsewhere = Store(own.services.settings.database)
    await elsewhere.open()
    async with Listener(own, address) as listener:
        assert (await listener.next())["mark"].startswith("waiting|")
        desk.store = elsewhere
        await desk.do(StaffedCounter.call_next)
        assert (await listener.next())["mark"].startswith("called|2|")
    await elsewhere.close()


async def test_a_stream_ends_when_there_is_nothing_left_to_follow(own, desk) -> None:
    address = await take(own)
    await desk.sit()
    await desk.do(StaffedCounter.call_next)
    async with Listener(own, address) as listener:
        await listener.next()
        await desk.do(StaffedCounter.finish)
        assert await listener.next() == {"gone": True}
    async with Listener(own, address) as listener:
        assert await listener.next() == {"gone": True}


async def test_a_snapshot_from_before_the_ticket_does_not_end_its_stream(own) -> None:
    await take(own)
    async with own.store.read() as session:
        ticket = await session.scalar(select(Ticket))
        community = await (await own.services.published()).community("liujiazhuang")
        now = await queue_now(session, community.hall, NOW - dt.timedelta(days=1))
    assert ticket is not None
    assert _words(own.services, ticket.id, NOW, (), now) == {}
    assert _words(own.services, ticket.id, None, (), now) is None


async def test_closing_the_house_ends_every_stream(own) -> None:
    address = await take(own)
    async with Listener(own, address) as listener:
        await listener.next()
        await own.services.live.close()
        await asyncio.wait_for(asyncio.shield(listener.task), 60)


async def test_a_crowd_that_comes_back_after_the_content_changed_does_not_block_itself(own) -> None:
    addresses = [await take(own, letter) for letter in "ABCDEFGH"]
    await own.store.write(touch_content)
    pages = (own.get(address) for address in addresses)
    answers = await asyncio.wait_for(asyncio.gather(*pages), 60)
    assert {each.status_code for each in answers} == {200}


# Documents at hand


async def test_documents_ticked_when_taking_are_seen_at_the_counter(own, desk) -> None:
    item = (await own.services.published()).handbook.items["gaoling-jintie"]
    names = [each.name for each in item.guide.documents]
    await desk.sit()
    fields = await form(own, "?item=gaoling-jintie")
    sent = {**fields, "item": "gaoling-jintie", "brought": [names[1], names[0], "a made-up one"]}
    address = (await own.post(POST, data=sent)).headers["location"]
    called = await desk.do(StaffedCounter.call_next)
    assert called.brought == tuple(names[:2])
    page = (await own.get(address)).text
    assert page.count("checked") == 2


async def test_documents_are_told_from_the_ticket_item_by_item(own, desk) -> None:
    items = (await own.services.published()).handbook.items
    one, other = [each for each in items.values() if each.category.letter == "B"][:2]
    first, second = one.guide.documents[0].name, other.guide.documents[-1].name
    address = await take(own, item=[one.slug, other.slug], brought=second)
    sent = {"item": one.slug, "brought": first}
    response = await own.post(f"{address}/documents", data=sent)
    assert (response.status_code, response.headers["location"]) == (303, address)
    [ticket] = (await desk.look()).waiting
    assert set(ticket.brought) >= {first, second}
    await own.post(f"{address}/documents", data={"item": [one.slug, other.slug]})
    [ticket] = (await desk.look()).waiting
    assert ticket.brought == ()
    own.cookies.clear()
    assert (await own.post(f"{address}/documents", data=sent)).status_code == 403


async def test_documents_of_a_visit_that_is_over_are_not_told(own, desk) -> None:
    await desk.sit()
    address = await take(own, item="gaoling-jintie")
    await desk.do(StaffedCounter.call_next)
    await desk.do(StaffedCounter.finish)
    response = await own.post(f"{address}/documents", data={"item": "gaoling-jintie"})
    assert response.status_code == 409


# Too many


async def test_who_takes_number_after_number_is_asked_to_wait(own, desk, clock) -> None:
    await desk.sit()
    for _ in range(20):
        address = await take(own)
        await own.post(f"{address}/cancellation")
    fields = await form(own)
    response = await own.post(POST, data={**fields, "item": "gaoling-jintie"})
    assert response.status_code == 429
    assert int(response.headers["retry-after"]) == 3600
    assert "短时间内取了太多号" in response.text
    assert re.search(r'value="gaoling-jintie" checked', response.text)
    clock.now += dt.timedelta(hours=1)
    assert (await own.post(POST, data=await form(own))).status_code == 303


async def test_an_address_empties_no_hall(open_app, clock, sqlite_files) -> None:
    async with open_app(numbers_an_address=3) as browser:
        for expected in (303, 303, 303, 429):
            browser.cookies.clear()
            response = await browser.post(POST, data=await form(browser))
            assert response.status_code == expected


async def test_who_sees_a_long_wait_is_told_when_to_come(own, desk) -> None:
    await desk.sit()
    for _ in range(6):
        own.cookies.clear()
        await take(own)
    own.cookies.clear()
    assert re.search(r"现在取号，\d+:\d\d 前到大厅", (await own.get(f"{TAKE}?category=B")).text)


async def test_whom_else_the_hall_names_has_priority_and_nobody_who_is_not_named(own, desk) -> None:
    page = (await own.get(f"{TAKE}?category=B")).text
    assert 'value="other"' not in page
    await take(own, priority="other")
    [first] = (await desk.look()).waiting
    assert first.priority is None
    await desk.rules(others="带婴儿的家长")
    own.cookies.clear()
    page = (await own.get(f"{TAKE}?category=B")).text
    assert "带婴儿的家长" in page
    address = await take(own, priority="other")
    earlier, _ = (await desk.look()).waiting
    assert earlier.priority == "other"
    assert "大厅规定的优先" in (await own.get(address)).text


async def test_the_page_says_once_the_counter_has_confirmed_a_priority(own, desk) -> None:
    await desk.sit()
    address = await take(own, priority="aged")
    assert "到窗口确认一下就行" in words(await own.get(address))
    await desk.do(StaffedCounter.call_next)
    await desk.do(StaffedCounter.start)
    assert "窗口已确认您优先" not in words(await own.get(address))
    await desk.do(StaffedCounter.confirm_priority, is_right=True)
    assert "窗口已确认您优先" in words(await own.get(address))


async def test_half_a_minute_after_the_call_the_page_asks_whether_they_are_there(
    own, desk, clock
) -> None:
    await desk.sit()
    address = await take(own)
    assert "已经到窗口了" not in words(await own.get(address))
    await desk.do(StaffedCounter.call_next)
    assert 'class="ticket-there later"' in (await own.get(address)).text
    clock.now += dt.timedelta(seconds=30)
    assert 'class="ticket-there"' in (await own.get(address)).text
    # Called again, it is asked again.
    await desk.do(StaffedCounter.recall)
    assert 'class="ticket-there later"' in (await own.get(address)).text
    await desk.do(StaffedCounter.start)
    assert "已经到窗口了" not in words(await own.get(address))


async def test_a_priority_that_the_counter_refuses_is_said_with_what_to_do(own, desk) -> None:
    await desk.sit()
    address = await take(own, priority="aged")
    await desk.do(StaffedCounter.call_next)
    before = words(await own.get(address))
    await desk.do(StaffedCounter.confirm_priority, is_right=False)
    for act in (StaffedCounter.recall, StaffedCounter.start, StaffedCounter.hold):
        await desk.do(act)
        page = words(await own.get(address))
        assert "窗口没有确认您的优先（70 岁及以上）" in page
        assert "请带上证件" in page
    assert "窗口没有确认" not in before


async def test_a_priority_that_the_hall_does_not_have_is_said_with_what_to_do(own, desk) -> None:
    page = words(await own.get(await take(own, priority="other")))
    assert "本大厅没有这项优先" in page
    assert "请告诉工作人员" in page
    # Nobody is called earlier, so nobody is asked, and an old page promises nothing.
    await desk.rules(priority_minutes=0)
    own.cookies.clear()
    assert 'name="priority"' not in (await own.get(f"{TAKE}?category=B")).text
    page = words(await own.get(await take(own, priority="aged")))
    assert "本大厅没有这项优先" in page
    assert "优先叫您" not in page


async def test_a_number_without_priority_says_nothing_of_it(own, desk) -> None:
    await desk.sit()
    assert "没有这项优先" not in words(await own.get(await take(own)))
