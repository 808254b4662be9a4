"""Without a network: the whole handbook of a community, its search, its ticks, the way back."""

from __future__ import annotations

import asyncio
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import update

from domain.places.tables import Facility
from domain.revision import touch_content
from domain.store import Store
from tests.world.phones import GUIDE, HOME, Phone, axe, kept, kept_at_once
from tests.world.servers import PATIENCE, ROOT, Server, gateway_without_a_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession

LOST = r"net::ERR_|Failed to fetch|NetworkError"
"""What Chromium itself says of requests that find no network."""
NEVER_VISITED = f"{HOME}/handbook/shebao-ka"
ADDRESSES = """async () => {
  const all = await Promise.all((await caches.keys()).map(async (name) =>
    (await (await caches.open(name)).keys()).map(({ url }) => `${name} ${url}`)));
  return all.flat();
}"""
FORGET = """async (addresses) => {
  localStorage.clear();
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (!addresses.includes(`${name} ${request.url}`)) await cache.delete(request);
    }
  }
}"""
"""What a person left on their phone, and pages that were kept because they were opened."""


@pytest.fixture(scope="module")
async def keeper(
    new_phone: Callable[..., AbstractAsyncContextManager[Phone]],
) -> AsyncIterator[tuple[Phone, list[str], Any]]:
    """A phone that keeps the handbook, the addresses that it keeps, and its cookies."""
    async with new_phone() as opened:
        page = await opened.open(HOME)
        await kept_at_once(page)
        yield opened, await page.evaluate(ADDRESSES), await opened.context.cookies()


@pytest.fixture
async def phone(keeper: tuple[Phone, list[str], Any]) -> AsyncIterator[Phone]:
    """The phone that keeps the handbook; afterwards it forgets what the test did on it."""
    opened, addresses, cookies = keeper
    for page in opened.context.pages:
        await page.close()
    yield opened
    await opened.context.set_offline(offline=False)
    await opened.context.pages[-1].evaluate(FORGET, addresses)
    await opened.context.clear_cookies()
    await opened.context.add_cookies(cookies)
    unexpected = opened.unexpected
    opened.complaints.clear()
    opened.expected.clear()
    assert unexpected == []


@pytest.fixture
async def ready(phone: Phone) -> Page:
    """A page of that phone."""
    return await phone.open(HOME)


@pytest.fixture
async def lost(phone: Phone, ready: Page) -> Page:
    """The same phone without a network."""
    phone.expect(LOST)
    await phone.context.set_offline(offline=True)
    return ready


def notice_of(page: Page) -> Any:
    """The words that tell that there is no network."""
    return page.locator("[data-offline-notice]")


async def is_styled(page: Page) -> bool:
    """Whether the page looks as it should: the tab bar stands at the bottom of the screen."""
    where = "getComputedStyle(document.querySelector('nav[aria-label=主导航]')).position"
    return bool(await page.evaluate(where) == "fixed")


async def test_a_guide_never_visited_opens_without_a_network(lost) -> None:
    await lost.goto(NEVER_VISITED)
    await expect(lost.get_by_role("heading", level=1)).to_contain_text("社会保障卡")
    assert await is_styled(lost)
    await expect(notice_of(lost)).to_contain_text("没有网络", use_inner_text=True)


async def test_every_item_and_category_of_the_handbook_is_kept(lost) -> None:
    await lost.goto(f"{HOME}/handbook")
    await expect(lost.locator("html")).to_have_attribute("data-offline", "")
    links = await lost.locator("main a:visible").evaluate_all(
        "(links) => [...new Set(links.map((link) => link.pathname))]"
        ".filter((path) => path.startsWith('/c/'))"
    )
    missing = await lost.evaluate(
        """async (paths) => {
            const found = await Promise.all(paths.map((path) => caches.match(path)));
            return paths.filter((_, at) => !found[at]);
        }""",
        links,
    )
    assert missing == []
    assert len(links) > 60


async def test_every_asset_that_a_kept_page_names_is_kept(ready) -> None:
    missing, found = await ready.evaluate(
        """async () => {
            const pages = await caches.open("pages");
            const kept = (await pages.keys()).filter(({ url }) => new URL(url).pathname.startsWith("/c/"));
            const texts = await Promise.all(kept.map(async (page) => (await pages.match(page)).text()));
            const named = [...new Set(texts.join().match(/\\/assets\\/[\\w.-]+/g))];
            const assets = await caches.open("assets");
            const found = await Promise.all(named.map((address) => assets.match(address)));
            return [named.filter((_, at) => !found[at]), named.length];
        }"""
    )
    assert missing == []
    assert found > 3


async def test_everything_home_offers_leads_to_a_page_without_a_network(lost) -> None:
    links = await lost.locator("a[href^='/']").evaluate_all(
        "(links) => [...new Set(links.map((link) => link.getAttribute('href')))]"
    )
    assert len(links) > 25
    for link in links:
        await lost.goto(link)
        await expect(lost.get_by_role("navigation", name="主导航")).to_be_visible()


async def test_ticks_work_without_a_network_and_are_still_there_with_one(phone, lost) -> None:
    await lost.goto(NEVER_VISITED)
    await lost.get_by_role("checkbox").first.check()
    await lost.goto("/mine")
    await expect(lost.get_by_role("progressbar")).to_be_visible()
    await expect(lost.locator("[data-home] a")).to_have_text("刘家庄社区")
    await phone.context.set_offline(offline=False)
    await lost.goto(NEVER_VISITED)
    await expect(lost.get_by_role("checkbox").first).to_be_checked()
    await expect(notice_of(lost)).to_be_hidden()


async def test_search_from_home_answers_without_a_network(lost) -> None:
    await lost.get_by_role("searchbox").fill("社保卡丢了怎么办")
    await lost.get_by_role("searchbox").press("Enter")
    first = lost.locator("#results").get_by_role("link").first
    await expect(first).to_contain_text("社会保障卡")
    await expect(lost.get_by_role("searchbox")).to_have_value("社保卡丢了怎么办")
    await first.click()
    await expect(lost.get_by_role("heading", level=1)).to_contain_text("社会保障卡")


async def test_search_as_one_types_gives_the_same_answers_with_and_without_a_network(
    phone, ready
) -> None:
    phone.expect(LOST)
    await ready.goto(f"{HOME}/search?q=gljt")
    results = ready.locator("#results li b")
    online = await results.all_inner_texts()
    assert online
    await phone.context.set_offline(offline=True)
    await ready.goto(f"{HOME}/search")
    await ready.get_by_role("searchbox").press_sequentially("gljt")
    await expect(results).to_have_text(online)


async def test_a_kept_handbook_leaves_the_words_in_the_address_of_a_search(phone, ready) -> None:
    await ready.request.get(f"{HOME}/offline.json")
    answer = await ready.request.get(f"{HOME}/search?q=gljt")
    assert "/handbook/gaoling-jintie" in await answer.text()


async def test_search_that_finds_nothing_without_a_network_says_so(lost) -> None:
    await lost.goto(f"{HOME}/search")
    await lost.get_by_role("searchbox").fill("vvv")
    results = lost.locator("#results")
    await expect(results).to_contain_text("没有找到“vvv”")
    await expect(results.locator("a[href^='tel:']")).to_be_visible()


async def test_pages_without_a_network_are_for_everyone_too(lost) -> None:
    assert await axe(lost) == []
    await lost.goto(f"{HOME}/search?q=dibao")
    await expect(lost.locator("#results").get_by_role("link").first).to_be_visible()
    assert await axe(lost) == []


async def test_an_address_that_is_not_kept_shows_the_way_to_the_kept_handbook(lost) -> None:
    await lost.goto("/c/yikang/handbook")
    await expect(lost.get_by_role("heading", level=1)).to_have_text("没有网络")
    assert await is_styled(lost)
    await lost.get_by_role("link", name="打开存好的手册").click()
    await expect(lost).to_have_url(re.compile("/handbook$"))
    await expect(lost.get_by_role("link", name="高龄津贴申领")).to_be_visible()


async def test_a_page_that_was_not_there_opens_by_itself_once_the_network_is_back(
    phone, lost
) -> None:
    await lost.goto("/c/yikang/handbook")
    await expect(lost.get_by_role("button", name="再试一次")).to_be_visible()
    await phone.context.set_offline(offline=False)
    await expect(lost.get_by_role("heading", level=1)).to_have_text("服务手册", timeout=PATIENCE)


async def test_the_front_door_leads_to_the_kept_home_without_a_network(lost) -> None:
    await lost.goto("/?from=home-screen")
    await expect(lost.get_by_role("heading", level=1)).to_have_text("刘家庄社区")


async def test_the_elder_view_can_be_chosen_without_a_network_and_stays(lost) -> None:
    await lost.get_by_role("banner").get_by_role("button", name="长辈版").click()
    await expect(lost.locator("html")).to_have_attribute("data-view", "elder")
    await lost.goto(NEVER_VISITED)
    await expect(lost.locator("html")).to_have_attribute("data-view", "elder")


async def test_choosing_the_other_language_without_a_network_does_not_lose_the_page(lost) -> None:
    await lost.get_by_role("banner").get_by_role("button", name="Switch to English").click()
    await lost.wait_for_load_state()
    await expect(lost.get_by_role("navigation")).to_be_visible()


async def test_what_may_no_longer_be_true_is_not_shown_without_a_network(lost) -> None:
    await expect(lost.get_by_text(re.compile("开放中|休息中"))).to_be_hidden()


async def test_the_notice_comes_and_goes_with_the_network(phone, ready) -> None:
    phone.expect(LOST)
    await expect(notice_of(ready)).to_be_hidden()
    await phone.context.set_offline(offline=True)
    await expect(notice_of(ready)).to_be_visible()
    await phone.context.set_offline(offline=False)
    await expect(notice_of(ready)).to_be_hidden()


async def test_an_answer_already_on_its_way_does_not_bring_the_network_back(lost) -> None:
    await expect(notice_of(lost)).to_be_visible()
    await lost.evaluate("document.dispatchEvent(new Event('lianxin:answered'))")
    await expect(lost.locator("html")).to_have_attribute("data-offline", "")
    await expect(notice_of(lost)).to_be_visible()


async def test_mine_says_which_handbook_is_kept(ready) -> None:
    await ready.goto("/mine")
    await expect(ready.locator("[data-kept]")).to_contain_text("刘家庄社区")


async def test_a_server_that_stopped_is_the_same_as_no_network(new_phone, own_server) -> None:
    async with new_phone(url=own_server.url) as phone:
        phone.expect(LOST)
        page = await phone.open(HOME)
        await kept_at_once(page)
        own_server.stop()

        await page.goto(NEVER_VISITED)
        # The phone has a network, so that is not what is missing.
        await expect(notice_of(page)).to_contain_text("暂时连不上", use_inner_text=True)
        assert await is_styled(page)
        await page.get_by_role("checkbox").first.check()
        await page.get_by_role("banner").get_by_role("button", name="长辈版").click()
        await expect(page.locator("html")).to_have_attribute("data-view", "elder")

        await page.goto(f"{HOME}/search")
        await page.get_by_role("searchbox").press_sequentially("gljt")
        first = page.locator("#results").get_by_role("link").first
        await expect(first).to_contain_text("高龄津贴申领")

        await page.goto("/c/yikang")
        await expect(page.get_by_role("heading", level=1)).to_have_text("没有网络")

        own_server.start()
        await page.goto(NEVER_VISITED)
        await expect(notice_of(page)).to_be_hidden()
        await expect(page.get_by_role("checkbox").first).to_be_checked()


async def test_a_gateway_that_finds_no_server_does_not_take_the_kept_page_away(
    new_phone, own_server
) -> None:
    async with new_phone(url=own_server.url) as phone:
        phone.expect(f"{LOST}|status of 502")
        page = await phone.open(HOME)
        await kept_at_once(page)
        own_server.stop()
        async with gateway_without_a_server(own_server.port):
            await page.goto(NEVER_VISITED)
            await expect(page.get_by_role("heading", level=1)).to_contain_text("社会保障卡")
            await expect(notice_of(page)).to_be_visible()


async def published(page: Page, path: str, words: str) -> None:
    """Wait until the server's page has these words."""
    async with asyncio.timeout(60):
        while words not in await (await page.request.get(path)).text():
            pass


async def rename_the_facilities(server: Server, name: str) -> None:
    """Change what the office has published, as an office does while the server runs."""

    async def change(session: AsyncSession) -> None:
        await session.execute(update(Facility).values(name=name))
        await touch_content(session)

    store = Store(server.database)
    await store.open()
    await store.write(change)
    await store.close()


async def test_what_the_office_changed_is_kept_anew_on_the_next_visit(
    new_phone, own_server
) -> None:
    async with new_phone(url=own_server.url) as phone:
        phone.expect(LOST)
        page = await phone.open(HOME)
        await kept_at_once(page)
        await rename_the_facilities(own_server, "新开的食堂")
        await published(page, f"{HOME}/facilities", "新开的食堂")
        await page.goto(HOME)
        await kept(page)
        await phone.context.set_offline(offline=True)
        await page.goto(f"{HOME}/facilities")
        await expect(page.locator("main").get_by_text("新开的食堂").first).to_be_visible()
        await page.goto(f"{HOME}/search")
        await page.get_by_role("searchbox").press_sequentially("新开的食堂")
        await expect(page.locator("#results")).to_contain_text("新开的食堂")


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The project's files with another style: the version that an operator installs tomorrow."""
    for folder in ("domain", "push", "web", "templates", "static"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    with (tmp_path / "static" / "css" / "base.css").open("a", encoding="utf-8") as styles:
        styles.write("\nhtml { --version: newer; }\n")
    return tmp_path


async def version_of(page: Page) -> str:
    """Which version the page looks like."""
    style = "getComputedStyle(document.documentElement).getPropertyValue('--version')"
    return str(await page.evaluate(style)).strip()


async def test_a_new_version_takes_over_without_losing_what_is_being_typed(
    new_phone, own_server, newer
) -> None:
    async with new_phone(url=own_server.url) as phone:
        phone.expect(LOST)
        typing = await phone.open(f"{HOME}/search")
        await kept_at_once(typing)
        await typing.get_by_role("searchbox").press_sequentially("社保")
        await typing.evaluate(
            """() => { window.taken = new Promise((done) =>
                navigator.serviceWorker.addEventListener("controllerchange", () => done(true))) }"""
        )
        own_server.stop()
        own_server.code = newer
        own_server.start()
        # The first page of a server takes long, and a phone that waits long shows its copy.
        await phone.context.request.get(HOME)

        other = await phone.open(HOME)
        assert await version_of(other) == "newer"
        assert await typing.evaluate("window.taken")
        await expect(typing.get_by_role("searchbox")).to_have_value("社保")
        await typing.get_by_role("searchbox").press_sequentially("卡丢了")
        await expect(typing.get_by_role("searchbox")).to_have_value("社保卡丢了")
        first = typing.locator("#results").get_by_role("link").first
        await expect(first).to_contain_text("社会保障卡")

        await kept_at_once(other)
        own_server.stop()
        await other.goto(GUIDE)
        assert await version_of(other) == "newer"
        assert await is_styled(other)


async def test_the_other_language_says_that_it_needs_a_network(lost) -> None:
    await lost.goto(NEVER_VISITED)
    words = lost.get_by_text("换语言要有网络")
    await expect(words).to_be_hidden()
    await lost.get_by_role("button", name="Switch to English").click()
    await expect(words).to_be_visible()
    await expect(lost.get_by_role("heading", level=1)).to_contain_text("社会保障卡")


async def test_the_style_of_a_first_visit_is_loaded_once(
    new_phone: Callable[..., AbstractAsyncContextManager[Phone]],
) -> None:
    async with new_phone() as phone:
        page = await phone.context.new_page()
        await page.goto(GUIDE)
        assert await is_styled(page)
        await kept_at_once(page)
        await page.goto(HOME)
        assert await is_styled(page)
        assert await page.locator("link[rel=stylesheet]").count() == 1
        assert await page.locator("style").count() == 0
        loaded = await page.evaluate(
            "performance.getEntriesByType('resource').find(({name}) => /residents/.test(name)).transferSize"
        )
        assert loaded == 0
        phone.expect(LOST)
        await phone.context.set_offline(offline=True)
        await page.goto(GUIDE)
        assert await is_styled(page)
        await phone.context.set_offline(offline=False)
