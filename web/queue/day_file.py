"""The tickets of a hall's days, or of the whole district's, as a file: never who came."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.places.tables import Community, Hall
from domain.queue.figures import courses, stays_of
from domain.queue.tables import PriorityKind, QueueDay, TicketState, VisitOutcome
from domain.words import N_
from web.queue.day import category_name, item_name
from web.site.csv_files import as_long_file
from web.site.words import translations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.responses import Response

    from domain.queue.figures import Course
    from web.staff.access import StaffVisit

# The longest range of days, and the most rows, of one file: what a spreadsheet opens at once.
MOST_DAYS = 92
MOST_ROWS = 100_000
COLUMNS = (
    N_("Day"), N_("Community"), N_("number"), N_("Category"), N_("Item"), N_("Priority"),
    N_("taken at"), N_("service began at"), N_("done at"), N_("State"), N_("Result"),
    N_("Counter"), N_("minutes of waiting"), N_("minutes of service"), N_("missed calls"),
)  # fmt: skip
STATES = {
    TicketState.WAITING: N_("waits"),
    TicketState.CALLED: N_("called"),
    TicketState.SERVING: N_("being served"),
    TicketState.NO_SHOW: N_("missed"),
    TicketState.DONE: N_("done"),
    TicketState.CANCELLED: N_("cancelled"),
    TicketState.CLOSED: N_("closed at the end of the day"),
}
OUTCOMES = {
    VisitOutcome.DONE: N_("done"),
    VisitOutcome.COME_BACK: N_("to come back"),
    VisitOutcome.WRONG_PLACE: N_("wrong place"),
    VisitOutcome.HANDED_ON: N_("handed on"),
}
PRIORITIES = {
    PriorityKind.AGED: N_("70 or older"),
    PriorityKind.DISABLED: N_("living with a disability"),
    PriorityKind.PREGNANT: N_("pregnant"),
    PriorityKind.SERVICE: N_("in the armed forces or a veteran"),
    PriorityKind.OTHER: N_("by the hall's rule"),
}
MORE = N_("There are more. Choose fewer days.")
Row = tuple[object, ...]


async def of_hall(visit: StaffVisit, session: AsyncSession) -> Response:
    """The tickets of this hall on a day, or on the days of a range."""
    place = visit.place
    return await _file(visit, session, place.slug, QueueDay.hall_id == place.hall.id)


async def of_district(visit: StaffVisit, session: AsyncSession) -> Response:
    """The same for every hall."""
    return await _file(visit, session, visit.published.district.slug)


async def _file(
    visit: StaffVisit, session: AsyncSession, name: str, *which: ColumnElement[bool]
) -> Response:
    since, until = _range(visit)
    days = str(since) if since == until else f"{since}-{until}"
    word = translations(visit.lang).gettext
    parts = _parts(visit, session, QueueDay.day.between(since, until), *which)
    return await as_long_file(f"lianxin-queue-{name}-{days}", [*map(word, COLUMNS)], parts)


def _range(visit: StaffVisit) -> tuple[dt.date, dt.date]:
    """The days in the address, at most `MOST_DAYS` of them and none to come; else today."""
    since = _day(visit, "since") or _day(visit, "day") or visit.today
    until = _day(visit, "until") or since
    since, until = sorted(min(day, visit.today) for day in (since, until))
    return since, min(until, since + dt.timedelta(days=MOST_DAYS - 1))


def _day(visit: StaffVisit, name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(visit.query.get(name, ""))
    except ValueError:
        return None


async def _parts(
    visit: StaffVisit, session: AsyncSession, *which: ColumnElement[bool]
) -> AsyncIterator[list[Row]]:
    """The rows of the file, a hall's day at a time."""
    days = await session.execute(
        select(QueueDay.id, QueueDay.day, Community.name)
        .join(Hall, Hall.id == QueueDay.hall_id)
        .join(Community, Community.id == Hall.community_id)
        .where(*which)
        .order_by(QueueDay.day, Community.name)
    )
    word, left = translations(visit.lang).gettext, MOST_ROWS
    for day_id, day, place in days.all():
        went = courses(await stays_of(session, day_id))
        yield [_row(visit, word, day, place, course) for course in went[:left]]
        if len(went) > left:
            yield [(word(MORE),)]
            return
        left -= len(went)
        session.expunge_all()


def _row(
    visit: StaffVisit, word: Callable[[str], str], day: dt.date, place: str, course: Course
) -> Row:
    """A ticket as a line of the file, in the order of `COLUMNS`."""
    return (
        day,
        place,
        course.number,
        category_name(visit, course.letter),
        word(", ").join(item_name(visit, slug) for slug in course.items),
        word(PRIORITIES[course.priority]) if course.priority else "",
        _time(visit, course.taken_at),
        _time(visit, course.started_at),
        _time(visit, course.done_at),
        _state(visit, course.state),
        word(OUTCOMES[course.outcome]) if course.outcome else "",
        course.counter or "",
        _minutes(course.waited),
        _minutes(course.served),
        course.passes,
    )


def _state(visit: StaffVisit, state: TicketState) -> str:
    """The state as a clerk says it; residents are told "on hold" in other words."""
    if state is TicketState.ON_HOLD:
        return str(translations(visit.lang).pgettext("counter", "on hold"))
    return str(translations(visit.lang).gettext(STATES[state]))


def _time(visit: StaffVisit, at: dt.datetime | None) -> str:
    return f"{visit.local(at):%H:%M:%S}" if at else ""


def _minutes(time: dt.timedelta | None) -> str:
    return "" if time is None else f"{time.total_seconds() / 60:.1f}"
