"""What the sample shows of its people is there as if they had asked, and in a sample alone."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from domain.calendar import load_calendar
from domain.disclosures.days import days_of
from domain.disclosures.inquiries_shown import Reader
from domain.disclosures.tables import AffairsDay, AffairsDayKind, CatalogueWish, Disclosure, Inquiry
from domain.disclosures.wishes import shown_wishes
from domain.errors import ContentError
from domain.matters.ladder import Level
from domain.matters.tables import EntryKind, Matter, MatterEntry
from domain.places.tables import Community
from domain.seed import SAMPLE, plant, read_district
from domain.staff.journal import verify
from tests.world.clock import NOW
from tests.world.district import FILES

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store

LEDGER = "10 月份社区工作经费收支"
DECISION = "议政日决议：东门加装坡道"
AFFAIRS = "affairs/liujiazhuang.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample's files, to be changed."""
    return shutil.copytree(SAMPLE, tmp_path / "district")


@pytest.fixture
async def lively(store: Store) -> Store:
    """A store with all of the sample."""
    await store.write(lambda session: plant(session, FILES))
    return store


async def home(session: AsyncSession) -> Community:
    found = await session.scalars(select(Community).where(Community.slug == "liujiazhuang"))
    return found.one()


async def test_one_inquiry_is_answered_on_its_line_and_one_is_owed(lively: Store) -> None:
    async with lively.read() as session:
        community = await home(session)
        reader = Reader(session, await load_calendar(session), NOW)
        [owed] = await reader.open_in(community.id)
        [answered] = await reader.answered_in(community.id)
    assert answered.disclosure is not None
    assert owed.disclosure is not None
    assert {answered.disclosure.title, owed.disclosure.title} == {LEDGER}
    assert (answered.inquiry.line, owed.inquiry.line) == ("b3", None)
    [answer] = answered.answers
    assert (answer.is_being_checked, answer.days_late) == (False, 0)
    assert "36 盏" in answer.words
    assert (owed.due_on, owed.days_late) == (dt.date(2026, 11, 30), 0)


async def test_their_matters_tell_what_happened_in_order(lively: Store) -> None:
    async with lively.read() as session:
        matters = (await session.scalars(select(Matter).order_by(Matter.id))).all()
        entries = (await session.scalars(select(MatterEntry).order_by(MatterEntry.id))).all()
    answered, owed = matters
    told = {each.id: [entry for entry in entries if entry.matter_id == each.id] for each in matters}
    asked = [EntryKind.MESSAGE, EntryKind.HELD]
    assert [entry.kind for entry in told[answered.id]] == [*asked, EntryKind.ANSWER]
    assert [entry.kind for entry in told[owed.id]] == asked
    moments = [entry.at for entry in entries]
    assert moments == sorted(moments)
    assert (answered.owed_since, answered.moves_at) == (None, None)
    # Nobody works here before the demo: it is the secretary's, and the subdistrict's after that.
    assert owed.level is Level.SECRETARY
    assert owed.moves_at is not None
    assert owed.moves_at > NOW


async def test_the_day_of_the_decision_is_over_and_the_next_one_is_coming(lively: Store) -> None:
    async with lively.read() as session:
        community = await home(session)
        coming, held = await days_of(session, community.id)
        decided = await session.scalars(select(Disclosure).where(Disclosure.title == DECISION))
        published_at = decided.one().published_at
    assert (held.kind, coming.kind) == (AffairsDayKind.DELIBERATION, AffairsDayKind.INQUIRY)
    assert published_at is not None
    assert held.minutes_at is not None
    assert held.ends_at < held.minutes_at < published_at < NOW < coming.begins_at
    assert "24 人同意折返坡" in held.minutes
    assert coming.minutes == ""


async def test_a_wish_has_supporters_on_paper_and_is_not_owed_yet(lively: Store) -> None:
    async with lively.read() as session:
        [row] = await shown_wishes(session, await home(session))
    assert row.wish.on_paper == 86
    assert not row.is_reached
    assert row.wish.reached_at is None


async def test_the_log_holds_what_was_decided_and_its_chain_is_whole(lively: Store) -> None:
    async with lively.read() as session:
        end, fault = await verify(session)
    assert (end.entry, fault) == (7, None)


async def test_a_district_without_such_files_has_none_of_it(folder: Path, store: Store) -> None:
    shutil.rmtree(folder / "affairs")
    files = read_district(folder)
    await store.write(lambda session: plant(session, files))
    async with store.read() as session:
        for table in (AffairsDay, CatalogueWish, Inquiry, Matter):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize(
    ("file", "written", "instead", "said"),
    [
        ("district.yaml", "is_sample: true", "is_sample: false", "only a sample district can have"),
        (AFFAIRS, "line: b3", "line: zz", "its ledger has no line zz"),
        (AFFAIRS, LEDGER, "没有这项公开", "no disclosure is called 没有这项公开"),
        (AFFAIRS, "2026-11-20T10:10", "2026-11-19T10:10", "is before it was published"),
        (AFFAIRS, "2026-11-11T20:00", "2026-11-11T18:00", "do not follow each other"),
        (AFFAIRS, "    minutes_at: 2026-11-12T10:00\n", "", "minutes have a moment"),
    ],
)
def test_what_cannot_have_happened_is_said_with_its_file(
    folder: Path, file: str, written: str, instead: str, said: str
) -> None:
    path = folder / file
    words = path.read_text(encoding="utf-8")
    assert written in words
    path.write_text(words.replace(written, instead), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        read_district(folder)
    assert said in str(caught.value)


def test_a_community_that_wrote_nothing_has_no_affairs(folder: Path) -> None:
    (folder / AFFAIRS).rename(folder / "affairs" / "nowhere.yaml")
    with pytest.raises(ContentError, match=r"there is no file communities/nowhere\.yaml"):
        read_district(folder)
