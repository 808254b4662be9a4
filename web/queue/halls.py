"""去哪个大厅: every hall of the district, whether it is open, how many wait and how long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, ClassVar

from domain.geo import metres_between, wgs84
from domain.places.content import StepFree
from domain.places.finding import find
from domain.queue.halls import NOBODY, counts_of_halls
from web.queue.offers import Numbers, numbers_of, offered, span_of
from web.site.errors import found_or_404
from web.site.pages import Page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.handbook.tables import Category
    from domain.hours import HallState
    from domain.places.content import Position
    from domain.places.finding import Found
    from domain.places.tables import Community, Subdistrict
    from domain.queue.forecast import Forecast
    from domain.queue.halls import HallCount
    from web.site.visit import Visit
    from web.site.visits import ResidentVisit

    Group = tuple[Subdistrict, list[Found]]

LONGEST_NAME = 40
HERE = "here"
# Waits of so many halls are read with the page. Of more, each subdistrict's are read when a person
# scrolls there: a hall's queue must be read and played forward for them.
AT_ONCE = 12


@dataclass(frozen=True)
class Asked:
    """What the page is asked for, as typed."""

    words: str
    # The letter of a category; empty for any.
    letter: str
    only_open: bool
    # Without steps, or with help at the door.
    step_free: bool
    # Whether the nearest to the person's home come first, and no others.
    nearest: bool


@dataclass(frozen=True)
class HallNow:
    """A hall as it is now."""

    community: Community
    # The compounds that the typed words name.
    compounds: tuple[str, ...]
    state: HallState
    # Whether it gives numbers while it is open.
    numbers: Numbers
    # Whether the hall has a counter for the category that was asked for.
    is_served: bool
    waiting: int
    is_own: bool
    # Whether `wait` was read.
    is_timed: bool = False
    # None if no counter calls the category, or any at all.
    wait: Forecast | None = None
    # Metres from the person's home; None where they are not asked for.
    metres: float | None = None

    @property
    def wgs84(self) -> tuple[float, float] | None:
        """Degrees north and east, in the datum of a phone's receiver; None if nobody has said."""
        position = self.community.hall.position
        return wgs84(position) if position else None

    @property
    def lets_in(self) -> bool:
        """Whether a wheelchair gets in, alone or with help."""
        return self.community.hall.access in {StepFree.YES, StepFree.PARTLY}

    @property
    def gives_numbers(self) -> bool:
        return self.state.is_open and self.is_served and self.numbers is Numbers.GIVEN


@dataclass(frozen=True, kw_only=True)
class Halls(Page):
    template: ClassVar[str] = "queue/halls.html"
    tab: ClassVar[str] = "take"
    asks: ClassVar[tuple[str, ...]] = ("q", "category", "open", "stepfree", "from")
    asked: Asked
    categories: tuple[Category, ...]
    groups: list[tuple[Subdistrict, list[HallNow]]]
    # Those nearest to `origin`, in that order; empty where they stand by subdistrict.
    near: list[HallNow]
    # Where this phone's person is at home: the compound of the building, or the community. None if
    # they never said.
    origin: str | None
    # Halls of which nobody has said whether they have steps, left out because of it.
    unknown: int


@dataclass(frozen=True, kw_only=True)
class HallsOfSubdistrict(Page):
    """The halls of one subdistrict with their waits, as a part of the page."""

    template: ClassVar[str] = "queue/_halls.html"
    asked: Asked
    subdistrict: Subdistrict
    halls: list[HallNow]


async def show(visit: ResidentVisit) -> Page:
    """Every hall, or those that fit what was typed; the person's own subdistrict first."""
    asked, home = _asked(visit), await _home(visit)
    found = find(visit.published.district, asked.words)
    found.sort(key=lambda group: not _is_own(visit, group))
    groups, near = await _groups_or_near(visit, asked, found, home)
    return Halls(
        asked=asked,
        categories=visit.published.handbook.categories,
        groups=groups,
        near=near,
        origin=home and home[0],
        unknown=_unknown(asked, found),
    )


async def _home(visit: Visit) -> tuple[str, Position] | None:
    """Where the person is at home, by the door that was scanned or else the chosen community.

    None where nobody has said, and for a community whose hall has no position yet.
    """
    preferences = visit.preferences
    if preferences.community not in visit.published.names:
        return None
    home = await visit.published.community(preferences.community)
    compound = home.compound_with(preferences.building)
    at = compound.at if compound else home.hall.position
    return (compound.name if compound else home.name, at) if at else None


async def _groups_or_near(
    visit: ResidentVisit, asked: Asked, found: list[Group], home: tuple[str, Position] | None
) -> tuple[list[tuple[Subdistrict, list[HallNow]]], list[HallNow]]:
    """The halls by subdistrict, or else those nearest to the person's home."""
    async with visit.services.store.read() as session:
        groups = await _now(visit, session, asked, found)
        if asked.nearest and home:
            return [], await _timed(visit, session, asked, _nearest(groups, home[1]))
        if sum(len(halls) for _, halls in groups) <= AT_ONCE:
            groups = [(each, await _timed(visit, session, asked, halls)) for each, halls in groups]
    return groups, []


def _nearest(groups: list[tuple[Subdistrict, list[HallNow]]], home: Position) -> list[HallNow]:
    """The nearest halls; those of which nobody has said where they are come last."""
    halls = [
        replace(hall, metres=metres_between(home, position) if position else None)
        for _, halls in groups
        for hall in halls
        for position in [hall.community.hall.position]
    ]
    return sorted(halls, key=lambda hall: inf if hall.metres is None else hall.metres)[:AT_ONCE]


def _unknown(asked: Asked, groups: Iterable[Group]) -> int:
    """Halls that are left out because nobody has said whether they have steps."""
    halls = [found.community.hall for _, each in groups for found in each]
    return sum(hall.access is StepFree.UNKNOWN for hall in halls) if asked.step_free else 0


async def part(visit: ResidentVisit) -> Page:
    """The halls of the subdistrict whose slug is asked for as `in`."""
    asked, wanted = _asked(visit), visit.query.get("in", "")
    found = [each for each in find(visit.published.district, asked.words) if each[0].slug == wanted]
    async with visit.services.store.read() as session:
        groups = await _now(visit, session, asked, found)
        subdistrict, halls = found_or_404(next(iter(groups), None))
        timed = await _timed(visit, session, asked, halls)
    return HallsOfSubdistrict(asked=asked, subdistrict=subdistrict, halls=timed)


def _asked(visit: Visit) -> Asked:
    letter = visit.query.get("category", "")
    return Asked(
        words=visit.query.get("q", "").strip()[:LONGEST_NAME],
        letter=letter if letter in visit.published.handbook.by_letter else "",
        only_open="open" in visit.query,
        step_free="stepfree" in visit.query,
        # From where the phone is, it sorts by itself, and needs all of them.
        nearest=visit.query.get("from", HERE) != HERE,
    )


def _is_own(visit: Visit, group: Group) -> bool:
    return any(found.community.slug == visit.preferences.community for found in group[1])


async def _now(
    visit: Visit, session: AsyncSession, asked: Asked, groups: Iterable[Group]
) -> list[tuple[Subdistrict, list[HallNow]]]:
    """The halls without their waits; groups that have none to show are left out."""
    counts = await counts_of_halls(session, visit.today, asked.letter)
    shown = [
        (subdistrict, [_hall(visit, asked, each, counts) for each in found])
        for subdistrict, found in groups
    ]
    if asked.only_open:
        shown = [(each, [hall for hall in halls if hall.gives_numbers]) for each, halls in shown]
    if asked.step_free:
        shown = [(each, [hall for hall in halls if hall.lets_in]) for each, halls in shown]
    return [(subdistrict, halls) for subdistrict, halls in shown if halls]


def _hall(visit: Visit, asked: Asked, found: Found, counts: dict[int, HallCount]) -> HallNow:
    community = found.community
    count = counts.get(community.hall.id, NOBODY)
    return HallNow(
        community=community,
        compounds=found.compounds,
        state=visit.hall_state(community),
        numbers=Numbers.of(is_closed=count.is_closed, is_stopped=count.is_stopped),
        is_served=not asked.letter or asked.letter in community.hall.letters,
        waiting=count.waiting,
        is_own=community.slug == visit.preferences.community,
    )


async def _timed(
    visit: ResidentVisit, session: AsyncSession, asked: Asked, halls: Iterable[HallNow]
) -> list[HallNow]:
    """The halls, those that give numbers with their waits."""
    return [
        await _with_wait(visit, session, asked, hall) if hall.gives_numbers else hall
        for hall in halls
    ]


async def _with_wait(
    visit: ResidentVisit, session: AsyncSession, asked: Asked, hall: HallNow
) -> HallNow:
    queue, found = await offered(session, visit.services, visit, hall.community.hall)
    wanted = [offer for offer in found if asked.letter in {"", offer.category.letter}]
    return replace(hall, is_timed=True, numbers=numbers_of(queue, wanted), wait=span_of(wanted))
