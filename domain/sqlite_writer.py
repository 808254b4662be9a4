"""SQLite's single writer: a thread that runs units of work and commits them in groups."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from domain.errors import StoreUnavailableError
from domain.events import Event, recorded
from domain.sqlite_file import OpenFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sqlalchemy import URL, Engine

# The most units of work in one commit: bounds what waits behind one fsync.
GROUP = 64

# Milliseconds to wait for another process that writes to the same file.
PATIENCE = 10_000


class Job:
    """Work for the writer's connection, with the future of its caller."""

    __slots__ = ("done", "error", "events", "run", "tell", "value")

    def __init__(
        self,
        run: Callable[[Connection], tuple[Any, list[Event]]],
        done: asyncio.Future[Any],
        tell: Callable[[list[Event]], None],
    ) -> None:
        self.run, self.done, self.tell = run, done, tell
        self.value: Any = None
        self.events: list[Event] = []
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Notify the listeners, then the caller, on the event loop."""
        if self.error is None:
            self.tell(self.events)
        if self.done.cancelled():
            return
        if self.error is None:
            self.done.set_result(self.value)
        else:
            self.done.set_exception(self.error)
            # Marked as seen: the caller may have gone away, and then nobody need hear of it.
            self.done.exception()


def _answer(waiting: asyncio.Future[bool], value: bool) -> None:  # noqa: FBT001 - a result
    if not waiting.done():
        waiting.set_result(value)


def _settle(jobs: list[Job]) -> None:
    for job in jobs:
        job.settle()


# SQLite lets one connection write at a time. A unit of work is a coroutine because PostgreSQL
# needs that; here it runs on a synchronous session in the writer thread, where it may wait for
# nothing but the disk, and all waiting units share one commit (`make bench` measures it).
# Not taken: BEGIN IMMEDIATE per request on a pool, where waiting clients poll for the lock, and
# the same writer on the event loop through aiosqlite, where every statement hops to a thread and
# back: a third of the throughput.
class Writer(Thread):
    """The thread that writes to SQLite."""

    def __init__(self, url: URL, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="store-writer", daemon=True)
        self.jobs: SimpleQueue[Job | asyncio.Future[bool] | None] = SimpleQueue()
        self.opened: asyncio.Future[None] = loop.create_future()
        self._loop, self._engine, self._url = loop, _sqlite_writer(url), url
        self.files = OpenFiles(None)
        self.start()

    def run(self) -> None:
        """Open the connection, then commit group after group until told to stop."""
        opening = Job(lambda _connection: (None, []), self.opened, lambda _events: None)
        self._commit_together([opening])
        self.files = OpenFiles(self._url.database)
        last = opening.error is not None
        while not last:
            group = [self.jobs.get()]
            while len(group) < GROUP and not self.jobs.empty():
                group.append(self.jobs.get())
            last = None in group
            self._commit_together([job for job in group if isinstance(job, Job)])
            for waiting in group:
                if isinstance(waiting, asyncio.Future):
                    self._loop.call_soon_threadsafe(_answer, waiting, self._cut_now())
        self._engine.dispose()

    async def cut(self) -> bool:
        """Cut the journal after the work that waits; False while others read it."""
        waiting: asyncio.Future[bool] = self._loop.create_future()
        self.jobs.put(waiting)
        return await waiting

    def _cut_now(self) -> bool:
        # Without the usual patience: everyone who writes would wait as long for its readers.
        with closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout = 0")
            try:
                is_busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.Error:
                return False
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        return not is_busy

    def _commit_together(self, jobs: list[Job]) -> None:
        try:
            with self._engine.begin() as connection:
                for job in jobs:
                    self._run_in_savepoint(connection, job)
                self.files.check()
        except Exception as error:  # noqa: BLE001 - a lost group must not end the writer
            for job in jobs:
                job.error = job.error or not_committed(error)
        # One wake-up for the whole group.
        self._loop.call_soon_threadsafe(_settle, jobs)

    def _run_in_savepoint(self, connection: Connection, job: Job) -> None:
        savepoint = connection.begin_nested()
        try:
            job.value, job.events = job.run(connection)
            savepoint.commit()
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the unit's caller
            job.error = error
            if savepoint.is_active:
                savepoint.rollback()


def not_committed(error: Exception) -> Exception:
    """The error for callers whose work ran but was not committed."""
    if isinstance(error, StoreUnavailableError):
        return error
    failure = StoreUnavailableError(f"Nothing was saved: {getattr(error, 'orig', None) or error}")
    failure.__cause__ = error
    return failure


def run_unit(
    connection: Connection, work: Callable[[AsyncSession], Coroutine[Any, Any, Any]]
) -> tuple[Any, list[Event]]:
    """Run a unit's coroutine from start to end, on a session over this connection."""

    def over_connection(**options: Any) -> Session:
        return Session(**{**options, "bind": connection})

    session = AsyncSession(
        sync_session_class=over_connection,  # type: ignore[arg-type]
        expire_on_commit=False,
        join_transaction_mode="rollback_only",
    )
    # A unit that waits for anything else (a second connection, the network) would hold up every
    # writer, so it is refused with an error. This is "nothing slow inside a write transaction",
    # enforced.
    unit = work(session)
    try:
        unit.send(None)
    except StopIteration as returned:
        session.sync_session.flush()
        return returned.value, recorded(session)
    finally:
        unit.close()
        session.sync_session.close()
    raise RuntimeError("A unit of work waited for something other than the store.")


def _sqlite_writer(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"), poolclass=StaticPool, hide_parameters=True
    )
    # What was erased must be gone from the file, and from every backup of it. Most builds of SQLite
    # leave the bytes where they were until something else is written there.
    # Not taken: FAST, which leaves them in pages that became free; VACUUM each night, which writes
    # the whole file and holds up every writer meanwhile.
    configure(engine, "journal_mode = WAL", "secure_delete = ON")

    @event.listens_for(engine, "begin")
    def begin_at_once(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def configure(engine: Engine, *pragmas: str) -> None:
    """Set these pragmas on each connection, whose transactions we begin ourselves."""

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # The driver would begin them late.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()
