"""Publishing: what would change, with which reason, and every version since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError
from starlette.exceptions import HTTPException

from domain.papers import versions
from domain.papers.compare import differences
from domain.papers.versions import PublishedMeanwhileError, UnchangedError
from web.papers.comparison import changes_of
from web.papers.desk.pages import Compared, Review, Versions
from web.papers.desk.paper import around, checked, current_of, published_since, state_of
from web.papers.form.typed import retyped
from web.site.answers import InvalidError, Redirect
from web.site.errors import found_or_404
from web.site.forms import number

if TYPE_CHECKING:
    from typing import Any

    from domain.content import Content
    from domain.papers.paper import Paper
    from domain.papers.tables import PaperDraft, PaperVersion
    from web.papers.desk.paper import PaperState
    from web.papers.spec import PaperVisit
    from web.site.pages import Page

# Characters.
LONGEST_REASON = 200


async def review(visit: PaperVisit) -> Page | Redirect:
    """What publishing would change."""
    return await _review(visit, reason=visit.staff.query.get("reason", ""))


async def _review(
    visit: PaperVisit, *, reason: str, wrong: str | None = None, is_changed: bool = False
) -> Review | Redirect:
    state = await state_of(visit)
    draft, current = state.draft, state.current
    if draft is None:
        return Redirect(visit.address)
    document = await _right(visit, draft)
    if document is None or draft.base != current.number:
        return _to_problems(visit)
    return Review(
        **around(visit, state),
        **await _what_changes(visit, state, draft, document),
        base=current.number,
        draft=versions.mark_of(draft),
        is_changed=is_changed,
        reason=reason,
        wrong=wrong,
    )


async def _right(visit: PaperVisit, draft: PaperDraft) -> Content | None:
    """The draft as a document; None while something is wrong with it."""
    return (await checked(visit, retyped(visit.form, draft.document))).document


def _to_problems(visit: PaperVisit) -> Redirect:
    return Redirect(f"{visit.address}?check=1#problems")


async def _what_changes(
    visit: PaperVisit, state: PaperState, draft: PaperDraft, document: Content
) -> dict[str, Any]:
    """What the draft changes, and what others' changes it was put together with."""
    plain = document.model_dump(mode="json")
    changed = differences(state.current.document or {}, plain)
    # The merge changed what this person typed, and nothing is published that nobody saw.
    began = draft.merged_from
    taken_in = None if began is None else await published_since(visit, state, began)
    return {
        "changes": changes_of(visit.form, changed, plain, visit.lang),
        "consequences": await visit.spec.consequences(visit, document),
        "taken_in": taken_in,
    }


async def publish(visit: PaperVisit) -> Redirect:
    """Publish the person's draft, with the reason."""
    draft = (await state_of(visit)).draft
    if draft is None:
        return Redirect(visit.address)
    document = await _right(visit, draft)
    if document is None:
        return _to_problems(visit)
    reason = visit.staff.form.text("reason", LONGEST_REASON)
    # Another tab may have saved since this review was shown, and nothing unseen is published.
    reviewed = visit.staff.form.text("draft")
    if reviewed and reviewed != versions.mark_of(draft):
        return await _again(visit, reason=reason, is_changed=True)
    if not reason:
        return await _again(visit, reason="", wrong="reason")
    return await _publish(visit, draft, document, reason)


async def _again(visit: PaperVisit, **why: Any) -> Redirect:
    """Raises `InvalidError` with the review, which says why nothing was published."""
    page = await _review(visit, **why)
    if isinstance(page, Redirect):
        return page
    raise InvalidError(page)


async def _publish(
    visit: PaperVisit, draft: PaperDraft, document: Content, reason: str
) -> Redirect:
    session, paper, actor = visit.session, visit.paper, visit.actor
    # Another tab may have taken others' changes in since this review was shown.
    reviewed = number(visit.staff.form.given("base"))
    base = draft.base if reviewed is None else min(reviewed, draft.base)
    try:
        await versions.publish(session, actor, paper, document, base, reason, visit.now)
    except PublishedMeanwhileError:
        return Redirect(f"{visit.address}#newer")
    except UnchangedError:
        await versions.drop_draft(session, paper, actor)
        return Redirect(visit.address)
    return Redirect(f"{visit.address}/versions")


async def list_versions(visit: PaperVisit) -> Page:
    """Every version; 404 for a document that is only begun."""
    state = await state_of(visit)
    if state.current.number == 0 and visit.spec.kind.can_be_new:
        raise HTTPException(404)
    found = await versions.versions(visit.session, visit.paper)
    return Versions(
        **around(visit, state),
        versions=found,
        loaded_only=not found and state.current.document is not None,
    )


async def compare(visit: PaperVisit) -> Page:
    """A version beside the one before it, or beside another that is asked for."""
    state, after = await state_of(visit), await _version(visit)
    asked = number(visit.staff.query.get("with", ""))
    before = await versions.version(
        visit.session, visit.paper, after.number - 1 if asked is None else asked
    )
    return Compared(
        **around(visit, state),
        **_side_by_side(visit, before, after),
        who=await _publisher(visit, after),
        newest=state.current.number,
        has_draft=state.draft is not None,
    )


def _side_by_side(
    visit: PaperVisit, before: PaperVersion | None, after: PaperVersion
) -> dict[str, Any]:
    """Two versions and what changed between them, as `Compared` names it."""
    changed = differences(before.document if before else {}, after.document)
    changes = changes_of(visit.form, changed, after.document, visit.lang)
    return {"before": before.number if before else 0, "after": after, "changes": changes}


async def _version(visit: PaperVisit) -> PaperVersion:
    """The version in the address, or 404."""
    asked = int(visit.staff.params["number"])
    return found_or_404(await versions.version(visit.session, visit.paper, asked))


async def _publisher(visit: PaperVisit, version: PaperVersion) -> str:
    """The name of the person who published a version; empty for a file or the command line."""
    found = await versions.versions(visit.session, visit.paper)
    return next((who.full_name for row, who in found if who and row.id == version.id), "")


async def bring_back(visit: PaperVisit) -> Redirect:
    """Begin a draft from an old version; it is published like any other."""
    session, paper, actor = visit.session, visit.paper, visit.actor
    current = await current_of(visit)
    old = _as_published_again(paper, (await _version(visit)).document, current.document)
    await versions.drop_draft(session, paper, actor)
    values = retyped(visit.form, old)
    await versions.save_draft(session, actor, paper, values, current.number, visit.now)
    return Redirect(f"{visit.address}/publication")


def _as_published_again(paper: Paper, old: Any, now: Any) -> Any:
    """An old version as plain values; as it is when its shape has changed since."""
    try:
        before, current = paper.shape.model_validate(old), paper.shape.model_validate(now)
    except ValidationError:
        return old
    return paper.kind.brought_back(before, current).model_dump(mode="json")
