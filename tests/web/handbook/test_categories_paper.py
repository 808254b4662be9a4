"""服务类别 at the district's office: renamed, added, moved and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from domain.handbook.tables import Category, ServiceItem
from domain.places.tables import Counter
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.forms import posted
from tests.world.papers import form_of, publish_form, refusal, row
from tests.world.people import sign_in

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.app import Browser

DESK = "/staff/categories"
HOME = "/c/liujiazhuang"
MORE = {"letter": "M", "slug": "", "name": "文旅服务", "character": "游", "summary": "去哪玩。"}


async def empty(browser: Browser, letter: str) -> None:
    """Take a category's items and counters away."""

    async def unit(session: AsyncSession) -> None:
        ids = {each.letter: each.id for each in await session.scalars(select(Category))}
        here = ServiceItem.category_id == ids[letter]
        await session.execute(update(ServiceItem).where(here).values(category_id=ids["A"]))
        for counter in await session.scalars(select(Counter)):
            left = tuple(each for each in counter.categories if each != letter)
            counter.categories = left or ("A",)

    await browser.store.write(unit)


@both_databases
async def test_a_new_name_is_on_the_residents_pages(own, cast) -> None:
    await publish_form(own, DESK, await form_of(own, DESK) | {"categories.1.name": "老年服务"})
    for page in (HOME, f"{HOME}/handbook", f"{HOME}/handbook/categories/elderly"):
        assert "老年服务" in (await own.get(page)).text, page


async def test_a_new_category_can_be_served_and_is_shown_to_nobody_before(own, cast) -> None:
    page = await publish_form(own, DESK, await form_of(own, DESK) | row("categories.n1", **MORE))
    assert "“文旅服务”是新的。各大厅在窗口里加上它，才有窗口办。" in page
    assert "文旅服务" in (await own.get(f"{HOME}/handbook/categories/wen-lu-fu-wu")).text
    assert "M 文旅服务" in (await own.get("/staff/c/liujiazhuang/hall")).text


@both_databases
async def test_an_ended_category_leads_to_the_next(own, cast) -> None:
    await empty(own, "L")
    end = row("ended_categories.0", what="L", successor="J", day="2026-11-20", reason="合并")
    page = await publish_form(own, DESK, await form_of(own, DESK) | end)
    assert "“党群社团”停用。它的网址以后打开“法律调解”" in page
    assert "党群社团" not in (await own.get(HOME)).text
    slug = (await form_of(own, DESK))["categories.11.slug"][0]
    old = await own.get(f"{HOME}/handbook/categories/{slug}")
    assert old.status_code == 200
    assert "“党群社团”现在归到“法律调解”。" in old.text
    assert "现在归到" not in (await own.get(f"{HOME}/handbook/categories/law")).text
    codes = (await own.get("/staff/c/liujiazhuang/codes")).text
    assert "类别“法律调解”，并说明" in codes
    assert f"{HOME}/handbook/categories/{slug}" in codes
    assert "L 党群社团" not in (await own.get("/staff/c/liujiazhuang/hall")).text


async def test_what_holds_a_category_is_named(own, cast) -> None:
    end = row("ended_categories.0", what="L", successor="J", day="2026-11-20", reason="合并")
    page = await refusal(own, DESK, await form_of(own, DESK) | end)
    assert "里面还有事项：" in page
    assert 'value="合并"' in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (row("categories.n1", **{**MORE, "letter": "A"}), "还没用的字母：MNOPQRSTUVWXYZ"),
        (row("categories.n1", **{**MORE, "letter": "mm"}), "请填一个大写字母"),
        (row("categories.n1", **{**MORE, "character": "游玩"}), "请只填一个字"),
        (row("categories.n1", **{**MORE, "name": " "}), "请填写这一项"),
        (row("categories.n1", **{**MORE, "name": "养老服务"}), "有两个都叫“养老服务”"),
        ({"categories.0.letter": "Q"}, "它的字母是 A，不能改"),
        (row("ended_categories.0", what="L", day="2026-11-20", reason="合并"), "请填写这一项"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(own, cast, typed, said) -> None:
    page = await refusal(own, DESK, await form_of(own, DESK) | typed)
    assert said in page
    shown = [values[0] for values in posted(page, "paper").values()]
    assert all(value.strip() in shown for value in typed.values() if value.strip())


async def test_versions_and_the_preview_call_categories_by_their_names(own, cast) -> None:
    await empty(own, "L")
    end = row("ended_categories.0", what="L", successor="J", day="2026-11-20", reason="合并")
    await own.post(f"{DESK}/draft", data={**await form_of(own, DESK) | end, "do": "save"})
    assert "党群社团" not in (await own.get(f"{DESK}/preview")).text
    await publish_form(own, DESK, await form_of(own, DESK))
    for page in (f"{DESK}/versions/2", "/staff/log"):
        assert "J 法律调解" in (await own.get(page)).text, page


async def test_only_the_district_writes_categories(own, cast) -> None:
    assert f'href="{DESK}"' in (await own.get("/staff/handbook")).text
    await sign_in(own, cast.editor, NOW)
    assert (await own.get(DESK)).status_code == 404
