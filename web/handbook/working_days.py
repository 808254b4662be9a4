"""工作日计算: by when is it done? For any date and number of days, and as iCalendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from starlette.responses import Response

from domain.calendar import FIRST_YEAR, LAST_YEAR, MOST_WORKING_DAYS, Deadline
from web.site.answers import Redirect
from web.site.icalendar import escaped, folded
from web.site.pages import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from web.site.visit import Visit

AS_FILE = {
    "content-disposition": 'attachment; filename="lianxin.ics"',
    "cache-control": "no-store",
}
DEFAULT_DAYS = 7
LONGEST_TITLE = 80
# Characters of a wrong value that are shown again.
LONGEST_TYPED = 40


@dataclass(frozen=True, kw_only=True)
class Calculator(Page):
    """The form as it was filled in, what is wrong with it, and the answer when nothing is."""

    template: ClassVar[str] = "handbook/working_days.html"
    tab: ClassVar[str] = "handbook"
    asks: ClassVar[tuple[str, ...]] = ("from", "days", "title")
    accepted_on: str
    days: str
    title_words: str
    # Field name to what is wrong with it: `missing`, `date`, `year`, `number` or `range`.
    wrong: dict[str, str]
    deadline: Deadline | None
    first_year: int = FIRST_YEAR
    last_year: int = LAST_YEAR
    most: int = MOST_WORKING_DAYS


@dataclass(frozen=True)
class Asked:
    """What was asked, as typed and as understood."""

    accepted_on: str
    days: str
    title_words: str
    wrong: dict[str, str]
    date: dt.date | None
    number: int | None


@dataclass(frozen=True, kw_only=True)
class CalculatorInvalid(Calculator):
    """The same page when a field is wrong."""

    status: ClassVar[int] = 422


async def show(visit: Visit) -> Page:
    """The calculator, with the answer for what the query asks."""
    asked = read_query(visit.query, visit.today)
    shape = CalculatorInvalid if asked.wrong else Calculator
    return shape(
        accepted_on=asked.accepted_on,
        days=asked.days,
        title_words=asked.title_words,
        wrong=asked.wrong,
        deadline=_deadline(visit, asked),
    )


def _deadline(visit: Visit, asked: Asked) -> Deadline | None:
    """None while a field is wrong."""
    if asked.date is None or asked.number is None:
        return None
    return visit.published.calendar.deadline(asked.date, asked.number)


async def ics(visit: Visit) -> Response | Redirect:
    """The deadline as an iCalendar file (RFC 5545), for the phone's own calendar."""
    asked = read_query(visit.query, visit.today)
    deadline = _deadline(visit, asked)
    if deadline is None:
        return Redirect(f"/working-days?{urlencode(dict(visit.query))}")
    title = asked.title_words or ("应办结" if visit.lang == "zh-Hans" else "Due")
    body = icalendar(title, deadline, visit.manner.origin, visit.now)
    return Response(body, headers=AS_FILE, media_type="text/calendar; charset=utf-8")


def read_query(query: Mapping[str, str], today: dt.date) -> Asked:
    """Read the fields; whatever is wrong is named, and nothing typed is lost."""
    typed = query.get("from", today.isoformat()).strip()
    typed_days = query.get("days", str(DEFAULT_DAYS)).strip()
    wrong: dict[str, str] = {}
    date = _date(typed, wrong)
    number = _number(typed_days, wrong)
    return Asked(
        # The field for a date shows nothing but this spelling.
        date.isoformat() if date else typed[:LONGEST_TYPED],
        str(number) if number is not None else typed_days[:LONGEST_TYPED],
        query.get("title", "")[:LONGEST_TITLE],
        wrong,
        date,
        number,
    )


def _date(typed: str, wrong: dict[str, str]) -> dt.date | None:
    if not typed:
        wrong["from"] = "missing"
        return None
    try:
        date = dt.date.fromisoformat(typed)
    except ValueError:
        wrong["from"] = "date"
        return None
    if not FIRST_YEAR <= date.year < LAST_YEAR:
        wrong["from"] = "year"
        return None
    return date


def _number(typed: str, wrong: dict[str, str]) -> int | None:
    if not typed:
        wrong["days"] = "missing"
        return None
    if not typed.isascii() or not typed.isdigit():
        wrong["days"] = "number"
        return None
    number = typed.lstrip("0") or "0"
    if len(number) > len(str(MOST_WORKING_DAYS)) or int(number) > MOST_WORKING_DAYS:
        wrong["days"] = "range"
        return None
    return int(number)


def icalendar(title: str, deadline: Deadline, origin: str, now: dt.datetime) -> bytes:
    """One all-day event on the due day, with a reminder the morning before."""
    due, after = deadline.due_on, deadline.due_on + dt.timedelta(days=1)
    stamp = now.astimezone(dt.UTC)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lianxin//working days//ZH",
        "BEGIN:VEVENT",
        f"UID:{deadline.accepted_on:%Y%m%d}-{deadline.working_days}@lianxin",
        f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{due:%Y%m%d}",
        f"DTEND;VALUE=DATE:{after:%Y%m%d}",
        f"SUMMARY:{escaped(title)}",
        f"URL:{origin}/working-days?from={deadline.accepted_on}&days={deadline.working_days}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{escaped(title)}",
        "TRIGGER:-PT15H",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(folded(line) for line in lines)
