"""依申请公开: what stops the clock of an application, what begins it again, and what is once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from domain.disclosures.errors import TooLateToCorrectError
from domain.disclosures.tables import InquiryKind
from domain.matters.errors import ExtendedAlreadyError, NotOwedError, RunsError, StandsStillError
from domain.matters.pauses import run_again
from domain.matters.tables import EntryKind, Readers
from domain.matters.timeline import entries_of
from tests.world.matters import written

if TYPE_CHECKING:
    from domain.disclosures.tables import Inquiry
    from domain.matters.tables import Matter
    from domain.matters.timeline import Act
    from tests.world.inquiries import InquiryOffice

APPLICATION = InquiryKind.APPLICATION


def day(words: str) -> dt.date:
    return dt.date.fromisoformat(words)


def at(office: InquiryOffice, words: str) -> None:
    """Let it be ten o'clock of this day."""
    office.now = dt.datetime.combine(day(words), dt.time(10), office.now.tzinfo)


async def due(office: InquiryOffice, inquiry_id: int) -> dt.date | None:
    return (await office.matter(inquiry_id)).due_on


async def heard(office: InquiryOffice, inquiry_id: int) -> None:
    """Third parties answered."""

    async def deed(act: Act, matter: Matter, _: Inquiry, who: int) -> None:
        run_again(act, matter, who)

    await office.handles("above", inquiry_id, deed)


async def test_the_clock_begins_with_the_corrected_application(inquiries: InquiryOffice) -> None:
    # Day seven is 12 October, over two holidays and the make-up day of the 10th.
    at(inquiries, "2026-09-25")
    inquiry_id = await inquiries.asks(None, APPLICATION)
    at(inquiries, "2026-10-12")
    await inquiries.asks_correction("above", inquiry_id, day("2026-10-30"))
    # 14 days are left when the pause ends.
    assert await due(inquiries, inquiry_id) == day("2026-11-19")
    at(inquiries, "2026-10-20")
    await inquiries.corrects(inquiry_id)
    assert await due(inquiries, inquiry_id) == day("2026-11-17")
    assert await inquiries.said(inquiry_id) == ["楼道照明维修的是哪几栋？", "要 2025 年的合同"]


async def test_a_correction_is_asked_for_once_and_within_seven_working_days(
    inquiries: InquiryOffice,
) -> None:
    at(inquiries, "2026-09-25")
    late, once = [await inquiries.asks(None, APPLICATION, written(w)) for w in ("甲", "乙")]
    await inquiries.asks_correction("above", once, day("2026-09-30"))
    with pytest.raises(TooLateToCorrectError):
        await inquiries.asks_correction("above", once, day("2026-10-30"))
    await inquiries.corrects(once)
    with pytest.raises(TooLateToCorrectError):
        await inquiries.asks_correction("above", once, day("2026-10-30"))
    with pytest.raises(RunsError):
        await inquiries.corrects(once)
    at(inquiries, "2026-10-13")
    with pytest.raises(TooLateToCorrectError):
        await inquiries.asks_correction("above", late, day("2026-10-30"))


async def test_a_correction_that_is_sent_twice_begins_the_clock_once(
    inquiries: InquiryOffice,
) -> None:
    inquiry_id = await inquiries.asks(None, APPLICATION)
    await inquiries.asks_correction("above", inquiry_id, day("2026-12-01"))
    form = written("要 2025 年的合同", "the form's key")
    await inquiries.corrects(inquiry_id, form)
    began = await due(inquiries, inquiry_id)
    inquiries.later(days=3)
    await inquiries.corrects(inquiry_id, form)
    assert await due(inquiries, inquiry_id) == began


async def test_the_time_of_third_parties_is_not_counted(inquiries: InquiryOffice) -> None:
    at(inquiries, "2026-09-28")
    inquiry_id = await inquiries.asks(None, APPLICATION)
    assert await due(inquiries, inquiry_id) == day("2026-10-30")
    at(inquiries, "2026-09-30")
    await inquiries.asks_others("above", inquiry_id)
    # If they keep silent the office decides after their 15 working days: 27 October.
    assert await due(inquiries, inquiry_id) == day("2026-11-23")
    with pytest.raises(StandsStillError):
        await inquiries.asks_others("above", inquiry_id)
    at(inquiries, "2026-10-09")
    await heard(inquiries, inquiry_id)
    # Of 30 September and 8 and 9 October none was counted, and the 10th is a make-up day.
    assert await due(inquiries, inquiry_id) == day("2026-11-04")
    with pytest.raises(RunsError):
        await heard(inquiries, inquiry_id)


async def test_it_is_extended_once_also_while_third_parties_are_asked(
    inquiries: InquiryOffice,
) -> None:
    at(inquiries, "2025-12-30")
    inquiry_id = await inquiries.asks(None, APPLICATION)
    await inquiries.asks_others("above", inquiry_id)
    paused = await due(inquiries, inquiry_id)
    await inquiries.extends("above", inquiry_id)
    with pytest.raises(ExtendedAlreadyError):
        await inquiries.extends("above", inquiry_id)
    at(inquiries, "2026-01-04")
    await heard(inquiries, inquiry_id)
    # 40 working days from Sunday 4 January, which is a make-up day and the last of the pause.
    assert await due(inquiries, inquiry_id) == day("2026-03-05")
    assert paused == day("2026-02-25")


async def test_only_an_application_is_extended_corrected_or_waits_for_others(
    inquiries: InquiryOffice,
) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published())
    with pytest.raises(ExtendedAlreadyError):
        await inquiries.extends("writer", inquiry_id)
    with pytest.raises(TooLateToCorrectError):
        await inquiries.asks_correction("writer", inquiry_id, day("2026-12-01"))
    with pytest.raises(RunsError):
        await inquiries.asks_others("writer", inquiry_id)


async def test_nothing_stops_a_clock_that_does_not_run(inquiries: InquiryOffice) -> None:
    inquiry_id = await inquiries.asks(None, APPLICATION)
    await inquiries.answers("above", inquiry_id)
    with pytest.raises(NotOwedError):
        await inquiries.extends("above", inquiry_id)
    with pytest.raises(NotOwedError):
        await inquiries.asks_others("above", inquiry_id)


async def test_the_asker_reads_why_the_date_moved(inquiries: InquiryOffice) -> None:
    inquiry_id = await inquiries.asks(None, APPLICATION)
    await inquiries.extends("above", inquiry_id)
    async with inquiries.store.read() as session:
        entries = await entries_of(session, [inquiry_id], (Readers.ALL,))
    [moved] = [entry for entry in entries if entry.kind is EntryKind.DUE_MOVED]
    assert moved.facts == {
        "reason": "要从档案馆调取",
        "why": "extended",
        "before": "2026-12-21",
        "after": "2027-01-19",
    }
