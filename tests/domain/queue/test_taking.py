"""排队: numbers without doubles or gaps, one ticket to one counter, nobody left behind."""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import partial

import pytest
from sqlalchemy import func, select

from domain.queue import calling, tickets
from domain.queue.calling import StaffedCounter
from domain.queue.days import close_day
from domain.queue.errors import (
    CounterBusyError,
    CounterTakenError,
    HoldsOneError,
    NobodyWaitsError,
    NotAtCounterError,
    NotServedError,
    NotYoursError,
    QueueClosedError,
    SoldOutError,
    TooLateError,
    TooOftenError,
    WrongStateError,
)
from domain.queue.tables import (
    CounterShift,
    PriorityKind,
    Ticket,
    TicketPeriod,
    TicketState,
)
from tests.world.people import hired

MINUTE = dt.timedelta(minutes=1)


async def test_numbers_go_from_one_without_gaps_letter_by_letter(day) -> None:
    taken = [(await day.take(letter)).label for letter in "BBABC"]
    assert taken == ["B001", "B002", "A001", "B003", "C001"]


async def test_the_next_day_begins_at_one(day) -> None:
    assert (await day.take()).label == "B001"
    day.later(days=1)
    assert (await day.take()).label == "B001"


async def test_who_takes_a_hundred_at_once_gets_a_hundred_numbers(day) -> None:
    taken = await asyncio.gather(*(day.take(key) for key in "AB" * 50))
    for letter in "AB":
        numbers = sorted(each.number for each in taken if each.letter == letter)
        assert numbers == list(range(1, 51))


async def test_the_same_request_is_the_same_ticket(day) -> None:
    taken = await asyncio.gather(*(day.take(request_key="once") for _ in range(5)))
    assert {each.label for each in taken} == {"B001"}
    assert len({each.id for each in taken}) == 1
    assert (await day.take()).label == "B002"


async def test_a_device_holds_one_number_of_a_category(day) -> None:
    first = await day.take(device_hash="phone")
    with pytest.raises(HoldsOneError) as refused:
        await day.take(device_hash="phone")
    assert refused.value.ticket.id == first.id
    assert (await day.take("A", device_hash="phone")).label == "A001"
    await day.act(tickets.cancel, first)
    assert (await day.take(device_hash="phone")).label == "B002"


async def test_what_no_counter_serves_is_refused(day) -> None:
    with pytest.raises(NotServedError):
        await day.take("Z")


async def test_sold_out_leaves_no_gap(day) -> None:
    await day.rules(most_a_day=2)
    await day.take()
    await day.take()
    for _ in range(2):
        with pytest.raises(SoldOutError):
            await day.take()
    assert (await day.take("A")).label == "A001"
    assert (await day.look()).waiting_for("B") == 2


# Whose turn it is


async def test_who_came_first_is_called_first(day) -> None:
    await day.sit()
    for letter in "BAB":
        await day.take(letter)
        day.later(minutes=1)
    called = []
    for _ in range(3):
        called.append((await day.do(StaffedCounter.call_next)).label)
        await day.do(StaffedCounter.finish)
    assert called == ["B001", "A001", "B002"]
    with pytest.raises(NobodyWaitsError):
        await day.do(StaffedCounter.call_next)


async def test_a_counter_calls_only_whom_it_serves(day) -> None:
    await day.sit(1, "A")
    await day.take("B")
    with pytest.raises(NobodyWaitsError):
        await day.do(StaffedCounter.call_next)
    await day.take("A")
    assert (await day.do(StaffedCounter.call_next)).label == "A001"


async def test_priority_goes_ahead_of_those_who_came_shortly_before(day) -> None:
    await day.take()
    day.later(minutes=20)
    await day.take()
    day.later(minutes=1)
    await day.take(priority=PriorityKind.AGED)
    assert await day.order() == ["B001", "B003", "B002"]


async def test_who_waited_too_long_goes_before_all_priority(day) -> None:
    await day.rules(priority_minutes=120, longest_wait_minutes=30)
    await day.take()
    day.later(minutes=10)
    await day.take(priority=PriorityKind.PREGNANT)
    assert await day.order() == ["B002", "B001"]
    day.later(minutes=21)
    assert await day.order() == ["B001", "B002"]


async def test_being_called_out_of_turn_has_a_reason(day) -> None:
    await day.sit(1, "B")
    await day.take()
    day.later(minutes=1)
    called = await day.take(priority=PriorityKind.DISABLED)
    assert (await day.do(StaffedCounter.call_next)).id == called.id
    async with day.store.read() as session:
        reason = await session.scalar(
            select(TicketPeriod.reason).where(
                TicketPeriod.ticket_id == called.id, TicketPeriod.state == TicketState.CALLED
            )
        )
    assert reason == "priority"


async def test_two_counters_never_call_the_same_ticket(day) -> None:
    for counter in (1, 2, 3):
        await day.sit(counter, "B")
    for _ in range(3):
        await day.take()
    called = await asyncio.gather(
        *(day.do(StaffedCounter.call_next, counter) for counter in (1, 2, 3))
    )
    assert sorted(each.label for each in called) == ["B001", "B002", "B003"]


async def test_a_counter_has_one_person_at_a_time(day) -> None:
    await day.sit()
    await day.take()
    await day.take()
    answers = await asyncio.gather(
        *(day.do(StaffedCounter.call_next) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in answers) == ["CounterBusyError", "Ticket"]


# At the counter


async def test_a_visit_is_a_row_of_periods(day) -> None:
    await day.sit()
    ticket = await day.take()
    day.later(minutes=5)
    await day.do(StaffedCounter.call_next)
    day.later(seconds=30)
    await day.do(StaffedCounter.start)
    day.later(minutes=3)
    await day.do(StaffedCounter.hold)
    day.later(minutes=2)
    await day.do(StaffedCounter.resume, ticket_id=ticket.id)
    day.later(minutes=1)
    await day.do(StaffedCounter.finish)
    async with day.store.read() as session:
        periods = (
            await session.scalars(
                select(TicketPeriod)
                .where(TicketPeriod.ticket_id == ticket.id)
                .order_by(TicketPeriod.id)
            )
        ).all()
    lengths = [
        (
            each.state.value,
            (each.ended_at - each.began_at).total_seconds() if each.ended_at else None,
        )
        for each in periods
    ]
    assert lengths == [
        ("waiting", 300), ("called", 30), ("serving", 180),
        ("on-hold", 120), ("serving", 60), ("done", None),
    ]  # fmt: skip


async def test_a_passed_number_comes_back_a_few_places_down(day) -> None:
    await day.rules(back_places=2, most_returns=1)
    await day.sit()
    passed = await day.take(device_hash="phone")
    for _ in range(3):
        day.later(minutes=1)
        await day.take()
    await day.do(StaffedCounter.call_next)
    await day.do(StaffedCounter.no_show)
    await day.act(tickets.come_back, passed)
    assert await day.order() == ["B002", "B003", "B001", "B004"]
    await day.do(StaffedCounter.call_chosen, ticket_id=passed.id)
    await day.do(StaffedCounter.no_show)
    with pytest.raises(TooOftenError):
        await day.act(tickets.come_back, passed)


async def test_letting_others_pass_moves_one_behind_them(day) -> None:
    first = await day.take(device_hash="phone")
    for _ in range(3):
        day.later(minutes=1)
        await day.take()
    await day.act(tickets.let_pass, first, count=2)
    assert await day.order() == ["B002", "B003", "B001", "B004"]
    await day.act(tickets.let_pass, first, count=9)
    assert await day.order() == ["B002", "B003", "B004", "B001"]


async def test_letting_pass_and_coming_back_count_all_that_the_same_counter_calls(day) -> None:
    await day.rules(back_places=2)
    await day.sit(1, "ABC")
    await day.sit(2, "D")
    first = await day.take("B", device_hash="phone")
    for letter in "DACA":
        day.later(minutes=1)
        await day.take(letter)
    await day.act(tickets.let_pass, first, count=1)
    assert await day.order() == ["D001", "A001", "B001", "C001", "A002"]
    for _ in range(2):
        await day.do(StaffedCounter.call_next)
        await day.do(StaffedCounter.no_show)
    await day.act(tickets.come_back, first)
    assert await day.order() == ["D001", "C001", "A002", "B001"]


async def test_a_transfer_keeps_the_place(day) -> None:
    await day.sit(1, "B")
    await day.sit(2, "A")
    early = await day.take("B")
    day.later(minutes=1)
    await day.take("A")
    await day.do(StaffedCounter.call_next, 1)
    await day.do(StaffedCounter.transfer, 1, category="A")
    assert (await day.do(StaffedCounter.call_next, 2)).id == early.id
    await day.do(StaffedCounter.transfer, 2, counter=1)
    assert (await day.do(StaffedCounter.call_next, 2)).label == "A001"
    assert (await day.do(StaffedCounter.call_next, 1)).id == early.id


async def test_a_wrong_call_is_undone_for_ten_seconds(day) -> None:
    await day.sit()
    first = await day.take()
    day.later(minutes=1)
    await day.take()
    await day.do(StaffedCounter.call_next)
    day.later(seconds=10)
    await day.do(StaffedCounter.undo_call)
    assert await day.order() == ["B001", "B002"]
    assert (await day.look()).calls == ()
    assert (await day.do(StaffedCounter.call_next)).id == first.id
    day.later(seconds=11)
    with pytest.raises(TooLateError):
        await day.do(StaffedCounter.undo_call)


async def test_undoing_the_call_of_a_passed_number_makes_it_passed_again(day) -> None:
    await day.sit()
    ticket = await day.take()
    await day.do(StaffedCounter.call_next)
    await day.do(StaffedCounter.no_show)
    await day.do(StaffedCounter.call_chosen, ticket_id=ticket.id)
    assert (await day.do(StaffedCounter.undo_call)).state is TicketState.NO_SHOW


async def test_a_counter_that_pauses_calls_nobody(day) -> None:
    await day.sit()
    await day.take()
    await day.do(StaffedCounter.pause, reason="吃饭")
    with pytest.raises(NotAtCounterError):
        await day.do(StaffedCounter.call_next)
    assert [each.pause_reason for each in (await day.look()).desks] == ["吃饭"]
    await day.do(StaffedCounter.go_on)
    assert (await day.do(StaffedCounter.call_next)).label == "B001"


async def test_one_sits_at_one_counter_and_not_on_anothers_chair(day) -> None:
    await day.sit(1)
    other = await hired(day.store, "other")
    sign_on = partial(
        calling.sign_on, hall_id=day.hall.id, counter=1, staff_id=other, letters="A", now=day.now
    )
    with pytest.raises(CounterTakenError):
        await day.store.write(sign_on)
    for counter in (2, 3):
        moved = partial(
            calling.sign_on,
            hall_id=day.hall.id,
            counter=counter,
            staff_id=other,
            letters="A",
            now=day.now,
        )
        await day.store.write(moved)
    assert [each.counter for each in (await day.look()).desks] == [1, 3]


async def test_nobody_leaves_a_counter_with_somebody_at_it(day) -> None:
    await day.sit()
    await day.take()
    await day.do(StaffedCounter.call_next)
    with pytest.raises(CounterBusyError):
        await day.do(StaffedCounter.sign_off)
    await day.do(StaffedCounter.finish)
    await day.do(StaffedCounter.sign_off)
    assert (await day.look()).desks == ()


async def test_what_is_over_cannot_be_done_again(day) -> None:
    await day.sit()
    await day.take()
    await day.do(StaffedCounter.call_next)
    await day.do(StaffedCounter.start)
    for verb in (
        StaffedCounter.start,
        StaffedCounter.recall,
        StaffedCounter.no_show,
        StaffedCounter.undo_call,
    ):
        with pytest.raises(WrongStateError):
            await day.do(verb)
    await day.do(StaffedCounter.finish)
    with pytest.raises(NobodyWaitsError):
        await day.do(StaffedCounter.finish)


async def test_only_the_device_that_took_it_acts(day) -> None:
    ticket = await day.take(device_hash="phone")
    paper = await day.take()
    for token, device in ((ticket.token, "other"), (paper.token, ""), ("made-up", "phone")):
        act = partial(tickets.own_ticket, token=token, device_hash=device, now=day.now)
        with pytest.raises(NotYoursError):
            await day.store.write(act)


async def test_a_ticket_of_yesterday_does_nothing_today(day) -> None:
    ticket = await day.take(device_hash="phone")
    day.later(days=1)
    with pytest.raises(WrongStateError):
        await day.act(tickets.cancel, ticket)


# The day


async def test_people_ahead_are_those_my_counters_call_first(day) -> None:
    await day.sit(1, "AB")
    await day.sit(2, "C")
    for letter in "ABCAB":
        await day.take(letter)
        day.later(seconds=10)
    now = await day.look()
    ahead = {each.label: now.ahead(each) for each in now.waiting}
    assert ahead == {"A001": 0, "B001": 1, "C001": 0, "A002": 2, "B002": 3}


async def test_closing_a_day_is_done_by_somebody_and_leaves_nothing_open(day) -> None:
    await day.sit()
    await day.take()
    last = await day.take("A", request_key="once")
    await day.do(StaffedCounter.call_next)
    from domain.staff.actor import Actor

    actor = Actor(day.shifts[1].staff_id, None, "clerk-1")
    closing = partial(
        close_day,
        actor=actor,
        hall_id=day.hall.id,
        community_id=day.hall.community_id,
        now=day.now,
    )
    assert await day.store.write(closing) == 2
    with pytest.raises(QueueClosedError):
        await day.take()
    # The person who was given one and lost the answer still has it.
    assert (await day.take(request_key="once")).id == last.id
    with pytest.raises(QueueClosedError):
        await day.store.write(closing)
    async with day.store.read() as session:
        states = list(await session.scalars(select(Ticket.state)))
        still = await session.scalar(
            select(func.count()).select_from(CounterShift).where(CounterShift.ended_at.is_(None))
        )
    assert states == [TicketState.CLOSED, TicketState.CLOSED]
    assert still == 0


async def test_a_priority_that_was_asked_for_and_not_given_is_remembered(day) -> None:
    ticket = await day.take(priority=PriorityKind.AGED)
    assert (ticket.priority, ticket.refused_priority) == (PriorityKind.AGED, None)
    ticket = await day.take(priority=PriorityKind.OTHER)
    assert (ticket.priority, ticket.refused_priority) == (None, PriorityKind.OTHER)
    await day.rules(priority_minutes=0)
    ticket = await day.take(priority=PriorityKind.AGED)
    assert (ticket.priority, ticket.refused_priority) == (None, PriorityKind.AGED)
