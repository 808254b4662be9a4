"""Who has a matter: handed over, passed on by the timer or an absence, or past who it is about."""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import pytest

from domain.calendar import DayKind, HolidayDay, entered_notice
from domain.matters import holders
from domain.matters.errors import AwayError, NotHandlerError
from domain.matters.ladder import HoldReason, Level
from domain.matters.tables import EntryKind
from tests.world.clock import NOW
from tests.world.matters import DAY, DUE, HOUR, TIMER, kinds, line, line_office, reasons

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


MINUTE = dt.timedelta(minutes=1)


async def test_a_matter_that_is_handed_over_is_closed_to_who_had_it(office) -> None:
    matter_id = await office.opens()
    await office.hands_over("holder", matter_id, "colleague")
    assert await office.handlers(matter_id) == {"colleague"}
    for deed in (office.answers, office.notes, office.closes_for_office):
        with pytest.raises(NotHandlerError):
            await deed("holder", matter_id)
    with pytest.raises(NotHandlerError):
        await office.hands_over("holder", matter_id, "holder")
    matter = await office.matter(matter_id)
    assert matter.held_why is HoldReason.HANDED_OVER
    assert matter.moves_at == TIMER


async def test_the_timer_begins_again_with_who_it_is_handed_to(office) -> None:
    matter_id = await office.opens()
    office.later(hours=4)
    await office.hands_over("holder", matter_id, "colleague")
    matter = await office.matter(matter_id)
    assert (matter.due_on, matter.moves_at) == (DUE, NOW.replace(hour=14, minute=26) + DAY)


async def test_nothing_is_handed_to_someone_who_is_away(office) -> None:
    matter_id = await office.opens()
    await office.is_away("colleague", NOW, NOW + DAY)
    with pytest.raises(AwayError):
        await office.hands_over("holder", matter_id, "colleague")
    assert await office.handlers(matter_id) == {"holder"}


async def test_an_absence_that_comes_moves_what_was_handed_over(office) -> None:
    matter_id = await office.opens()
    await office.is_away("colleague", NOW + 2 * HOUR, NOW + DAY)
    await office.hands_over("holder", matter_id, "colleague")
    matter = await office.matter(matter_id)
    assert matter.moves_at == NOW + 2 * HOUR
    office.later(hours=2)
    await office.settle()
    assert await office.handlers(matter_id) == {"substitute"}


async def test_an_unanswered_matter_goes_up_and_says_why(office) -> None:
    matter_id = await office.opens()
    for name in ("substitute", "secretary", "chief"):
        office.now = (await office.matter(matter_id)).moves_at.astimezone(NOW.tzinfo) - MINUTE
        assert await office.settle() == 0
        office.now += MINUTE
        assert await office.settle() == 1
        assert name in await office.handlers(matter_id)
        assert "holder" not in await office.handlers(matter_id)
    assert [why for _, why in await reasons(office, matter_id)] == [
        HoldReason.ASSIGNED,
        *[HoldReason.TIMER] * 3,
    ]
    assert (await office.matter(matter_id)).moves_at is None
    with pytest.raises(NotHandlerError):
        await office.answers("holder", matter_id)


async def test_an_act_settles_first_so_that_a_late_tick_gives_nobody_more_time(office) -> None:
    matter_id = await office.opens()
    office.now = TIMER
    with pytest.raises(NotHandlerError):
        await office.answers("holder", matter_id)
    await office.answers("substitute", matter_id)
    assert (await office.holds(matter_id))[-1].since == TIMER


async def test_a_holder_who_goes_away_hands_on_at_that_moment(office) -> None:
    matter_id = await office.opens()
    await office.is_away("holder", NOW + HOUR, NOW + 3 * DAY)
    assert (await office.matter(matter_id)).moves_at == NOW + HOUR
    office.later(hours=5)
    await office.settle()
    hold = (await office.holds(matter_id))[-1]
    assert (hold.since, hold.why) == (NOW + HOUR, HoldReason.AWAY)
    office.later(days=3)
    await office.settle_all()
    assert "holder" not in await office.handlers(matter_id)


async def test_an_answered_matter_does_not_stay_with_someone_who_goes_away(office) -> None:
    matter_id = await office.opens()
    await office.answers("holder", matter_id)
    await office.is_away("holder", NOW + HOUR, NOW + DAY)
    office.later(hours=1)
    await office.settle()
    assert await office.handlers(matter_id) == {"substitute"}


async def test_with_nobody_at_the_post_the_secretary_has_it(sample) -> None:
    office = await line_office(sample, holder=None, substitute=None)
    matter_id = await office.opens()
    assert await office.handlers(matter_id) == {"secretary"}
    assert await reasons(office, matter_id) == [(Level.SECRETARY, HoldReason.VACANT)]


async def test_in_a_community_without_posts_the_secretary_has_it(office) -> None:
    matter_id, _ = await office.begun(without_post=True)
    assert await office.handlers(matter_id) == {"secretary"}
    matter = await office.matter(matter_id)
    assert matter.due_on == DUE + 4 * DAY
    assert matter.moves_at is not None


async def test_where_the_community_has_no_secretary_those_above_have_it(office) -> None:
    await office.change_post(holder=None, substitute=None)
    matter_id = await office.opens()
    await office.leaves("secretary")
    assert await office.handlers(matter_id) == {"chief", "mayor"}


async def test_who_left_has_nothing_and_a_post_that_changes_hands_takes_it_along(office) -> None:
    first, second = await office.opens(), await office.opens()
    await office.hands_over("holder", second, "colleague")
    await office.change_post(holder="colleague", substitute="holder")
    assert await office.handlers(first) == {"colleague"}
    assert (await office.holds(first))[-1].why is HoldReason.POST_CHANGED
    assert await office.handlers(second) == {"colleague"}
    await office.leaves("colleague")
    for matter_id in (first, second):
        assert await office.handlers(matter_id) == {"holder"}
        assert (await office.holds(matter_id))[-1].why is HoldReason.LEFT


async def test_more_than_a_post_takes_on_goes_to_the_substitute(sample) -> None:
    office = await line_office(sample, most_open=1)
    first, second = await office.opens(), await office.opens()
    assert await office.handlers(first) == {"holder"}
    assert await office.handlers(second) == {"substitute"}
    assert (await office.holds(second))[-1].why is HoldReason.FULL
    await office.closes(first)
    assert await office.handlers(await office.opens()) == {"holder"}


async def test_a_complaint_skips_the_holder_and_is_never_theirs(office) -> None:
    matter_id = await office.opens(is_complaint=True)
    assert await office.handlers(matter_id) == {"secretary"}
    matter = await office.matter(matter_id)
    assert matter.about_id == office.people["holder"]
    assert await reasons(office, matter_id) == [(Level.SECRETARY, HoldReason.COMPLAINT)]
    with pytest.raises(AwayError):
        await office.hands_over("secretary", matter_id, "holder")
    await office.closes(matter_id)
    await office.reopens(matter_id)
    assert await office.handlers(matter_id) == {"secretary"}


async def test_a_complaint_about_the_secretary_goes_to_those_above(sample) -> None:
    office = await line_office(sample, holder="secretary")
    matter_id = await office.opens(is_complaint=True)
    assert await office.handlers(matter_id) == {"chief", "mayor"}
    with pytest.raises(NotHandlerError):
        await office.notes("secretary", matter_id)


async def test_of_two_handlers_who_act_at_once_only_the_present_one_does(office) -> None:
    matter_id = await office.opens()
    results = await asyncio.gather(
        office.hands_over("holder", matter_id, "colleague"),
        office.hands_over("holder", matter_id, "substitute"),
        return_exceptions=True,
    )
    assert [type(result) for result in results if result is not None] == [NotHandlerError]
    assert len(await office.holds(matter_id)) == 2


async def test_due_matters_are_settled_in_batches(office, monkeypatch) -> None:
    ids = [await office.opens() for _ in range(5)]
    monkeypatch.setattr(holders, "BATCH", 2)
    office.now = TIMER
    batches = []
    while moved := await office.do(partial(holders.settle_due, kind_of=line)):
        batches.append(moved)
    assert batches == [2, 2, 1]
    assert await office.settle_all() == 3
    for matter_id in ids:
        assert await office.handlers(matter_id) == {"substitute"}


async def test_a_changed_holiday_moves_the_date_and_says_so_once(office) -> None:
    matter_id, closed_id = await office.opens(), await office.opens()
    await office.closes(closed_id)

    async def day_off(session: AsyncSession) -> None:
        notice = await entered_notice(session, 2026)
        assert notice is None
        session.add(HolidayDay(notice=DUE.year, day=DUE - DAY, kind=DayKind.HOLIDAY))

    await office.store.write(day_off)
    for _ in range(2):
        await office.settle_all()
    matter = await office.matter(matter_id)
    assert matter.due_on == DUE + DAY
    entries = [
        entry for entry in await office.entries(matter_id) if entry.kind is EntryKind.DUE_MOVED
    ]
    assert [(entry.facts["before"], entry.facts["after"]) for entry in entries] == [
        (DUE.isoformat(), (DUE + DAY).isoformat())
    ]
    assert EntryKind.DUE_MOVED not in await kinds(office, closed_id)
