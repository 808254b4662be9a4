"""How many reports of mistakes wait for an editor, on the staff home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.mistakes.reports import count_open
from domain.staff.actor import EDITING
from web.site.pages import Card
from web.staff.places import communities_for

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit


@dataclass(frozen=True, kw_only=True)
class MistakesCard(Card):
    """The way to the list, while something is open."""

    template: ClassVar[str] = "mistakes/_staff_card.html"
    count: int


async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """What residents say is wrong on pages that this person may edit."""
    places = [community.id for community in communities_for(visit, EDITING)]
    count = await count_open(session, places) if places else 0
    return [MistakesCard(count=count)] if count else []
