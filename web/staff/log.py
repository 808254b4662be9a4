"""工作日志 on the page: filters, pages, and CSV."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import select

from domain.staff import journal
from domain.staff.journal import JournalEntry
from domain.staff.tables import StaffMember
from web.site.csv_files import as_long_file
from web.site.forms import number
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.responses import Response

    from web.site.pages import Page
    from web.staff.access import StaffVisit

PAGE = 50
# Rows of one CSV file: what a spreadsheet opens without complaint.
MOST_ROWS = 50_000
# Rows written at once: some hundredths of a second.
PART = 200
Row = tuple[object, ...]


@dataclass(frozen=True)
class Filters:
    """What the log is narrowed to, as typed."""

    person: str
    action: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class Log(StaffPage):
    """工作日志."""

    template: ClassVar[str] = "staff/log.html"
    tab: ClassVar[str] = "today"
    # Each with the name of who did it, and before and after in words.
    entries: list[tuple[JournalEntry, str, str]]
    filters: Filters
    actions: list[str]
    # The entry number before which the next page begins.
    older: int | None


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The log, the newest entry first."""
    filters = _filters(visit)
    rows = await _rows(session, filters, number(visit.query.get("before", "")))
    return Log(
        actor=visit.actor,
        entries=rows[:PAGE],
        filters=filters,
        actions=sorted(await journal.actions(session)),
        older=rows[PAGE - 1][0].id if len(rows) > PAGE else None,
    )


async def _rows(
    session: AsyncSession, filters: Filters, before: int | None
) -> list[tuple[JournalEntry, str, str]]:
    """A page of entries and the first of the next page, from before that entry number."""
    statement = _narrowed(filters).order_by(JournalEntry.id.desc()).limit(PAGE + 1)
    if before is not None:
        statement = statement.where(JournalEntry.id < before)
    found = (await session.execute(statement)).all()
    return [(entry, name or "", _change(entry)) for entry, name in found]


async def as_csv(visit: StaffVisit, session: AsyncSession) -> Response:
    """The same entries as a file, the oldest first."""
    head = ("id", "at", "who", "session", "action", "subject", "before", "after", "hash")
    return await as_long_file("lianxin-log", head, _parts(visit, session))


async def _parts(visit: StaffVisit, session: AsyncSession) -> AsyncIterator[list[Row]]:
    """The rows of the file, `PART` at a time."""
    statement = _narrowed(_filters(visit)).order_by(JournalEntry.id).limit(PART)
    last, left = 0, MOST_ROWS
    while left > 0:
        found = (await session.execute(statement.where(JournalEntry.id > last))).all()
        yield [_row(entry, name, visit) for entry, name in found[:left]]
        if len(found) < PART:
            return
        last, left = found[-1][0].id, left - PART
        # What is written is not held as well.
        session.expunge_all()


def _row(entry: JournalEntry, name: str | None, visit: StaffVisit) -> Row:
    return (
        entry.id,
        visit.local(entry.at).isoformat(timespec="seconds"),
        name or "",
        entry.session_id or "",
        entry.action,
        entry.subject,
        _plain(entry.before),
        _plain(entry.after),
        entry.hash,
    )


def _filters(visit: StaffVisit) -> Filters:
    person, action, subject = (
        visit.query.get(name, "").strip()[:80] for name in ("person", "action", "subject")
    )
    return Filters(person, action, subject.rstrip("/"))


def _narrowed(filters: Filters) -> Select[JournalEntry, str]:
    statement = select(JournalEntry, StaffMember.name).outerjoin(
        StaffMember, StaffMember.id == JournalEntry.staff_id
    )
    if filters.person:
        statement = statement.where(StaffMember.name == filters.person.lower())
    if filters.action:
        statement = statement.where(JournalEntry.action == filters.action)
    if filters.subject:
        # The subject itself and what lies below it: `staff/1` is not `staff/10`.
        below = JournalEntry.subject.startswith(f"{filters.subject}/", autoescape=True)
        statement = statement.where((JournalEntry.subject == filters.subject) | below)
    return statement


def _change(entry: JournalEntry) -> str:
    """Before and after, a line each; empty when there is nothing to compare."""
    given = (("−", entry.before), ("+", entry.after))
    return "\n".join(f"{sign} {_plain(value)}" for sign, value in given if value is not None)


def _plain(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)
