"""小区和楼栋: the form of a community's compounds and buildings, and what publishing does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from domain.papers import kinds
from domain.places.compounds import (
    BUILDINGS,
    COMPOUNDS,
    RESERVED,
    Places,
    compounds_content,
)
from domain.slugs import new_slug
from domain.words import N_
from web.home import community as home
from web.papers.form.shape import FormSpec
from web.papers.form.words import IN_DEGREES
from web.papers.preview import page_of
from web.papers.spec import PaperSpec
from web.places import pages
from web.places.positions import drawing_to_tap
from web.site.words import translations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.papers.paper import Paper
    from domain.places.compounds import CompoundsContent
    from domain.places.content import EndedPlace
    from domain.places.tables import Community
    from domain.published import Published
    from web.papers.spec import Choices, Consequence, PaperVisit, Preview
    from web.site.pages import Page

LABELS = {
    "CompoundsContent.compounds": N_("Compounds and their buildings"),
    "CompoundContent": N_("Residential compound"),
    "CompoundContent.slug": N_("Name in the address"),
    "CompoundContent.name": N_("What it is called"),
    "CompoundContent.address": N_("Address"),
    "CompoundContent.position": N_("Position on the map"),
    "CompoundContent.buildings": N_("Buildings"),
    "BuildingContent": N_("Buildings"),
    "BuildingContent.slug": N_("Name in the address"),
    "BuildingContent.name": N_("What it is called"),
    "CompoundsContent.moves": N_("Move a building to another compound"),
    "Move": N_("Building to move"),
    "Move.what": N_("Which building"),
    "Move.to": N_("Its new compound"),
    "CompoundsContent.ended_places": N_("No longer in use"),
    "EndedPlace": N_("Ended place"),
    "EndedPlace.what": N_("Which place"),
    "EndedPlace.successor": N_("What residents find instead"),
    "EndedPlace.day": N_("Since when"),
    "EndedPlace.reason": N_("Why"),
}
HELPS = {
    "CompoundsContent.compounds": N_(
        "New names are free: printed codes stay the same. What was published is not removed here,"
        " because its code may hang on a door. End it below instead."
    ),
    "CompoundContent.position": IN_DEGREES,
    "CompoundsContent.moves": N_("The code on its door stays the same."),
    "CompoundsContent.ended_places": N_(
        "An ended place is in no list any more. The code on its door still works: it opens what you"
        " choose here, or the community's page. Take the row out if it was a mistake."
    ),
    "EndedPlace.what": N_("A compound ends with all its buildings."),
    "EndedPlace.successor": N_(
        "Only places that are published can be chosen. Leave it empty if nothing came after it."
    ),
    "EndedPlace.reason": N_("Residents who scan the old code can read it."),
}
HIDDEN = frozenset({"CompoundContent.slug", "BuildingContent.slug"})
KEPT = frozenset({"CompoundContent", "BuildingContent"})
CHOICES = {
    "EndedPlace.what": "places",
    "EndedPlace.successor": "places",
    "Move.what": "own_buildings",
    "Move.to": "own_compounds",
}
SECTIONS = (
    (N_("Compounds and their buildings"), ("compounds",)),
    (N_("Move a building to another compound"), ("moves",)),
    (N_("No longer in use"), ("ended_places",)),
)
IS_ENDED = N_("%(name)s (no longer in use)")
LEADS_TO = N_("“%(name)s” ends. The code on its door will open “%(next)s”.")
LEADS_HOME = N_(
    "“%(name)s” ends. The code on its door will open the community's page, which says so."
)
ALL_LEAD_TO = N_(
    "“%(name)s” ends with %(count)s buildings. The codes on their doors will open “%(next)s”."
)
ALL_LEAD_HOME = N_(
    "“%(name)s” ends with %(count)s buildings. The codes on their doors will open the community's"
    " page, which says so."
)
IN_USE_AGAIN = N_("“%(name)s” is in use again. The code on its door opens its own page.")
MOVES = N_("“%(name)s” now belongs to “%(next)s”. The code on its door stays the same.")
TO_PRINT = N_("New buildings need a poster. After publishing, print one for: %(names)s.")
EARLY = N_("“%(name)s” ends as soon as you publish, before the day you wrote.")
POST_LOSES = N_("The contact post “%(post)s” is no longer there for: %(names)s.")
NONE_LEFT = N_("No compound stays in use. Residents can no longer choose a building.")
# Characters of a compound's slug in those of its buildings, so that the number fits behind it.
LONGEST_PREFIX = 24
# How many names a line of the review says.
MOST_NAMED = 10
# 8号楼, 8 栋, 8# and 8幢 are 8 on a door.
_NUMBER = re.compile(r"(?<![a-z0-9])(\d+)(?:号楼|号|栋|幢|座|楼|#)$")


def _with_slugs(_paper: Paper, values: dict[str, Any]) -> dict[str, Any]:
    """What is new gets its name in addresses from how its name sounds.

    A building's begins with its compound's: many compounds have a first building.
    """
    rows = values["compounds"]
    taken = {each["slug"] for each in rows if each["slug"]} | RESERVED
    compounds = [
        each if each["slug"] else {**each, "slug": new_slug(each["name"] or "", taken)}
        for each in rows
    ]
    doors = {b["slug"] for each in compounds for b in each["buildings"] if b["slug"]}
    whole = [
        {**each, "buildings": [_with_slug(b, each["slug"], doors) for b in each["buildings"]]}
        for each in compounds
    ]
    return {**values, "compounds": whole}


def _with_slug(building: dict[str, Any], compound: str, taken: set[str]) -> dict[str, Any]:
    if building["slug"]:
        return building
    name = "".join((building["name"] or "").split())
    prefix = compound[:LONGEST_PREFIX].strip("-")
    return {**building, "slug": new_slug(_NUMBER.sub(r"\1", name), taken, prefix)}


def own_choices(_published: Published, _paper: Paper, here: Community | None, lang: str) -> Choices:
    """The places of the community, as published; those that ended say so."""
    if here is None:
        return {}
    places = Places(compounds_content(here))
    word, ended = translations(lang).gettext, places.ended
    every = [
        (name, word(IS_ENDED) % {"name": called} if name in ended else called)
        for name, called in places.called.items()
    ]
    return {
        "places": every,
        "own_buildings": [each for each in every if each[0].startswith(BUILDINGS)],
        "own_compounds": [each for each in every if each[0].startswith(COMPOUNDS)],
    }


async def consequences(visit: PaperVisit, document: CompoundsContent) -> list[Consequence]:
    """Where printed codes lead from now on, and what an office has to do because of it."""
    here = visit.staff.place
    before, after = Places(compounds_content(here)), Places(document)
    return [
        *_endings(visit, document, before, after),
        *_returns(before, after),
        *_moves(before, after),
        *_of_posts(here, before, after),
        *_to_print(before, after),
    ]


def _endings(
    visit: PaperVisit, document: CompoundsContent, before: Places, after: Places
) -> Iterator[Consequence]:
    known = set(before.document.ended_places)
    for each in document.ended_places:
        if each in known:
            continue
        yield _ending(each, after)
        if each.day > visit.staff.today:
            yield EARLY, {"name": after.called[each.what]}
    if before.document.compounds and not any(name.startswith(COMPOUNDS) for name in after.in_use):
        yield NONE_LEFT, {}


def _ending(each: EndedPlace, after: Places) -> Consequence:
    values = {"name": after.called[each.what], "next": after.called.get(each.successor or "", "")}
    if each.what.startswith(BUILDINGS):
        return (LEADS_TO if each.successor else LEADS_HOME), values
    slug = each.what.removeprefix(COMPOUNDS)
    compound = next(one for one in after.document.compounds if one.slug == slug)
    values["count"] = str(len(compound.buildings))
    return (ALL_LEAD_TO if each.successor else ALL_LEAD_HOME), values


def _returns(before: Places, after: Places) -> Iterator[Consequence]:
    for name in after.called:
        if name.startswith(BUILDINGS) and name in before.ended and name in after.in_use:
            yield IN_USE_AGAIN, {"name": after.called[name]}


def _moves(before: Places, after: Places) -> Iterator[Consequence]:
    homes = before.compounds_by_building
    for name, compound in after.compounds_by_building.items():
        if name in homes and homes[name] != compound:
            values = {"name": before.called[name], "next": after.called[compound]}
            yield MOVES, values


def _of_posts(here: Community, before: Places, after: Places) -> Iterator[Consequence]:
    lost = (before.in_use & after.ended) - before.ended
    for post in here.posts:
        if gone := [slug for slug in post.buildings if BUILDINGS + slug in lost]:
            names = [before.called[BUILDINGS + slug] for slug in gone]
            yield POST_LOSES, {"post": post.name, "names": _listed(names)}


def _to_print(before: Places, after: Places) -> Iterator[Consequence]:
    new = [
        called
        for name, called in after.called.items()
        if name.startswith(BUILDINGS) and name not in before.called and name in after.in_use
    ]
    if new:
        yield TO_PRINT, {"names": _listed(new)}


def _listed(names: list[str]) -> str:
    """The names, cut when there are many."""
    return "、".join(names[:MOST_NAMED]) + ("…" if len(names) > MOST_NAMED else "")


async def previewed(draft: Preview) -> Page:
    """The page that shows where residents live; the home of a community that has no such page."""
    kinds.COMPOUNDS.put(draft.here, draft.document)
    published = draft.visit.published.with_community(draft.here)
    if draft.here.brand:
        return await page_of(draft, published, draft.here, "/brand", pages.brand)
    return await page_of(draft, published, draft.here, "", home.show)


COMPOUNDS_PAPER = PaperSpec(
    kind=kinds.COMPOUNDS,
    name=N_("Compounds and buildings"),
    path="/staff/c/{community}/compounds",
    fields=FormSpec(labels=LABELS, helps=HELPS, choices=CHOICES, hidden=HIDDEN, kept=KEPT),
    preview=previewed,
    sections=SECTIONS,
    completed=_with_slugs,
    own_choices=own_choices,
    consequences=consequences,
    drawing=drawing_to_tap,
)
