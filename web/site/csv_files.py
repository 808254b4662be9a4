"""Tables as files that a spreadsheet opens: recognisable UTF-8, and no formulas."""

from __future__ import annotations

import asyncio
import csv
from io import StringIO
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable, Sequence


def as_file(name: str, head: Sequence[str], rows: Iterable[Iterable[object]]) -> Response:
    """The table as a CSV file to download."""
    text = StringIO()
    _write(text, [head, *rows])
    return _file(name, text)


# A log of 50,000 rows written in one go kept every other request waiting for 11 s.
async def as_long_file(
    name: str, head: Sequence[str], parts: AsyncIterable[Iterable[Iterable[object]]]
) -> Response:
    """The same for a table of many rows: between its parts others get their turn."""
    text = StringIO()
    _write(text, [head])
    async for rows in parts:
        _write(text, rows)
        await asyncio.sleep(0)
    return _file(name, text)


def _write(text: StringIO, rows: Iterable[Iterable[object]]) -> None:
    csv.writer(text).writerows([safe(cell) for cell in row] for row in rows)


def _file(name: str, text: StringIO) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{name}.csv"',
        "cache-control": "no-store",
    }
    # The mark in front tells a spreadsheet that this is UTF-8.
    body = "\ufeff" + text.getvalue()
    return Response(body, headers=headers, media_type="text/csv; charset=utf-8")


# A name or a reason that starts with = + - @ would run as a formula on a colleague's machine.
def safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    text = str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
