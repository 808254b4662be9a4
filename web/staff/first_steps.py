"""What the people of a new office do first: come, protect their accounts, sit at a counter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from domain.staff.tables import Invitation, Role, StaffMember, StaffRole
from domain.words import N_
from web.site.first_steps import FirstStep, FirstStepHere

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit

# Who comes by the command line is the first; the others are invited.
MORE_THAN_THE_FIRST = 2


async def first_steps(visit: StaffVisit, session: AsyncSession) -> list[FirstStep]:
    """A second factor for who looks, and the other people."""
    here = select(func.count(StaffMember.id)).where(StaffMember.ended_at.is_(None))
    count = await session.scalar(here) or 0
    protected = visit.session.staff.totp_secret is not None
    return [
        FirstStep(
            10,
            N_("Protect your account"),
            N_("A code from an app on your phone, beside the password."),
            "/staff/second-factor" if not protected else "/staff/account",
            protected,
        ),
        FirstStep(
            20,
            N_("Invite the others"),
            N_("People with an account: %(count)s. Each role is held at a place."),
            "/staff/people",
            count >= MORE_THAN_THE_FIRST,
            count,
        ),
    ]


async def first_steps_here(visit: StaffVisit, session: AsyncSession) -> list[FirstStepHere]:
    """Someone who may sit at a counter, invited or already here; a step for who may invite."""
    if not visit.actor.manages:
        return []
    invited = select(Invitation.subdistrict_id, Invitation.community_id).where(
        Invitation.role == Role.CLERK,
        Invitation.used_at.is_(None),
        Invitation.expires_at > visit.now,
    )
    hired = (
        select(StaffRole.subdistrict_id, StaffRole.community_id)
        .join(StaffMember, StaffMember.id == StaffRole.staff_id)
        .where(StaffRole.role == Role.CLERK, StaffMember.ended_at.is_(None))
    )
    places = {tuple(row) for each in (invited, hired) for row in await session.execute(each)}
    done = frozenset(
        community.id
        for community in visit.published.communities
        if places & {(None, None), (community.subdistrict_id, None), (None, community.id)}
    )
    return [FirstStepHere(20, N_("Clerk"), "/staff/people", done)]
