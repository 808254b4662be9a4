"""工作日计算: by when is it done? For any date and number of days, and as iCalendar."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from starlette.responses import Response

from domain.calendar import FIRST_YEAR, LAST_YEAR, MOST_WORKING_DAYS, Deadline
from domain.dates import day_words
from domain.words import N_
from web.site.answers import Redirect
from web.site.icalendar import CalendarEvent, calendar_file, name_of
from web.site.pages import Page
from web.site.words import date_words, translations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from web.site.visit import Visit

AS_FILE = {
    "content-disposition": 'attachment; filename="lianxin.ics"',
    "cache-control": "no-store",
}
DUE = N_("%(name)s: last day")
DUE_IF_CONFIRMED = N_("%(name)s: last day (provisional)")
REQUEST = N_("Your request")
ACCEPTED = N_("Accepted on %(date)s, promised within %(count)s working days.")
PROVISIONAL = N_(
    "Provisional: the holiday notice for that year is not out yet, so the day may still move."
)
DEFAULT_DAYS = 7
LONGEST_TITLE = 80
# Characters of a wrong value that are shown again.
LONGEST_TYPED = 40
# Not NFKC: it makes 72 of 7².
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
# `7`, `７天`, `7个工作日` or `7 working days`.
_NUMBER = re.compile(
    r"([0-9]+)\s*(?:个?工作日|个?工作天|[天日]|(?:working )?days?)?", re.IGNORECASE
)


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
    body = calendar_file(asked.title_words, [_event(visit, asked.title_words, deadline)])
    return Response(body, headers=AS_FILE, media_type="text/calendar; charset=utf-8")


def _event(visit: Visit, title: str, deadline: Deadline) -> CalendarEvent:
    """The due day, which tells by itself what is due, why then, and whether the day may move."""
    word = translations(visit.lang).gettext
    accepted = date_words(deadline.accepted_on, visit.lang, "year")
    said = [word(ACCEPTED) % {"date": accepted, "count": deadline.working_days}]
    if deadline.is_provisional:
        said.append(word(PROVISIONAL))
    query = {"from": str(deadline.accepted_on), "days": deadline.working_days}
    if title:
        query["title"] = title
    return CalendarEvent(
        uid=_uid(visit.manner.origin, query),
        stamp=visit.now,
        summary=str(word(DUE_IF_CONFIRMED if deadline.is_provisional else DUE))
        % {"name": title or word(REQUEST)},
        begins=deadline.due_on,
        description="\n".join(map(str, said)),
        url=f"{visit.manner.origin}/working-days?{urlencode(query)}",
        is_tentative=deadline.is_provisional,
        reminder=dt.timedelta(hours=15),
    )


# Unique among matters accepted on one day, and among deployments (RFC 5545, 3.8.4.7). The due day
# is no part of it: a file taken after the holiday notice came out moves the entry of the first.
def _uid(origin: str, query: Mapping[str, object]) -> str:
    asked = hashlib.sha256(urlencode(query).encode()).hexdigest()[:16]
    return f"{asked}@{name_of(origin)}"


def read_query(query: Mapping[str, str], today: dt.date) -> Asked:
    """Read the fields; whatever is wrong is named, and nothing typed is lost."""
    typed = day_words(query.get("from", today.isoformat()).strip())
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
        # The date alone: `fromisoformat` also takes weeks, which nobody here writes.
        date = dt.datetime.strptime(typed, "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
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
    found = _NUMBER.fullmatch(typed.translate(_FULL_WIDTH))
    if found is None:
        wrong["days"] = "number"
        return None
    number = found[1].lstrip("0") or "0"
    if len(number) > len(str(MOST_WORKING_DAYS)) or int(number) > MOST_WORKING_DAYS:
        wrong["days"] = "range"
        return None
    return int(number)
