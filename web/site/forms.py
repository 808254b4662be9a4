"""What was typed: forms, and text made fit for the database and the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

LONGEST_FORM = 2000
"""Fields of one form; a guide has about two hundred, a page of facilities several times that."""
NO_SUCH_ID = 2**31 - 1
"""The largest number that the databases' integers hold; nothing ever has it."""
_NUMBER = re.compile("[0-9]{1,9}")


class Form:
    """What was typed, field by field, and what is wrong with it.

    All text is cleaned on its way out, so that the database and the page can hold it.
    """

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self._fields = fields
        self.wrong: dict[str, str] = {}
        """Field name to a word that the template says in the person's language."""

    def text(self, name: str, longest: int = 200) -> str:
        """One line, without the blanks around it."""
        return clean(self.secret(name)).strip()[:longest]

    def given(self, name: str) -> str:
        """The field as it was typed, line by line."""
        return clean_lines(self.secret(name))

    def secret(self, name: str) -> str:
        """A password, to the letter; never for the page or the database."""
        return next(iter(self._fields.get(name, ())), "")

    def all(self, name: str) -> list[str]:
        """Every value of a field that comes more than once."""
        return [clean_lines(each) for each in self._fields.get(name, ())]

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def __iter__(self) -> Any:
        return iter(self._fields)


async def form_of(request: Request) -> Form:
    """The fields of a posted form."""
    form = await request.form(max_files=0, max_fields=LONGEST_FORM)
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            # A charset that the form claims can make halves of characters, which nothing can hold.
            fields.setdefault(name, []).append(value.encode(errors="ignore").decode())
    return Form(fields)


def clean(text: str) -> str:
    """One line without characters that no HTML may hold, wherever it came from.

    A blank of any kind becomes a plain one: Chinese keyboards type a wide one.
    """
    if text.isprintable():
        return text
    spaced = (" " if each.isspace() else each for each in text)
    return "".join(each for each in spaced if each.isprintable())


def clean_lines(text: str) -> str:
    """Like `clean`, for what may have several lines."""
    return "\n".join(map(clean, text.splitlines()))


def number(text: str) -> int | None:
    """The number that was typed or asked for; None when the database holds none like it."""
    return int(text) if _NUMBER.fullmatch(text) else None
