"""请假: when someone who answers is away, entered by them or by the office."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from domain.contacts.tables import ContactPost, PostAbsence
from domain.errors import LianxinError
from domain.matters.holders import look_again
from domain.staff.journal import note
from domain.staff.tables import StaffMember

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor

LONGEST = dt.timedelta(days=366)


class EndsTooEarlyError(LianxinError):
    """The absence would end before it begins, or is over already."""


class TooLongError(LianxinError):
    """The absence is longer than a year."""


async def absences_ahead(
    session: AsyncSession, people: Iterable[int], now: dt.datetime
) -> list[PostAbsence]:
    """The absences of these people that are not over, the first first."""
    rows = await session.scalars(
        select(PostAbsence)
        .where(PostAbsence.staff_id.in_(list(people)), PostAbsence.until > now)
        .order_by(PostAbsence.since, PostAbsence.id)
    )
    return list(rows)


# Absences that touch become one, so that a person comes back when the last of them ends and
# matters do not move to and fro at the seam. What has begun keeps its beginning: who had a matter
# yesterday does not change by what is entered today.
async def enter(  # noqa: PLR0913, PLR0917 - everything an absence is made of
    session: AsyncSession,
    actor: Actor,
    staff_id: int,
    since: dt.datetime,
    until: dt.datetime,
    now: dt.datetime,
) -> PostAbsence:
    """Enter an absence; one that should have begun earlier begins now.

    Raises `EndsTooEarlyError` and `TooLongError`.
    """
    since = max(since, now)
    if until <= since:
        raise EndsTooEarlyError
    if until - now > LONGEST:
        raise TooLongError
    await _one_change_at_a_time(session, staff_id)
    touching = [
        row
        for row in await absences_ahead(session, [staff_id], now)
        if row.since <= until and row.until >= since
    ]
    absence = touching[0] if touching else PostAbsence(staff_id=staff_id, since=since, until=until)
    absence.since = min(absence.since, since)
    absence.until = max([until, *(row.until for row in touching)])
    session.add(absence)
    for row in touching[1:]:
        await session.delete(row)
    await _tell(session, actor, absence, "absence-entered", now)
    return absence


async def end(session: AsyncSession, actor: Actor, absence: PostAbsence, now: dt.datetime) -> None:
    """Cancel an absence that has not begun, or come back now. Raises `EndsTooEarlyError`."""
    if absence.until <= now:
        raise EndsTooEarlyError
    if absence.since >= now:
        await session.delete(absence)
    else:
        absence.until = now
    await _tell(session, actor, absence, "absence-ended", now)


async def _one_change_at_a_time(session: AsyncSession, staff_id: int) -> None:
    """Lock the person, so that two absences entered at once see each other."""
    await session.execute(
        select(StaffMember.id).where(StaffMember.id == staff_id).with_for_update()
    )


async def _tell(
    session: AsyncSession, actor: Actor, absence: PostAbsence, what: str, now: dt.datetime
) -> None:
    await session.flush()
    days = {"since": absence.since.isoformat(), "until": absence.until.isoformat()}
    await note(session, actor, what, f"staff/{absence.staff_id}", now=now, after=days)
    await look_again(session, absence.staff_id, now)


async def people_of_posts(session: AsyncSession, communities: Iterable[int]) -> list[StaffMember]:
    """Who holds a post in these communities or stands in for its holder, by full name."""
    has_post = (
        select(ContactPost.id)
        .where(
            or_(ContactPost.holder == StaffMember.name, ContactPost.substitute == StaffMember.name),
            ContactPost.community_id.in_(list(communities)),
            ContactPost.ended_at.is_(None),
        )
        .exists()
    )
    rows = await session.scalars(
        select(StaffMember)
        .where(has_post, StaffMember.ended_at.is_(None))
        .order_by(StaffMember.full_name, StaffMember.id)
    )
    return list(rows)
