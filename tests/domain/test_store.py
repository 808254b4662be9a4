"""The store: one writer that commits in groups, readers that cannot write, and what both keep."""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
import threading
import traceback
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from sqlalchemy import Engine, MetaData, event, func, select, text, type_coerce
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.util import greenlet_spawn

from domain.base import Base, Document
from domain.calendar import DayKind, HolidayDay
from domain.errors import StoreUnavailableError
from domain.events import ContentChanged, Event, record
from domain.places.tables import Compound, Facility
from domain.revision import content_revision, touch_content
from domain.sqlite_writer import GROUP
from domain.store import CONNECTIONS, Store
from domain.unavailable import is_unavailable
from tests.world.clock import NOW
from tests.world.databases import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.databases import SqliteFiles

NEW_YEAR = dt.date(2027, 1, 1)
NEVER = 5
"""Seconds after which something that should have happened at once never will."""


if TYPE_CHECKING:
    Unit = Callable[[AsyncSession], Coroutine[Any, Any, int]]


class Diary(DeclarativeBase):
    """Tables that spell their values the way `Base` does, and that no other test sees."""

    metadata = MetaData()
    type_annotation_map: ClassVar[dict[Any, Any]] = Base.type_annotation_map


class Appointment(Diary):
    """Something that happens at a moment."""

    __tablename__ = "appointment"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]


def day_off(number: int) -> HolidayDay:
    """The nth day after New Year of 2027, as a day off."""
    return HolidayDay(
        notice=NEW_YEAR.year, day=NEW_YEAR + dt.timedelta(days=number), kind=DayKind.HOLIDAY
    )


def adds(number: int) -> Unit:
    """A unit of work that enters one day off and tells its number."""

    async def work(session: AsyncSession) -> int:
        session.add(day_off(number))
        await touch_content(session)
        return number

    return work


async def fails(session: AsyncSession) -> int:
    """A unit of work that writes, and then finds out that it must not."""
    session.add(day_off(99))
    await touch_content(session)
    await session.flush()
    raise LookupError("the family has moved away")


async def numbers_in(store: Store) -> set[int]:
    """The numbers of the days off that are committed."""
    async with store.read() as session:
        days = await session.scalars(select(HolidayDay.day))
        return {(day - NEW_YEAR).days for day in days}


def heard_by(store: Store) -> list[Event]:
    """Everything that the store tells from now on."""
    heard: list[Event] = []
    store.listen(heard.append)
    return heard


@asynccontextmanager
async def writer_held(store: Store) -> AsyncIterator[None]:
    """Keep SQLite's one writer busy, so that what is written meanwhile waits for one commit."""
    started, go_on = threading.Event(), threading.Event()

    async def holds(_session: AsyncSession) -> None:
        started.set()
        go_on.wait(NEVER)

    holding = asyncio.create_task(store.write(holds))
    await asyncio.to_thread(started.wait, NEVER)
    try:
        yield
        # Once around the loop: every task that was made has handed over its unit.
        await asyncio.sleep(0)
    finally:
        go_on.set()
        await holding


async def written_together(store: Store, *units: Unit) -> list[Any]:
    """The answers to units that waited for the writer at the same time."""
    async with writer_held(store):
        tasks = [asyncio.create_task(store.write(unit)) for unit in units]
    return await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def commits() -> Iterator[list[str]]:
    """One entry for each transaction that a database is told to commit."""
    found: list[str] = []

    def note(_connection: object) -> None:
        found.append("commit")

    event.listen(Engine, "commit", note)
    yield found
    event.remove(Engine, "commit", note)


@pytest.fixture
async def file_store(sqlite_files: SqliteFiles) -> AsyncIterator[Store]:
    """An empty store in one file."""
    opened = Store(sqlite_files.copy("empty"))
    await opened.open()
    yield opened
    await opened.close()


async def test_many_writes_at_once_are_each_committed_once(sample) -> None:
    revisions = await asyncio.gather(*(sample.write(touch_content) for _ in range(100)))
    assert sorted(revisions) == list(range(2, 102))
    async with sample.read() as session:
        assert await content_revision(session) == 101


async def test_each_caller_is_given_the_answer_of_its_own_unit(sample) -> None:
    answers = await asyncio.gather(*(sample.write(adds(n)) for n in range(30)))
    assert answers == list(range(30))
    assert await numbers_in(sample) == set(range(30))


async def test_writes_that_wait_share_one_commit(file_store, commits) -> None:
    answers = await written_together(file_store, *map(adds, range(50)))
    assert answers == list(range(50))
    assert len(commits) == 2, "one for the writer that was held, one for all that waited"


async def test_what_waits_behind_one_commit_is_bounded(file_store, commits) -> None:
    await written_together(file_store, *map(adds, range(GROUP + 1)))
    assert len(commits) == 3
    assert await numbers_in(file_store) == set(range(GROUP + 1))


async def test_a_failing_unit_is_rolled_back_alone_and_its_caller_told_why(sample) -> None:
    units = [adds(1), fails, adds(2)]
    answers = await asyncio.gather(*map(sample.write, units), return_exceptions=True)
    assert [answers[0], answers[2]] == [1, 2]
    assert isinstance(answers[1], LookupError)
    assert str(answers[1]) == "the family has moved away"
    assert await numbers_in(sample) == {1, 2}


async def test_a_unit_that_breaks_a_rule_of_the_schema_fails_alone(sample) -> None:
    await sample.write(adds(1))
    units = [adds(2), adds(1), adds(3)]
    answers = await asyncio.gather(*map(sample.write, units), return_exceptions=True)
    assert [answers[0], answers[2]] == [2, 3]
    assert isinstance(answers[1], IntegrityError)
    assert await numbers_in(sample) == {1, 2, 3}


async def test_neighbours_of_a_failing_unit_are_committed_in_the_same_group(
    file_store, commits
) -> None:
    answers = await written_together(file_store, adds(1), fails, adds(1), adds(2))
    assert [type(each) for each in answers] == [int, LookupError, IntegrityError, int]
    assert len(commits) == 2
    assert await numbers_in(file_store) == {1, 2}


async def test_a_group_that_cannot_be_committed_is_lost_to_all_its_callers(file_store) -> None:
    heard = heard_by(file_store)

    async def orphan(session: AsyncSession) -> int:
        # A foreign key that is looked at only when the whole group is committed.
        await session.execute(text("PRAGMA defer_foreign_keys = ON"))
        place = {"address": "x", "rank": 0, "latitude": 0, "longitude": 0, "datum": "WGS-84"}
        session.add(Compound(community_id=999, slug="x", name="x", **place))
        return 0

    answers = await written_together(file_store, adds(1), orphan, adds(2))
    assert all(isinstance(answer, StoreUnavailableError) for answer in answers)
    assert heard == []
    assert await numbers_in(file_store) == set()
    assert await file_store.write(adds(3)) == 3


async def test_events_are_told_after_the_commit(sample, commits) -> None:
    sample.listen(lambda happened: commits.append(type(happened).__name__))
    await sample.write(touch_content)
    assert commits == ["commit", "ContentChanged"]


async def test_every_committed_unit_tells_its_own_events(sample) -> None:
    heard = heard_by(sample)
    revisions = await asyncio.gather(*(sample.write(touch_content) for _ in range(10)))
    assert sorted(heard, key=str) == sorted(map(ContentChanged, revisions), key=str)


async def test_a_rolled_back_unit_tells_nothing(sample) -> None:
    await sample.write(adds(1))
    heard = heard_by(sample)
    units = [fails, adds(1)]
    await asyncio.gather(*map(sample.write, units), return_exceptions=True)
    assert heard == []


async def test_a_reading_session_cannot_write(sample) -> None:
    async with sample.read() as session:
        session.add(day_off(1))
        with pytest.raises(DBAPIError, match=r"read.?only"):
            await session.flush()
    assert await numbers_in(sample) == set()


async def test_reading_leaves_no_connection_that_cannot_write(sample) -> None:
    await asyncio.gather(*(numbers_in(sample) for _ in range(20)))
    await asyncio.gather(*(sample.write(adds(n)) for n in range(20)))
    assert await numbers_in(sample) == set(range(20))


async def test_the_very_first_publications_may_come_at_once(store) -> None:
    revisions = await asyncio.gather(*(store.write(touch_content) for _ in range(4)))
    assert sorted(revisions) == [1, 2, 3, 4]


async def test_a_reading_session_sees_one_moment_only(sample) -> None:
    counting = select(func.count()).select_from(HolidayDay)
    async with sample.read() as session:
        before = await session.scalar(counting)
        await sample.write(adds(1))
        assert await session.scalar(counting) == before
    assert await numbers_in(sample) == {1}


async def test_closing_finishes_the_work_that_waits(databases) -> None:
    address = databases.copy("sample")
    closing = Store(address)
    await closing.open()
    pool = closing._engine.sync_engine.pool
    waiting = [asyncio.create_task(closing.write(adds(n))) for n in range(20)]
    await asyncio.sleep(0)
    await closing.close()
    finished = [task.done() for task in waiting]
    await asyncio.gather(*waiting)
    await greenlet_spawn(pool.dispose)
    assert all(finished)
    again = Store(address)
    await again.open()
    try:
        assert await numbers_in(again) == set(range(20))
    finally:
        await again.close()


async def test_a_closed_store_refuses_to_write(file_store) -> None:
    await file_store.close()
    with pytest.raises(StoreUnavailableError, match="closed"):
        await file_store.write(adds(1))


async def test_a_write_during_closing_is_answered(file_store) -> None:
    last_started, go_on = threading.Event(), threading.Event()

    async def slow(_session: AsyncSession) -> None:
        last_started.set()
        go_on.wait(NEVER)

    async with writer_held(file_store):
        last = asyncio.create_task(file_store.write(slow))
        await asyncio.sleep(0)
        closing = asyncio.create_task(file_store.close())
    await asyncio.to_thread(last_started.wait, NEVER)
    late = asyncio.create_task(file_store.write(adds(1)))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(last, closing)
    answered = (await asyncio.wait({late}, timeout=NEVER))[0]
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    assert answered


async def test_the_unit_of_a_caller_who_went_away_is_still_committed(file_store) -> None:
    async with writer_held(file_store):
        caller = asyncio.create_task(file_store.write(adds(1)))
        await asyncio.sleep(0)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
    await file_store.write(adds(2))
    assert await numbers_in(file_store) == {1, 2}


async def test_the_events_of_a_caller_who_went_away_are_still_told(file_store) -> None:
    heard = heard_by(file_store)
    async with writer_held(file_store):
        caller = asyncio.create_task(file_store.write(adds(1)))
        await asyncio.sleep(0)
        caller.cancel()
    await file_store.write(adds(2))
    assert heard == [ContentChanged(1), ContentChanged(2)]


async def test_a_unit_that_is_cancelled_from_within_stops_nobody_else(sample) -> None:
    async def gives_up(_session: AsyncSession) -> int:
        raise asyncio.CancelledError

    tasks = [asyncio.create_task(sample.write(unit)) for unit in (adds(1), gives_up, adds(2))]
    waiting = (await asyncio.wait(tasks, timeout=NEVER))[1]
    assert not waiting
    assert tasks[1].cancelled()
    assert await numbers_in(sample) == {1, 2}


async def test_a_unit_that_waits_for_something_else_is_refused_and_undone(file_store) -> None:
    async def dawdles(session: AsyncSession) -> int:
        session.add(day_off(1))
        await session.flush()
        await asyncio.sleep(0)
        return 1

    with pytest.raises(RuntimeError, match="waited for something other than the store"):
        await file_store.write(dawdles)
    assert await file_store.write(adds(2)) == 2
    assert await numbers_in(file_store) == {2}


async def test_a_moment_comes_back_as_the_same_moment_in_utc(store) -> None:
    async def work(session: AsyncSession) -> None:
        session.add(Appointment(id=1, at=NOW))

    await store.with_connection(Diary.metadata.create_all)
    await store.write(work)
    async with store.read() as session:
        found = await session.scalar(select(Appointment.at))
        same = await session.scalar(select(Appointment.id).where(Appointment.at == NOW))
    assert found == NOW
    assert found.utcoffset() == dt.timedelta(0)
    assert same == 1


async def test_a_time_without_a_zone_is_refused(store) -> None:
    async def work(session: AsyncSession) -> None:
        session.add(Appointment(id=1, at=NOW.replace(tzinfo=None)))

    await store.with_connection(Diary.metadata.create_all)
    with pytest.raises(StatementError, match="a time without a zone"):
        await store.write(work)


async def test_enumerations_are_stored_by_their_values(sample) -> None:
    async def work(session: AsyncSession) -> None:
        session.add(HolidayDay(notice=NEW_YEAR.year, day=NEW_YEAR, kind=DayKind.MAKE_UP))

    await sample.write(work)
    async with sample.read() as session:
        assert await session.scalar(text("SELECT kind FROM holiday_day")) == "make-up"
        datums = await session.scalars(text("SELECT DISTINCT datum FROM facility ORDER BY datum"))
        assert datums.all() == ["GCJ-02", "WGS-84"]


async def test_the_database_itself_refuses_a_word_that_is_no_kind_of_day(store) -> None:
    words = text("INSERT INTO holiday_day (day, kind) VALUES ('2027-01-01', 'MAKE_UP')")
    with pytest.raises(IntegrityError):
        await store.write(lambda session: session.execute(words))


async def test_the_database_itself_refuses_a_facility_of_no_community(sample) -> None:
    async def work(session: AsyncSession) -> None:
        facility = await session.get_one(Facility, 1)
        facility.community_id = 9999

    with pytest.raises(IntegrityError):
        await sample.write(work)


def test_a_statement_with_documents_is_compiled_once_and_not_taken_for_another() -> None:
    def key(shape: Any) -> Any:
        return select(type_coerce(1, Document[Any](shape)))._generate_cache_key()

    assert key(tuple[str, ...]) is not None
    assert key(tuple[str, ...]) == key(tuple[str, ...])
    assert key(tuple[str, ...]) != key(dict[str, int])


async def test_a_folder_that_does_not_exist_is_said_in_one_line(tmp_path: Path) -> None:
    nowhere = Store(f"sqlite+aiosqlite:///{tmp_path}/nowhere/lianxin.db")
    with pytest.raises(StoreUnavailableError, match=r"^The database .* cannot be opened: .+$"):
        await nowhere.open()


async def test_a_file_that_is_no_database_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear neighbours, " * 100)
    letter = Store(f"sqlite+aiosqlite:///{tmp_path}/letter.db")
    with pytest.raises(StoreUnavailableError, match=r"^The database .* cannot be opened: .+$"):
        await letter.open()


async def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    address = f"postgresql+asyncpg://lianxin:secret@127.0.0.1:{free_port()}/lianxin"
    with pytest.raises(StoreUnavailableError, match="cannot be opened") as caught:
        await Store(address).open()
    assert "secret" not in str(caught.value)


INSERT = """
    INSERT INTO category (letter, slug, name, character, summary) VALUES ('A', 'a', 'a', '一', :text)
"""
UPSERT = f"{INSERT} ON CONFLICT (slug) DO UPDATE SET summary = excluded.summary"


@pytest.mark.parametrize(
    "statements",
    [[INSERT], [INSERT, "UPDATE category SET summary = :text"], [INSERT, UPSERT]],
    ids=["insert", "update", "upsert"],
)
async def test_a_text_longer_than_its_column_is_refused_on_each_database(store, statements) -> None:
    async def unit(session: AsyncSession, longest: str) -> None:
        for each in statements:
            words = longest if each is statements[-1] else "一"
            await session.execute(text(each), {"text": words})

    with pytest.raises(DBAPIError, match="value too long"):
        await store.write(partial(unit, longest="一" * 201))
    await store.write(partial(unit, longest="一" * 200))
    async with store.read() as session:
        assert await session.scalar(text("SELECT length(summary) FROM category")) == 200


CATEGORY = """
    INSERT INTO category (letter, slug, name, character, summary)
    VALUES (:letter, :slug, :name, :character, :summary)
"""


@pytest.mark.parametrize("broken", ["slug", "character", "summary", "letter"])
async def test_no_error_repeats_what_was_written(store, broken) -> None:
    written = token_hex(8)
    values = {"letter": "A", "slug": written, "name": written, "character": "一", "summary": ""}
    wrong: dict[str, dict[str, Any]] = {
        "slug": {"letter": "B"},
        "character": {"character": None},
        "summary": {"summary": written * 20},
        "letter": {"letter": {written: 1}},
    }

    async def unit(session: AsyncSession) -> None:
        await session.execute(text(CATEGORY), values)
        await session.execute(text(CATEGORY), {**values, **wrong[broken]})

    with pytest.raises(DBAPIError) as caught:
        await store.write(unit)
    assert written not in "".join(traceback.format_exception(caught.value))


async def test_no_error_repeats_what_was_asked_for(store) -> None:
    asked = token_hex(8)
    wrong = text("SELECT 1 FROM category WHERE slug = :slug AND colour = 'red'")
    with pytest.raises(StoreUnavailableError) as caught:
        async with store.read() as session:
            await session.execute(wrong, {"slug": asked})
    assert asked not in "".join(traceback.format_exception(caught.value))


async def test_what_follows_is_written_in_the_event_s_own_transaction(sample) -> None:
    async def follows(session: AsyncSession, happened: Event) -> None:
        if isinstance(happened, ContentChanged):
            session.add(day_off(50 + happened.revision))

    sample.before_commit(follows)
    assert await sample.write(adds(1)) == 1
    numbers = await numbers_in(sample)
    assert len(numbers) == 2
    assert max(numbers) > 50
    with pytest.raises(LookupError):
        await sample.write(fails)
    assert await numbers_in(sample) == numbers


async def test_what_follows_may_have_consequences_of_its_own(sample) -> None:
    seen: list[Event] = []

    async def follows(session: AsyncSession, happened: Event) -> None:
        seen.append(happened)
        if happened != ContentChanged(99):
            record(session, ContentChanged(99))

    sample.before_commit(follows)
    heard = heard_by(sample)
    revision = await sample.write(touch_content)
    assert seen == [ContentChanged(revision), ContentChanged(99)]
    assert heard == seen


async def test_when_what_follows_cannot_be_written_nothing_is(sample) -> None:
    async def follows(_session: AsyncSession, _happened: Event) -> None:
        raise LookupError("no room in the outbox")

    sample.before_commit(follows)
    heard = heard_by(sample)
    with pytest.raises(LookupError):
        await sample.write(adds(1))
    assert (await numbers_in(sample), heard) == (set(), [])


async def test_a_connection_to_postgresql_that_is_lost_in_a_unit_is_said_as_such(postgres) -> None:
    url = postgres.copy("empty")
    opened = Store(url)
    await opened.open()

    async def unit(session: AsyncSession) -> None:
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    try:
        with pytest.raises(StoreUnavailableError, match="Nothing was saved"):
            await opened.write(unit)
        assert await opened.write(adds(1)) == 1
    finally:
        await opened.close()
        postgres.drop(url)


async def test_a_store_whose_connections_to_postgresql_are_all_taken_is_unavailable(
    postgres,
) -> None:
    url = postgres.copy("empty")
    opened = Store(url)
    await opened.open()
    opened._engine.sync_engine.pool._timeout = 0.01  # type: ignore[attr-defined]
    async with AsyncExitStack() as readers:
        for _ in range(CONNECTIONS):
            await readers.enter_async_context(opened.read())
        with pytest.raises(StoreUnavailableError):
            await opened.write(adds(1))
        with pytest.raises(StoreUnavailableError):
            await numbers_in(opened)
    assert await opened.write(adds(1)) == 1
    await opened.close()
    postgres.drop(url)


def of_sqlite(code: int) -> DBAPIError:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    return OperationalError("SELECT 1", None, error)


def of_postgresql(state: str) -> DBAPIError:
    error = Exception("x")
    error.sqlstate = state  # type: ignore[attr-defined]
    return DBAPIError("SELECT 1", None, error)


@pytest.mark.parametrize(
    ("error", "is_so"),
    [
        (of_sqlite(sqlite3.SQLITE_FULL), True),
        (of_sqlite(sqlite3.SQLITE_CORRUPT_INDEX), True),
        (of_sqlite(sqlite3.SQLITE_IOERR_WRITE), True),
        (of_sqlite(sqlite3.SQLITE_ERROR), False),
        (of_sqlite(sqlite3.SQLITE_CONSTRAINT_UNIQUE), False),
        (of_postgresql("57P01"), True),
        (of_postgresql("53100"), True),
        (of_postgresql("25006"), True),
        (of_postgresql("XX001"), True),
        (of_postgresql("22001"), False),
        (of_postgresql("23505"), False),
        (of_postgresql("42703"), False),
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (InterruptedError(), False),
        (FileNotFoundError(), False),
        (ValueError(), False),
    ],
)
def test_whether_the_database_or_the_statement_is_at_fault(error, is_so) -> None:
    assert is_unavailable(error) is is_so


async def test_what_was_erased_leaves_the_file_and_its_journal(file_store) -> None:
    written = token_hex(16)
    path = str(file_store.url.database)

    def stands() -> set[str]:
        endings = ("", "-wal")
        return {each for each in endings if written.encode() in Path(path + each).read_bytes()}

    values = {"letter": "A", "slug": written, "name": "a", "character": "一", "summary": ""}
    await file_store.write(lambda session: session.execute(text(CATEGORY), values))
    await file_store.write(lambda session: session.execute(text("DELETE FROM category")))
    assert stands()
    async with file_store.read() as session:
        await session.execute(text("SELECT 1 FROM category"))
        assert not await file_store.cut_journal()
        await file_store.write(adds(1))
    assert await file_store.cut_journal()
    assert stands() == set()
    assert await numbers_in(file_store) == {1}
