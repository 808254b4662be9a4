"""What the pages of the desk show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from web.site.pages import Page
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from domain.papers.tables import PaperVersion
    from domain.staff.tables import StaffMember
    from web.papers.comparison import Change
    from web.papers.form.problems import Problem
    from web.papers.form.shape import Field, Group, Rows
    from web.papers.spec import Consequence


@dataclass(frozen=True)
class Newer:
    """A version that was published while this draft was written."""

    number: int
    who: str
    at: dt.datetime | None
    changes: list[Change]


@dataclass(frozen=True)
class Conflict:
    """A place that both changed: where, in words, and what each made of it."""

    # Which place it is, also after rows were moved.
    mark: str
    change: Change


@dataclass(frozen=True, kw_only=True)
class PaperPage(StaffPage):
    """What every page about a document knows."""

    # What kind of document it is: words to translate.
    heading: str
    # Which one: the item's or the community's name; empty when the heading says it all.
    name: str
    # The address of the document's form.
    desk: str
    # The page above: address and name; the district's handbook when there is no name.
    back: tuple[str, str]

    @property
    def tab(self) -> str:  # type: ignore[override] # - one class for both ways to a document
        """The community's documents, or the district's."""
        return "places" if self.back[0].startswith("/staff/c/") else "papers"


@dataclass(frozen=True, kw_only=True)
class Editor(PaperPage):
    """The form."""

    template: ClassVar[str] = "papers/edit.html"
    sections: list[tuple[str, list[Field | Group | Rows]]]
    # Where to jump to: anchors and what they are called, to translate.
    outline: list[tuple[str, str]]
    # The names of all fields in the sections: what the form may empty.
    shows: list[str]
    values: dict[str, Any]
    problems: dict[str, Problem]
    # The same, to go through: each field's name and where it is in words.
    faults: list[tuple[str, str, Problem]]
    choices: dict[str, list[tuple[str, str]]]
    base: int
    # What the form began from, as JSON, so that the changes of two tabs can be told apart.
    began: str
    # Of this form: what tells it from another tab's.
    nonce: str
    # Places that this person changed in another tab too: nothing is saved yet.
    in_two_tabs: list[Conflict]
    # Only the line that a save answers says so.
    was_combined: bool = False
    # When the draft was saved last; None without a draft.
    saved_at: dt.datetime | None
    others: list[tuple[str, dt.datetime]]
    newer: Newer | None
    conflicts: list[Conflict]
    was_merged: bool
    # What the district changed since a community wrote its own.
    stale: list[Change]
    is_stale: bool
    has_versions: bool
    # What the office should know beside it: words to translate, and the value in them.
    notices: list[tuple[str, str]]
    # What positions are tapped on; None for a form without one.
    drawing: Any


@dataclass(frozen=True, kw_only=True)
class Saved(Page):
    """The line that says a draft is saved."""

    template: ClassVar[str] = "papers/_saved.html"
    saved_at: dt.datetime | None
    problems: dict[str, Problem]
    began: str
    # Places that this person changed in another tab too: nothing is saved yet.
    in_two_tabs: list[Conflict]
    # Whether what another tab saved was put together with this.
    was_combined: bool = False


@dataclass(frozen=True, kw_only=True)
class Review(PaperPage):
    """What publishing would change, and the reason asked for."""

    template: ClassVar[str] = "papers/review.html"
    changes: list[Change]
    # What publishing does to people at this moment: words to translate, and the values in them.
    consequences: list[Consequence]
    # What others published meanwhile, put together with this draft; None when nothing was.
    taken_in: Newer | None
    base: int
    # Which draft is shown, and whether it changed since the page was that was sent.
    draft: str
    is_changed: bool
    reason: str
    wrong: str | None = None


@dataclass(frozen=True, kw_only=True)
class Versions(PaperPage):
    """Every version of a document."""

    template: ClassVar[str] = "papers/versions.html"
    versions: list[tuple[PaperVersion, StaffMember | None]]
    # Whether there is nothing but what was loaded from files.
    loaded_only: bool


@dataclass(frozen=True, kw_only=True)
class Compared(PaperPage):
    """Two versions side by side."""

    template: ClassVar[str] = "papers/compare.html"
    before: int
    after: PaperVersion
    who: str
    newest: int
    changes: list[Change]
    has_draft: bool


@dataclass(frozen=True, kw_only=True)
class NoPreview(StaffPage):
    """Too little is written to show."""

    template: ClassVar[str] = "papers/no_preview.html"
    problems: dict[str, Problem]
