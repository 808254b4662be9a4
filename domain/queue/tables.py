"""排队的表: a hall's day, its tickets, what happened to each and when, and who sat where.

Every rule that must hold is a constraint as well: numbers without doubles, one open period a
ticket, one person at a counter, one ticket of a device and category.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from pydantic import Field
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base, Document
from domain.content import Content, Line


class TicketState(StrEnum):
    """票的状态."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    ON_HOLD = "on-hold"
    NO_SHOW = "no-show"
    DONE = "done"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    """Still open when the day was closed, by somebody who was told so."""

    @property
    def is_active(self) -> bool:
        """Whether the hall still owes this person something today without their coming back."""
        return self in ACTIVE

    @property
    def is_at_counter(self) -> bool:
        """Whether a counter is taken by it."""
        return self in {TicketState.CALLED, TicketState.SERVING}


ACTIVE = frozenset(
    {TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.ON_HOLD}
)
OPEN = text("ended_at IS NULL")
AT_COUNTER = text("state IN ('called', 'serving')")
KNOWN = text("device_hash IS NOT NULL")
HELD = text("state IN ('waiting', 'called', 'serving', 'on-hold') AND device_hash IS NOT NULL")


class PriorityKind(StrEnum):
    """优先: who goes earlier (the product's rules of the world)."""

    AGED = "aged"
    """70 and over."""
    DISABLED = "disabled"
    PREGNANT = "pregnant"
    SERVICE = "service"
    """Servicemen, and veterans where the hall says so."""
    OTHER = "other"
    """Whom else the hall's rules name."""

    @classmethod
    def named(cls, word: str) -> PriorityKind | None:
        """The kind that a form names; None for what is none."""
        return cls(word) if word in set(cls) else None


class QueueRules(Content):
    """排队规则: how a hall calls. Minutes and times; the defaults suit three counters."""

    priority_minutes: int = Field(default=15, ge=0, le=120)
    """Someone with priority stands where they would had they come so much earlier."""
    others: Line | None = None
    """Who else has priority here, in the hall's own words; nothing for nobody else."""
    longest_wait_minutes: int = Field(default=60, ge=10, le=240)
    """Whoever waited this long is next, whoever has priority."""
    back_places: int = Field(default=3, ge=1, le=20)
    """How many go first after someone was passed and came back."""
    most_returns: int = Field(default=2, ge=0, le=9)
    """How often someone who was passed may come back."""
    most_lets: int = Field(default=3, ge=0, le=9)
    """How often someone may let others pass."""
    most_a_day: int | None = Field(default=None, ge=1, le=999)
    """Numbers of one category a day; nothing for as many as come."""
    repeats: int = Field(default=2, ge=1, le=3)
    """How often the screen says a call."""
    board: Line | None = None
    """A line on the screen."""

    @property
    def kinds(self) -> tuple[PriorityKind, ...]:
        """Whom this hall calls earlier."""
        return tuple(each for each in PriorityKind if self.others or each is not PriorityKind.OTHER)


class HallQueue(Base):
    """大厅排队规则, where a hall has its own."""

    __tablename__ = "hall_queue"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    rules: Mapped[QueueRules] = mapped_column(Document(QueueRules))


NOT_ERASED = text("erased_at IS NULL")


class QueueDay(Base):
    """一天的排队: one hall on one day. Its row is what everything about the day waits for."""

    __tablename__ = "queue_day"
    __table_args__ = (
        UniqueConstraint("hall_id", "day"),
        Index(
            "ix_queue_day_not_erased",
            "day",
            sqlite_where=NOT_ERASED,
            postgresql_where=NOT_ERASED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    day: Mapped[dt.date]
    # Read by no page: for an audit, since no journal says when a queue opened by itself.
    opened_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    erased_at: Mapped[dt.datetime | None]
    """When what links its numbers to devices was erased."""


class QueueNumber(Base):
    """号码: the last number given of one letter on one day."""

    __tablename__ = "queue_number"

    day_id: Mapped[int] = mapped_column(ForeignKey("queue_day.id"), primary_key=True)
    letter: Mapped[str] = mapped_column(String(1), primary_key=True)
    last: Mapped[int]


class Ticket(Base):
    """排队票. `letter` and `number` never change; `category` is what it is waiting for now."""

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("day_id", "letter", "number"),
        CheckConstraint("(state IN ('called', 'serving')) = (counter IS NOT NULL)", name="counter"),
        CheckConstraint("number > 0", name="number"),
        Index("ix_ticket_day_id_state", "day_id", "state"),
        Index(
            "uq_ticket_at_counter",
            "day_id",
            "counter",
            unique=True,
            sqlite_where=AT_COUNTER,
            postgresql_where=AT_COUNTER,
        ),
        Index(
            "uq_ticket_of_device",
            "device_hash",
            "day_id",
            "letter",
            unique=True,
            sqlite_where=HELD,
            postgresql_where=HELD,
        ),
        # What a device took, in every state: asked on each page on which a number can be taken.
        Index("ix_ticket_device_hash", "device_hash", sqlite_where=KNOWN, postgresql_where=KNOWN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(ForeignKey("queue_day.id"))
    letter: Mapped[str] = mapped_column(String(1))
    number: Mapped[int]
    token: Mapped[str] = mapped_column(String(32), unique=True)
    """Its address: whoever has it can follow, only the device that took it can act."""
    device_hash: Mapped[str | None] = mapped_column(String(64))
    """None for a ticket on paper, and once the link to the device was erased."""
    request_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The same request sent twice is the same ticket."""
    items: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]))
    """Slugs of what the person came for."""
    brought: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]), default=())
    """Names of documents that the person ticked as brought."""
    missing: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]), default=())
    """一次性告知: what the counter said is missing, all of it."""
    category: Mapped[str] = mapped_column(String(1))
    for_counter: Mapped[int | None]
    """The one counter it waits for, after a transfer to it."""
    state: Mapped[TicketState]
    counter: Mapped[int | None]
    """The counter that has it now."""
    priority: Mapped[PriorityKind | None]
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    """Whether the counter saw that the priority is right."""
    joined_at: Mapped[dt.datetime]
    waits_from: Mapped[dt.datetime]
    """From when the longest wait counts: later than `joined_at` for who stepped back."""
    place_at: Mapped[dt.datetime]
    """The order of calling: when one came, or would have come."""
    returns: Mapped[int] = mapped_column(default=0)
    lets: Mapped[int] = mapped_column(default=0)
    day: Mapped[QueueDay] = relationship(lazy="raise")

    @property
    def label(self) -> str:
        """The number as people say it: B007."""
        return f"{self.letter}{self.number:03}"


class TicketPeriod(Base):
    """一段经过: what a ticket was from when to when, at which counter, by whom. Only appended."""

    __tablename__ = "ticket_period"
    __table_args__ = (
        Index(
            "uq_ticket_period_open",
            "ticket_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    state: Mapped[TicketState]
    counter: Mapped[int | None]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    began_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    reason: Mapped[str] = mapped_column(String(120), default="")
    """Why it is out of turn, as a word a page can say; empty in turn."""


class TicketCall(Base):
    """一次叫号: what the screen shows and says. `id` rises, so a screen knows what it said."""

    __tablename__ = "ticket_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    day_id: Mapped[int] = mapped_column(ForeignKey("queue_day.id"), index=True)
    counter: Mapped[int]
    called_at: Mapped[dt.datetime]
    undone_at: Mapped[dt.datetime | None]


class CounterShift(Base):
    """坐班: someone at a counter, and the categories they call there."""

    __tablename__ = "counter_shift"
    __table_args__ = (
        Index(
            "uq_counter_shift_open",
            "hall_id",
            "counter",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(
            "uq_counter_shift_of_staff",
            "staff_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    counter: Mapped[int]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    letters: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]))
    began_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    pause_reason: Mapped[str | None] = mapped_column(String(80))
    paused_at: Mapped[dt.datetime | None]
    """Since when the counter calls nobody; None while it does."""
