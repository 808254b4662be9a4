"""A hall's day at a glance, its figures as a table and a file, and its end."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.queue.accuracy import accuracy_by_day
from domain.queue.days import (
    REOPEN,
    close_day,
    day_of,
    give_numbers_again,
    reopen_day,
    stop_numbers,
    unfinished_tickets,
)
from domain.queue.errors import QueueClosedError, TooLateError
from domain.queue.figures import (
    by_category,
    by_counter,
    by_hour,
    by_item,
    courses,
    figures,
    shifts_of,
    stays_of,
)
from domain.staff.tables import StaffMember
from web.site.answers import InvalidError, Redirect
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community
    from domain.queue.accuracy import Accuracy
    from domain.queue.figures import CounterTime, Course, Figures, Hour
    from domain.queue.tables import QueueDay, TicketState
    from web.site.pages import Page
    from web.staff.access import StaffVisit

A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Bar:
    """One bar of the plot, in its own units."""

    y: int
    width: int
    kind: str


@dataclass(frozen=True)
class Open:
    """A ticket that is not over."""

    id: int
    number: str
    state: TicketState
    counter: int | None


@dataclass(frozen=True, kw_only=True)
class Day(StaffPage):
    """一天的排队."""

    template: ClassVar[str] = "queue/day.html"
    tab: ClassVar[str] = "counter"
    place: Community
    day: dt.date
    # The first day of its month.
    month: dt.date
    before: dt.date
    # None when that is still to come.
    after: dt.date | None
    closed_at: dt.datetime | None
    closed_by: str
    # Since when no new numbers are given, and who decided so; None and empty if they are given.
    stopped_at: dt.datetime | None
    stopped_by: str
    # Until when the closing can be taken back; None if it cannot.
    reopens_until: dt.datetime | None
    # Whether anybody took a number or signed on.
    is_begun: bool
    still_open: list[Open]
    whole: Figures
    categories: list[tuple[str, Figures]]
    # What people came for alone, by name.
    items: list[tuple[str, Figures]]
    hours: list[tuple[Hour, tuple[Bar, ...]]]
    counters: list[CounterTime]
    # How right the forecast was; None when nothing can be compared.
    accuracy: Accuracy | None


@dataclass(frozen=True, kw_only=True)
class Closing(StaffPage):
    """Before a day is closed: who is still there."""

    template: ClassVar[str] = "queue/closing.html"
    tab: ClassVar[str] = "counter"
    place: Community
    day: dt.date
    is_today: bool
    still_open: list[Open]
    # Numbers that were not open when this page was looked at.
    newly: list[str]


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """A day, today's unless another is asked for."""
    day = _asked(visit)
    return await _page(visit, session, day, await day_of(session, visit.place.hall.id, day))


async def _page(
    visit: StaffVisit, session: AsyncSession, day: dt.date, queue_day: QueueDay | None
) -> Day:
    """The page of a day; `queue_day` is None while nobody took a number or signed on."""
    stays = await stays_of(session, queue_day.id) if queue_day else []
    went = courses(stays)
    shifts = await shifts_of(session, visit.place.hall.id, _midnight(visit, day))
    closed_at, closed_by = await _closed(visit, session, queue_day)
    stopped_at, stopped_by = await _stopped(visit, session, queue_day)
    accuracy = await accuracy_by_day(session, visit.place.hall.id, day, day)
    return Day(
        actor=visit.actor,
        place=visit.place,
        day=day,
        month=day.replace(day=1),
        before=day - A_DAY,
        after=day + A_DAY if day < visit.today else None,
        closed_at=closed_at,
        closed_by=closed_by,
        stopped_at=stopped_at,
        stopped_by=stopped_by,
        reopens_until=_reopens_until(visit, day, closed_at),
        is_begun=queue_day is not None,
        still_open=_open(went),
        whole=figures(went),
        categories=[
            (category_name(visit, letter), each) for letter, each in by_category(went).items()
        ],
        items=[(item_name(visit, slug), each) for slug, each in by_item(went).items()],
        hours=_plotted(by_hour(went, visit.now.tzinfo)),
        counters=by_counter(stays, shifts, visit.now),
        accuracy=accuracy.get(day),
    )


def _midnight(visit: StaffVisit, day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), visit.now.tzinfo)


async def _courses(session: AsyncSession, queue_day: QueueDay | None) -> list[Course]:
    return [] if queue_day is None else courses(await stays_of(session, queue_day.id))


async def _closed(
    visit: StaffVisit, session: AsyncSession, queue_day: QueueDay | None
) -> tuple[dt.datetime | None, str]:
    """When the day was closed, and the name of who closed it; None and empty before."""
    if queue_day is None:
        return None, ""
    return await _done(visit, session, queue_day.closed_at, queue_day.closed_by)


async def _stopped(
    visit: StaffVisit, session: AsyncSession, queue_day: QueueDay | None
) -> tuple[dt.datetime | None, str]:
    """Since when an open day gives no new numbers, and the name of who decided so."""
    if queue_day is None or queue_day.closed_at is not None:
        return None, ""
    return await _done(visit, session, queue_day.stopped_at, queue_day.stopped_by)


async def _done(
    visit: StaffVisit, session: AsyncSession, at: dt.datetime | None, by: int | None
) -> tuple[dt.datetime | None, str]:
    if at is None:
        return None, ""
    person = await session.get(StaffMember, by) if by else None
    return visit.local(at), person.full_name if person else ""


def _reopens_until(
    visit: StaffVisit, day: dt.date, closed_at: dt.datetime | None
) -> dt.datetime | None:
    if closed_at is None or day != visit.today or visit.now > closed_at + REOPEN:
        return None
    return closed_at + REOPEN


def category_name(visit: StaffVisit, letter: str) -> str:
    """Letter and name of a category; the letter alone when the handbook has it no more."""
    known = visit.published.handbook.by_letter.get(letter)
    return f"{letter} {known.name}" if known else letter


def item_name(visit: StaffVisit, slug: str) -> str:
    """The name of an item, also of one that was withdrawn; its slug when nothing knows it."""
    known = visit.published.handbook.ever.get(slug)
    return known.name if known else slug


def _asked(visit: StaffVisit) -> dt.date:
    """The day in the address; never one to come, or so early that none is before it."""
    try:
        day = dt.date.fromisoformat(visit.query.get("day", ""))
    except ValueError:
        return visit.today
    return day if dt.date(2000, 1, 1) < day <= visit.today else visit.today


def _open(went: list[Course]) -> list[Open]:
    """The tickets that are not finished yet."""
    return [
        Open(each.ticket_id, each.number, each.state, each.counter)
        for each in went
        if each.state.is_active
    ]


# How wide the plot is.
PLOT = 100


def _plotted(hours: list[Hour]) -> list[tuple[Hour, tuple[Bar, ...]]]:
    """Each hour with three bars: taken and served on one scale, the mean wait on its own."""
    most = max((max(each.taken, each.served) for each in hours), default=0) or 1
    longest = max((each.wait.mean for each in hours if each.wait), default=A_DAY) or A_DAY

    def bars(each: Hour) -> tuple[Bar, ...]:
        wait = each.wait.mean / longest if each.wait else 0
        found = {"taken": each.taken / most, "served": each.served / most, "waited": wait}
        return tuple(
            Bar(1 + 10 * row, round(share * PLOT), kind)
            for row, (kind, share) in enumerate(found.items())
        )

    return [(each, bars(each)) for each in hours]


async def closing(visit: StaffVisit, session: AsyncSession) -> Page:
    """Who is still open, today or on an earlier day."""
    return await _closing(visit, session, _asked(visit), set())


async def _closing(
    visit: StaffVisit, session: AsyncSession, day: dt.date, newly: set[int]
) -> Closing:
    still_open = await _still_open(visit, session, day)
    return Closing(
        actor=visit.actor,
        place=visit.place,
        day=day,
        is_today=day == visit.today,
        still_open=still_open,
        newly=[each.number for each in still_open if each.id in newly],
    )


async def _still_open(visit: StaffVisit, session: AsyncSession, day: dt.date) -> list[Open]:
    queue_day = await day_of(session, visit.place.hall.id, day)
    tickets = await unfinished_tickets(session, queue_day.id) if queue_day else ()
    return [Open(each.id, each.label, each.state, each.counter) for each in tickets]


async def close(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """End the day, with just those open who stood on the page that was confirmed."""
    seen, day = set(visit.form.all("open")), _asked(visit)
    newly = {e.id for e in await _still_open(visit, session, day) if str(e.id) not in seen}
    if newly:
        raise InvalidError(await _closing(visit, session, day, newly))
    place = visit.place
    # A day that was closed meanwhile, or that never began, shows as what it is.
    with suppress(QueueClosedError):
        await close_day(session, visit.actor, place.hall.id, place.id, visit.now, day)
    return _to(visit, day)


async def reopen(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Take today's closing back; too late, the day shows as what it is."""
    place = visit.place
    with suppress(TooLateError):
        await reopen_day(session, visit.actor, place.hall.id, place.id, visit.now)
    return _to(visit, visit.today)


async def stop(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Give no new numbers today, and go on calling; a closed day shows as what it is."""
    place = visit.place
    with suppress(QueueClosedError):
        await stop_numbers(session, visit.actor, place.hall.id, place.id, visit.now)
    return _to(visit, visit.today)


async def give_again(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Give numbers again; a closed day shows as what it is."""
    place = visit.place
    with suppress(QueueClosedError):
        await give_numbers_again(session, visit.actor, place.hall.id, place.id, visit.now)
    return _to(visit, visit.today)


def _to(visit: StaffVisit, day: dt.date) -> Redirect:
    """To the page of a day."""
    which = "" if day == visit.today else f"?day={day}"
    return Redirect(f"/staff/c/{visit.place.slug}/day{which}")
