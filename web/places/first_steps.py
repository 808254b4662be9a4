"""What a community says about itself first: its hall, and people to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.places.tables import PersonInCharge
from domain.words import N_
from web.site.first_steps import FirstStep, FirstStepHere

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit


async def first_steps(visit: StaffVisit, _session: AsyncSession) -> list[FirstStep]:
    """The address that codes on paper lead to."""
    return [
        FirstStep(
            70,
            N_("The address on posters"),
            N_("Without LIANXIN_PUBLIC_URL, codes lead to the address at which you print them."),
            "/staff/codes",
            visit.settings.public_url is not None,
        )
    ]


async def first_steps_here(visit: StaffVisit, session: AsyncSession) -> list[FirstStepHere]:
    """Hours and position of the hall, and the people in charge."""
    halls = ((each.id, each.hall) for each in visit.published.communities)
    described = frozenset(id_ for id_, hall in halls if hall.hours.is_written and hall.position)
    people = await session.scalars(select(PersonInCharge.community_id).distinct())
    return [
        FirstStepHere(
            10, N_("Hours and position of the hall"), "/staff/c/{community}/hall", described
        ),
        FirstStepHere(30, N_("Who to ask"), "/staff/c/{community}/people", frozenset(people)),
    ]
