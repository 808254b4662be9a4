"""Every kind of document, in the order in which the office's pages list them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.papers.kinds.about import ABOUT
from web.papers.kinds.facilities import FACILITIES
from web.papers.kinds.guide import GUIDE
from web.papers.kinds.hall import HALL
from web.papers.kinds.holidays import HOLIDAYS
from web.papers.kinds.own import OWN
from web.papers.kinds.partners import PARTNERS
from web.papers.kinds.people import PEOPLE
from web.papers.kinds.queue import QUEUE

if TYPE_CHECKING:
    from domain.papers.paper import PaperKind
    from web.papers.spec import PaperSpec

__all__ = [
    "ABOUT",
    "FACILITIES",
    "GUIDE",
    "HALL",
    "HOLIDAYS",
    "OWN",
    "PARTNERS",
    "PEOPLE",
    "QUEUE",
    "SPECS",
    "spec_of",
]

SPECS: tuple[PaperSpec, ...] = (
    GUIDE,
    HOLIDAYS,
    OWN,
    HALL,
    QUEUE,
    PEOPLE,
    FACILITIES,
    PARTNERS,
    ABOUT,
)


def spec_of(kind: PaperKind) -> PaperSpec:
    """The pages of a kind of document. Each kind has them, which a test holds."""
    return next(spec for spec in SPECS if spec.kind is kind)
