"""The usual answering time: measured in opening hours, or not said at all."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from domain.calendar import load_calendar
from domain.contacts.cards import day_length, opening_time, usual_time
from domain.contacts.posts import post_at
from domain.contacts.tables import Conversation, Source
from domain.matters.clock import Rule, Unit
from domain.matters.ladder import HoldReason, Level
from domain.matters.tables import EntryKind, Matter, MatterEntry, Outcome, Readers
from domain.places.content import HallHours
from tests.world.clock import NOW
from tests.world.posts import POST

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store

HOURS = HallHours(working_day=("08:30-12:00", "13:30-20:00"), saturday=("09:00-12:00",))
MINUTE = dt.timedelta(minutes=1)
# 2026-11-23 is a Monday.
MONDAY = dt.datetime(2026, 11, 23, 9, 0, tzinfo=NOW.tzinfo)


async def converse(
    store: Store, *said: tuple[EntryKind, dt.datetime], readers: Readers = Readers.ALL
) -> None:
    """A conversation with the post in which this was said."""

    async def unit(session: AsyncSession) -> None:
        post = await post_at(session, POST)
        assert post is not None
        mark = f"{len(said)}-{said[0][1].isoformat()}"
        matter = Matter(
            kind="contact-line",
            community_id=post.community_id,
            subject="一盏灯",
            token=mark[:32],
            code=mark[-14:-6],
            form_key=mark,
            form_hash="h",
            began_at=said[0][1],
            level=Level.SECRETARY,
            held_since=said[0][1],
            held_why=HoldReason.VACANT,
            rule=Rule(5, Unit.WORKING_DAY, "post"),
        )
        session.add(matter)
        await session.flush()
        session.add(Conversation(matter_id=matter.id, post_id=post.id, source=Source.CARD))
        for kind, at in said:
            outcome = Outcome.DONE if kind is EntryKind.ANSWER else None
            session.add(
                MatterEntry(matter_id=matter.id, at=at, kind=kind, readers=readers, outcome=outcome)
            )

    await store.write(unit)


async def measured(store: Store, now: dt.datetime) -> dt.timedelta | None:
    """The usual time of the post as of now."""
    async with store.read() as session:
        post = await post_at(session, POST)
        assert post is not None
        return await usual_time(session, post, await load_calendar(session), now)


async def answered(store: Store, *minutes: int) -> None:
    """A message on Monday for each of these times, answered after so many minutes."""
    for n, length in enumerate(minutes):
        asked = MONDAY + n * MINUTE
        await converse(
            store, (EntryKind.MESSAGE, asked), (EntryKind.ANSWER, asked + length * MINUTE)
        )


async def test_four_answers_say_nothing_yet(sample) -> None:
    await answered(sample, 10, 20, 30, 40)
    assert await measured(sample, MONDAY + dt.timedelta(days=1)) is None


async def test_of_five_answers_the_middle_one_counts(sample) -> None:
    await answered(sample, 10, 20, 30, 40, 170)
    assert await measured(sample, MONDAY + dt.timedelta(days=1)) == 30 * MINUTE


async def test_answers_of_more_than_ninety_days_ago_do_not_count(sample) -> None:
    await answered(sample, 10, 20, 30, 40, 50)
    assert await measured(sample, MONDAY + dt.timedelta(days=91)) is None


async def test_what_waits_without_an_answer_and_answers_inside_do_not_count(sample) -> None:
    await answered(sample, 10, 20, 30, 40)
    later = MONDAY + dt.timedelta(hours=1)
    await converse(sample, (EntryKind.MESSAGE, later))
    said = ((EntryKind.MESSAGE, later + MINUTE), (EntryKind.ANSWER, later + 2 * MINUTE))
    await converse(sample, *said, readers=Readers.HANDLERS)
    assert await measured(sample, MONDAY + dt.timedelta(days=1)) is None


async def test_the_first_of_several_messages_begins_the_wait(sample) -> None:
    await answered(sample, 10, 20, 100, 110)
    at = MONDAY + dt.timedelta(hours=2)
    await converse(
        sample,
        (EntryKind.MESSAGE, at),
        (EntryKind.MESSAGE, at + 20 * MINUTE),
        (EntryKind.ANSWER, at + 30 * MINUTE),
        (EntryKind.ANSWER, at + 40 * MINUTE),
    )
    assert await measured(sample, MONDAY + dt.timedelta(days=1)) == 30 * MINUTE


@pytest.mark.parametrize(
    ("since", "until", "minutes"),
    [
        ("2026-11-23 09:00", "2026-11-23 09:30", 30),
        # Over the lunch break.
        ("2026-11-23 11:30", "2026-11-23 14:00", 60),
        # From an evening to the next morning.
        ("2026-11-23 21:00", "2026-11-24 08:40", 10),
        # From Friday evening over Saturday's three hours and a free Sunday to Monday.
        ("2026-11-27 19:30", "2026-11-30 09:00", 30 + 180 + 30),
        ("2026-11-22 09:00", "2026-11-22 18:00", 0),
    ],
)
async def test_only_opening_hours_pass(sample, since, until, minutes) -> None:
    async with sample.read() as session:
        calendar = await load_calendar(session)
    begins, ends = (
        dt.datetime.fromisoformat(text).replace(tzinfo=NOW.tzinfo) for text in (since, until)
    )
    assert opening_time(HOURS, calendar, begins, ends) == minutes * MINUTE
    # The other moment comes from the store, in UTC.
    assert opening_time(HOURS, calendar, begins, ends.astimezone(dt.UTC)) == minutes * MINUTE


def test_a_day_is_as_long_as_its_periods() -> None:
    assert day_length(HOURS) == dt.timedelta(hours=10)
