"""What the handbook of a new district needs first: guides, and the year's holidays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.words import N_
from web.site.first_steps import FirstStep

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit


async def first_steps(visit: StaffVisit, _session: AsyncSession) -> list[FirstStep]:
    """A first guide, and the notice of this year."""
    count = len(visit.published.handbook.items)
    return [
        FirstStep(
            40,
            N_("Service handbook"),
            N_("Guides that residents can read: %(count)s."),
            "/staff/handbook" if count else "/staff/handbook/examples",
            count > 0,
            count,
        ),
        FirstStep(
            50,
            N_("Holidays of this year"),
            N_("From the notice of the State Council: days off and make-up working days."),
            f"/staff/holidays/{visit.today.year}",
            not visit.published.calendar.is_provisional(visit.today),
        ),
    ]
