"""The store: many readers, and a single writer that commits in groups.

On SQLite all writing goes through one thread. It runs the waiting units of work one after another,
each in its own savepoint, and commits them together, so that they share one fsync. A caller hears
of success only after that commit.

PostgreSQL has row locks and groups commits by itself, so there a unit of work is an ordinary
transaction, retried when the database reports a deadlock.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from domain.errors import StoreUnavailableError
from domain.events import Event, EverythingChanged, event_of, recorded
from domain.sqlite_writer import Job, Writer, configure, not_committed, run_unit
from domain.unavailable import is_unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence

    from sqlalchemy import Connection, ExceptionContext, Executable, Row
    from sqlalchemy.orm import Session

    from domain.listening import Listening

    Recorder = Callable[[AsyncSession, Event], Awaitable[None]]

T = TypeVar("T")

# SQLite reader connections, each with a thread; more would only queue for the interpreter's lock.
READERS = 4
# PostgreSQL connections of a process, to read and to write.
CONNECTIONS = 8
# Seconds to wait for one of them: beyond, a visitor is told to come back.
CONNECT_WITHIN = 10

# The channel on which servers tell each other what changed.
CHANNEL = "lianxin"

RETRIES = 3
# PostgreSQL's serialization_failure and deadlock_detected.
RETRYABLE = {"40001", "40P01"}


class Store:
    """The database. Open it once per process; closing it finishes the waiting work."""

    def __init__(self, url: str | URL) -> None:
        self.url: URL = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._listeners: list[Callable[[Event], None]] = []
        # Those that are told of what other servers committed, too.
        self._everywhere: list[Callable[[Event], None]] = []
        self._listening: Listening | None = None
        # Tells our own signals from those of other servers.
        self._name = secrets.token_hex(4)
        self._recorders: list[Recorder] = []
        self._writer: Writer | None = None
        self._running: set[asyncio.Task[Any]] = set()
        self._is_closed = False
        # Whether the last unit of work was not refused by the database.
        self.is_writing = True
        self._engine = _sqlite_readers(self.url) if self.is_sqlite else _postgresql(self.url)

    async def open(self) -> None:
        """Connect and start the writer. Raises `StoreUnavailableError` with a plain sentence."""
        try:
            if self.is_sqlite:
                # First the writer: it makes the file and its journal, which readers may not.
                self._writer = Writer(self.url, asyncio.get_running_loop())
                await self._writer.opened
            async with self._engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (StoreUnavailableError, SQLAlchemyError, OSError) as error:
            await self.close()
            cause = error.__cause__ if isinstance(error, StoreUnavailableError) else error
            reason = getattr(cause, "orig", None) or cause
            msg = f"The database {self.url.render_as_string()} cannot be opened: {reason}"
            raise StoreUnavailableError(msg) from error

    async def trouble(self) -> str | None:
        """Why the store cannot keep what it is given, in a word; None while it can.

        `replaced`: its files are not those that were opened. `full`: no room is left on the disk.
        `refused`: the database refused to write, and does so again.
        """
        if self._writer is not None:
            if not self._writer.files.are_in_place:
                return "replaced"
            if not self._writer.files.have_room:
                return "full"
        if not self.is_writing:
            try:
                await self.write(_write_the_same)
            except StoreUnavailableError:
                return "refused"
        return None

    async def close(self) -> None:
        """Finish the waiting work, then disconnect."""
        # First refuse what comes from now on; what was taken on before is finished.
        self._is_closed = True
        if self._listening is not None:
            await self._listening.close()
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.jobs.put(None)
            await asyncio.to_thread(writer.join)
        if self._running:
            await asyncio.wait(self._running)
        await self._engine.dispose()

    # What follows from an event is written in the event's own transaction: a call that is undone
    # leaves no message, and a committed one cannot lose it.
    # Not taken: writing after the commit, which a crash in between loses, and verbs that call
    # push, which the domain does not know.
    def before_commit(self, recorder: Recorder) -> None:
        """Call `recorder` with every event inside the event's own transaction.

        It runs after the unit of work and may only wait for its session. It also receives the
        events that recorders record. If it raises, the whole unit is rolled back.
        """
        self._recorders.append(recorder)

    def listen(self, listener: Callable[[Event], None], *, everywhere: bool = False) -> None:
        """Call `listener` with every event after its commit. It must be quick and never raise.

        With `everywhere`, also with those of other servers on the same PostgreSQL that have a
        signal, once `hear_others` was called; and with `EverythingChanged` when some were missed.
        """
        self._listeners.append(listener)
        if everywhere:
            self._everywhere.append(listener)

    async def hear_others(self) -> None:
        """Listen to other servers on the same database, where there can be others."""
        if not self.is_sqlite:
            # Loaded only by a server on PostgreSQL.
            from domain.listening import Listening

            self._listening = Listening(self.url, CHANNEL, self._signalled)
            await self._listening.open()

    def say(self, happened: Event) -> None:
        """Tell other servers of something that is not written down."""
        if self._listening is not None and happened.signal is not None:
            self._listening.say(f"{self._name} {happened.signal}")

    @property
    def leads(self) -> bool:
        """Whether this server is the one that does what must happen once."""
        return self.is_sqlite or (self._listening is not None and self._listening.leads)

    def _signalled(self, payload: str | None) -> None:
        if payload is None:
            happened: Event | None = EverythingChanged()
        else:
            sender, _, signal = payload.partition(" ")
            happened = event_of(signal) if sender != self._name else None
        if happened is not None:
            for listener in self._everywhere:
                listener(happened)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session on one consistent snapshot; the database refuses writes through it.

        Raises `StoreUnavailableError` when the database does not answer.
        """
        try:
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                if not self.is_sqlite:
                    await session.connection(
                        execution_options={
                            "isolation_level": "REPEATABLE READ",
                            "postgresql_readonly": True,
                        }
                    )
                yield session
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            reason = getattr(error, "orig", None) or error
            raise StoreUnavailableError(f"The store does not answer: {reason}") from error

    async def write(self, work: Callable[[AsyncSession], Coroutine[Any, Any, T]]) -> T:
        """Run a unit of work: returning commits it, raising rolls it back.

        A unit may only wait for the store. If the caller is cancelled, the unit still runs and its
        events are announced. Raises `StoreUnavailableError` when the database does not answer.
        """
        whole = self._with_what_follows(work)
        try:
            if self.is_sqlite:
                written: T = await self._submit(lambda connection: run_unit(connection, whole))
            else:
                written = await self._on_postgresql(whole)
        except StoreUnavailableError:
            self.is_writing = False
            raise
        except Exception as error:
            if not is_unavailable(error):
                raise
            self.is_writing = False
            raise not_committed(error) from error
        self.is_writing = True
        return written

    async def _on_postgresql(self, whole: Callable[[AsyncSession], Coroutine[Any, Any, T]]) -> T:
        if self._is_closed:
            raise StoreUnavailableError("The store is closed.")
        running = asyncio.create_task(self._write_alone(whole))
        self._running.add(running)
        running.add_done_callback(self._ended)
        return await asyncio.shield(running)

    def _with_what_follows(
        self, work: Callable[[AsyncSession], Coroutine[Any, Any, T]]
    ) -> Callable[[AsyncSession], Coroutine[Any, Any, T]]:
        """The unit of work, followed by the recorders."""

        async def whole(session: AsyncSession) -> T:
            value = await work(session)
            # The list grows while recorders record events of their own.
            for happened in recorded(session):
                await happened.keep(session)
                for recorder in self._recorders:
                    await recorder(session, happened)
            return value

        return whole

    def _ended(self, running: asyncio.Task[Any]) -> None:
        self._running.discard(running)
        if not running.cancelled():
            # Marked as seen: the caller may have gone away, and then nobody need hear of it.
            running.exception()

    async def with_connection(self, change: Callable[[Connection], T]) -> T:
        """Run `change` in a transaction of its own on a plain connection, for migrations."""
        if self.is_sqlite:
            changed: T = await self._submit(lambda connection: (change(connection), []))
            return changed
        async with self._engine.begin() as connection:
            return await connection.run_sync(change)

    async def cut_journal(self) -> bool:
        """Write SQLite's journal into its file and cut it to nothing, unless others are reading.

        What was erased stands in the journal until then. Whether it is cut; True on PostgreSQL.
        """
        return not self.is_sqlite or await self._writer_of_file().cut()

    def _writer_of_file(self) -> Writer:
        if self._writer is None or not self._writer.is_alive():
            raise StoreUnavailableError("The store is closed.")
        return self._writer

    async def _submit(self, run: Callable[[Connection], tuple[Any, list[Event]]]) -> Any:
        writer = self._writer_of_file()
        job = Job(run, asyncio.get_running_loop().create_future(), self._tell)
        writer.jobs.put(job)
        return await asyncio.shield(job.done)

    async def _write_alone(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        for attempt in range(1, RETRIES + 1):
            try:
                async with AsyncSession(self._engine, expire_on_commit=False) as session:
                    value = await work(session)
                    await self._signal(session)
                    await session.commit()
            except DBAPIError as error:
                if attempt == RETRIES or getattr(error.orig, "sqlstate", None) not in RETRYABLE:
                    raise
                continue
            self._tell(recorded(session))
            return value
        raise AssertionError  # pragma: no cover

    # Ids and no content: a listener reads what it may. PostgreSQL delivers at the commit, once for
    # equal signals, and to nobody if the unit is rolled back.
    async def _signal(self, session: AsyncSession) -> None:
        signals = {happened.signal for happened in recorded(session)} - {None}
        for signal in sorted(filter(None, signals)):
            await session.execute(_NOTIFY, {"payload": f"{self._name} {signal}"})

    def _tell(self, events: list[Event]) -> None:
        for happened in events:
            for listener in self._listeners:
                listener(happened)


_NOTIFY = text(f"SELECT pg_notify('{CHANNEL}', :payload)")


async def _write_the_same(session: AsyncSession) -> None:
    await session.execute(text("UPDATE content_revision SET number = number"))


# An INSERT with ON CONFLICT, for each database.
INSERTS: dict[str, Callable[[Any], Any]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


def dialect_of(session: AsyncSession) -> str:
    return session.get_bind().dialect.name


def inserting(session: AsyncSession, table: Any) -> Any:
    """An INSERT that supports `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return INSERTS[dialect_of(session)](table)


# For statements that are built once and that a crowd needs. Taking a number is the only thing a
# whole hall does at once: in five such statements it costs a fifth of what the session's own way
# costs. Everything else stays with the session, which is easier to read.
async def execute_core(
    session: AsyncSession, statement: Executable, values: dict[str, Any] | list[dict[str, Any]]
) -> Sequence[Row[Any]]:
    """Run a statement in this unit of work on its bare connection; returns the rows, if any.

    It runs once for each of several values. The session is not flushed first, so its pending
    changes are not visible to the statement.
    """

    def execute(within: Session) -> Sequence[Row[Any]]:
        result = within.connection().execute(statement, values)
        return result.all() if result.returns_rows else ()

    return await session.run_sync(execute)


# Errors go to the log, and what a person wrote must not. Every engine hides the values of its
# statement, but PostgreSQL and its driver repeat some of them in their own words.
# Not taken: errors without their words; the constraint and the column tell what went wrong.
_VALUES = re.compile(r"\nDETAIL: .*|(invalid input [^:]*): .*", re.DOTALL)


def _postgresql(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=CONNECTIONS,
        pool_timeout=CONNECT_WITHIN,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "handle_error")
    def hide_values(context: ExceptionContext) -> None:
        error = context.original_exception
        for told in filter(None, (context.sqlalchemy_exception, error, error.__cause__)):
            told.args = tuple(_VALUES.sub(r"\1", str(said)) for said in told.args)
        # What asyncpg appends to its own error.
        vars(error.__cause__ or error).pop("detail", None)

    return engine


def _sqlite_readers(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=READERS,
        max_overflow=0,
        hide_parameters=True,
    )
    configure(engine.sync_engine, "query_only = ON")

    # One turn of the driver's thread; a statement of SQLAlchemy's takes three.
    @event.listens_for(engine.sync_engine, "begin")
    def begin_at_once(connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        driver.run_async(lambda opened: opened.execute("BEGIN"))

    return engine
