"""The desk: one set of pages for every kind of document an office keeps true.

A person writes in a form that saves itself as their draft, looks at it as residents will,
reviews what changes, and publishes with a reason. Nothing typed is refused by the draft; only
publishing asks for everything to be right.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ValidationError
from pypinyin import lazy_pinyin
from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.routing import Route

from domain.errors import NotFoundError
from domain.handbook.tables import Category, ServiceItem
from domain.papers import versions
from domain.papers.compare import Difference, differences, merged, value_at, with_value
from domain.papers.kinds import Paper, PaperKind, community_of, contradictions
from domain.papers.versions import PublishedMeanwhileError, UnchangedError
from domain.staff.acting import EDITING
from web.door import FRAMED
from web.pages import Page
from web.papers import fields as form_fields
from web.papers.differing import Change, changes_of, place_words
from web.papers.fields import Group, Problem, Rows, form_of_shape, retyped, typed
from web.papers.labels import KINDS, SECTIONS
from web.papers.preview import previewed
from web.staff.access import (
    InvalidError,
    Redirect,
    StaffPage,
    StaffVisit,
    Where,
    staff_reads,
    staff_writes,
)
from web.visit import number

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from domain.content import Content
    from domain.papers.compare import Path
    from domain.papers.tables import PaperDraft, PaperVersion
    from domain.papers.versions import Published
    from domain.staff.tables import StaffMember
    from web.papers.fields import Field
    from web.staff.access import Endpoint

LONGEST_REASON = 200


@dataclass(frozen=True)
class Newer:
    """A version that somebody published while this draft was written."""

    number: int
    who: str
    at: dt.datetime | None
    changes: list[Change]


@dataclass(frozen=True)
class Conflict:
    """A place that both changed: where, in words, and what each made of it."""

    name: str
    change: Change


@dataclass(frozen=True, kw_only=True)
class PaperPage(StaffPage):
    """What every page about a document knows."""

    heading: str
    """What kind of document it is: words to translate."""
    name: str
    """Which one: the item's or the community's name; empty when the heading says it all."""
    desk: str
    """The address of the document's form."""
    back: tuple[str, str]
    """Where one came from: address and name; the district's handbook when there is no name."""

    @property
    def tab(self) -> str:  # type: ignore[override] # - one class for both ways to a document
        """The way by which one came."""
        return "places" if self.back[1] else "papers"


@dataclass(frozen=True, kw_only=True)
class Editor(PaperPage):
    """The form."""

    template: ClassVar[str] = "papers/edit.html"
    sections: list[tuple[str, list[Field | Group | Rows]]]
    values: dict[str, Any]
    problems: dict[str, Problem]
    faults: list[tuple[str, str, Problem]]
    """The same, to go through: each field's name and where it is in words."""
    choices: dict[str, list[tuple[str, str]]]
    base: int
    saved_at: dt.datetime | None
    """When the draft was saved last; None without a draft."""
    others: list[tuple[str, dt.datetime]]
    newer: Newer | None
    conflicts: list[Conflict]
    was_merged: bool
    stale: list[Change]
    """What the district changed since a community wrote its own."""
    is_stale: bool
    has_versions: bool


@dataclass(frozen=True, kw_only=True)
class Saved(Page):
    """The line that says a draft is saved."""

    template: ClassVar[str] = "papers/_saved.html"
    saved_at: dt.datetime | None
    problems: dict[str, Problem]


@dataclass(frozen=True, kw_only=True)
class Review(PaperPage):
    """What publishing would change, and the reason asked for."""

    template: ClassVar[str] = "papers/review.html"
    changes: list[Change]
    base: int
    reason: str
    wrong: str | None = None


@dataclass(frozen=True, kw_only=True)
class Versions(PaperPage):
    """Every version of a document."""

    template: ClassVar[str] = "papers/versions.html"
    versions: list[tuple[PaperVersion, StaffMember | None]]
    loaded_only: bool
    """Whether there is nothing but what was loaded from files."""


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


class Desk:
    """The pages of one kind of document. `path` is its address with parameters."""

    def __init__(self, kind: PaperKind, path: str) -> None:
        self.kind, self.path = kind, path
        self.where = Where.COMMUNITY if kind.is_of_community else Where.DISTRICT
        self.group = form_of_shape(Paper(kind).shape)

    def routes(self) -> list[BaseRoute]:
        """Every address of this kind of document."""

        def route(below: str, view: Any, *, writes: bool = False) -> Route:
            guard = staff_writes if writes else staff_reads
            methods = ["POST"] if writes else ["GET"]
            return Route(below, guard(view, EDITING, self.where), methods=methods)

        path = self.path
        found: list[BaseRoute] = [
            route(path, self.show),
            route(f"{path}/draft", self.save, writes=True),
            route(f"/f{path}/draft", self.autosave, writes=True),
            route(f"{path}/draft/ending", self.discard, writes=True),
            Route(f"{path}/preview", framed(staff_reads(self.preview, EDITING, self.where))),
            route(f"{path}/publication", self.review),
            route(f"{path}/publication", self.publish, writes=True),
            route(f"{path}/versions", self.versions),
            route(f"{path}/versions/{{number:int}}", self.compare),
            route(f"{path}/versions/{{number:int}}/return", self.bring_back, writes=True),
        ]
        if self.kind is PaperKind.OWN:
            found.append(route(f"{path}/confirmation", self.confirm, writes=True))
        if self.kind is PaperKind.GUIDE:
            found.append(route(f"{path}/assurance", self.assure, writes=True))
        return found

    # The form

    async def show(self, visit: StaffVisit, session: AsyncSession) -> Page:
        """The form, with one's draft or with what is published."""
        return await self._editor(visit, session, check="check" in visit.query)

    async def _editor(self, visit: StaffVisit, session: AsyncSession, *, check: bool) -> Editor:
        found = await self._found(visit, session)
        paper, standing, draft = found.paper, found.standing, found.draft
        values = retyped(self.group, found.newest)
        checked = await self._check(session, paper, values)
        stale, is_stale = await self._stale(visit, session, found)
        return Editor(
            **self._around(visit, found),
            sections=self._sections(),
            values=values,
            problems=checked.problems if check else {},
            faults=[
                (name, place_words(self.group, name, visit.lang), problem)
                for name, problem in (checked.problems.items() if check else ())
            ],
            choices=await self._choices(session, visit, found.item),
            base=draft.base if draft else standing.number,
            saved_at=draft.saved_at if draft else None,
            others=await versions.other_drafts(session, paper, visit.actor),
            newer=await self._newer(visit, session, found),
            conflicts=await self._conflicts(visit, session, found),
            was_merged=draft is not None and draft.merged_from is not None,
            stale=stale,
            is_stale=is_stale,
            has_versions=standing.number > 0,
        )

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

    def _sections(self) -> list[tuple[str, list[Field | Group | Rows]]]:
        parts = {part.name: part for part in self.group.parts}
        sections = SECTIONS.get(self.kind)
        if sections is None:
            return [("", list(self.group.parts))]
        return [(words, [parts[name] for name in names]) for words, names in sections]

    def _around(self, visit: StaffVisit, found: Found) -> dict[str, Any]:
        paper, draft = found.paper, found.draft
        begun = (draft.document or {}).get("name") if draft else ""
        name = found.item.name if found.item else begun or ""
        if paper.kind is PaperKind.OWN:
            name = f"{name} · {visit.community.name if visit.community else ''}"
        elif visit.community is not None:
            name = visit.community.name
        elif paper.kind is PaperKind.HOLIDAYS:
            name = paper.key
        back = (
            (f"/staff/c/{paper.community}", visit.community.name)
            if visit.community is not None
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

    async def _choices(
        self, session: AsyncSession, visit: StaffVisit, item: ServiceItem | None
    ) -> dict[str, list[tuple[str, str]]]:
        """Choices that only the store knows."""
        categories = list(await session.scalars(select(Category).order_by(Category.letter)))
        items = await session.execute(
            select(ServiceItem).order_by(ServiceItem.category_id, ServiceItem.rank)
        )
        community = visit.community
        return {
            "categories": [(each.letter, f"{each.letter} {each.name}") for each in categories],
            "items": [
                (each.slug, each.name)
                for each in items.scalars()
                if item is None or each.slug != item.slug
            ],
            "counters": [
                (str(each.number), f"{each.number} {each.name}")
                for each in (community.hall.counters if community else ())
            ],
            "posts": [
                (each.post, f"{each.post} {each.name}")
                for each in (community.people if community else ())
            ],
        }

    async def _newer(self, visit: StaffVisit, session: AsyncSession, found: Found) -> Newer | None:
        """What was published since the draft began; None when nothing was."""
        paper, standing, draft = found.paper, found.standing, found.draft
        if draft is None or draft.base == standing.number:
            return None
        began = await versions.version(session, paper, draft.base)
        newest = (await versions.versions(session, paper))[:1]
        who, at = "", None
        if newest:
            who = newest[0][1].full_name if newest[0][1] else ""
            at = newest[0][0].published_at
        before = began.document if began else {}
        changed = differences(before, standing.document or {})
        return Newer(standing.number, who, at, changes_of(self.group, changed, visit.lang))

    async def _conflicts(
        self, visit: StaffVisit, session: AsyncSession, found: Found
    ) -> list[Conflict]:
        """Places that both changed, after others' changes were taken into a draft."""
        paper, standing, draft = found.paper, found.standing, found.draft
        if draft is None or draft.merged_from is None or standing.document is None:
            return []
        began = await versions.version(session, paper, draft.merged_from)
        theirs = retyped(self.group, standing.document)
        base = retyped(self.group, began.document if began else None)
        _, places = merged(base, retyped(self.group, draft.document), theirs)
        return [
            Conflict(
                ".".join(map(str, place)),
                changes_of(
                    self.group,
                    [_between(theirs, draft.document, place)],
                    visit.lang,
                )[0],
            )
            for place in places
        ]

    async def _stale(
        self, visit: StaffVisit, session: AsyncSession, found: Found
    ) -> tuple[list[Change], bool]:
        """What the district changed in the item since the community wrote its own."""
        item = found.item
        if self.kind is not PaperKind.OWN or item is None:
            return [], False
        notes = await versions.stale_notes(session, visit.place.id)
        note = next((each for each in notes if each.item_id == item.id), None)
        if note is None:
            return [], False
        guide = Paper(PaperKind.GUIDE, None, found.paper.key)
        known = await versions.version(session, guide, note.known)
        newest = await versions.version(session, guide, note.newest)
        if known is None or newest is None:
            return [], True
        group = form_of_shape(guide.shape)
        changed = differences(known.document, newest.document)
        return changes_of(group, changed, visit.lang), True

    # Saving

    async def autosave(self, visit: StaffVisit, session: AsyncSession) -> Page:
        """Keep what is being typed; the answer is one line."""
        found = await self._found(visit, session)
        draft = await self._save(visit, session, found, typed(self.group, visit.form))
        if draft is None:
            return Saved(saved_at=None, problems={})
        checked = await self._check(session, found.paper, retyped(self.group, draft.document))
        return Saved(saved_at=draft.saved_at, problems=checked.problems)

    async def save(self, visit: StaffVisit, session: AsyncSession) -> Redirect:
        """Keep what was typed, do what the pressed button says, and show where it was done."""
        found = await self._found(visit, session)
        values = typed(self.group, visit.form)
        what, _, place = visit.form.text("do").partition(" ")
        if what == "theirs":
            values = self._taking_theirs(found.standing, values, place)
        elif what in {"add", "remove", "up", "down"}:
            values, place = self._reordered(values, what, place)
        draft = await self._save(visit, session, found, values)
        desk = self._address(visit)
        if what != "review":
            return Redirect(f"{desk}#{place}" if place else desk)
        if draft is None:
            return Redirect(f"{desk}/publication")
        return Redirect(await self._to_review(visit, session, found, draft))

    async def _save(
        self, visit: StaffVisit, session: AsyncSession, found: Found, values: dict[str, Any]
    ) -> PaperDraft | None:
        """Keep the draft; None when there is none and nothing differs from what is published."""
        if found.draft is None and values == retyped(self.group, found.standing.document):
            return None
        base = min(number(visit.form.given("base")) or 0, found.standing.number)
        return await versions.save_draft(session, visit.actor, found.paper, values, base, visit.now)

    def _reordered(
        self, values: dict[str, Any], what: str, place: str
    ) -> tuple[dict[str, Any], str]:
        """The values with one row added, removed or moved, and where to look next."""
        steps = place.split(".")
        path: Path = tuple(int(step) if step.isdecimal() else step for step in steps)
        rows_path = path if what == "add" else path[:-1]
        rows = form_fields.rows_at(self.group, [str(each) for each in rows_path])
        if rows is None:
            return values, ""
        found = list(value_at(values, rows_path) or [])
        name = ".".join(map(str, rows_path))
        if what == "add":
            found.append(form_fields.blank(rows.part))
            return with_value(values, rows_path, found), f"{name}.{len(found) - 1}"
        index = path[-1]
        if not isinstance(index, int) or not 0 <= index < len(found):
            return values, name
        row = found.pop(index)
        if what == "remove":
            return with_value(values, rows_path, found), name
        to = max(0, index - 1) if what == "up" else min(len(found), index + 1)
        found.insert(to, row)
        return with_value(values, rows_path, found), f"{what}-{name}.{to}"

    def _taking_theirs(
        self, standing: Published, values: dict[str, Any], place: str
    ) -> dict[str, Any]:
        """The values with what is published at one place."""
        path: Path = tuple(int(s) if s.isdecimal() else s for s in place.split("."))
        try:
            theirs = value_at(retyped(self.group, standing.document), path)
            taken: dict[str, Any] = with_value(values, path, theirs)
        except (KeyError, IndexError, TypeError):
            return values
        return taken

    async def discard(self, visit: StaffVisit, session: AsyncSession) -> Redirect:
        """Forget one's draft."""
        found = await self._found(visit, session)
        await versions.drop_draft(session, found.paper, visit.actor)
        is_gone = found.standing.document is None and self.kind is PaperKind.GUIDE
        return Redirect("/staff/handbook" if is_gone else self._address(visit))

    # Looking at it

    async def preview(self, visit: StaffVisit, session: AsyncSession) -> Page | Response:
        """The page as residents will see it; places that are not right yet as they are now."""
        found = await self._found(visit, session)
        paper, published = found.paper, found.standing.document
        values = retyped(self.group, found.newest)
        checked = await self._check(session, paper, values)
        if checked.document is None and published is not None:
            before = retyped(self.group, published)
            tops = {name.split(".")[0] for name in checked.problems}
            values = {**values, **{name: before[name] for name in tops if name in before}}
            checked = replace(await self._check(session, paper, values), problems=checked.problems)
        if checked.document is None:
            return NoPreview(actor=visit.actor, problems=checked.problems)
        community = await community_of(session, paper) if paper.community else None
        session.expunge_all()
        return await previewed(visit, paper, checked.document, found.item, community)

    # Publishing

    async def _to_review(
        self, visit: StaffVisit, session: AsyncSession, found: Found, draft: PaperDraft
    ) -> str:
        """Where a draft that is to be published goes next."""
        desk = self._address(visit)
        checked = await self._check(session, found.paper, retyped(self.group, draft.document))
        if checked.document is None:
            return f"{desk}?check=1#problems"
        if draft.base == found.standing.number:
            return f"{desk}/publication"
        mine = checked.document.model_dump(mode="json")
        conflicts = await versions.take_in(session, found.paper, draft, mine, visit.now)
        return f"{desk}#merged" if conflicts else f"{desk}/publication"

    async def review(self, visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
        """What publishing would change."""
        return await self._review(visit, session, reason=visit.query.get("reason", ""))

    async def _review(
        self, visit: StaffVisit, session: AsyncSession, *, reason: str, wrong: str | None = None
    ) -> Review | Redirect:
        found = await self._found(visit, session)
        standing, draft = found.standing, found.draft
        if draft is None:
            return Redirect(self._address(visit))
        checked = await self._check(session, found.paper, retyped(self.group, draft.document))
        if checked.document is None or draft.base != standing.number:
            return Redirect(f"{self._address(visit)}?check=1#problems")
        changed = differences(standing.document or {}, checked.document.model_dump(mode="json"))
        return Review(
            **self._around(visit, found),
            changes=changes_of(self.group, changed, visit.lang),
            base=standing.number,
            reason=reason,
            wrong=wrong,
        )

    async def publish(self, visit: StaffVisit, session: AsyncSession) -> Redirect:
        """Publish one's draft, with the reason."""
        found = await self._found(visit, session)
        paper, draft = found.paper, found.draft
        reason = visit.form.text("reason", LONGEST_REASON)
        if draft is None:
            return Redirect(self._address(visit))
        checked = await self._check(session, paper, retyped(self.group, draft.document))
        if checked.document is None:
            return Redirect(f"{self._address(visit)}?check=1#problems")
        if not reason:
            page = await self._review(visit, session, reason="", wrong="reason")
            if isinstance(page, Redirect):
                return page
            raise InvalidError(page)
        try:
            await versions.publish(
                session, visit.actor, paper, checked.document, draft.base, reason, visit.now
            )
        except PublishedMeanwhileError:
            return Redirect(f"{self._address(visit)}#newer")
        except UnchangedError:
            await versions.drop_draft(session, paper, visit.actor)
            return Redirect(self._address(visit))
        return Redirect(f"{self._address(visit)}/versions")

    # Versions

    async def versions(self, visit: StaffVisit, session: AsyncSession) -> Page:
        """Every version."""
        found = await self._found(visit, session)
        if found.standing.number == 0 and self.kind is PaperKind.GUIDE:
            raise HTTPException(404)
        every = await versions.versions(session, found.paper)
        return Versions(
            **self._around(visit, found),
            versions=every,
            loaded_only=not every and found.standing.document is not None,
        )

    async def compare(self, visit: StaffVisit, session: AsyncSession) -> Page:
        """A version beside the one before it, or beside another that is asked for."""
        found = await self._found(visit, session)
        paper = found.paper
        after = await versions.version(session, paper, int(visit.params["number"]))
        if after is None:
            raise HTTPException(404)
        asked = number(visit.query.get("with", ""))
        other = after.number - 1 if asked is None else asked
        before = await versions.version(session, paper, other)
        changed = differences(before.document if before else {}, after.document)
        every = await versions.versions(session, paper)
        who = next((each.full_name for row, each in every if each and row.id == after.id), "")
        return Compared(
            **self._around(visit, found),
            before=other if before else 0,
            after=after,
            who=who,
            newest=found.standing.number,
            changes=changes_of(self.group, changed, visit.lang),
            has_draft=found.draft is not None,
        )

    async def bring_back(self, visit: StaffVisit, session: AsyncSession) -> Redirect:
        """Begin a draft from an old version; it is published like any other."""
        paper = self._paper(visit)
        standing = await self._standing(session, paper)
        old = await versions.version(session, paper, int(visit.params["number"]))
        if old is None:
            raise HTTPException(404)
        await versions.drop_draft(session, paper, visit.actor)
        values = retyped(self.group, old.document)
        await versions.save_draft(session, visit.actor, paper, values, standing.number, visit.now)
        return Redirect(f"{self._address(visit)}/publication")

    # Short ways

    async def confirm(self, visit: StaffVisit, session: AsyncSession) -> Redirect:
        """The community read what the district changed: its own is still right."""
        try:
            await versions.confirm_note(session, visit.actor, self._paper(visit), visit.now)
        except NotFoundError:
            raise HTTPException(404) from None
        return Redirect(self._address(visit))

    async def assure(self, visit: StaffVisit, session: AsyncSession) -> Redirect:
        """Somebody checked the whole guide today and it is true."""
        paper = self._paper(visit)
        standing = await self._standing(session, paper)
        if standing.document is None:
            raise HTTPException(404)
        by = standing.document["assured"]["by"]
        assured = {**standing.document, "assured": {"date": str(visit.today), "by": by}}
        document = paper.shape.model_validate(assured)
        # Assured today already, or written anew at this moment: the list shows which.
        with suppress(PublishedMeanwhileError, UnchangedError):
            await versions.publish(
                session, visit.actor, paper, document, standing.number, "", visit.now
            )
        return Redirect(f"/staff/handbook#{paper.key}")


def framed(endpoint: Endpoint) -> Endpoint:
    """A page that our own page may show in a frame."""

    async def inner(request: Request) -> Response:
        request.scope[FRAMED] = True
        return await endpoint(request)

    inner.__dict__.update(vars(endpoint))
    inner.__name__ = endpoint.__name__
    return inner


def _between(before: Any, after: Any, place: Path) -> Any:
    return Difference(place, value_at(before, place), value_at(after, place))


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


DESKS = {
    PaperKind.GUIDE: Desk(PaperKind.GUIDE, "/staff/handbook/{item}"),
    PaperKind.HOLIDAYS: Desk(PaperKind.HOLIDAYS, "/staff/holidays/{year:int}"),
    PaperKind.OWN: Desk(PaperKind.OWN, "/staff/c/{community}/handbook/{item}"),
    **{
        kind: Desk(kind, f"/staff/c/{{community}}/{kind}")
        for kind in (
            PaperKind.HALL,
            PaperKind.PEOPLE,
            PaperKind.PARTNERS,
            PaperKind.FACILITIES,
            PaperKind.ABOUT,
            PaperKind.QUEUE,
        )
    },
}
