"""A hall's day, told in a few words: what tests of the queue, its counters and its screens share."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from domain.content import OpeningPeriod
from domain.events import record
from domain.places.content import HallHours, HoursException
from domain.places.tables import Community, Hall
from domain.queue import calling, tickets
from domain.queue.calling import StaffedCounter
from domain.queue.days import QueueChanged, close_day
from domain.queue.snapshot import QueueNow, queue_now
from domain.queue.tables import CounterShift, HallQueue, QueueRules, Ticket
from domain.queue.tickets import TicketRequest
from domain.revision import touch_content
from domain.staff.actor import COMMAND_LINE
from tests.world.clock import NOW
from tests.world.people import hired

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.store import Store

SERVED = set("ABCDEFGHIJKL")
WHOLE_DAY = (OpeningPeriod(opens=dt.time(0), closes=dt.time(23, 59, 59)),)


async def hall_of(store: Store, slug: str = "liujiazhuang") -> Hall:
    """The hall of a community, with its counters."""
    wanted = select(Hall).join(Community, Community.id == Hall.community_id)
    wanted = wanted.where(Community.slug == slug).options(selectinload(Hall.counters))
    async with store.read() as session:
        found: Hall = (await session.scalars(wanted)).one()
    return found


DAYS = ("working_day", "saturday", "sunday", "public_holiday")


async def open_all_day(store: Store) -> None:
    """Open every hall around the clock, for tests that cannot choose when they run."""
    await set_hours(store, HallHours(**dict.fromkeys(DAYS, WHOLE_DAY)))


async def shut_all_day(store: Store) -> None:
    """Open no hall at any time."""
    once = HoursException(day=dt.date(2000, 1, 1), periods=WHOLE_DAY, reason="once")
    await set_hours(store, HallHours(working_day=(), exceptions=(once,)))


async def set_hours(store: Store, hours: HallHours) -> None:
    """Give every hall the same hours."""

    async def unit(session: Any) -> None:
        for hall in await session.scalars(select(Hall)):
            hall.hours = hours
            await touch_content(session)

    await store.write(unit)


class HallDay:
    """One hall's day, by a clock or at a moment that the test moves."""

    def __init__(
        self, store: Store, hall: Hall, clock: Callable[[], dt.datetime] | None = None
    ) -> None:
        self.store, self.hall, self.clock = store, hall, clock
        self._now = NOW
        self.shifts: dict[int, CounterShift] = {}

    @property
    def now(self) -> dt.datetime:
        """The moment in the hall."""
        return self.clock() if self.clock else self._now

    @now.setter
    def now(self, moment: dt.datetime) -> None:
        self._now = moment

    async def take(self, letter: str = "B", **more: Any) -> Ticket:
        """Someone takes a number."""
        names = ("items", "priority", "brought")
        wish = TicketRequest(letter, **{name: more.pop(name) for name in names if name in more})
        return await self.store.write(
            partial(
                tickets.take_ticket,
                hall_id=self.hall.id,
                request=wish,
                now=self.now,
                served=SERVED,
                **more,
            )
        )

    async def sit(self, counter: int = 1, letters: str = "ABC") -> CounterShift:
        """The counter's clerk signs on, also after another day."""
        before = self.shifts.get(counter)
        person = before.staff_id if before else await hired(self.store, f"clerk-{counter}")
        shift = await self.store.write(
            partial(
                calling.sign_on,
                hall_id=self.hall.id,
                counter=counter,
                staff_id=person,
                letters=letters,
                now=self.now,
            )
        )
        self.shifts[counter] = shift
        return shift

    async def do(self, verb: Callable[..., Any], at: int = 1, **more: Any) -> Any:
        """Something a counter does."""

        async def unit(session: Any) -> Any:
            shift = await session.get(CounterShift, self.shifts[at].id)
            return await verb(StaffedCounter(session, shift, self.now), **more)

        return await self.store.write(unit)

    async def look(self) -> QueueNow:
        """The queue as everybody sees it."""
        async with self.store.read() as session:
            return await queue_now(session, self.hall, self.now)

    async def rules(self, **rules: Any) -> None:
        """Give the hall rules of its own."""

        async def unit(session: Any) -> None:
            session.add(HallQueue(hall_id=self.hall.id, rules=QueueRules(**rules)))
            record(session, QueueChanged(self.hall.id))

        await self.store.write(unit)


class Day(HallDay):
    """The same day, in which time passes and residents act as well."""

    def later(self, **time: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(**time)

    async def act(self, verb: Callable[..., Any], ticket: Ticket, **more: Any) -> None:
        """Something a person does with their own ticket."""

        async def unit(session: Any) -> None:
            device = ticket.device_hash or ""
            own = await tickets.own_ticket(session, ticket.token, device, self.now)
            await verb(session, own, now=self.now, **more)

        await self.store.write(unit)

    async def order(self) -> list[str]:
        """The numbers that wait, the next first."""
        return [each.label for each in (await self.look()).waiting]


class HallDesk(HallDay):
    """The second counter, on the other side."""

    async def sit(self, counter: int = 2, letters: str = "ABC") -> CounterShift:
        return await super().sit(counter, letters)

    async def do(self, verb: Callable[..., Any], at: int = 2, **more: Any) -> Any:
        return await super().do(verb, at, **more)

    async def end(self) -> None:
        ending = partial(
            close_day,
            actor=COMMAND_LINE,
            hall_id=self.hall.id,
            community_id=self.hall.community_id,
            now=self.now,
        )
        await self.store.write(ending)
