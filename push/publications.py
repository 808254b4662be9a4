"""公开通知: what a community published and its three days, for those who follow it.

A publication may have a hundred thousand followers, so an event only leaves a note here, a row of
`FollowerNews`; `push.followers` writes the messages afterwards.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.disclosures.tables import (
    AffairsDay,
    Disclosure,
    DisclosureRevision,
    DisclosureState,
)
from domain.places.tables import Community
from push.tables import Facts, FollowerNews, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.happened import AffairsDayChanged, DisclosurePublished

DAYS = frozenset({Kind.DAY_SOON, Kind.DAY_CHANGED})
PUBLICATIONS = DAYS | {Kind.DISCLOSURE_NEW, Kind.DISCLOSURE_CHANGED}
# The hour from which a day is announced on the day before, local time.
ANNOUNCED_FROM = 9
# Days that are announced in one unit of work.
MOST_DAYS = 200


async def published(session: AsyncSession, event: DisclosurePublished) -> tuple[()]:
    """Leave a note for followers: of the first publication, and of changes of its meaning."""
    disclosure = await session.get_one(Disclosure, event.disclosure_id)
    changes_meaning = await session.scalar(
        select(DisclosureRevision.changes_meaning).where(
            DisclosureRevision.disclosure_id == disclosure.id,
            DisclosureRevision.number == event.number,
        )
    )
    if not changes_meaning:
        return ()
    for community in await _communities(session, disclosure):
        facts: Facts = {
            "disclosure": disclosure.id,
            "community": community.slug,
            "place": community.name,
        }
        session.add(
            FollowerNews(
                message=Kind.DISCLOSURE_NEW if event.is_first else Kind.DISCLOSURE_CHANGED,
                subject=f"disclosure/{disclosure.id}",
                facts=facts,
                community_id=community.id,
                subdistrict_id=None if disclosure.community_id else disclosure.subdistrict_id,
                kind=disclosure.kind.value,
                item=disclosure.item or "",
                created_at=event.at,
            )
        )
    return ()


async def _communities(session: AsyncSession, disclosure: Disclosure) -> Sequence[Community]:
    """The community, or every community of the subdistrict that published it for all."""
    chosen = select(Community).order_by(Community.id)
    if disclosure.community_id is None:
        chosen = chosen.where(Community.subdistrict_id == disclosure.subdistrict_id)
    else:
        chosen = chosen.where(Community.id == disclosure.community_id)
    return (await session.scalars(chosen)).all()


async def publication_is_so(
    session: AsyncSession, kind: Kind, facts: Facts, now: dt.datetime
) -> bool:
    """Whether a message about a disclosure or a day is still true; `now` is aware local time."""
    if kind in DAYS:
        return await _day_is_so(session, kind, facts, now)
    # Once it was withdrawn or erased, there is nothing to read.
    disclosure = await session.get(Disclosure, int(facts["disclosure"]))
    return disclosure is not None and disclosure.state is DisclosureState.PUBLISHED


async def titles_of(session: AsyncSession, all_facts: Iterable[Facts]) -> dict[int, str]:
    """The titles of the disclosures that these facts speak of, as they are now.

    An inbox keeps no title, so an erased one is gone from there as well.
    """
    ids = {number for facts in all_facts if isinstance(number := facts.get("disclosure"), int)}
    if not ids:
        return {}
    rows = await session.execute(
        select(Disclosure.id, Disclosure.title).where(Disclosure.id.in_(ids))
    )
    return {row.id: row.title for row in rows if row.title}


def titled(facts: Facts, titles: dict[int, str]) -> Facts:
    """The facts with their title, where there is one."""
    number = facts.get("disclosure")
    title = titles.get(number) if isinstance(number, int) else None
    return facts if title is None else facts | {"title": title}


async def announce_days(session: AsyncSession, now: dt.datetime) -> int:
    """Leave notes for followers about the days of tomorrow; how many. `now` is aware local time."""
    if now.hour < ANNOUNCED_FROM:
        return 0
    first = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), now.tzinfo)
    found = await session.execute(
        select(AffairsDay, Community)
        .join(Community, Community.id == AffairsDay.community_id)
        .where(
            AffairsDay.begins_at >= first,
            AffairsDay.begins_at < first + dt.timedelta(days=1),
            AffairsDay.told_at.is_(None),
            AffairsDay.cancelled_at.is_(None),
        )
        .order_by(AffairsDay.id)
        .limit(MOST_DAYS)
        .with_for_update()
    )
    rows = found.all()
    for day, community in rows:
        day.told_at = now
        session.add(_note(Kind.DAY_SOON, day, community, now))
    return len(rows)


async def day_changed(session: AsyncSession, event: AffairsDayChanged) -> tuple[()]:
    """Leave a note for followers who were told of a day that is no longer as they were told."""
    day = await session.get_one(AffairsDay, event.day_id)
    community = await session.get_one(Community, day.community_id)
    session.add(_note(Kind.DAY_CHANGED, day, community, event.at))
    return ()


def _note(kind: Kind, day: AffairsDay, community: Community, now: dt.datetime) -> FollowerNews:
    facts: Facts = {
        "day": day.id,
        "community": community.slug,
        "place": community.name,
        "when": _when(day, now),
    }
    return FollowerNews(
        message=kind,
        subject=f"day/{day.id}",
        facts=facts,
        community_id=community.id,
        created_at=now,
    )


def _when(day: AffairsDay, now: dt.datetime) -> str:
    return f"{day.begins_at.astimezone(now.tzinfo):%m-%d %H:%M}"


async def _day_is_so(session: AsyncSession, kind: Kind, facts: Facts, now: dt.datetime) -> bool:
    day = await session.get(AffairsDay, int(facts["day"]))
    if day is None or kind is Kind.DAY_CHANGED:
        return day is not None
    return day.cancelled_at is None and day.begins_at > now and _when(day, now) == facts["when"]
