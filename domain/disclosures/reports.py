"""公开情况报表: what an office reports upward, counted from what is there.

Everything is grouped by the database: a report costs as much for a full district as for an empty
one, but for the rows that it counts.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from domain.disclosures.carriers import ELSEWHERE
from domain.disclosures.catalogue import Carrier
from domain.disclosures.duties import Counts, Span, counts_of, duties_by_community
from domain.disclosures.shown import IS_SHOWN
from domain.disclosures.tables import (
    AffairsDay,
    AffairsDayKind,
    BoardPosting,
    CarrierNote,
    CatalogueWish,
    Disclosure,
    DisclosureErasure,
    DisclosureState,
    Inquiry,
    InquiryKind,
    InquiryState,
)
from domain.matters.tables import Matter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.disclosures.content import DisclosureKind
    from domain.places.tables import Community

    By = dict[int, dict[Any, int]]
    # A community, a kind, and how many.
    Grouping = Select[Any, Any, int]


@dataclass(frozen=True)
class CommunityReport:
    """公开情况 of one community between two days."""

    community: Community
    # How many were published on the page, by kind, and how many of these on each other carrier.
    by_carrier: Mapping[Carrier, Mapping[DisclosureKind, int]]
    # Days that were held, by kind, and the members of the committee who were assessed on them.
    meetings: Mapping[AffairsDayKind, int]
    members_assessed: int
    # The duties whose last day is between the two days.
    duties: Counts

    @property
    def published(self) -> int:
        """Disclosures of every kind."""
        return sum(self.by_carrier[Carrier.PAGE].values())


@dataclass(frozen=True)
class YearReport:
    """公开年度报告 of one community: the same for a year, with what was asked and erased."""

    report: CommunityReport
    withdrawn: int
    erased: int
    # Asked in the year and public, by kind, and how many of them the asker calls answered.
    inquiries: Mapping[InquiryKind, int]
    answered: int
    # Wishes that were asked in the year and are shown, and those that came to be owed in it.
    wishes: int
    wishes_reached: int


async def reports_of(
    session: AsyncSession,
    communities: Sequence[Community],
    span: Span,
    calendar: WorkingCalendar,
    now: dt.datetime,
) -> list[CommunityReport]:
    """The report of each community between two days, both included. `now` is local time."""
    ids = [community.id for community in communities]
    moments = moments_of(span, now)
    by_carrier = {
        carrier: await _grouped(session, _carried(carrier, ids, moments)) for carrier in Carrier
    }
    assessed = dict((await session.execute(_assessed(ids, moments, now))).all())
    meetings = await _grouped(session, _held(ids, moments, now))
    duties = await duties_by_community(session, communities, calendar, now, span)
    return [
        CommunityReport(
            community=community,
            by_carrier={carrier: by_carrier[carrier][community.id] for carrier in Carrier},
            meetings=meetings[community.id],
            members_assessed=assessed.get(community.id, 0),
            duties=counts_of(duties[community.id]),
        )
        for community in communities
    ]


Moments = tuple[dt.datetime, dt.datetime]


def moments_of(span: Span, now: dt.datetime) -> Moments:
    """From the first local moment of a span to the first one after it."""
    after = span.last + dt.timedelta(days=1)
    first, last = (dt.datetime.combine(day, dt.time(), now.tzinfo) for day in (span.first, after))
    return first, last


def _within(column: Any, moments: Moments) -> ColumnElement[bool]:
    first, after = moments
    is_within: ColumnElement[bool] = (column >= first) & (column < after)
    return is_within


def _published(ids: Sequence[int], moments: Moments) -> Grouping:
    return (
        select(Disclosure.community_id, Disclosure.kind, func.count())
        .where(
            IS_SHOWN, Disclosure.community_id.in_(ids), _within(Disclosure.published_at, moments)
        )
        .group_by(Disclosure.community_id, Disclosure.kind)
    )


def _carried(carrier: Carrier, ids: Sequence[int], moments: Moments) -> Grouping:
    """Disclosures of the span that were on a carrier as well, whenever that was."""
    published = _published(ids, moments)
    if carrier is Carrier.PAGE:
        return published
    if carrier in ELSEWHERE:
        carried = select(CarrierNote.disclosure_id).where(CarrierNote.carrier == carrier)
    else:
        carried = select(BoardPosting.disclosure_id)
    return published.where(Disclosure.id.in_(carried))


def _held(ids: Sequence[int], moments: Moments, now: dt.datetime) -> Grouping:
    return (
        select(AffairsDay.community_id, AffairsDay.kind, func.count())
        .where(*_is_held(ids, moments, now))
        .group_by(AffairsDay.community_id, AffairsDay.kind)
    )


def _assessed(ids: Sequence[int], moments: Moments, now: dt.datetime) -> Select[Any, int]:
    return (
        select(AffairsDay.community_id, func.sum(AffairsDay.members_assessed))
        .where(*_is_held(ids, moments, now))
        .group_by(AffairsDay.community_id)
    )


def _is_held(
    ids: Sequence[int], moments: Moments, now: dt.datetime
) -> tuple[ColumnElement[bool], ...]:
    return (
        AffairsDay.community_id.in_(ids),
        _within(AffairsDay.begins_at, moments),
        AffairsDay.cancelled_at.is_(None),
        AffairsDay.ends_at <= now,
    )


async def _grouped(session: AsyncSession, counting: Grouping) -> By:
    found: By = defaultdict(dict)
    for community, kind, count in await session.execute(counting):
        found[community][kind] = count
    return found


async def year_of(
    session: AsyncSession,
    community: Community,
    year: int,
    calendar: WorkingCalendar,
    now: dt.datetime,
) -> YearReport:
    """The report of a year, as far as it has gone."""
    span = Span(dt.date(year, 1, 1), dt.date(year, 12, 31))
    moments = moments_of(span, now)
    [report] = await reports_of(session, [community], span, calendar, now)
    inquiries = await session.execute(
        select(Inquiry.kind, func.count(), func.count().filter(Inquiry.is_answered.is_(True)))
        .join(Matter, Matter.id == Inquiry.matter_id)
        .where(
            Matter.community_id == community.id,
            Inquiry.state == InquiryState.PUBLIC,
            _within(Matter.began_at, moments),
        )
        .group_by(Inquiry.kind)
    )
    asked = list(inquiries)
    asked_for, reached = (
        await session.execute(
            select(
                func.count().filter(
                    CatalogueWish.is_shown, _within(CatalogueWish.asked_at, moments)
                ),
                func.count().filter(_within(CatalogueWish.reached_at, moments)),
            ).where(CatalogueWish.community_id == community.id)
        )
    ).one()
    return YearReport(
        report=report,
        withdrawn=await _withdrawn(session, community, moments),
        erased=await _erased(session, community, moments),
        inquiries={row[0]: row[1] for row in asked},
        answered=sum(row[2] for row in asked),
        wishes=asked_for,
        wishes_reached=reached,
    )


async def _withdrawn(session: AsyncSession, community: Community, moments: Moments) -> int:
    found = await session.scalar(
        select(func.count())
        .select_from(Disclosure)
        .where(
            Disclosure.community_id == community.id,
            Disclosure.state == DisclosureState.WITHDRAWN,
            _within(Disclosure.withdrawn_at, moments),
        )
    )
    return found or 0


async def _erased(session: AsyncSession, community: Community, moments: Moments) -> int:
    """Disclosures of which something was erased."""
    found = await session.scalar(
        select(func.count(DisclosureErasure.disclosure_id.distinct()))
        .join(Disclosure, Disclosure.id == DisclosureErasure.disclosure_id)
        .where(Disclosure.community_id == community.id, _within(DisclosureErasure.at, moments))
    )
    return found or 0
