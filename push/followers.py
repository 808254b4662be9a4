"""关注者通知: messages for everyone who follows, in batches after what happened.

A publication may have a hundred thousand followers, and the store has one writer. So each batch is
a unit of work of its own that also moves the bookmark: after a crash the next process goes on
behind the last follower who has a message, and nobody has two.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, literal, select
from sqlalchemy.orm import aliased

from domain.events import Event, record
from domain.places.tables import Community
from domain.store import inserting
from push.endpoints import service_of
from push.errors import EndpointRefusedError
from push.follows import concerns
from push.messages import RULES, leads_to
from push.outbox import Note, cause, is_of_the_store, unsent
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
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.base import Base
    from domain.store import Store
    from push.outbox import Ways
    from push.recipients import Recipient

log = logging.getLogger("lianxin.push")

# Followers of a unit of work. Two hundred held the writer for 12 ms where six others wanted the two
# cores, and once for 90 ms.
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
    told = await _readable_batch(store, news, ways, now, batch)

    async def unit(session: AsyncSession) -> None:
        await _write(session, news.id, news.bookmark, told, now)

    await store.write(unit)
    return True


# News of a later version, or without a fact, would else stay the oldest for ever.
async def _readable_batch(
    store: Store, news: FollowerNews, ways: Ways, now: dt.datetime, batch: int
) -> _Batch:
    """The messages of a batch. News that cannot be read are logged and told to nobody."""
    try:
        async with store.read() as session:
            return await _batch(session, news, ways, now, batch)
    except Exception as error:
        if is_of_the_store(error):
            raise
        why = cause(error)
        log.error("nobody is told of news %s of kind %s: %s", news.id, news.message, why)  # noqa: TRY400 - no values
        return _Batch(Note(news.message, news.subject, news.facts, news.created_at))


@dataclass(frozen=True)
class _Batch:
    """The messages of a batch. `bookmark` is None after the last one."""

    note: Note
    bookmark: str | None = None
    recipients: Sequence[Recipient] = ()
    # Ids of subscriptions by their service.
    browsers: Mapping[str, Sequence[int]] = field(default_factory=dict)
    # Those who get a letter.
    letters: Sequence[Recipient] = ()


async def _batch(
    session: AsyncSession, news: FollowerNews, ways: Ways, now: dt.datetime, batch: int
) -> _Batch:
    note = Note(news.message, news.subject, news.facts, news.created_at)
    # What was withdrawn meanwhile is told to nobody else.
    if await Truth(session, now).of(news.message, news.facts) is None:
        return _Batch(note)
    rows = (await session.execute(await _followers(session, news, batch))).all()
    subject = RULES[news.message].subject
    chosen = {
        row.recipient: row.Preferences
        for row in rows
        if row.Preferences is None or subject not in row.Preferences.off
    }
    browsers, letters = await _destinations(session, chosen, ways)
    bookmark = rows[-1].recipient if len(rows) == batch else None
    return _Batch(note, bookmark, list(chosen), browsers, letters)


async def _followers(session: AsyncSession, news: FollowerNews, batch: int) -> Select[Any]:
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
    session: AsyncSession, chosen: Mapping[Recipient, Preferences | None], ways: Ways
) -> tuple[dict[str, list[int]], list[Recipient]]:
    """Browsers by their service, and who gets a letter: the first channel that reaches each."""
    found = await session.execute(
        select(Subscription.id, Subscription.recipient, Subscription.endpoint)
        .where(Subscription.recipient.in_(chosen))
        .order_by(Subscription.id)
    )
    reached: dict[Recipient, list[tuple[str, int]]] = {}
    for row in found:
        with suppress(EndpointRefusedError):
            service = service_of(row.endpoint, ways.origins)
            reached.setdefault(row.recipient, []).append((service, row.id))
    browsers: dict[str, list[int]] = {}
    letters = []
    for recipient, own in chosen.items():
        channel = _first(recipient, own, ways, has_browser=recipient in reached)
        if channel is ChannelKind.EMAIL:
            letters.append(recipient)
        elif channel is ChannelKind.PUSH:
            for service, subscription in reached[recipient]:
                browsers.setdefault(service, []).append(subscription)
    return browsers, letters


def _first(
    recipient: Recipient, own: Preferences | None, ways: Ways, *, has_browser: bool
) -> ChannelKind | None:
    """The first channel that reaches the recipient. The office's group chat follows nothing."""
    has_email = own is not None and own.email is not None and own.email_confirmed_at is not None
    reaches = {ChannelKind.PUSH: has_browser, ChannelKind.EMAIL: has_email}
    channels = usual_channels(recipient) if own is None else own.channels
    tried = (each for each in channels if each in ways.channels and reaches.get(each))
    return next(tried, None)


async def _write(
    session: AsyncSession, news_id: int, bookmark: str, told: _Batch, now: dt.datetime
) -> None:
    """The messages and the bookmark, unless another process wrote them meanwhile."""
    news = await session.get(FollowerNews, news_id, with_for_update=True)
    if news is None or news.told_at is not None or news.bookmark != bookmark:
        return
    if told.recipients:
        await _put_in_inboxes(session, news, told)
    await _put_in_outbox(session, told)
    if told.bookmark is None:
        news.told_at = now
    else:
        news.bookmark = told.bookmark
    record(session, FollowersTold(news_id, told.bookmark or ""))


# The rows of a batch differ in their recipient only, so the database copies them: as rows of their
# own, each with its facts as JSON, they took eleven times as long as bare inserts.
async def _put_in_inboxes(session: AsyncSession, news: FollowerNews, told: _Batch) -> None:
    note = told.note
    values = {
        "kind": note.kind,
        "facts": note.facts,
        "leads_to": leads_to(note.kind, note.facts),
        "created_at": note.at,
    }
    same = {"subject": note.subject, **values}
    recipients = (
        select(DisclosureFollow.recipient, *_literals(InboxMessage, same))
        .where(
            DisclosureFollow.community_id == news.community_id,
            DisclosureFollow.recipient.in_(told.recipients),
        )
        .group_by(DisclosureFollow.recipient)
    )
    await session.execute(
        inserting(session, InboxMessage)
        .from_select(["recipient", *same], recipients)
        .on_conflict_do_update(
            index_elements=["recipient", "subject"], index_where=UNREAD, set_=values
        )
    )


async def _put_in_outbox(session: AsyncSession, told: _Batch) -> None:
    for service, ids in told.browsers.items():
        copied = select(Subscription.recipient, Subscription.id).where(Subscription.id.in_(ids))
        await _copy_to_outbox(session, told.note, ChannelKind.PUSH, service, copied)
    if told.letters:
        copied = select(Preferences.recipient, literal(0)).where(
            Preferences.recipient.in_(told.letters)
        )
        await _copy_to_outbox(session, told.note, ChannelKind.EMAIL, ChannelKind.EMAIL, copied)


async def _copy_to_outbox(
    session: AsyncSession,
    note: Note,
    channel: ChannelKind,
    service: str,
    to: Select[Recipient, int],
) -> None:
    """A row for each recipient and subscription that `to` selects."""
    values = {"service": service, **unsent(note, note.at)}
    same = {"subject": note.subject, "channel": channel, **values}
    await session.execute(
        inserting(session, OutboxRow)
        .from_select(
            ["recipient", "subscription_id", *same], to.add_columns(*_literals(OutboxRow, same))
        )
        .on_conflict_do_update(
            index_elements=["recipient", "subject", "channel", "subscription_id"],
            index_where=WAITING,
            set_=values,
        )
    )


def _literals(table: type[Base], values: dict[str, Any]) -> list[ColumnElement[Any]]:
    """The values as columns of a selection, each with the type of the table's column."""
    return [
        literal(value, table.__table__.c[name].type).label(name) for name, value in values.items()
    ]
