"""The queue's rules under any order of events: Hypothesis tries to break them, on both databases."""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import suppress
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import inspect, select

from domain.errors import LianxinError
from domain.queue import calling, handover, seats, tickets
from domain.queue.calling import StaffedCounter
from domain.queue.days import close_day, give_numbers_again, reopen_day, stop_numbers
from domain.queue.order import is_served_by
from domain.queue.snapshot import QueueNow, queue_now
from domain.queue.tables import (
    CounterShift,
    HallQueue,
    PriorityKind,
    QueueDay,
    QueueRules,
    Ticket,
    TicketPeriod,
    TicketState,
)
from domain.queue.tickets import TicketRequest
from domain.queue.versions import version_of
from domain.staff.actor import Actor
from domain.store import Store
from tests.world.clock import NOW
from tests.world.halls import hall_of
from tests.world.people import hired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.world.databases import PostgresCluster, SqliteFiles

COUNTERS = (1, 2, 3)
LETTERS = "AB"
DEVICES = ("one", "two", "three")
counters, letters = st.sampled_from(COUNTERS), st.sampled_from(LETTERS)
some_letters = st.sampled_from(("A", "B", "AB"))
places = st.integers(0, 30)
priorities = st.none() | st.sampled_from(PriorityKind)
DAYS = count(1)


class World:
    """One store for all the days that are tried, on a loop of its own."""

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        self.store = Store(url)
        self.runner.run(self.store.open())
        self.hall = self.runner.run(hall_of(self.store))
        self.runner.run(self.store.write(self._rules))
        self.staff = {n: self.runner.run(hired(self.store, f"clerk-{n}")) for n in COUNTERS}

    async def _rules(self, session: Any) -> None:
        # Under which priority would let people starve, were it not for the longest wait.
        rules = QueueRules(priority_minutes=120, longest_wait_minutes=20, back_places=2)
        session.add(HallQueue(hall_id=self.hall.id, rules=rules))

    def close(self) -> None:
        """Let go of the store and the loop."""
        self.runner.run(self.store.close())
        self.runner.close()


class HallDay(RuleBasedStateMachine):
    """A day in a hall, in which anything may happen at any time."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW + dt.timedelta(days=next(DAYS))
        self.began, self.seen = self.now, (-1, list[Any]())
        self.write(self._empty_chairs)

    async def _empty_chairs(self, session: Any) -> None:
        for shift in await session.scalars(
            select(CounterShift).where(CounterShift.ended_at.is_(None))
        ):
            shift.ended_at = self.now

    def write(self, unit: Callable[[Any], Any]) -> Any:
        """Run a unit of work; a refusal in the domain's own words is an answer like any other."""
        with suppress(LianxinError):
            return self.world.runner.run(self.world.store.write(unit))
        return None

    def read(self, look: Callable[[Any], Any]) -> Any:
        """Look at the store."""

        async def reading() -> Any:
            async with self.world.store.read() as session:
                return await look(session)

        return self.world.runner.run(reading())

    def at_counter(self, at: int, verb: Callable[..., Any], **more: Any) -> Any:
        """Something a counter does."""

        async def unit(session: Any) -> Any:
            seat = (await self._seats(session)).get(at)
            if seat is None:
                return None
            return await verb(StaffedCounter(session, seat.shift, self.now), **more)

        return self.write(unit)

    def queue(self) -> QueueNow:
        """The queue as everybody sees it."""
        found: QueueNow = self.read(partial(queue_now, hall=self.world.hall, now=self.now))
        return found

    def someone(self, place: int) -> Ticket | None:
        """Any of the tickets that are not over."""
        found = self.queue().tickets
        return found[place % len(found)] if found else None

    @initialize(chosen=some_letters)
    def morning(self, chosen: str) -> None:
        """The hall opens with two counters."""
        self.sit(1, "AB")
        self.sit(2, chosen)

    @rule(people=st.lists(st.tuples(letters, priorities, st.integers(0, 5)), max_size=4))
    def some_come(self, people: list[tuple[str, PriorityKind | None, int]]) -> None:
        """A few people take numbers, with a little time between them."""
        for letter, priority, minutes in people:
            self.now += dt.timedelta(minutes=minutes)
            self.take(letter, priority, None)

    @rule(letter=letters, priority=priorities, device=st.none() | st.sampled_from(DEVICES))
    def take(self, letter: str, priority: PriorityKind | None, device: str | None) -> None:
        """Someone takes a number."""
        self.write(
            partial(
                tickets.take_ticket,
                hall_id=self.world.hall.id,
                request=TicketRequest(letter, priority=priority),
                now=self.now,
                served=set(LETTERS),
                device_hash=device,
            )
        )

    @rule(minutes=st.integers(0, 15))
    def time_passes(self, minutes: int) -> None:
        """Nothing happens for a while."""
        self.now += dt.timedelta(minutes=minutes, seconds=1)

    @rule(counter=counters, chosen=some_letters)
    def sit(self, counter: int, chosen: str) -> None:
        """Someone signs on."""
        self.write(
            partial(
                calling.sign_on,
                hall_id=self.world.hall.id,
                counter=counter,
                staff_id=self.world.staff[counter],
                letters=chosen,
                now=self.now,
            )
        )

    @rule(counter=counters)
    def call_next(self, counter: int) -> None:
        """The next one is called, and nobody who waited too long is left behind for another."""
        before = self.queue()
        desk = next((each for each in before.desks if each.counter == counter), None)
        called = self.at_counter(counter, StaffedCounter.call_next)
        if called is None or desk is None:
            if desk is not None and desk.ticket is None and not desk.is_paused:
                assert not self._callable(before, counter, desk.letters)
            return
        longest = dt.timedelta(minutes=before.rules.longest_wait_minutes)
        for other in self._callable(before, counter, desk.letters):
            if self.now - other.waits_from >= longest:
                assert called.waits_from <= other.waits_from

    @staticmethod
    def _callable(queue: QueueNow, counter: int, chosen: Any) -> list[Ticket]:
        is_open = queue.day is not None and queue.day.closed_at is None
        return [each for each in queue.waiting if is_open and is_served_by(each, counter, chosen)]

    @rule(counter=counters, place=places)
    def call_chosen(self, counter: int, place: int) -> None:
        """A chosen number is called."""
        if ticket := self.someone(place):
            self.at_counter(counter, StaffedCounter.call_chosen, ticket_id=ticket.id)

    @rule(
        counter=counters,
        verb=st.sampled_from(
            (
                StaffedCounter.recall,
                StaffedCounter.start,
                StaffedCounter.finish,
                StaffedCounter.no_show,
                StaffedCounter.hold,
                StaffedCounter.undo,
                StaffedCounter.undo_call,
                StaffedCounter.go_on,
                StaffedCounter.sign_off,
            )
        ),
    )
    def press(self, counter: int, verb: Callable[..., Any]) -> None:
        """A button at a counter."""
        self.at_counter(counter, verb)

    @rule(counter=counters)
    def pause(self, counter: int) -> None:
        """A counter pauses."""
        self.at_counter(counter, StaffedCounter.pause, reason="吃饭")

    @rule(counter=counters, place=places)
    def resume(self, counter: int, place: int) -> None:
        """Someone on hold comes again."""
        if ticket := self.someone(place):
            self.at_counter(counter, StaffedCounter.resume, ticket_id=ticket.id)

    @rule(counter=counters, letter=st.none() | letters, to=st.none() | counters)
    def transfer(self, counter: int, letter: str | None, to: int | None) -> None:
        """Someone is sent on."""
        self.at_counter(counter, StaffedCounter.transfer, category=letter, counter=to)

    @rule(
        place=places,
        verb=st.sampled_from(
            (tickets.cancel, tickets.come_back, partial(tickets.let_pass, count=2))
        ),
    )
    def act(self, place: int, verb: Callable[..., Any]) -> None:
        """Someone does something with their own number."""
        ticket = self.someone(place)
        if ticket is None:
            return

        async def unit(session: Any) -> None:
            device = ticket.device_hash or ""
            own = await tickets.own_ticket(session, ticket.token, device, self.now)
            await verb(session, own, now=self.now)

        self.write(unit)

    @rule(is_meant=st.integers(0, 9))
    def close(self, is_meant: int) -> None:
        """The day ends, now and then."""
        if is_meant == 0:
            self.to_the_day(close_day)

    @rule(is_meant=st.integers(0, 3))
    def stop(self, is_meant: int) -> None:
        """The hall gives no new numbers, now and then; who waits is called all the same."""
        if is_meant == 0:
            self.to_the_day(stop_numbers)
            before = self.queue()
            self.take("A", None, None)
            if before.is_stopped:
                assert len(self.queue().tickets) == len(before.tickets)

    @rule()
    def give_again(self) -> None:
        """The hall gives numbers again."""
        self.to_the_day(give_numbers_again)

    @rule(counter=counters, by=counters, does_sit=st.booleans())
    def colleague(self, counter: int, by: int, does_sit: bool) -> None:  # noqa: FBT001 - drawn
        """A colleague takes a seat over that nobody touched, or frees it; nobody there is lost."""
        before = self.queue()
        at = self.read(self._seats)
        acts = partial(
            handover.take_over if does_sit else handover.sign_off_for,
            actor=Actor(self.world.staff[by], None, f"clerk-{by}", f"Clerk {by}"),
            hall=self.world.hall,
            counter=counter,
            shift_id=at[counter].shift.id if counter in at else 0,
            now=self.now,
        )
        self.write(partial(acts, letters="AB") if does_sit else acts)
        assert {each.id for each in self.queue().tickets} == {each.id for each in before.tickets}

    async def _seats(self, session: Any) -> dict[int, seats.Occupied]:
        return await seats.seats_of(session, self.world.hall.id, self.now)

    @rule()
    def reopen(self) -> None:
        """The end of the day was a mistake: everybody it sent away is there again."""
        before = self.queue().tickets
        count = self.to_the_day(reopen_day)
        assert count is None or len(self.queue().tickets) == len(before) + count

    def to_the_day(self, verb: Callable[..., Any]) -> Any:
        """Something a clerk does to the whole day."""
        hall = self.world.hall
        return self.write(
            partial(
                verb,
                actor=Actor(self.world.staff[1], None, "clerk-1"),
                hall_id=hall.id,
                community_id=hall.community_id,
                now=self.now,
            )
        )

    @invariant()
    def no_row_changes_without_its_version(self) -> None:
        """Pages keep what they read of a hall until its version rises."""
        version, shown = self.read(self._version_and_queue)
        if version == self.seen[0]:
            assert shown == self.seen[1]
        self.seen = version, shown

    async def _version_and_queue(self, session: Any) -> tuple[int, list[Any]]:
        # At one moment of the day, so that nothing changes by the clock.
        queue = await queue_now(session, self.world.hall, self.began)
        rows = [*queue.tickets, *((queue.day,) if queue.day else ())]
        columns = [[getattr(row, each.key) for each in inspect(type(row)).columns] for row in rows]
        desks = [(each.counter, each.letters, each.pause_reason) for each in queue.desks]
        given = await tickets.numbers_given(session, queue.day.id) if queue.day else {}
        shown = [*columns, *desks, *queue.calls, queue.rules, given]
        return await version_of(session, self.world.hall.id), shown

    @invariant()
    def the_books_are_in_order(self) -> None:
        """Numbers without gaps, one open period a ticket, one ticket a counter, time unbroken."""
        self.read(self._check)

    async def _check(self, session: Any) -> None:
        day = await session.scalar(
            select(QueueDay).where(
                QueueDay.hall_id == self.world.hall.id, QueueDay.day == self.now.date()
            )
        )
        if day is None:
            return
        every = (await session.scalars(select(Ticket).where(Ticket.day_id == day.id))).all()
        for letter in LETTERS:
            numbers = sorted(each.number for each in every if each.letter == letter)
            assert numbers == list(range(1, len(numbers) + 1))
        taken = [each.counter for each in every if each.state.is_at_counter]
        assert len(taken) == len(set(taken))
        # A clerk has one seat, and nobody is at a counter without one.
        seated = await self._seats(session)
        clerks = [each.shift.staff_id for each in seated.values()]
        assert len(clerks) == len(set(clerks))
        assert set(taken) <= seated.keys()
        if day.closed_at is not None:
            assert not [each for each in every if each.state.is_active]
        rows = await session.scalars(
            select(TicketPeriod)
            .where(TicketPeriod.ticket_id.in_([each.id for each in every]))
            .order_by(TicketPeriod.id)
        )
        periods: dict[int, list[TicketPeriod]] = {each.id: [] for each in every}
        for row in rows:
            periods[row.ticket_id].append(row)
        for ticket in every:
            self._check_trail(ticket, periods[ticket.id])

    @staticmethod
    def _check_trail(ticket: Ticket, trail: list[TicketPeriod]) -> None:
        assert trail[0].state is TicketState.WAITING
        assert trail[0].began_at == ticket.joined_at
        assert [each.ended_at for each in trail[:-1]] == [each.began_at for each in trail[1:]]
        assert trail[-1].ended_at is None
        assert trail[-1].state is ticket.state
        assert (ticket.counter is not None) == ticket.state.is_at_counter


@pytest.fixture
def world(databases: SqliteFiles | PostgresCluster) -> Iterator[World]:
    """A district on each database."""
    made = World(databases.copy("sample"))
    yield made
    made.close()


def test_no_order_of_events_breaks_the_queue(world) -> None:
    machine = type("TriedDay", (HallDay,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            # A failing day is told as it was: making it shorter takes minutes.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
