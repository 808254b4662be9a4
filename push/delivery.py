"""发送: claims due rows, checks that they are still true, sends them, records the results.

One loop: settle what came back, claim what is due as far as there is room, check it, send it. Many
messages are in flight at once, but a slow or dead service holds only part of the places, and a
service that asks for patience gets nothing until then.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import StoreUnavailableError
from push.channels import Outcome, Result
from push.checking import Ready, check, check_alone
from push.leases import Ended, Later, Sent, any_due, claim, erase_old, release_all, settle
from push.messages import RULES
from push.outbox import DENIED, is_of_the_store
from push.patience import Pace, Service
from push.tables import ChannelKind, End

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store
    from push.channels import Channel
    from push.leases import Done
    from push.outbox import Ways
    from push.tables import OutboxRow

log = logging.getLogger("lianxin.push")

A_DAY = dt.timedelta(days=1)


@dataclass
class Delivery:
    """The delivery loop. `clock` gives aware local times; `wake` may be called at any time."""

    store: Store
    ways: Ways
    channels: Mapping[ChannelKind, Channel]
    clock: Callable[[], dt.datetime]
    pace: Pace = field(default_factory=Pace)
    # Called with every look at the outbox, so that another process can tell that this one hangs.
    beat: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._wanted = asyncio.Event()
        self._is_closing = False
        self._flying: set[asyncio.Task[None]] = set()
        self._finished: list[Done] = []
        self._services: dict[str, Service] = {}
        self._tidied: dt.date | None = None
        self._is_more = False

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
            self.beat()
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
                await self._write(claims=0, full=())
        for channel in self.channels.values():
            await channel.close()

    async def _round(self) -> bool:
        """Settle, claim, check and launch once; returns whether there was anything to do."""
        now = self.clock()
        await self._tidy(now)
        full = self._full(now)
        room = min(self.pace.batch, self.pace.in_flight - len(self._flying))
        # A few free places are not worth a transaction.
        if room < min(self.pace.batch, self.pace.in_flight) // 2:
            room = 0
        if room and not self._is_more:
            async with self.store.read() as session:
                room = room if await any_due(session, now, full) else 0
        if not room and not self._finished:
            return False
        rows = await self._write(claims=room, full=full)
        # As many as were asked for: there are probably more.
        self._is_more = bool(room) and len(rows) == room
        if rows:
            await self._launch(rows)
        return bool(rows)

    async def _write(self, *, claims: int, full: Sequence[str]) -> tuple[OutboxRow, ...]:
        """Record results and claim the next rows, in one transaction."""
        finished, self._finished = self._finished, []
        now = self.clock()

        async def settle_and_claim(session: AsyncSession) -> tuple[OutboxRow, ...]:
            await settle(session, finished, self.ways, now)
            return await claim(session, now, claims, full) if claims else ()

        try:
            return await self.store.write(settle_and_claim)
        except BaseException:
            self._finished = finished + self._finished
            raise

    async def _launch(self, rows: Sequence[OutboxRow]) -> None:
        now = self.clock()
        for ready in await self._checked(rows, now):
            done = self._kept_back(ready, now) if isinstance(ready, Ready) else ready
            if done is not None:
                self._finished.append(done)
                self._wanted.set()
            elif isinstance(ready, Ready):
                number = self._service(ready.row.service).begin()
                task = asyncio.create_task(self._send(ready, number))
                self._flying.add(task)
                task.add_done_callback(self._flying.discard)

    # A row that this version cannot read must fail alone. Which one it is shows one by one, which
    # takes a session each: what fails on PostgreSQL ends its transaction.
    async def _checked(self, rows: Sequence[OutboxRow], now: dt.datetime) -> list[Ready | Done]:
        try:
            async with self.store.read() as session:
                return await check(session, rows, now)
        except Exception as error:
            if is_of_the_store(error):
                raise
        return [await check_alone(self.store, row, now) for row in rows]

    # A service that is down gets one message that asks. All others take the next channel at once,
    # and wait only where there is none: in mainland China FCM is never reached, and a call lasts
    # five minutes.
    def _kept_back(self, ready: Ready, now: dt.datetime) -> Done | None:
        """What to do with a row whose service gets nothing now; None for one that may go out."""
        row, service = ready.row, self._service(ready.row.service)
        until = now + self.pace.wait(0)
        if service.rests(now):
            until = service.rests_until or until
            if not service.is_down and until < row.expires_at:
                return Later(row, until, row.reason, counts=False)
        elif not service.is_down or not service.flying:
            # A service that is new, or was asked to rest, has few places.
            is_free = service.has_place()
            return None if is_free else Later(row, row.due_at, row.reason, counts=False)
        return Ended(row, End.THEIRS, "unreachable", else_due_at=until, counts=False)

    async def _send(self, ready: Ready, number: int) -> None:
        row, service = ready.row, self._service(ready.row.service)
        try:
            # Around everything, also where a channel has limits for each of its steps.
            async with asyncio.timeout(self.pace.sending):
                outcome = await self.channels[row.channel].send(ready.message, ready.address)
        except TimeoutError:
            outcome = Outcome(Result.SILENT, "timeout")
        except Exception:
            log.exception("sending by %s failed", row.channel)
            outcome = Outcome(Result.AGAIN, "our fault", went_out=False)
        except BaseException:
            service.flying -= 1
            raise
        now = self.clock()
        if service.end(number, ready.address.to or row.recipient, outcome, now):
            until = service.rests_until
            log.warning("%s is left alone until %s: %s", row.service, until, outcome.reason)
        self._report(row, outcome)
        self._finished.append(self._done(ready, outcome, now))
        self._wanted.set()

    def _service(self, name: str) -> Service:
        is_one = name != ChannelKind.EMAIL
        return self._services.setdefault(name, Service(self.pace, is_one=is_one))

    def _full(self, now: dt.datetime) -> tuple[str, ...]:
        """Services whose rows are not claimed now: they have enough in flight."""
        return tuple(
            name
            for name, service in self._services.items()
            if service.is_full() and not service.is_down and not service.rests(now)
        )

    def _report(self, row: OutboxRow, outcome: Outcome) -> None:
        if outcome.result is Result.DENIED:
            log.error("%s does not take us for who we are: %s", row.service, outcome.reason)
        elif outcome.result is Result.REFUSED:
            log.error("%s refuses a message of ours: %s", row.service, outcome.reason)

    def _done(self, ready: Ready, outcome: Outcome, now: dt.datetime) -> Done:
        row, reason = ready.row, outcome.reason
        if outcome.result is Result.SENT:
            took = None
            if RULES[row.kind].rings_always:
                took = max(0, round((now - row.created_at).total_seconds() * 1000))
            return Sent(row, took, was_denied=ready.denials > 0)
        if outcome.result is Result.GONE:
            return Ended(row, End.THEIRS, f"gone {reason}", gone=ready.address.to)
        if outcome.result is Result.DENIED:
            gone = ready.address.to if self._is_denied_alone(ready, now) else ""
            return Ended(row, End.THEIRS, f"{DENIED}{reason}", gone, is_denied=True)
        if outcome.result is Result.REFUSED:
            end = End.THEIRS if outcome.went_out else End.OUR_FAULT
            return Ended(row, end, f"refused {reason}")
        due = now + (outcome.wait or self.pace.wait(row.attempts - 1))
        if outcome.result is Result.OURS:
            return self._without_key(row, reason, due)
        return self._not_now(row, outcome, due)

    # A service denies us all, or one browser whose key does not fit. The second is over when the
    # others get through.
    def _is_denied_alone(self, ready: Ready, now: dt.datetime) -> bool:
        took_at = self._service(ready.row.service).took_at
        is_for_others = took_at is not None and now - took_at < A_DAY
        return is_for_others and ready.denials + 1 >= self.pace.denials

    def _without_key(self, row: OutboxRow, reason: str, due: dt.datetime) -> Done:
        """First another process may have it; then the next channel; else it waits for the key."""
        if row.attempts < self.pace.without_key:
            return Later(row, due, reason)
        return Ended(row, End.OUR_FAULT, reason, else_due_at=due)

    def _not_now(self, row: OutboxRow, outcome: Outcome, due: dt.datetime) -> Done:
        if row.attempts >= self.pace.attempts or due >= row.expires_at:
            end = End.THEIRS if outcome.went_out else End.OUR_FAULT
            return Ended(row, end, f"given up {outcome.reason}")
        # A person in a hall is called now, so silence is enough for them. Others wait with their
        # service until it counts as unreachable.
        is_urgent = outcome.result is Result.SILENT and RULES[row.kind].rings_always
        if is_urgent or self._service(row.service).is_down:
            return Ended(row, End.THEIRS, f"unreachable {outcome.reason}", else_due_at=due)
        return Later(row, due, outcome.reason)

    async def _tidy(self, now: dt.datetime) -> None:
        """Once a day, erase what has expired."""
        if self._tidied != now.date():
            self._tidied = now.date()
            while await self.store.write(partial(erase_old, now=now)):
                self.beat()
