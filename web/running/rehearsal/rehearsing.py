"""One rehearsal from its beginning to its end, also when the server goes away meanwhile.

Everything it starts it ends: people go home, clerks sign off, and the hall gets its own hours back
through the store, so that this also happens when no server answers any more.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TYPE_CHECKING

import aiohttp
from sqlalchemy import select

from domain.devices.tables import Pairing
from domain.keys import failure_key
from domain.migrating import check_schema
from domain.queue.rehearsal import begin_rehearsal, end_rehearsal, hall_to_rehearse
from domain.staff.passwords import hashed
from domain.store import Store
from web.running.rehearsal.browser import Browser, Site
from web.running.rehearsal.clerks import Clerk, Employee, SignInError
from web.running.rehearsal.hall import AT_FIRST, MOST_PEOPLE, RehearsedHall
from web.running.rehearsal.residents import REQUEST, Kiosk, Resident
from web.site.client import network_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from domain.places.tables import Hall
    from web.running.settings import Settings

# Seconds for everyone together to finish and sign off.
FAREWELL = 6.0
# Seconds between two looks at the devices of this machine that wait to be paired.
PAIRING_LOOK = 2.0
# How long a code must have been shown.
PAIRING_AGE = dt.timedelta(seconds=3)
# Seconds between two looks at whether the hall is open.
OPEN_LOOK = 0.3
# Seconds until some of those who stand in the hall at first have their numbers.
SETTLED = 14.0
# Connections that all people of a rehearsal share; each who waits holds one, for the stream.
CONNECTIONS = 60 + MOST_PEOPLE
# Where a browser on this machine comes from.
HERE = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Plan:
    """What is rehearsed: where, how fast, and by how many clerks."""

    url: str
    slug: str
    speed: float = 1.0
    seed: int = 1
    # Counters with simulated clerks; None for all but the last, which is left for a real one.
    clerks: int | None = None
    # Whether devices that are switched on on this machine are let in.
    lets_devices_in: bool = True


@dataclass(frozen=True)
class Addresses:
    """Where to look at a rehearsal."""

    take: str
    ticket: str
    screen: str
    counters: str
    # Counters at which nobody simulated sits.
    free: tuple[int, ...]


class Rehearsal:
    """A rehearsal in one hall."""

    def __init__(
        self, settings: Settings, plan: Plan, site: Site, tell: Callable[[Addresses], None]
    ) -> None:
        self._plan, self.site, self._tell = plan, site, tell
        self._now: Callable[[], dt.datetime] = lambda: dt.datetime.now(settings.zone)
        self._store = Store(settings.database_url)
        self._password = secrets.token_urlsafe(24)
        self._random = Random(plan.seed)  # noqa: S311 - no secret
        self._clerks: list[Clerk] = []
        # Everyone who is there from the beginning to the end.
        self._staying: list[Employee | Kiosk] = []
        self._tasks: set[asyncio.Task[None]] = set()
        # Who is there; None until the doors are open.
        self.hall: RehearsedHall | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Rehearse until told to stop.

        Raises `NoRehearsalError` before anything happens, `SignInError` for a server that serves
        another database, and what a simulated person stumbled over.
        """
        await self._store.open()
        try:
            await check_schema(self._store)
            async with self._store.read() as session:
                hall = await hall_to_rehearse(session, self._plan.slug)
            await self._run_in(hall, stopping)
        finally:
            await self._store.close()

    async def _run_in(self, hall: Hall, stopping: asyncio.Event) -> None:
        stopped = asyncio.create_task(stopping.wait())
        try:
            self._start(self._everything(hall))
            while not stopped.done():
                done, _ = await asyncio.wait(
                    {stopped, *self._tasks}, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done & self._tasks:
                    self._tasks.discard(task)
                    task.result()
        finally:
            stopped.cancel()
            await self._end()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._tasks.add(asyncio.create_task(work))

    async def _everything(self, hall: Hall) -> None:
        """Open the hall, let the office and the clerks in, and then the people."""
        await self._server_answers()
        counters = tuple(counter.number for counter in hall.counters)
        wanted = len(counters) - 1 if self._plan.clerks is None else self._plan.clerks
        staffed = counters[: max(1, wanted)]
        begin = partial(
            begin_rehearsal,
            slug=self._plan.slug,
            clerks=len(staffed),
            password_hash=hashed(self._password),
            now=self._now(),
        )
        office, *clerks = await self._store.write(begin)
        letters = tuple(sorted(hall.letters))
        self.hall = here = RehearsedHall(
            self.site, self._drawn(), self._plan.slug, letters, staffed
        )
        kiosk = await self._office_opens(here, office)
        for counter, name in zip(staffed, clerks, strict=True):
            clerk = Clerk(here, counter, name, self._password, self._drawn())
            self._clerks.append(clerk)
            self._staying.append(clerk)
            self._start(clerk.work())
        await self._people_come(here, kiosk, counters[len(staffed) :])

    def _drawn(self) -> Random:
        """A source of chance of its own, so that one person's haste changes no other's luck."""
        return Random(self._random.getrandbits(64))  # noqa: S311 - no secret

    async def _server_answers(self) -> None:
        browser = Browser(self.site, self._drawn())
        try:
            await browser.get("/healthz")
        finally:
            await browser.close()

    async def _office_opens(self, here: RehearsedHall, name: str) -> Kiosk:
        """The editor signs in and pairs the kiosk; then devices that are switched on here."""
        office = Employee(self.site, name, self._password, self._drawn())
        kiosk = Kiosk(self.site, self._drawn())
        self._staying += [office, kiosk]
        await office.sign_in()
        code = await kiosk.check_in()
        if code:
            await office.pair(code, here.slug, f"练习取号机 {code}")
        self._start(kiosk.stand())
        if self._plan.lets_devices_in:
            self._start(self._pair_what_is_here(office, here.slug))
        return kiosk

    # The screen to look at is a browser on this machine, whose owner has no editor at hand.
    async def _pair_what_is_here(self, office: Employee, slug: str) -> None:
        """Let in devices that show their code on this machine."""
        here = {failure_key("device", network_of(host)) for host in HERE}
        while True:
            await asyncio.sleep(PAIRING_LOOK)
            async with self._store.read() as session:
                waiting = await session.scalars(
                    select(Pairing.code).where(
                        Pairing.address_hash.in_(here),
                        Pairing.device_id.is_(None),
                        # The kiosk of another rehearsal is let in at once, by its own office.
                        Pairing.created_at <= self._now() - PAIRING_AGE,
                        Pairing.expires_at > self._now(),
                    )
                )
                codes = waiting.all()
            for code in codes:
                await office.pair(code, slug, f"练习 {code}")

    async def _people_come(self, here: RehearsedHall, kiosk: Kiosk, free: tuple[int, ...]) -> None:
        """A few stand there already, the others come one by one."""
        await self._is_open(here)
        for _ in range(AT_FIRST * len(here.counters)):
            self._start(Resident(here, kiosk).live())
        self._start(self._say_where(here, free))
        while True:
            await self.site.pass_time(here.seconds_between_arrivals)
            # Drawn in any case, or who comes later would depend on how fast the server is.
            resident = Resident(here, kiosk)
            if len(here.people) < MOST_PEOPLE:
                self._start(resident.live())

    async def _is_open(self, here: RehearsedHall) -> None:
        """Wait until the server has heard of the hall's hours: a second or two."""
        browser = Browser(self.site, self._drawn())
        path = f"/c/{here.slug}/take?category={here.letters[0]}"
        try:
            page = await browser.get(path)
            while not REQUEST.search(page.text):
                await asyncio.sleep(OPEN_LOOK)
                page = await browser.get(path)
        finally:
            await browser.close()

    async def _say_where(self, here: RehearsedHall, free: tuple[int, ...]) -> None:
        # Everyone who stood there at first has a number by then, and the last waits the longest.
        await self.site.pass_time(SETTLED)
        newest = next(reversed(here.people.values()), None)
        self._tell(
            Addresses(
                take=f"/c/{here.slug}/take",
                ticket=newest.ticket if newest else f"/c/{here.slug}/take",
                screen="/screen",
                counters=here.desk,
                free=free,
            )
        )

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(TimeoutError, SignInError):
            async with asyncio.timeout(FAREWELL):
                await asyncio.gather(*(clerk.leave() for clerk in self._clerks))
        for person in self._staying:
            await person.close()
        end = partial(end_rehearsal, slug=self._plan.slug, now=self._now())
        await self._store.write(end)


async def rehearse(
    settings: Settings,
    plan: Plan,
    tell: Callable[[Addresses], None],
    stopping: asyncio.Event,
    took: Callable[[float], None] = lambda _: None,
) -> None:
    """Rehearse until told to stop; see `Rehearsal.run` for what it raises."""
    async with aiohttp.TCPConnector(limit=CONNECTIONS) as connector:
        site = Site(plan.url, plan.speed, connector, took)
        await Rehearsal(settings, plan, site, tell).run(stopping)
