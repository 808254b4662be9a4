"""A hall in rehearsal: open at any hour, only in a sample, and nothing of it is left at its end."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from domain.calendar import load_calendar
from domain.devices import pairing
from domain.devices.tables import Device, DeviceKind
from domain.hours import hall_state
from domain.places.tables import District
from domain.published import load_published
from domain.queue.rehearsal import CLERK, NoRehearsalError, begin_rehearsal, end_rehearsal
from domain.queue.tables import CounterShift, Ticket, TicketState
from domain.staff.actor import Actor
from domain.staff.journal import verify
from domain.staff.sign_in import begin_session
from domain.staff.tables import StaffMember, StaffSession
from tests.world.clock import NOW
from tests.world.halls import HallDay, hall_of

if TYPE_CHECKING:
    from domain.store import Store

HERE = "liujiazhuang"
AT_NIGHT = NOW.replace(hour=2, minute=0)


async def begin(store: Store, now: dt.datetime = AT_NIGHT, hashed: str = "x") -> list[str]:
    return await store.write(
        partial(begin_rehearsal, slug=HERE, clerks=2, password_hash=hashed, now=now)
    )


async def end(store: Store, now: dt.datetime = AT_NIGHT) -> None:
    await store.write(partial(end_rehearsal, slug=HERE, now=now))


async def is_open(store: Store, slug: str, now: dt.datetime = AT_NIGHT) -> bool:
    async with store.read() as session:
        calendar = await load_calendar(session)
    return hall_state((await hall_of(store, slug)).hours_now, calendar, now).is_open


async def test_a_hall_in_rehearsal_is_open_at_night_and_no_other_is(sample: Store) -> None:
    assert not await is_open(sample, HERE)
    await begin(sample)
    assert await is_open(sample, HERE)
    assert not await is_open(sample, "yikang")
    published = await load_published(sample, lambda _: ())
    assert published is not None
    assert published.rehearsing == {HERE}
    await end(sample)
    assert not await is_open(sample, HERE)
    again = await load_published(sample, lambda _: ())
    assert again is not None
    assert again.rehearsing == set()
    assert again.revision == published.revision + 1


async def test_a_real_district_rehearses_nothing(sample: Store) -> None:
    await sample.write(lambda session: session.execute(update(District).values(is_sample=False)))
    with pytest.raises(NoRehearsalError, match=r"^Only a sample district can rehearse[^\n]*$"):
        await begin(sample)
    assert not await is_open(sample, HERE)


async def test_a_community_that_there_is_not_is_named(sample: Store) -> None:
    beginning = partial(begin_rehearsal, slug="nirgends", clerks=1, password_hash="x", now=NOW)
    with pytest.raises(NoRehearsalError, match="nirgends"):
        await sample.write(beginning)


async def test_the_end_closes_numbers_and_empties_seats_also_those_of_real_people(
    sample: Store,
) -> None:
    day = HallDay(sample, await hall_of(sample))
    elsewhere = HallDay(sample, await hall_of(sample, "yikang"))
    await begin(sample, NOW)
    waiting, called, other = await day.take("A"), await day.take("A"), await elsewhere.take("A")
    await day.sit()
    await end(sample, NOW)
    async with sample.read() as session:
        states = {ticket.id: ticket.state for ticket in await session.scalars(select(Ticket))}
        open_shifts = await session.scalar(
            select(func.count(CounterShift.id)).where(CounterShift.ended_at.is_(None))
        )
        _, fault = await verify(session)
    assert states[waiting.id] is states[called.id] is TicketState.CLOSED
    assert states[other.id] is TicketState.WAITING
    assert open_shifts == 0
    assert fault is None


async def test_its_accounts_stay_the_same_people_and_their_sessions_and_devices_end(
    sample: Store,
) -> None:
    names = await begin(sample, NOW)
    assert [name.startswith(CLERK) for name in names] == [False, True, True]
    async with sample.read() as session:
        office = await session.scalar(select(StaffMember).where(StaffMember.name == names[0]))
    assert office is not None
    await sample.write(partial(begin_session, member_id=office.id, device="x", tallies=(), now=NOW))
    hall = await hall_of(sample)

    async def pair(session) -> None:
        found, _ = await pairing.begin(session, DeviceKind.KIOSK, "x" * 64, NOW)
        actor = Actor(office.id, None, office.name)
        await pairing.confirm(session, actor, found.code, hall, "取号机", None, NOW)

    await sample.write(pair)
    # As after a kill: nothing was ended, and the next rehearsal begins.
    assert await begin(sample, NOW, "y") == names
    async with sample.read() as session:
        passwords = await session.scalars(
            select(StaffMember.password).where(StaffMember.name.in_(names))
        )
        assert set(passwords) == {"y"}
        living = select(func.count(StaffSession.id)).where(StaffSession.ended_at.is_(None))
        assert await session.scalar(living) == 0
        devices = select(func.count(Device.id)).where(Device.revoked_at.is_(None))
        assert await session.scalar(devices) == 0
