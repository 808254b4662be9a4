"""关注者通知: messages for everyone who follows, in batches after what happened.

A publication may have a hundred thousand followers, and the store has one writer. So each batch is
a unit of work of its own that also moves the bookmark: after a crash the next process goes on
behind the last follower who has a message, and nobody has two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import aliased

from domain.events import Event, record
from domain.places.tables import Community
from domain.store import inserting
from push.endpoints import service_of
from push.errors import EndpointRefusedError
from push.follows import concerns
from push.messages import RULES, leads_to
from push.outbox import BY_EMAIL, Destination, Note, unsent
from push.preferences import usual_channels
from push.tables import (
    IS_UNTOLD,
    UNREAD,
    WAITING,
    ChannelKind,
    DisclosureFollow,
    FollowerNews,
    InboxMessage,
    OutboxRow,
    Preferences,
    Subscription,
)
from push.truth import Truth

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store
    from push.outbox import Ways
    from push.recipients import Recipient

# Followers of a unit of work. A hundred rows each of inbox and outbox take a few milliseconds, and
# on a busy machine ten times as long.
BATCH = 100


@dataclass(frozen=True)
class FollowersTold(Event):
    """Messages of a batch are written, so there may be something to send."""

    news_id: int
    bookmark: str


async def tell_followers(store: Store, ways: Ways, now: dt.datetime, batch: int = BATCH) -> bool:
    """Write the messages of one batch of the oldest news; False when everything was told.

    Only its last step is a unit of work; what it reads is read beside it. Two processes that read
    the same batch write it once.
    """
    async with store.read() as session:
        news = await session.scalar(select(FollowerNews).where(IS_UNTOLD).order_by(FollowerNews.id))
        if news is None:
            return False
        told = await _batch(session, news, ways, now, batch)

    async def unit(session: AsyncSession) -> None:
        await _write(session, news.id, news.bookmark, told, now)

    await store.write(unit)
    return True


@dataclass(frozen=True)
class _Batch:
    """The messages of a batch. `bookmark` is None after the last one."""

    note: Note
    recipients: Sequence[Recipient]
    destinations: Sequence[tuple[Recipient, Destination]]
    bookmark: str | None


async def _batch(
    session: AsyncSession, news: FollowerNews, ways: Ways, now: dt.datetime, batch: int
) -> _Batch:
    note = Note(news.message, news.subject, news.facts, news.created_at)
    # What was withdrawn meanwhile is told to nobody else.
    if await Truth(session, now).of(news.message, news.facts) is None:
        return _Batch(note, (), (), None)
    rows = (await session.execute(await _followers(session, news, batch))).all()
    subject = RULES[news.message].subject
    chosen = {
        row.recipient: row.Preferences
        for row in rows
        if row.Preferences is None or subject not in row.Preferences.off
    }
    return _Batch(
        note,
        list(chosen),
        await _destinations(session, chosen, ways),
        rows[-1].recipient if len(rows) == batch else None,
    )


async def _followers(session: AsyncSession, news: FollowerNews, batch: int) -> Select[object]:
    """The next followers with their preferences, each once, in the order of recipients."""
    follows = select(DisclosureFollow.recipient).where(
        DisclosureFollow.community_id == news.community_id,
        DisclosureFollow.recipient > news.bookmark,
        # Who began to follow afterwards read it on the page.
        DisclosureFollow.since <= news.created_at,
        concerns(news.kind, news.item),
    )
    if news.subdistrict_id is not None:
        other = aliased(DisclosureFollow)
        before = select(Community.id).where(
            Community.subdistrict_id == news.subdistrict_id, Community.id < news.community_id
        )
        is_told_there = exists().where(
            and_(
                other.recipient == DisclosureFollow.recipient,
                other.community_id.in_((await session.scalars(before)).all()),
                other.since <= news.created_at,
                concerns(news.kind, news.item, other),
            )
        )
        follows = follows.where(~is_told_there)
    each = follows.distinct().order_by(DisclosureFollow.recipient).limit(batch).subquery()
    return (
        select(each.c.recipient, Preferences)
        .outerjoin(Preferences, Preferences.recipient == each.c.recipient)
        .order_by(each.c.recipient)
    )


async def _destinations(
    session: AsyncSession, chosen: dict[Recipient, Preferences | None], ways: Ways
) -> Sequence[tuple[Recipient, Destination]]:
    """For each recipient the destinations of the first of their channels that reaches them."""
    if not chosen:
        return ()
    found = await session.execute(
        select(Subscription.id, Subscription.recipient, Subscription.endpoint)
        .where(Subscription.recipient.in_(chosen))
        .order_by(Subscription.id)
    )
    browsers: dict[Recipient, list[Destination]] = {}
    for row in found:
        try:
            service = service_of(row.endpoint, ways.origins)
        except EndpointRefusedError:
            continue
        destination = Destination(ChannelKind.PUSH, service, row.id)
        browsers.setdefault(row.recipient, []).append(destination)
    return [
        (recipient, destination)
        for recipient, own in chosen.items()
        for destination in _first(recipient, own, browsers.get(recipient, []), ways)
    ]


def _first(
    recipient: Recipient, own: Preferences | None, browsers: list[Destination], ways: Ways
) -> list[Destination]:
    has_email = own is not None and own.email is not None and own.email_confirmed_at is not None
    reached = {
        ChannelKind.PUSH: browsers,
        ChannelKind.EMAIL: [BY_EMAIL] if has_email else [],
        # The office's group chat does not follow its own publications.
        ChannelKind.WEBHOOK: [],
    }
    channels = usual_channels(recipient) if own is None else own.channels
    tried = (reached[channel] for channel in channels if channel in ways.channels)
    return next(filter(None, tried), [])


async def _write(
    session: AsyncSession, news_id: int, bookmark: str, told: _Batch, now: dt.datetime
) -> None:
    """The messages and the bookmark, unless another process wrote them meanwhile."""
    news = await session.get(FollowerNews, news_id, with_for_update=True)
    if news is None or news.told_at is not None or news.bookmark != bookmark:
        return
    if told.recipients:
        await _put_in_inboxes(session, told)
    if told.destinations:
        await _put_in_outbox(session, told)
    if told.bookmark is None:
        news.told_at = now
    else:
        news.bookmark = told.bookmark
    record(session, FollowersTold(news_id, told.bookmark or ""))


async def _put_in_inboxes(session: AsyncSession, told: _Batch) -> None:
    note = told.note
    values = {
        "kind": note.kind,
        "facts": note.facts,
        "leads_to": leads_to(note.kind, note.facts),
        "created_at": note.at,
    }
    inserted = inserting(session, InboxMessage).on_conflict_do_update(
        index_elements=["recipient", "subject"], index_where=UNREAD, set_=values
    )
    rows = [
        {"recipient": recipient, "subject": note.subject, **values} for recipient in told.recipients
    ]
    await session.execute(inserted, rows)


async def _put_in_outbox(session: AsyncSession, told: _Batch) -> None:
    values = unsent(told.note)
    key = ["recipient", "subject", "channel", "subscription_id"]
    inserted = inserting(session, OutboxRow).on_conflict_do_update(
        index_elements=key, index_where=WAITING, set_=values
    )
    rows = [
        {
            "recipient": recipient,
            "subject": told.note.subject,
            "channel": destination.channel,
            "subscription_id": destination.subscription_id,
            "service": destination.service,
            **values,
        }
        for recipient, destination in told.destinations
    ]
    await session.execute(inserted, rows)
