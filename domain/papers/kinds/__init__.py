"""Which kinds of document there are: an object for each, in a file of its own."""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from domain.papers.kinds.about import ABOUT
from domain.papers.kinds.catalogue import CATALOGUE
from domain.papers.kinds.categories import CATEGORIES
from domain.papers.kinds.compounds import COMPOUNDS
from domain.papers.kinds.district import DISTRICT
from domain.papers.kinds.elsewhere import ELSEWHERE
from domain.papers.kinds.event import EVENT
from domain.papers.kinds.facilities import FACILITIES
from domain.papers.kinds.guide import GUIDE
from domain.papers.kinds.hall import HALL
from domain.papers.kinds.holidays import HOLIDAYS
from domain.papers.kinds.own import OWN
from domain.papers.kinds.partners import PARTNERS
from domain.papers.kinds.people import PEOPLE
from domain.papers.kinds.place import PLACE
from domain.papers.kinds.posts import POSTS
from domain.papers.kinds.queue import QUEUE
from domain.papers.kinds.steps import STEPS
from domain.papers.paper import PaperKind

if TYPE_CHECKING:
    from domain.papers.paper import Paper

__all__ = [
    "ABOUT",
    "CATALOGUE",
    "CATEGORIES",
    "COMPOUNDS",
    "DISTRICT",
    "ELSEWHERE",
    "EVENT",
    "FACILITIES",
    "GUIDE",
    "HALL",
    "HOLIDAYS",
    "KINDS",
    "OWN",
    "PARTNERS",
    "PEOPLE",
    "PLACE",
    "POSTS",
    "QUEUE",
    "STEPS",
    "paper_of",
]

# Found by their files, so that a new kind is registered nowhere. The order of the office's pages is
# one that was chosen: each kind has a rank.
_MODULES = [import_module(f"{__name__}.{file.name}") for file in iter_modules(__path__)]
# A set, because a module may import the kind of another.
_FOUND = {kind for file in _MODULES for kind in vars(file).values() if isinstance(kind, PaperKind)}
KINDS: tuple[PaperKind, ...] = tuple(sorted(_FOUND, key=attrgetter("rank")))


def paper_of(subject: str) -> Paper | None:
    """The document with this name in the store; None when no kind has such names."""
    found = (kind.paper_of(subject) for kind in KINDS)
    return next((paper for paper in found if paper is not None), None)
