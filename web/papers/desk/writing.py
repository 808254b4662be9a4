"""Writing: the form that saves itself, and the page as residents will see it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain.handbook.tables import Category, ServiceItem
from domain.papers import versions
from domain.papers.compare import differences, merged, value_at, with_theirs, with_value
from domain.papers.kinds import Paper, PaperKind, community_of
from web.papers import fields as form_fields
from web.papers.comparison import Change, changes_of, place_words
from web.papers.desk.pages import Conflict, Editor, Newer, NoPreview, Saved
from web.papers.desk.paper import Found, PaperDesk
from web.papers.fields import Group, Rows, form_of_shape, retyped, shown_names, typed
from web.papers.labels import SECTIONS
from web.papers.preview import previewed
from web.site.answers import Redirect
from web.site.forms import number

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.responses import Response

    from domain.papers.compare import Path
    from domain.papers.tables import PaperDraft
    from web.papers.fields import Field
    from web.site.pages import Page
    from web.staff.access import StaffVisit


class Writing(PaperDesk):
    """The form of one kind of document."""

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
            sections=(sections := self._sections()),
            shows=[name for _, parts in sections for name in shown_names(parts)],
            values=values,
            problems=checked.problems if check else {},
            faults=[
                (name, place_words(self.group, name, values, visit.lang), problem)
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

    def _sections(self) -> list[tuple[str, list[Field | Group | Rows]]]:
        parts = {part.name: part for part in self.group.parts}
        sections = SECTIONS.get(self.kind)
        if sections is None:
            return [("", list(self.group.parts))]
        return [(words, [parts[name] for name in names]) for words, names in sections]

    async def _choices(
        self, session: AsyncSession, visit: StaffVisit, item: ServiceItem | None
    ) -> dict[str, list[tuple[str, str]]]:
        """Choices that only the store knows."""
        categories = list(await session.scalars(select(Category).order_by(Category.letter)))
        items = await session.execute(
            select(ServiceItem).order_by(ServiceItem.category_id, ServiceItem.rank)
        )
        community = visit.community_here
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
        draft = found.draft
        if draft is None or draft.base == found.standing.number:
            return None
        return await self._published_since(visit, session, found, draft.base)

    async def _conflicts(
        self, visit: StaffVisit, session: AsyncSession, found: Found
    ) -> list[Conflict]:
        """Places that both changed, after others' changes were taken into a draft."""
        both = await self._both(session, found)
        if both is None or found.draft is None:
            return []
        base, theirs = both
        mine = retyped(self.group, found.draft.document)
        _, conflicts = merged(base, mine, theirs)
        changes = changes_of(self.group, [each.difference for each in conflicts], mine, visit.lang)
        return [
            Conflict(each.mark, change) for each, change in zip(conflicts, changes, strict=True)
        ]

    async def _both(
        self, session: AsyncSession, found: Found
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """What a draft began from and what was taken into it, as typed; None when nothing was."""
        paper, draft = found.paper, found.draft
        if draft is None or draft.merged_from is None:
            return None
        began = await versions.version(session, paper, draft.merged_from)
        taken = await versions.version(session, paper, draft.base)
        if taken is None:
            return None
        return retyped(self.group, began and began.document), retyped(self.group, taken.document)

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
        return changes_of(group, changed, newest.document, visit.lang), True

    async def autosave(self, visit: StaffVisit, session: AsyncSession) -> Page:
        """Keep what is being typed; the answer is one line."""
        found = await self._found(visit, session)
        draft = await self._save(visit, session, found, self._typed(visit, found))
        if draft is None:
            return Saved(saved_at=None, problems={})
        checked = await self._check(session, found.paper, retyped(self.group, draft.document))
        return Saved(saved_at=draft.saved_at, problems=checked.problems)

    async def save(self, visit: StaffVisit, session: AsyncSession) -> Redirect:
        """Keep what was typed, do what the pressed button says, and show where it was done."""
        found = await self._found(visit, session)
        values = self._typed(visit, found)
        what, _, place = visit.form.text("do").partition(" ")
        if what == "theirs":
            values, place = await self._taking_theirs(session, found, values, place)
        elif what in {"add", "remove", "up", "down"}:
            values, place = self._reordered(values, what, place)
        draft = await self._save(visit, session, found, values)
        desk = self._address(visit)
        if what != "review":
            return Redirect(f"{desk}#{place}" if place else desk)
        if draft is None:
            return Redirect(f"{desk}/publication")
        return Redirect(await self._to_review(visit, session, found, draft))

    def _typed(self, visit: StaffVisit, found: Found) -> dict[str, Any]:
        """What was typed, with what is stored where the form showed nothing."""
        return typed(self.group, visit.form, retyped(self.group, found.newest))

    async def _save(
        self, visit: StaffVisit, session: AsyncSession, found: Found, values: dict[str, Any]
    ) -> PaperDraft | None:
        """Keep the draft; None when there is none and nothing differs from what is published."""
        if found.draft is None and values == retyped(self.group, found.standing.document):
            return None
        given = number(visit.form.given("base"))
        if given is None:
            given = found.draft.base if found.draft else 0
        base = min(given, found.standing.number)
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

    async def _taking_theirs(
        self, session: AsyncSession, found: Found, values: dict[str, Any], mark: str
    ) -> tuple[dict[str, Any], str]:
        """The values with theirs at one place in conflict, and where to look next."""
        both = await self._both(session, found)
        if both is None:
            return values, ""
        base, theirs = both
        taken, path = with_theirs(base, values, theirs, mark)
        return taken, ".".join(map(str, path))

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
        as_typed = partial(retyped, self.group)
        conflicts = await versions.take_in(session, found.paper, draft, visit.now, as_typed)
        return f"{desk}#merged" if conflicts else f"{desk}/publication"

    async def discard(self, visit: StaffVisit, session: AsyncSession) -> Redirect:
        """Forget one's draft."""
        found = await self._found(visit, session)
        await versions.drop_draft(session, found.paper, visit.actor)
        is_gone = found.standing.document is None and self.kind is PaperKind.GUIDE
        return Redirect("/staff/handbook" if is_gone else self._address(visit))

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
