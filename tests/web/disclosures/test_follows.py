"""Following over the wire: what a community publishes, until the person stops."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from domain.keys import key_hash
from push import follows, recipients
from push.follows import MOST_OF_ONE, Topic
from tests.world.databases import both_databases
from web.disclosures.telling import tell

if TYPE_CHECKING:
    import httpx
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.app import Browser

HERE = "/c/liujiazhuang/disclosures"
FOLLOWS = f"{HERE}/follows"
SETTINGS = "/mine/notifications"


async def press(browser: Browser, ending: str = "", **topic: str) -> httpx.Response:
    """Press a button of the page, as its form does."""
    page = (await browser.get(FOLLOWS)).text
    key = re.search(r'name="request" value="([^"]+)"', page)
    data = {"kind": "", "item": "", **topic, **({"request": key[1]} if key else {})}
    return await browser.post(f"{FOLLOWS}{ending}", data=data)


async def inbox(browser: Browser) -> str:
    await tell(browser.services)
    return (await browser.get("/mine/inbox")).text


@both_databases
async def test_a_phone_follows_is_told_once_and_stops(own, office) -> None:
    assert f'href="{FOLLOWS}"' in (await own.get(HERE)).text
    assert (await press(own)).status_code == 303
    assert (await press(own, kind="finance")).status_code == 303
    assert (await own.get(FOLLOWS)).text.count("/follows/ending") == 2
    office.later(minutes=1)
    disclosure_id = await office.published(title="灯的账")
    page = await inbox(own)
    assert page.count("您关注的社区有新公开") == 1
    # The page may say what a notification does not.
    assert "《灯的账》" in page
    [message] = re.findall(r'action="(/inbox/\d+/reading)"', page) or [""]
    if message:
        opened = await own.post(message)
        assert opened.headers["location"] == f"{HERE}/{disclosure_id}"
    assert (await press(own, "/ending")).status_code == 303
    assert (await press(own, "/ending", kind="finance")).status_code == 303
    office.later(minutes=1)
    await office.published(title="另一笔")
    assert "另一笔" not in await inbox(own)


async def test_an_item_is_followed_from_its_disclosure_under_its_last_title(own, office) -> None:
    disclosure_id = await office.published(item="weixiu", title="维修的账")
    page = (await own.get(f"{HERE}/{disclosure_id}")).text
    assert f'href="{FOLLOWS}?item=weixiu"' in page
    assert "像“维修的账”这样的公开" in (await own.get(f"{FOLLOWS}?item=weixiu")).text
    assert (await press(own, item="weixiu")).status_code == 303
    listed = (await own.get(SETTINGS)).text
    assert "像“维修的账”这样的公开" in listed
    [ending] = re.findall(rf'action="({SETTINGS}/follows/\d+/ending)"', listed)
    assert (await own.post(ending)).status_code == 303
    assert "维修的账" not in (await own.get(SETTINGS)).text


async def test_titles_in_notifications_are_a_choice_that_is_off_at_first(own, office) -> None:
    await press(own)
    form = {"subject": ["tickets", "disclosures"], "ahead": "3", "from": "", "to": ""}
    assert 'name="titles">' in (await own.get(SETTINGS)).text
    assert (await own.post(SETTINGS, data={**form, "titles": "on"})).status_code == 303
    assert 'name="titles" checked>' in (await own.get(SETTINGS)).text
    assert (await own.post(SETTINGS, data=form)).status_code == 303
    assert 'name="titles">' in (await own.get(SETTINGS)).text


@pytest.mark.parametrize(
    ("topic", "status"),
    [({"kind": "secrets"}, 303), ({"item": "x" * 400}, 404), ({"item": "\x00"}, 303)],
)
async def test_what_names_nothing_breaks_nothing(own, office, topic, status) -> None:
    assert (await press(own, **topic)).status_code == status
    assert (await own.get(FOLLOWS)).status_code == 200
    assert (await own.get(SETTINGS)).status_code == 200


async def test_a_phone_follows_so_much_and_no_more(own, office) -> None:
    assert (await press(own)).status_code == 303
    who = recipients.device(key_hash(own.cookies["device-key"]))

    async def many(session: AsyncSession) -> None:
        for n in range(1, MOST_OF_ONE):
            topic = Topic(office.community.id, item=f"item-{n}")
            await follows.follow(session, who, topic, office.now)

    await own.store.write(many)
    refused = await press(own, kind="party")
    assert refused.status_code == 429
    assert "已经到上限" in refused.text


async def test_an_erased_title_is_gone_from_the_inbox(own, office) -> None:
    await press(own)
    office.later(minutes=1)
    disclosure_id = await office.published(title="名单 370102199001011234")
    assert "370102199001011234" in await inbox(own)
    await office.erases(disclosure_id)
    assert "370102199001011234" not in await inbox(own)
