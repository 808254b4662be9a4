"""What was typed into a form, as plain values in the shape of its document.

Right or not, so that a draft loses nothing; only pydantic decides what is right.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.content import periods_in
from domain.dates import day_words
from domain.papers.compare import merged
from domain.places.pasted import with_pasted
from web.papers.form.shape import Field, Group, Rows, Widget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.papers.compare import Conflict
    from web.site.forms import Form

# The field in which a form says what it shows: names with blanks between them.
SHOWS = "shows"
# What a list that was pasted puts before its lines: ours has marks of its own. A number counts only
# with a sign after it that no digit follows, so that "1.5 元" and "3.8妇女节" stay.
_LIST_MARK = re.compile(r"^(?:[·•●▪◦‣*]\s*|[-–—]+\s+|[(（]?\d{1,2}(?:[.．、]|[)）])(?!\d)\s*)")
# Days that one range in a holiday notice may have.
LONGEST_RANGE = 31


# A draft may be open twice: by two people, or in two tabs of one. Each form sends what it began
# from; what both changed since is put together place by place. Where they meet, nothing is saved
# before a person chose.
# Not taken: a mark of the saved state alone, which can refuse a save but not put it together.
@dataclass(frozen=True)
class Typing:
    """What a form sent: what it began from, what was typed, and what is kept meanwhile."""

    began: dict[str, Any]
    mine: dict[str, Any]
    theirs: dict[str, Any]

    @property
    def is_alone(self) -> bool:
        """Whether nobody else changed the draft since the form began."""
        return self.began == self.theirs

    def combined(self) -> tuple[dict[str, Any], list[Conflict]]:
        """Both together, and the places at which they meet."""
        return merged(self.began, self.mine, self.theirs)


def began_json(values: Mapping[str, Any]) -> str:
    """What a form shows, to be sent back with it in its field `began`."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def began_with(group: Group, form: Form) -> dict[str, Any] | None:
    """What a form began from; None when it does not say so, or not as we wrote it."""
    try:
        began = json.loads(form.given("began"))
    except ValueError:
        return None
    return began if isinstance(began, dict) and _is_typed(group, began) else None


def _is_typed(part: Field | Group | Rows, value: Any) -> bool:
    """Whether this can have been typed into the form."""
    if isinstance(part, Rows):
        return isinstance(value, list) and all(_is_typed(part.part, row) for row in value)
    if isinstance(part, Group):
        if value is None:
            return part.is_optional
        return isinstance(value, dict) and all(
            each.name in value and _is_typed(each, value[each.name]) for each in part.parts
        )
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return value is None or isinstance(value, str)


def typed(group: Group, form: Form, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed into a form, as plain values in the shape of its document.

    What the form did not show is as it is in `stored`.
    """
    names: dict[str, Any] = {}
    for name in form:
        place = names
        *above, last = str(name).split(".")
        for step in above:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                break
        else:
            place[last] = form.all(name)
    values = _typed_group(group, names)
    whole = _with_stored(group, values, stored, {*form.given(SHOWS).split(), *form})
    in_order: dict[str, Any] = _in_stored_order(group, whole, stored)
    return in_order


def _in_stored_order(part: Field | Group | Rows, value: Any, stored: Any) -> Any:
    """The value with what is ticked in the order in which it is stored.

    Boxes come in the order of the page. Without this an untouched form would be a change.
    """
    if not value or not stored:
        return value
    if isinstance(part, Rows):
        rows = zip(value, stored, strict=False)
        in_order = [_in_stored_order(part.part, *pair) for pair in rows]
        return [*in_order, *value[len(in_order) :]]
    if isinstance(part, Group):
        return {
            each.name: _in_stored_order(each, value[each.name], stored.get(each.name))
            for each in part.parts
        }
    if part.widget is not Widget.CHOICES:
        return value
    still = [each for each in stored if each in value]
    return [*still, *(each for each in value if each not in still)]


def _with_stored(
    group: Group, values: dict[str, Any], stored: Any, shows: set[str], above: str = ""
) -> dict[str, Any]:
    """The values, with those that are stored where the form showed nothing.

    Boxes without a tick and lists without a row post nothing, so a field that was not posted may
    have been emptied, or may never have been on the page: a tab from before the field was made, a
    part without a place in the form. Only what the page says it shows is emptied.
    Not taken: refusing such a form, because an old tab would then lose what was typed into it.
    """
    found: dict[str, Any] = {}
    for part in group.parts:
        name = f"{above}{part.name}"
        value, before = values[part.name], (stored or {}).get(part.name)
        if isinstance(part, Group):
            inside = value or _typed_group(part, {})
            whole = _with_stored(part, inside, before, shows, f"{name}.")
            value = None if part.is_optional and is_empty(whole) else whole
        elif name not in shows and not any(each.startswith(f"{name}.") for each in shows):
            value = before if before is not None else value
        found[part.name] = value
    return found


def _typed_group(group: Group, given: Mapping[str, Any]) -> dict[str, Any]:
    return {part.name: _typed(part, given.get(part.name)) for part in group.parts}


def _typed(part: Field | Group | Rows, given: Any) -> Any:
    inside = given if isinstance(given, dict) else {}
    if isinstance(part, Rows):
        # In the order in which they stand in the form, whatever their numbers.
        rows = (each for each in inside.values() if isinstance(each, dict))
        return [_typed_group(part.part, each) for each in rows]
    if isinstance(part, Group):
        values = _typed_group(part, inside)
        if part.is_position:
            values = with_pasted(values)
        return None if part.is_optional and is_empty(values) else values
    return _typed_field(part, given if isinstance(given, list) else [])


def _typed_field(part: Field, values: list[str]) -> Any:
    text = values[0] if values else ""
    if part.widget is Widget.CHOICES:
        return [each for each in values if each]
    if part.widget is Widget.LINES:
        lines = (_LIST_MARK.sub("", each.strip(), count=1) for each in text.splitlines())
        return [each for each in lines if each]
    if part.widget is Widget.HOURS:
        return periods_in(text)
    if part.widget is Widget.DATES:
        return [day for piece in _pieces(text) for day in _days(piece)]
    if part.widget in {Widget.NUMBER, Widget.PHONE, Widget.DATE}:
        text = unicodedata.normalize("NFKC", text)
    if part.widget is Widget.DATE:
        text = day_words(text)
    if part.widget is Widget.TEXT:
        text = text.replace("\r\n", "\n")
    return text.strip() or None


def _pieces(text: str) -> list[str]:
    return [
        each for each in re.split(r"[\s,、;；，]+", unicodedata.normalize("NFKC", text)) if each
    ]


def _days(piece: str) -> list[str]:
    """One day, or each day of a range `2027-02-05~2027-02-11`; as typed when it is neither."""
    ends = [day_words(each) for each in re.split(r"[~～至到]", piece)]
    try:
        first, last = dt.date.fromisoformat(ends[0]), dt.date.fromisoformat(ends[-1])
    except ValueError:
        return ends if len(ends) == 1 else [piece]
    count = (last - first).days
    if len(ends) > 2 or not 0 <= count <= LONGEST_RANGE:  # noqa: PLR2004 - a range has two ends
        return [piece]
    return [str(first + dt.timedelta(days=each)) for each in range(count + 1)]


def is_empty(value: Any) -> bool:
    """Whether nothing was typed anywhere in it."""
    if isinstance(value, dict):
        return all(map(is_empty, value.values()))
    return value in (None, "", [], ())


def blank(group: Group) -> dict[str, Any]:
    """A group in which nothing is typed yet."""
    return _typed_group(group, {})


def retyped(part: Group, value: Any) -> dict[str, Any]:
    """A document, or a draft of one, as if it had been typed into the form."""
    return {each.name: _retyped(each, (value or {}).get(each.name)) for each in part.parts}


def _retyped(part: Field | Group | Rows, value: Any) -> Any:
    if isinstance(part, Rows):
        return [retyped(part.part, each) for each in value or ()]
    if isinstance(part, Group):
        return None if part.is_optional and is_empty(value) else retyped(part, value)
    if part.widget is Widget.CHOICES:
        return [str(each) for each in value or ()]
    return _typed_field(part, [part.text_of(value)])
