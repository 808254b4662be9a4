"""质询通知: an answer for those who wanted to know it too, and what a moderator decided.

As with matters, a push says that there is something, and nothing of what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.disclosures.tables import Inquiry, InquiryState, InquirySupporter
from domain.matters.tables import Matter, MatterDevice
from domain.places.tables import Community
from push import recipients
from push.outbox import Note
from push.tables import Facts, Kind

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.happened import InquiryAnswered, InquiryModerated
    from push.recipients import Recipient

    Told = list[tuple[Recipient, Note]]

INQUIRIES = frozenset({Kind.INQUIRY_ANSWERED, Kind.INQUIRY_MODERATED})


async def answered(session: AsyncSession, event: InquiryAnswered) -> Told:
    """For each device whose owner wanted to know it too; the asker is told by the matter."""
    inquiry = await session.get_one(Inquiry, event.matter_id)
    if inquiry.state is not InquiryState.PUBLIC:
        return []
    community = await session.get_one(Community, inquiry.community_id)
    devices = await session.scalars(
        select(InquirySupporter.device)
        .where(InquirySupporter.matter_id == inquiry.matter_id)
        .order_by(InquirySupporter.since)
    )
    facts: Facts = {"inquiry": inquiry.matter_id, "community": community.slug}
    note = Note(Kind.INQUIRY_ANSWERED, f"inquiry/{inquiry.matter_id}", facts, event.at)
    return [(recipients.device(device), note) for device in devices]


async def moderated(session: AsyncSession, event: InquiryModerated) -> Told:
    """For each device of the asker: the words are held back, or shown differently."""
    matter = await session.get_one(Matter, event.matter_id)
    devices = await session.scalars(
        select(MatterDevice.device).where(MatterDevice.matter_id == matter.id)
    )
    facts: Facts = {"inquiry": matter.id, "token": matter.token}
    note = Note(Kind.INQUIRY_MODERATED, f"inquiry-moderated/{matter.id}", facts, event.at)
    return [(recipients.device(device), note) for device in devices]


async def inquiry_is_so(session: AsyncSession, kind: Kind, facts: Facts) -> bool:
    """Whether a message about an inquiry is still true."""
    inquiry = await session.get(Inquiry, int(facts["inquiry"]))
    if inquiry is None:
        return False
    if kind is Kind.INQUIRY_ANSWERED:
        return inquiry.state is InquiryState.PUBLIC
    matter = await session.get_one(Matter, inquiry.matter_id)
    return matter.erased_at is None
