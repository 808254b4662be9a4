"""岗位: the roles of a member of staff, and the end of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.contacts.consents import withdraw_all
from domain.errors import LianxinError
from domain.matters.holders import look_again
from domain.queue.seats import end_unserved
from domain.staff.accounts import actor_for, member_with_roles, row_of, words_of
from domain.staff.actor import Grant
from domain.staff.invitations import end_links
from domain.staff.journal import note
from domain.staff.sign_in import end_sessions
from domain.staff.tables import Invitation, Role, StaffMember, StaffRole

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor


class LastAdministratorError(LianxinError):
    """The person is the last who manages the whole district."""


async def set_roles(
    session: AsyncSession, actor: Actor, staff_id: int, grants: Iterable[Grant], now: dt.datetime
) -> None:
    """Give a person exactly these roles. Raises `LastAdministratorError`, and changes nothing."""
    await _one_change_of_administrators_at_a_time(session)
    member = await member_with_roles(session, staff_id)
    held, wanted = actor_for(member, None).grants, tuple(dict.fromkeys(grants))
    if Grant(Role.ADMINISTRATOR) not in wanted:
        await _refuse_the_last_administrator(session, staff_id)
    # First the old ones go: a role that is kept may not stand twice even for a moment.
    member.roles = []
    await session.flush()
    member.roles = [StaffRole(**row_of(grant)) for grant in wanted]
    await session.flush()
    await end_unserved(session, member.id, wanted, now)
    await look_again(session, member.id, now)
    if set(held) - set(wanted):
        # Otherwise a person could get a role back by a link they made while they had it.
        await end_links(session, now, Invitation.invited_by == member.id)
    before, after = ([words_of(grant) for grant in each] for each in (held, wanted))
    subject = f"staff/{member.id}"
    await note(session, actor, "roles-set", subject, now=now, before=before, after=after)


async def deactivate(session: AsyncSession, actor: Actor, staff_id: int, now: dt.datetime) -> None:
    """End an account; its history stays. Raises `LastAdministratorError`, and changes nothing."""
    await _one_change_of_administrators_at_a_time(session)
    await _refuse_the_last_administrator(session, staff_id)
    member = await member_with_roles(session, staff_id)
    member.ended_at = now
    await end_links(
        session, now, Invitation.staff_id == member.id, Invitation.invited_by == member.id
    )
    await end_sessions(session, member.id, now)
    await end_unserved(session, member.id, (), now)
    await look_again(session, member.id, now)
    await withdraw_all(session, actor, member.id, now)
    await note(session, actor, "left", f"staff/{member.id}", now=now)


async def _one_change_of_administrators_at_a_time(session: AsyncSession) -> None:
    """Lock every administrator, so that the last two who leave at once see each other leave."""
    await session.execute(
        select(StaffMember.id)
        .where(StaffMember.roles.any(StaffRole.role == Role.ADMINISTRATOR))
        .order_by(StaffMember.id)
        .with_for_update()
    )


async def _refuse_the_last_administrator(session: AsyncSession, staff_id: int) -> None:
    """Raises `LastAdministratorError` when no other person manages the whole district."""
    left = await session.scalar(
        select(StaffRole.id)
        .join(StaffMember, StaffMember.id == StaffRole.staff_id)
        .where(
            StaffRole.role == Role.ADMINISTRATOR,
            StaffRole.subdistrict_id.is_(None),
            StaffRole.community_id.is_(None),
            StaffMember.ended_at.is_(None),
            StaffMember.id != staff_id,
        )
        .limit(1)
    )
    if left is None:
        raise LastAdministratorError
