"""工作日志: everything staff change, append-only, each entry chained by a hash to the one before.

The chain does not stop someone with the database in their hands; it makes it visible that
they did something. No function here changes or removes an entry.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, String, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor

BEGINNING = "0" * 64
# PostgreSQL's advisory lock that makes appending one at a time, as SQLite's writer is anyway.
LOCK = 4711
PAGE = 500


class JournalEntry(Base):
    """日志: who did what to what, before and after, when, and in which session."""

    __tablename__ = "journal_entry"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime]
    # None for the command line.
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("staff_session.id"))
    action: Mapped[str] = mapped_column(String(40), index=True)
    # What it was done to, such as `staff/3` or `handbook/dibao`.
    subject: Mapped[str] = mapped_column(String(120), index=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"), index=True)
    before: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    after: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    def computed_hash(self) -> str:
        """The hash this entry must have, over everything it says and the entry before."""
        said = [
            self.id,
            self.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            self.staff_id,
            self.session_id,
            self.action,
            self.subject,
            self.community_id,
            self.before,
            self.after,
            self.previous_hash,
        ]
        plain = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True)
class ChainFault:
    """The first entry that is not what was written, and what is wrong with it."""

    entry: int
    what: str


# A chain of hashes in the same database makes a change by hand visible; it does not prevent it.
# Entries are appended one at a time (SQLite's writer, an advisory lock on PostgreSQL), so numbers
# have no gaps and a missing entry shows.
async def note(  # noqa: PLR0913 - everything an entry says
    session: AsyncSession,
    actor: Actor,
    action: str,
    subject: str,
    *,
    now: dt.datetime,
    before: Any = None,
    after: Any = None,
    community_id: int | None = None,
) -> JournalEntry:
    """Append an entry, in the unit of work that makes the change."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    last = (
        await session.execute(
            select(JournalEntry.id, JournalEntry.hash).order_by(JournalEntry.id.desc()).limit(1)
        )
    ).first()
    entry = JournalEntry(
        id=last.id + 1 if last else 1,
        at=now,
        staff_id=actor.staff_id,
        session_id=actor.session_id,
        action=action,
        subject=subject,
        community_id=community_id,
        before=before,
        after=after,
        previous_hash=last.hash if last else BEGINNING,
    )
    entry.hash = entry.computed_hash()
    session.add(entry)
    await session.flush()
    return entry


async def actions(session: AsyncSession) -> list[str]:
    """Every kind of action in the log, in the database's order."""
    return list(await session.scalars(known_actions()))


# A log of years has a few dozen kinds of action. Each step finds the next kind in the index, so the
# cost grows with the kinds.
# Not taken: SELECT DISTINCT, which reads the whole index on both databases.
def known_actions() -> Select[str]:
    """The statement for `actions`."""
    first = select(func.min(JournalEntry.action).label("action")).cte("known", recursive=True)
    following = select(func.min(JournalEntry.action)).where(JournalEntry.action > first.c.action)
    known = first.union_all(select(following.scalar_subquery()).where(first.c.action.is_not(None)))
    return select(known.c.action).where(known.c.action.is_not(None))


async def verify(session: AsyncSession) -> tuple[int, ChainFault | None]:
    """Check the whole chain: how many entries there are, and the first fault if there is one.

    An entry cut off at the end leaves no gap: keep the last hash somewhere else to notice that.
    """
    count, previous = 0, BEGINNING
    while True:
        try:
            page = await _entries(session, after=count, most=PAGE)
        except ValueError:
            # Somewhere on this page stands what is not JSON any more: look at them one by one.
            try:
                page = await _entries(session, after=count, most=1)
            except ValueError:
                return count + 1, ChainFault(count + 1, "was changed after it was written")
        for entry in page:
            count += 1
            if entry.id != count:
                return count, ChainFault(count, "is missing")
            if entry.previous_hash != previous:
                return count, ChainFault(entry.id, "does not follow from the one before")
            if entry.hash != entry.computed_hash():
                return count, ChainFault(entry.id, "was changed after it was written")
            previous = entry.hash
        if not page:
            return count, None


async def _entries(session: AsyncSession, after: int, most: int) -> list[JournalEntry]:
    """The next entries, without holding all of them at once."""
    wanted = select(JournalEntry).where(JournalEntry.id > after).order_by(JournalEntry.id)
    return list(await session.scalars(wanted.limit(most)))
