"""Disclosures that a district's files hold, published as of their own day."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import NaiveDatetime

from domain.calendar import load_calendar
from domain.disclosures.content import DisclosureContent, DisclosureKind
from domain.disclosures.publishing import put
from domain.disclosures.tables import Disclosure
from domain.staff.actor import COMMAND_LINE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community

# Files give times as they were on the office's wall; all of China has one.
ZONE = ZoneInfo("Asia/Shanghai")


class SeededDisclosure(DisclosureContent):
    """公开, with its kind and when it was published."""

    kind: DisclosureKind
    published_at: NaiveDatetime

    def content(self) -> DisclosureContent:
        return DisclosureContent.model_validate(self.model_dump(exclude={"kind", "published_at"}))


async def plant_disclosures(
    session: AsyncSession, community: Community, seeded: Iterable[SeededDisclosure]
) -> None:
    """Publish them, the oldest first: revisions of a place follow each other in time."""
    calendar = await load_calendar(session)
    for each in sorted(seeded, key=lambda one: one.published_at):
        disclosure = Disclosure(
            uid=str(uuid.uuid4()),
            form_key=hashlib.sha256(f"{community.slug}/{each.title}".encode()).hexdigest(),
            subdistrict_id=community.subdistrict_id,
            community_id=community.id,
            kind=each.kind,
        )
        session.add(disclosure)
        await session.flush()
        at = each.published_at.replace(tzinfo=ZONE)
        await put(session, COMMAND_LINE, disclosure, each.content(), calendar, at)
