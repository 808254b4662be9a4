"""A hall's day at a glance, its figures as a table and a file, and its end."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.queue.accuracy import accuracy_by_day
from domain.queue.days import close_day, day_of
from domain.queue.errors import QueueClosedError
from domain.queue.figures import by_category, by_hour, by_item, courses, figures, stays_of
from domain.queue.snapshot import queue_now
from domain.staff.tables import StaffMember
from web.site.answers import InvalidError, Redirect
from web.site.csv_files import as_file
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.responses import Response

    from domain.places.tables import Community
    from domain.queue.accuracy import Accuracy
    from domain.queue.figures import Course, Figures, Hour
    from domain.queue.tables import TicketState
    from web.site.pages import Page
    from web.staff.access import StaffVisit

A_DAY = dt.timedelta(days=1)
COLUMNS = (
    "number", "category", "items", "priority", "taken", "started", "done", "state", "counter",
    "waited_minutes", "served_minutes", "passed",
)  # fmt: skip


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
    before: dt.date
    after: dt.date | None
    """None when that is still to come."""
    is_today: bool
    closed_at: dt.datetime | None
    closed_by: str
    is_begun: bool
    """Whether anybody took a number or signed on."""
    still_open: list[Open]
    whole: Figures
    categories: list[tuple[str, Figures]]
    items: list[tuple[str, Figures]]
    """What people came for alone, by name."""
    hours: list[tuple[Hour, tuple[Bar, ...]]]
    accuracy: Accuracy | None
    """How right the forecast was; None when nothing can be compared."""


@dataclass(frozen=True, kw_only=True)
class Closing(StaffPage):
    """Before a day is closed: who is still there."""

    template: ClassVar[str] = "queue/closing.html"
    tab: ClassVar[str] = "counter"
    place: Community
    still_open: list[Open]
    newly: list[str]
    """Numbers that were not open when this page was looked at."""


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """A day, today's unless another is asked for."""
    place, day = visit.place, _asked(visit)
    found = await day_of(session, place.hall.id, day)
    stays = await stays_of(session, found.id) if found else []
    went = courses(stays)
    names = {each.letter: each.name for each in visit.published.handbook.categories}
    closer = await session.get(StaffMember, found.closed_by) if found and found.closed_by else None
    closed = found.closed_at if found else None
    return Day(
        actor=visit.actor,
        place=place,
        day=day,
        before=day - A_DAY,
        after=day + A_DAY if day < visit.today else None,
        is_today=day == visit.today,
        closed_at=closed.astimezone(visit.now.tzinfo) if closed else None,
        closed_by=closer.full_name if closer else "",
        is_begun=found is not None,
        still_open=_open(went),
        whole=figures(went),
        categories=[
            (f"{letter} {names.get(letter, '')}".strip(), each)
            for letter, each in by_category(went).items()
        ],
        items=[(_item(visit, slug), each) for slug, each in by_item(went).items()],
        hours=_plotted(by_hour(went, visit.now.tzinfo)),
        accuracy=(await accuracy_by_day(session, place.hall.id, day, day)).get(day),
    )


def _item(visit: StaffVisit, slug: str) -> str:
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
    """Whom the hall still owes something."""
    return [
        Open(each.ticket_id, each.number, each.state, each.counter)
        for each in went
        if each.state.is_active
    ]


PLOT = 100
"""How wide the plot is."""


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


async def as_csv(visit: StaffVisit, session: AsyncSession) -> Response:
    """The day's tickets, one a line. Numbers and times; who came is not written anywhere."""
    place, day = visit.place, _asked(visit)
    found = await day_of(session, place.hall.id, day)
    went = courses(await stays_of(session, found.id)) if found else []
    rows = (
        (
            each.number,
            each.letter,
            " ".join(each.items),
            each.priority.value if each.priority else "",
            _time(visit, each.taken_at),
            _time(visit, each.started_at),
            _time(visit, each.done_at),
            each.state.value,
            each.counter or "",
            _minutes(each.waited),
            _minutes(each.served),
            each.passes,
        )
        for each in went
    )
    return as_file(f"lianxin-queue-{place.slug}-{day}", COLUMNS, rows)


def _time(visit: StaffVisit, at: dt.datetime | None) -> str:
    return f"{at.astimezone(visit.now.tzinfo):%H:%M:%S}" if at else ""


def _minutes(time: dt.timedelta | None) -> str:
    return "" if time is None else f"{time.total_seconds() / 60:.1f}"


async def closing(visit: StaffVisit, session: AsyncSession) -> Page:
    """Who is still open."""
    return await _closing(visit, session, set())


async def _closing(visit: StaffVisit, session: AsyncSession, newly: set[int]) -> Closing:
    still_open = await _still_open(visit, session)
    return Closing(
        actor=visit.actor,
        place=visit.place,
        still_open=still_open,
        newly=[each.number for each in still_open if each.id in newly],
    )


async def _still_open(visit: StaffVisit, session: AsyncSession) -> list[Open]:
    now = await queue_now(session, visit.place.hall, visit.now)
    return [
        Open(each.id, each.label, each.state, each.counter)
        for each in sorted(now.tickets, key=lambda each: each.id)
        if each.state.is_active
    ]


async def close(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """End the day, with just those open who stood on the page that was confirmed."""
    seen = set(visit.form.all("open"))
    newly = {e.id for e in await _still_open(visit, session) if str(e.id) not in seen}
    if newly:
        raise InvalidError(await _closing(visit, session, newly))
    place = visit.place
    # A day that somebody else closed, or that never began, shows as what it is.
    with suppress(QueueClosedError):
        await close_day(session, visit.actor, place.hall.id, place.id, visit.now)
    return Redirect(f"/staff/c/{place.slug}/day")
