"""发送: takes what is due, asks whether it is still true, hands it over, writes down the result.

One loop: settle what came back, claim what is due as far as there is room, check it, send it. Many
messages are under way at once, but a service that is slow or dead holds only part of the places,
and one that asks for patience is left alone until then.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import StoreUnavailableError
from push.channels import Outcome, Result
from push.checking import Ready, check
from push.leases import Done, any_due, claim, erase_old, release_all, settle
from push.messages import RULES
from push.outbox import DENIED
from push.tables import SendState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store
    from push.channels import Channel
    from push.outbox import Ways
    from push.tables import ChannelKind, OutboxRow

log = logging.getLogger("lianxin.push")


@dataclass(frozen=True)
class Pace:
    """How much at once, and how patiently. Times are seconds."""

    in_flight: int = 64
    """Messages under way."""
    batch: int = 16
    """Rows claimed at a time, each checked for truth right before it is sent."""
    of_one_service: int = 24
    """A service with so many under way gets no more for now."""
    poll: float = 1.0
    """After so long without being woken it looks by itself: at times, at other processes' rows."""
    gather: float = 0.01
    """What comes back within this time is written down together."""
    first_wait: float = 2.0
    """Before the second attempt; doubled each time, give or take a half."""
    longest_wait: float = 600.0
    attempts: int = 10
    """After so many a message is given up."""
    failures: int = 3
    """A service that failed so often in a row is left alone for a while."""
    farewell: float = 3.0
    """What is under way at the end may take so long."""


@dataclass
class _Service:
    """How one push service, or channel, is doing."""

    flying: int = 0
    failures: int = 0
    blocked_until: dt.datetime | None = None


@dataclass
class Delivery:
    """The one that sends. `clock` gives aware local times; `wake` may be called at any time."""

    store: Store
    ways: Ways
    channels: Mapping[ChannelKind, Channel]
    clock: Callable[[], dt.datetime]
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        self._wanted = asyncio.Event()
        self._is_closing = False
        self._flying: set[asyncio.Task[None]] = set()
        self._finished: list[Done] = []
        self._services: dict[str, _Service] = {}
        self._tidied: dt.date | None = None

    def wake(self) -> None:
        """Something may be due."""
        self._wanted.set()

    def close(self) -> None:
        """Claim nothing more; `run` returns when what is under way came back."""
        self._is_closing = True
        self._wanted.set()

    async def run(self) -> None:
        """Send until `close`."""
        is_answering = True
        if self.store.is_sqlite:
            # One file has one process that sends: whatever is leased was left by one that died.
            await self.store.write(release_all)
        while not self._is_closing:
            self._wanted.clear()
            try:
                is_busy = await self._round()
            except (StoreUnavailableError, SQLAlchemyError) as error:
                if is_answering:
                    log.warning("nothing is sent while the store does not answer: %s", error)
                is_answering = is_busy = False
            else:
                is_answering = True
            if not is_busy:
                await self._rest()
        await self._farewell()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wanted.wait(), self.pace.poll)
        if self._flying and len(self._finished) < self.pace.batch:
            await asyncio.sleep(self.pace.gather)

    async def _farewell(self) -> None:
        """Let what is under way come back, and write it down."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=self.pace.farewell)
        for task in list(self._flying):
            task.cancel()
        if self._finished:
            with suppress(StoreUnavailableError, SQLAlchemyError):
                await self._write(claims=0, blocked=())
        for channel in self.channels.values():
            await channel.close()

    async def _round(self) -> bool:
        """Settle, claim, check and launch once; whether there was anything to do."""
        now = self.clock()
        await self._tidy(now)
        blocked = self._blocked(now)
        room = min(self.pace.batch, self.pace.in_flight - len(self._flying))
        # A few free places are not worth a transaction.
        if room < min(self.pace.batch, self.pace.in_flight) // 2:
            room = 0
        if room:
            async with self.store.read() as session:
                room = room if await any_due(session, now, blocked) else 0
        if not room and not self._finished:
            return False
        rows = await self._write(claims=room, blocked=blocked)
        if rows:
            await self._launch(rows)
        return bool(rows)

    async def _write(self, *, claims: int, blocked: Sequence[str]) -> tuple[OutboxRow, ...]:
        """Write down what came back and claim what is next, in one transaction."""
        finished, self._finished = self._finished, []
        now = self.clock()

        async def unit(session: AsyncSession) -> tuple[OutboxRow, ...]:
            await settle(session, finished, self.ways, now)
            return await claim(session, now, claims, blocked) if claims else ()

        try:
            return await self.store.write(unit)
        except BaseException:
            self._finished = finished + self._finished
            raise

    async def _launch(self, rows: Sequence[OutboxRow]) -> None:
        async with self.store.read() as session:
            checked = await check(session, rows, self.clock())
        for ready in checked:
            if isinstance(ready, Done):
                self._finished.append(ready)
                self._wanted.set()
                continue
            self._service(ready.row.service).flying += 1
            task = asyncio.create_task(self._send(ready))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)

    async def _send(self, ready: Ready) -> None:
        service = self._service(ready.row.service)
        try:
            outcome = await self.channels[ready.row.channel].send(ready.message, ready.address)
        except Exception:
            log.exception("sending by %s failed", ready.row.channel)
            outcome = Outcome(Result.AGAIN, "our fault")
        finally:
            service.flying -= 1
        now = self.clock()
        self._heed(ready.row.service, service, outcome, now)
        self._finished.append(self._done(ready.row, outcome, now))
        self._wanted.set()

    def _service(self, name: str) -> _Service:
        return self._services.setdefault(name, _Service())

    def _blocked(self, now: dt.datetime) -> tuple[str, ...]:
        """Services that get nothing now: because they asked, or have enough under way."""
        return tuple(
            name
            for name, service in self._services.items()
            if service.flying >= self.pace.of_one_service
            or (service.blocked_until is not None and service.blocked_until > now)
        )

    def _heed(self, name: str, service: _Service, outcome: Outcome, now: dt.datetime) -> None:
        """Leave a service alone that asks for it or fails again and again; say what is amiss."""
        if outcome.result is not Result.AGAIN:
            service.failures, service.blocked_until = 0, None
            if outcome.result is Result.DENIED:
                log.error("%s does not take us for who we are: %s", name, outcome.reason)
            elif outcome.result is Result.REFUSED:
                log.error("%s refuses a message of ours: %s", name, outcome.reason)
            return
        service.failures += 1
        wait = outcome.wait
        if wait is None and service.failures >= self.pace.failures:
            wait = self._patience(service.failures - self.pace.failures)
        if wait is not None:
            until = now + wait
            service.blocked_until = max(service.blocked_until or until, until)
            log.warning("%s is left alone until %s: %s", name, until, outcome.reason)

    def _done(self, row: OutboxRow, outcome: Outcome, now: dt.datetime) -> Done:
        reason = outcome.reason
        if outcome.result is Result.SENT:
            took = None
            if RULES[row.kind].rings_always:
                took = max(0, round((now - row.created_at).total_seconds() * 1000))
            return Done(row, SendState.SENT, took=took)
        if outcome.result is Result.GONE:
            return Done(row, SendState.FAILED, f"gone {reason}", is_gone=True)
        if outcome.result is Result.DENIED:
            return Done(row, SendState.FAILED, f"{DENIED}{reason}")
        if outcome.result is Result.REFUSED:
            return Done(row, SendState.FAILED, f"refused {reason}")
        due = now + (outcome.wait or self._patience(row.attempts - 1))
        if row.attempts >= self.pace.attempts or due >= row.expires_at:
            return Done(row, SendState.FAILED, f"given up {reason}")
        return Done(row, SendState.WAITING, reason, due_at=due)

    def _patience(self, times: int) -> dt.timedelta:
        """How long to wait after so many failures: doubled each time, and never all at once."""
        seconds = min(self.pace.first_wait * 2 ** min(times, 20), self.pace.longest_wait)
        return dt.timedelta(seconds=seconds * random.uniform(0.5, 1.5))  # noqa: S311 - no secret

    async def _tidy(self, now: dt.datetime) -> None:
        """Once a day, erase what is kept no longer."""
        if self._tidied != now.date():
            self._tidied = now.date()
            await self.store.write(partial(erase_old, now=now))
