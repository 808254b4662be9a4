"""文稿的草稿和版本: what a person is writing or sent, and everything that was ever published."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class PaperVersion(Base):
    """版本: one publication of a document. Version 1 is what was loaded before anybody edited."""

    __tablename__ = "paper_version"
    __table_args__ = (UniqueConstraint("subject", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # Which document: `handbook/dibao`, `c/liujiazhuang/hall`.
    subject: Mapped[str] = mapped_column(String(120))
    number: Mapped[int]
    document: Mapped[Any] = mapped_column(JSON(none_as_null=True))
    # None for what was loaded from files, and for the command line.
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    # None for what was loaded from files.
    published_at: Mapped[dt.datetime | None]
    reason: Mapped[str] = mapped_column(String(200))


class PaperDraft(Base):
    """草稿: what one person is writing. Kept as typed, so also when it is not right yet."""

    __tablename__ = "paper_draft"
    __table_args__ = (UniqueConstraint("subject", "staff_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(120))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    # The version it began from; 0 for a document that is not published yet.
    base: Mapped[int]
    # The version it began from before others' publications were taken into it.
    merged_from: Mapped[int | None]
    document: Mapped[Any] = mapped_column(JSON(none_as_null=True))
    saved_at: Mapped[dt.datetime]
    # The open form that saved it last: a form whose answer was lost goes on from its own words.
    saved_by_form: Mapped[str | None] = mapped_column(String(43))


class PaperImport(Base):
    """导入: what a file would change, looked through and kept until that person publishes it."""

    __tablename__ = "paper_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    made_at: Mapped[dt.datetime]
    published_at: Mapped[dt.datetime | None]
    file_name: Mapped[str] = mapped_column(String(120))
    # Each item that differs: its slug, the version it differs from (0 when new), the document.
    documents: Mapped[Any] = mapped_column(JSON(none_as_null=True))
    # How many items of the file say what is published.
    unchanged: Mapped[int]
