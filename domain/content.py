"""What an office writes: the one base class of content, and the shapes its words may take."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from domain.words import N_, Words

Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40),
    Words(N_("Small letters, digits and single hyphens, please; at most 40.")),
]
"""The permanent short name of something in its address; printed on paper, so never changed."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=600)]
NO_PHONE = N_("A telephone number, please, such as 0531-00001234.")
Phone = Annotated[str, StringConstraints(pattern=r"^[0-9]{3,4}(-?[0-9]{4,8})?$"), Words(NO_PHONE)]
NO_DAY = N_("A date, please, such as 2026-11-23.")


def _no_bare_digits(value: object) -> object:
    """Refuse what pydantic would take for the seconds since 1970: 86400, 20261123."""
    if isinstance(value, str) and value.strip().isdigit():
        raise PydanticCustomError("date_parsing", "Input should be a date such as 2026-11-23")
    return value


Day = Annotated[dt.date, BeforeValidator(_no_bare_digits), Words(NO_DAY)]
"""A calendar day."""


class Content(BaseModel):
    """Something an office wrote: immutable, and an unknown field is an error, not a surprise."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


@dataclass(frozen=True)
class Contradiction:
    """What no single field shows: parts of a document that do not fit each other or the handbook.

    `why` is an English sentence with `{}` where `value` stands, and the key of its translations.
    """

    path: tuple[str | int, ...]
    why: str
    value: str = ""

    def __str__(self) -> str:
        return self.why.format(self.value)
