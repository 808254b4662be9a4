"""还要不要: whether the recipient may still have a message and has not stopped it meanwhile.

Asked just before sending, of all rows of a batch at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.disclosures.tables import Disclosure
from domain.matters.tables import Promise, PromiseFollower
from domain.places.tables import Community
from domain.staff.tables import StaffMember
from push.follows import concerned
from push.office import answerers
from push.publications import PUBLICATIONS
from push.recipients import OFFICE, device, device_hash, is_staff, staff, staff_id
from push.tables import DisclosureFollow, Kind, OutboxRow, TicketWatch
from push.truth import STATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from push.recipients import Recipient

# Each of these reads nothing unless a row of its kind is there.


async def why_unwanted(session: AsyncSession, rows: Sequence[OutboxRow]) -> dict[int, str]:
    """Why rows must not be sent to their recipients, by their ids."""
    theirs = [row for row in rows if row.recipient != OFFICE]
    found = dict.fromkeys(await _stopped(session, theirs), "stopped following")
    found |= dict.fromkeys(await _without_role(session, theirs), "lost the role")
    left = await _left(session, {row.recipient for row in theirs})
    return found | {row.id: "left the office" for row in theirs if row.recipient in left}


async def _left(session: AsyncSession, who: Iterable[Recipient]) -> set[Recipient]:
    asked = [number for each in who if (number := staff_id(each)) is not None]
    if not asked:
        return set()
    ended = StaffMember.id.in_(asked), StaffMember.ended_at.is_not(None)
    return {staff(number) for number in await session.scalars(select(StaffMember.id).where(*ended))}


# The messages on matters and on what is owed name their member of staff, and are untrue once it is
# another's to answer: see `push.truth`.
async def _without_role(session: AsyncSession, rows: Sequence[OutboxRow]) -> list[int]:
    ratings = [row for row in rows if row.kind is Kind.BAD_RATING and is_staff(row.recipient)]
    found = []
    for call_back in {int(row.facts["callback"]) for row in ratings}:
        may = await answerers(session, call_back)
        if may is not None:
            ours = [row for row in ratings if int(row.facts["callback"]) == call_back]
            found += [row.id for row in ours if staff_id(row.recipient) not in may]
    return found


async def _stopped(session: AsyncSession, rows: Sequence[OutboxRow]) -> list[int]:
    return [
        *await _unwatched(session, rows),
        *await _unfollowed(session, [row for row in rows if row.kind in PUBLICATIONS]),
        *await _promises_left(session, [row for row in rows if row.kind is Kind.PROMISE_NEWS]),
    ]


async def _unwatched(session: AsyncSession, rows: Sequence[OutboxRow]) -> list[int]:
    """Rows on tickets that their recipients no longer follow."""
    tickets = [row for row in rows if row.kind in STATES]
    if not tickets:
        return []
    watches = await session.execute(
        select(TicketWatch.ticket_id, TicketWatch.recipient).where(
            TicketWatch.ticket_id.in_({int(row.facts["ticket"]) for row in tickets}),
            TicketWatch.recipient.in_({row.recipient for row in tickets}),
        )
    )
    kept = {(row.ticket_id, row.recipient) for row in watches}
    return [row.id for row in tickets if (int(row.facts["ticket"]), row.recipient) not in kept]


async def _unfollowed(session: AsyncSession, rows: Sequence[OutboxRow]) -> list[int]:
    """Rows on publications and days of which nothing is followed any more."""
    if not rows:
        return []
    follows = await session.execute(
        select(DisclosureFollow, Community.slug)
        .join(Community, Community.id == DisclosureFollow.community_id)
        .where(DisclosureFollow.recipient.in_({row.recipient for row in rows}))
    )
    by_place: dict[tuple[str, str], list[DisclosureFollow]] = {}
    for follow, slug in follows.all():
        by_place.setdefault((follow.recipient, slug), []).append(follow)
    ids = {int(row.facts["disclosure"]) for row in rows if "disclosure" in row.facts}
    chosen = select(Disclosure.id, Disclosure.kind, Disclosure.item).where(Disclosure.id.in_(ids))
    about = {row.id: (row.kind.value, row.item or "") for row in await session.execute(chosen)}
    return [
        row.id
        for row in rows
        if not any(
            concerned(follow, *about.get(int(row.facts.get("disclosure", 0)), ("", "")))
            for follow in by_place.get((row.recipient, str(row.facts["community"])), ())
        )
    ]


# Who follows a promise is forgotten with its last news, which must still arrive.
async def _promises_left(session: AsyncSession, rows: Sequence[OutboxRow]) -> list[int]:
    """Rows on promises that go on, and that their recipients no longer follow."""
    if not rows:
        return []
    ids = {int(row.facts["promise"]) for row in rows}
    promises = await session.scalars(select(Promise).where(Promise.id.in_(ids)))
    going_on = {promise.id for promise in promises if not promise.is_over}
    found = await session.execute(
        select(PromiseFollower.promise_id, PromiseFollower.device).where(
            PromiseFollower.promise_id.in_(going_on),
            PromiseFollower.device.in_({device_hash(row.recipient) for row in rows}),
        )
    )
    kept = {(row.promise_id, device(row.device)) for row in found}
    return [
        row.id
        for row in rows
        if int(row.facts["promise"]) in going_on
        and (int(row.facts["promise"]), row.recipient) not in kept
    ]
