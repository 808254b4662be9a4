"""Cards: who is there, what for and when; a holder's own only with consent."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from domain.contacts import consents
from domain.contacts.tables import ConsentField, ContactPost
from domain.staff.actor import Actor
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.people import Cast, hire_cast
from tests.world.posts import CARD, POST, give_post
from web.contacts.cards import Usual, usual_words
from web.contacts.posts_paper import prefix_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.app import Browser

SHOWN = {
    ConsentField.NAME: "秦月梅",
    ConsentField.PHONE: "13800001234",
    ConsentField.EMAIL: "qin@example.cn",
}
HOUR = dt.timedelta(hours=1)


@pytest.fixture
async def cast(own: Browser) -> Cast:
    """Everybody. The clerk holds the post and agreed to show name, phone and e-mail."""
    found = await hire_cast(own.store, NOW)
    await give_post(own.store, "clerk", "editor")

    async def agree(session: AsyncSession) -> None:
        for field, value in SHOWN.items():
            await consents.give(session, Actor(found.clerk), field, value, NOW)
        photo = b"\xff\xd8\xff a photograph"
        await consents.give_photo(session, Actor(found.clerk), photo, NOW)

    await own.store.write(agree)
    return found


async def take_back(browser: Browser, who: int, *fields: ConsentField) -> None:
    """This person takes these consents back."""

    async def unit(session: AsyncSession) -> None:
        for field in fields:
            await consents.withdraw(session, Actor(who), who, field, NOW)

    await browser.store.write(unit)


async def end_post(browser: Browser) -> None:
    """The office ends the post."""

    async def unit(session: AsyncSession) -> None:
        post = update(ContactPost).where(ContactPost.slug == POST)
        await session.execute(post.values(ended_at=NOW))

    await browser.store.write(unit)


async def test_a_card_says_who_is_there_for_which_buildings_and_when(resident) -> None:
    page = (await resident.get(CARD)).text
    assert "<h1>新居 3\u00a0至 5\u00a0号楼<wbr>联系<wbr>党员</h1>" in page
    assert "水电、养老、邻里的事，先来问我。" in page
    assert "3 号楼、4 号楼、5 号楼" in page
    assert "看到就回。" in page
    assert "2 个工作日内答复" in page
    assert 'href="tel:0531-00002101"' in page
    assert f'href="{CARD}.vcf"' in page
    assert f'href="{CARD}/messages/new"' in page


@pytest.mark.parametrize(
    ("hour", "said"),
    [
        (7, ["现在不在", "今天 8:30 起有人"]),
        (9, ["值守中", "到 12:00"]),
        (12, ["现在不在", "今天 13:30 起有人"]),
        (21, ["现在不在", "11月24日星期二 8:30 起有人"]),
    ],
)
async def test_a_card_says_whether_its_post_is_on_duty_now(own, clock, hour, said) -> None:
    clock.now = dt.datetime(2026, 11, 23, hour, 0, tzinfo=NOW.tzinfo)
    page = (await own.get(CARD)).text
    for words in said:
        assert words in page


async def test_no_card_is_a_page_that_says_so(resident) -> None:
    for address in ("/cards/nothing", "/cards/nothing.vcf", "/cards/nothing.jpg"):
        assert (await resident.get(address)).status_code == 404


async def test_an_ended_card_says_what_to_do_instead(own, cast) -> None:
    await end_post(own)
    response = await own.get(CARD)
    assert response.status_code == 200
    assert 'href="/c/liujiazhuang/contacts"' in response.text
    assert 'href="tel:0531-00002100"' in response.text
    for value in SHOWN.values():
        assert value not in response.text
    assert (await own.get(f"{CARD}.vcf")).status_code == 404
    assert (await own.get(f"{CARD}.jpg")).status_code == 404


@both_databases
async def test_what_the_holder_agreed_to_is_shown_and_gone_once_it_is_taken_back(own, cast) -> None:
    page = (await own.get(CARD)).text
    assert all(value in page for value in SHOWN.values())
    assert f'src="{CARD}.jpg"' in page
    photo = await own.get(f"{CARD}.jpg")
    assert (photo.headers["content-type"], photo.headers["x-content-type-options"]) == (
        "image/jpeg",
        "nosniff",
    )
    await take_back(own, cast.clerk, *ConsentField)
    page = (await own.get(CARD)).text
    assert not any(value in page for value in SHOWN.values())
    assert f"{CARD}.jpg" not in page
    assert (await own.get(f"{CARD}.jpg")).status_code == 404
    file = (await own.get(f"{CARD}.vcf")).text
    assert not any(value in file for value in SHOWN.values())
    assert "FN:刘家庄社区 新居 3 至 5 号楼联系党员\r\n" in file


async def test_nothing_personal_may_be_kept_by_anything_on_the_way(own, cast) -> None:
    for address in (CARD, f"{CARD}.vcf", f"{CARD}.jpg"):
        assert "no-store" in (await own.get(address)).headers["cache-control"], address
    assert '<meta name="robots" content="noindex, noarchive">' in (await own.get(CARD)).text


async def test_no_page_that_a_phone_keeps_names_a_holder(own, cast) -> None:
    kept = (await own.get("/c/liujiazhuang/offline.json")).json()["pages"]
    assert "/c/liujiazhuang/contacts" in kept
    assert not [path for path in kept if path.startswith("/cards/")]
    sitemap = (await own.get("/sitemap.xml")).text
    index = (await own.get("/c/liujiazhuang/search.json")).text
    assert "/c/liujiazhuang/contacts" in sitemap
    assert "/cards/" not in sitemap
    for value in (*SHOWN.values(), "clerk（样例）"):
        assert value not in index
        assert not [path for path, page in kept.items() if value in page]


async def test_the_file_of_a_card_is_what_phones_of_both_kinds_read(own, cast) -> None:
    response = await own.get(f"{CARD}.vcf")
    assert response.headers["content-type"] == "text/vcard; charset=utf-8"
    assert (
        response.content
        == (
            "BEGIN:VCARD\r\n"
            "VERSION:3.0\r\n"
            "N:秦月梅;;;;\r\n"
            "FN:秦月梅\r\n"
            "ORG:刘家庄社区\r\n"
            "TITLE:新居 3 至 5 号楼联系党员\r\n"
            "TEL;TYPE=WORK,VOICE:0531-00002101\r\n"
            "TEL;TYPE=CELL,VOICE:13800001234\r\n"
            "EMAIL;TYPE=INTERNET:qin@example.cn\r\n"
            f"URL:http://lianxin.test{CARD}\r\n"
            "NOTE:水电、养老、邻里的事，先来问我。三号楼助餐点的事也归我。\r\n"
            "END:VCARD\r\n"
        ).encode()
    )


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        (0.2, Usual(hours=1)),
        (3, Usual(hours=3)),
        (3.1, Usual(hours=4)),
        (10, Usual(days=1)),
        (10.5, Usual(days=2)),
    ],
)
def test_the_usual_time_is_said_in_hours_and_beyond_a_day_in_days(hours, found) -> None:
    assert usual_words(hours * HOUR, 10 * HOUR) == found


def test_hours_that_never_open_on_working_days_make_no_day() -> None:
    assert usual_words(30 * HOUR, 0 * HOUR) == Usual(hours=30)


# The list of a community


async def test_the_list_names_every_post_and_the_ways_beside_them(resident) -> None:
    page = (await resident.get("/c/liujiazhuang/contacts")).text
    assert len(re.findall(r'href="/cards/liujiazhuang-[a-z0-9-]+"', page)) == 9
    assert 'href="mailto:liujiazhuang@example.cn"' in page
    assert "区便民热线" in page
    assert re.search(rf'id="{POST}"\s+data-buildings="3 4 5"', page)


async def test_a_community_without_posts_says_so_and_how_to_reach_it(resident) -> None:
    page = (await resident.get("/c/houhuangtun/contacts")).text
    assert "还没有设联系岗位" in page
    assert 'href="tel:' in page


async def test_home_and_people_lead_to_the_contacts(resident) -> None:
    for page in ("/c/liujiazhuang", "/c/liujiazhuang/people"):
        assert 'href="/c/liujiazhuang/contacts"' in (await resident.get(page)).text


async def test_search_finds_a_post_by_its_name(resident) -> None:
    page = (await resident.get("/c/liujiazhuang/search", params={"q": "和事老"})).text
    assert 'href="/c/liujiazhuang/contacts#liujiazhuang-heshilao"' in page


@pytest.mark.parametrize("slug", ["jian", "wuyingshan-zhonglu", "a" * 40, "a-" * 20 + "b"])
def test_the_address_of_a_post_begins_with_its_community(slug) -> None:
    prefix = prefix_of(slug)
    assert len(prefix) <= 20
    assert slug.startswith(prefix[:15])
    assert prefix_of(slug + "x") != prefix or len(slug) <= 20
