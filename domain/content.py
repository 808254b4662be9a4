"""The base class of what an office writes, and the types of its fields."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from domain.characters import clean_lines
from domain.phones import LONGEST_PHONE, PHONE_PATTERN, as_kept
from domain.words import N_, Words

# The permanent short name in an address. It is printed on paper, so it never changes.
Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40),
    Words(N_("Please use lower-case letters, digits and single hyphens; at most 40 characters.")),
]

Line = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=600)]
NO_PHONE = N_("Please enter a phone number, such as 0531-00001234.")


def _phone_as_kept(value: object) -> object:
    return as_kept(value) if isinstance(value, str) else value


Phone = Annotated[
    str,
    StringConstraints(pattern=PHONE_PATTERN, max_length=LONGEST_PHONE),
    BeforeValidator(_phone_as_kept),
    Words(NO_PHONE),
]
NO_DAY = N_("Please enter a date, such as 2026-11-23.")


def _no_bare_digits(value: object) -> object:
    """Refuse bare digits: pydantic reads 86400 or 20261123 as seconds since 1970."""
    if isinstance(value, str) and value.strip().isdigit():
        raise PydanticCustomError("date_parsing", "Input should be a date such as 2026-11-23")
    return value


Day = Annotated[dt.date, BeforeValidator(_no_bare_digits), Words(NO_DAY)]


# Text is cleaned here, where every way in ends: a form, a file of the district, a spreadsheet, a
# version brought back. Only the form did it, and a spreadsheet published characters that turn the
# direction of writing.
class Content(BaseModel):
    """Something an office wrote. Immutable; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _clean_text(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        return {name: _cleaned(value) for name, value in values.items()}


def _cleaned(value: Any) -> Any:
    """A text, or each text of a list; parts that are content clean themselves."""
    if type(value) is str:
        return clean_lines(value)
    if isinstance(value, list | tuple):
        return [_cleaned(each) for each in value]
    return value


CLOSES_FIRST = N_("The second time must be later than the first, such as 08:30-12:00.")
TO_MIDNIGHT = N_("A day ends at 23:59: write that for midnight.")


class OpeningPeriod(Content):
    """A period of opening within a day, in local wall time."""

    opens: dt.time
    closes: dt.time

    @model_validator(mode="before")
    @classmethod
    def from_words(cls, value: object) -> object:
        """Accept `08:30-12:00`, the way an office writes it."""
        if isinstance(value, str) and value.count("-") == 1:
            opens, closes = value.split("-")
            if closes.strip() in {"24:00", "00:00"}:
                raise PydanticCustomError("midnight", "a day ends at 23:59", {"words": TO_MIDNIGHT})
            return {"opens": opens.strip(), "closes": closes.strip()}
        return value

    @model_validator(mode="after")
    def _closes_after_opening(self) -> Self:
        if self.closes <= self.opens:
            msg = "a hall closes after it opens"
            raise PydanticCustomError("closes_first", msg, {"words": CLOSES_FIRST})
        return self


def periods_in(text: str) -> list[str]:
    """`8:30-12:00 13:30至17:00`, as people write it, as `08:30-12:00` and `13:30-17:00`."""
    plain = re.sub(r"\s*[-\u2010-\u2015\u2212~至到]+\s*", "-", unicodedata.normalize("NFKC", text))
    pieces = re.split(r"[\s,、;]+", plain)
    return [re.sub(r"(?<!\d)(\d:)", r"0\1", each) for each in pieces if each]


def _in_order(periods: tuple[OpeningPeriod, ...]) -> tuple[OpeningPeriod, ...]:
    return tuple(sorted(periods, key=lambda period: period.opens))


# Put in order here, where every way in ends. That none overlap is a rule of documents
# (domain/rules.py): what was published before there was one must still be read.
OpeningPeriods = Annotated[tuple[OpeningPeriod, ...], AfterValidator(_in_order)]


@dataclass(frozen=True)
class Contradiction:
    """Parts of a document that do not fit each other or the handbook.

    `why` is an English sentence with `{}` in place of `value`; it is also the key of its
    translations.
    """

    path: tuple[str | int, ...]
    why: str
    value: str = ""

    def __str__(self) -> str:
        return self.why.format(self.value)
