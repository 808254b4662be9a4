"""The revision of everything the office publishes: one number, raised by every change.

Cached pages are kept under it, so a change makes all of them stale at once in every process: each
process reads the number (a single row) about once a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base
from domain.events import ContentChanged, record

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


# A single number for everything makes the caches trivial: there is nothing to invalidate but all
# of it, a few times a day.
# Not taken: a revision per table or page, each with its own rules about what depends on it.
class ContentRevision(Base):
    """The one row with the number; the first migration inserts it."""

    __tablename__ = "content_revision"
    __table_args__ = (CheckConstraint("id = 1", name="only_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


async def content_revision(session: AsyncSession) -> int:
    """The present revision; 0 before anything was published."""
    return (await session.scalars(select(ContentRevision.number))).one()


async def touch_content(session: AsyncSession) -> int:
    """Raise the revision. Call it in the unit of work that changes something public."""
    raised: int = (
        await session.scalars(
            update(ContentRevision)
            .values(number=ContentRevision.number + 1)
            .returning(ContentRevision.number)
        )
    ).one()
    record(session, ContentChanged(raised))
    return raised
