"""多久轮到: a range that holds what comes, the same for everybody who asks, none where none is."""

from __future__ import annotations

import datetime as dt
from random import Random
from statistics import mean
from typing import TYPE_CHECKING, Any

import pytest

from domain.content import OpeningPeriod
from domain.queue.calling import StaffedCounter
from domain.queue.forecast import (
    FEWEST,
    LONGEST,
    MEAN,
    Break,
    Forecast,
    History,
    Outlook,
    breaks_of,
    forecast,
    history_of,
)
from domain.queue.snapshot import Call, Desk, QueueNow
from domain.queue.tables import QueueRules, Ticket, TicketState
from tests.world.clock import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.world.halls import Day

MINUTE = dt.timedelta(minutes=1)
KNOWN = History({"B": (8.0,) * 40, "A": (20.0,) * 40})


def ticket(number: int, letter: str = "B", **more: Any) -> Ticket:
    """Someone who came a minute after the one before, ten minutes ago and more."""
    came = NOW - dt.timedelta(minutes=30) + number * MINUTE
    values = {
        "id": number,
        "letter": letter,
        "number": number,
        "category": letter,
        "items": (),
        "state": TicketState.WAITING,
        "for_counter": None,
        "joined_at": came,
        "waits_from": came,
        "place_at": came,
        **more,
    }
    return Ticket(**values)


def queue(
    tickets: Sequence[Ticket], counters: dict[int, str], desks: Sequence[Desk] = (), **more: Any
) -> QueueNow:
    """A hall with these people and these counters, none of them busy."""
    return QueueNow(
        hall_id=1,
        now=NOW,
        day=None,
        rules=QueueRules(),
        tickets=tuple(tickets),
        desks=tuple(desks),
        usual={number: tuple(letters) for number, letters in counters.items()},
        **{"calls": (), **more},
    )


def test_while_little_is_known_it_is_length_times_mean_by_counters() -> None:
    people = [ticket(n) for n in range(1, 7)]
    now = queue(people, {1: "B", 2: "B"})
    found = forecast(now, people[-1], History())  # 5 before, 10 minutes each, 2 counters: 25
    assert found == Forecast(15, 35)
    assert forecast(now, "B", History()) == Forecast(20, 45)
    assert forecast(now, people[0], History()) == Forecast(0, 2)


def test_who_is_at_the_counter_counts_half_while_little_is_known() -> None:
    at = ticket(1, state=TicketState.CALLED, counter=1)
    now = queue([at], {}, [Desk(1, ("B",), None, is_paused=False, ticket=at, staff_id=1)])
    assert forecast(now, "B", History()) == Forecast(3, 10)


def test_no_counter_no_forecast() -> None:
    person = ticket(1)
    now = queue([person], {1: "A"})
    for history in (History(), KNOWN):
        assert forecast(now, person, history) is None
        assert forecast(now, "B", history) is None
        assert forecast(now, "A", history) is not None


def test_a_counter_that_pauses_calls_nobody() -> None:
    desks = [
        Desk(1, ("A",), None, is_paused=False, ticket=None, staff_id=1),
        Desk(2, ("B",), "lunch", is_paused=True, ticket=None, staff_id=2),
    ]
    now = queue([], {}, desks)
    for history in (History(), KNOWN):
        assert forecast(now, "A", history) is not None
        assert forecast(now, "B", history) is None


def test_who_waits_for_one_counter_waits_for_that_one() -> None:
    people = [*(ticket(n) for n in range(1, 9)), ticket(9, for_counter=2)]
    now = queue(people, {1: "B", 2: "A"})
    found = forecast(now, people[-1], KNOWN)
    assert found is not None
    assert found.low == 0


def test_means_are_drawn_towards_what_is_usual_where_little_is_known() -> None:
    assert History().mean("B") == MEAN
    assert History({"B": (2.0,)}).mean("B") == pytest.approx((2 + 50) / 6)
    assert History({"B": (2.0,) * 1000}).mean("B") == pytest.approx(2, abs=0.1)


def test_the_same_for_everybody_who_asks_and_again_for_another_seed() -> None:
    people = [ticket(n) for n in range(1, 20)]
    now = queue(people, {1: "B", 2: "AB"})
    first = [Outlook(now, KNOWN).of(each) for each in people]
    assert first == [Outlook(now, KNOWN).of(each) for each in people]
    other = Outlook(now, KNOWN, seed=7).of(people[-1])
    assert first[-1] is not None
    assert other is not None
    assert abs(first[-1].low - other.low) <= 10


def test_who_comes_later_waits_no_less() -> None:
    people = [ticket(n, "AB"[n % 3 == 0]) for n in range(1, 25)]
    outlook = Outlook(queue(people, {1: "AB", 2: "AB"}), KNOWN)
    lows = [found.low for each in people if (found := outlook.of(each))]
    assert lows == sorted(lows)
    assert len(lows) == len(people)


def test_people_who_do_not_come_make_it_shorter() -> None:
    people = [ticket(n) for n in range(1, 15)]
    now = queue(people, {1: "B"})
    usual = forecast(now, "B", KNOWN)
    missed = forecast(now, "B", History(KNOWN.minutes, no_show=0.5))
    assert usual is not None
    assert missed is not None
    assert missed.high < usual.high


def test_whoever_has_been_at_the_counter_for_long_is_done_sooner() -> None:
    def wait(called: dt.timedelta) -> Forecast:
        at = ticket(1, state=TicketState.CALLED, counter=1)
        desk = Desk(1, ("B",), None, is_paused=False, ticket=at, staff_id=1)
        calls = (Call(1, at.label, 1, NOW - called, is_current=True),)
        found = forecast(queue([at], {}, [desk], calls=calls), "B", KNOWN)
        assert found is not None
        return found

    assert wait(dt.timedelta(minutes=8)).high < wait(dt.timedelta()).high


def test_who_has_waited_too_long_goes_first_in_the_play_as_in_the_hall() -> None:
    people = [ticket(n) for n in range(1, 12)]
    late = ticket(20, waits_from=NOW - dt.timedelta(minutes=61), place_at=NOW)
    found = forecast(queue([*people, late], {1: "B"}), late, KNOWN)
    assert found is not None
    assert found.low == 0


def test_an_endless_queue_is_played_less_often_and_still_answers() -> None:
    people = [ticket(n) for n in range(1, 300)]
    found = forecast(queue(people, {1: "B", 2: "B", 3: "B"}), people[-1], KNOWN)
    assert found is not None
    assert found.low < 298 * KNOWN.mean("B") / 3 < found.high


def test_the_range_holds_most_of_what_comes() -> None:
    random, held = Random(11), 0  # noqa: S311 - a draw, no secret
    for _ in range(40):
        people = [ticket(n) for n in range(1, random.randint(4, 18))]
        found = forecast(queue(people, {1: "B", 2: "B"}), people[-1], KNOWN)
        free = [0.0, 0.0]
        for _ in people[:-1]:
            free.sort()
            free[0] += random.gammavariate(3, KNOWN.mean("B") / 3)
        assert found is not None
        held += found.low <= min(free) <= found.high
    assert held >= 28


def test_when_to_be_back_is_a_full_five_minutes_and_never_too_late() -> None:
    for low in (10, 35, 60):
        back = Forecast(low, low + 10).back_at(NOW)
        assert back.minute % 5 == 0
        assert back <= NOW + low * MINUTE
    assert Forecast(5, 10).is_soon
    assert not Forecast(10, 20).is_soon


def test_how_many_are_before_somebody_new() -> None:
    people = [ticket(1, "A"), ticket(2, "B"), ticket(3, "C")]
    outlook = Outlook(queue(people, {1: "AB", 2: "C"}), History())
    assert [outlook.before(letter) for letter in "ABCZ"] == [2, 2, 1, 0]


async def test_history_is_what_the_hall_took(day: Day) -> None:
    await day.sit(1)
    for minutes in (4, 6, 90):
        await day.take()
        await day.do(StaffedCounter.call_next)
        day.later(minutes=1)
        await day.do(StaffedCounter.start)
        day.later(minutes=minutes - 1)
        await day.do(StaffedCounter.finish)
    await day.take("A")
    await day.do(StaffedCounter.call_next)
    day.later(minutes=2)
    await day.do(StaffedCounter.no_show)
    async with day.store.read() as session:
        found = await history_of(session, day.hall.id, day.now)
        later = await history_of(session, day.hall.id, day.now + dt.timedelta(days=90))
        elsewhere = await history_of(session, day.hall.id + 1, day.now)
    assert sorted(found.minutes["B"]) == [4, 6, LONGEST]
    assert "A" not in found.minutes
    assert found.no_show == pytest.approx(1 / 4)
    assert (later.count, elsewhere.count) == (0, 0)
    assert mean(found.minutes["B"]) > 0
    assert found.count < FEWEST


# Today's pace, items and breaks


def test_a_slow_day_makes_waits_longer_and_one_visit_hardly() -> None:
    people = [ticket(number) for number in range(1, 7)]
    now = queue(people, {1: "B"})
    usual = forecast(now, "B", KNOWN)
    slow = History(KNOWN.minutes, today=(("B", 16.0),) * 20)
    once = History(KNOWN.minutes, today=(("B", 16.0),))
    assert KNOWN.pace == 1
    assert slow.pace == pytest.approx((20 * 16 / slow._means["B"] + 10) / 30)
    assert once.pace < 1.1
    late = forecast(now, "B", slow)
    assert usual is not None
    assert late is not None
    assert late.low > usual.low
    assert late.high > usual.high


def test_an_item_that_takes_longer_than_its_category_is_known_to() -> None:
    history = History({"B": (8.0,) * 40}, items={"dibao": (30.0,) * 20, "rare": (30.0,)})
    usual = history.mean("B")
    assert history.expected(ticket(1, items=("dibao",))) > 20
    assert usual < history.expected(ticket(2, items=("rare",))) < usual * 2
    assert history.expected(ticket(3, items=("dibao", "rare"))) == usual
    assert history.expected(ticket(4, items=("unknown",))) == usual


def test_a_time_that_was_a_mistake_moves_nothing() -> None:
    with_mistakes = History({"B": (8.0,) * 38 + (LONGEST, LONGEST)})
    assert with_mistakes.mean("B") == pytest.approx(KNOWN.mean("B"))


def test_a_wait_that_reaches_into_the_lunch_break_goes_on_after_it() -> None:
    periods = [
        OpeningPeriod(opens=dt.time(8, 30), closes=dt.time(10, 40)),
        OpeningPeriod(opens=dt.time(13, 30), closes=dt.time(17)),
    ]
    breaks = breaks_of(periods, NOW)
    assert [(each.begins.time(), each.ends.time()) for each in breaks] == [
        (dt.time(10, 40), dt.time(13, 30))
    ]
    people = [ticket(number) for number in range(1, 7)]
    now = queue(people, {1: "B"})  # 10:26, about eight minutes each
    plain, through = Outlook(now, KNOWN), Outlook(now, KNOWN, breaks)
    assert through.of(people[0]) == plain.of(people[0]), "called before the break"
    last = plain.of(people[5])
    assert last is not None
    assert through.of(people[5]) == Forecast(last.low + 170, last.high + 170)
    before, after = breaks[0].begins - MINUTE, breaks[0].ends + MINUTE
    assert not breaks[0].holds(before)
    assert not breaks[0].holds(after)


def test_within_the_break_it_counts_unless_somebody_calls_all_the_same() -> None:
    break_ = Break(NOW - 10 * MINUTE, NOW + 50 * MINUTE)
    people = [ticket(1)]
    desk = Desk(1, ("B",), None, is_paused=False, ticket=None, staff_id=1)
    closed = Outlook(queue(people, {1: "B"}), KNOWN, [break_]).of(people[0])
    works = Outlook(queue(people, {1: "B"}, [desk]), KNOWN, [break_]).of(people[0])
    assert (closed, works) == (Forecast(50, 52), Forecast(0, 2))


async def test_todays_visits_and_items_are_part_of_the_history(day: Day) -> None:
    await day.sit(1)
    for minutes in (4, 6):
        await day.take(items=("dibao",))
        await day.do(StaffedCounter.call_next)
        await day.do(StaffedCounter.start)
        day.later(minutes=minutes)
        await day.do(StaffedCounter.finish)
    async with day.store.read() as session:
        found = await history_of(session, day.hall.id, day.now)
        tomorrow = await history_of(session, day.hall.id, day.now + dt.timedelta(days=1))
    assert found.today == (("B", 6.0), ("B", 4.0))
    assert sorted(found.items["dibao"]) == [4.0, 6.0]
    assert tomorrow.today == ()


@pytest.mark.parametrize(
    "people",
    [
        [ticket(number, "D") for number in range(1, 6)],
        [ticket(1, "A"), ticket(2, "D"), ticket(3, "E"), ticket(4, "D"), ticket(5, "B")],
        [ticket(1, "A"), ticket(2, "D", for_counter=2), ticket(3, "D"), ticket(4, "B")],
    ],
)
@pytest.mark.parametrize("counters", [{1: "AB"}, {1: "AB", 2: "C"}, {}])
def test_as_many_are_said_to_be_before_a_number_as_stand_before_it_once_taken(
    people, counters
) -> None:
    outlook = Outlook(queue(people, counters), History())
    for letter in "ABCDE":
        taken = ticket(9, letter)
        after = queue([*people, taken], counters)
        assert after.ahead(taken) == outlook.before(letter), letter


def test_those_who_wait_for_the_same_stand_before_a_number_that_no_counter_calls() -> None:
    people = [ticket(1, "A"), *(ticket(number, "D") for number in range(2, 7))]
    now = queue(people, {1: "AB"})
    assert [now.ahead(each) for each in people] == [0, 0, 1, 2, 3, 4]
    assert forecast(now, people[-1], KNOWN) is None


def test_a_person_who_was_called_twice_counts_from_the_newest_call() -> None:
    at = ticket(1, items=(), state=TicketState.SERVING, counter=2)
    desks = [Desk(2, ("B",), None, is_paused=False, ticket=at, staff_id=1)]
    earlier = Call(1, at.label, 1, NOW - 40 * MINUTE, is_current=False)
    newest = Call(2, at.label, 2, NOW, is_current=True)
    long = History({"B": (15.0,) * 40})
    once = queue([at], {}, desks, calls=(newest,))
    twice = queue([at], {}, desks, calls=(newest, earlier))
    assert forecast(twice, "B", long) == forecast(once, "B", long)
    assert forecast(twice, "B", long) != Forecast(0, 2)
