"""工作通知: messages for all staff who can act on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.places.tables import Community, Hall
from domain.ratings.tables import CallBack, ServiceRating
from domain.staff.accounts import members_with_role
from domain.staff.actor import EDITING
from domain.staff.tables import StaffRole
from push import recipients
from push.outbox import Note
from push.tables import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.ratings.rating import BadRatingGiven
    from push.recipients import Recipient


async def bad_rating_given(
    session: AsyncSession, event: BadRatingGiven
) -> list[tuple[Recipient, Note]]:
    """Notes for the staff who edit this community: a person waits for an answer."""
    rows = await session.execute(
        select(ServiceRating.given_at, Hall.name)
        .join(CallBack, CallBack.rating_id == ServiceRating.id)
        .join(Hall, Hall.id == ServiceRating.hall_id)
        .where(CallBack.id == event.call_back_id)
    )
    given_at, hall = rows.one()
    subject = f"call-back/{event.call_back_id}"
    facts: dict[str, int | str] = {"callback": event.call_back_id, "hall": hall}
    note = Note(Kind.BAD_RATING, subject, facts, given_at)
    editors = await _editors(session, event.community_id)
    return [(recipients.staff(editor), note) for editor in editors]


async def answerers(session: AsyncSession, call_back_id: int) -> Sequence[int] | None:
    """The ids of the staff who may answer a bad rating now; None if it was erased."""
    community_id = await session.scalar(
        select(CallBack.community_id).where(CallBack.id == call_back_id)
    )
    return None if community_id is None else await _editors(session, community_id)


async def _editors(session: AsyncSession, community_id: int) -> Sequence[int]:
    """The ids of active staff who may edit the community: there, above, or everywhere."""
    community = await session.get_one(Community, community_id)
    editors = await members_with_role(
        session, StaffRole.role.in_(EDITING), StaffRole.covers(community)
    )
    return [editor.id for editor in editors]
