"""Which kinds of document there are: an object for each, in a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.papers.kinds.about import ABOUT
from domain.papers.kinds.facilities import FACILITIES
from domain.papers.kinds.guide import GUIDE
from domain.papers.kinds.hall import HALL
from domain.papers.kinds.holidays import HOLIDAYS
from domain.papers.kinds.own import OWN
from domain.papers.kinds.partners import PARTNERS
from domain.papers.kinds.people import PEOPLE
from domain.papers.kinds.posts import POSTS
from domain.papers.kinds.queue import QUEUE

if TYPE_CHECKING:
    from domain.papers.paper import Paper, PaperKind

__all__ = [
    "ABOUT",
    "FACILITIES",
    "GUIDE",
    "HALL",
    "HOLIDAYS",
    "KINDS",
    "OWN",
    "PARTNERS",
    "PEOPLE",
    "POSTS",
    "QUEUE",
    "paper_of",
]

# Named by hand, so that the order of the office's pages is one that was chosen.
KINDS: tuple[PaperKind, ...] = (
    GUIDE,
    HOLIDAYS,
    OWN,
    HALL,
    QUEUE,
    PEOPLE,
    POSTS,
    FACILITIES,
    PARTNERS,
    ABOUT,
)


def paper_of(subject: str) -> Paper | None:
    """The document with this name in the store; None when no kind has such names."""
    found = (kind.paper_of(subject) for kind in KINDS)
    return next((paper for paper in found if paper is not None), None)
