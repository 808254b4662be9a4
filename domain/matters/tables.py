"""诉求的表: matters, who had them, what was said, photographs, promises and rounds."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base, Document
from domain.matters.clock import Clock, Period, Rule
from domain.matters.ladder import Hold, HoldReason, Level

# Characters of what a resident or the office writes at once.
LONGEST_WORDS = 2000
LONGEST_SUBJECT = 120
LONGEST_TITLE = 40
IS_OPEN = text("closed_at IS NULL")

# Plain values that the words of an entry are made of: dates as ISO words, numbers, short names, and
# lists of pairs of such.
Facts = dict[str, str | int | list[tuple[str, str]] | None]


class Matter(Base):
    """诉求: something a resident is owed an answer to.

    `kind` is the feature it belongs to. The present holder, `due_on` and `moves_at` are what the
    entries and holds say now, kept beside them so that an inbox of thousands can be sorted.
    """

    __tablename__ = "matter"
    __table_args__ = (
        Index(
            "ix_matter_holder",
            "holder_id",
            "joined_to_id",
            "due_on",
            "id",
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
        Index(
            "ix_matter_level",
            "community_id",
            "level",
            "due_on",
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
        Index("ix_matter_moves_at", "moves_at", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        Index("ix_matter_closed_at", "closed_at"),
        CheckConstraint("(due_on IS NULL) = (owed_since IS NULL)", name="owed"),
        CheckConstraint(
            "(holder_id IS NULL) = (level IN ('secretary', 'subdistrict'))", name="holder"
        ),
        CheckConstraint("closed_at IS NULL OR owed_since IS NULL", name="closed_owes_nothing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    # Its address, which nobody can guess; anyone who has it may read.
    token: Mapped[str] = mapped_column(String(32), unique=True)
    # What brings it to another phone, with the right to write; easy to say aloud.
    code: Mapped[str] = mapped_column(String(8), unique=True)
    # Of the form it was sent with, so that a form sent twice is one matter.
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    # Of what was sent with it: the same key with other words is refused.
    form_hash: Mapped[str] = mapped_column(String(64))
    # The beginning of its first message, for lists; erased with the words.
    subject: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    began_at: Mapped[dt.datetime]
    level: Mapped[Level]
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    held_since: Mapped[dt.datetime]
    held_why: Mapped[HoldReason]
    # A complaint about this person: they and their colleagues never see it.
    about_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    # Since when an answer is owed; None while none is.
    owed_since: Mapped[dt.datetime | None]
    # How long an answer may take, as it was said when the matter began.
    rule: Mapped[Rule] = mapped_column(Document(Rule))
    # Of the clock that runs since `owed_since`.
    periods: Mapped[tuple[Period, ...]] = mapped_column(Document(tuple[Period, ...]), default=())
    due_on: Mapped[dt.date | None]
    moves_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    # When a page that the resident looked at was visible; links that a scanner opens do not count.
    seen_at: Mapped[dt.datetime | None]
    # The matter about the same thing that this one was joined to.
    joined_to_id: Mapped[int | None] = mapped_column(ForeignKey("matter.id"), index=True)
    erased_at: Mapped[dt.datetime | None]

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def hold(self) -> Hold:
        """Who has it now, as the store says."""
        return Hold(self.level, self.holder_id, self.held_since, self.held_why)

    def clock(self, zone: dt.tzinfo | None) -> Clock | None:
        """The clock of the answer that is owed, in this time zone; None while none is owed."""
        if self.owed_since is None:
            return None
        return Clock(self.rule, self.owed_since.astimezone(zone).date(), self.periods)

    @property
    def path(self) -> str:
        return f"/matters/{self.token}"


class MatterDevice(Base):
    """A device that may write in a matter: it began it, or the code was typed on it."""

    __tablename__ = "matter_device"

    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    # The hash of the device's key.
    device: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    since: Mapped[dt.datetime]


class MatterColleague(Base):
    """A colleague who was asked inside: may read and note, and answers nothing."""

    __tablename__ = "matter_colleague"

    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff_member.id"), primary_key=True, index=True
    )
    since: Mapped[dt.datetime]


class MatterHold(Base):
    """A holder of a matter. Append-only: each ends where the next begins."""

    __tablename__ = "matter_hold"

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), index=True)
    level: Mapped[Level]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    since: Mapped[dt.datetime]
    why: Mapped[HoldReason]


class EntryKind(StrEnum):
    """What happened in a matter."""

    MESSAGE = "message"
    # Of the resident: asks for nothing.
    THANKS = "thanks"
    ANSWER = "answer"
    # Among handlers; the resident never sees it.
    NOTE = "note"
    HELD = "held"
    PROMISED = "promised"
    PROMISE_KEPT = "promise-kept"
    PROMISE_MOVED = "promise-moved"
    PROMISE_BROKEN = "promise-broken"
    DUE_MOVED = "due-moved"
    CLOSED = "closed"
    REOPENED = "reopened"
    RATED = "rated"
    JOINED = "joined"


class Readers(StrEnum):
    """Who may read an entry."""

    ALL = "all"
    HANDLERS = "handlers"


class Outcome(StrEnum):
    """答复结果: the four that an answer can have (济南市12345市民服务热线条例, article 24)."""

    DONE = "done"
    # Takes longer: until when.
    LATER = "later"
    # Not yet possible: what instead, and when.
    NOT_YET = "not-yet"
    # Cannot be done: because.
    CANNOT = "cannot"


class MatterEntry(Base):
    """What was said or done in a matter. Append-only until its content is erased."""

    __tablename__ = "matter_entry"
    __table_args__ = (
        CheckConstraint("kind <> 'note' OR readers = 'handlers'", name="notes_stay_inside"),
        CheckConstraint("(kind = 'answer') = (outcome IS NOT NULL)", name="answers_have_outcomes"),
        Index("ix_matter_entry_matter_id", "matter_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    at: Mapped[dt.datetime]
    kind: Mapped[EntryKind]
    readers: Mapped[Readers]
    # Who of the office wrote it; None for the resident and for what happened by itself.
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    outcome: Mapped[Outcome | None]
    words: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[Facts] = mapped_column(Document(Facts), default=dict)
    # Of the form it was sent with; None for what no form sent.
    form_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    form_hash: Mapped[str | None] = mapped_column(String(64))
    photos: Mapped[list[MatterPhoto]] = relationship(lazy="raise", order_by="MatterPhoto.id")


class MatterPhoto(Base):
    """A photograph in an entry, re-encoded by the server, at an address nobody can guess."""

    __tablename__ = "matter_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("matter_entry.id"), index=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    width: Mapped[int]
    height: Mapped[int]
    # A JPEG of at most `photos.LARGEST` bytes. Loaded only where it is served.
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class MatterRound(Base):
    """A round of a matter: opened, closed, rated at most once. Reopening begins the next."""

    __tablename__ = "matter_round"
    __table_args__ = (
        UniqueConstraint("matter_id", "number"),
        CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating"),
        CheckConstraint("rating IS NULL OR closed_at IS NOT NULL", name="rated_once_closed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    number: Mapped[int]
    opened_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    # Whether the office closed it; otherwise the resident did, or nothing was said for long.
    is_closed_by_office: Mapped[bool] = mapped_column(default=False)
    # 5 is the best, as in 好差评.
    rating: Mapped[int | None]
    rated_at: Mapped[dt.datetime | None]


class Promise(Base):
    """承诺: what the office said it would do, and by when.

    `subject` and the dates are public; what was asked, and who asked, never is. It is broken once
    `due_at` passed without `kept_at`, or when the office says so.
    """

    __tablename__ = "promise"
    __table_args__ = (
        Index("ix_promise_community_id", "community_id", "due_at"),
        CheckConstraint("kept_at IS NULL OR broken_at IS NULL", name="one_end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    made_at: Mapped[dt.datetime]
    # The date that was said first; `due_at` is the one that holds.
    first_due_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    kept_at: Mapped[dt.datetime | None]
    broken_at: Mapped[dt.datetime | None]
    # Why the date moved or the promise cannot be kept; empty otherwise.
    reason: Mapped[str] = mapped_column(String(500), default="")

    @property
    def is_over(self) -> bool:
        """Whether it was kept, or is known to be broken."""
        return self.kept_at is not None or self.broken_at is not None


IS_PROMISED = Promise.kept_at.is_(None) & Promise.broken_at.is_(None)
"""The opposite of `Promise.is_over`, for a query."""


class PromiseFollower(Base):
    """关注: a device that is told what becomes of a promise; forgotten with its last news."""

    __tablename__ = "promise_follower"

    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id"), primary_key=True)
    # The hash of the device's key.
    device: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    since: Mapped[dt.datetime]


class TextBlock(Base):
    """常用语: words that someone who answers uses again, in their own list."""

    __tablename__ = "text_block"
    __table_args__ = (UniqueConstraint("staff_id", "words"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    words: Mapped[str] = mapped_column(String(500))
