"""What residents read: lists, one disclosure, its revisions, its ledger as a file."""

from __future__ import annotations

import csv
import datetime as dt
import re
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from domain.disclosures import publishing, shown
from domain.disclosures.erasing import erase
from domain.disclosures.tables import DisclosureFile
from tests.world.disclosures import DRAFT

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure
    from domain.staff.actor import Actor
    from tests.world.app import Browser

HERE = "/c/liujiazhuang/disclosures"


def titles(page: str) -> list[str]:
    """What a list shows, in its order."""
    return re.findall(r'<span class="grow"><b>([^<]+)</b>', page.partition('id="newest"')[2])


async def test_the_newest_stand_first_and_lists_are_by_kind(resident: Browser) -> None:
    page = (await resident.get(HERE)).text
    assert titles(page)[0] == "10 月份社区工作经费收支"
    assert len(titles(page)) == 6
    assert len(titles((await resident.get(f"{HERE}/kinds/finance")).text)) == 2
    assert (await resident.get(f"{HERE}/kinds/secrets")).status_code == 404


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("q=楼道照明", 2),
        ("q=照明+重阳节", 1),
        ("q=ＬＥＤ", 0),
        ("q=%25", 6),
        ("q=_", 6),
        ("q=照明&kind=party", 0),
        ("year=2026", 6),
        ("year=1999", 0),
        ("year=999999999999999999999", 6),
        ("item=gongzuo-jingfei", 2),
        ("before=999999", 6),
        ("before=x", 6),
        ("q=" + "长" * 4000, 0),
    ],
)
async def test_search_finds_by_words_kind_year_and_item(resident, query, count) -> None:
    answer = await resident.get(f"{HERE}/search?{query}")
    assert answer.status_code == 200
    assert len(titles(answer.text)) == count


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("gongzuojingfei", "工作经费"),
        ("gzjf", "工作经费"),
        ("公作精费", "工作经费"),
        ("党费交了多少钱", "党费收缴"),
        ("我想看议政日的决议", "议政日决议"),
    ],
)
async def test_what_only_resembles_a_title_is_found_and_said_to(resident, typed, name) -> None:
    answer = await resident.get(f"{HERE}/search", params={"q": typed})
    assert name in titles(answer.text)[0]
    assert f"没有“{typed}”" in answer.text
    # Within what was chosen only.
    other = await resident.get(f"{HERE}/search", params={"q": typed, "year": "1999"})
    assert titles(other.text) == []


async def test_an_unknown_kind_in_a_search_is_not_found(resident) -> None:
    assert (await resident.get(f"{HERE}/search?kind=secrets")).status_code == 404


async def test_older_ones_follow_page_by_page_each_once(own, office) -> None:
    for n in range(50):
        await office.published(title=f"第 {n} 项")
        # Several of one moment too: the id decides.
        office.later(minutes=n % 2)
    address: str | None = HERE
    seen: list[str] = []
    while address:
        page = (await own.get(address)).text
        seen += titles(page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        address = found[1].replace("&amp;", "&") if found else None
    assert len(seen) == len(set(seen)) == 56


async def test_a_ledger_is_shown_with_the_totals_that_its_file_has(own, office) -> None:
    disclosure_id = await office.published()
    page = (await own.get(f"{HERE}/{disclosure_id}")).text
    assert "12,000.00" in page
    assert "4,500.00" in page
    assert "7,500.00" in page
    answer = await own.get(f"{HERE}/{disclosure_id}/ledger.csv")
    rows = list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[-1][:4] == ["", "合计", "12,000.00", "4,500.00"]
    assert len(rows) == 4


async def test_the_period_before_stands_beside_the_totals(resident) -> None:
    page = (await resident.get(HERE)).text
    newest = re.search(rf'href="({HERE}/\d+)"', page)
    assert newest
    detail = (await resident.get(newest[1])).text
    assert "−6 %" in detail
    assert "9 月份社区工作经费收支" in detail


async def test_what_others_must_not_see_is_not_found(own, office) -> None:
    draft, shown_here = await office.begun(), await office.published()
    for path in (f"{HERE}/{draft}", f"/c/yikang/disclosures/{shown_here}", f"{HERE}/999999"):
        for below in ("", "/revisions", "/revisions/1", "/ledger.csv"):
            assert (await own.get(path + below)).status_code == 404, path + below
    assert (await own.get(f"{HERE}/{shown_here}/revisions/2")).status_code == 404


async def test_a_subdistricts_disclosure_is_read_in_its_communities_only(own, office) -> None:
    disclosure_id = await office.published()

    async def of_the_subdistrict(_session: AsyncSession, _actor: Actor, made: Disclosure) -> None:
        made.community_id = None

    await office.do(disclosure_id, of_the_subdistrict)
    assert (await own.get(f"{HERE}/{disclosure_id}")).status_code == 200
    assert (await own.get(f"/c/jian/disclosures/{disclosure_id}")).status_code == 404


async def test_revisions_say_what_changed_and_can_be_read_as_they_were(own, office) -> None:
    disclosure_id = await office.published()
    ledger = [{**DRAFT["ledger"][0]}, {**DRAFT["ledger"][1], "fen": -540_000}]
    await office.corrected(disclosure_id, "照明维修少记 900 元", ledger=ledger)
    await office.all_steps(disclosure_id)
    await office.publishes(disclosure_id)
    page = (await own.get(f"{HERE}/{disclosure_id}/revisions")).text
    assert "照明维修少记 900 元" in page
    assert "-4,500.00</del>" in page
    assert "-5,400.00</ins>" in page
    assert "4,500.00" in (await own.get(f"{HERE}/{disclosure_id}/revisions/1")).text
    assert "4,500.00" not in (await own.get(f"{HERE}/{disclosure_id}")).text


async def test_text_never_becomes_markup(own, office) -> None:
    words = '<script>alert(1)</script><img src=x onerror=alert(1)> [a](javascript:alert(1)) "><b>'
    disclosure_id = await office.published(
        title=words[:80], summary=words, body=words, responsible=words[:80]
    )
    for below in ("", "/revisions"):
        page = (await own.get(f"{HERE}/{disclosure_id}{below}")).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page


async def test_files_are_downloads_that_no_browser_opens_as_a_page(own, office) -> None:
    token = "t" * 24
    disclosure_id = await office.published(files=[{"token": token, "name": "决算.pdf"}])

    async def upload(session: AsyncSession, _actor: Actor, made: Disclosure) -> None:
        kept = DisclosureFile(
            disclosure_id=made.id, token=token, name="决算.pdf", media_type="application/pdf",
            size=4, sha256="0" * 64, data=b"%PDF",
        )  # fmt: skip
        session.add(kept)

    await office.do(disclosure_id, upload)
    answer = await own.get(f"{HERE}/{disclosure_id}/files/{token}")
    assert answer.content == b"%PDF"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-disposition"].startswith("attachment")
    assert (await own.get(f"{HERE}/{disclosure_id}/files/{'u' * 24}")).status_code == 404


async def test_what_was_erased_is_found_nowhere(own, office) -> None:
    secret, token = "370102199001011234", "t" * 24
    disclosure_id = await office.published(
        title=f"名单 {secret}", summary=secret, body=secret, files=[{"token": token, "name": "a.pdf"}],
        ledger=[{**DRAFT["ledger"][0], "purpose": secret}],
    )  # fmt: skip
    addresses = [
        HERE, f"{HERE}/{disclosure_id}", f"{HERE}/{disclosure_id}/revisions",
        f"{HERE}/{disclosure_id}/revisions/1", f"{HERE}/{disclosure_id}/ledger.csv",
        f"{HERE}/search?q={secret}", f"/c/liujiazhuang/search?q={secret}",
        f"{HERE}/{disclosure_id}/files/{token}", "/c/liujiazhuang/offline.json",
    ]  # fmt: skip
    before = [(await own.get(address)).text.count(secret) for address in addresses]
    assert before[1]

    async def deed(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
        keep = dt.timedelta(days=30)
        await erase(session, actor, made, [1], "登了身份证号", office.now, keep)

    await office.do(disclosure_id, deed)
    other = "370102199001019999"
    for address in addresses:
        text = (await own.get(address)).text
        # A search repeats what was typed, and says no more of it than of anything else.
        same = (await own.get(address.replace(secret, other))).text if "q=" in address else ""
        assert secret not in text or text.replace(secret, other) == same, address
    page = (await own.get(f"{HERE}/{disclosure_id}/revisions")).text
    assert "登了身份证号" in page
    assert (
        f"{HERE}/{disclosure_id}" in (await own.get("/c/liujiazhuang/offline.json")).json()["gone"]
    )


async def test_a_withdrawn_one_says_so_and_is_dropped_by_phones(own, office) -> None:
    disclosure_id = await office.published()

    async def deed(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
        await publishing.withdraw(session, actor, made, "金额有误", office.now)

    await office.do(disclosure_id, deed)
    page = (await own.get(f"{HERE}/{disclosure_id}")).text
    assert "金额有误" in page
    assert "照明维修" not in page
    async with own.store.read() as session:
        assert disclosure_id in await shown.gone(session, office.community)
