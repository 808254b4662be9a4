"""发送: claims due rows, checks that they are still true, sends them, records the results.

One loop: settle what came back, claim what is due as far as there is room, check it, send it. Many
messages are in flight at once, but a slow or dead service holds only part of the places, and a
service that asks for patience gets nothing until then.
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
    """How much is sent at once, and how patiently. Times are seconds."""

    # Messages in flight.
    in_flight: int = 64
    # Rows claimed at a time; each is checked right before it is sent.
    batch: int = 16
    # A service with this many messages in flight gets no more for now.
    of_one_service: int = 24
    # Longest time between two looks at the outbox: other processes write rows without waking this
    # one.
    poll: float = 1.0
    # Results that come back within this time are written together.
    gather: float = 0.01
    # Before the second attempt; doubled each time, give or take half.
    first_wait: float = 2.0
    longest_wait: float = 600.0
    # After this many attempts a message is given up.
    attempts: int = 10
    # A service that failed this often in a row is left alone for a while.
    failures: int = 3
    # How long messages in flight may take at shutdown.
    drain: float = 3.0


# State per service: one slow or dead push service must not hold back messages through the others.
@dataclass
class _Service:
    """How a push service, or a channel, is doing."""

    flying: int = 0
    failures: int = 0
    blocked_until: dt.datetime | None = None


@dataclass
class Delivery:
    """The delivery loop. `clock` gives aware local times; `wake` may be called at any time."""

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
        """Look at the outbox now."""
        self._wanted.set()

    def close(self) -> None:
        """Stop claiming; `run` returns when everything in flight has come back."""
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
        await self._drain()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.pace.poll):
                await self._wanted.wait()
        if self._flying and len(self._finished) < self.pace.batch:
            await asyncio.sleep(self.pace.gather)

    async def _drain(self) -> None:
        """Wait for messages in flight, and record their results."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=self.pace.drain)
        for task in list(self._flying):
            task.cancel()
        if self._finished:
            with suppress(StoreUnavailableError, SQLAlchemyError):
                await self._write(claims=0, blocked=())
        for channel in self.channels.values():
            await channel.close()

    async def _round(self) -> bool:
        """Settle, claim, check and launch once; returns whether there was anything to do."""
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
        """Record results and claim the next rows, in one transaction."""
        finished, self._finished = self._finished, []
        now = self.clock()

        async def settle_and_claim(session: AsyncSession) -> tuple[OutboxRow, ...]:
            await settle(session, finished, self.ways, now)
            return await claim(session, now, claims, blocked) if claims else ()

        try:
            return await self.store.write(settle_and_claim)
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
        """Services that get nothing now: they asked for patience, or have enough in flight."""
        return tuple(
            name
            for name, service in self._services.items()
            if service.flying >= self.pace.of_one_service
            or (service.blocked_until is not None and service.blocked_until > now)
        )

    def _heed(self, name: str, service: _Service, outcome: Outcome, now: dt.datetime) -> None:
        """Pause a service that asks for it or keeps failing; log what is wrong."""
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
        """How long to wait after this many failures: doubled each time, with jitter."""
        seconds = min(self.pace.first_wait * 2 ** min(times, 20), self.pace.longest_wait)
        return dt.timedelta(seconds=seconds * random.uniform(0.5, 1.5))  # noqa: S311 - no secret

    async def _tidy(self, now: dt.datetime) -> None:
        """Once a day, erase what has expired."""
        if self._tidied != now.date():
            self._tidied = now.date()
            while await self.store.write(partial(erase_old, now=now)):
                pass
