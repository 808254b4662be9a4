"""公开: what a community published, what it owes, and what was asked about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.disclosures.inquiries import INQUIRY
from domain.disclosures.moderation import keep_answer
from domain.disclosures.shown import gone
from web.disclosures import index
from web.disclosures.catalogue_paper import CATALOGUE
from web.disclosures.inquiries import staff_card
from web.disclosures.inquiries.about import about, about_for_handlers
from web.disclosures.inquiries.subjects import subjects
from web.disclosures.owed import on_staff_home as owed_on_staff_home
from web.disclosures.reminders import remind_by_and_by
from web.disclosures.routes import HERE, ROUTES
from web.matters.spec import MatterSpec
from web.site.feature import Feature, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community
    from web.site.pages import Card
    from web.site.visit import Visit
    from web.staff.access import StaffVisit


def kept_offline(_visit: Visit, community: Community) -> Iterator[Kept]:
    """The newest. A disclosure itself is kept by the phone on which it was opened."""
    yield Kept(HERE, index.show, {"community": community.slug})


async def gone_offline(session: AsyncSession, community: Community) -> list[str]:
    """Disclosures of which something was erased, withdrawn, or has come to its last day."""
    return [f"/c/{community.slug}/disclosures/{each}" for each in await gone(session, community)]


def in_sitemap(_visit: Visit, slug: str) -> Iterator[str]:
    """The list of disclosures, what must be published, what is owed, and what was asked."""
    yield f"/c/{slug}/disclosures"
    yield f"/c/{slug}/disclosures/catalogue"
    yield f"/c/{slug}/disclosures/calendar"
    yield f"/c/{slug}/inquiries"


async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """What this person owes to publish, and the inquiries that wait for a moderator."""
    owed = await owed_on_staff_home(visit, session)
    return [*owed, *await staff_card.on_staff_home(visit, session)]


FEATURE = Feature(
    routes=ROUTES,
    kept_offline=kept_offline,
    gone_offline=gone_offline,
    in_sitemap=in_sitemap,
    papers=(CATALOGUE,),
    on_staff_home=on_staff_home,
    matters=(MatterSpec(INQUIRY, about, about_for_handlers, subjects),),
    before_commit=(keep_answer,),
    background=(remind_by_and_by,),
)
