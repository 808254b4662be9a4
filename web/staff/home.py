"""The staff home: what waits for me now, and the ways to what I may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.site.pages import Card, Page
    from web.staff.access import StaffVisit


@dataclass(frozen=True, kw_only=True)
class StaffHome(StaffPage):
    """工作台."""

    template: ClassVar[str] = "staff/home.html"
    tab: ClassVar[str] = "today"
    # What the features ask this person to do, in the order of the features.
    waiting: tuple[Card, ...]
    # What the features only tell.
    news: tuple[Card, ...]
    # Role, name of its place, slug of the community when it is one.
    places: list[tuple[str, str, str]]
    lacks_second_factor: bool


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The staff home."""
    cards = [
        card for feature in visit.features for card in await feature.on_staff_home(visit, session)
    ]
    return StaffHome(
        actor=visit.actor,
        waiting=tuple(card for card in cards if card.is_waiting),
        news=tuple(card for card in cards if not card.is_waiting),
        places=_places(visit),
        lacks_second_factor=visit.session.staff.totp_secret is None,
    )


def _places(visit: StaffVisit) -> list[tuple[str, str, str]]:
    return [
        (grant.role.value, *visit.place_of(grant.subdistrict_id, grant.community_id))
        for grant in visit.actor.grants
    ]
