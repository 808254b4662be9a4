"""练习: a sample hall that is open at any hour, for simulated residents and clerks.

Everything in such a hall is practice, also what a real person does there: the end closes every
number and empties every seat. Other halls, their days and their figures are left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from domain.devices import pairing
from domain.devices.tables import Device
from domain.errors import LianxinError
from domain.events import record
from domain.places.tables import Community, District, Hall
from domain.queue.days import QueueChanged, unfinished_tickets
from domain.queue.seats import end_shifts
from domain.queue.tables import ACTIVE, CounterShift, QueueDay, Ticket, TicketState
from domain.queue.trail import enter_state
from domain.revision import touch_content
from domain.staff.accounts import hire
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.journal import note
from domain.staff.sign_in import end_sessions
from domain.staff.tables import Role, StaffMember

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

# The editor who pairs devices, and the beginning of the names of the clerks.
OFFICE, CLERK = "rehearsal-office", "rehearsal-clerk"


class NoRehearsalError(LianxinError):
    """The hall is not one to rehearse in; the message is one plain line."""


# A real hall must never be open at night, nor call people who do not exist.
# Not taken: a second mark for training. A district loaded with `is_sample: true` is one.
async def hall_to_rehearse(session: AsyncSession, slug: str) -> Hall:
    """The hall of a sample district's community, with its counters. Raises `NoRehearsalError`."""
    if not await session.scalar(select(District.is_sample)):
        raise NoRehearsalError("Only a sample district can rehearse, and this one is not a sample.")
    hall: Hall | None = await session.scalar(
        select(Hall)
        .join(Community, Community.id == Hall.community_id)
        .where(Community.slug == slug)
        .options(selectinload(Hall.counters))
    )
    if hall is None:
        raise NoRehearsalError(f"The sample has no community {slug}.")
    return hall


async def begin_rehearsal(
    session: AsyncSession, slug: str, clerks: int, password_hash: str, now: dt.datetime
) -> list[str]:
    """Open the hall at any hour. Returns the names of the office and of as many clerks.

    What an earlier rehearsal left is ended first. Raises `NoRehearsalError`.
    """
    hall = await hall_to_rehearse(session, slug)
    if hall.is_rehearsing:
        await _end_everything(session, hall, now)
    editor, clerk = (
        Grant(role, community_id=hall.community_id) for role in (Role.EDITOR, Role.CLERK)
    )
    cast = [(f"{OFFICE}-{hall.community_id}", "练习社区编辑", editor)] + [
        (f"{CLERK}-{hall.community_id}-{number}", f"练习窗口人员 {number}", clerk)
        for number in range(1, clerks + 1)
    ]
    for name, full_name, grant in cast:
        await _account(session, name, full_name, grant, password_hash, now)
    await _mark(session, hall, now, is_rehearsing=True)
    return [name for name, _, _ in cast]


async def end_rehearsal(session: AsyncSession, slug: str, now: dt.datetime) -> None:
    """Give the hall its own hours back, and end everything there. Raises `NoRehearsalError`."""
    hall = await hall_to_rehearse(session, slug)
    if hall.is_rehearsing:
        await _end_everything(session, hall, now)
        await _mark(session, hall, now, is_rehearsing=False)


async def _mark(
    session: AsyncSession, hall: Hall, now: dt.datetime, *, is_rehearsing: bool
) -> None:
    hall.is_rehearsing = is_rehearsing
    action, subject = "rehearsal-began" if is_rehearsing else "rehearsal-ended", f"queue/{hall.id}"
    await note(session, COMMAND_LINE, action, subject, now=now, community_id=hall.community_id)
    await touch_content(session)


# Accounts are never deleted, so a hall's clerks are the same people at each rehearsal. Their
# password is new each time and written nowhere.
async def _account(  # noqa: PLR0913, PLR0917 - everything an account begins with
    session: AsyncSession, name: str, full_name: str, grant: Grant, hashed: str, now: dt.datetime
) -> None:
    member = await session.scalar(select(StaffMember).where(StaffMember.name == name))
    if member is None:
        await hire(session, COMMAND_LINE, name, full_name, hashed, (grant,), now)
    else:
        member.password = hashed
        await session.flush()


async def _end_everything(session: AsyncSession, hall: Hall, now: dt.datetime) -> None:
    """Close the open numbers of every day, empty the seats, end sessions and devices."""
    days = await session.scalars(
        select(QueueDay)
        .where(
            QueueDay.hall_id == hall.id,
            QueueDay.id.in_(select(Ticket.day_id).where(Ticket.state.in_(ACTIVE))),
        )
        .order_by(QueueDay.day)
        .with_for_update()
    )
    for day in days.all():
        for ticket in await unfinished_tickets(session, day.id):
            await enter_state(session, ticket, TicketState.CLOSED, now)
    await end_shifts(session, now, CounterShift.hall_id == hall.id)
    record(session, QueueChanged(hall.id))
    await _end_cast(session, hall, now)


async def _end_cast(session: AsyncSession, hall: Hall, now: dt.datetime) -> None:
    """End the sessions of the accounts, and the devices that they paired in this hall."""
    cast = await session.scalars(
        select(StaffMember.id).where(
            StaffMember.name.startswith(OFFICE) | StaffMember.name.startswith(CLERK),
            StaffMember.roles.any(community_id=hall.community_id),
        )
    )
    ids = cast.all()
    for staff_id in ids:
        await end_sessions(session, staff_id, now)
    devices = await session.scalars(
        select(Device).where(
            Device.hall_id == hall.id, Device.paired_by.in_(ids), Device.revoked_at.is_(None)
        )
    )
    for device in devices.all():
        await pairing.revoke(session, COMMAND_LINE, device, now)
