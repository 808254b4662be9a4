"""连心卡的表: posts, consents, absences, conversations, and limits of the line."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Document
from domain.contacts.content import PostKind
from domain.places.content import HallHours, MapFrame, MapPoint


class ContactPost(Base):
    """联系岗位. Never deleted: a printed code leads to it, also after it ended."""

    __tablename__ = "contact_post"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    # Unique in the district: the address of a card names no community.
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[PostKind]
    name: Mapped[str] = mapped_column(String(80))
    answers_for: Mapped[str]
    buildings: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]))
    # Names of accounts, as the office writes them.
    holder: Mapped[str | None] = mapped_column(ForeignKey("staff_member.name"), index=True)
    substitute: Mapped[str | None] = mapped_column(ForeignKey("staff_member.name"))
    phone: Mapped[str] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(254))
    hours: Mapped[HallHours] = mapped_column(Document(HallHours))
    answers_within: Mapped[int]
    passes_on_after: Mapped[int]
    most_open: Mapped[int | None]
    pledge: Mapped[str | None]
    rank: Mapped[int]
    ended_at: Mapped[dt.datetime | None]


class ConsentField(StrEnum):
    """What a holder can agree to show on the card."""

    NAME = "name"
    PHOTO = "photo"
    PHONE = "phone"
    EMAIL = "email"


# PIPL 25: nothing personal is published without separate consent. A row is one consent to one
# thing, given by the person in their own account; taking it back ends it at once everywhere,
# because no page is made of anything else.
class CardConsent(Base):
    """公开同意: what a holder agreed to show on their cards, since when, and until when."""

    __tablename__ = "card_consent"
    __table_args__ = (
        Index(
            "uq_card_consent_current",
            "staff_id",
            "field",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        CheckConstraint("withdrawn_at IS NULL OR (value = '' AND data IS NULL)", name="withdrawn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    field: Mapped[ConsentField]
    # What is shown; erased when the consent is taken back. A photograph is in `data`.
    value: Mapped[str] = mapped_column(String(254), default="")
    data: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    given_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]


class PostAbsence(Base):
    """请假: when a member of staff is away, so that nothing waits for them."""

    __tablename__ = "post_absence"
    __table_args__ = (
        CheckConstraint("until > since", name="order"),
        Index("ix_post_absence_staff_id_until", "staff_id", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    # Never before it was entered: what already happened stays as it was.
    since: Mapped[dt.datetime]
    # The first moment back.
    until: Mapped[dt.datetime]


class CardPrint(Base):
    """打印记录: what a card or the sheet of a stairwell said when it was printed last."""

    __tablename__ = "card_print"

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), primary_key=True)
    # `posts/{slug}` for a card, `buildings/{slug}` for a sheet.
    subject: Mapped[str] = mapped_column(String(60), primary_key=True)
    # Of everything that stands on it: another one means that the paper on the wall is out of date.
    fingerprint: Mapped[str] = mapped_column(String(64))
    printed_at: Mapped[dt.datetime]


class Source(StrEnum):
    """How a conversation came in."""

    CARD = "card"
    GUIDE = "guide"
    COMMUNITY = "community"
    HOTLINE = "hotline"
    MAILBOX = "mailbox"


class Conversation(Base):
    """对话: what the contact line keeps of a matter."""

    __tablename__ = "conversation"

    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    # None where the community has no post; the secretary answers.
    post_id: Mapped[int | None] = mapped_column(ForeignKey("contact_post.id"), index=True)
    source: Mapped[Source]
    # Who of the office entered a call; None for what came in by itself.
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    # The guide it was written from.
    item: Mapped[str | None] = mapped_column(String(40))
    # Where: a building, a facility, a point on our own drawing. See `point`.
    building: Mapped[str | None] = mapped_column(String(40))
    facility: Mapped[str | None] = mapped_column(String(40))
    map_x: Mapped[float | None]
    map_y: Mapped[float | None]
    # Erased with the closing: they are there for one answer.
    phone: Mapped[str] = mapped_column(String(20), default="")
    asker: Mapped[str] = mapped_column(String(80), default="")
    # For another person: who, whether they may be called, and who agreed.
    on_behalf_of: Mapped[str] = mapped_column(String(80), default="")
    they_may_be_called: Mapped[bool] = mapped_column(default=False)
    agreed_by: Mapped[str] = mapped_column(String(80), default="")
    # What the drawing showed when the point was tapped.
    map_frame: Mapped[MapFrame | None] = mapped_column(Document(MapFrame))

    @property
    def point(self) -> MapPoint | None:
        """The point that was tapped on the drawing; None for none."""
        if self.map_x is None or self.map_y is None or self.map_frame is None:
            return None
        return MapPoint(x=self.map_x, y=self.map_y, frame=self.map_frame)


class LineLimit(Base):
    """限制: a device that may not write for a time, with a reason, reviewed by someone else."""

    __tablename__ = "line_limit"
    __table_args__ = (
        CheckConstraint("reviewed_by IS NULL OR reviewed_by <> staff_id", name="reviewed"),
        Index("ix_line_limit_device", "device", "community_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    device: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(500))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    since: Mapped[dt.datetime]
    until: Mapped[dt.datetime]
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    reviewed_at: Mapped[dt.datetime | None]
    lifted_at: Mapped[dt.datetime | None]


class Mailbox(Base):
    """便民邮箱: how far a community's letters were read. The mailbox itself is never changed."""

    __tablename__ = "mailbox"

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), primary_key=True)
    # Both as the IMAP server counts (RFC 9051, 2.3.1.1); a new validity starts the count again.
    # 0 until it was read first.
    uid_validity: Mapped[int] = mapped_column(BigInteger, default=0)
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    read_at: Mapped[dt.datetime | None]
    # Why it could not be read at the last try, as a word for the office; empty when it was.
    trouble: Mapped[str] = mapped_column(String(40), default="")


class LetterKind(StrEnum):
    """What a letter is."""

    RECEIVED = "received"
    # Says at once by when an answer is owed.
    RECEIPT = "receipt"
    ANSWER = "answer"


class LetterState(StrEnum):
    """What became of a letter."""

    # Received.
    TAKEN = "taken"
    IGNORED = "ignored"
    UNREADABLE = "unreadable"
    # To be sent.
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Letter(Base):
    """来信与回信: a letter to a community's address, or from it.

    A letter that is to be sent is written in the transaction of what it tells, without its words:
    they are made when it is sent.
    """

    __tablename__ = "letter"
    __table_args__ = (
        # A letter that comes twice is one.
        UniqueConstraint("community_id", "id_hash"),
        CheckConstraint(
            "(kind = 'received') = (state IN ('taken', 'ignored', 'unreadable'))", name="state"
        ),
        CheckConstraint("state <> 'taken' OR matter_id IS NOT NULL", name="taken"),
        Index("ix_letter_community_id_at", "community_id", "at"),
        Index(
            "ix_letter_queued",
            "due_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    matter_id: Mapped[int | None] = mapped_column(ForeignKey("matter.id"), index=True)
    # The answer that it tells; None for all others.
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("matter_entry.id"))
    kind: Mapped[LetterKind]
    state: Mapped[LetterState]
    # A word: why it was ignored, cannot be read, or was not delivered.
    why: Mapped[str] = mapped_column(String(40), default="")
    at: Mapped[dt.datetime]
    # `zh-Hans` or `en`: in which the person wrote.
    language: Mapped[str] = mapped_column(String(8), default="zh-Hans")
    # Of its sender, or its recipient; erased soon after the matter is closed.
    address: Mapped[str] = mapped_column(String(254), default="")
    # A hash of the address, by which the letters of an hour are counted.
    address_hash: Mapped[str] = mapped_column(String(64), index=True, default="")
    # Of its Message-ID, or of the whole letter where it has none.
    id_hash: Mapped[str] = mapped_column(String(64))
    # As in its headers, for the thread; erased with the matter.
    message_id: Mapped[str] = mapped_column(Text, default="")
    thread: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[str] = mapped_column(String(200), default="")
    # The beginning of a letter that became no matter, for the office.
    raw: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    # Of a letter that is to be sent: when it is tried next, and how often it was.
    due_at: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
