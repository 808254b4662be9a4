"""The document that a page of the desk is about: what is known of it, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlalchemy import select
from starlette.exceptions import HTTPException

from domain.errors import NotFoundError
from domain.handbook.tables import ServiceItem
from domain.papers import versions
from domain.papers.compare import differences
from web.papers.comparison import changes_of
from web.papers.desk.pages import Newer
from web.papers.form.problems import Problem, problems_between, problems_of
from web.papers.form.typed import retyped
from web.site.words import translations

if TYPE_CHECKING:
    from domain.content import Content
    from domain.papers.tables import PaperDraft
    from domain.papers.versions import Published
    from web.papers.spec import PaperVisit


@dataclass(frozen=True)
class PaperState:
    """What is known of the document in the address."""

    # What is published of it.
    current: Published
    # The draft of the person who is here.
    draft: PaperDraft | None
    # The item it is about, when it is about one that is public.
    item: ServiceItem | None

    @property
    def newest(self) -> Any:
        """What the form shows: the draft, or what is published."""
        return self.draft.document if self.draft else self.current.document


@dataclass(frozen=True)
class Checked:
    """What was typed, as a document if it is one, and what is wrong with it."""

    document: Content | None
    problems: dict[str, Problem]


async def state_of(visit: PaperVisit) -> PaperState:
    """What is known of the document in the address.

    Answers 404 for a new one that nobody has begun.
    """
    current = await current_of(visit)
    draft = await versions.draft_of(visit.session, visit.paper, visit.actor)
    if current.document is None and draft is None and visit.spec.kind.can_be_new:
        raise HTTPException(404)
    item = None
    if visit.spec.is_about_item:
        slug = ServiceItem.slug == visit.paper.key
        item = await visit.session.scalar(select(ServiceItem).where(slug))
    return PaperState(current, draft, item)


async def current_of(visit: PaperVisit) -> Published:
    """What is published of the document in the address; 404 where there cannot be one."""
    try:
        return await versions.published(visit.session, visit.paper)
    except (NotFoundError, ValueError):
        raise HTTPException(404) from None


def values_of(visit: PaperVisit, state: PaperState) -> dict[str, Any]:
    """What stands in the form."""
    return retyped(visit.form, state.newest)


async def checked(visit: PaperVisit, values: dict[str, Any]) -> Checked:
    """What was typed, as a document, or what is wrong with it."""
    paper, form = visit.paper, visit.form
    try:
        document = paper.shape.model_validate(visit.spec.completed(paper, values))
    except ValidationError as error:
        return Checked(None, problems_of(form, error))
    problems = problems_between(form, await paper.contradictions(visit.session, document))
    return Checked(None if problems else paper.kind.settled(document), problems)


async def published_since(visit: PaperVisit, state: PaperState, base: int) -> Newer:
    """What was published since version `base`: the newest version, and all that changed."""
    session, paper = visit.session, visit.paper
    began = await versions.version(session, paper, base)
    newest = (await versions.versions(session, paper))[:1]
    who, at = "", None
    if newest:
        who = newest[0][1].full_name if newest[0][1] else ""
        at = newest[0][0].published_at
    document = state.current.document or {}
    changed = differences(began.document if began else {}, document)
    changes = changes_of(visit.form, changed, document, visit.lang)
    return Newer(state.current.number, who, at, changes)


def around(visit: PaperVisit, state: PaperState) -> dict[str, Any]:
    """What every page about the document says of it, as `PaperPage` names it."""
    here = visit.staff.community_here
    back = (f"/staff/c/{here.slug}", here.name) if here else _listed(visit)
    begun = (state.draft.document or {}).get("name") if state.draft else ""
    item = state.item.name if state.item else (visit.spec.is_about_item and begun) or ""
    if visit.spec.is_named:
        item = (state.newest or {}).get("name") or ""
    return {
        "actor": visit.actor,
        "heading": visit.spec.name,
        "name": visit.spec.called(visit.paper, item, here.name if here else "", visit.lang),
        "desk": visit.address,
        "back": back,
    }


def _listed(visit: PaperVisit) -> tuple[str, str]:
    """The page that lists a document of the district, with its name."""
    spec = visit.spec
    return spec.listed_at, str(translations(visit.lang).gettext(spec.listed_as))
