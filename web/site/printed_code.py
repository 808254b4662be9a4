"""A code that the product prints on paper, as the office looks it up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Mapping


class Where(Enum):
    """Where the paper is; the value is what a list of such codes is called: words to translate."""

    GATE = N_("On the gate and in the hall")
    DOOR = N_("On doors")
    CARD = N_("On contact cards and stairwell sheets")
    BOARD = N_("On the board")
    GUIDE = N_("In booklets and printed guides")


@dataclass(frozen=True)
class Poster:
    """What stands around a code that is printed by itself, in the words of the page."""

    # Where it hangs.
    kicker: str
    heading: str
    # What a scan brings.
    says: str


@dataclass(frozen=True)
class PrintedCode:
    """A code, and where it points now."""

    where: Where
    # What it stands for, as the office calls it, or words to translate with values.
    name: str
    # The address that is in the code.
    path: str
    # What it opens now: words to translate, and the values in them.
    opens: str
    values: Mapping[str, str] = field(default_factory=dict)
    # Since when; None for since the beginning.
    since: dt.date | None = None
    # Whether what it was printed for is no longer there.
    is_ended: bool = False
    # None for a code that is printed on other paper only, and for one that ended.
    poster: Poster | None = None
