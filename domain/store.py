"""The store: many readers, and one writer that commits in groups.

SQLite lets one connection write at a time. Rather than have every request poll for the
lock, all writing goes through one task: the units of work that wait are run one after
another, each in its own savepoint, and committed together, so that one fsync serves them
all. A unit's caller hears of success only after that commit. The path not taken, BEGIN
IMMEDIATE per request on a pool, is measured against this in `make bench`.

PostgreSQL has row locks and commits in groups by itself, so there a unit of work is an
ordinary transaction, tried again when the database reports a deadlock.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL, event, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from domain.errors import StoreUnavailableError
from domain.events import Event, recorded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

T = TypeVar("T")

log = logging.getLogger("lianxin.store")

READERS = 4
"""SQLite reader connections, each a thread; more only queue for the interpreter's lock."""

GROUP = 64
"""The most units of work in one commit: bounds what waits behind one fsync."""

RETRIES = 3
RETRYABLE = {"40001", "40P01"}
"""PostgreSQL's serialization_failure and deadlock_detected."""



@dataclass
class _Job:
    work: Callable[[AsyncSession], Awaitable[Any]]
    done: asyncio.Future[Any]
    value: Any = None
    events: list[Event] = field(default_factory=list)


class Store:
    """Where everything is kept. Open it once per process; close it to leave no work behind."""

    def __init__(self, url: str) -> None:
        self.url: URL = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._listeners: list[Callable[[Event], None]] = []
        self._queue: asyncio.Queue[_Job | None] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None
        if self.is_sqlite:
            self._read_engine = _sqlite_engine(self.url, READERS, writing=False)
            self.write_engine = _sqlite_engine(self.url, 1, writing=True)
        else:
            self._read_engine = self.write_engine = create_async_engine(
                self.url, pool_size=8, max_overflow=0, pool_pre_ping=True
            )

    async def open(self) -> None:
        """Connect and start the writer. Raises `StoreUnavailableError` with one plain sentence."""
        try:
            async with self.write_engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError) as error:
            await self._dispose()
            reason = getattr(error, "orig", None) or error
            msg = f"The database {self.url.render_as_string()} cannot be opened: {reason}"
            raise StoreUnavailableError(msg) from error
        if self.is_sqlite:
            self._writer = asyncio.create_task(self._write_in_groups(), name="store-writer")

    async def close(self) -> None:
        """Finish the work that waits, then let go of the database."""
        if self._writer is not None:
            await self._queue.put(None)
            await self._writer
            self._writer = None
        await self._dispose()

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with every event after its commit. It must be quick and must not raise."""
        self._listeners.append(listener)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Read one consistent snapshot; writing through this session is refused by the database."""
        async with AsyncSession(self._read_engine, expire_on_commit=False) as session:
            if not self.is_sqlite:
                await session.connection(
                    execution_options={
                        "isolation_level": "REPEATABLE READ",
                        "postgresql_readonly": True,
                    }
                )
            yield session

    async def write(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Run one unit of work: returning commits it, raising rolls it back.

        On SQLite the caller going away does not undo what was taken on: the unit still runs.
        """
        if not self.is_sqlite:
            return await self._write_alone(work)
        if self._writer is None or self._writer.done():
            msg = "The store is closed."
            raise StoreUnavailableError(msg)
        job = _Job(work, asyncio.get_running_loop().create_future())
        self._queue.put_nowait(job)
        value: T = await asyncio.shield(job.done)
        return value

    async def _write_alone(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        for attempt in range(1, RETRIES + 1):
            try:
                async with AsyncSession(self.write_engine, expire_on_commit=False) as session:
                    value = await work(session)
                    await session.commit()
            except DBAPIError as error:
                if attempt == RETRIES or getattr(error.orig, "sqlstate", None) not in RETRYABLE:
                    raise
                continue
            self._tell(recorded(session))
            return value
        raise AssertionError  # pragma: no cover

    async def _write_in_groups(self) -> None:
        while True:
            jobs = [await self._queue.get()]
            while len(jobs) < GROUP and not self._queue.empty():
                jobs.append(self._queue.get_nowait())
            last = None in jobs
            await self._commit_together([job for job in jobs if job is not None])
            if last:
                return

    async def _commit_together(self, jobs: list[_Job]) -> None:
        if not jobs:
            return
        try:
            async with self.write_engine.begin() as connection:
                for job in jobs:
                    await _run_in_savepoint(connection, job)
        except SQLAlchemyError as error:
            log.exception("a group of %d writes was not committed", len(jobs))
            failure = StoreUnavailableError(f"Nothing was saved: {error}")
            failure.__cause__ = error
            for job in jobs:
                if not job.done.done():
                    job.done.set_exception(failure)
            return
        for job in jobs:
            if not job.done.done():
                self._tell(job.events)
                job.done.set_result(job.value)

    def _tell(self, events: list[Event]) -> None:
        for happened in events:
            for listener in self._listeners:
                listener(happened)

    async def _dispose(self) -> None:
        await self.write_engine.dispose()
        await self._read_engine.dispose()


async def _run_in_savepoint(connection: AsyncConnection, job: _Job) -> None:
    async with AsyncSession(
        connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
    ) as session:
        try:
            job.value = await job.work(session)
            await session.commit()
            job.events = recorded(session)
        except Exception as error:  # noqa: BLE001 - whatever went wrong belongs to the unit's caller
            with suppress(SQLAlchemyError):
                await session.rollback()
            job.done.set_exception(error)
            # The caller may have gone away; its error has then been told to nobody, and that is right.
            job.done.exception()


def _sqlite_engine(url: URL, size: int, *, writing: bool) -> AsyncEngine:
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling starts transactions late; ours starts them at once.
        connection.isolation_level = None
        cursor = connection.cursor()
        if writing:
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA busy_timeout = 10000")
        if not writing:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
