"""本页有误的表: what was said of a page, and what became of it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base
from domain.phones import LONGEST_PHONE

# Characters of what a resident writes, of the office's word on it, of a path and of a title.
LONGEST_WORDS, LONGEST_ANSWER, LONGEST_PATH, LONGEST_TITLE = 500, 200, 200, 120
IS_OPEN = text("closed_at IS NULL")


class Outcome(StrEnum):
    """What became of a report."""

    CORRECTED = "corrected"
    # The office looked, and leaves the page as it is.
    SET_ASIDE = "set-aside"


class MistakeReport(Base):
    """报错: what a resident says is wrong on a page. Erased some months after it was sent."""

    __tablename__ = "mistake_report"
    __table_args__ = (
        Index(
            "ix_mistake_report_open",
            "community_id",
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
        Index("ix_mistake_report_sent_at", "sent_at"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    # Its address, which nobody can guess; anyone who has it may read what became of it.
    token: Mapped[str] = mapped_column(String(32), unique=True)
    # Of the form it was sent with, so that a form sent twice is one report.
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    # The page, and what it was called then.
    page: Mapped[str] = mapped_column(String(LONGEST_PATH))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    # The document the page is made of and its version then; empty and 0 for a page without one.
    paper: Mapped[str] = mapped_column(String(120))
    version: Mapped[int]
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    # To ask back; empty for none, and from the closing on.
    phone: Mapped[str] = mapped_column(String(LONGEST_PHONE))
    sent_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    outcome: Mapped[Outcome | None]
    # The office's word on it; may be empty.
    answer: Mapped[str] = mapped_column(String(LONGEST_ANSWER), default="")

    @property
    def is_open(self) -> bool:
        return self.closed_at is None
