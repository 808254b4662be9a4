"""社区名称和归属: the form of a community's name and subdistrict, and how a new one begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.devices.pairing import devices_of
from domain.papers import kinds, versions
from domain.papers.paper import Paper
from domain.places.tables import Community
from domain.queue.seats import seats_of
from domain.slugs import place_slug
from domain.words import N_
from web.papers.form.shape import FormSpec
from web.papers.form.typed import retyped
from web.papers.spec import PaperSpec
from web.places.previewed import chosen_from, district_with
from web.site.answers import Redirect

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.content import CommunityPlace
    from domain.published import Published
    from web.papers.spec import Choices, Consequence, PaperVisit, Preview
    from web.site.pages import Page
    from web.staff.access import StaffVisit

LABELS = {
    "CommunityPlace.name": N_("Name of the community"),
    "CommunityPlace.subdistrict": N_("Which subdistrict it belongs to"),
    "CommunityPlace.ended": N_("Merged into another, or ended"),
    "EndedCommunity.day": N_("Since when"),
    "EndedCommunity.successor": N_("Where its people belong now"),
}
HELPS = {
    "CommunityPlace.name": N_("The name in addresses and in codes on paper stays as it is."),
    "CommunityPlace.ended": N_(
        "Leave it empty while it is a community. Its codes on paper then lead to the other one."
    ),
}
CHOICES = {
    "CommunityPlace.subdistrict": "subdistricts",
    "EndedCommunity.successor": "communities",
}
LEADS_ON = N_("Its pages and codes lead to %(name)s; its people have their roles there as well.")
COMPOUNDS_MOVE = N_("%(name)s takes over its compounds with their buildings: %(count)s.")
POSTS_STAY = N_("Its contact posts go on answering: %(count)s. Plan which of them the other needs.")
DEVICES_END = N_("Devices of its hall end and show a new code: %(count)s.")
CLERKS_END = N_("Clerks who sit at its counters are signed off: %(count)s.")
COMPOUNDS_STAY = N_(
    "%(name)s keeps the compounds with their buildings that it took over. End them there if they "
    "belong here again."
)
NOWHERE = N_("Its pages and codes lead to the choice of communities.")
# Characters of a name.
LONGEST_NAME = 80


async def previewed(draft: Preview) -> Page:
    """The page on which residents choose their community, as it would be."""
    district = district_with(draft.visit.published, draft.paper.key, draft.document)
    return await chosen_from(draft, district)


def own_choices(
    published: Published, paper: Paper, _place: Community | None, _lang: str
) -> Choices:
    """The subdistricts, and the communities that this one may be merged into."""
    others = [each for each in published.communities if each.slug != paper.key]
    return {
        "subdistricts": [(each.slug, each.name) for each in published.district.subdistricts],
        "communities": [(each.slug, each.name) for each in others],
    }


async def consequences(visit: PaperVisit, document: CommunityPlace) -> list[Consequence]:
    """What ending a community, or bringing it back, does at this moment."""
    published, slug = visit.staff.published, visit.paper.key
    gone, (successor, _) = published.ended.get(slug), published.now_at(slug)
    if document.ended is None and gone and gone.ended and gone.ended.doors and successor:
        return [(COMPOUNDS_STAY, {"name": published.names[successor]})]
    if document.ended is None or slug in published.ended or slug not in published.names:
        return []
    here = await published.community(slug, visit.session)
    name = published.names.get(document.ended.successor or "")
    counts = (
        (COMPOUNDS_MOVE, len(here.compounds) if name else 0),
        (POSTS_STAY, len(here.posts) if name else 0),
        (DEVICES_END, len(await devices_of(visit.session, here.hall.id))),
        (CLERKS_END, len(await seats_of(visit.session, here.hall.id, visit.now))),
    )
    told = [(words, {"count": str(count), "name": name or ""}) for words, count in counts if count]
    return [(LEADS_ON, {"name": name}) if name else (NOWHERE, {}), *told]


async def begin(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Begin a new community; nothing is public before it is published."""
    name = visit.form.text("name", LONGEST_NAME)
    if not name:
        return Redirect("/staff/communities#new")
    known = set(await session.scalars(select(Community.slug)))
    known |= {
        paper.key
        for draft in await versions.drafts_by(session, visit.actor)
        if (paper := kinds.PLACE.paper_of(draft.subject))
    }
    paper = Paper(kinds.PLACE, None, place_slug(name, known))
    values = retyped(PLACE.form, {"name": name, "subdistrict": visit.form.given("subdistrict")})
    await versions.save_draft(session, visit.actor, paper, values, 0, visit.now)
    return Redirect(f"/staff/{paper.subject}")


PLACE = PaperSpec(
    kind=kinds.PLACE,
    name=N_("Name and subdistrict"),
    path="/staff/places/{place}",
    fields=FormSpec(labels=LABELS, helps=HELPS, choices=CHOICES),
    preview=previewed,
    key="place",
    is_named=True,
    own_choices=own_choices,
    consequences=consequences,
    listed_at="/staff/communities",
    listed_as=N_("Communities"),
)
