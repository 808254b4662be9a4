"""多久轮到: a range that holds what comes, the same for everybody who asks, none where none is."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from domain.content import OpeningPeriod
from domain.queue.calling import StaffedCounter
from domain.queue.forecast import Forecast, Outlook, breaks_of, forecast
from domain.queue.history import LONGEST, MEAN, USUAL, History, Visit, history_of
from domain.queue.shift_plan import Absence, ShiftPlan
from domain.queue.snapshot import Call, Desk, QueueNow
from domain.queue.tables import QueueRules, Ticket, TicketState
from tests.world.clock import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.world.halls import Day

MINUTE = dt.timedelta(minutes=1)


def visits(letter: str, minutes: float, count: int = 40, **more: Any) -> tuple[Visit, ...]:
    """Visits that took these minutes each."""
    return (Visit(letter, more.pop("items", ()), minutes, **more),) * count


KNOWN = History((*visits("B", 8.0), *visits("A", 20.0)))


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


def desk(counter: int, letters: str = "B", **more: Any) -> Desk:
    """A staffed counter, free unless said otherwise."""
    values = {"pause_reason": None, "is_paused": False, "ticket": None, "staff_id": counter}
    return Desk(counter=counter, letters=tuple(letters), **{**values, **more})


def found(now: QueueNow, of: Ticket | str, history: History = KNOWN, **more: Any) -> Forecast:
    """A forecast that there must be."""
    said = Outlook(now, history, **more).of(of)
    assert said is not None
    return said


def test_while_nothing_is_known_the_range_is_wide_around_length_times_mean_by_counters() -> None:
    people = [ticket(n) for n in range(1, 7)]
    now = queue(people, {1: "B", 2: "B"})  # 5 before the last, 10 minutes each, 2 counters: 25
    for of, middle in ((people[-1], 25), ("B", 30)):
        cold, warm = found(now, of, History()), found(now, of, History(visits("B", 10.0, 80)))
        assert cold.low < middle < cold.high
        assert cold.high - cold.low > warm.high - warm.low
    assert found(now, people[0], History()) == Forecast(0, 2)


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
    assert History().usual("B") == MEAN
    assert History(visits("B", 2.0, 1)).usual("B") == pytest.approx((2 + 50) / 6)
    assert History(visits("B", 2.0, 1000)).usual("B") == pytest.approx(2, abs=0.1)


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
    missed = forecast(now, "B", History(KNOWN.visits, no_show=0.5))
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
    assert found.low < 298 * KNOWN.usual("B") / 3 < found.high


def test_the_range_holds_most_of_what_comes() -> None:
    random, held = Random(11), 0  # noqa: S311 - a draw, no secret
    for _ in range(40):
        people = [ticket(n) for n in range(1, random.randint(4, 18))]
        found = forecast(queue(people, {1: "B", 2: "B"}), people[-1], KNOWN)
        free = [0.0, 0.0]
        for _ in people[:-1]:
            free.sort()
            free[0] += random.gammavariate(3, KNOWN.usual("B") / 3)
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
        history = await history_of(session, day.hall.id, day.now)
        later = await history_of(session, day.hall.id, day.now + dt.timedelta(days=90))
        elsewhere = await history_of(session, day.hall.id + 1, day.now)
    assert [(each.letter, each.minutes) for each in history.visits] == [
        ("B", LONGEST),
        ("B", 6),
        ("B", 4),
    ]
    assert history.no_show == pytest.approx(1 / 4)
    assert (later.visits, elsewhere.visits) == ((), ())


# Today's pace, items and breaks


def test_a_slow_day_makes_waits_longer_and_one_visit_hardly() -> None:
    people = [ticket(number) for number in range(1, 7)]
    now = queue(people, {1: "B"})
    slow = History((*visits("B", 16.0, 20, is_today=True), *visits("B", 8.0, 200)))
    once = History((*visits("B", 16.0, 1, is_today=True), *visits("B", 8.0, 200)))
    assert KNOWN.pace == 1
    assert 1.5 < slow.pace < 2
    assert once.pace < 1.1
    usual, late = found(now, "B"), found(now, "B", slow)
    assert late.low > usual.low
    assert late.high > usual.high


def test_an_item_that_takes_longer_than_its_category_is_known_to() -> None:
    long = visits("B", 30.0, 20, items=("dibao",))
    history = History((*visits("B", 8.0, 100), *long, *visits("B", 30.0, 1, items=("rare",))))
    usual = history.usual("B")
    assert history.usual("B", ("dibao",)) > 20
    assert usual < history.usual("B", ("rare",)) < usual * 2
    assert history.usual("B", ("dibao", "rare")) == usual
    assert history.usual("B", ("unknown",)) == usual


def test_a_time_that_was_a_mistake_moves_nothing() -> None:
    with_mistakes = History((*visits("B", 8.0, 38), *visits("B", LONGEST, 2)))
    assert with_mistakes.usual("B") == pytest.approx(KNOWN.usual("B"))


def test_a_wait_that_reaches_into_the_lunch_break_goes_on_after_it() -> None:
    periods = [
        OpeningPeriod(opens=dt.time(8, 30), closes=dt.time(10, 40)),
        OpeningPeriod(opens=dt.time(13, 30), closes=dt.time(17)),
    ]
    breaks = breaks_of(periods, NOW)
    assert [(each.begins.time(), each.ends.time()) for each in breaks] == [
        (dt.time(), dt.time(8, 30)),
        (dt.time(10, 40), dt.time(13, 30)),
    ]
    before, after = breaks[1].begins - MINUTE, breaks[1].ends + MINUTE
    assert not breaks[1].holds(before)
    assert not breaks[1].holds(after)
    people = [ticket(number) for number in range(1, 7)]
    now = queue(people, {}, [desk(1)])  # 10:26, about eight minutes each
    assert found(now, people[0], periods=periods) == found(now, people[0]), "before the break"
    plain, through = found(now, people[5]), found(now, people[5], periods=periods)
    assert plain.low + 165 <= through.low < through.high <= plain.high + 175


LUNCH_NOW = [
    OpeningPeriod(opens=dt.time(8, 30), closes=dt.time(10, 16)),
    OpeningPeriod(opens=dt.time(11, 16), closes=dt.time(17)),
]


def test_within_the_break_nobody_is_called_unless_somebody_calls_all_the_same() -> None:
    people, at = [ticket(1)], ticket(9, state=TicketState.CALLED, counter=2)
    idle, busy = desk(1), desk(2, ticket=at)

    def wait(*desks: Desk, called: int | None = None) -> Forecast:
        calls = (
            [] if called is None else [Call(1, at.label, 2, NOW - called * MINUTE, is_current=True)]
        )
        now = queue([*people, at], {1: "B"}, desks, calls=tuple(calls))
        return found(now, people[0], periods=LUNCH_NOW)

    assert wait() == Forecast(50, 52)
    assert wait(idle) == Forecast(50, 52), "the clerk left without pausing"
    assert wait(idle, busy, called=15).low == 50, "a visit from before the break"
    assert wait(idle, busy, called=5) == Forecast(0, 2)


def test_before_it_opens_the_wait_begins_with_the_opening() -> None:
    periods = [OpeningPeriod(opens=dt.time(11, 26), closes=dt.time(17))]
    assert found(queue([ticket(1)], {1: "B"}), "B", periods=periods).low >= 60


def test_an_empty_hall_promises_nothing_in_its_opening_hours() -> None:
    periods = [OpeningPeriod(opens=dt.time(8), closes=dt.time(17))]
    paused = [desk(number, "B", is_paused=True) for number in (1, 2, 3)]
    people = [ticket(1), ticket(2)]
    for desks in ([], paused):
        outlook = Outlook(queue(people, {1: "B", 2: "AB"}, desks), KNOWN, periods)
        assert [outlook.of(one) for one in people] == [None] * 2
        assert [outlook.of(letter) for letter in "AB"] == [None] * 2
    back = desk(1, "B", is_paused=True, paused_at=NOW, back_at=NOW + 30 * MINUTE)
    assert found(queue(people, {1: "B"}, [back]), people[0], periods=periods).low == 30


async def test_todays_visits_and_items_are_part_of_the_history(day: Day) -> None:
    await day.sit(1)
    for minutes in (4, 6):
        await day.take(items=("dibao",))
        await day.do(StaffedCounter.call_next)
        await day.do(StaffedCounter.start)
        day.later(minutes=minutes)
        await day.do(StaffedCounter.finish)
    async with day.store.read() as session:
        history = await history_of(session, day.hall.id, day.now)
        tomorrow = await history_of(session, day.hall.id, day.now + dt.timedelta(days=1))
    told = [(each.items, each.minutes, each.is_today) for each in history.visits]
    assert told == [(("dibao",), 6.0, True), (("dibao",), 4.0, True)]
    assert {each.staff_id for each in history.visits} == {day.shifts[1].staff_id}
    assert not any(each.is_today for each in tomorrow.visits)


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
    long = History(visits("B", 15.0))
    once = queue([at], {}, desks, calls=(newest,))
    twice = queue([at], {}, desks, calls=(newest, earlier))
    assert forecast(twice, "B", long) == forecast(once, "B", long)
    assert forecast(twice, "B", long) != Forecast(0, 2)


# Visits, clerks and pauses as they usually are


def wait_behind(passed: float, history: History = KNOWN) -> Forecast:
    """The wait of the next person, behind one who was called so many minutes ago."""
    at = ticket(1, state=TicketState.SERVING, counter=1)
    calls = (Call(1, at.label, 1, NOW - passed * MINUTE, is_current=True),)
    return found(queue([at], {}, [desk(1, ticket=at)], calls=calls), "B", history)


def test_a_visit_that_lasts_long_is_not_over_at_once() -> None:
    of_all_lengths = tuple(Visit("B", (), 10 * multiple) for multiple in USUAL) * 10
    varied = History(of_all_lengths, plan=ShiftPlan({1: [[]]}))
    left = [wait_behind(passed, varied) for passed in (0, 5, 10, 20, 30)]
    middles = [(each.low + each.high) / 2 for each in left]
    assert middles == sorted(middles, reverse=True), "the longer it lasts, the less is left"
    assert middles[3] >= 3, "4.4 minutes by the times before"


@pytest.mark.parametrize("passed", [0, 1, 7, 8, 9, 20, 44, 120, 600])
def test_no_wait_is_negative_however_long_a_visit_lasts(passed) -> None:
    said = wait_behind(passed)
    assert 0 <= said.low < said.high


def test_who_waits_for_a_slow_clerk_waits_longer() -> None:
    slow, quick = visits("B", 16.0, staff_id=1), visits("B", 8.0, staff_id=2)
    history = History((*slow, *quick))
    assert 1.15 < history.clerks[1] < 1.5
    assert 0.6 < history.clerks[2] < 0.85
    people = [ticket(n) for n in range(1, 9)]
    with_slow, with_quick = (
        found(queue(people, {}, [desk(n, staff_id=n)]), people[-1], history) for n in (1, 2)
    )
    assert with_slow.low > with_quick.low
    assert with_slow.high > with_quick.high


def test_a_clerk_of_a_few_visits_is_taken_for_a_usual_one() -> None:
    history = History((*visits("B", 16.0, 1, staff_id=1), *visits("B", 8.0, 100, staff_id=2)))
    assert history.clerks[1] < 1.15


NOON = Absence(10 * 60 + 30, 12 * 60 + 30)


def with_lunch(days: int = 10, today: tuple[Absence, ...] = ()) -> History:
    """Counter 1 pauses from 10:30 to 12:30 each day; it is 10:26."""
    return History(KNOWN.visits, 0.0, ShiftPlan({1: [[NOON]] * days}, {1: today}))


def test_a_pause_that_is_usual_is_expected_before_it_begins() -> None:
    people = [ticket(n) for n in range(1, 4)]
    now = queue(people, {}, [desk(1)])
    assert found(now, people[0], with_lunch()) == Forecast(0, 2)
    assert found(now, people[2], with_lunch()).low >= 120
    assert found(now, people[2], with_lunch(today=(Absence(560, 620),))).high < 60, "it was earlier"
    assert found(now, people[2], with_lunch(today=(Absence(600, 605),))).low >= 120, "that was none"


def test_a_pause_that_was_so_on_half_of_the_days_makes_the_range_wide() -> None:
    history = History(KNOWN.visits, 0.0, ShiftPlan({1: [[NOON], []] * 5}))
    people = [ticket(n) for n in range(1, 4)]
    said = found(queue(people, {}, [desk(1)]), people[2], history)
    assert said.low < 30
    assert said.high >= 120


def test_how_a_new_counter_spends_midday_is_not_known_and_the_range_says_so() -> None:
    # Thirteen before the last, 8 minutes each: through in the middle of the day.
    people = [ticket(n) for n in range(1, 15)]
    now = queue(people, {}, [desk(1)])
    seen = History(KNOWN.visits, 0.0, ShiftPlan({1: [[]] * 5}))
    back = History(KNOWN.visits, 0.0, ShiftPlan({}, {1: (Absence(560, 620),)}))
    as_usual = found(now, people[-1], seen)
    assert found(now, people[-1], back) == as_usual
    new = found(now, people[-1], KNOWN)
    assert new.low <= as_usual.high
    assert new.high - new.low > 1.4 * (as_usual.high - as_usual.low)
    # Nobody waits longer who is called before.
    assert found(now, people[2], KNOWN) == found(now, people[2], seen)


def test_a_pause_ends_as_it_usually_does_or_when_its_clerk_said() -> None:
    paused: dict[str, Any] = {"is_paused": True, "paused_at": NOW - 10 * MINUTE}
    person = [ticket(1)]
    usual = found(queue(person, {}, [desk(1, **paused)]), person[0], with_lunch(30))
    assert usual.low <= 124 <= usual.high
    said = desk(1, **paused, back_at=NOW + 20 * MINUTE)
    back = found(queue(person, {}, [said]), person[0], with_lunch(30))
    assert back.low == 20
    assert back.high <= 35
    overdue = desk(1, **paused, back_at=NOW - 5 * MINUTE)
    assert found(queue(person, {}, [overdue]), person[0], with_lunch(30)).high < 15


async def test_the_plan_is_learnt_from_pauses_and_shifts(day: Day) -> None:
    await day.sit(1)
    day.later(minutes=30)
    await day.do(StaffedCounter.pause, reason="吃饭", back_at=day.now + 60 * MINUTE)
    assert (await day.look()).desks[0].back_at == day.now + 60 * MINUTE
    day.later(minutes=45)
    await day.do(StaffedCounter.go_on)
    assert (await day.look()).desks[0].back_at is None
    day.later(minutes=15)
    await day.do(StaffedCounter.sign_off)
    day.later(minutes=20)
    await day.sit(1)
    begun = NOW.hour * 60 + NOW.minute
    away = [Absence(begun + 90, begun + 110), Absence(begun + 30, begun + 75)]
    async with day.store.read() as session:
        today = await history_of(session, day.hall.id, day.now)
        later = await history_of(session, day.hall.id, day.now + dt.timedelta(days=1))
        long_ago = await history_of(session, day.hall.id, day.now + dt.timedelta(days=40))
    assert (today.plan.today, dict(today.plan.before)) == ({1: away}, {})
    assert (later.plan.today, dict(later.plan.before)) == ({}, {1: [away]})
    assert (long_ago.plan.today, dict(long_ago.plan.before)) == ({}, {})
