"""Following a promise over the wire: from the public list, without being in the conversation."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest

from domain.matters import following
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.databases import both_databases
from tests.world.district import places
from tests.world.matters import WORDS
from tests.world.people import arrived
from web.site.device_key import FormKey

if TYPE_CHECKING:
    import httpx

    from tests.world.app import Browser
    from tests.world.people import Person

HERE = "/c/liujiazhuang"
LIST = f"{HERE}/promises"
LAMP = "更换二单元楼道灯"


async def office_of(browser: Browser) -> Person:
    """Who answers where a community has no posts with people."""
    place = (await places(browser.store)).community["liujiazhuang"]
    return await arrived(browser.store, "shuji", Grant(Role.ADMINISTRATOR, community_id=place))


async def promised(browser: Browser, who: Person, subject: str = LAMP, number: int = 1) -> None:
    """A matter of someone else, and a promise in the answer to it."""
    form = {"request": FormKey.new().key, "words": WORDS}
    assert (await browser.post(f"{HERE}/messages", data=form)).status_code == 303
    browser.cookies.clear()
    soon = (browser.services.now().date() + dt.timedelta(days=3)).isoformat()
    answer = {
        "request": FormKey.new().key,
        "outcome": "later",
        "words": "已请物业来换。",
        "until": soon,
        "promise": subject,
        "promise_day": soon,
        "promise_time": "18:00",
    }
    path = f"/staff/matters/{number}/answer"
    assert (await browser.post(path, data=answer, headers=who.headers)).status_code == 303


async def follow(browser: Browser, promise: int = 1, ending: str = "") -> httpx.Response:
    """Press the button of a promise, as the page's form does."""
    page = (await browser.get(LIST)).text
    key = re.search(r'name="request" value="([^"]+)"', page)
    data = {"request": key.group(1)} if key else {}
    return await browser.post(f"{LIST}/{promise}/following{ending}", data=data)


async def moved(browser: Browser, who: Person, **more: Any) -> None:
    """Say that the promise cannot be kept by its date."""
    path = "/staff/matters/1/promises/1/moving"
    later = (browser.services.now().date() + dt.timedelta(days=9)).isoformat()
    form = {"reason": "等零件", "promise_day": later, "promise_time": "18:00", **more}
    assert (await browser.post(path, data=form, headers=who.headers)).status_code == 303


async def inbox(browser: Browser) -> int:
    """How often the inbox of this phone speaks of a promise."""
    return (await browser.get("/mine/inbox")).text.count("您关注的承诺有新消息")


@both_databases
async def test_who_follows_a_promise_is_told_and_can_stop(own) -> None:
    who = await office_of(own)
    await promised(own, who)
    assert (await follow(own)).headers["location"] == LIST
    page = (await own.get(LIST)).text
    assert "有消息会告诉您" in page
    assert await inbox(own) == 0
    await moved(own, who)
    assert await inbox(own) == 1
    assert LAMP not in (await own.get("/mine/inbox")).text
    await follow(own, ending="/ending")
    assert "有消息会告诉您" not in (await own.get(LIST)).text
    await own.post("/inbox/readings", data={"path": LIST})
    await own.post("/staff/matters/1/promises/1/keeping", headers=who.headers)
    assert await inbox(own) == 1


async def test_a_double_tap_of_a_new_phone_follows_once(own) -> None:
    who = await office_of(own)
    await promised(own, who)
    page = (await own.get(LIST)).text
    key = re.search(r'name="request" value="([^"]+)"', page)
    assert key
    for _ in range(2):
        own.cookies.clear()
        await own.post(f"{LIST}/1/following", data={"request": key.group(1)})
    desk = (await own.get("/staff/matters/1", headers=who.headers)).text
    assert "1 人关注这项承诺" in desk


async def test_the_handler_reads_how_many_follow_and_others_do_not(own) -> None:
    who = await office_of(own)
    await promised(own, who)
    assert "人关注" not in (await own.get("/staff/matters/1", headers=who.headers)).text
    for _ in range(3):
        await follow(own)
        own.cookies.clear()
    assert "3 人关注这项承诺" in (await own.get("/staff/matters/1", headers=who.headers)).text
    assert "人关注" not in (await own.get(LIST)).text


async def test_what_ended_offers_nothing_and_is_refused_politely(own) -> None:
    who = await office_of(own)
    await promised(own, who)
    await own.post("/staff/matters/1/promises/1/keeping", headers=who.headers)
    page = (await own.get(LIST)).text
    assert LAMP in page
    assert "/following" not in page
    refused = await own.post(f"{LIST}/1/following", data={"request": FormKey.new().key})
    assert refused.status_code == 409
    assert "结果就在这一页上" in refused.text


async def test_more_than_a_promise_takes_is_refused_politely(own, monkeypatch) -> None:
    monkeypatch.setattr(following, "MOST_OF_PROMISE", 1)
    who = await office_of(own)
    await promised(own, who)
    await follow(own)
    own.cookies.clear()
    refused = await follow(own)
    assert refused.status_code == 429
    assert LAMP in refused.text


async def test_an_address_that_follows_without_end_has_to_wait(open_app) -> None:
    async with open_app(numbers_an_address=2) as browser:
        await promised(browser, await office_of(browser))
        statuses = []
        for _ in range(3):
            browser.cookies.clear()
            answer = await follow(browser)
            statuses.append(answer.status_code)
        assert statuses == [303, 303, 429]
        assert answer.headers["retry-after"]


@pytest.mark.parametrize("promise", ["2", "999999999", "9" * 30])
async def test_a_promise_that_is_none_is_not_found(own, promise) -> None:
    await promised(own, await office_of(own))
    form = {"request": FormKey.new().key}
    assert (await own.post(f"{LIST}/{promise}/following", data=form)).status_code == 404
    assert (await own.post(f"{LIST}/{promise}/following/ending", data=form)).status_code in {
        303,
        404,
    }


async def test_a_promise_is_followed_on_the_page_of_its_own_community(own) -> None:
    await promised(own, await office_of(own))
    community = next(iter(set((await places(own.store)).community) - {"liujiazhuang"}))
    others = f"/c/{community}/promises/1/following"
    response = await own.post(others, data={"request": FormKey.new().key})
    assert response.status_code == 404
