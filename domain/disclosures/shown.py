"""What residents see of disclosures: lists, one of them, its revisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVarTuple

from sqlalchemy import and_, extract, or_, select, union_all

from domain.disclosures.content import Audience
from domain.disclosures.ledger import totals_of
from domain.disclosures.open_until import open_period
from domain.disclosures.tables import (
    Disclosure,
    DisclosureErasure,
    DisclosureFile,
    DisclosureRevision,
    DisclosureState,
)
from domain.search.reading import normalise

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.disclosures.content import DisclosureContent, DisclosureKind, PersonRow
    from domain.disclosures.ledger import Totals
    from domain.matters.clock import Due
    from domain.places.tables import Community

Ts = TypeVarTuple("Ts")

PAGE = 20
MOST_WORDS = 5
# Enough for years of a community: most of them are monthly lists of persons.
MOST_GONE = 500
IS_SHOWN = Disclosure.published_at.is_not(None)


def parts_of(community: Community) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """A community's own disclosures, and its subdistrict's for all communities."""
    is_for_all = and_(
        Disclosure.community_id.is_(None), Disclosure.subdistrict_id == community.subdistrict_id
    )
    return Disclosure.community_id == community.id, is_for_all


def of_place(community: Community) -> ColumnElement[bool]:
    """What residents of this community see."""
    return or_(*parts_of(community))


@dataclass(frozen=True)
class Wanted:
    """What a list shows: everything by default. `words` are what a person typed."""

    kind: DisclosureKind | None = None
    item: str | None = None
    year: int | None = None
    words: str = ""


# Two parts, each served by its own index, and merged by the date: an OR over both columns would
# read all 254,000 of a district.
async def newest(
    session: AsyncSession, community: Community, wanted: Wanted, before: int | None = None
) -> list[Disclosure]:
    """The shown disclosures of a place, the newest first; `PAGE` + 1 at most.

    `before` is the id of the last one of the page before.
    """
    last = None if before is None else await session.get(Disclosure, before)
    found: list[Disclosure] = []
    for part in parts_of(community):
        rows = await session.scalars(_page(part, wanted, last))
        found.extend(rows)
    found.sort(key=lambda each: (each.published_at, each.id), reverse=True)
    return found[: PAGE + 1]


async def titles_of(
    session: AsyncSession, community: Community, wanted: Wanted, most: int
) -> list[tuple[int, str]]:
    """The ids and titles of the newest that a list shows; `most` at most of each part."""
    found: list[tuple[int, str]] = []
    for part in parts_of(community):
        chosen = _chosen(select(Disclosure.id, Disclosure.title), part, wanted)
        rows = await session.execute(
            chosen.where(Disclosure.title != "")
            .order_by(Disclosure.published_at.desc(), Disclosure.id.desc())
            .limit(most)
        )
        found.extend((row[0], row[1]) for row in rows)
    return found


async def these(session: AsyncSession, ids: Sequence[int]) -> list[Disclosure]:
    """The shown disclosures of these ids, in their order."""
    rows = await session.scalars(select(Disclosure).where(IS_SHOWN, Disclosure.id.in_(ids)))
    by_id = {each.id: each for each in rows}
    return [by_id[each] for each in ids if each in by_id]


def _page(part: ColumnElement[bool], wanted: Wanted, last: Disclosure | None) -> Select[Disclosure]:
    chosen = _chosen(select(Disclosure), part, wanted)
    if last is not None:
        is_older = Disclosure.published_at < last.published_at
        is_same = and_(Disclosure.published_at == last.published_at, Disclosure.id < last.id)
        chosen = chosen.where(or_(is_older, is_same))
    return chosen.order_by(Disclosure.published_at.desc(), Disclosure.id.desc()).limit(PAGE + 1)


def _chosen(chosen: Select[*Ts], part: ColumnElement[bool], wanted: Wanted) -> Select[*Ts]:
    chosen = chosen.where(IS_SHOWN, part)
    if wanted.kind is not None:
        chosen = chosen.where(Disclosure.kind == wanted.kind)
    if wanted.item is not None:
        chosen = chosen.where(Disclosure.item == wanted.item)
    if wanted.year is not None:
        chosen = chosen.where(extract("year", Disclosure.published_at) == wanted.year)
    for word in normalise(wanted.words).split()[:MOST_WORDS]:
        chosen = chosen.where(Disclosure.words.icontains(word, autoescape=True))
    return chosen


async def years_of(session: AsyncSession, community: Community) -> list[int]:
    """The years in which something was published, the newest first."""
    # Each end of each part is one step into an index; a minimum over both parts reads them all.
    ends = union_all(
        *(
            select(
                select(Disclosure.published_at)
                .where(IS_SHOWN, part)
                .order_by(order)
                .limit(1)
                .subquery()
            )
            for part in parts_of(community)
            for order in (Disclosure.published_at, Disclosure.published_at.desc())
        )
    )
    years = {moment.year for moment in await session.scalars(ends)}
    return list(range(max(years), min(years) - 1, -1)) if years else []


@dataclass(frozen=True)
class Shown:
    """A disclosure as residents see it now.

    `content` is None where it was withdrawn or erased, or is for some only: then title and day are
    left, and where to see it.
    """

    disclosure: Disclosure
    revision: DisclosureRevision
    content: DisclosureContent | None
    where_to_see: str
    # Empty once their time is over.
    persons: Sequence[PersonRow]
    files: Sequence[DisclosureFile]
    # 公示期, counted; None without one.
    open: Due | None
    totals: Totals

    @property
    def is_open(self) -> bool:
        """Whether there is an objection period at all."""
        return self.open is not None


async def one(session: AsyncSession, community: Community, disclosure_id: int) -> Disclosure | None:
    """A disclosure that residents of this community see; None for any other."""
    found: Disclosure | None = await session.scalar(
        select(Disclosure).where(Disclosure.id == disclosure_id, IS_SHOWN, of_place(community))
    )
    return found


async def revision_of(
    session: AsyncSession, disclosure: Disclosure, number: int
) -> DisclosureRevision | None:
    """One revision; None when there is none of that number."""
    found: DisclosureRevision | None = await session.scalar(
        select(DisclosureRevision).where(
            DisclosureRevision.disclosure_id == disclosure.id,
            DisclosureRevision.number == number,
        )
    )
    return found


async def shown(
    session: AsyncSession,
    disclosure: Disclosure,
    revision: DisclosureRevision,
    calendar: WorkingCalendar,
    now: dt.datetime,
) -> Shown:
    """What this revision shows at this moment (aware local time)."""
    document = revision.document
    is_for_all = document is not None and document.audience is Audience.EVERYONE
    is_whole = is_for_all and disclosure.state is DisclosureState.PUBLISHED
    content = document if is_whole else None
    published_on = _day(disclosure, revision, now)
    return Shown(
        disclosure=disclosure,
        revision=revision,
        content=content,
        where_to_see=_where_to_see(document, disclosure),
        persons=_persons(revision, now) if content else (),
        files=await _files(session, disclosure, content) if content else (),
        open=open_period(document, published_on, calendar) if content and document else None,
        totals=totals_of(content.ledger, content.opening_fen) if content else totals_of(()),
    )


def _day(disclosure: Disclosure, revision: DisclosureRevision, now: dt.datetime) -> dt.date:
    published_at = disclosure.published_at or revision.published_at
    return published_at.astimezone(now.tzinfo).date()


def _where_to_see(document: DisclosureContent | None, disclosure: Disclosure) -> str:
    if document is None or disclosure.state is not DisclosureState.PUBLISHED:
        return ""
    return document.where_to_see or ""


def _persons(revision: DisclosureRevision, now: dt.datetime) -> Sequence[PersonRow]:
    """The rows with persons, until the end of their last day."""
    until = revision.persons_until
    if revision.persons is None or until is None or now.date() > until:
        return ()
    return revision.persons


async def _files(
    session: AsyncSession, disclosure: Disclosure, content: DisclosureContent
) -> Sequence[DisclosureFile]:
    tokens = [file.token for file in content.files]
    if not tokens:
        return ()
    found = await session.scalars(
        select(DisclosureFile)
        .where(DisclosureFile.disclosure_id == disclosure.id, DisclosureFile.token.in_(tokens))
        .order_by(DisclosureFile.id)
    )
    return [file for file in found if file.size]


async def revisions_of(session: AsyncSession, disclosure: Disclosure) -> list[DisclosureRevision]:
    """Every revision, the newest first."""
    found = await session.scalars(
        select(DisclosureRevision)
        .where(DisclosureRevision.disclosure_id == disclosure.id)
        .order_by(DisclosureRevision.number.desc())
    )
    return list(found)


async def erasures_of(session: AsyncSession, disclosure: Disclosure) -> list[DisclosureErasure]:
    """What was erased of it, the newest first."""
    found = await session.scalars(
        select(DisclosureErasure)
        .where(DisclosureErasure.disclosure_id == disclosure.id)
        .order_by(DisclosureErasure.id.desc())
    )
    return list(found)


async def gone(session: AsyncSession, community: Community) -> list[int]:
    """The newest `MOST_GONE` disclosures of which a copy made earlier holds too much, by id.

    They were erased in part or wholly, withdrawn, or their persons had their last day.
    """
    ended = select(DisclosureRevision.disclosure_id).where(
        or_(
            DisclosureRevision.erased_at.is_not(None),
            and_(
                DisclosureRevision.persons_until.is_not(None),
                DisclosureRevision.persons_salt.is_(None),
            ),
        )
    )
    found = await session.scalars(
        select(Disclosure.id)
        .where(
            IS_SHOWN,
            of_place(community),
            or_(Disclosure.withdrawn_at.is_not(None), Disclosure.id.in_(ended)),
        )
        .order_by(Disclosure.id.desc())
        .limit(MOST_GONE)
    )
    return list(found)


async def before_it(session: AsyncSession, disclosure: Disclosure) -> Disclosure | None:
    """What the same place published of the same item before: the period before; None for none."""
    if disclosure.item is None or disclosure.published_at is None:
        return None
    found: Disclosure | None = await session.scalar(
        select(Disclosure)
        .where(
            Disclosure.community_id.is_not_distinct_from(disclosure.community_id),
            Disclosure.subdistrict_id == disclosure.subdistrict_id,
            Disclosure.item == disclosure.item,
            Disclosure.state == DisclosureState.PUBLISHED,
            Disclosure.published_at < disclosure.published_at,
        )
        .order_by(Disclosure.published_at.desc())
        .limit(1)
    )
    return found
