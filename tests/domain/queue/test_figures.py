"""Figures of a day, from periods alone."""

from __future__ import annotations

import datetime as dt
from functools import partial

from domain.queue import calling, tickets
from domain.queue.calling import StaffedCounter
from domain.queue.days import day_of
from domain.queue.figures import (
    Hour,
    Span,
    Stay,
    by_category,
    by_counter,
    by_hour,
    by_item,
    courses,
    figures,
    stays_of,
)
from domain.queue.tables import CounterShift, PriorityKind, TicketState
from domain.queue.tickets import TicketRequest
from tests.world.clock import NOW, SHANGHAI
from tests.world.halls import hall_of
from tests.world.people import hired

MINUTE = dt.timedelta(minutes=1)
WAITING, CALLED, SERVING = TicketState.WAITING, TicketState.CALLED, TicketState.SERVING
DONE, NO_SHOW, ON_HOLD = TicketState.DONE, TicketState.NO_SHOW, TicketState.ON_HOLD


def went(ticket: int, *states: tuple[TicketState, int], letter: str = "B") -> list[Stay]:
    """A ticket that came into these states at these minutes after `NOW`."""
    ends = [*(minute for _, minute in states[1:]), None]
    return [
        Stay(
            ticket_id=ticket,
            number=f"{letter}{ticket:03}",
            letter=letter,
            items=("dibao",) if ticket % 2 else ("dibao", "laonianka"),
            priority=PriorityKind.AGED if ticket == 1 else None,
            state=state,
            counter=None if state is WAITING else 2,
            began_at=NOW + began * MINUTE,
            ended_at=None if end is None else NOW + end * MINUTE,
        )
        for (state, began), end in zip(states, ends, strict=True)
    ]


def test_a_whole_visit() -> None:
    (course,) = courses(went(1, (WAITING, 0), (CALLED, 8), (SERVING, 9), (DONE, 20)))
    assert (course.number, course.state, course.counter) == ("B001", DONE, 2)
    assert (course.waited, course.served) == (8 * MINUTE, 11 * MINUTE)
    assert (course.started_at, course.done_at) == (NOW + 9 * MINUTE, NOW + 20 * MINUTE)


def test_a_visit_whose_start_nobody_pressed_took_from_the_call_on() -> None:
    (course,) = courses(went(1, (WAITING, 0), (CALLED, 8), (SERVING, 16), (DONE, 16)))
    assert (course.waited, course.served) == (8 * MINUTE, 8 * MINUTE)
    assert course.started_at == NOW + 8 * MINUTE
    # After a transfer each counter has its own.
    (course,) = courses(
        went(
            1,
            *((WAITING, 0), (CALLED, 2), (SERVING, 3), (WAITING, 5)),
            *((CALLED, 9), (SERVING, 12), (DONE, 12)),
        )
    )
    assert (course.waited, course.served) == (2 * MINUTE, 5 * MINUTE)


def test_who_waits_has_no_times_yet() -> None:
    (course,) = courses(went(1, (WAITING, 0), (CALLED, 3), (WAITING, 3)))
    assert (course.waited, course.served, course.counter) == (None, None, None)
    found = figures([course])
    assert (found.taken, found.waiting, found.served, found.wait) == (1, 1, 0, None)


def test_waiting_after_a_transfer_is_not_waiting_to_be_served_first() -> None:
    (course,) = courses(
        went(1, (WAITING, 0), (CALLED, 5), (SERVING, 5), (WAITING, 9), (SERVING, 30), (DONE, 36))
    )
    assert (course.waited, course.served) == (5 * MINUTE, 10 * MINUTE)


def test_time_on_hold_is_neither() -> None:
    (course,) = courses(
        went(1, (WAITING, 0), (CALLED, 2), (SERVING, 3), (ON_HOLD, 4), (SERVING, 60), (DONE, 62))
    )
    assert (course.waited, course.served) == (2 * MINUTE, 3 * MINUTE)


def test_a_passed_one_counts_until_it_comes_back() -> None:
    gone = went(1, (WAITING, 0), (CALLED, 1), (NO_SHOW, 2))
    back = went(2, (WAITING, 0), (CALLED, 1), (NO_SHOW, 2), (WAITING, 4))
    found = courses([*gone, *back])
    assert figures(found).no_shows == 1
    assert [each.passes for each in found] == [1, 1]


def test_means_longest_and_categories() -> None:
    stays = [
        *went(1, (WAITING, 0), (SERVING, 10), (DONE, 14)),
        *went(2, (WAITING, 0), (SERVING, 20), (DONE, 26)),
        *went(3, (WAITING, 0), (SERVING, 1), (DONE, 2), letter="A"),
    ]
    found = by_category(courses(stays))
    assert list(found) == ["A", "B"]
    assert found["B"].wait == Span(15 * MINUTE, 20 * MINUTE)
    assert found["B"].service == Span(5 * MINUTE, 6 * MINUTE)
    assert found["A"].taken == 1


def test_an_item_is_measured_by_those_who_came_for_it_alone() -> None:
    stays = [
        *went(1, (WAITING, 0), (SERVING, 10), (DONE, 14)),
        *went(2, (WAITING, 0), (SERVING, 20), (DONE, 60)),
        *went(3, (WAITING, 0), (SERVING, 1), (DONE, 7)),
    ]
    found = by_item(courses(stays))
    assert list(found) == ["dibao"]
    assert found["dibao"].service == Span(5 * MINUTE, 6 * MINUTE)


def test_hours_are_local_and_without_holes() -> None:
    stays = [
        *went(1, (WAITING, 0), (SERVING, 10), (DONE, 14)),
        *went(2, (WAITING, 1), (SERVING, 20), (DONE, 160)),
    ]
    utc = [each.__class__(**{**vars(each), "began_at": each.began_at.astimezone(dt.UTC)})
           for each in stays]  # fmt: skip
    assert by_hour(courses(utc), SHANGHAI) == [
        Hour(10, 2, 1, Span(14.5 * MINUTE, 19 * MINUTE)),
        Hour(11, 0, 0), Hour(12, 0, 0), Hour(13, 0, 1),
    ]  # fmt: skip


def test_a_day_without_anybody() -> None:
    assert by_hour([], SHANGHAI) == []
    assert figures([]).wait is None
    assert by_category([]) == {}


async def test_the_rows_of_a_true_day(sample) -> None:
    hall = await hall_of(sample)
    clerk = await hired(sample, "clerk")

    async def morning(session) -> None:
        take = partial(tickets.take_ticket, session, hall.id, served={"B"})
        await take(request=TicketRequest("B"), now=NOW)
        await take(request=TicketRequest("B"), now=NOW + MINUTE)
        shift: CounterShift = await calling.sign_on(session, hall.id, 1, clerk, ["B"], NOW)
        await StaffedCounter(session, shift, NOW + 4 * MINUTE).call_next()
        await StaffedCounter(session, shift, NOW + 5 * MINUTE).start()
        await StaffedCounter(session, shift, NOW + 8 * MINUTE).finish()

    await sample.write(morning)
    async with sample.read() as session:
        day = await day_of(session, hall.id, NOW.date())
        assert day is not None
        found = courses(await stays_of(session, day.id))
    assert [(each.number, each.state) for each in found] == [("B001", DONE), ("B002", WAITING)]
    assert figures(found).service == Span(3 * MINUTE, 3 * MINUTE)
    assert found[0].waited == 4 * MINUTE


def test_the_way_to_the_counter_is_from_the_call_to_the_start() -> None:
    arrived = went(1, (WAITING, 0), (CALLED, 8), (SERVING, 10), (DONE, 20))
    late = went(2, (WAITING, 0), (CALLED, 2), (NO_SHOW, 4), (CALLED, 9), (SERVING, 13), (DONE, 20))
    unpressed = went(3, (WAITING, 0), (CALLED, 8), (SERVING, 16), (DONE, 16))
    whole = figures(courses([*arrived, *late, *unpressed]))
    assert whole.way == Span(3 * MINUTE, 4 * MINUTE)


def test_a_counter_is_idle_while_it_is_staffed_without_a_person() -> None:
    def shift(
        counter: int, began: int, ended: int | None, acted: int | None = None
    ) -> CounterShift:
        at = {"began": began, "ended": ended, "acted": acted}
        return CounterShift(
            counter=counter,
            **{
                f"{name}_at": None if minute is None else NOW + minute * MINUTE
                for name, minute in at.items()
            },
        )

    stays = [
        *went(1, (WAITING, 0), (CALLED, 8), (SERVING, 10), (DONE, 20)),
        *went(2, (WAITING, 0), (CALLED, 30)),
    ]
    shifts = [shift(2, 0, 25), shift(2, 28, None), shift(3, 0, 900, acted=50)]
    two, three = by_counter(stays, shifts, NOW + 40 * MINUTE)
    assert (two.counter, two.visits, two.staffed, two.busy, two.idle) == (
        (2, 1, 37 * MINUTE, 22 * MINUTE, 15 * MINUTE)
    )
    # The clerk forgot to sign off: what nobody did through the night is no work.
    assert (three.visits, three.staffed, three.idle) == (0, 50 * MINUTE, 50 * MINUTE)
