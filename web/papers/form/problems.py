"""What is wrong with what was typed: pydantic's verdicts, led back to the fields, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.words import N_
from web.papers.form.places import name_of, part_at
from web.papers.form.shape import Field, Group, Rows, Widget

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from domain.content import Contradiction

FILL_IN = N_("Please fill this in.")
CHECK = N_("Please check this.")
AT_LEAST_ONE = N_("Please enter at least one.")
# By pydantic's type of error, for these are the same for every field: what says the limit, and the
# words it stands in. For all else the field itself has the words.
LIMITS = {
    "too_short": ("min_length", N_("Please enter at least %(value)s.")),
    "too_long": ("max_length", N_("Please enter at most %(value)s.")),
    "string_too_short": ("min_length", N_("Please use at least %(value)s characters.")),
    "string_too_long": ("max_length", N_("Please use at most %(value)s characters.")),
    "greater_than_equal": ("ge", N_("At least %(value)s.")),
    "less_than_equal": ("le", N_("At most %(value)s.")),
}
# Pydantic's words for nothing, or nothing of the kind, where something is needed.
ABSENT = {"missing", "string_type", "date_type", "int_type", "decimal_type", "float_type"}
# What is written or chosen in one way: a limit would say less than an example of that way.
WRITTEN = {Widget.PHONE, Widget.HOURS, Widget.DATE, Widget.DATES, Widget.CHOICE}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field: words to translate, and the value that stands in them."""

    words: str
    value: str = ""


def problems_of(group: Group, error: ValidationError) -> dict[str, Problem]:
    """What pydantic found, by the name of the field that it is about; the first for each."""
    found: dict[str, Problem] = {}
    for each in error.errors():
        name = name_of(group, each["loc"])
        found.setdefault(name, problem_of(group, each))
    return found


def problem_of(group: Group, error: ErrorDetails) -> Problem:
    """What pydantic found in one place, in words."""
    name = name_of(group, error["loc"])
    return _problem(error, part_at(group, tuple(name.split("."))))


def problems_between(group: Group, contradictions: list[Contradiction]) -> dict[str, Problem]:
    """What does not fit together, by the name of the field."""
    return {name_of(group, each.path): Problem(each.why, each.value) for each in contradictions}


def _problem(error: ErrorDetails, part: Field | Group | Rows) -> Problem:
    what, limits = error["type"], error.get("ctx", {})
    own = part.wrong if isinstance(part, Field) else ""
    is_written = isinstance(part, Field) and part.widget in WRITTEN
    if error["input"] in (None, ""):
        return Problem(FILL_IN)
    # A type that refuses for several reasons brings the words of each.
    if "words" in limits:
        return Problem(limits["words"])
    if what in {"too_short", "string_too_short"} and limits["min_length"] == 1:
        return Problem(AT_LEAST_ONE if what == "too_short" else FILL_IN)
    if what in LIMITS and (what in {"too_short", "string_too_short"} or not is_written):
        name, words = LIMITS[what]
        return Problem(words, str(limits[name]))
    if what in ABSENT and not is_written:
        return Problem(FILL_IN)
    return Problem(own or CHECK)
