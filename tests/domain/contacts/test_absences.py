"""Absences: dated, merged where they touch, and never before they were entered."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from domain.contacts import absences
from domain.contacts.absences import EndsTooEarlyError, TooLongError
from domain.contacts.tables import PostAbsence
from domain.staff.actor import Actor
from tests.world.clock import NOW
from tests.world.people import hire_cast
from tests.world.posts import give_post

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store

DAY = dt.timedelta(days=1)


@pytest.fixture
async def clerk(sample: Store) -> int:
    """The number of the clerk, who holds the post."""
    cast = await hire_cast(sample, NOW)
    await give_post(sample, "clerk", "editor")
    return cast.clerk


async def enter(
    store: Store, who: int, since: float, until: float, now: dt.datetime = NOW
) -> PostAbsence:
    """Enter an absence, in days from `NOW`."""
    return await store.write(
        partial(
            absences.enter,
            actor=Actor(who),
            staff_id=who,
            since=NOW + since * DAY,
            until=NOW + until * DAY,
            now=now,
        )
    )


async def days(store: Store) -> list[tuple[float, float]]:
    """Every absence, in days from `NOW`."""
    async with store.read() as session:
        rows = await session.scalars(select(PostAbsence).order_by(PostAbsence.since))
        return [((row.since - NOW) / DAY, (row.until - NOW) / DAY) for row in rows]


async def test_an_absence_is_kept_as_it_was_entered(sample, clerk) -> None:
    await enter(sample, clerk, 1, 3)
    assert await days(sample) == [(1, 3)]


async def test_an_absence_from_earlier_begins_when_it_is_entered(sample, clerk) -> None:
    await enter(sample, clerk, -5, 2)
    assert await days(sample) == [(0, 2)]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ((2, 5), [(1, 5)]),
        ((0, 2), [(0, 3)]),
        ((3, 4), [(1, 4)]),
        ((0.5, 9), [(0.5, 9)]),
        ((1.5, 2), [(1, 3)]),
        ((4, 5), [(1, 3), (4, 5)]),
    ],
)
async def test_absences_that_touch_become_one(sample, clerk, more, found) -> None:
    await enter(sample, clerk, 1, 3)
    await enter(sample, clerk, *more)
    assert await days(sample) == found


async def test_one_absence_joins_several(sample, clerk) -> None:
    for since in (1, 3, 5):
        await enter(sample, clerk, since, since + 1)
    await enter(sample, clerk, 1.5, 5.5)
    assert await days(sample) == [(1, 6)]


async def test_what_has_begun_keeps_its_beginning(sample, clerk) -> None:
    await enter(sample, clerk, 0, 2)
    await enter(sample, clerk, 1, 4, now=NOW + DAY)
    assert await days(sample) == [(0, 4)]


@pytest.mark.parametrize(("since", "until"), [(2, 1), (2, 2), (-3, -1), (-1, 0)])
async def test_an_end_before_the_beginning_or_before_now_is_refused(
    sample, clerk, since, until
) -> None:
    with pytest.raises(EndsTooEarlyError):
        await enter(sample, clerk, since, until)
    assert await days(sample) == []


async def test_more_than_a_year_is_refused(sample, clerk) -> None:
    with pytest.raises(TooLongError):
        await enter(sample, clerk, 1, 400)


@pytest.mark.parametrize(("at", "found"), [(0, []), (2, [(1, 2)])])
async def test_an_absence_is_cancelled_before_it_begins_and_cut_after(
    sample, clerk, at, found
) -> None:
    number = (await enter(sample, clerk, 1, 3)).id

    async def end(session: AsyncSession) -> None:
        absence = await session.get_one(PostAbsence, number)
        await absences.end(session, Actor(clerk), absence, NOW + at * DAY)

    await sample.write(end)
    assert await days(sample) == found


async def test_an_absence_that_is_over_stays_as_it_was(sample, clerk) -> None:
    number = (await enter(sample, clerk, 1, 3)).id

    async def end(session: AsyncSession) -> None:
        absence = await session.get_one(PostAbsence, number)
        await absences.end(session, Actor(clerk), absence, NOW + 4 * DAY)

    with pytest.raises(EndsTooEarlyError):
        await sample.write(end)
    assert await days(sample) == [(1, 3)]


async def test_the_office_enters_absences_of_holders_and_substitutes(sample, clerk) -> None:
    async with sample.read() as session:
        found = await absences.people_of_posts(session, range(1000))
        assert [person.name for person in found] == ["clerk", "editor"]
        assert await absences.people_of_posts(session, []) == []
