"""Pages kept in memory: rendered once, true at every moment, and nobody's but their host's."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import re
from typing import TYPE_CHECKING, Never

import brotli
import httpx
import pytest
from starlette.routing import Route

from domain.calendar import HolidayNotice, enter_notice
from domain.revision import touch_content
from tests.world.clock import NOW
from web.offline import bundle
from web.site.answers import kept
from web.site.page_cache import CachedPage, PageCache
from web.site.visit import Manner

if TYPE_CHECKING:
    from tests.world.app import Browser
    from web.site.pages import Page

HOME = "/c/liujiazhuang"
GUIDE = f"{HOME}/handbook/gaoling-jintie"


def revision_on(html: str) -> int:
    """The revision of the content that a page was made of."""
    found = re.search(r'<meta name="lianxin-revision" content="(\d+)\.', html)
    assert found
    return int(found.group(1))


async def raw(browser: Browser, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """An answer with the very bytes that came over the wire."""
    request = browser.build_request("GET", path, headers=headers)
    response = await httpx.AsyncClient.send(browser, request, stream=True)
    return response, b"".join([part async for part in response.aiter_raw()])


@pytest.mark.parametrize("path", [HOME, GUIDE, f"{HOME}/handbook", f"{HOME}/hall", "/mine"])
async def test_the_second_request_is_served_from_memory(open_app, monkeypatch, path) -> None:
    async with open_app() as browser:
        first = await browser.get(path)
        monkeypatch.setattr(browser.services.renderer, "_environments", {})  # nothing renders now
        second = await browser.get(path)
        assert second.status_code == 200
        assert second.content == first.content


async def test_each_manner_of_reading_has_a_page_of_its_own(resident) -> None:
    cookies = ["", "lang:en", "view:elder", "size:30", "theme:dark", "lang:en|view:elder"]
    pages = set()
    for cookie in cookies:
        answer = await resident.get(GUIDE, headers={"cookie": f"lianxin={cookie}"})
        pages.add(answer.text)
    assert len(pages) == len(cookies)


async def test_who_asks_is_not_on_a_page_that_is_kept(open_app) -> None:
    async with open_app() as browser:
        first = await browser.get(HOME, headers={"cookie": "lianxin=community:jian|building:dong"})
        second = await browser.get(HOME)
        assert first.text == second.text
        assert "dong" not in first.text


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
async def test_a_page_that_the_browser_has_is_not_sent_again(resident, encoding) -> None:
    first, _ = await raw(resident, GUIDE, **{"accept-encoding": encoding})
    etag = first.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{20}-(identity|gzip|br)"', etag)
    asked = {"accept-encoding": encoding, "if-none-match": etag}
    again, body = await raw(resident, GUIDE, **asked)
    assert (again.status_code, body) == (304, b"")
    assert again.headers["etag"] == etag
    assert "content-length" not in again.headers
    assert again.headers["cache-control"] == first.headers["cache-control"] == "private, no-cache"


async def test_one_of_several_pages_that_the_browser_has_is_enough(resident) -> None:
    etag = (await resident.get(GUIDE)).headers["etag"]
    several = f'"old", W/{etag}, "older"'
    assert (await resident.get(GUIDE, headers={"if-none-match": several})).status_code == 304


async def test_another_page_that_the_browser_has_does_not_count(resident) -> None:
    etag = (await resident.get(HOME)).headers["etag"]
    assert (await resident.get(GUIDE, headers={"if-none-match": etag})).status_code == 200


async def test_gzip_and_brotli_unpack_to_the_same_page(resident) -> None:
    plain, body = await raw(resident, GUIDE, **{"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    zipped, small = await raw(resident, GUIDE, **{"accept-encoding": "gzip"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small) == body
    pressed, smaller = await raw(resident, GUIDE, **{"accept-encoding": "gzip, deflate, br"})
    assert pressed.headers["content-encoding"] == "br"
    assert brotli.decompress(smaller) == body
    assert len(smaller) < len(small) < len(body) / 2
    for answer, sent in ((plain, body), (zipped, small), (pressed, smaller)):
        assert int(answer.headers["content-length"]) == len(sent)
        assert "Accept-Encoding" in answer.headers["vary"]
    assert len({each.headers["etag"] for each in (plain, zipped, pressed)}) == 3


async def test_an_encoding_that_the_browser_refuses_is_not_sent(resident) -> None:
    """RFC 9110, 12.5.3: q=0 is how a browser says "not this one"."""
    answer, _ = await raw(resident, GUIDE, **{"accept-encoding": "br;q=0, gzip"})
    assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("path", [GUIDE, "/communities", "/sw.js", "/healthz"])
async def test_head_is_the_answer_without_its_body(resident, path) -> None:
    get, head = await resident.get(path), await resident.head(path)
    assert head.content == b""
    assert head.status_code == get.status_code
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert head.headers.get(name) == get.headers.get(name)


async def test_a_change_of_the_content_is_on_the_page_at_once(own) -> None:
    before = revision_on((await own.get(GUIDE)).text)
    await own.store.write(touch_content)
    assert revision_on((await own.get(GUIDE)).text) == before + 1


async def test_a_change_of_the_content_is_there_for_all_who_ask_together(own) -> None:
    before = revision_on((await own.get(GUIDE)).text)
    await own.store.write(touch_content)
    answers = await asyncio.gather(*(own.get(path) for path in (GUIDE, GUIDE, HOME)))
    assert [revision_on(each.text) for each in answers] == [before + 1] * 3


async def test_a_page_made_while_the_content_changed_is_not_kept(own) -> None:
    before = revision_on((await own.get(HOME)).text)
    changes = iter([True])

    async def overtaken(visit) -> Page:
        if next(changes, False):
            await own.store.write(touch_content)
            await own.get(HOME)  # someone else is already shown what is new
        return await bundle.show(visit)

    own.app.router.routes.insert(0, Route("/overtaken", kept(overtaken)))
    assert revision_on((await own.get("/overtaken")).text) == before
    assert revision_on((await own.get("/overtaken")).text) == before + 1


async def test_a_notice_moves_the_dates_on_a_kept_guide(own) -> None:
    assert "12月2日星期三" in (await own.get(GUIDE)).text
    notice = HolidayNotice(year=2026, days_off=(dt.date(2026, 11, 24), dt.date(2026, 11, 25)))
    await own.store.write(lambda session: enter_notice(session, notice))
    page = (await own.get(GUIDE)).text
    assert "12月2日星期三</p>" not in page
    assert "12月4日星期五" in page


async def test_a_change_that_is_taken_back_changes_no_page(own) -> None:
    before = (await own.get(GUIDE)).text

    async def change(session) -> Never:
        await touch_content(session)
        raise LookupError

    with pytest.raises(LookupError):
        await own.store.write(change)
    assert (await own.get(GUIDE)).text == before


async def test_what_the_browser_has_is_old_after_a_change(own) -> None:
    etag = (await own.get(GUIDE)).headers["etag"]
    await own.store.write(touch_content)
    assert (await own.get(GUIDE, headers={"if-none-match": etag})).status_code == 200


async def test_a_page_of_yesterday_is_made_anew(own, clock) -> None:
    first = (await own.get(f"{HOME}/handbook")).text
    clock.now = NOW + dt.timedelta(days=1)
    assert (await own.get(f"{HOME}/handbook")).text != first
    assert "打印于 2026年11月24日" in (await own.get(f"{HOME}/handbook")).text


async def test_another_host_gets_its_own_addresses(resident) -> None:
    other = {"host": "phone.example:8000"}
    assert "http://lianxin.test/c/" in (await resident.get(GUIDE)).text
    page = (await resident.get(GUIDE, headers=other)).text
    assert f"http://phone.example:8000{GUIDE}" in page
    assert "lianxin.test" not in page
    assert "phone.example" not in (await resident.get(GUIDE)).text
    assert (
        f"https://lianxin.test{GUIDE}" in (await resident.get(f"https://lianxin.test{GUIDE}")).text
    )


@pytest.mark.parametrize(
    "host",
    [
        "",
        "a b",
        "lianxin.test/c/jian?",
        "lianxin.test/c/jian#",
        "user@lianxin.test",
        '"><script>',
        "lianxin.test:99999999",
        "a" * 300,
        "[::1",
    ],
)
async def test_a_host_that_is_none_is_repeated_to_nobody(resident, host) -> None:
    page = (await resident.get(GUIDE, headers={"host": host})).text
    assert f'<link rel="canonical" href="http://localhost{GUIDE}">' in page
    assert (await resident.get(GUIDE)).text.count(f"http://lianxin.test{GUIDE}")


@pytest.mark.parametrize("host", ["lianxin.test/c/jian?", "x/c/jian#", "x?", "x\\..\\c\\jian"])
async def test_no_host_can_put_one_page_in_the_place_of_another(open_app, host) -> None:
    async with open_app(public_url="https://lianxin.example.cn") as browser:
        await browser.get(GUIDE, headers={"host": host})
        page = (await browser.get("/c/jian")).text
        assert "<h1>济安社区</h1>" in page
        assert "<h1>高龄<wbr>津贴<wbr>申领</h1>" in (await browser.get(GUIDE)).text


async def test_a_public_address_stands_on_the_pages_whatever_the_request_says(open_app) -> None:
    async with open_app(public_url="https://lianxin.example.cn/") as browser:
        page = (await browser.get(GUIDE, headers={"host": "elsewhere.test"})).text
        assert f'<link rel="canonical" href="https://lianxin.example.cn{GUIDE}">' in page
        assert "elsewhere" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/f/here",
        "/f/halls/jian",
        "/f/search?c=jian&q=低保",
        "/c/jian/search?q=低保",
        "/communities?q=济安",
        "/working-days?days=3",
        "/working-days.ics?days=3",
        "/code?to=/c/jian",
        "/c/jian/posters",
        "/",
        "/handbook",
        "/c/jian/b/dong",
        "/c/mars",
        "/nothing",
    ],
)
async def test_what_depends_on_the_question_or_the_person_is_not_kept(open_app, path) -> None:
    async with open_app() as browser:
        response = await browser.get(path)
        assert len(browser.services.kept) == 0
        assert response.headers["cache-control"] == "no-store"


async def test_where_one_is_at_home_is_never_told_to_another(resident) -> None:
    mine = await resident.get("/f/here", headers={"cookie": "lianxin=community:jian|building:dong"})
    assert "济安社区" in mine.text
    yours = await resident.get("/f/here", headers={"cookie": "lianxin=community:yikang"})
    assert "益康社区" in yours.text
    assert "济安社区" not in yours.text


def cached_page(size: int, fresh_until: dt.datetime | None = None) -> CachedPage:
    """A page of that many bytes, of a kind that is not compressed."""
    return CachedPage(
        status=200,
        media_type="image/png",
        body=b"x" * size,
        route="/",
        community=None,
        fresh_until=fresh_until,
    )


MANNER = Manner("zh-Hans", "standard", "22", "auto", "http://lianxin.test")


def test_beyond_the_budget_what_was_asked_for_longest_ago_is_dropped() -> None:
    kept = PageCache(budget=300)
    for path in ("/a", "/b", "/c"):
        kept.put(path, MANNER, cached_page(100))
    assert kept.get("/a", MANNER, NOW) is not None
    kept.put("/d", MANNER, cached_page(100))
    assert [path for path in "abcd" if kept.get(f"/{path}", MANNER, NOW)] == ["a", "c", "d"]


def test_a_page_that_takes_the_place_of_another_is_counted_once() -> None:
    kept = PageCache(budget=300)
    for _ in range(10):
        kept.put("/a", MANNER, cached_page(100))
    kept.put("/b", MANNER, cached_page(200))
    assert len(kept) == 2


def test_what_is_dropped_as_old_gives_its_room_back() -> None:
    kept = PageCache(budget=300)
    kept.put("/a", MANNER, cached_page(300, NOW))
    assert kept.get("/a", MANNER, NOW) is None
    kept.put("/b", MANNER, cached_page(300))
    assert kept.get("/b", MANNER, NOW) is not None
    kept.at(7)
    assert len(kept) == 0
    kept.put("/c", MANNER, cached_page(300))
    assert kept.get("/c", MANNER, NOW) is not None


def test_a_page_larger_than_the_budget_is_not_kept_and_breaks_nothing() -> None:
    kept = PageCache(budget=300)
    kept.put("/a", MANNER, cached_page(301))
    assert len(kept) == 0
    kept.put("/b", MANNER, cached_page(300))
    assert len(kept) == 1


def test_all_that_a_page_takes_is_counted_compressed_copies_too() -> None:
    page = CachedPage(
        status=200,
        media_type="text/html; charset=utf-8",
        body=b"x" * 1000,
        route="/",
        community=None,
        fresh_until=None,
    )
    assert page.size == sum(len(body) for body in page.variants.values()) > 1000
