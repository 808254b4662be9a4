"""What stands in a cell, as people and their spreadsheets write it, and as a document holds it."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from domain.content import Slug, periods_in
from domain.papers.sheets.layout import Column, Kind, words_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Fault(StrEnum):
    """What is wrong with a cell, a row or a sheet before it is a document at all."""

    UNKNOWN_SHEET = "unknown-sheet"
    MISSING_SHEET = "missing-sheet"
    UNKNOWN_COLUMN = "unknown-column"
    MISSING_COLUMN = "missing-column"
    COLUMN_TWICE = "column-twice"
    TOO_MANY_ROWS = "too-many-rows"
    TOO_MANY_COLUMNS = "too-many-columns"
    NO_ITEMS = "no-items"
    MERGED = "merged"
    FORMULA = "formula"
    ERROR = "error"
    BECAME_A_DATE = "became-a-date"
    NO_DATE = "no-date"
    LOST_ZERO = "lost-zero"
    NO_SLUG = "no-slug"
    BAD_SLUG = "bad-slug"
    NO_SUCH_ITEM = "no-such-item"
    NO_PARTS = "no-parts"
    NO_EVENT = "no-event"
    NO_SUCH_EVENT = "no-such-event"
    NO_COMMUNITIES = "no-communities"
    NO_COMMUNITY = "no-community"
    NO_SUCH_COMMUNITY = "no-such-community"
    COMMUNITY_TWICE = "community-twice"
    ENDED_COMMUNITY = "ended-community"
    NO_SUCH_SUBDISTRICT = "no-such-subdistrict"
    NO_SUCH_COMPOUND = "no-such-compound"


SLUG: TypeAdapter[str] = TypeAdapter(Slug)
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
# As the form takes it too: without marks month and day have two digits each.
BARE_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
BETWEEN = re.compile(r"[\s,、;；，]+")
NEVER_A_DATE = (dt.date, dt.time, dt.timedelta)
# Digits of telephone numbers that begin without a zero.
SHORT_NUMBER, MOBILE_NUMBER = 8, 11


def is_slug(text: str) -> bool:
    """Whether this may be a name in addresses."""
    try:
        SLUG.validate_python(text)
    except ValidationError:
        return False
    return True


def value_in(column: Column, value: object) -> Any:
    """What stands in a cell, as a document holds it; a `Fault` when it cannot be told."""
    if column.kind is Kind.DATE:
        return _day(value)
    if isinstance(value, NEVER_A_DATE):
        return Fault.BECAME_A_DATE
    text = _text(value)
    if column.kind is Kind.PHONE and not isinstance(value, str):
        is_whole = len(text) <= SHORT_NUMBER or (len(text) == MOBILE_NUMBER and text[0] == "1")
        return text if is_whole else Fault.LOST_ZERO
    return _READ[column.kind](column, text)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        # 0.1 + 0.2 is 0.30000000000000004 in the file and 0.3 on the screen.
        return f"{value:.12g}"
    # As some programs write the end of a line.
    return str(value).replace("_x000D_", "").strip()


def _plain(text: str) -> str:
    """Full-width letters and digits as others type them."""
    return unicodedata.normalize("NFKC", text).strip()


def _day(value: object) -> dt.date | Fault:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = _plain(_text(value))
    found = DAY.fullmatch(text) or BARE_DAY.fullmatch(text)
    try:
        return dt.date(*map(int, found.groups())) if found else Fault.NO_DATE
    except ValueError:
        return Fault.NO_DATE


def _member(column: Column, text: str) -> str:
    """The value of what a cell names; as it stands there when it names nothing known."""
    words = words_of(column.words) if column.words else {}
    return next((value for value, word in words.items() if _plain(word) == text), text)


def _line(_column: Column, text: str) -> str:
    return " ".join(text.splitlines())


def _lines(_column: Column, text: str) -> list[str]:
    return [each.strip() for each in text.splitlines() if each.strip()]


def _code(column: Column, text: str) -> str:
    return _line(column, _plain(text))


def _pieces(_column: Column, text: str) -> list[str]:
    return [each for each in BETWEEN.split(_plain(text)) if each]


_READ: dict[Kind, Callable[[Column, str], Any]] = {
    Kind.LINE: _line,
    Kind.TEXT: lambda _column, text: text,
    Kind.LINES: _lines,
    Kind.CODE: _code,
    Kind.CODES: _pieces,
    Kind.PHONE: _code,
    Kind.NUMBER: _code,
    Kind.PERIODS: lambda _column, text: periods_in(text),
    Kind.CHOICE: lambda column, text: _member(column, _plain(text)),
    Kind.CHOICES: lambda column, text: [_member(column, each) for each in _pieces(column, text)],
}
