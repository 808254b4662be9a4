"""A QR code drawn within a page, so that it is there without a network and on paper at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import qrcode
from qrcode.constants import ERROR_CORRECT_Q

from web.site.bounded import bounded_cache


@dataclass(frozen=True)
class Drawing:
    """A path in a square of `size` units."""

    size: int
    path: str


# A bar for each run of dark modules: a quarter of the bytes of the image at /code.svg, because a
# terminal keeps one for each guide.
@bounded_cache(1024, longest=120)
def drawing(address: str) -> Drawing:
    """The code of an address, with the error correction of all our codes."""
    made = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=4)
    made.add_data(address)
    made.make(fit=True)
    rows = made.get_matrix()
    bars = [bar for y, row in enumerate(rows) for bar in _bars(y, row)]
    return Drawing(len(rows), "".join(bars))


def _bars(y: int, row: list[bool]) -> list[str]:
    bars, x = [], 0
    for is_dark, run in groupby(row):
        length = len(list(run))
        if is_dark:
            bars.append(f"M{x} {y}h{length}v1h-{length}z")
        x += length
    return bars
