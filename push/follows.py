"""关注公开: who wants to hear of what a community publishes, and of what of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, func, insert, literal, or_, select
from sqlalchemy.orm import aliased

from domain.places.tables import Community
from domain.store import inserting
from push.errors import TooManyFollowsError
from push.tables import DisclosureFollow

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.papers.merging import CommunityMerged
    from push.recipients import Recipient

# Of one recipient. A device costs a stranger nothing, and each is read at every publication.
MOST_OF_ONE = 30


@dataclass(frozen=True)
class Topic:
    """What can be followed: a kind of disclosure or an item; all of a community without both."""

    community_id: int
    kind: str = ""
    item: str = ""


async def follow(
    session: AsyncSession, recipient: Recipient, topic: Topic, now: dt.datetime
) -> None:
    """Tell the recipient what is published of this topic; again is no error.

    Raises `TooManyFollowsError`.
    """
    counted = select(func.count()).where(DisclosureFollow.recipient == recipient)
    if (await session.scalar(counted) or 0) >= MOST_OF_ONE:
        raise TooManyFollowsError
    await session.execute(
        inserting(session, DisclosureFollow)
        .values(**asdict(topic), recipient=recipient, since=now)
        .on_conflict_do_nothing()
    )


async def unfollow(session: AsyncSession, recipient: Recipient, topic: Topic) -> None:
    """Tell the recipient nothing more of it; harmless when they did not follow it."""
    await session.execute(
        delete(DisclosureFollow).where(
            DisclosureFollow.recipient == recipient,
            DisclosureFollow.community_id == topic.community_id,
            DisclosureFollow.kind == topic.kind,
            DisclosureFollow.item == topic.item,
        )
    )


async def stop(session: AsyncSession, recipient: Recipient, follow_id: int) -> None:
    """The same for a follow by its id; harmless when it is another recipient's."""
    await session.execute(
        delete(DisclosureFollow).where(
            DisclosureFollow.recipient == recipient, DisclosureFollow.id == follow_id
        )
    )


async def follows_of(
    session: AsyncSession, recipient: Recipient
) -> Sequence[tuple[DisclosureFollow, Community]]:
    """What a recipient follows, with the community, place by place."""
    rows = await session.execute(
        select(DisclosureFollow, Community)
        .join(Community, Community.id == DisclosureFollow.community_id)
        .where(DisclosureFollow.recipient == recipient)
        .order_by(Community.rank, DisclosureFollow.id)
    )
    return [(row[0], row[1]) for row in rows]


def concerns(
    kind: str, item: str, follows: type[DisclosureFollow] = DisclosureFollow
) -> ColumnElement[bool]:
    """Those who follow everything, this kind, or this item; empty words choose nothing."""
    chosen = [and_(follows.kind == "", follows.item == "")]
    if kind:
        chosen.append(follows.kind == kind)
    if item:
        chosen.append(follows.item == item)
    return or_(*chosen)


def concerned(follow: DisclosureFollow, kind: str, item: str) -> bool:
    """The same for one follow."""
    if follow.kind:
        return follow.kind == kind
    return not follow.item or follow.item == item


async def follow_on(session: AsyncSession, event: CommunityMerged) -> None:
    """Let who follows a community that was merged follow the one after it as well."""
    old = aliased(DisclosureFollow)
    same = and_(
        DisclosureFollow.community_id == event.successor,
        DisclosureFollow.recipient == old.recipient,
        DisclosureFollow.kind == old.kind,
        DisclosureFollow.item == old.item,
    )
    given = select(old.recipient, literal(event.successor), old.kind, old.item, old.since).where(
        old.community_id == event.ended, ~exists().where(same)
    )
    names = ["recipient", "community_id", "kind", "item", "since"]
    await session.execute(insert(DisclosureFollow).from_select(names, given))
