"""What the contact line of a new community needs first: posts that someone holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.contacts.tables import ContactPost
from domain.words import N_
from web.site.first_steps import FirstStepHere

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit


async def first_steps_here(_visit: StaffVisit, session: AsyncSession) -> list[FirstStepHere]:
    """Contact posts that have not ended."""
    posts = select(ContactPost.community_id).where(ContactPost.ended_at.is_(None)).distinct()
    done = frozenset(await session.scalars(posts))
    return [FirstStepHere(40, N_("Contact posts"), "/staff/c/{community}/posts", done)]
