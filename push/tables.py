"""通知的表: who can be reached where, what they want to hear, what is to be sent, and what was.

`metadata` here is that of the whole schema: push's tables stand on the domain's base class.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Enum,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Document
from domain.tables import metadata
from push.recipients import LENGTH, Recipient

__all__ = [
    "IS_WAITING",
    "ChannelKind",
    "Facts",
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

Facts = dict[str, int | str]
"""What a message is about: numbers and short names, never what somebody wrote."""

WAITING = text("state = 'waiting'")
UNREAD = text("read_at IS NULL")
RECIPIENT = "recipient LIKE 'd:%' OR recipient LIKE 's:%'"


class Language(StrEnum):
    """语言: as HTML spells it."""

    CHINESE = "zh-Hans"
    ENGLISH = "en"


class ChannelKind(StrEnum):
    """渠道: a way to reach somebody."""

    PUSH = "push"
    EMAIL = "email"
    WEBHOOK = "webhook"
    """The office's group chat; the address is a setting, so it serves staff only."""


class Subject(StrEnum):
    """通知类别: what somebody can choose to hear of."""

    TICKETS = "tickets"
    CALL_BACKS = "call-backs"


class Kind(StrEnum):
    """通知: what happened that somebody is told of. A later feature adds its own here."""

    TICKET_NEAR = "ticket-near"
    TICKET_CALLED = "ticket-called"
    TICKET_PASSED = "ticket-passed"
    TICKET_MOVED = "ticket-moved"
    HALL_CLOSED = "hall-closed"
    HALL_HOURS = "hall-hours"
    """The hall's hours of today were changed while somebody waits."""
    BAD_RATING = "bad-rating"
    """Somebody waits for the call-back of a bad rating."""
    EMAIL_CHECK = "email-check"
    """Whether an address is really the person's who gave it."""


class SendState(StrEnum):
    """发送状态."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    STALE = "stale"
    """Not true any more when its turn came, so not sent."""


KIND = Enum(
    Kind,
    native_enum=False,
    length=32,
    values_callable=lambda kinds: [each.value for each in kinds],
)
"""Without a constraint in the schema, so that a later kind needs no migration."""


class Subscription(Base):
    """订阅: one browser that allowed notifications, at its push service."""

    __tablename__ = "push_subscription"
    __table_args__ = (CheckConstraint(RECIPIENT, name="recipient"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[Recipient] = mapped_column(String(LENGTH), index=True)
    endpoint: Mapped[str] = mapped_column(Text)
    endpoint_hash: Mapped[str] = mapped_column(String(64), unique=True)
    p256dh: Mapped[str] = mapped_column(String(88))
    auth: Mapped[str] = mapped_column(String(24))
    key: Mapped[str] = mapped_column(String(88))
    """The application server key that the browser was given: it takes messages of no other."""
    language: Mapped[Language]
    created_at: Mapped[dt.datetime]
    renewed_at: Mapped[dt.datetime]
    """When the browser last said that it is still there."""
    failures: Mapped[int] = mapped_column(default=0)
    """Messages in a row that did not arrive."""


class Preferences(Base):
    """通知设置 of one recipient. Whoever has none gets everything, at the usual distance."""

    __tablename__ = "push_preferences"
    __table_args__ = (
        CheckConstraint(RECIPIENT, name="recipient"),
        CheckConstraint("ahead IN (1, 3, 5)", name="ahead"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name="quiet"),
    )

    recipient: Mapped[Recipient] = mapped_column(String(LENGTH), primary_key=True)
    language: Mapped[Language]
    off: Mapped[tuple[Subject, ...]] = mapped_column(Document(tuple[Subject, ...]), default=())
    """What they do not want to hear of."""
    ahead: Mapped[int] = mapped_column(default=3)
    """How many people are still ahead when somebody is told to come."""
    quiet_from: Mapped[dt.time | None]
    quiet_to: Mapped[dt.time | None]
    """Local times between which nothing rings but the person's own call in a hall."""
    channels: Mapped[tuple[ChannelKind, ...]] = mapped_column(Document(tuple[ChannelKind, ...]))
    """In this order: the next when one fails."""
    email: Mapped[str | None] = mapped_column(String(254), index=True)
    email_key_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the link that confirms the address; None once it is confirmed."""
    email_asked_at: Mapped[dt.datetime | None]
    email_confirmed_at: Mapped[dt.datetime | None]


class TicketWatch(Base):
    """关注: somebody wants to be told about a ticket, also one on paper, followed by its code."""

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
    is_told_near: Mapped[bool]
    """Whether "so many ahead" was said since the ticket was last further back than that."""
    created_at: Mapped[dt.datetime]


class OutboxRow(Base):
    """待发通知: one message to one destination, written in the transaction of what it tells of."""

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
    subscription_id: Mapped[int]
    """0 where the channel has none. No foreign key: what was sent outlives the subscription."""
    service: Mapped[str] = mapped_column(String(260))
    """Whose turn and whose fault it is: the push service's host and port, or the channel."""
    subject: Mapped[str] = mapped_column(String(80))
    """What it is about, such as `ticket/17`: of two messages about it only the later counts."""
    kind: Mapped[Kind] = mapped_column(KIND)
    facts: Mapped[Facts] = mapped_column(Document(Facts))
    created_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    lease_until: Mapped[dt.datetime | None]
    """While somebody sends it; afterwards it may be taken again."""
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[SendState]
    reason: Mapped[str] = mapped_column(String(120), default="")
    """Why it was not sent, as one word with what the service said."""
    sent_at: Mapped[dt.datetime | None]
    took: Mapped[int | None]
    """Milliseconds from what happened to its being sent, for what quiet hours do not hold back."""


IS_WAITING = OutboxRow.state == literal_column("'waiting'")
"""Spelt out in the statement: with a parameter SQLite does not see that its index fits."""


class InboxMessage(Base):
    """收件箱: what somebody was told, on the page, whether or not a push arrived."""

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
    facts: Mapped[Facts] = mapped_column(Document(Facts))
    leads_to: Mapped[str] = mapped_column(String(200))
    """The path of the page on which the truth stands."""
    created_at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime | None]
