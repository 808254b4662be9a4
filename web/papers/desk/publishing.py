"""Publishing: what would change, with which reason, and every version since."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from domain.errors import NotFoundError
from domain.papers import versions
from domain.papers.compare import differences
from domain.papers.kinds import PaperKind
from domain.papers.versions import PublishedMeanwhileError, UnchangedError
from web.papers.comparison import changes_of
from web.papers.desk.pages import Compared, Review, Versions
from web.papers.desk.paper import PaperDesk
from web.papers.fields import retyped
from web.site.answers import InvalidError, Redirect
from web.site.forms import number

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.site.pages import Page
    from web.staff.access import StaffVisit

LONGEST_REASON = 200


class Publishing(PaperDesk):
    """What becomes public of one kind of document, and what was."""

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
        document = checked.document.model_dump(mode="json")
        changed = differences(standing.document or {}, document)
        # The merge changed what this person typed, and nothing is published that nobody saw.
        began = draft.merged_from
        return Review(
            **self._around(visit, found),
            changes=changes_of(self.group, changed, document, visit.lang),
            taken_in=(
                await self._published_since(visit, session, found, began)
                if began is not None
                else None
            ),
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
        # Another tab may have taken others' changes in since this review was shown.
        reviewed = number(visit.form.given("base"))
        base = draft.base if reviewed is None else min(reviewed, draft.base)
        try:
            await versions.publish(
                session, visit.actor, paper, checked.document, base, reason, visit.now
            )
        except PublishedMeanwhileError:
            return Redirect(f"{self._address(visit)}#newer")
        except UnchangedError:
            await versions.drop_draft(session, paper, visit.actor)
            return Redirect(self._address(visit))
        return Redirect(f"{self._address(visit)}/versions")

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
            changes=changes_of(self.group, changed, after.document, visit.lang),
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
