"""Tables as files that a spreadsheet opens: UTF-8 that it recognises, and no formulas."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def as_file(name: str, head: Sequence[str], rows: Iterable[Iterable[object]]) -> Response:
    """The table as a CSV file to keep."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    headers = {
        "content-disposition": f'attachment; filename="{name}.csv"',
        "cache-control": "no-store",
    }
    # The mark in front tells a spreadsheet that this is UTF-8.
    body = "\ufeff" + text.getvalue()
    return Response(body, headers=headers, media_type="text/csv; charset=utf-8")


def safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    text = str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
