"""公开: what a community published, what it owes, and what was asked about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.disclosures.inquiries import INQUIRY
from domain.disclosures.moderation import keep_answer
from domain.disclosures.search import entries_of
from domain.disclosures.shown import gone
from domain.matters.happened import MatterAnswered
from domain.words import N_
from web.disclosures import days, index, owed, postings
from web.disclosures.background import erase_by_and_by, publish_by_and_by
from web.disclosures.catalogue_paper import CATALOGUE
from web.disclosures.day_routes import DAYS
from web.disclosures.inquiries import staff_card
from web.disclosures.inquiries.about import about, about_for_handlers
from web.disclosures.inquiries.subjects import subjects
from web.disclosures.log_words import in_log
from web.disclosures.office import index as office
from web.disclosures.office.steps_paper import STEPS
from web.disclosures.printed import printed_codes
from web.disclosures.reminders import remind_by_and_by
from web.disclosures.routes import HERE, ROUTES
from web.disclosures.telling import tell_by_and_by
from web.matters.spec import MatterSpec
from web.site.feature import Feature, Kept
from web.site.home_row import HomeRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community
    from web.site.pages import Card
    from web.site.visit import Visit
    from web.staff.access import StaffVisit


def kept_offline(_visit: Visit, community: Community) -> Iterator[Kept]:
    """The newest, and the days. One of either is kept by the phone on which it was opened."""
    yield Kept(HERE, index.show, {"community": community.slug})
    yield Kept(DAYS, days.index, {"community": community.slug})


async def gone_offline(session: AsyncSession, community: Community) -> list[str]:
    """Disclosures of which something was erased, withdrawn, or has come to its last day."""
    return [f"/c/{community.slug}/disclosures/{each}" for each in await gone(session, community)]


def in_sitemap(_visit: Visit, slug: str) -> Iterator[str]:
    """The list of disclosures, what must be published, what is owed, the days, what was asked."""
    yield f"/c/{slug}/disclosures"
    yield f"/c/{slug}/disclosures/catalogue"
    yield f"/c/{slug}/disclosures/calendar"
    yield f"/c/{slug}/days"
    yield f"/c/{slug}/inquiries"


def on_community_home(community: Community) -> Iterator[HomeRow]:
    """The way to the three days."""
    note = N_("Deliberation, publication and inquiry days")
    yield HomeRow(47, f"/c/{community.slug}/days", N_("Three days to talk"), note)


async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """What waits for this person's step, what they owe, inquiries to check, and the boards."""
    return [
        card
        for part in (office, owed, staff_card, postings)
        for card in await part.on_staff_home(visit, session)
    ]


FEATURE = Feature(
    routes=ROUTES,
    kept_offline=kept_offline,
    gone_offline=gone_offline,
    in_sitemap=in_sitemap,
    found_by_search=entries_of,
    on_community_home=on_community_home,
    printed_codes=printed_codes,
    papers=(CATALOGUE, STEPS),
    on_staff_home=on_staff_home,
    in_log=in_log,
    matters=(MatterSpec(INQUIRY, about, about_for_handlers, subjects),),
    follows={MatterAnswered: keep_answer},
    background=(publish_by_and_by, erase_by_and_by, remind_by_and_by, tell_by_and_by),
)
