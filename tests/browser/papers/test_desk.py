"""The desk in a real browser: write, look, publish, bring back; by mouse, by thumb, by keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.eyes import LANGUAGES, LOW, WIDE, faults_for_everyone
from tests.world.phones import GUIDE, HOME, kept_at_once

if TYPE_CHECKING:
    from playwright.async_api import Page


ITEMS = "/staff/handbook"
DESK = f"{ITEMS}/gaoling-jintie"
HANDBOOK = f"{HOME}/handbook"
OFFICE = "/staff/c/liujiazhuang"


async def saved(page: Page) -> None:
    """Wait until what was typed is kept."""
    await expect(page.locator("[data-autosave]:not([data-unsaved])")).to_have_count(1)
    await expect(page.locator("#saved")).to_contain_text("草稿已存")


async def publish(page: Page, reason: str) -> None:
    """Review and publish."""
    await page.get_by_role("button", name="核对并发布").click()
    await page.get_by_label("为什么改").fill(reason)
    await page.get_by_role("button", name=re.compile("发布第")).click()
    await expect(page).to_have_url(re.compile("/versions$"))


async def test_from_a_desk_to_the_residents_pocket_and_back(desk_of, new_phone, own_server) -> None:
    async with (
        desk_of(own_server, "writer", viewport=WIDE) as office,
        new_phone(url=own_server.url) as resident,
    ):
        home = await resident.open(GUIDE)
        await kept_at_once(home)
        page = await office.open(DESK)
        await page.get_by_label("一句话说明").fill("桌上写的一句新说明。")
        await saved(page)
        # Beside the form stands what residents will see.
        beside = page.frame_locator("[data-preview]")
        await expect(beside.locator(".lead")).to_have_text("桌上写的一句新说明。")
        await publish(page, "说得更清楚")

        await home.goto(GUIDE)
        await expect(home.locator(".lead")).to_have_text("桌上写的一句新说明。")
        await kept_at_once(home)
        resident.expect("ERR_INTERNET_DISCONNECTED")
        await resident.context.set_offline(True)
        await home.goto(GUIDE)
        await expect(home.locator(".lead")).to_have_text("桌上写的一句新说明。")
        await resident.context.set_offline(False)

        await page.get_by_role("link", name=re.compile("初始内容")).click()
        await page.get_by_role("button", name="恢复第 1 版").click()
        await page.get_by_label("为什么改").fill("写错了")
        await page.get_by_role("button", name="发布第 3 版").click()
        await expect(page).to_have_url(re.compile("/versions$"))
        await home.goto(GUIDE)
        await expect(home.locator(".lead")).to_have_text("满 80 周岁的户籍老人，每月领取津贴。")


async def test_on_a_phone_a_step_is_added_moved_and_published(desk_of, own_server) -> None:
    async with desk_of(own_server, "thumb") as office:
        page = await office.open(f"{ITEMS}/laoren-butie")
        await page.get_by_role("button", name="+ 步骤").click()
        added = page.locator("[data-parts=steps] .part").last
        await expect(added.get_by_label("做什么")).to_be_focused()
        await added.get_by_label("做什么").fill("先打电话问一问。")
        await added.get_by_label("谁来做").fill("您")
        await added.get_by_label("要多久").fill("五分钟")
        while await added.evaluate("each => each.previousElementSibling !== null"):
            await added.get_by_role("button", name="上移").click()
            added = page.locator(".part", has=page.locator("[id='steps.n1.who']"))
        await saved(page)
        await publish(page, "加一步")
        await page.goto(f"{HANDBOOK}/laoren-butie")
        await expect(page.locator(".steps li").first).to_contain_text("先打电话问一问。")


async def test_by_keyboard_alone_a_document_is_moved_and_taken_away(desk_of, own_server) -> None:
    async with desk_of(own_server, "keys", viewport=WIDE) as office:
        page = await office.open(f"{ITEMS}/dibao-bianyuan")
        names = page.locator("[data-parts=documents] input[name$='.name']")
        before = [await each.input_value() for each in await names.all()]
        await page.locator("[id='down-documents.0']").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("[id='down-documents.0']")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(names.nth(2)).to_have_value(before[0])
        remove = page.locator("[id='documents.0'] [data-move=remove]")
        await remove.focus()
        await page.keyboard.press("Enter")
        await expect(names).to_have_count(len(before) - 1)
        await saved(page)
        # The button under the finger says what was removed, and puts it back where it stood.
        undo = page.get_by_role("button", name=re.compile(f"放回.*{before[0]}"))
        await expect(undo).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(names.nth(2)).to_have_value(before[0])
        await expect(remove).to_be_focused()
        await saved(page)
        await page.keyboard.press("Enter")
        await expect(undo).to_be_focused()
        # What was removed is no place to move to.
        await page.locator("[id='down-documents.2']").press("Enter")
        await expect(names.nth(1)).to_have_value(before[3])
        await page.locator("[id='up-documents.2']").press("Enter")
        await saved(page)
        await page.reload()
        left = [await each.input_value() for each in await names.all()]
        assert left == [*before[1:3], *before[3:]]
        await page.get_by_role("button", name="核对并发布").focus()
        await page.keyboard.press("Enter")
        await page.get_by_label("为什么改").focus()
        await page.keyboard.type("不再需要")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/versions$"))


async def test_a_long_form_is_gone_through_by_its_outline_and_keeps_its_place(
    desk_of, own_server
) -> None:
    async with desk_of(own_server, "outline", viewport=WIDE) as office:
        page = await office.open(f"{ITEMS}/dibao")
        outline = page.get_by_role("navigation", name="本表目录")
        headings = await page.locator(".paper-section > h2").all_text_contents()
        assert await outline.locator("details > ol > li > a").all_text_contents() == headings
        await outline.get_by_role("link", name="带什么").click()
        await outline.get_by_role("link", name="户口簿", exact=True).click()
        name = page.locator("[id='documents.1.name']")
        await expect(name).to_be_in_viewport()
        await expect(outline.locator("[aria-current]")).to_have_text("带什么")
        # A new name is in the outline, and Enter neither posts the form nor moves the page.
        await name.fill("全家的户口簿")
        before = await page.evaluate("scrollY")
        await name.press("Enter")
        await saved(page)
        await expect(name).to_be_focused()
        assert await page.evaluate("scrollY") == before > 0
        await name.blur()
        await expect(outline.get_by_role("link", name="全家的户口簿")).to_have_count(1)

        # On a phone it is a fold, which closes at each jump.
        await page.set_viewport_size(LOW)
        await page.reload()
        fold = outline.locator("details")
        await expect(fold).not_to_have_attribute("open", re.compile(".*"))
        await outline.get_by_text("本表目录").click()
        await outline.get_by_role("link", name=headings[-1]).click()
        await expect(fold).not_to_have_attribute("open", re.compile(".*"))
        await expect(page.get_by_role("heading", name=headings[-1])).to_be_in_viewport()
        for lang in LANGUAGES:
            assert await faults_for_everyone(page, lang, axe_on=(WIDE,)) == []


async def test_two_who_write_at_once_both_keep_their_words(desk_of, own_server) -> None:
    desk = f"{ITEMS}/shilao-gaizao"
    async with (
        desk_of(own_server, "first", viewport=WIDE) as one,
        desk_of(own_server, "second", viewport=WIDE) as other,
    ):
        first, second = await one.open(desk), await other.open(desk)
        await second.get_by_label("一句话说明").fill("第二个人的一句话。")
        await second.locator("#visits").fill("2")
        await saved(second)
        await first.get_by_label("谁能办").fill("第一个人改的对象。")
        await first.locator("#visits").fill("3")
        await publish(first, "改对象")
        await second.get_by_role("button", name="核对并发布").click()
        await expect(second.locator("#merged")).to_contain_text("到场次数")
        await second.get_by_role("button", name=re.compile("采用对方的")).click()
        await expect(second.locator("#visits")).to_have_value("3")
        await expect(second.get_by_label("谁能办")).to_have_value("第一个人改的对象。")
        await publish(second, "改说明")
        await second.goto(f"{HANDBOOK}/shilao-gaizao")
        await expect(second.locator(".lead")).to_have_text("第二个人的一句话。")
        await expect(second.locator(".brief")).to_contain_text("第一个人改的对象。")


async def test_what_two_change_in_a_list_stays_with_its_row(desk_of, own_server) -> None:
    desk = f"{ITEMS}/dibao"
    async with (
        desk_of(own_server, "mover", viewport=WIDE) as one,
        desk_of(own_server, "counter", viewport=WIDE) as other,
    ):
        first, second = await one.open(desk), await other.open(desk)
        rows = second.locator("[data-parts=documents] > ol > .part")
        count = await rows.count()
        names = [await each.locator("[id$='.name']").input_value() for each in await rows.all()]
        await rows.nth(0).get_by_label("份数").fill("5")
        await rows.nth(2).get_by_label("份数").fill("6")
        await saved(second)
        moved = first.locator("[data-parts=documents] > ol > .part")
        await moved.nth(1).get_by_role("button", name="上移").click()
        await moved.nth(2).get_by_label("份数").fill("8")
        await moved.nth(count - 1).get_by_role("button", name="删除").click()
        await publish(first, "换次序")

        await second.get_by_role("button", name="核对并发布").click()
        merged = second.locator("#merged")
        await expect(merged).to_contain_text(f"{names[2]} › 份数")
        await rows.nth(2).get_by_role("button", name="上移").click()
        await saved(second)
        await merged.get_by_role("button", name=re.compile("采用对方的")).click()
        await expect(merged).not_to_contain_text("份数")
        found = [
            (
                await each.locator("[id$='.name']").input_value(),
                await each.get_by_label("份数").input_value(),
            )
            for each in await rows.all()
        ]
        assert found[:3] == [(names[1], "1"), (names[2], "8"), (names[0], "5")]
        assert len(found) == count - 1
        await second.get_by_role("button", name="核对并发布").click()
        await expect(second.locator(".changes").first).to_contain_text(f"{names[0]} › 份数")
        await expect(second.locator("#taken-in")).to_contain_text("申请材料 › 顺序")
        await expect(second.locator("#taken-in")).to_contain_text(names[count - 1])
        for lang in LANGUAGES:
            assert await faults_for_everyone(second, lang, axe_on=(WIDE,)) == []


async def test_without_a_network_nothing_typed_is_lost(desk_of, own_server) -> None:
    async with desk_of(own_server, "cutoff") as office:
        office.expect("ERR_INTERNET_DISCONNECTED")
        page = await office.open(f"{OFFICE}/people")
        name = page.locator("[id='people.0.name']")
        await office.context.set_offline(True)
        await name.fill("断网时写的")
        await expect(page.locator("#saved")).to_contain_text("还没存上")
        await office.context.set_offline(False)
        await saved(page)
        await page.reload()
        await expect(name).to_have_value("断网时写的")


async def test_a_second_tab_of_one_person_overwrites_nothing(desk_of, own_server) -> None:
    async with desk_of(own_server, "two-tabs") as office:
        # The answer that shows both tabs' words.
        office.expect("status of 422")
        stale = await office.open(f"{OFFICE}/people")
        newer = await office.open(f"{OFFICE}/people")
        await newer.locator("[id='people.0.phone']").fill("0531-00007777")
        await saved(newer)
        await stale.locator("[id='people.1.phone']").fill("0531-00008888")
        await expect(stale.locator("#saved")).to_contain_text("已和您在另一个标签页写的合在一起")
        # Each save is put together, not only the first.
        await stale.locator("[id='people.1.phone']").fill("0531-00008889")
        await expect(stale.locator("form[data-unsaved]")).to_have_count(0)
        await stale.locator("[id='people.0.phone']").fill("0531-00009999")
        await expect(stale.locator("#saved")).to_contain_text(
            "还没保存：同一处您在另一个标签页也改了"
        )
        await stale.get_by_role("button", name="核对并发布").click()
        met = stale.locator("#two-tabs")
        await expect(met).to_contain_text("0531-00007777")
        for lang in LANGUAGES:
            assert await faults_for_everyone(stale, lang, axe_on=(WIDE,)) == []
        # The other tab's at this place; what only this tab changed stays.
        await met.get_by_role("button", name=re.compile("用另一个标签页的")).click()
        await saved(stale)
        await expect(met).to_have_count(0)
        await expect(stale.locator("[id='people.0.phone']")).to_have_value("0531-00007777")
        await expect(stale.locator("[id='people.1.phone']")).to_have_value("0531-00008889")

        # The other way: this tab's, also at the place where both meet.
        await newer.reload()
        await newer.locator("[id='people.0.phone']").fill("0531-00006666")
        await saved(newer)
        await stale.locator("[id='people.0.phone']").fill("0531-00005555")
        await expect(stale.locator("[data-not-kept]")).to_have_count(1)
        await stale.get_by_role("button", name="核对并发布").click()
        await met.get_by_role("button", name="用这个标签页的并保存").click()
        await saved(stale)
        await newer.reload()
        await expect(newer.locator("[id='people.0.phone']")).to_have_value("0531-00005555")


async def test_who_was_signed_out_is_told_and_loses_nothing(desk_of, own_server) -> None:
    async with desk_of(own_server, "expired") as office:
        page = await office.open(f"{OFFICE}/people")
        cookies = await office.context.cookies()
        await office.context.clear_cookies(name="staff")
        name = page.locator("[id='people.0.name']")
        await name.fill("登录过期时写的")
        await expect(page.locator("#saved")).to_contain_text("登录已失效")
        await office.context.add_cookies([each for each in cookies if each["name"] == "staff"])
        await name.press("End")
        await name.type("的")
        await saved(page)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_use_the_desk(desk_of, own_server, language) -> None:
    cookie = LANGUAGES[language]
    async with desk_of(own_server, language.lower(), preferences=cookie, viewport=LOW) as office:
        page = await office.open(f"{OFFICE}/handbook/dibao")
        await page.locator("#note").fill("先来坐坐。")
        await expect(page.locator("#saved")).to_contain_text(":")
        found = []
        for path in (
            "/staff",
            "/staff/handbook",
            f"{DESK}?check=1",
            OFFICE,
            f"{OFFICE}/hall",
            f"{OFFICE}/compounds",
            f"{OFFICE}/codes",
            "/staff/codes",
            "/staff/codes/sheets?place.liujiazhuang=1&on=sticker",
            "/staff/categories",
            f"{OFFICE}/handbook/dibao/publication",
            "/staff/holidays/2027",
            "/staff/handbook/spreadsheet",
            "/staff/communities/spreadsheet",
        ):
            await page.goto(path)
            faults = await faults_for_everyone(page, language, axe_on=(WIDE,))
            found += [f"{path} {each}" for each in faults]
        assert found == []


async def test_a_clerk_replaces_a_building_and_the_old_door_still_opens(
    desk_of, new_phone, own_server
) -> None:
    async with (
        desk_of(own_server, "places", viewport=LOW) as office,
        new_phone(url=own_server.url) as resident,
    ):
        desk = f"{OFFICE}/compounds"
        page = await office.open(desk)
        first = page.locator("[id='compounds.0']")
        await first.get_by_role("button", name="+ 楼栋").click()
        await first.locator(".part").last.get_by_label("名称").fill("6 号楼")
        await saved(page)
        await publish(page, "新楼交付")

        await page.goto(desk)
        await page.get_by_role("button", name="+ 停用的地方").click()
        row = page.locator("[data-parts=ended_places] .part").last
        await row.get_by_label("停用哪里").select_option(label="刘家庄新居 3 号楼")
        await row.get_by_label("旧码打开哪里").select_option(label="刘家庄新居 6 号楼")
        await row.get_by_label("停用日期").fill("2026-11-20")
        await row.get_by_label("原因").fill("拆除重建")
        await saved(page)
        assert await faults_for_everyone(page, "Chinese", axe_on=(LOW,)) == []
        await publish(page, "3 号楼拆了")

        home = await resident.open(f"{HOME}/b/3")
        await expect(home.locator(".door")).to_contain_text("这个码现在通向刘家庄新居 6 号楼")
        assert await faults_for_everyone(home, "Chinese", axe_on=(LOW,)) == []
        # A compound that was just added has a list of buildings of its own.
        await page.goto(desk)
        await page.get_by_role("button", name="+ 小区").click()
        new = page.locator("[data-parts=compounds] > ol > .part").last
        await new.get_by_role("button", name="+ 楼栋").click()
        await new.locator(".part").get_by_label("名称").fill("甲座")
        await expect(new.locator(".part input[name$='.name']")).to_have_attribute(
            "name", re.compile(r"^compounds\.n\d+\.buildings\.n\d+\.name$")
        )
