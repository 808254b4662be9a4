"""What a day asks of the store is found by an index, however many tickets there ever were."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from domain.places.tables import Community, Hall
from domain.queue import calling, tickets
from domain.queue.calling import StaffedCounter
from domain.queue.figures import stays_of
from domain.queue.snapshot import queue_now
from domain.queue.tickets import TicketRequest
from domain.store import Store
from tests.world.clock import NOW
from tests.world.people import hired
from tests.world.statements import statements_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.world.databases import SqliteFiles

GROWING = ("ticket", "ticket_period", "ticket_call", "queue_day", "queue_number")


@pytest.fixture
async def files(sqlite_files: SqliteFiles) -> AsyncIterator[Store]:
    """A store on SQLite, which says how it finds a row. PostgreSQL reads small tables whole."""
    store = Store(sqlite_files.copy("sample"))
    await store.open()
    yield store
    await store.close()
    sqlite_files.drop(str(store.url))


async def visit(store: Store, hall: Hall, person: int) -> None:
    """Someone takes a number, looks where they stand, and is served."""
    take = partial(
        tickets.take_ticket, hall_id=hall.id, request=TicketRequest("B"), now=NOW, served={"B"}
    )
    taken = await store.write(partial(take, device_hash="phone", request_key="once"))
    async with store.read() as session:
        now = await queue_now(session, hall, NOW)
        assert now.day is not None
        assert await tickets.ticket_of(session, taken.token)
        placed = await tickets.placed_ticket(session, taken.token)
        assert placed is not None
        assert (placed.slug, placed.version) == ("liujiazhuang", 1)
        assert await tickets.ticket_of_request(session, "once")
        assert await tickets.tickets_of_device(session, "phone", NOW.date())
        assert await tickets.numbers_given(session, now.day.id) == {"B": 1}
        assert await stays_of(session, now.day.id)

    async def serve(session: Any) -> None:
        shift = await calling.sign_on(session, hall.id, 1, person, "B", NOW)
        for verb in (
            StaffedCounter.call_next,
            StaffedCounter.undo_call,
            StaffedCounter.call_next,
            StaffedCounter.finish,
        ):
            await verb(StaffedCounter(session, shift, NOW + dt.timedelta(seconds=1)))
        await StaffedCounter(session, shift, NOW).sign_off()

    await store.write(serve)


async def test_nothing_that_a_visit_asks_reads_a_growing_table_whole(files) -> None:
    person = await hired(files, "clerk")
    async with files.read() as session:
        home = select(Hall).join(Community).where(Community.slug == "liujiazhuang")
        hall = (await session.scalars(home.options(selectinload(Hall.counters)))).one()
    read, written = files._engine.sync_engine, files._writer._engine
    with statements_of(read) as first, statements_of(written) as second:
        await visit(files, hall, person)
    plans: dict[str, list[str]] = {}
    for statement, values in dict([*first, *second]).items():
        if statement.startswith(("SELECT", "UPDATE")):
            plans[statement] = await plan_of(files, statement, values)
    assert len(plans) > 12
    whole = {f"SCAN {table}" for table in GROWING}
    found = {
        s: p for s, p in plans.items() if any(step.partition(" USING")[0] in whole for step in p)
    }
    assert found == {}


async def plan_of(store: Store, statement: str, values: Any) -> list[str]:
    """How SQLite would find the rows, step by step."""

    def explaining(connection: Any) -> list[str]:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return [row[3] for row in rows]

    return await store.with_connection(explaining)
