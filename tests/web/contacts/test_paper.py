"""Cards and sheets on paper: nothing private, and only what changed since it was printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import update

from domain.contacts import consents
from domain.contacts.tables import ConsentField, ContactPost
from domain.revision import touch_content
from domain.staff.actor import Actor
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.people import sign_in
from tests.world.posts import CARD, POST, give_post

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.app import Browser

PAGE = "/staff/c/liujiazhuang/cards"
POSTS, BUILDINGS = 9, 10


def marks(page: str) -> list[str]:
    """What the page says it holds: subjects with their fingerprints."""
    return re.findall(r'name="printed" value="([^"]+)"', page)


def subjects(page: str) -> list[str]:
    """The cards and sheets on the page."""
    return [mark.partition(" ")[0] for mark in marks(page)]


async def change(browser: Browser, **columns: str) -> None:
    """The office changes the post."""

    async def unit(session: AsyncSession) -> None:
        post = update(ContactPost).where(ContactPost.slug == POST)
        await session.execute(post.values(**columns))
        await touch_content(session)

    await browser.store.write(unit)


async def print_all(browser: Browser) -> None:
    """Print what is shown and say so."""
    page = (await browser.get(PAGE)).text
    await browser.post(f"{PAGE}/prints", data={"printed": marks(page)})


async def test_everything_is_shown_before_anything_was_printed(own, editing_cast) -> None:
    page = (await own.get(PAGE)).text
    assert page.count('class="paper-card"') == POSTS
    assert page.count('<section class="stair"') == BUILDINGS
    assert len(subjects(page)) == POSTS + BUILDINGS


@both_databases
async def test_after_printing_only_what_changed_is_shown(own, editing_cast) -> None:
    await print_all(own)
    page = (await own.get(PAGE)).text
    assert subjects(page) == []
    assert "没有变化" in page
    await change(own, phone="0531-00002199")
    assert subjects((await own.get(PAGE)).text) == [
        f"posts/{POST}",
        "buildings/3",
        "buildings/4",
        "buildings/5",
    ]
    assert len(subjects((await own.get(f"{PAGE}?all")).text)) == POSTS + BUILDINGS
    await print_all(own)
    assert subjects((await own.get(PAGE)).text) == []


async def test_a_change_while_the_page_was_open_is_not_taken_for_printed(own, editing_cast) -> None:
    page = (await own.get(PAGE)).text
    await change(own, name="三号楼的老秦")
    await own.post(f"{PAGE}/prints", data={"printed": marks(page)})
    assert f"posts/{POST}" in subjects((await own.get(PAGE)).text)


async def test_a_new_holder_asks_for_no_new_paper(own, editing_cast) -> None:
    await print_all(own)
    await give_post(own.store, "clerk", "editor")
    assert subjects((await own.get(PAGE)).text) == []


async def test_paper_never_shows_what_its_holder_can_take_back(own, editing_cast) -> None:
    await give_post(own.store, "clerk")

    async def agree(session: AsyncSession) -> None:
        for field, value in (
            (ConsentField.NAME, "秦月梅"),
            (ConsentField.PHONE, "13800001234"),
            (ConsentField.EMAIL, "qin@example.cn"),
        ):
            await consents.give(session, Actor(editing_cast.clerk), field, value, NOW)

    await own.store.write(agree)
    page = (await own.get(PAGE)).text
    for words in ("秦月梅", "13800001234", "qin@example.cn", "clerk（样例）"):
        assert words not in page
    assert "0531-0000\u00a02101" in page
    assert f'src="/code.svg?to={CARD}"' in page


async def test_what_nobody_holds_and_what_nobody_covers_is_named(own, editing_cast) -> None:
    page = (await own.get(PAGE)).text
    assert "没有人的岗位" in page
    assert "没有联系人的楼" not in page

    async def end(session: AsyncSession) -> None:
        post = update(ContactPost).where(ContactPost.slug == POST)
        await session.execute(post.values(ended_at=NOW))
        await touch_content(session)

    await own.store.write(end)
    assert "3 号楼、4 号楼、5 号楼" in (await own.get(PAGE)).text


async def test_made_up_names_of_cards_are_not_remembered(own, editing_cast) -> None:
    sent = ["posts/nothing x", "buildings/3 " + "x" * 500, "", "posts"]
    response = await own.post(f"{PAGE}/prints", data={"printed": sent})
    assert response.status_code == 303
    assert "buildings/3" in subjects((await own.get(PAGE)).text)


async def test_a_community_without_posts_is_invited_to_write_them(own, editing_cast) -> None:
    await sign_in(own, editing_cast.admin, NOW)
    page = (await own.get("/staff/c/houhuangtun/cards")).text
    assert 'href="/staff/c/houhuangtun/posts"' in page
    assert "还没有岗位" in page
