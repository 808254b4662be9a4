"""小区和楼栋: from what the office wrote to rows and back, and what must hold of them.

Slugs are printed on paper. A place that was published is never removed: it ends, and its printed
code leads to its successor, or to the community's home.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain import rules
from domain.content import Content, Contradiction
from domain.places.content import (
    BuildingContent,
    CompoundContent,
    Ended,
    EndedPlace,
    Move,
)
from domain.places.tables import Building, Compound, name_with_compound
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.places.tables import Community

BUILDINGS, COMPOUNDS = "buildings/", "compounds/"
# The words that stand for no compound where an address says from where it is counted.
RESERVED = frozenset({"home", "here", "hall"})

NO_PLACE = N_("This place is not in the list above.")
ENDED_SUCCESSOR = N_("“{}” is no longer in use either. Choose a place that is.")
WORD_TAKEN = N_("Addresses use the word {} for something else.")
MOVED_TWICE = N_("“{}” is moved twice.")
MOVES_ENDED = N_("“{}” is no longer in use and cannot be moved.")
TO_ENDED = N_("“{}” is no longer in use. Choose a compound that is.")
POST_LEFT_EMPTY = N_(
    "The contact post “{}” would have no building left."
    " Give it another building under Contact posts first, or remove it there."
)


class CompoundsContent(Content):
    """小区和楼栋, all of a community, with those that ended.

    `moves` are carried out when the document is published; no published one has any.
    """

    compounds: tuple[CompoundContent, ...] = ()
    moves: tuple[Move, ...] = ()
    ended_places: tuple[EndedPlace, ...] = ()


@dataclass(frozen=True)
class Places:
    """The places of a document by their names, such as `buildings/3`, and which of them ended."""

    document: CompoundsContent

    @property
    def called(self) -> dict[str, str]:
        """What each place is called: a building with its compound."""
        found = {}
        for compound in self.document.compounds:
            found[COMPOUNDS + compound.slug] = compound.name
            for building in compound.buildings:
                found[BUILDINGS + building.slug] = name_with_compound(compound.name, building.name)
        return found

    @property
    def ended(self) -> set[str]:
        """Those that ended, with the buildings of compounds that did."""
        found = {each.what for each in self.document.ended_places}
        for compound in self.document.compounds:
            if COMPOUNDS + compound.slug in found:
                found |= {BUILDINGS + each.slug for each in compound.buildings}
        return found

    @property
    def in_use(self) -> set[str]:
        """Those that did not end."""
        return self.called.keys() - self.ended

    @property
    def compounds_in_use(self) -> list[CompoundContent]:
        """The compounds that did not end, with their buildings that did not."""
        gone = self.ended
        return [
            each.model_copy(
                update={
                    "buildings": tuple(
                        one for one in each.buildings if BUILDINGS + one.slug not in gone
                    )
                }
            )
            for each in self.document.compounds
            if COMPOUNDS + each.slug not in gone
        ]

    @property
    def compounds_by_building(self) -> dict[str, str]:
        """The compound of each building."""
        return {
            BUILDINGS + building.slug: COMPOUNDS + compound.slug
            for compound in self.document.compounds
            for building in compound.buildings
        }


def contradictions_of(document: CompoundsContent) -> Iterator[Contradiction]:
    """What is wrong with a document by itself."""
    compounds = [compound.slug for compound in document.compounds]
    buildings = [b.slug for compound in document.compounds for b in compound.buildings]
    yield from rules.twice(("compounds",), rules.SLUG_TAKEN, compounds)
    yield from rules.twice(("compounds",), rules.SLUG_TAKEN, buildings)
    for n, slug in enumerate(compounds):
        if slug in RESERVED:
            yield Contradiction(("compounds", n, "name"), WORD_TAKEN, slug)
    # A compound may end on the day on which its buildings move elsewhere.
    moved = settled(document)
    yield from _of_names(moved, Places(moved))
    yield from _of_ended(document, Places(moved))
    yield from _of_moves(document, Places(document))


# The names of those in use: a new building may be called what an ended one was.
def _of_names(document: CompoundsContent, places: Places) -> Iterator[Contradiction]:
    in_use = places.in_use
    called = [each.name for each in document.compounds if COMPOUNDS + each.slug in in_use]
    yield from rules.twice(("compounds",), rules.NAME_TWICE, called)
    for n, compound in enumerate(document.compounds):
        path = ("compounds", n, "buildings")
        named = [each.name for each in compound.buildings if BUILDINGS + each.slug in in_use]
        yield from rules.twice(path, rules.NAME_TWICE, named)


def _of_ended(document: CompoundsContent, places: Places) -> Iterator[Contradiction]:
    times = Counter(each.what for each in document.ended_places)
    called, ended = places.called, places.ended
    for n, each in enumerate(document.ended_places):
        path = ("ended_places", n)
        if each.what not in called:
            yield Contradiction((*path, "what"), NO_PLACE)
        elif times[each.what] > 1:
            yield Contradiction((*path, "what"), rules.ENDED_TWICE, called[each.what])
        if each.successor is None:
            continue
        # No chains and no circles: a printed code leads to a place in use by one step.
        if each.successor not in called:
            yield Contradiction((*path, "successor"), NO_PLACE)
        elif each.successor == each.what:
            yield Contradiction((*path, "successor"), rules.OWN_SUCCESSOR, called[each.what])
        elif each.successor in ended:
            yield Contradiction((*path, "successor"), ENDED_SUCCESSOR, called[each.successor])


def _of_moves(document: CompoundsContent, places: Places) -> Iterator[Contradiction]:
    times = Counter(each.what for each in document.moves)
    called, ended = places.called, {each.what for each in document.ended_places}
    for n, each in enumerate(document.moves):
        path = ("moves", n)
        if each.what not in called or not each.what.startswith(BUILDINGS):
            yield Contradiction((*path, "what"), NO_PLACE)
        elif times[each.what] > 1:
            yield Contradiction((*path, "what"), MOVED_TWICE, called[each.what])
        elif each.what in ended:
            yield Contradiction((*path, "what"), MOVES_ENDED, called[each.what])
        if each.to not in called or not each.to.startswith(COMPOUNDS):
            yield Contradiction((*path, "to"), NO_PLACE)
        elif each.to in ended:
            yield Contradiction((*path, "to"), TO_ENDED, called[each.to])


def contradictions_beside(
    community: Community, document: CompoundsContent
) -> Iterator[Contradiction]:
    """What is wrong with a document beside what is published: the places, and the contact posts."""
    before, after = Places(compounds_content(community)), Places(settled(document))
    typed = [each.what for each in document.ended_places]
    for name, called in before.called.items():
        if name not in after.called:
            yield Contradiction(("compounds",), rules.KEPT, called)
    yield from _of_posts(community, before, after, typed)


def _of_posts(
    community: Community, before: Places, after: Places, typed: list[str]
) -> Iterator[Contradiction]:
    """A post without a building would be there for the whole community.

    `typed` is what ended, in the order of the form.
    """
    for post in community.posts:
        served = {BUILDINGS + slug for slug in post.buildings}
        if served & before.in_use and not served & after.in_use:
            homes = after.compounds_by_building
            ending = served | {homes[name] for name in served if name in homes}
            n = next((n for n, what in enumerate(typed) if what in ending), 0)
            yield Contradiction(("ended_places", n, "what"), POST_LEFT_EMPTY, post.name)


def settled(document: CompoundsContent) -> CompoundsContent:
    """The document with its moves carried out, and what ended in the order of the places."""
    here = {COMPOUNDS + compound.slug: compound for compound in document.compounds}
    to = {each.what: each.to for each in document.moves if each.to in here}
    moving: dict[str, list[BuildingContent]] = {name: [] for name in here}
    staying: dict[str, list[BuildingContent]] = {name: [] for name in here}
    for name, compound in here.items():
        for building in compound.buildings:
            where = to.get(BUILDINGS + building.slug, name)
            (staying if where == name else moving)[where].append(building)
    compounds = tuple(
        compound.model_copy(update={"buildings": (*staying[name], *moving[name])})
        for name, compound in here.items()
    )
    return _in_order(document.model_copy(update={"compounds": compounds, "moves": ()}))


def _in_order(document: CompoundsContent) -> CompoundsContent:
    """What ended in the order in which the places stand."""
    order = {name: n for n, name in enumerate(Places(document).called)}
    ended = sorted(document.ended_places, key=lambda each: order.get(each.what, 0))
    return document.model_copy(update={"ended_places": tuple(ended)})


def brought_back(old: CompoundsContent, now: CompoundsContent) -> CompoundsContent:
    """An old version with every place that came since: a printed code cannot be taken back.

    A place that ended since is in use again, as the old version says; one that the old version
    does not know stays as it is now.
    """
    then = Places(old).called
    known = {each.slug: each for each in old.compounds}
    compounds = []
    for compound in now.compounds:
        since = [each for each in compound.buildings if BUILDINGS + each.slug not in then]
        base = known.pop(compound.slug, compound.model_copy(update={"buildings": ()}))
        compounds.append(base.model_copy(update={"buildings": (*base.buildings, *since)}))
    in_old_order = {each.slug: n for n, each in enumerate(old.compounds)}
    compounds.sort(key=lambda each: in_old_order.get(each.slug, len(in_old_order)))
    ended = [each for each in now.ended_places if each.what not in then]
    whole = CompoundsContent(
        compounds=(*compounds, *known.values()), ended_places=(*old.ended_places, *ended)
    )
    return _in_order(whole)


def compounds_content(community: Community) -> CompoundsContent:
    """The places of a community as its office wrote them."""
    return CompoundsContent(
        compounds=tuple(map(_compound_content, community.compounds_ever)),
        ended_places=tuple(_ended_places(community)),
    )


def _compound_content(row: Compound) -> CompoundContent:
    return CompoundContent(
        slug=row.slug,
        name=row.name,
        address=row.address,
        position=row.at,
        buildings=tuple(BuildingContent(slug=b.slug, name=b.name) for b in row.buildings_ever),
    )


def _ended_places(community: Community) -> Iterator[EndedPlace]:
    for compound in community.compounds_ever:
        if compound.ended:
            yield EndedPlace(what=COMPOUNDS + compound.slug, **compound.ended.model_dump())
        for building in compound.buildings_ever:
            if building.ended:
                yield EndedPlace(what=BUILDINGS + building.slug, **building.ended.model_dump())


# Rows that the document does not name are left as they are. Such a document is refused before it
# comes here; a fault in that refusal must not delete what is printed on doors.
def put_compounds(community: Community, document: CompoundsContent) -> None:
    """Let a community have these places; each keeps its row by its slug."""
    document = settled(document)
    ended = {
        each.what: Ended(day=each.day, reason=each.reason, successor=each.successor)
        for each in document.ended_places
    }
    known = {row.slug: row for row in community.compounds_ever}
    rows = {b.slug: b for compound in known.values() for b in compound.buildings_ever}
    named = {each.slug for compound in document.compounds for each in compound.buildings}
    compounds = []
    for rank, wanted in enumerate(document.compounds):
        compound = known.pop(wanted.slug, None) or Compound(slug=wanted.slug, buildings_ever=[])
        _set(compound, _columns_of(wanted), rank, ended.get(COMPOUNDS + wanted.slug))
        kept = [each for each in compound.buildings_ever if each.slug not in named]
        compound.buildings_ever = [*_buildings(wanted.buildings, rows, ended), *kept]
        compounds.append(compound)
    community.compounds_ever = [*compounds, *known.values()]


def _buildings(
    contents: Iterable[BuildingContent], rows: dict[str, Building], ended: dict[str, Ended]
) -> Iterator[Building]:
    for rank, wanted in enumerate(contents):
        building = rows.get(wanted.slug) or Building(slug=wanted.slug)
        _set(building, {"name": wanted.name}, rank, ended.get(BUILDINGS + wanted.slug))
        yield building


def _columns_of(content: CompoundContent) -> dict[str, Any]:
    plain = content.model_dump(include={"name", "address"})
    return {**plain, **content.position.model_dump()}


def _set(row: Compound | Building, columns: dict[str, Any], rank: int, ended: Ended | None) -> None:
    for name, value in {**columns, "rank": rank, "ended": ended}.items():
        setattr(row, name, value)


@dataclass(frozen=True)
class Door:
    """A printed code of a building: where it is, and what became of the building."""

    compound: Compound
    building: Building
    # Why and since when it is not in use; None while it is.
    ended: Ended | None
    # What is in use in its place; both None for nothing.
    next_compound: Compound | None = None
    next_building: Building | None = None

    @property
    def name(self) -> str:
        """The building with its compound."""
        return self.compound.name_of(self.building)

    @property
    def successor(self) -> str:
        """The name of what is in use in its place; empty for nothing."""
        parts = (self.next_compound, self.next_building)
        return " ".join(each.name for each in parts if each is not None)


def doors_of(community: Community) -> list[Door]:
    """Every code that may hang on a door, also of buildings that ended."""
    compounds = {COMPOUNDS + each.slug: each for each in community.compounds}
    homes = {
        BUILDINGS + building.slug: (compound, building)
        for compound in community.compounds
        for building in compound.buildings
    }
    found = []
    for compound in community.compounds_ever:
        for building in compound.buildings_ever:
            ended = building.ended or compound.ended
            name = ended.successor or "" if ended else ""
            home = homes.get(name, (compounds.get(name), None))
            found.append(Door(compound, building, ended, *home))
    return found


def door_of(community: Community, slug: str) -> Door | None:
    """The code on this building's door; None when there never was such a building."""
    return next((each for each in doors_of(community) if each.building.slug == slug), None)
