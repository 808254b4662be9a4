"""通知的表: who can be reached where, what they want to hear, what is to be sent, and what was.

`metadata` here is that of the whole schema: push's tables use the domain's base class.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Document, unchecked
from domain.tables import metadata
from push.recipients import LENGTH, Recipient

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Dialect

__all__ = [
    "IS_UNTOLD",
    "IS_WAITING",
    "AddressAsked",
    "ChannelKind",
    "DisclosureFollow",
    "End",
    "EndedBrowser",
    "Facts",
    "FollowerNews",
    "InboxMessage",
    "Kind",
    "Language",
    "OutboxRow",
    "Preferences",
    "SendState",
    "Subject",
    "Subscription",
    "TicketWatch",
    "metadata",
]

# The facts of a message: numbers and short names, never what a person wrote.
Facts = dict[str, int | str]

WAITING = text("state = 'waiting'")
UNTOLD = text("told_at IS NULL")
UNREAD = text("read_at IS NULL")
RECIPIENT = "recipient LIKE 'd:%' OR recipient LIKE 's:%'"


class Language(StrEnum):
    """语言: as HTML spells it."""

    CHINESE = "zh-Hans"
    ENGLISH = "en"


class ChannelKind(StrEnum):
    """渠道: a way to reach a person."""

    PUSH = "push"
    EMAIL = "email"
    # The office's group chat; its address is a setting, so it serves staff only.
    WEBHOOK = "webhook"


class Subject(StrEnum):
    """通知类别: what a person can choose to hear about."""

    TICKETS = "tickets"
    CALL_BACKS = "call-backs"
    # Of residents: answers to what they wrote.
    ANSWERS = "answers"
    # Of residents: promises of the community that they follow.
    PROMISES = "promises"
    # Of residents: what a community they follow published, and its days.
    DISCLOSURES = "disclosures"
    # Of staff: what waits for their answer.
    MATTERS = "matters"
    # Of staff: what must be published.
    OWED = "owed"


class Kind(StrEnum):
    """通知: what happened. A later feature adds its own kind here."""

    TICKET_NEAR = "ticket-near"
    TICKET_CALLED = "ticket-called"
    TICKET_PASSED = "ticket-passed"
    TICKET_MOVED = "ticket-moved"
    HALL_CLOSED = "hall-closed"
    # The hall's hours of today changed while people wait.
    HALL_HOURS = "hall-hours"
    # A person waits for the call-back of a bad rating.
    BAD_RATING = "bad-rating"
    # Of residents: there is an answer.
    MATTER_ANSWERED = "matter-answered"
    # Of residents: what they want to know too was answered for everyone to read.
    INQUIRY_ANSWERED = "inquiry-answered"
    # Of residents: what they asked is held back, or shown in other words; they can object.
    INQUIRY_MODERATED = "inquiry-moderated"
    # Of residents: a promise that they follow was kept, moved or broken.
    PROMISE_NEWS = "promise-news"
    # Of residents: a community that they follow published something.
    DISCLOSURE_NEW = "disclosure-new"
    # Of residents: it was corrected, and means something else now.
    DISCLOSURE_CHANGED = "disclosure-changed"
    # Of residents: tomorrow is a day on which a community that they follow talks with everyone.
    DAY_SOON = "day-soon"
    # Of residents who were told of a day: it is at another time, or not at all.
    DAY_CHANGED = "day-changed"
    # Of staff: a matter came to them, or its resident wrote again.
    MATTER_WAITS = "matter-waits"
    # Of staff: a colleague asks something about a matter.
    MATTER_ASKED = "matter-asked"
    # Of staff: something must be published soon, or should have been.
    DISCLOSURE_DUE = "disclosure-due"
    DISCLOSURE_OVERDUE = "disclosure-overdue"
    # Asks the reader of an address to confirm it.
    EMAIL_CHECK = "email-check"


class SendState(StrEnum):
    """发送状态."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    # Untrue or unwanted when its turn came, so not sent.
    STALE = "stale"


class End(StrEnum):
    """结局: how a message ended that did not arrive."""

    # It is not so any more.
    UNTRUE = "untrue"
    # The recipient does not want it any more, or may not have it any more.
    UNWANTED = "unwanted"
    # It expired before it went out.
    TOO_LATE = "too-late"
    # We cannot send it: a key, a channel or a rule of this version is missing.
    OUR_FAULT = "our-fault"
    # The other side does not take it, or does not answer.
    THEIRS = "theirs"

    @property
    def asks_next(self) -> bool:
        """Whether the message is still worth having, so that the next channel is asked."""
        return self not in {End.UNTRUE, End.UNWANTED}

    @property
    def state(self) -> SendState:
        return SendState.FAILED if self.asks_next else SendState.STALE


# A row may come from a later version: before a rollback, or of a second server on the same
# database. What cannot be read then must not keep the rows beside it from being read.
class KindColumn(TypeDecorator[Kind]):
    """A kind as its word. A word that this version does not know stays a word, without a rule."""

    # Without a constraint in the schema, so that a later kind needs no migration.
    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: Kind | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return _KINDS.get(value, value)


class Chosen(TypeDecorator[tuple[Any, ...]]):
    """Words of an enumeration, in their order, without those that this version does not know."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words
        self._by_value = {each.value: each for each in words}

    def process_bind_param(self, value: tuple[Any, ...] | None, dialect: Dialect) -> Any:
        return None if value is None else [str(each) for each in value]

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Any, ...]:
        return tuple(self._by_value[each] for each in value or () if each in self._by_value)


_KINDS: dict[Any, Any] = {kind.value: kind for kind in Kind}


class FactsColumn(Document[Facts]):
    """The facts of a message; none where the column holds something else."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(Facts)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Facts | None]:
        """Read like any document. Neither broken JSON nor another shape raises."""
        read = super().result_processor(dialect, coltype)

        def read_what_is_there(value: Any) -> Facts | None:
            try:
                return value if read is None else read(value)
            except ValueError:
                return {}

        return read_what_is_there


KIND = KindColumn()
FACTS = FactsColumn()


class Subscription(Base):
    """订阅: a browser that allowed notifications, at its push service."""

    __tablename__ = "push_subscription"
    __table_args__ = (CheckConstraint(RECIPIENT, name="recipient"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[Recipient] = mapped_column(String(LENGTH), index=True)
    endpoint: Mapped[str] = mapped_column(Text)
    endpoint_hash: Mapped[str] = mapped_column(String(64), unique=True)
    p256dh: Mapped[str] = mapped_column(String(88))
    auth: Mapped[str] = mapped_column(String(24))
    # The application server key that the browser was given: it accepts messages of no other.
    key: Mapped[str] = mapped_column(String(88))
    language: Mapped[Language]
    created_at: Mapped[dt.datetime]
    # When the browser last said that it is still there.
    renewed_at: Mapped[dt.datetime]
    # Messages in a row that its service denied (401, 403).
    failures: Mapped[int] = mapped_column(default=0)


class Preferences(Base):
    """通知设置 of one recipient. Without a row: everything, at the default distance."""

    __tablename__ = "push_preferences"
    __table_args__ = (
        CheckConstraint(RECIPIENT, name="recipient"),
        CheckConstraint("ahead IN (1, 3, 5)", name="ahead"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name="quiet"),
    )

    recipient: Mapped[Recipient] = mapped_column(String(LENGTH), primary_key=True)
    language: Mapped[Language]
    # What they do not want to hear about.
    off: Mapped[tuple[Subject, ...]] = mapped_column(Chosen(Subject), default=())
    # People still ahead when the recipient is told to come.
    ahead: Mapped[int] = mapped_column(default=3)
    quiet_from: Mapped[dt.time | None]
    # Local times between which only the person's own call in a hall rings.
    quiet_to: Mapped[dt.time | None]
    # In this order: the next if one fails.
    channels: Mapped[tuple[ChannelKind, ...]] = mapped_column(Chosen(ChannelKind))
    email: Mapped[str | None] = mapped_column(String(254), index=True)
    # Of the link that confirms the address; None once it is confirmed.
    email_key_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    email_asked_at: Mapped[dt.datetime | None]
    email_confirmed_at: Mapped[dt.datetime | None]
    # Whether a notification may say the title of what was published. It passes through companies,
    # and what a person follows says what they care about.
    says_titles: Mapped[bool] = mapped_column(default=False, server_default=false())
    # When its mail server said that there is no such mailbox, so that its person learns of it.
    email_refused_at: Mapped[dt.datetime | None]
    # Of the link in each letter that ends them, on whichever device it is read.
    email_stop_key: Mapped[str | None] = mapped_column(String(43), unique=True)


# By itself a browser sends its new endpoint with the one it had. Of those it had, we may have lost
# one; but what its owner ended stays ended.
class EndedBrowser(Base):
    """已停止的浏览器: the endpoint of a browser whose owner ended its notifications."""

    __tablename__ = "ended_browser"

    endpoint_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[dt.datetime] = mapped_column(index=True)


# A row here is not the person's to undo: what they asked for counts although they took it back.
class AddressAsked(Base):
    """确认信: a letter that asked a mailbox whether it wants ours. Erased after a day."""

    __tablename__ = "address_asked"
    __table_args__ = (
        CheckConstraint(RECIPIENT, name="recipient"),
        Index("ix_address_asked_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Who asked for it.
    recipient: Mapped[Recipient] = mapped_column(String(LENGTH), index=True)
    # However its address was spelt.
    mailbox_hash: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[dt.datetime]


class DisclosureFollow(Base):
    """关注公开: who wants to hear of what a community publishes: all, a kind, or an item."""

    __tablename__ = "disclosure_follow"
    __table_args__ = (
        UniqueConstraint("recipient", "community_id", "kind", "item"),
        CheckConstraint("kind = '' OR item = ''", name="kind_or_item"),
        # In the order in which followers are told.
        Index("ix_disclosure_follow_community", "community_id", "recipient"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[Recipient] = mapped_column(String(LENGTH))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    # A kind of disclosure, or an item of the catalogue; both empty for everything.
    kind: Mapped[str] = mapped_column(String(20), default="")
    item: Mapped[str] = mapped_column(String(40), default="")
    since: Mapped[dt.datetime]


class FollowerNews(Base):
    """关注者通知: something that all followers of a community are to be told, and how far that is.

    Written in the transaction of what happened; the messages follow in batches.
    """

    __tablename__ = "follower_news"
    __table_args__ = (
        Index("ix_follower_news_untold", "id", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
        Index("ix_follower_news_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message: Mapped[Kind] = mapped_column(KIND)
    # Of the messages: such as `disclosure/17`.
    subject: Mapped[str] = mapped_column(String(80))
    facts: Mapped[Facts] = mapped_column(FACTS)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    # Those who follow another community for which the same was told are told by that one. None
    # where it concerns this community alone.
    subdistrict_id: Mapped[int | None] = mapped_column(ForeignKey("subdistrict.id"))
    # The kind of disclosure and the item that it is about; empty where only those who follow
    # everything are told.
    kind: Mapped[str] = mapped_column(String(20), default="")
    item: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[dt.datetime]
    # The last recipient with a message, in the order of recipients.
    bookmark: Mapped[str] = mapped_column(String(LENGTH), default="")
    # When the last of them had theirs; None until then.
    told_at: Mapped[dt.datetime | None]


class TicketWatch(Base):
    """关注: a recipient follows a ticket, perhaps one on paper, found by its code."""

    __tablename__ = "ticket_watch"
    __table_args__ = (
        UniqueConstraint("ticket_id", "recipient"),
        CheckConstraint(RECIPIENT, name="recipient"),
        CheckConstraint("ahead IN (1, 3, 5)", name="ahead"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    recipient: Mapped[Recipient] = mapped_column(String(LENGTH), index=True)
    ahead: Mapped[int]
    # Whether "near" was sent since the ticket was last further back.
    is_told_near: Mapped[bool]
    created_at: Mapped[dt.datetime]


class OutboxRow(Base):
    """待发通知: one message to one destination, written in the transaction of its event."""

    __tablename__ = "push_outbox"
    __table_args__ = (
        CheckConstraint(RECIPIENT, name="recipient"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("(channel = 'push') = (subscription_id > 0)", name="destination"),
        # A later word on the same subject takes the place of an earlier one that was not sent.
        Index(
            "uq_push_outbox_waiting",
            "recipient",
            "subject",
            "channel",
            "subscription_id",
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index("ix_push_outbox_due", "due_at", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_push_outbox_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[Recipient] = mapped_column(String(LENGTH))
    channel: Mapped[ChannelKind]
    # 0 if the channel has none. No foreign key: what was sent outlives the subscription.
    subscription_id: Mapped[int]
    # The push service's host and port, or the channel: limits and failures are counted by it.
    service: Mapped[str] = mapped_column(String(260))
    # Such as `ticket/17`: of two messages on a subject only the later counts.
    subject: Mapped[str] = mapped_column(String(80))
    kind: Mapped[Kind] = mapped_column(KIND)
    facts: Mapped[Facts] = mapped_column(FACTS)
    created_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    # Set while the row is being sent; once it has passed, the row may be claimed again.
    lease_until: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[SendState]
    # Why it was not sent: a word, and what the service said.
    reason: Mapped[str] = mapped_column(String(120), default="")
    sent_at: Mapped[dt.datetime | None]
    # Milliseconds from the event to sending, for messages that quiet hours do not hold back.
    took: Mapped[int | None]
    # How it ended without arriving; None while it waits, once it was sent, and in rows of before.
    ended: Mapped[End | None] = mapped_column(unchecked(End, 16))


IS_UNTOLD = FollowerNews.told_at.is_(None)
# Written as a literal: SQLite does not recognise with a parameter that its partial index fits.
IS_WAITING = OutboxRow.state == literal_column("'waiting'")


class InboxMessage(Base):
    """收件箱: a message on the page, whether or not a push arrived."""

    __tablename__ = "inbox_message"
    __table_args__ = (
        CheckConstraint(RECIPIENT, name="recipient"),
        Index(
            "uq_inbox_message_unread",
            "recipient",
            "subject",
            unique=True,
            sqlite_where=UNREAD,
            postgresql_where=UNREAD,
        ),
        Index("ix_inbox_message_recipient_created_at", "recipient", "created_at"),
        Index("ix_inbox_message_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[Recipient] = mapped_column(String(LENGTH))
    subject: Mapped[str] = mapped_column(String(80))
    kind: Mapped[Kind] = mapped_column(KIND)
    facts: Mapped[Facts] = mapped_column(FACTS)
    # The path of the page that shows the truth.
    leads_to: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime | None]
