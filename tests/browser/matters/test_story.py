"""A whole story on two phones: sent without a network, answered, promised, closed, opened again."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.async_api import expect
from sqlalchemy import select

from domain.matters.tables import Matter, MatterEntry, MatterRound, Outcome
from domain.staff.actor import Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.browser.eyes import LANGUAGES, LOW, WIDE, faults_for_everyone, unfolded
from tests.world.clock import SHANGHAI
from tests.world.district import places
from tests.world.people import arrived
from tests.world.phones import HOME, axe, tab_to
from tests.world.servers import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

    from tests.world.people import Person
    from tests.world.servers import Server

WRITE = f"{HOME}/messages/new"
LAMP = "二单元楼道灯坏了。晚上老人下楼看不见。"


@pytest.fixture(scope="module")
async def store(modules_server: Server) -> AsyncIterator[Store]:
    opened = Store(modules_server.database)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
async def secretary(store: Store) -> Person:
    """Who answers where a community has no posts with people."""
    place = (await places(store)).community["liujiazhuang"]
    grant = Grant(Role.ADMINISTRATOR, community_id=place)
    return await arrived(store, "shuji", grant, now=dt.datetime.now(SHANGHAI))


async def desk_of(phone, secretary: Person, url: str) -> Page:
    """The phone of the person who answers, signed in."""
    cookie = {"name": "staff", "value": secretary.key, "url": url}
    await phone.context.add_cookies([cookie])
    page: Page = await phone.context.new_page()
    return page


async def written(page: Page, words: str = LAMP) -> None:
    """Write a message on the form that is open."""
    await page.get_by_label("什么事").fill(words)


def photo() -> bytes:
    """A photograph that is larger than a phone sends."""
    whole = io.BytesIO()
    Image.effect_noise((2400, 1800), 90).convert("RGB").save(whole, "JPEG", quality=95)
    return whole.getvalue()


async def pinned(page: Page) -> None:
    """Tap the drawing and move the pin with a key, which says each time what it is near."""
    await page.get_by_text("在图上标出位置").click()
    drawing = page.get_by_role("button", name="社区简图")
    await drawing.click(position={"x": 40, "y": 60})
    before = json.loads(await page.locator("[name=point]").input_value())
    await page.keyboard.press("ArrowRight")
    after = json.loads(await page.locator("[name=point]").input_value())
    assert after == {**before, "x": round(before["x"] + 0.02, 4)}
    await expect(page.locator("[data-pin] [role=status]")).to_contain_text("已")


async def test_a_story_on_two_phones(  # noqa: PLR0915 - one story, told in order
    new_phone, own_server, store, secretary
) -> None:
    async with (
        new_phone(url=own_server.url) as mine,
        new_phone(url=own_server.url) as other,
        new_phone(url=own_server.url) as office,
    ):
        page = await mine.context.new_page()
        await page.goto(WRITE)
        await page.evaluate("navigator.serviceWorker.ready")
        await written(page)
        await pinned(page)
        files = [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}]
        await page.get_by_label("照片").set_input_files(files)
        await mine.context.set_offline(True)
        await page.get_by_role("button", name="发出").click()
        await expect(page.get_by_text("没有网络。已存在手机里")).to_be_visible(timeout=PATIENCE)
        await mine.context.set_offline(False)
        mine.expect("ERR_INTERNET_DISCONNECTED")
        notice = page.locator("[data-outbox-notice]")
        await expect(notice).to_contain_text("已经发出去了", timeout=PATIENCE)
        await expect(page.locator("main .card[data-in-use]")).to_contain_text("已经发出去了")
        await page.goto("/mine")
        await expect(notice).to_be_hidden()
        await page.get_by_role("link", name="二单元楼道灯坏了").click()
        await expect(page.locator(".photos img")).to_have_count(1)
        await expect(page.locator(".pinned .pin")).to_be_visible()
        assert await axe(page) == []

        desk = await desk_of(office, secretary, own_server.url)
        await desk.goto("/staff/matters")
        await desk.get_by_role("link", name="二单元楼道灯坏了").click()
        assert await axe(desk) == []
        soon = (dt.datetime.now(SHANGHAI) + dt.timedelta(days=3)).date().isoformat()
        await desk.get_by_role("radio", name="需要更长时间").check()
        await desk.get_by_label("给居民看的答复").fill("已请物业来换。")
        await desk.get_by_label("如需更长时间，到哪天").fill(soon)
        await desk.get_by_text("作出有日期的承诺").click()
        await desk.get_by_label("要办什么").fill("更换二单元楼道灯")
        await desk.locator("#promise-day").fill(soon)
        await desk.get_by_role("button", name="发出答复").click()

        # By itself: nothing is pressed on the resident's phone.
        await expect(page.get_by_text("已请物业来换。")).to_be_visible(timeout=PATIENCE)
        await expect(page.locator(".promise")).to_contain_text("更换二单元楼道灯")

        stranger = await other.context.new_page()
        await stranger.goto(f"{HOME}/promises")
        await stranger.get_by_role("button", name="有消息告诉我").click()
        await expect(stranger.get_by_text("有消息会告诉您")).to_be_visible()
        assert await axe(stranger) == []
        await desk.reload()
        await desk.get_by_role("button", name="已兑现").click()
        await stranger.goto("/mine/inbox")
        await expect(stranger.get_by_text("您关注的承诺有新消息")).to_be_visible()
        await stranger.close()

        code = (await page.locator(".matter-code").inner_text()).replace(" ", "")
        second = await other.context.new_page()
        await second.goto("/matters/code")
        await second.get_by_label("八位编码").fill(code.lower())
        await second.get_by_role("button", name="在这部手机上打开").click()
        await second.get_by_label("再写一句").fill("谢谢，今晚会来吗？")
        await second.get_by_role("button", name="发出").click()
        await expect(page.get_by_text("今晚会来吗")).to_be_visible(timeout=PATIENCE)

        await second.get_by_role("button", name="问题解决了，办结").click()
        await second.get_by_text("非常满意", exact=True).click()
        await second.get_by_role("button", name="提交评价").click()
        await expect(second.get_by_text("谢谢您的评价")).to_be_visible()
        await second.get_by_label("还没有解决").fill("又不亮了")
        await second.get_by_role("button", name="重新打开").click()
        await expect(page.get_by_text("又不亮了")).to_be_visible(timeout=PATIENCE)
        await expect(second.get_by_text("社区书记在办")).to_be_visible()
    async with store.read() as session:
        matter = (await session.scalars(select(Matter))).one()
        said = await session.scalars(
            select(MatterEntry.words).where(MatterEntry.matter_id == matter.id)
        )
        assert [words for words in said if words] == [
            LAMP,
            "已请物业来换。",
            "谢谢，今晚会来吗？",
            "又不亮了",
        ]


async def test_a_conversation_by_keyboard_alone(new_phone, own_server, store, secretary) -> None:
    async with new_phone(url=own_server.url) as phone:
        page = await phone.open(WRITE)
        await tab_to(page, "#words")
        await page.keyboard.type("只用键盘写的")
        await tab_to(page, ".foot button")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/matters/*")
        async with store.read() as session:
            wanted = select(Matter.id).where(Matter.subject == "只用键盘写的")
            [number] = await session.scalars(wanted)

        desk = await desk_of(phone, secretary, own_server.url)
        await desk.goto("/staff/matters")
        await tab_to(desk, f"main a[href='/staff/matters/{number}']")
        await desk.keyboard.press("Enter")
        await desk.wait_for_url(f"**/staff/matters/{number}")
        await tab_to(desk, "input[name=outcome]")
        await desk.keyboard.press("Space")
        await desk.keyboard.press("ArrowDown")
        await desk.keyboard.press("ArrowUp")
        await tab_to(desk, "#words")
        await desk.keyboard.type("键盘答复的")
        await tab_to(desk, "form[action$='/answer'] > button")
        await desk.keyboard.press("Enter")
        await expect(page.get_by_text("键盘答复的")).to_be_visible(timeout=PATIENCE)

        await page.bring_to_front()
        await tab_to(page, "form[action$='/closing'] button")
        await page.keyboard.press("Enter")
        await page.locator("input[name=rating]").first.wait_for()
        await tab_to(page, "input[name=rating]")
        await page.keyboard.press("Space")
        await page.keyboard.press("ArrowDown")
        await tab_to(page, "form[action$='/rating'] button")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("谢谢您的评价")).to_be_visible(timeout=PATIENCE)
    async with store.read() as session:
        of_matter = MatterRound.matter_id == number
        assert await session.scalar(select(MatterRound.rating).where(of_matter)) == 4
        outcomes = await session.scalars(
            select(MatterEntry.outcome).where(
                MatterEntry.matter_id == number, MatterEntry.outcome.is_not(None)
            )
        )
        assert list(outcomes) == [Outcome.DONE]


async def test_what_two_tabs_send_at_once_arrives_once(new_phone, own_server, store) -> None:
    async with new_phone(url=own_server.url) as phone:
        page = await phone.context.new_page()
        await page.goto(WRITE)
        await page.evaluate("navigator.serviceWorker.ready")
        await written(page, "两个页面一起发")
        await phone.context.set_offline(True)
        await page.get_by_role("button", name="发出").click()
        await expect(page.get_by_text("没有网络。已存在手机里")).to_be_visible(timeout=PATIENCE)
        await phone.context.set_offline(False)
        phone.complaints.clear()
        tabs = [await phone.context.new_page() for _ in range(2)]
        for tab in tabs:
            await tab.goto("/mine")
        for tab in [page, *tabs]:
            notice = tab.locator("[data-outbox-notice]")
            await expect(notice).not_to_contain_text("还没有发出", timeout=PATIENCE)
    async with store.read() as session:
        found = await session.scalars(select(Matter.id).where(Matter.subject == "两个页面一起发"))
        assert len(found.all()) == 1


async def test_what_is_refused_keeps_words_and_photographs(new_phone, own_server) -> None:
    async with new_phone(url=own_server.url) as phone:
        page = await phone.context.new_page()
        await page.goto(WRITE)
        await written(page, "楼下着火了")
        files = [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}]
        await page.get_by_label("照片").set_input_files(files)
        await page.get_by_role("button", name="发出").click()
        await expect(page.get_by_role("alert")).to_contain_text("119", timeout=PATIENCE)
        assert await page.get_by_label("什么事").input_value() == "楼下着火了"
        assert await page.evaluate("document.getElementById('photo').files.length") == 1
        # Chromium reports the refusal.
        phone.complaints.clear()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_read_and_press_a_conversation(
    new_phone, own_server, secretary, language
) -> None:
    found: list[str] = []

    async def look(page: Page) -> None:
        await unfolded(page)
        faults = await faults_for_everyone(page, language, (LOW, WIDE), axe_on=(WIDE,))
        found.extend(f"{page.url}: {fault}" for fault in faults)

    async with new_phone(LANGUAGES[language], url=own_server.url) as phone:
        page = await phone.context.new_page()
        await page.goto(f"{HOME}/promises")
        await look(page)
        await page.goto(WRITE)
        await look(page)
        await page.locator("#words").fill(LAMP)
        await page.locator(".foot .btn").click()
        await page.wait_for_url("**/matters/*")
        await look(page)
        desk = await desk_of(phone, secretary, own_server.url)
        await desk.goto("/staff/matters")
        await look(desk)
        await desk.locator("main .row").first.click()
        await desk.wait_for_url("**/staff/matters/*")
        await look(desk)
    assert not found, "\n".join(found)
