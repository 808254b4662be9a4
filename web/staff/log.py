"""工作日志 on the page: filters, pages, and CSV."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from sqlalchemy import func, or_, select

from domain.staff import journal
from domain.staff.journal import JournalEntry
from domain.staff.tables import StaffMember
from domain.words import N_
from web.site.csv_files import as_long_file
from web.site.forms import number
from web.site.words import translations
from web.staff.access import StaffPage
from web.staff.log_terms import ACTIONS
from web.staff.log_words import lines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.responses import Response

    from domain.places.tables import Community
    from web.site.log_words import LogChange
    from web.site.pages import Page
    from web.staff.access import StaffVisit
    from web.staff.log_words import LogLine

PAGE = 50
# Rows of one CSV file: what a spreadsheet opens without complaint.
MOST_ROWS = 50_000
# Rows written at once: some hundredths of a second.
PART = 200
# People whose names match what was typed.
MOST_PEOPLE = 500
COMMAND_LINE = N_("command line")
COLUMNS = (
    N_("Entry"), N_("Time"), N_("Full name"), N_("Name"), N_("What"), N_("It is about"),
    N_("Community"), N_("Before and after"), N_("Check sum"),
)  # fmt: skip
Row = tuple[object, ...]


@dataclass(frozen=True)
class Filters:
    """What the log is narrowed to, as typed."""

    person: str = ""
    action: str = ""
    subject: str = ""
    # The slug of a community.
    place: str = ""
    since: str = ""
    until: str = ""

    @cached_property
    def query(self) -> str:
        """The same as the query of an address."""
        return urlencode({name: value for name, value in vars(self).items() if value})


@dataclass(frozen=True, kw_only=True)
class Log(StaffPage):
    """工作日志."""

    template: ClassVar[str] = "staff/log.html"
    tab: ClassVar[str] = "today"
    lines: list[LogLine]
    filters: Filters
    query: str
    # Each with its words, in their order.
    actions: list[tuple[str, str]]
    communities: tuple[Community, ...]
    # The entry number before which the next page begins.
    older: int | None


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The log, the newest entry first."""
    filters = _filters(visit)
    statement = (await _narrowed(visit, session, filters)).order_by(JournalEntry.id.desc())
    before = number(visit.query.get("before", ""))
    if before is not None:
        statement = statement.where(JournalEntry.id < before)
    entries = list(await session.scalars(statement.limit(PAGE + 1)))
    word = translations(visit.lang).gettext
    known = [(each, word(ACTIONS.get(each, each))) for each in await journal.actions(session)]
    return Log(
        actor=visit.actor,
        lines=await lines(visit, session, entries[:PAGE]),
        filters=filters,
        query=filters.query,
        actions=sorted(known, key=lambda pair: pair[1]),
        communities=visit.published.communities,
        older=entries[PAGE - 1].id if len(entries) > PAGE else None,
    )


async def as_csv(visit: StaffVisit, session: AsyncSession) -> Response:
    """The same entries as a file, the oldest first."""
    head = [translations(visit.lang).gettext(column) for column in COLUMNS]
    return await as_long_file("lianxin-log", head, _parts(visit, session))


async def _parts(visit: StaffVisit, session: AsyncSession) -> AsyncIterator[list[Row]]:
    """The rows of the file, `PART` at a time."""
    statement = await _narrowed(visit, session, _filters(visit))
    statement = statement.order_by(JournalEntry.id).limit(PART)
    last, left = 0, MOST_ROWS
    while left > 0:
        entries = list(await session.scalars(statement.where(JournalEntry.id > last)))
        said = await lines(visit, session, entries[:left])
        yield [_row(line, visit) for line in said]
        if len(entries) < PART:
            return
        last, left = entries[-1].id, left - PART
        # What is written is not held as well.
        session.expunge_all()


def _row(line: LogLine, visit: StaffVisit) -> Row:
    word = translations(visit.lang).gettext
    return (
        line.entry.id,
        f"{visit.local(line.entry.at):%Y-%m-%d %H:%M:%S}",
        line.full_name or word(COMMAND_LINE),
        line.name,
        line.action,
        line.subject,
        line.place,
        "\n".join(_plain(change, word(": ")) for change in line.changes),
        line.entry.hash,
    )


def _plain(change: LogChange, colon: str) -> str:
    where = f"{change.where}{colon}" if change.where else ""
    return f"{where}{change.before} → {change.after}" if change.before else where + change.after


def _filters(visit: StaffVisit) -> Filters:
    given = {name: visit.query.get(name, "").strip()[:80] for name in vars(Filters())}
    found = Filters(**given)
    return replace(found, subject=found.subject.rstrip("/"))


async def _narrowed(
    visit: StaffVisit, session: AsyncSession, filters: Filters
) -> Select[JournalEntry]:
    statement = select(JournalEntry)
    if filters.person:
        people = await _people_called(session, filters.person)
        statement = statement.where(JournalEntry.staff_id.in_(people))
    if filters.action:
        statement = statement.where(JournalEntry.action == filters.action)
    if filters.subject:
        # The subject itself and what lies below it: `staff/1` is not `staff/10`.
        below = JournalEntry.subject.startswith(f"{filters.subject}/", autoescape=True)
        statement = statement.where((JournalEntry.subject == filters.subject) | below)
    if filters.place:
        found = [each.id for each in visit.published.communities if each.slug == filters.place]
        statement = statement.where(JournalEntry.community_id.in_(found))
    if (since := _midnight(visit, filters.since)) is not None:
        statement = statement.where(JournalEntry.at >= since)
    if (until := _midnight(visit, filters.until, days=1)) is not None:
        statement = statement.where(JournalEntry.at < until)
    return statement


async def _people_called(session: AsyncSession, typed: str) -> list[int]:
    """Who is, or once was, called this: a part of the full name or of the login name."""
    part = typed.lower()
    is_called = or_(
        StaffMember.name.contains(part, autoescape=True),
        func.lower(StaffMember.full_name).contains(part, autoescape=True),
    )
    found = await session.scalars(
        select(StaffMember.id).where(is_called).order_by(StaffMember.id).limit(MOST_PEOPLE)
    )
    return [*found, *await journal.once_called(session, part)]


def _midnight(visit: StaffVisit, typed: str, days: int = 0) -> dt.datetime | None:
    """The first moment of the day that was typed, or of one some days later; None for no day."""
    try:
        day = dt.date.fromisoformat(typed) + dt.timedelta(days=days)
        return dt.datetime.combine(day, dt.time(), visit.now.tzinfo).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
