"""What is wrong in an office's files, in Chinese and in English, for who runs a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.founding import LIST
from domain.words import N_
from web.site.words import translations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

    from domain.errors import ContentFault

WHOLE = N_("needs a whole number, in digits")
NUMBER = N_("needs a number, in digits")
TRUTH = N_("needs “true” or “false”")
DAY = N_("needs a date, such as 2026-09-01")
LISTING = N_("needs a list, each line of which begins with a hyphen")
FIELDS = N_("needs fields below it, each a name, a colon and a value")
ONE_OF = N_("can only be one of: %(value)s")
MOMENT = N_("needs a day and a time of this district, such as 2026-09-01T08:30")
# By pydantic's type of error. `%(value)s` is the limit, or what may stand there.
OF_TYPE = {
    "missing": N_("is missing"),
    "extra_forbidden": N_("is no field of this file. Is it misspelt, or in the wrong place?"),
    "literal_error": ONE_OF,
    "enum": ONE_OF,
    "string_type": N_("needs words"),
    "string_pattern_mismatch": N_("is not written as it should be. See docs/district-files.md"),
    "int_parsing": WHOLE,
    "int_type": WHOLE,
    "decimal_parsing": NUMBER,
    "float_parsing": NUMBER,
    "bool_parsing": TRUTH,
    "bool_type": TRUTH,
    "date_parsing": DAY,
    "date_type": DAY,
    "date_from_datetime_parsing": DAY,
    "date_from_datetime_inexact": DAY,
    "datetime_type": MOMENT,
    "datetime_parsing": MOMENT,
    "datetime_from_date_parsing": MOMENT,
    "timezone_naive": MOMENT,
    "decimal_type": NUMBER,
    "decimal_max_digits": N_("has too many digits"),
    "decimal_max_places": N_("has too many digits after the point"),
    "float_type": NUMBER,
    "time_parsing": N_("needs a time, such as 08:30"),
    "tuple_type": LISTING,
    "list_type": LISTING,
    "frozen_set_type": LISTING,
    "model_type": FIELDS,
    "dict_type": FIELDS,
    "too_short": N_("needs at least %(value)s"),
    "too_long": N_("may hold at most %(value)s"),
    "string_too_short": N_("needs at least %(value)s characters"),
    "string_too_long": N_("may have at most %(value)s characters"),
    "greater_than_equal": N_("must be at least %(value)s"),
    "greater_than": N_("must be more than %(value)s"),
    "less_than_equal": N_("must be at most %(value)s"),
    "less_than": N_("must be less than %(value)s"),
}
LIMITS = "expected", "min_length", "max_length", "ge", "gt", "le", "lt"
OTHER = N_("cannot be read as it stands. See docs/district-files.md")
PLACE = N_("%(file)s, line %(line)s, %(field)s: %(why)s")
PLACE_OF_FILE = N_("%(file)s, line %(line)s: %(why)s")


def told(faults: Iterable[ContentFault]) -> str:
    """Each fault in Chinese, and below it in English, which names what pydantic and YAML found."""
    return "\n".join(f"{_in_chinese(each)}\n    {each}" for each in faults)


def _in_chinese(fault: ContentFault) -> str:
    word = translations("zh-Hans").gettext
    given = fault.error
    why = word(fault.why).format(*fault.values) if given is None else _of_error(given)
    place = word(PLACE if fault.field else PLACE_OF_FILE)
    return place % {
        "file": fault.file,
        "line": fault.line,
        # The fields of a file are named as they stand there.
        "field": word(fault.field) if fault.file == LIST else fault.field,
        "why": why,
    }


def _of_error(error: ErrorDetails) -> str:
    word, given = translations("zh-Hans").gettext, error.get("ctx", {})
    # What refuses for several reasons brings the words of each.
    own = str(given["error"]) if error["type"] == "value_error" else given.get("words")
    words = own or OF_TYPE.get(error["type"], OTHER)
    value = next((given[name] for name in LIMITS if name in given), "")
    return word(words) % {"value": _listed(str(value))} if "%(" in words else word(words)


def _listed(value: str) -> str:
    """What pydantic lists: `'original', 'copy' or 'both'`."""
    return value.replace("'", "").replace(" or ", ", ").replace(", ", "、")
