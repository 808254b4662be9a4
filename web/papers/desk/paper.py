"""The document that a page of the desk is about: what is known of it, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pypinyin import lazy_pinyin
from sqlalchemy import select
from starlette.exceptions import HTTPException

from domain.errors import NotFoundError
from domain.handbook.tables import ServiceItem
from domain.papers import versions
from domain.papers.compare import differences
from domain.papers.kinds import Paper, PaperKind, contradictions
from web.papers import fields as form_fields
from web.papers.comparison import changes_of
from web.papers.desk.pages import Newer
from web.papers.fields import Problem, form_of_shape
from web.papers.labels import KINDS
from web.staff.access import StaffVisit, Where

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content
    from domain.papers.tables import PaperDraft
    from domain.papers.versions import Published


@dataclass(frozen=True)
class Found:
    """The document in the address, and what is known of it."""

    paper: Paper
    standing: Published
    draft: PaperDraft | None
    """One's own."""
    item: ServiceItem | None
    """The item it is about, when it is about one that is public."""

    @property
    def newest(self) -> Any:
        """What stands in the form: one's draft, or what is published."""
        return self.draft.document if self.draft else self.standing.document


@dataclass(frozen=True)
class Checked:
    """What was typed, as a document if it is one, and what is wrong with it."""

    document: Content | None
    problems: dict[str, Problem]


class PaperDesk:
    """What all pages about one kind of document share. `path` is its address with parameters."""

    def __init__(self, kind: PaperKind, path: str) -> None:
        self.kind, self.path = kind, path
        self.where = Where.COMMUNITY if kind.is_of_community else Where.DISTRICT
        self.group = form_of_shape(Paper(kind).shape)

    async def _found(self, visit: StaffVisit, session: AsyncSession) -> Found:
        """What is known of the document in the address.

        An item that is neither published nor begun is not found.
        """
        paper = self._paper(visit)
        standing = await self._standing(session, paper)
        draft = await versions.draft_of(session, paper, visit.actor)
        if standing.document is None and draft is None and self.kind is PaperKind.GUIDE:
            raise HTTPException(404)
        item = None
        if paper.kind in {PaperKind.GUIDE, PaperKind.OWN}:
            item = await session.scalar(select(ServiceItem).where(ServiceItem.slug == paper.key))
        return Found(paper, standing, draft, item)

    def _paper(self, visit: StaffVisit) -> Paper:
        """The document in the address."""
        params = visit.params
        key = str(params.get("item") or params.get("year") or "")
        return Paper(self.kind, params.get("community"), key)

    async def _standing(self, session: AsyncSession, paper: Paper) -> Published:
        try:
            return await versions.published(session, paper)
        except (NotFoundError, ValueError):
            raise HTTPException(404) from None

    async def _check(self, session: AsyncSession, paper: Paper, values: dict[str, Any]) -> Checked:
        """What was typed, as a document, or what is wrong with it."""
        try:
            document = paper.shape.model_validate(self._completed(paper, values))
        except ValidationError as error:
            return Checked(None, form_fields.problems_of(self.group, error))
        found = await contradictions(session, paper, document)
        problems = form_fields.problems_between(self.group, found)
        return Checked(None if problems else document, problems)

    def _completed(self, paper: Paper, values: dict[str, Any]) -> dict[str, Any]:
        """With what nobody types: the year of the address, names in addresses of new facilities."""
        if paper.kind is PaperKind.HOLIDAYS:
            return {**values, "year": int(paper.key)}
        if paper.kind is PaperKind.FACILITIES:
            taken = {each["slug"] for each in values["facilities"] if each["slug"]}
            rows = [
                each if each["slug"] else {**each, "slug": new_slug(each["name"] or "", taken)}
                for each in values["facilities"]
            ]
            return {"facilities": rows}
        return values

    async def _published_since(
        self, visit: StaffVisit, session: AsyncSession, found: Found, base: int
    ) -> Newer:
        """What was published since version `base`: the newest version, and all that changed."""
        standing = found.standing
        began = await versions.version(session, found.paper, base)
        newest = (await versions.versions(session, found.paper))[:1]
        who, at = "", None
        if newest:
            who = newest[0][1].full_name if newest[0][1] else ""
            at = newest[0][0].published_at
        document = standing.document or {}
        changed = differences(began.document if began else {}, document)
        changes = changes_of(self.group, changed, document, visit.lang)
        return Newer(standing.number, who, at, changes)

    def _around(self, visit: StaffVisit, found: Found) -> dict[str, Any]:
        paper, draft = found.paper, found.draft
        begun = (draft.document or {}).get("name") if draft else ""
        name = found.item.name if found.item else begun or ""
        if paper.kind is PaperKind.OWN:
            name = f"{name} · {visit.place.name}"
        elif visit.community_here is not None:
            name = visit.community_here.name
        elif paper.kind is PaperKind.HOLIDAYS:
            name = paper.key
        back = (
            (f"/staff/c/{paper.community}", visit.community_here.name)
            if visit.community_here is not None
            else ("/staff/handbook", "")
        )
        return {
            "actor": visit.actor,
            "heading": KINDS[self.kind],
            "name": name,
            "desk": self._address(visit),
            "back": back,
        }

    def _address(self, visit: StaffVisit) -> str:
        path = self.path.replace(":int}", "}")
        return path.format(**visit.params)


def new_slug(name: str, taken: set[str]) -> str:
    """A name in the address for something new, by how its name sounds; `taken` grows by it."""
    sounds = "-".join(
        each.lower() for each in lazy_pinyin(name) if each.isascii() and each.isalnum()
    )
    stem = sounds[:36].strip("-") or "new"
    slug, number = stem, 1
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    taken.add(slug)
    return slug
