"""What is owed, at the office: the list, the card, the reports and the archive."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from domain.disclosures.catalogue import Carrier
from domain.disclosures.content import DisclosureKind
from domain.disclosures.tables import (
    AffairsDay,
    AffairsDayKind,
    BoardPosting,
    CarrierNote,
    Disclosure,
    DisclosureRevision,
)
from domain.places.tables import Community
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.clock import NOW
from tests.world.district import places
from tests.world.people import arrived
from web.disclosures import archive, reports
from web.disclosures.reminders import remind_all

if TYPE_CHECKING:
    from tests.world.app import Browser
    from tests.world.people import Person

HERE = "/staff/c/liujiazhuang/disclosures"
REPORT = "/staff/subdistricts/dikoulu/disclosures/report"


@pytest.fixture
async def editor(own: Browser) -> Person:
    """The editor of 刘家庄."""
    found = await places(own.store)
    grant = Grant(Role.EDITOR, community_id=found.community["liujiazhuang"])
    person = await arrived(own.store, "writer", grant)
    own.headers.update(person.headers)
    return person


@pytest.fixture
async def above(own: Browser) -> Person:
    """The editor of the subdistrict."""
    found = await places(own.store)
    person = await arrived(
        own.store, "above", Grant(Role.EDITOR, subdistrict_id=found.subdistrict["dikoulu"])
    )
    own.headers.update(person.headers)
    return person


async def test_the_soonest_is_first_and_one_press_begins_it(own, editor) -> None:
    page = (await own.get(f"{HERE}/owed")).text
    assert page.index("集体收支") < page.index("惠民资金和项目") < page.index("2026年12月")
    begins = f"{HERE}/new?kind=finance&amp;item=jiti-caiwu&amp;period=2026-10"
    assert f'href="{begins}"' in page
    assert f'href="{HERE}/new?kind=party&amp;item=fazhan-dangyuan"' in page
    # What the subdistrict owes is not theirs.
    assert "xinxi-niandu-baogao" not in page


async def test_the_card_says_how_much_and_by_when_the_first(own, editor) -> None:
    page = (await own.get("/staff")).text
    assert "有 1 项公开逾期" in page
    assert "2 项快到期" in page
    assert f'href="{HERE}/owed"' in page


async def test_people_of_the_whole_district_get_no_card_of_a_hundred_communities(
    own, admin
) -> None:
    own.headers.update(admin.headers)
    assert "项公开逾期" not in (await own.get("/staff")).text


async def test_reminders_are_written_once_however_often_it_looks(own, editor) -> None:
    assert await remind_all(own.services) > 0
    assert await remind_all(own.services) == 0
    inbox = (await own.get("/staff")).text
    assert "有公开事项已经逾期" in inbox


# Reports


async def _filled(own: Browser, editor: Person) -> None:
    """Two postings and three days, of which one was held in October."""

    async def fills(session: Any) -> None:
        first = await session.scalar(
            select(Disclosure.id).where(Disclosure.item == "gongzuo-jingfei").limit(1)
        )
        at = NOW.replace(month=10)
        here = await session.scalar(select(Community.id).where(Community.slug == "liujiazhuang"))
        for place in ("一楼", "二楼"):
            session.add(
                BoardPosting(
                    form_key=place,
                    disclosure_id=first,
                    community_id=here,
                    number=1,
                    place=place,
                    since=at.date(),
                    until=at.date(),
                    posted_by=editor.id,
                    noted_at=at,
                )
            )
        for day in (at.date(), NOW.date()):
            session.add(
                CarrierNote(
                    disclosure_id=first,
                    community_id=here,
                    carrier=Carrier.GROUP,
                    day=day,
                    noted_by=editor.id,
                    noted_at=NOW,
                )
            )
        for uid, begins, cancelled in (
            ("held", at, None),
            ("cancelled", at, at),
            ("to-come", NOW.replace(day=27), None),
        ):
            session.add(
                AffairsDay(
                    uid=uid,
                    community_id=here,
                    kind=AffairsDayKind.INQUIRY,
                    title="质询日",
                    begins_at=begins,
                    ends_at=begins.replace(hour=20),
                    place="大厅",
                    changed_at=at,
                    cancelled_at=cancelled,
                    members_assessed=5,
                )
            )

    await own.store.write(fills)


async def _table(own: Browser, period: str) -> list[dict[str, str]]:
    answer = await own.get(f"{REPORT}.csv?period={period}")
    return list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))


async def test_the_report_counts_as_an_independent_count_does(own, above) -> None:
    await _filled(own, above)
    async with own.store.read() as session:
        rows = list(await session.scalars(select(Disclosure)))
        names = dict((await session.execute(select(Community.id, Community.name))).all())
    for period, first, last in (
        ("2026-10", "2026-10-01", "2026-10-31"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("2026", "2026-01-01", "2026-12-31"),
    ):
        table = await _table(own, period)
        for line in table[:-1]:
            for kind, column in zip(DisclosureKind, ("党务", "居务", "财务"), strict=True):
                independent = [
                    row
                    for row in rows
                    if names.get(row.community_id) == line["社区"]
                    and row.kind is kind
                    and row.published_at is not None
                    and first <= str(row.published_at.astimezone(NOW.tzinfo).date()) <= last
                ]
                assert int(line[f"{column}（网页）"]) == len(independent), (period, line)
        assert table[-1]["社区"] == reports.ALL
        for column in reports.COLUMNS[1:]:
            assert int(table[-1][column]) == sum(int(line[column]) for line in table[:-1])


async def test_days_and_postings_of_the_period_are_in_it(own, above) -> None:
    await _filled(own, above)
    [line] = [row for row in await _table(own, "2026-10") if row["社区"] == "刘家庄社区"]
    # Hung twice, and one disclosure.
    assert (line["财务（网页）"], line["财务（公开栏）"], line["质询日"]) == ("1", "1", "1")
    # Sent twice, and one disclosure. Of three days one was held.
    assert (line["财务（居民群）"], line["财务（会议）"], line["评议成员"]) == ("1", "0", "5")
    assert line["应公开"] == "1"
    assert (line["按期"], line["逾期未公开"]) == ("1", "0")
    page = await own.get(f"{REPORT}?period=2026-10")
    assert "堤口路街道" in page.text
    assert page.text.count("刘家庄社区") >= 1


async def test_a_community_s_editor_sees_their_own_line_and_no_other(own, editor) -> None:
    assert [row["社区"] for row in await _table(own, "2026-10")] == ["刘家庄社区", "合计"]
    assert (await own.get(REPORT.replace("dikoulu", "wuyingshan"))).status_code == 404


@pytest.mark.parametrize("period", ["", "2026-13", "x" * 500, "0000", "9999-12"])
async def test_a_period_that_is_none_is_answered(own, above, period) -> None:
    assert (await own.get(REPORT, params={"period": period})).status_code == 200


async def test_the_yearly_page_is_filled_from_what_is_there(own, above) -> None:
    await _filled(own, above)
    page = (await own.get("/c/liujiazhuang/disclosures/years/2026")).text
    async with own.store.read() as session:
        own_rows = list(
            await session.scalars(
                select(Disclosure)
                .join(Community, Community.id == Disclosure.community_id)
                .where(Community.slug == "liujiazhuang")
            )
        )
    finance = [row for row in own_rows if row.kind is DisclosureKind.FINANCE]
    assert f"<dt>财务</dt><dd>{len(finance)}</dd>" in page.replace(" ", "").replace("\n", "")
    for year in (2019, 2027, 99999):
        assert (await own.get(f"/c/liujiazhuang/disclosures/years/{year}")).status_code == 404


# The archive


async def test_the_archive_holds_every_revision_and_its_hashes_are_right(own, editor) -> None:
    answer = await own.get(f"{HERE}/archives/2026.zip")
    assert answer.headers["content-type"] == "application/zip"
    packed = zipfile.ZipFile(BytesIO(answer.content))
    assert packed.testzip() is None
    listed = list(csv.DictReader(StringIO(packed.read(archive.LIST).decode("utf-8-sig"))))
    assert {row["文件"] for row in listed} == set(packed.namelist()) - {archive.LIST}
    for row in listed:
        data = packed.read(row["文件"])
        assert hashlib.sha256(data).hexdigest() == row["SHA-256"]
        assert len(data) == int(row["字节"])
    async with own.store.read() as session:
        revisions = list(
            await session.scalars(
                select(DisclosureRevision).where(DisclosureRevision.chain == "c/liujiazhuang")
            )
        )
    kept = [json.loads(packed.read(row["文件"])) for row in listed if row["文件"].endswith(".json")]
    assert {each["hash"] for each in kept} == {each.hash for each in revisions}
    # The rows with persons end; an archive must not keep them.
    assert all("persons" not in (each["document"] or {}) for each in kept)
    assert "王*国" not in answer.content.decode("latin-1")


async def test_an_archive_that_is_too_large_is_refused(own, editor, monkeypatch) -> None:
    monkeypatch.setattr(archive, "MOST_DISCLOSURES", 2)
    assert (await own.get(f"{HERE}/archives/2026.zip")).status_code == 413


async def test_a_year_without_anything_is_an_archive_with_an_empty_list(own, editor) -> None:
    answer = await own.get(f"{HERE}/archives/2025.zip")
    packed = zipfile.ZipFile(BytesIO(answer.content))
    assert packed.namelist() == [archive.LIST]
    assert (await own.get(f"{HERE}/archives/2030.zip")).status_code == 404


async def test_the_archive_comes_in_parts(own, editor, monkeypatch) -> None:
    monkeypatch.setattr(archive, "BATCH", 2)
    answer = await own.get(f"{HERE}/archives/2026.zip")
    assert zipfile.ZipFile(BytesIO(answer.content)).testzip() is None


# The catalogues


async def test_the_district_s_catalogues_are_listed_and_written(own, admin) -> None:
    own.headers.update(admin.headers)
    page = (await own.get("/staff/disclosures/catalogues")).text
    assert "14 项事项" in page
    desk = await own.get("/staff/catalogue/former-village")
    assert "村改居" in desk.text
    assert 'href="/staff/disclosures/catalogues"' in desk.text
    assert "集体收支" in (await own.get("/staff/catalogue/former-village/preview")).text
    assert (await own.get("/staff/catalogue/hamlet")).status_code == 404
