"""应公开: what a community owes by its catalogue, and what of it was published.

Duties are computed from the catalogue; what was published is read grouped by item and period, so
that the cost follows the catalogue and not how much was ever published.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, func, select

from domain.disclosures.catalogue import (
    WISH,
    Catalogue,
    CatalogueItem,
    DutyState,
    ItemPeriod,
    Often,
    Owes,
    due_of,
    period_of,
    periods_of,
    state_of,
    wish_due,
)
from domain.disclosures.content import DisclosureKind
from domain.disclosures.tables import (
    CatalogueWish,
    Disclosure,
    DisclosureCatalogue,
    DisclosureState,
)
from domain.places.tables import Community

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.matters.clock import Due
    from domain.places.content import Settlement

# The longest that a rule can count, so that no period whose last day may be within a span is
# left out.
LONGEST = dt.timedelta(days=400)
PAST, AHEAD = dt.timedelta(days=365), dt.timedelta(days=60)


@dataclass(frozen=True)
class Kept:
    """What was published for a duty: the first disclosure of its item and period."""

    disclosure_id: int
    published_on: dt.date


@dataclass(frozen=True)
class Duty:
    """应公开的一项: an item of the catalogue in a period, or a wish that enough people support."""

    slug: str
    name: str
    kind: DisclosureKind
    # None for a wish.
    item: CatalogueItem | None
    period: str | None
    owes: Owes
    source: str
    # How the last day was counted; of what was kept, how it would be counted today.
    due: Due
    # The last day: as it was counted when it was kept, else as it is counted today.
    due_on: dt.date | None
    kept: Kept | None
    state: DutyState

    @property
    def span(self) -> ItemPeriod | None:
        """The time that it is about; None for a wish."""
        return period_of(self.period or "")


@dataclass(frozen=True)
class Span:
    """The days between which a duty's last day is, both included."""

    first: dt.date
    last: dt.date

    @classmethod
    def around(cls, today: dt.date) -> Span:
        """A year back, and what is due in the next two months."""
        return cls(today - PAST, today + AHEAD)

    def __contains__(self, day: dt.date | None) -> bool:
        return day is not None and self.first <= day <= self.last


@dataclass(frozen=True)
class Owed:
    """An item and a period before it is known who published it."""

    item: CatalogueItem
    period: str
    due: Due


class Place(NamedTuple):
    """Whose duty it is: a community's, or, with None, the subdistrict's."""

    subdistrict_id: int
    community_id: int | None


async def catalogue_of(session: AsyncSession, settlement: Settlement) -> Catalogue:
    """The catalogue for this kind of community; empty while none was published."""
    found = await session.get(DisclosureCatalogue, settlement)
    return found.catalogue if found else Catalogue()


async def catalogues(session: AsyncSession) -> dict[Settlement, Catalogue]:
    """Every catalogue."""
    found = await session.scalars(select(DisclosureCatalogue))
    return {row.settlement: row.catalogue for row in found}


def owed_within(catalogue: Catalogue, calendar: WorkingCalendar, span: Span) -> list[Owed]:
    """Every period of every item whose last day is within the span."""
    found = (
        Owed(item, period.word, due_of(item, period.last, calendar))
        for item in catalogue.items
        for period in periods_of(item, span.first - LONGEST, span.last)
    )
    return [owed for owed in found if owed.due.day in span]


async def duties_of(
    session: AsyncSession,
    community: Community,
    calendar: WorkingCalendar,
    now: dt.datetime,
    span: Span | None = None,
) -> list[Duty]:
    """What a community and its subdistrict owe its residents, the earliest last day first.

    `now` is aware local time.
    """
    found = await duties_by_community(session, [community], calendar, now, span)
    return found[community.id]


async def duties_by_community(
    session: AsyncSession,
    communities: Sequence[Community],
    calendar: WorkingCalendar,
    now: dt.datetime,
    span: Span | None = None,
) -> dict[int, list[Duty]]:
    """The same for several communities, by their ids, with as many statements as for one."""
    span = span or Span.around(now.date())
    known = await catalogues(session)
    owed = {
        settlement: owed_within(catalogue, calendar, span)
        for settlement, catalogue in known.items()
    }
    kept = await _kept(session, communities, [each for some in owed.values() for each in some], now)
    wishes = await _wishes(session, communities, known, calendar, now)
    return {
        community.id: sorted(
            [
                *_of_items(community, owed.get(community.settlement, []), kept, calendar, now),
                *(duty for duty in wishes[community.id] if duty.due_on in span),
            ],
            key=lambda duty: (duty.due_on or dt.date.max, duty.name),
        )
        for community in communities
    }


Published = tuple[Kept, "dt.date | None"]
KeptBy = dict[tuple[Place, str, str], Published]


def _of_items(
    community: Community,
    owed: Iterable[Owed],
    kept: KeptBy,
    calendar: WorkingCalendar,
    now: dt.datetime,
) -> Iterator[Duty]:
    for each in owed:
        item = each.item
        here = community.id if item.owes is Owes.COMMUNITY else None
        place = Place(community.subdistrict_id, here)
        found, counted = kept.get((place, item.slug, each.period), (None, None))
        due_on = counted or each.due.day
        yield Duty(
            slug=item.slug,
            name=item.name,
            kind=item.kind,
            item=item,
            period=each.period,
            owes=item.owes,
            source=item.source,
            due=each.due,
            due_on=due_on,
            kept=found,
            state=state_of(due_on, found.published_on if found else None, now.date(), calendar),
        )


async def _kept(
    session: AsyncSession, communities: Iterable[Community], owed: Iterable[Owed], now: dt.datetime
) -> KeptBy:
    """What was published, by place, item and period."""
    places = list(communities)
    slugs = {each.item.slug for each in owed}
    words = {each.period for each in owed}
    is_one = and_(
        Disclosure.state == DisclosureState.PUBLISHED,
        Disclosure.item.in_(sorted(slugs)),
        Disclosure.period.in_(sorted(words)),
    )
    parts: tuple[ColumnElement[bool], ...] = (
        Disclosure.community_id.in_([place.id for place in places]),
        and_(
            Disclosure.community_id.is_(None),
            Disclosure.subdistrict_id.in_({place.subdistrict_id for place in places}),
        ),
    )
    found: KeptBy = {}
    for part in parts:
        # Both are there in what was published for an item and a period.
        rows: Any = await session.execute(
            select(
                Disclosure.subdistrict_id,
                Disclosure.community_id,
                Disclosure.item,
                Disclosure.period,
                func.min(Disclosure.id),
                func.min(Disclosure.published_at),
                func.min(Disclosure.due_on),
            )
            .where(part, is_one)
            .group_by(
                Disclosure.subdistrict_id,
                Disclosure.community_id,
                Disclosure.item,
                Disclosure.period,
            )
        )
        for subdistrict, community, item, period, first_id, at, due_on in rows:
            kept = Kept(first_id, at.astimezone(now.tzinfo).date())
            found[Place(subdistrict, community), item, period] = kept, due_on
    return found


async def _wishes(
    session: AsyncSession,
    communities: Iterable[Community],
    known: dict[Settlement, Catalogue],
    calendar: WorkingCalendar,
    now: dt.datetime,
) -> dict[int, list[Duty]]:
    """The wishes that enough people support, as duties, by community."""
    by_id = {community.id: community for community in communities}
    wishes = list(
        await session.scalars(
            select(CatalogueWish).where(
                CatalogueWish.community_id.in_(list(by_id)), CatalogueWish.reached_at.is_not(None)
            )
        )
    )
    kept = await _kept_wishes(session, wishes, now)
    found: dict[int, list[Duty]] = defaultdict(list)
    for wish in wishes:
        catalogue = known.get(by_id[wish.community_id].settlement, Catalogue())
        if duty := _of_wish(wish, catalogue, kept.get(slug_of(wish)), calendar, now):
            found[wish.community_id].append(duty)
    return found


def slug_of(wish: CatalogueWish) -> str:
    """What a disclosure names as its item that publishes what was asked for."""
    return f"{WISH}{wish.id}"


def _of_wish(
    wish: CatalogueWish,
    catalogue: Catalogue,
    kept: Kept | None,
    calendar: WorkingCalendar,
    now: dt.datetime,
) -> Duty | None:
    rule = catalogue.wishes
    if rule is None or wish.reached_at is None:
        return None
    due = wish_due(rule, wish.reached_at.astimezone(now.tzinfo).date(), calendar)
    return Duty(
        slug=slug_of(wish),
        name=wish.public_title,
        kind=DisclosureKind.RESIDENT_AFFAIRS,
        item=None,
        period=None,
        owes=Owes.COMMUNITY,
        source=wish.source or rule.source,
        due=due,
        due_on=due.day,
        kept=kept,
        state=state_of(due.day, kept.published_on if kept else None, now.date(), calendar),
    )


async def _kept_wishes(
    session: AsyncSession, wishes: Iterable[CatalogueWish], now: dt.datetime
) -> dict[str, Kept]:
    by_slug = {slug_of(wish): wish for wish in wishes}
    if not by_slug:
        return {}
    rows: Any = await session.execute(
        select(Disclosure.item, func.min(Disclosure.id), func.min(Disclosure.published_at))
        .where(
            Disclosure.community_id.in_({wish.community_id for wish in by_slug.values()}),
            Disclosure.state == DisclosureState.PUBLISHED,
            Disclosure.item.in_(sorted(by_slug)),
        )
        .group_by(Disclosure.item)
    )
    return {item: Kept(first_id, at.astimezone(now.tzinfo).date()) for item, first_id, at in rows}


# A disclosure keeps the day by which it was owed. Without that, a holiday notice that the office
# enters or corrects later would make what was published in time late, or the other way round.
async def due_on_of(
    session: AsyncSession,
    disclosure: Disclosure,
    item: str | None,
    period: str | None,
    calendar: WorkingCalendar,
) -> dt.date | None:
    """The last day of the duty that a disclosure of this item and period keeps; None for none."""
    span = period_of(period or "")
    if item is None or span is None:
        return None
    found = (await _catalogue_for(session, disclosure)).item(item)
    if found is None or found.often is Often.EACH_EVENT:
        return None
    return due_of(found, span.last, calendar).day


async def _catalogue_for(session: AsyncSession, disclosure: Disclosure) -> Catalogue:
    """The catalogue of the disclosure's community, or of its subdistrict's first one."""
    place = select(Community.settlement).order_by(Community.id).limit(1)
    if disclosure.community_id is None:
        place = place.where(Community.subdistrict_id == disclosure.subdistrict_id)
    else:
        place = place.where(Community.id == disclosure.community_id)
    settlement = await session.scalar(place)
    return Catalogue() if settlement is None else await catalogue_of(session, settlement)


@dataclass(frozen=True)
class Counts:
    """How many duties stand how."""

    kept: int = 0
    late: int = 0
    open: int = 0
    soon: int = 0
    overdue: int = 0

    @property
    def published(self) -> int:
        """Those that were published at all."""
        return self.kept + self.late


def counts_of(duties: Iterable[Duty], owes: Owes = Owes.COMMUNITY) -> Counts:
    """How many of these that are this office's stand how."""
    found: dict[DutyState, int] = defaultdict(int)
    for duty in duties:
        found[duty.state] += duty.owes is owes
    return Counts(**{state.value: found[state] for state in DutyState})
