"""What a kind of document says of its pages: everything that differs from kind to kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from domain.papers.kinds import KINDS
from domain.papers.paper import Paper
from domain.words import N_
from web.papers.form.shape import form_of_shape, with_choices
from web.site.words import translations

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.responses import Response

    from domain.handbook.tables import ServiceItem
    from domain.papers.paper import PaperKind
    from domain.places.tables import Community
    from domain.published import Published
    from domain.staff.actor import Actor
    from web.papers.form.shape import Field, FormSpec, Group, Rows
    from web.site.answers import Redirect
    from web.site.feature import Feature
    from web.site.pages import Page
    from web.staff.access import StaffVisit

    # Words to translate, and the values in them.
    Consequence = tuple[str, dict[str, str]]
    # By the names of `FormSpec.choices`: the values, and what they are called.
    Choices = dict[str, list[tuple[str, str]]]
    PaperView = Callable[["PaperVisit"], Awaitable[Page | Redirect | Response]]


def nothing_to_notice(_community: Community) -> list[tuple[str, str]]:
    """For a document that says all there is to say of itself."""
    return []


async def without_consequences(_visit: PaperVisit, _document: Any) -> list[Consequence]:
    """For a document that nobody acts on while it changes."""
    return []


def without_drawing(_community: Community) -> Any:
    """For a document without a position."""
    return None


def without_choices(
    _published: Published, _paper: Paper, _place: Community | None, _lang: str
) -> Choices:
    """For a document of which the desk knows all that can be chosen."""
    return {}


def as_typed(_paper: Paper, values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are, for a document of which everything is typed."""
    return values


# A feature names the specs of its documents in its FEATURE, and the pages of the office find them
# there, so that papers knows no feature. The handbook's own pages at the office ask for the guide's
# spec by its kind.
# Not taken: one list of specs in papers; each new document would be registered in another feature.
@dataclass(frozen=True, kw_only=True)
class PaperSpec:
    """文稿种类 on the page. The rules of the document itself are its `kind`, in the domain.

    Making one builds the form, so what is missing or stands twice stops the start.
    """

    kind: PaperKind
    # What such a document is called: words to translate.
    name: str
    # The address of the form. All other addresses of the document are below it.
    path: str
    fields: FormSpec
    preview: Callable[[Preview], Awaitable[Page]]
    # Headings and the fields below them, in the order of the page; empty for a short form.
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    # The parameter of the address that says which of several documents it is.
    key: str = ""
    # What its keys are called, where people do not call them what the address does: words to
    # translate.
    keys: Mapping[str, str] = field(default_factory=dict)
    # The routes of the residents' pages that are made of it.
    shown_at: tuple[str, ...] = ()
    # The page that lists it when it is the district's, and what that page is called.
    listed_at: str = "/staff/handbook"
    listed_as: str = N_("Handbook")
    # Whether its key is a service item's slug.
    is_about_item: bool = False
    # Whether its field `name` says which of several it is.
    is_named: bool = False
    # The district's document that this one adds to; a change there asks for a look here.
    adds_to: PaperSpec | None = None
    # Puts in what nobody types.
    completed: Callable[[Paper, dict[str, Any]], dict[str, Any]] = as_typed
    # What an office should know while it writes, beside the document: words to translate with `{}`
    # for the value that follows them.
    notices: Callable[[Community], list[tuple[str, str]]] = nothing_to_notice
    # What can be chosen in it that no other document needs, by the names of `FormSpec.choices`: the
    # value, and what it is called.
    own_choices: Callable[[Published, Paper, Community | None, str], Choices] = without_choices
    # What positions in it are tapped on: our drawing of the community as it is published. Of a
    # feature, so that its type is not known here.
    drawing: Callable[[Community], Any] = without_drawing
    # What publishing this document does to people at this moment, for the review to say first.
    consequences: Callable[[PaperVisit, Any], Awaitable[list[Consequence]]] = without_consequences
    # What can be done to this kind alone: the word below its address, and what does it.
    more: tuple[tuple[str, PaperView], ...] = ()

    def __post_init__(self) -> None:
        """Raises `LookupError` for a field without words or without one place in the form.

        Also for a position that cannot be tapped.
        """
        names = Counter(part.name for part in self.form.parts)
        placed = Counter(name for _, section in self.sections for name in section)
        if self.sections and placed != names:
            wrong = ", ".join(sorted({*(names - placed), *(placed - names)}))
            msg = f"each field of {self.kind} must stand in one section of its form: {wrong}"
            raise LookupError(msg)
        if self.form.has_position and self.drawing is without_drawing:
            msg = f"{self.kind} has a position and no drawing to tap it on"
            raise LookupError(msg)

    @cached_property
    def form(self) -> Group:
        """The form of the document."""
        return form_of_shape(self.kind.shape, self.fields)

    def in_sections(self) -> list[tuple[str, list[Field | Group | Rows]]]:
        """Headings, to translate, and the parts of the form below them."""
        parts = {part.name: part for part in self.form.parts}
        sections = self.sections or (("", tuple(parts)),)
        return [(words, [parts[name] for name in names]) for words, names in sections]

    def called(self, paper: Paper, item: str, place: str, lang: str) -> str:
        """Which document it is: the item's name, the community's, or the key; empty for none."""
        if words := self.keys.get(paper.key):
            return str(translations(lang).gettext(words))
        name = " · ".join(filter(None, (item, place)))
        return name or ("" if self.is_about_item else paper.key)


def specs_of(features: Iterable[Feature]) -> list[PaperSpec]:
    """Every kind of document, in the order in which the domain lists them."""
    pages = (pages for feature in features for pages in feature.papers)
    specs = [spec for spec in pages if isinstance(spec, PaperSpec)]
    return sorted(specs, key=lambda spec: KINDS.index(spec.kind))


def specs_at(features: Iterable[Feature], route: str) -> list[PaperSpec]:
    """What the residents' page of this route is made of, mainly the first."""
    return [spec for spec in specs_of(features) if route in spec.shown_at]


def spec_of(features: Iterable[Feature], kind: PaperKind) -> PaperSpec:
    """The pages of a kind of document. Each kind has them, which a test holds."""
    return next(spec for spec in specs_of(features) if spec.kind is kind)


@dataclass(frozen=True)
class PaperVisit:
    """A visit of a member of staff to a document, with the session to read or write in."""

    spec: PaperSpec
    staff: StaffVisit
    session: AsyncSession

    @property
    def paper(self) -> Paper:
        """The document in the address."""
        params = self.staff.params
        return Paper(self.spec.kind, params.get("community"), str(params.get(self.spec.key, "")))

    @cached_property
    def choices(self) -> Choices:
        """What can be chosen in this kind of document alone."""
        staff = self.staff
        return self.spec.own_choices(staff.published, self.paper, staff.community_here, self.lang)

    @cached_property
    def form(self) -> Group:
        """The form of the document."""
        return with_choices(self.spec.form, self.choices) if self.choices else self.spec.form

    @property
    def address(self) -> str:
        """The address of the form."""
        return f"/staff/{self.paper.subject}"

    @property
    def actor(self) -> Actor:
        """Who is here."""
        return self.staff.actor

    @property
    def now(self) -> dt.datetime:
        """When the visit began."""
        return self.staff.now

    @property
    def lang(self) -> str:
        """The language of the visit."""
        return self.staff.lang


@dataclass(frozen=True)
class Preview:
    """What a preview is made of."""

    visit: StaffVisit
    paper: Paper
    document: Any
    # The published item that the document is about.
    item: ServiceItem | None
    # A copy of the document's community, to be written on.
    community: Community | None

    @property
    def here(self) -> Community:
        """The community, for kinds of which each community has its own."""
        if self.community is None:  # pragma: no cover
            raise AssertionError
        return self.community
