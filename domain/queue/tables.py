"""排队的表: a hall's day, its tickets, what happened to each, and who staffed which counter.

Every rule is a constraint as well: no duplicate numbers, one open period per ticket, one person at
a counter, one ticket per device and category.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from pydantic import Field
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base, Document, unchecked
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
    # Still open when staff closed the day.
    CLOSED = "closed"

    @property
    def is_active(self) -> bool:
        """Whether the hall still owes this person something today without their coming back."""
        return self in ACTIVE

    @property
    def is_at_counter(self) -> bool:
        """Whether the ticket occupies a counter."""
        return self in {TicketState.CALLED, TicketState.SERVING}


# Beside the state and not part of it: whatever the outcome, the visit is over, and forecasts,
# ratings and limits ask only that.
class VisitOutcome(StrEnum):
    """办理结果: how a visit ended, as the counter noted it."""

    DONE = "done"
    # 还要再来: something is missing.
    COME_BACK = "come-back"
    # 走错地方: another office does it.
    WRONG_PLACE = "wrong-place"
    # 转交: another office goes on with it, and the person need not come again.
    HANDED_ON = "handed-on"

    @classmethod
    def named(cls, word: str) -> VisitOutcome | None:
        """The outcome a form names, or None if there is no such outcome."""
        return cls(word) if word in set(cls) else None


ACTIVE = frozenset(
    {TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.ON_HOLD}
)
OPEN = text("ended_at IS NULL")
AT_COUNTER = text("state IN ('called', 'serving')")
KNOWN = text("device_hash IS NOT NULL")
HELD = text("state IN ('waiting', 'called', 'serving', 'on-hold') AND device_hash IS NOT NULL")


class PriorityKind(StrEnum):
    """优先: who is called earlier (the product's rules)."""

    # 70 and over.
    AGED = "aged"
    DISABLED = "disabled"
    PREGNANT = "pregnant"
    # Service members, and veterans where the hall says so.
    SERVICE = "service"
    # Others that the hall's rules name.
    OTHER = "other"

    @classmethod
    def named(cls, word: str) -> PriorityKind | None:
        """The kind a form names, or None if there is no such kind."""
        return cls(word) if word in set(cls) else None


class IdleScreen(StrEnum):
    """大屏空闲时: what a hall's screen shows while nothing else happens."""

    WELCOME = "welcome"
    # What was published lately, one after the other.
    DISCLOSURES = "disclosures"


class QueueRules(Content):
    """排队规则: how a hall calls. The defaults suit three counters."""

    # A person with priority is placed as if they had come this many minutes earlier.
    priority_minutes: int = Field(default=15, ge=0, le=120)
    # Who else has priority here, in the hall's own words; None for nobody else.
    others: Line | None = None
    # A person who has waited this long is next, priority or not.
    longest_wait_minutes: int = Field(default=60, ge=10, le=240)
    # How many go first when a person comes back after a missed call.
    back_places: int = Field(default=3, ge=1, le=20)
    # How often a person may come back after a missed call.
    most_returns: int = Field(default=2, ge=0, le=9)
    # How often a person may let others pass.
    most_lets: int = Field(default=3, ge=0, le=9)
    # Numbers of one category a day; None for no limit.
    most_a_day: int | None = Field(default=None, ge=1, le=999)
    # How often the screen announces a call.
    repeats: int = Field(default=2, ge=1, le=3)
    # A line of text on the screen.
    board: Line | None = None
    # What the screen shows while nobody waits and nobody is called.
    idle_screen: IdleScreen = IdleScreen.WELCOME

    @property
    def kinds(self) -> tuple[PriorityKind, ...]:
        """Who is called earlier in this hall: nobody where it would be by no minute."""
        if not self.priority_minutes:
            return ()
        return tuple(kind for kind in PriorityKind if self.others or kind is not PriorityKind.OTHER)


class HallQueue(Base):
    """大厅排队规则: the rules of a hall that has its own."""

    __tablename__ = "hall_queue"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    rules: Mapped[QueueRules] = mapped_column(Document(QueueRules))


NOT_ERASED = text("erased_at IS NULL")


class QueueDay(Base):
    """一天的排队: one hall on one day. Every change of the day locks this row."""

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
    # When the links to devices were erased; None until then.
    erased_at: Mapped[dt.datetime | None]
    # Since when the day gives no new numbers, while those who wait are still called; None if it
    # gives them.
    stopped_at: Mapped[dt.datetime | None]
    stopped_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))


class QueueNumber(Base):
    """号码: the last number given for a letter on a day."""

    __tablename__ = "queue_number"

    day_id: Mapped[int] = mapped_column(ForeignKey("queue_day.id"), primary_key=True)
    letter: Mapped[str] = mapped_column(String(1), primary_key=True)
    last: Mapped[int]


class Ticket(Base):
    """排队票. `letter` and `number` never change; `category` is what it waits for now."""

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
    # Its address: anyone who has it can follow; only the device that took it can act.
    token: Mapped[str] = mapped_column(String(32), unique=True)
    # None for a paper ticket, and after the link to the device was erased.
    device_hash: Mapped[str | None] = mapped_column(String(64))
    # The same request sent twice gives the same ticket.
    request_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    # Slugs of the items the person came for.
    items: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]))
    # Names of the documents the person ticked as brought.
    brought: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]), default=())
    # 一次性告知: everything the counter said is missing.
    missing: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]), default=())
    category: Mapped[str] = mapped_column(String(1))
    # The one counter it waits for after a transfer; None for any.
    for_counter: Mapped[int | None]
    state: Mapped[TicketState]
    # The counter it is at; None while waiting.
    counter: Mapped[int | None]
    priority: Mapped[PriorityKind | None]
    # Whether the counter confirmed the priority.
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[dt.datetime]
    # Start of the wait for `longest_wait_minutes`: later than `joined_at` after stepping back.
    waits_from: Mapped[dt.datetime]
    # The place in the order: when the person came, or would have come with priority.
    place_at: Mapped[dt.datetime]
    returns: Mapped[int] = mapped_column(default=0)
    lets: Mapped[int] = mapped_column(default=0)
    # The device's number of an earlier day that was left at closing, and for which this one has an
    # earlier place.
    left_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    # How the visit ended; None before that, and for visits from before outcomes were noted.
    outcome: Mapped[VisitOutcome | None]
    # A priority that was asked for and not given, by the hall's rules or by the counter.
    refused_priority: Mapped[PriorityKind | None] = mapped_column(unchecked(PriorityKind))
    day: Mapped[QueueDay] = relationship(lazy="raise")

    @property
    def label(self) -> str:
        """The number as people say it: B007."""
        return f"{self.letter}{self.number:03}"


class TicketPeriod(Base):
    """一段经过: a state of a ticket from when to when, at which counter. Only appended."""

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
    # Why it was called out of turn, as a word for the page; empty if in turn.
    reason: Mapped[str] = mapped_column(String(120), default="")


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
    """坐班: a staff member at a counter, and the categories they call there."""

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
    # Since when the counter has paused; None while it calls.
    paused_at: Mapped[dt.datetime | None]
    # When the clerk last did something here; None if nothing was done since signing on.
    acted_at: Mapped[dt.datetime | None]
    # When the clerk means to be back from the pause; None if they did not say.
    back_at: Mapped[dt.datetime | None]

    @property
    def last_act_at(self) -> dt.datetime:
        """When the clerk last did something here; signing on counts."""
        return self.acted_at or self.began_at


# Kept apart from the shift, and without the clerk: what a counter's days are like is learnt from
# it, and nothing about a person.
class CounterPause(Base):
    """暂停: when a counter called nobody, once it is over."""

    __tablename__ = "counter_pause"
    __table_args__ = (Index("ix_counter_pause_hall_id_began_at", "hall_id", "began_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    counter: Mapped[int]
    began_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime]
