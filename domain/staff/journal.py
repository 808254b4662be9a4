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
from domain.staff.tables import StaffMember

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor

BEGINNING = "0" * 64
# PostgreSQL's advisory lock that makes appending one at a time, as SQLite's writer is anyway.
LOCK = 4711
PAGE = 500
# What the hash of a new entry is over. Entries of before, without a number, keep theirs: their hash
# is over a number alone for who acted, so renaming the account renamed the culprit, unseen.
CHAIN = 2
# The action of an entry that a person has another full name; `before` is the earlier one.
RENAMED = "renamed"


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
    # None for entries that were written before names were in the hash.
    chain: Mapped[int | None]
    # Of who acted, as they were then; None for the command line.
    name: Mapped[str | None] = mapped_column(String(40))
    full_name: Mapped[str | None] = mapped_column(String(80))

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
        if self.chain is not None:
            said += [self.chain, self.name, self.full_name]
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
    name, full_name = await _names(session, actor)
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
        chain=CHAIN,
        name=name,
        full_name=full_name,
        previous_hash=last.hash if last else BEGINNING,
    )
    entry.hash = entry.computed_hash()
    session.add(entry)
    await session.flush()
    return entry


async def _names(session: AsyncSession, actor: Actor) -> tuple[str | None, str | None]:
    """The name that the actor signs in with and their full name; None for the command line."""
    if actor.staff_id is None:
        return None, None
    if actor.full_name:
        return actor.name, actor.full_name
    known = await session.get(StaffMember, actor.staff_id)
    return actor.name, known.full_name if known else None


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


# Renamings are few, and the database's own JSON compares Chinese letters by their escapes.
async def once_called(session: AsyncSession, part: str) -> list[int]:
    """Ids of staff whose full name once had this part, in lower case, before they were renamed."""
    rows = await session.execute(
        select(JournalEntry.subject, JournalEntry.before).where(JournalEntry.action == RENAMED)
    )
    return [int(row.subject.rpartition("/")[2]) for row in rows if part in str(row.before).lower()]


@dataclass(frozen=True)
class ChainEnd:
    """The newest entry: its number and its hash, to be kept where nobody of this database writes.

    Number 0 for an empty log.
    """

    entry: int
    hash: str

    def __str__(self) -> str:
        return f"{self.entry}:{self.hash}"


async def verify(
    session: AsyncSession, since: ChainEnd | None = None
) -> tuple[ChainEnd, ChainFault | None]:
    """Check the whole chain: its end, or its end before the first fault, and that fault.

    An entry cut off at the end leaves no gap: `since`, an end that was kept elsewhere, shows it.
    """
    end = ChainEnd(0, BEGINNING)
    while True:
        try:
            page = await _entries(session, after=end.entry, most=PAGE)
        except ValueError:
            # Somewhere on this page stands what is not JSON any more: look at them one by one.
            try:
                page = await _entries(session, after=end.entry, most=1)
            except ValueError:
                return end, ChainFault(end.entry + 1, "was changed after it was written")
        for entry in page:
            if what := _fault(entry, end, since):
                return end, ChainFault(end.entry + 1, what)
            end = ChainEnd(entry.id, entry.hash)
        if not page:
            return end, await _cut(session, end, since)


def _fault(entry: JournalEntry, end: ChainEnd, since: ChainEnd | None) -> str | None:
    """What is wrong with the entry that comes after `end`; None if nothing is."""
    if entry.id != end.entry + 1:
        return "is missing"
    if entry.previous_hash != end.hash:
        return "does not follow from the one before"
    if entry.hash != entry.computed_hash():
        return "was changed after it was written"
    if since is not None and since.entry == entry.id and since.hash != entry.hash:
        return "is not the one whose hash was kept"
    return None


async def _cut(session: AsyncSession, end: ChainEnd, since: ChainEnd | None) -> ChainFault | None:
    """What shows that the log once went on after its end; None if nothing does."""
    if since is not None and since.entry > end.entry:
        return ChainFault(end.entry + 1, "is missing")
    # Every member of staff joined by an entry.
    if end.entry == 0 and await session.scalar(select(StaffMember.id).limit(1)) is not None:
        return ChainFault(1, "is missing")
    return None


async def _entries(session: AsyncSession, after: int, most: int) -> list[JournalEntry]:
    """The next entries, without holding all of them at once."""
    wanted = select(JournalEntry).where(JournalEntry.id > after).order_by(JournalEntry.id)
    return list(await session.scalars(wanted.limit(most)))
