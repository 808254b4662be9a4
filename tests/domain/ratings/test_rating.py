"""好差评: once a visit, an answer owed for a bad one, and no group in which one can be told apart."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from domain.places.tables import Community
from domain.queue.calling import StaffedCounter
from domain.queue.tickets import ticket_of
from domain.ratings.call_backs import (
    AnsweredAlreadyError,
    answer,
    attempts_of,
    call_back_in,
    call_back_of,
    call_backs,
    tried,
)
from domain.ratings.figures import FEWEST, published_groups, results_of
from domain.ratings.rating import (
    AT_ONCE,
    BadRatingGiven,
    NotRateableError,
    Opinion,
    RatedAlreadyError,
    rate,
    rating_of,
    to_be_rated,
)
from domain.ratings.tables import CallBack, RatingLevel, RatingSource, RatingTag, ServiceRating
from domain.staff.actor import Actor
from domain.staff.journal import JournalEntry

if TYPE_CHECKING:
    from domain.queue.tables import Ticket
    from tests.world.halls import Day

BAD, GOOD = RatingLevel.DISSATISFIED, RatingLevel.VERY_SATISFIED
FIX_BY = dt.date(2026, 11, 30)


async def home(day: Day) -> int:
    """The community whose hall it is."""
    async with day.store.read() as session:
        found = await session.get(type(day.hall), day.hall.id)
        assert found is not None
        return int(found.community_id)


async def visited(day: Day, letter: str = "B") -> Ticket:
    """Someone was here and is finished with."""
    ticket = await day.take(letter)
    await day.do(StaffedCounter.call_chosen, ticket_id=ticket.id)
    await day.do(StaffedCounter.finish)
    return ticket


async def say(day: Day, ticket: Ticket, level: RatingLevel = GOOD, **more: Any) -> ServiceRating:
    """Rate a visit."""

    async def unit(session: Any) -> ServiceRating:
        found = await ticket_of(session, ticket.token)
        assert found is not None
        return await rate(
            session,
            found,
            Opinion(level, **more),
            day.now,
            source=RatingSource.PAGE,
            fix_by=FIX_BY,
        )

    return await day.store.write(unit)


async def owed(day: Day, ticket: Ticket) -> CallBack:
    """What the office owes for a ticket."""
    async with day.store.read() as session:
        found = await call_back_of(session, ticket.id)
    assert found is not None
    return found


async def deal(day: Day, call_back: CallBack, verb: Any, *given: Any) -> None:
    """Someone of the office deals with a call-back."""
    actor = Actor(day.shifts[1].staff_id, None, "office")

    async def unit(session: Any) -> None:
        held = await call_back_in(session, call_back.id, call_back.community_id)
        assert held is not None
        await verb(session, actor, held, *given, day.now)

    await day.store.write(unit)


async def test_a_visit_is_rated_once_and_the_first_rating_stands(day) -> None:
    await day.sit()
    ticket = await visited(day)
    said = await say(day, ticket, GOOD, tags=(RatingTag.QUICK,), words="谢谢")
    with pytest.raises(RatedAlreadyError):
        await say(day, ticket, BAD)
    async with day.store.read() as session:
        found = await rating_of(session, ticket.id)
        assert await session.scalar(select(func.count(CallBack.id))) == 0
    assert found is not None
    assert (found.id, found.level, found.tags, found.words) == (
        said.id, GOOD, (RatingTag.QUICK,), "谢谢",
    )  # fmt: skip


async def test_twenty_taps_at_once_are_one_rating(day) -> None:
    await day.sit()
    ticket = await visited(day)
    answers = await asyncio.gather(
        *(say(day, ticket, BAD) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(each, ServiceRating) for each in answers) == 1
    assert sum(isinstance(each, RatedAlreadyError) for each in answers) == 19
    async with day.store.read() as session:
        assert await session.scalar(select(func.count(CallBack.id))) == 1


async def test_only_a_visit_that_is_over_and_not_long_ago_is_rated(day) -> None:
    await day.sit()
    waiting = await day.take()
    with pytest.raises(NotRateableError):
        await say(day, waiting)
    done = await visited(day)
    day.later(days=8)
    with pytest.raises(NotRateableError):
        await say(day, done)


async def test_a_bad_rating_is_owed_an_answer_and_the_office_is_told(day) -> None:
    await day.sit()
    heard: list[object] = []
    day.store.listen(heard.append)
    ticket = await visited(day)
    await say(day, ticket, RatingLevel.BASICALLY_SATISFIED, phone="0531-00001234")
    assert not [each for each in heard if isinstance(each, BadRatingGiven)]
    other = await visited(day)
    await say(day, other, BAD, phone="0531-00001234")
    found = await owed(day, other)
    assert (found.fix_by, found.phone, found.done_on) == (FIX_BY, "0531-00001234", None)
    [told] = [each for each in heard if isinstance(each, BadRatingGiven)]
    assert told == BadRatingGiven(found.id, await home(day))


async def test_an_answer_ends_a_call_back_once_and_forgets_the_number(day) -> None:
    await day.sit()
    ticket = await visited(day)
    await say(day, ticket, BAD, phone="0531-00001234")
    call_back = await owed(day, ticket)
    await deal(day, call_back, tried)
    day.later(hours=2)
    await deal(day, call_back, answer, "我们道歉，材料清单已经改好。")
    async with day.store.read() as session:
        done = await call_back_of(session, ticket.id)
        attempts = await attempts_of(session, call_back.id)
        assert await call_backs(session, [call_back.community_id], is_done=False) == []
        [listed] = await call_backs(session, [call_back.community_id], is_done=True)
    assert done is not None
    assert (done.answer, done.phone, done.done_on) == (
        "我们道歉，材料清单已经改好。", "", day.now.date(),
    )  # fmt: skip
    assert listed.rating.ticket.id == ticket.id
    assert len(attempts) == 1
    for verb, given in ((answer, ("另一句",)), (tried, ())):
        with pytest.raises(AnsweredAlreadyError):
            await deal(day, call_back, verb, *given)


async def test_a_call_back_of_another_community_is_not_found(day) -> None:
    await day.sit()
    ticket = await visited(day)
    await say(day, ticket, BAD)
    call_back = await owed(day, ticket)
    async with day.store.read() as session:
        other = await session.scalar(
            select(Community.id).where(Community.id != call_back.community_id).limit(1)
        )
        assert other is not None
        assert await call_back_in(session, call_back.id, other) is None
        assert await call_backs(session, [other], is_done=False) == []


async def test_the_database_keeps_no_number_after_the_answer(day) -> None:
    await day.sit()
    ticket = await visited(day)
    await say(day, ticket, BAD, phone="0531-00001234")
    number = (await owed(day, ticket)).id

    async def by_hand(session: Any) -> None:
        found = await session.get(CallBack, number)
        found.done_on, found.answer = day.now.date(), "好"

    with pytest.raises(IntegrityError):
        await day.store.write(by_hand)


# The tablet


async def test_the_tablet_asks_whom_its_counter_has_just_finished_with(day) -> None:
    await day.sit(1)
    await day.sit(2)

    async def asked(counter: int) -> int | None:
        async with day.store.read() as session:
            found = await to_be_rated(session, day.hall.id, counter, day.now)
        return None if found is None else found.id

    assert await asked(1) is None
    first = await day.take()
    await day.do(StaffedCounter.call_next)
    assert await asked(1) is None
    await day.do(StaffedCounter.finish)
    assert await asked(1) == first.id
    assert await asked(2) is None
    second = await day.take()
    await day.do(StaffedCounter.call_next)
    assert await asked(1) is None, "the next one stands there now"
    await day.do(StaffedCounter.finish)
    await say(day, second)
    assert await asked(1) is None, "it was rated"
    third = await visited(day)
    assert await asked(1) == third.id
    day.later(seconds=AT_ONCE.total_seconds() + 1)
    assert await asked(1) is None, "they have gone"


# Figures


async def test_no_group_shows_fewer_than_five_or_one_more_at_a_time(day) -> None:
    levels = [GOOD] * 4
    assert published_groups({"a": levels}) == {}
    [five] = published_groups({"a": [*levels, BAD]}).values()
    assert (five.total, five.good) == (FEWEST, 80)
    [still] = published_groups({"a": [*levels, BAD, BAD, BAD, BAD, BAD]}).values()
    assert still == five, "the sixth to ninth are not told apart"
    [ten] = published_groups({"a": [*levels, *[BAD] * 6]}).values()
    assert (ten.total, ten.good, ten.share(BAD)) == (10, 40, 60)


async def test_results_by_month_and_item_and_answers_in_time(day) -> None:
    await day.sit()

    async def month_of(levels: list[RatingLevel], items: tuple[str, ...]) -> list[Ticket]:
        found = []
        for level in levels:
            ticket = await visited(day)

            async def unit(session: Any, token: str = ticket.token) -> None:
                row = await ticket_of(session, token)
                assert row is not None
                row.items = items

            await day.store.write(unit)
            await say(day, ticket, level)
            found.append(ticket)
        return found

    november = await month_of([GOOD, GOOD, GOOD, BAD, BAD], ("dibao",))
    await deal(day, await owed(day, november[3]), answer, "已经改了。")
    day.later(days=8)
    await deal(day, await owed(day, november[4]), answer, "晚了，抱歉。")
    await day.sit()
    await month_of([GOOD] * 4, ("dibao", "laonianka"))
    async with day.store.read() as session:
        results = await results_of(session, day.hall.id, day.now.date())
        later = await results_of(session, day.hall.id, dt.date(2027, 12, 1))
    assert list(results.months) == [dt.date(2026, 11, 1)]
    assert results.months[dt.date(2026, 11, 1)].counts == {GOOD: 3, BAD: 2}
    assert list(results.items) == ["dibao"]
    assert (results.answered, results.in_time) == (2, 1)
    assert (later.months, later.items, later.answered) == ({}, {}, 0)


async def test_an_answer_stands_in_the_log(day) -> None:
    await day.sit()
    ticket = await visited(day)
    await say(day, ticket, BAD)
    await deal(day, await owed(day, ticket), answer, "谢谢指出。")
    async with day.store.read() as session:
        entry = await session.scalar(
            select(JournalEntry).where(JournalEntry.action == "call-back-answered")
        )
    assert entry is not None
    assert entry.after == {"answer": "谢谢指出。"}
