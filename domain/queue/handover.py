"""接替窗口: a seat that its clerk left without signing off ends by a colleague's act.

The colleague sits down there, or only signs the clerk off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events import record
from domain.queue import seats
from domain.queue.calling import sign_on, ticket_at
from domain.queue.days import QueueChanged, held_day
from domain.queue.errors import CounterTakenError
from domain.staff.journal import note

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Hall
    from domain.queue.seats import Occupied
    from domain.queue.tables import CounterShift
    from domain.staff.actor import Actor


async def take_over(  # noqa: PLR0913, PLR0917 - who, where, from whose shift, for what, since when
    session: AsyncSession,
    actor: Actor,
    hall: Hall,
    counter: int,
    shift_id: int,
    letters: Sequence[str],
    now: dt.datetime,
) -> CounterShift:
    """Sign on at a seat that its clerk has left; the person at the counter comes with it.

    `shift_id` is the shift that the actor was asked about. Raises `CounterTakenError` when the
    seat was touched within `seats.UNTOUCHED` or another clerk has it by now, `CounterBusyError`
    as signing on does. A seat that became free meanwhile is signed on to like any other.
    """
    day = await held_day(session, hall.id, now, to_take=True)
    seat = await seats.seat_at(session, hall.id, counter, now)
    if seat is not None and seat.shift.staff_id != actor.staff_id:
        _refuse_what_is_used(seat, shift_id, now)
        after = {"staff": f"staff/{actor.staff_id}", "full_name": actor.full_name}
        await _note(session, actor, "seat-taken-over", hall, day.id, seat, after, now)
        seat.shift.ended_at = now
        await session.flush()
    return await sign_on(session, hall.id, counter, actor.staff_id or 0, letters, now)


async def sign_off_for(  # noqa: PLR0913, PLR0917 - who, where, whose shift, since when
    session: AsyncSession,
    actor: Actor,
    hall: Hall,
    counter: int,
    shift_id: int,
    now: dt.datetime,
) -> None:
    """End the shift of a clerk who has left; the person at the counter is first in line again.

    Raises `CounterTakenError` as `take_over` does. A seat that became free meanwhile stays so.
    """
    day = await held_day(session, hall.id, now)
    seat = await seats.seat_at(session, hall.id, counter, now)
    if seat is None:
        return
    _refuse_what_is_used(seat, shift_id, now)
    await _note(session, actor, "seat-freed", hall, day.id, seat, {}, now)
    seat.shift.ended_at = now
    await seats.first_in_line(session, seat.shift, now)
    record(session, QueueChanged(hall.id))
    await session.flush()


def _refuse_what_is_used(seat: Occupied, shift_id: int, now: dt.datetime) -> None:
    if seat.shift.id != shift_id or now < seat.free_from:
        raise CounterTakenError(seat.name, seat.free_from)


async def _note(  # noqa: PLR0913, PLR0917 - everything the entry says
    session: AsyncSession,
    actor: Actor,
    action: str,
    hall: Hall,
    day_id: int,
    seat: Occupied,
    after: dict[str, str],
    now: dt.datetime,
) -> None:
    counter = seat.shift.counter
    ticket = await seats.left_at(session, hall.id, counter, now)
    ticket = ticket or await ticket_at(session, day_id, counter)
    before = {
        "staff": f"staff/{seat.shift.staff_id}",
        "full_name": seat.name,
        "last_act_at": f"{seat.shift.last_act_at.astimezone(now.tzinfo):%H:%M:%S}",
    }
    await note(
        session,
        actor,
        action,
        f"counter/{hall.id}/{counter}",
        now=now,
        before=before,
        after={**after, "ticket": ticket.label if ticket else None},
        community_id=hall.community_id,
    )
