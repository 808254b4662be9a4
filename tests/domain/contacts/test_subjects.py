"""What conversations are about, counted on each database: this period against the one before."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from domain.contacts.subjects import COLUMNS, subject_counts
from domain.contacts.tables import Conversation, Source
from domain.matters.growth import SubjectCount, ranked
from tests.world.matters import line_office

if TYPE_CHECKING:
    from tests.world.matters import LineOffice


def count(now: int, before: int, name: str = "a") -> SubjectCount:
    """A subject with these counts."""
    return SubjectCount("building", name, now, before)


@pytest.mark.parametrize(
    ("now", "before", "is_growing"),
    [
        (2, 1, False),
        (4, 0, False),
        (5, 0, True),
        (5, 3, False),
        (6, 4, False),
        (7, 4, True),
        (14, 10, False),
        (15, 10, True),
        (5, 9, False),
    ],
)
def test_what_grows_is_more_than_chance(now, before, is_growing) -> None:
    assert count(now, before).is_growing is is_growing


def test_what_grew_most_is_on_top_and_what_is_rare_is_left_out() -> None:
    counts = [count(4, 4, "rare"), count(2, 9, "less"), count(9, 2, "most"), count(6, 1, "more")]
    assert [each.name for each in ranked(counts)] == ["most", "more", "less"]


async def opens(office: LineOffice, times: int, **about: Any) -> list[int]:
    """So many conversations about something; their numbers."""
    return [
        (await office.begun(conversation=Conversation(source=Source.GUIDE, **about)))[0]
        for _ in range(times)
    ]


async def counts_of(office: LineOffice, periods: tuple[int, ...], keep_days: int = 365) -> Any:
    """By period and kind."""
    ask = partial(
        subject_counts,
        community_id=office.community.id,
        periods=periods,
        now=office.now,
        keep_days=keep_days,
    )
    return await office.read(ask)


async def test_each_kind_is_counted_now_and_before(sample) -> None:
    office = await line_office(sample)
    await opens(office, 1, building="3")
    office.later(days=70)
    old, _ = await opens(office, 2, item="gaoling-jintie", building="3")
    office.later(days=40)
    await opens(office, 3, building="3", facility="gate")
    found = (await counts_of(office, (30,)))[30]
    assert found == {
        "post": [(office.post_id, 3, 2)],
        "item": [("gaoling-jintie", 0, 2)],
        "building": [("3", 3, 2)],
        "facility": [("gate", 3, 0)],
    }
    await office.closes(old)
    await office.erase(old)
    found = (await counts_of(office, (30,)))[30]
    assert (found["building"], found["post"]) == ([("3", 3, 1)], [(office.post_id, 3, 2)])


async def test_where_nothing_was_before_or_it_is_erased_nothing_is_compared(sample) -> None:
    office = await line_office(sample)
    assert await counts_of(office, (30,)) == {}
    await opens(office, 1, building="3")
    office.later(days=59)
    assert await counts_of(office, (30,)) == {}
    office.later(days=1)
    assert (await counts_of(office, (30,), keep_days=60))[30].keys() == COLUMNS.keys()
    assert (await counts_of(office, (30,), keep_days=59))[30].keys() == {"post", "item"}


async def test_each_kind_takes_one_query_however_many_there_are(sample) -> None:
    office = await line_office(sample)
    for number in range(12):
        await opens(office, 1, building=f"{number}")
    office.later(days=200)
    asked: list[str] = []
    engine = sample._engine.sync_engine

    def remember(*given: Any) -> None:
        asked.append(given[2])

    event.listen(engine, "before_cursor_execute", remember)
    await counts_of(office, (30, 90))
    event.remove(engine, "before_cursor_execute", remember)
    assert len([one for one in asked if one.startswith("SELECT")]) == 1 + len(COLUMNS)
