"""Feeds, as judges read them: feedparser for Atom, and the rules of JSON Feed 1.1."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import feedparser
import pytest

from domain.disclosures import publishing
from domain.disclosures.changes import MOST
from domain.disclosures.erasing import erase
from web.disclosures.feed_formats import plain

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure
    from domain.staff.actor import Actor
    from tests.world.app import Browser

HERE = "/c/liujiazhuang/disclosures"
URN = re.compile(r"urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = (
    "]]></title><script>alert(1)</script>",
    "A & B < C > D \"E\" 'F'",
    "\u202e反过来\u202c 的\u200f字",
    "👩🏽‍🔧 修灯 𠮷",
    "{{ 7 * 7 }} %s %(a)s",
)


async def atom(browser: Browser, address: str = f"{HERE}/feed.atom") -> Any:
    """The feed as feedparser reads it; it must have no complaint."""
    answer = await browser.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = ET.fromstring(answer.content)  # noqa: S314 - our own
    ids = [each.text for each in root.iter(f"{ATOM}id")]
    assert all(URN.fullmatch(each or "") for each in ids)
    assert len(set(ids)) == len(ids)
    for name in ("updated", "published"):
        assert all(RFC_3339.fullmatch(each.text or "") for each in root.iter(f"{ATOM}{name}"))
    for entry in root.iter(f"{ATOM}entry"):
        assert [entry.find(f"{ATOM}{name}") is not None for name in ("title", "updated", "link")]
    found = feedparser.parse(answer.content)
    assert not found.bozo, found.bozo_exception
    assert len(found.entries) <= MOST
    return found


async def json_feed(browser: Browser, address: str = f"{HERE}/feed.json") -> dict[str, Any]:
    """The feed as JSON, held to version 1.1."""
    answer = await browser.get(address)
    assert answer.headers["content-type"].startswith("application/feed+json")
    found: dict[str, Any] = answer.json()
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert found["title"]
    assert found["feed_url"].endswith(address)
    assert found["authors"][0]["name"]
    for item in found["items"]:
        assert URN.fullmatch(item["id"])
        assert item["url"].startswith("http")
        assert item["content_text"]
        assert RFC_3339.fullmatch(item["date_published"])
        assert RFC_3339.fullmatch(item["date_modified"])
        known = {"id", "url", "title", "content_text", "date_published", "date_modified", "tags"}
        assert item.keys() <= known
    return found


async def test_a_community_a_kind_and_an_item_have_feeds_with_the_same_entries(resident) -> None:
    whole = await atom(resident)
    assert len(whole.entries) == 6
    assert whole.feed.title == "刘家庄社区 公开"
    same = await json_feed(resident)
    assert [each["id"] for each in same["items"]] == [each.id for each in whole.entries]
    for below, count in (("kinds/finance", 2), ("items/gongzuo-jingfei", 2)):
        part = await atom(resident, f"{HERE}/{below}/feed.atom")
        assert len(part.entries) == count
        assert part.feed.id != whole.feed.id
        assert {each.id for each in part.entries} <= {each.id for each in whole.entries}
        assert len((await json_feed(resident, f"{HERE}/{below}/feed.json"))["items"]) == count
    for wrong in ("kinds/secrets", "items/none", "items/%22%3E"):
        for end in ("atom", "json"):
            assert (await resident.get(f"{HERE}/{wrong}/feed.{end}")).status_code == 404


async def test_a_feed_is_found_from_its_list_and_its_links_lead_back(resident) -> None:
    for page, feed in ((HERE, HERE), (f"{HERE}/kinds/party", f"{HERE}/kinds/party")):
        head = (await resident.get(page)).text.partition("<body")[0]
        assert f'type="application/atom+xml" title="Atom" href="{feed}/feed.atom"' in head
        assert f'type="application/feed+json" title="JSON Feed" href="{feed}/feed.json"' in head
    for entry in (await atom(resident)).entries:
        path = entry.link.partition("//")[2].partition("/")[2]
        assert (await resident.get(f"/{path}")).status_code == 200


async def test_what_did_not_change_is_not_sent_again(resident) -> None:
    first = await resident.get(f"{HERE}/feed.atom")
    again = await resident.get(
        f"{HERE}/feed.atom", headers={"if-none-match": first.headers["etag"]}
    )
    assert again.status_code == 304
    assert again.content == b""


async def test_only_a_change_of_meaning_moves_an_entry(own, office) -> None:
    disclosure_id = await office.published()
    before = (await atom(own)).entries[0]
    assert before.published == before.updated

    async def corrected(**how: bool) -> Any:
        office.later(hours=1)
        await office.corrected(disclosure_id, "更正", summary=f"{office.now}")
        await office.all_steps(disclosure_id)
        await office.publishes(disclosure_id, **how)
        return (await atom(own)).entries[0]

    spelling = await corrected(changes_meaning=False)
    assert (spelling.id, spelling.updated) == (before.id, before.updated)
    meaning = await corrected(changes_meaning=True)
    assert (meaning.id, meaning.published) == (before.id, before.published)
    assert meaning.updated > before.updated


async def test_withdrawn_says_so_and_erased_has_no_words_left(own, office) -> None:
    withdrawn, erased = await office.published(title="撤回的"), await office.published(title="删的")
    [uid] = {each.id for each in (await atom(own)).entries if each.title == "删的"}

    async def withdraw(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
        await publishing.withdraw(session, actor, made, "金额有误", office.now)

    async def wipe(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
        keep = dt.timedelta(days=30)
        await erase(session, actor, made, [1], "登了身份证号", office.now, keep)

    office.later(hours=1)
    await office.do(withdrawn, withdraw)
    await office.do(erased, wipe)
    entries = {each.id: each for each in (await atom(own)).entries}
    assert entries[uid].title == ""
    assert entries[uid].summary == "内容已删除。"
    [gone] = [each for each in entries.values() if each.title == "撤回的"]
    assert "已撤回" in gone.summary
    assert "金额有误" in gone.summary
    assert "照明" not in (await own.get(f"{HERE}/feed.atom")).text.partition("撤回的")[0]
    [item] = [each for each in (await json_feed(own))["items"] if each["id"] == uid]
    assert "title" not in item


@pytest.mark.parametrize("title", HOSTILE)
async def test_hostile_titles_stay_words(own, office, title) -> None:
    await office.published(title=title, summary=title)
    entry = (await atom(own)).entries[0]
    item = (await json_feed(own))["items"][0]
    assert item["title"] == item["content_text"] == plain(title)
    assert re.sub(r"\s", "", entry.title_detail.value)
    root = ET.fromstring((await own.get(f"{HERE}/feed.atom")).content)  # noqa: S314 - our own
    assert root.find(f"{ATOM}entry/{ATOM}title").text == plain(title)  # type: ignore[union-attr]
    assert "\u202e" not in item["title"]


def test_control_characters_are_left_out() -> None:
    assert plain("a\x0bb\x00c\ud800d\ufffe\x1b[0m\x85e\tf") == "abcd[0me\tf"


async def test_what_is_for_some_shows_its_title_and_where_to_look(own, office) -> None:
    await office.published(audience="some", where_to_see="大厅公告栏", summary="低保名单：王")
    entry = (await atom(own)).entries[0]
    assert "王" not in entry.summary
    assert "打开页面" in entry.summary


async def test_a_feed_holds_fifty_entries(own, office) -> None:
    for n in range(MOST):
        await office.published(title=f"第 {n} 项")
        office.later(minutes=1)
    assert [each.title for each in (await atom(own)).entries][:2] == ["第 49 项", "第 48 项"]
    assert len((await json_feed(own))["items"]) == MOST
