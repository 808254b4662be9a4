"""好差评的表: one rating per visit, and the call-back that a bad one opens."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base, Document
from domain.queue.tables import Ticket


class RatingLevel(StrEnum):
    """评价等级: the five of the standard (GB/T 39735-2020), the best first."""

    VERY_SATISFIED = "very-satisfied"
    SATISFIED = "satisfied"
    BASICALLY_SATISFIED = "basically-satisfied"
    DISSATISFIED = "dissatisfied"
    VERY_DISSATISFIED = "very-dissatisfied"

    @property
    def is_bad(self) -> bool:
        """差评: whether it opens a call-back (the product's rules)."""
        return self in {RatingLevel.DISSATISFIED, RatingLevel.VERY_DISSATISFIED}


class RatingTag(StrEnum):
    """What was good or bad, for people who want to say more."""

    FRIENDLY = "friendly"
    QUICK = "quick"
    CLEAR = "clear"
    ONE_VISIT = "one-visit"
    UNFRIENDLY = "unfriendly"
    LONG_WAIT = "long-wait"
    UNCLEAR = "unclear"
    MANY_VISITS = "many-visits"
    # Asked for documents that no guide mentions.
    MORE_DOCUMENTS = "more-documents"

    @property
    def is_bad(self) -> bool:
        """Whether it names something bad."""
        return self not in GOOD_TAGS


GOOD_TAGS = frozenset({RatingTag.FRIENDLY, RatingTag.QUICK, RatingTag.CLEAR, RatingTag.ONE_VISIT})


class RatingSource(StrEnum):
    """Where the rating was given."""

    TABLET = "tablet"
    PAGE = "page"


class ServiceRating(Base):
    """好差评: a person's rating of one visit. Never changed afterwards."""

    __tablename__ = "service_rating"
    __table_args__ = (Index("ix_service_rating_hall_id_given_on", "hall_id", "given_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # One rating per visit.
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    level: Mapped[RatingLevel]
    tags: Mapped[tuple[RatingTag, ...]] = mapped_column(Document(tuple[RatingTag, ...]))
    words: Mapped[str] = mapped_column(String(500))
    source: Mapped[RatingSource]
    given_at: Mapped[dt.datetime]
    # The local day; figures are grouped by it.
    given_on: Mapped[dt.date]
    ticket: Mapped[Ticket] = relationship(lazy="raise")


# The telephone number is there for one call. A check in the schema erases it with the answer,
# because a promise about privacy should not depend on one line of a view. Call-backs belong to the
# office (editors and administrators), never to the counter that was rated.
class CallBack(Base):
    """差评回访: what the office owes a person after a bad rating, and by when."""

    __tablename__ = "call_back"
    __table_args__ = (
        CheckConstraint("(done_on IS NULL) = (answer IS NULL)", name="answer"),
        CheckConstraint("done_on IS NULL OR phone = ''", name="phone"),
        Index(
            "ix_call_back_open",
            "community_id",
            "fix_by",
            sqlite_where=text("done_on IS NULL"),
            postgresql_where=text("done_on IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rating_id: Mapped[int] = mapped_column(ForeignKey("service_rating.id"), unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    # 限期整改: five working days after the rating; the day of the rating is day 0.
    fix_by: Mapped[dt.date]
    # Where to call, if given; erased with the answer.
    phone: Mapped[str] = mapped_column(String(20))
    done_on: Mapped[dt.date | None]
    # Read by no page: for an audit, to be compared with the journal, which says it as well.
    done_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    # What the office did, as the person reads it on the ticket's page.
    answer: Mapped[str | None] = mapped_column(String(500))
    rating: Mapped[ServiceRating] = relationship(lazy="raise")


class CallBackAttempt(Base):
    """一次回访未接通: a call that found nobody, so that no one is called for days."""

    __tablename__ = "call_back_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_back_id: Mapped[int] = mapped_column(ForeignKey("call_back.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    at: Mapped[dt.datetime]
