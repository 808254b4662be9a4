"""What a new hall hangs up first: a device that calls numbers or gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.devices.tables import Device
from domain.places.tables import Hall
from domain.words import N_
from web.site.first_steps import FirstStepHere

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit


async def first_steps_here(_visit: StaffVisit, session: AsyncSession) -> list[FirstStepHere]:
    """A device of any kind that was not revoked."""
    halls = select(Hall.community_id).join(Device).where(Device.revoked_at.is_(None)).distinct()
    done = frozenset(await session.scalars(halls))
    return [
        FirstStepHere(50, N_("A screen or another device"), "/staff/c/{community}/devices", done)
    ]
