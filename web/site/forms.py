"""Submitted forms, and text made safe for the database and the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile

from domain.characters import clean, clean_lines
from web.site.bodies import takes_photos

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from domain.matters.timeline import Picture

# Fields of one form; a guide has about two hundred, a page of facilities several times that.
LONGEST_FORM = 2000
# Files and fields of a form with photographs, and bytes of each field. More files than a view takes
# are let in, so that its page can say so and still has the words.
PHOTO_FILES, PHOTO_FIELDS, PHOTO_FIELD = 12, 60, 64 << 10
# The largest number that the databases' integers hold; no row has it.
NO_SUCH_ID = 2**31 - 1
_NUMBER = re.compile("[0-9]{1,9}")


class Form:
    """A submitted form, and what is wrong with its fields.

    Text is cleaned on the way out, so that the database and the page can hold it.
    """

    def __init__(
        self,
        fields: Mapping[str, list[str]],
        files: Mapping[str, list[UploadFile]] | None = None,
    ) -> None:
        self._fields, self._files = fields, files or {}
        # Its photographs, once they were made again; see `web.site.photos`.
        self.pictures: tuple[Picture, ...] = ()
        # From a field's name to a word that the template translates.
        self.wrong: dict[str, str] = {}

    def text(self, name: str, longest: int = 200) -> str:
        """One line, without surrounding blanks."""
        return clean(self.secret(name)).strip()[:longest]

    def given(self, name: str) -> str:
        """The field as it was typed, line by line."""
        return clean_lines(self.secret(name))

    def cells(self, name: str) -> str:
        """Cells that were pasted from a spreadsheet: like `given`, with the tabs between them."""
        lines = self.secret(name).splitlines()
        return "\n".join("\t".join(map(clean, line.split("\t"))) for line in lines)

    def secret(self, name: str) -> str:
        """A password, unchanged; never for the page or the database."""
        return next(iter(self._fields.get(name, ())), "")

    def all(self, name: str) -> list[str]:
        """Every value of a repeated field."""
        return [clean_lines(value) for value in self._fields.get(name, ())]

    def files(self, name: str) -> list[UploadFile]:
        """The files that were chosen for a field, in order; open until the response is made.

        A browser sends a field in which nothing was chosen as an empty file without a name.
        """
        return [file for file in self._files.get(name, ()) if file.filename or file.size]

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def __iter__(self) -> Any:
        return iter(self._fields)


async def form_of(request: Request) -> Form:
    """The fields of a posted form, and its files where the address takes photographs.

    Raises `HTTPException` for more of either than a page of ours sends. The caller closes the
    request.
    """
    if takes_photos(request.scope["path"]):
        form = await request.form(
            max_files=PHOTO_FILES, max_fields=PHOTO_FIELDS, max_part_size=PHOTO_FIELD
        )
    else:
        form = await request.form(max_files=0, max_fields=LONGEST_FORM)
    fields: dict[str, list[str]] = {}
    files: dict[str, list[UploadFile]] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files.setdefault(name, []).append(value)
        else:
            # A charset that the form claims can make halves of characters, which nothing can hold.
            fields.setdefault(name, []).append(value.encode(errors="ignore").decode())
    return Form(fields, files)


def number(text: str) -> int | None:
    """The number in a text; None unless the database can hold it."""
    return int(text) if _NUMBER.fullmatch(text) else None
