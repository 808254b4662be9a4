"""A matter's page as its readers see it: entries with names, moments in local time, promises."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.matters.clock import Lateness, lateness
from domain.matters.following import followers_of
from domain.matters.joined import main_id
from domain.matters.promises import PromiseState, promises_of, state_of
from domain.matters.rounds import REOPENS, current_round
from domain.matters.tables import EntryKind, Readers
from domain.matters.timeline import entries_of
from domain.staff.accounts import full_names

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.clock import Clock, Due
    from domain.matters.tables import Matter, MatterEntry, MatterPhoto, MatterRound, Promise
    from web.site.visit import Visit

RESIDENT = (Readers.ALL,)
HANDLERS = (Readers.ALL, Readers.HANDLERS)
# What is shown as a bubble; the rest is a line of the course.
SAID = {EntryKind.MESSAGE, EntryKind.THANKS, EntryKind.ANSWER, EntryKind.NOTE}


@dataclass(frozen=True)
class EntryLine:
    """An entry on the page."""

    kind: EntryKind
    # Aware local time.
    at: dt.datetime
    # Full name of the member of staff who wrote it, or who has the matter from here on.
    name: str
    words: str
    outcome: str
    photos: list[MatterPhoto]
    # Values of `EntryKind.HELD`: level, why, and who had it before.
    level: str
    why: str
    name_before: str
    # Dates that the entry says: until when, or before and after.
    until: dt.date | None
    before: dt.date | None
    # A promise's subject and moment, and a reason.
    subject: str
    due_at: dt.datetime | None
    reason: str
    # Files that came with it and were left out: name and why.
    not_taken: list[tuple[str, str]]

    @property
    def is_said(self) -> bool:
        return self.kind in SAID

    @property
    def is_of_resident(self) -> bool:
        return self.kind in {EntryKind.MESSAGE, EntryKind.THANKS}


@dataclass(frozen=True)
class PromiseLine:
    """承诺 on the page. Moments are aware local times."""

    id: int
    subject: str
    due_at: dt.datetime
    first_due_at: dt.datetime
    kept_at: dt.datetime | None
    state: PromiseState
    reason: str
    # How many people outside the matter follow it; for handlers.
    followers: int = 0

    @property
    def is_over(self) -> bool:
        return self.state not in {PromiseState.OPEN, PromiseState.LATE}


@dataclass(frozen=True)
class MatterView:
    """A matter as one reader sees it."""

    matter: Matter
    entries: list[EntryLine]
    promises: list[PromiseLine]
    round: MatterRound
    # Of who has it now; empty for an office.
    holder: str
    # None while no answer is owed.
    clock: Clock | None
    due: Due | None
    lateness: Lateness | None
    # Working days that are left until the date; 0 on the last.
    days_left: int
    reopens_until: dt.datetime | None

    @property
    def due_on(self) -> dt.date | None:
        return self.matter.due_on

    @property
    def is_open(self) -> bool:
        return self.matter.is_open

    @property
    def mark(self) -> str:
        """What differs once the page is out of date."""
        return mark_of(self.matter, len(self.entries))


def mark_of(matter: Matter, entries: int) -> str:
    """A word that differs after each change."""
    return f"{entries}.{matter.held_since.timestamp():.0f}.{int(matter.is_open)}"


async def view_of(
    visit: Visit, session: AsyncSession, matter: Matter, *, for_handlers: bool = False
) -> MatterView:
    """The matter as the resident, or a handler, sees it."""
    entries = await entries_of(session, [matter.id], HANDLERS if for_handlers else RESIDENT)
    promises = await promises_of(session, [main_id(matter)])
    counts = await followers_of(session, [made.id for made in promises]) if for_handlers else {}
    mentioned = {_number(entry.facts.get("staff")) for entry in entries}
    written_by = {entry.staff_id for entry in entries}
    names = await full_names(session, mentioned | written_by | {matter.holder_id})
    clock = matter.clock(visit.now.tzinfo)
    late, days_left = how_late(visit, matter.due_on)
    return MatterView(
        matter=matter,
        entries=_lines(visit, entries, names),
        promises=[promise_line(visit, made, counts.get(made.id, 0)) for made in promises],
        round=await current_round(session, matter.id),
        holder=names.get(matter.holder_id, ""),
        clock=clock,
        due=clock.due(visit.published.calendar) if clock else None,
        lateness=late,
        days_left=days_left,
        reopens_until=visit.local(matter.closed_at + REOPENS) if matter.closed_at else None,
    )


def how_late(visit: Visit, due_on: dt.date | None) -> tuple[Lateness | None, int]:
    """How late an answer owed by this day is today, and the working days left until then.

    None and 0 while no answer is owed.
    """
    if due_on is None:
        return None, 0
    late = lateness(due_on, visit.today, visit.published.calendar)
    return late, _working_days(visit, due_on)


def _working_days(visit: Visit, until: dt.date) -> int:
    """Working days from tomorrow to this day; 0 when it is today or over."""
    days = (until - visit.today).days
    ahead = (visit.today + dt.timedelta(days=number) for number in range(1, days + 1))
    return sum(visit.published.calendar.kind(day).counts for day in ahead)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _lines(
    visit: Visit, entries: list[MatterEntry], names: dict[int | None, str]
) -> list[EntryLine]:
    """The entries in order; a move knows who had the matter before."""
    lines, holder = [], ""
    for entry in entries:
        facts, is_move = entry.facts, entry.kind is EntryKind.HELD
        who = _number(facts.get("staff")) if is_move else entry.staff_id
        due = _moment(visit, facts.get("due"))
        lines.append(
            EntryLine(
                kind=entry.kind,
                at=visit.local(entry.at),
                name=names.get(who, ""),
                words=entry.words,
                outcome=entry.outcome.value if entry.outcome else "",
                photos=entry.photos,
                level=str(facts.get("level") or ""),
                why=str(facts.get("why") or ""),
                name_before=holder if is_move else "",
                until=_day(facts.get("until") or facts.get("after")),
                before=_day(facts.get("before")) if due is None else None,
                subject=str(facts.get("subject") or ""),
                due_at=due,
                reason=str(facts.get("reason") or ""),
                not_taken=_pairs(facts.get("not_taken")),
            )
        )
        if is_move:
            holder = names.get(who, "")
    return lines


def _day(value: object) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) and value else None


def _pairs(value: object) -> list[tuple[str, str]]:
    return value if isinstance(value, list) else []


def _moment(visit: Visit, value: object) -> dt.datetime | None:
    if not isinstance(value, str) or not value:
        return None
    return visit.local(dt.datetime.fromisoformat(value))


def promise_line(visit: Visit, promise: Promise, followers: int = 0) -> PromiseLine:
    """A promise in local time, and how it stands now."""
    return PromiseLine(
        id=promise.id,
        subject=promise.subject,
        due_at=visit.local(promise.due_at),
        first_due_at=visit.local(promise.first_due_at),
        kept_at=None if promise.kept_at is None else visit.local(promise.kept_at),
        state=state_of(promise, visit.now),
        reason=promise.reason,
        followers=followers,
    )
