"""连心卡: what a post's card shows beside the post itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.contacts.tables import CardConsent, ConsentField, Conversation
from domain.hours import periods_of
from domain.matters.tables import EntryKind, MatterEntry, Readers
from domain.staff.tables import StaffMember

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.contacts.tables import ContactPost
    from domain.places.content import HallHours

# How far back answers are measured, and how few of them say nothing yet.
MEASURED_OVER = dt.timedelta(days=90)
FEWEST = 5
# Entries that are looked at: a card is opened by a resident who waits for it.
MOST_ENTRIES = 1000
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class HolderDetails:
    """What the present holder of a post agreed to show; empty and False without consent."""

    name: str = ""
    phone: str = ""
    email: str = ""
    has_photo: bool = False


# Every page, file and picture asks here each time it is opened and is kept nowhere, so that a
# consent that is taken back ends everywhere at once.
# Not taken: the details in the row of the post, which somewhere would be forgotten.
async def details_of(session: AsyncSession, post: ContactPost) -> HolderDetails:
    """What the holder of this post agreed to show.

    Nothing of an earlier holder, of someone who left, or on a post that ended.
    """
    consents = {row.field: row.value for row in await _consents(session, post)}
    return HolderDetails(
        name=consents.get(ConsentField.NAME, ""),
        phone=consents.get(ConsentField.PHONE, ""),
        email=consents.get(ConsentField.EMAIL, ""),
        has_photo=ConsentField.PHOTO in consents,
    )


async def photo_of(session: AsyncSession, post: ContactPost) -> bytes | None:
    """The photograph that the holder agreed to show, a JPEG; None without consent."""
    for row in await _consents(session, post):
        if row.field is ConsentField.PHOTO:
            return await session.scalar(select(CardConsent.data).where(CardConsent.id == row.id))
    return None


async def _consents(session: AsyncSession, post: ContactPost) -> Iterable[CardConsent]:
    if post.ended_at is not None or post.holder is None:
        return ()
    return await session.scalars(
        select(CardConsent)
        .join(StaffMember, StaffMember.id == CardConsent.staff_id)
        .where(
            StaffMember.name == post.holder,
            StaffMember.ended_at.is_(None),
            CardConsent.withdrawn_at.is_(None),
        )
    )


async def usual_time(
    session: AsyncSession, post: ContactPost, calendar: WorkingCalendar, now: dt.datetime
) -> dt.timedelta | None:
    """The median opening time between a message and its answer, over the last 90 days.

    `now` is an aware local time. None while there were fewer than five answers.
    """
    rows = await session.execute(
        select(MatterEntry.matter_id, MatterEntry.kind, MatterEntry.at)
        .join(Conversation, Conversation.matter_id == MatterEntry.matter_id)
        .where(
            Conversation.post_id == post.id,
            MatterEntry.kind.in_((EntryKind.MESSAGE, EntryKind.ANSWER)),
            MatterEntry.readers == Readers.ALL,
            MatterEntry.at >= now - MEASURED_OVER,
        )
        .order_by(MatterEntry.id.desc())
        .limit(MOST_ENTRIES)
    )
    entries = sorted(rows, key=lambda entry: (entry[0], entry[2]))
    waits = [
        opening_time(post.hours, calendar, asked.astimezone(now.tzinfo), answered).total_seconds()
        for _, said in groupby(entries, key=lambda entry: entry[0])
        for asked, answered in _answered((kind, at) for _, kind, at in said)
    ]
    return dt.timedelta(seconds=median(waits)) if len(waits) >= FEWEST else None


def _answered(
    said: Iterable[tuple[EntryKind, dt.datetime]],
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The first message that waited, and its answer, for each answer of a matter."""
    waiting = None
    for kind, at in said:
        if kind is EntryKind.MESSAGE:
            waiting = waiting or at
        elif waiting is not None:
            yield waiting, at
            waiting = None


def opening_time(
    hours: HallHours, calendar: WorkingCalendar, since: dt.datetime, until: dt.datetime
) -> dt.timedelta:
    """How long these hours were open between two moments; `since` is an aware local time."""
    zone, total, day = since.tzinfo, dt.timedelta(), since.date()
    last = until.astimezone(zone).date()
    while day <= last:
        for period in periods_of(hours, calendar, day):
            opens = max(dt.datetime.combine(day, period.opens, zone), since)
            closes = min(dt.datetime.combine(day, period.closes, zone), until)
            total += max(closes - opens, dt.timedelta())
        day += DAY
    return total


def day_length(hours: HallHours) -> dt.timedelta:
    """The opening time of an ordinary working day."""
    day = dt.date.min
    return sum(
        (
            dt.datetime.combine(day, period.closes) - dt.datetime.combine(day, period.opens)
            for period in hours.working_day
        ),
        dt.timedelta(),
    )
