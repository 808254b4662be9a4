"""When something is not there or went wrong: what is said, and the next step."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Never

import pytest
from starlette.routing import Route

from tests.world.databases import both_databases, lose
from tests.world.district import FILES
from web.running.logs import JsonLines
from web.site.answers import reads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.world.app import Browser

pytestmark = both_databases

HOTLINE = FILES.district.content.hotline
HALL = FILES.communities["liujiazhuang"].content.hall


def offered(html: str) -> list[tuple[str, str]]:
    """(address, name) of what may have been meant."""
    return re.findall(r'<a class="row" href="([^"]+)"><span class="grow"><b[^>]*>([^<]+)</b>', html)


@pytest.mark.parametrize(
    ("path", "heading", "meant"),
    [
        ("/c/liujiazhuan", "没有找到这个社区", ("/c/liujiazhuang", "刘家庄社区")),
        ("/c/LiuJiaZhuang", "没有找到这个社区", ("/c/liujiazhuang", "刘家庄社区")),
        ("/c/jiann/handbook/dibao", "没有找到这个社区", ("/c/jian", "济安社区")),
        ("/c/yikan/b/1", "没有找到这个社区", ("/c/yikang", "益康社区")),
        (
            "/c/jian/handbook/dibaoo",
            "手册里没有这一页",
            ("/c/jian/handbook/dibao", "最低生活保障申请"),
        ),
        (
            "/c/jian/handbook/categories/elder",
            "手册里没有这一页",
            ("/c/jian/handbook/categories/elderly", "养老服务"),
        ),
    ],
)
async def test_what_is_not_there_names_what_may_have_been_meant(
    resident, path, heading, meant
) -> None:
    response = await resident.get(path)
    assert response.status_code == 404
    assert f"<h1>{heading}</h1>" in response.text
    assert offered(response.text)[0] == meant
    assert (await resident.get(meant[0])).status_code == 200


async def test_at_most_three_names_are_offered(resident) -> None:
    for path in ("/c/jia", "/c/jian/handbook/canji", "/c/jian/handbook/canji-butie"):
        assert len(offered((await resident.get(path)).text)) <= 3


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
@pytest.mark.parametrize(
    ("path", "headings"),
    [
        ("/c/mars", ("没有找到这个社区", "No community has this name")),
        ("/c/liujiazhuang/handbook/mars", ("手册里没有这一页", "No such page in the handbook")),
        (
            "/c/liujiazhuang/handbook/events/mars",
            ("手册里没有这一页", "No such page in the handbook"),
        ),
        ("/c/liujiazhuang/mars", ("这里没有这一页", "This page is not here")),
        ("/mars", ("这里没有这一页", "This page is not here")),
        ("/assets/mars.css", ("这里没有这一页", "This page is not here")),
        ("/c/liujiazhuang/b/mars", ("这里没有这一页", "This page is not here")),
        ("/metrics", ("这里没有这一页", "This page is not here")),
    ],
)
async def test_a_page_that_is_not_there_has_words_a_search_a_phone_and_a_way_home(
    resident, path, headings, lang
) -> None:
    resident.cookies.set("lianxin", f"lang:{lang}")
    response = await resident.get(path)
    assert response.status_code == 404
    assert f"<h1>{headings[lang == 'en']}</h1>" in response.text
    search = response.text.partition('<form class="search"')[2].partition("</form>")[0]
    in_handbook = path.startswith("/c/liujiazhuang/handbook")
    action = "/c/liujiazhuang/search" if in_handbook else "/communities"
    assert f'action="{action}"' in search
    assert f'href="tel:{HALL.phone if in_handbook else HOTLINE}"' in response.text
    home = "/c/liujiazhuang" if in_handbook else "/"
    assert f'<a class="btn quiet wide" href="{home}">' in response.text


async def test_a_page_that_is_not_there_may_be_there_tomorrow(resident) -> None:
    for path in ("/c/mars", "/mars"):
        assert (await resident.get(path)).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/c/" + "a" * 3000,
        "/c/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/c/%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
        "/c/'%20OR%201=1--",
        "/c/%F0%9F%91%B5",
        "/c/%E5%88%98%E5%AE%B6%E5%BA%84",
        "/c/%FF%FE",
        "/c/a%0D%0ASet-Cookie:%20x=1",
        "/c/..%2F..%2Fetc%2Fpasswd",
        "/c/jian%3Fq=1",
        "/c/jian%23x",
        "/c//jian",
        "/c/jian/handbook/" + "b" * 3000,
    ],
)
async def test_an_odd_address_is_simply_not_there(resident, path) -> None:
    response = await resident.get(path)  # the house rules look at it
    assert response.status_code == 404
    assert "<script>alert" not in response.text
    assert "<img src=x" not in response.text
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("path", ["/c/%00", "/c/%01", "/c/%7F", "/%EF%BF%BE"])
async def test_a_control_character_in_the_address_does_not_break_the_page(resident, path) -> None:
    assert (await resident.get(path)).status_code == 404


@pytest.mark.parametrize("end", ["%00", "%0A", "%0D%0A", "%1B", "%7F"])
async def test_an_address_with_a_control_character_is_not_the_one_without(resident, end) -> None:
    for path in ("/c/jian", "/c/jian/handbook/dibao", "/c/jian/handbook/dibao/forms/3"):
        assert (await resident.get(path)).status_code == 200
        assert (await resident.get(path + end)).status_code == 404


async def broken(_visit) -> Never:
    """A view with a fault in it."""
    raise ZeroDivisionError("secret words of the program")


@pytest.fixture
async def with_a_fault(open_app) -> AsyncIterator[Browser]:
    """A browser before an application in which `/broken` is broken."""
    async with open_app() as browser:
        browser.app.router.routes.insert(0, Route("/broken", reads(broken)))
        yield browser


@pytest.mark.parametrize(
    ("lang", "heading", "call"),
    [
        ("zh-Hans", "请过一会儿再试", "请打电话告诉我们这个编号："),
        ("en", "Please try again in a moment", "call and give this number: "),
    ],
)
async def test_our_own_fault_is_said_plainly_with_a_number_to_call_about(
    with_a_fault, caplog, lang, heading, call
) -> None:
    caplog.set_level(logging.INFO)
    with_a_fault.cookies.set("lianxin", f"lang:{lang}")
    response = await with_a_fault.get("/broken")
    assert response.status_code == 500
    assert f"<h1>{heading}</h1>" in response.text
    number = re.search(rf"{call}([0-9a-f]{{12}})<", response.text)
    assert number
    assert f'href="tel:{HOTLINE}"' in response.text
    lines = [
        json.loads(JsonLines().format(r)) for r in caplog.records if r.name == "lianxin.request"
    ]
    assert [(line["id"], line["status"]) for line in lines] == [(number.group(1), 500)]


async def test_our_own_fault_shows_nothing_of_the_program(with_a_fault) -> None:
    text = (await with_a_fault.get("/broken")).text
    for word in ("Traceback", "ZeroDivisionError", "secret words", ".py", "File "):
        assert word not in text


async def test_our_own_fault_is_in_the_log_with_its_trace(with_a_fault, caplog) -> None:
    await with_a_fault.get("/broken")
    own = [JsonLines().format(r) for r in caplog.records if r.name == "lianxin.errors"]
    assert len(own) == 1
    assert "ZeroDivisionError" in json.loads(own[0])["trace"]


async def test_a_fault_on_one_page_is_none_on_the_others(with_a_fault) -> None:
    await with_a_fault.get("/broken")
    assert (await with_a_fault.get("/c/jian")).status_code == 200


async def test_without_a_store_it_is_said_when_to_try_again(own, databases) -> None:
    await lose(own.store, databases)
    response = await own.get("/c/jian")
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert "<h1>这一页暂时打不开</h1>" in response.text
    assert "请过几分钟再试" in response.text
    assert 'href="/c/jian"' in response.text
    own.cookies.set("lianxin", "lang:en")
    assert "try again in a few minutes" in (await own.get("/c/jian")).text


async def test_a_page_without_a_store_leads_to_no_other_site(own, databases) -> None:
    await lose(own.store, databases)
    assert 'href="/"' in (await own.get("http://lianxin.test//elsewhere.example/x")).text


async def test_without_a_store_every_door_says_the_same(own, databases) -> None:
    await lose(own.store, databases)
    for path in ("/", "/communities", "/f/here", "/mars", "/c/jian/offline.json"):
        assert (await own.get(path)).status_code == 503, path


async def test_what_is_in_memory_is_still_answered_without_a_store(own, databases) -> None:
    await own.get("/c/jian/handbook/dibao")
    await lose(own.store, databases)
    assert (await own.get("/c/jian/handbook/dibao")).status_code == 200
    assert (await own.get("/c/jian/handbook/gaoling-jintie")).status_code == 200


async def test_a_community_not_yet_in_memory_waits_for_the_store(own, databases) -> None:
    await own.get("/c/jian")
    await lose(own.store, databases)
    assert (await own.get("/c/yikang")).status_code == 503


async def test_what_was_asked_for_while_the_store_was_gone_is_in_no_log(
    own, databases, caplog
) -> None:
    caplog.set_level(logging.INFO)
    await own.get("/c/jian")
    await lose(own.store, databases)
    await own.get("/c/yikang/handbook/dibao")
    lines = [JsonLines().format(r) for r in caplog.records if r.name.startswith("lianxin")]
    assert not any("yikang" in line or "dibao" in line for line in lines)
