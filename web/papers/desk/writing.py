"""Writing: the form that saves itself, and the page as residents will see it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain.handbook.tables import Category, ServiceItem
from domain.keys import new_key
from domain.papers import versions
from domain.papers.compare import differences, merged, with_theirs
from domain.papers.paper import Paper, community_of
from domain.published import load_elsewhere
from domain.staff.accounts import staff_of
from web.papers.comparison import Change, change_of, changes_of, place_words
from web.papers.desk.pages import Conflict, Editor, Newer, NoPreview, Saved
from web.papers.desk.paper import around, checked, published_since, state_of, values_of
from web.papers.form.reordering import ROW_VERBS, reordered
from web.papers.form.shape import outline_of, shown_names
from web.papers.form.typed import Typing, began_json, began_with, retyped, typed
from web.papers.spec import Preview
from web.site.answers import InvalidError, Redirect
from web.site.forms import number

if TYPE_CHECKING:
    from starlette.responses import Response

    from domain.papers import compare
    from domain.papers.compare import Path
    from domain.papers.tables import PaperDraft
    from domain.papers.versions import StaleNote
    from domain.places.tables import Community
    from web.papers.desk.paper import Checked, PaperState
    from web.papers.spec import PaperVisit
    from web.site.pages import Page

    Values = dict[str, Any]
    Choices = list[tuple[str, str]]

# Characters of what tells one open form from another.
LONGEST_NONCE = 43


# The form


async def show(visit: PaperVisit) -> Page:
    """The form, with the person's draft or with what is published."""
    state = await state_of(visit)
    values = values_of(visit, state)
    return await _editor(visit, state, values, began=began_json(values), in_two_tabs=[])


async def _editor(visit: PaperVisit, state: PaperState, values: Values, **more: Any) -> Editor:
    here = visit.staff.community_here
    return Editor(
        **around(visit, state),
        **await _form(visit, state, values),
        **await _to_look_at(visit, state),
        **more,
        base=state.draft.base if state.draft else state.current.number,
        nonce=new_key(),
        saved_at=state.draft.saved_at if state.draft else None,
        has_versions=state.current.number > 0,
        notices=visit.spec.notices(here) if here else [],
        drawing=visit.spec.drawing(here) if here else None,
    )


async def _form(visit: PaperVisit, state: PaperState, values: Values) -> dict[str, Any]:
    """The parts of the form, what stands in them, and what is wrong with it."""
    sections = visit.spec.in_sections()
    return {
        "sections": sections,
        "outline": outline_of(sections),
        "shows": [name for _, parts in sections for name in shown_names(parts)],
        "values": values,
        "choices": await _choices(visit, state),
        **await _problems(visit, values),
    }


async def _problems(visit: PaperVisit, values: Values) -> dict[str, Any]:
    """What is wrong, by field and as a list; nothing before the person asked for a check."""
    found = (await checked(visit, values)).problems if "check" in visit.staff.query else {}
    faults = [
        (name, place_words(visit.form, name, values, visit.lang), problem)
        for name, problem in found.items()
    ]
    return {"problems": found, "faults": faults}


async def _to_look_at(visit: PaperVisit, state: PaperState) -> dict[str, Any]:
    """What others did that the person who writes should look at."""
    draft = state.draft
    stale, is_stale = await _stale(visit, state)
    return {
        "others": await versions.other_drafts(visit.session, visit.paper, visit.actor),
        "newer": await _newer(visit, state),
        "conflicts": await _conflicts(visit, state),
        "was_merged": draft is not None and draft.merged_from is not None,
        "stale": stale,
        "is_stale": is_stale,
    }


async def _choices(visit: PaperVisit, state: PaperState) -> dict[str, Choices]:
    """Choices that only the store knows."""
    in_use = select(Category).where(Category.ended.is_(None))
    categories = await visit.session.scalars(in_use.order_by(Category.rank, Category.letter))
    items = await visit.session.scalars(
        select(ServiceItem).order_by(ServiceItem.category_id, ServiceItem.rank)
    )
    here, own = visit.staff.community_here, state.item and state.item.slug
    counters, people = (here.hall.counters, here.people) if here else ((), ())
    members = await staff_of(visit.session, here) if here else []
    elsewhere = await load_elsewhere(visit.session)
    return {
        "categories": [(each.letter, f"{each.letter} {each.name}") for each in categories],
        "items": [(item.slug, item.name) for item in items if item.slug != own],
        "matters": [(matter.slug, matter.name) for matter in elsewhere.matters],
        "counters": [(str(each.number), f"{each.number} {each.name}") for each in counters],
        "posts": [(person.post, f"{person.post} {person.name}") for person in people],
        "accounts": [(each.name, f"{each.full_name} ({each.name})") for each in members],
        "buildings": _buildings(here),
        **visit.choices,
    }


def _buildings(here: Community | None) -> Choices:
    compounds = here.compounds if here else ()
    return [
        (building.slug, compound.name_of(building))
        for compound in compounds
        for building in compound.buildings
    ]


async def _newer(visit: PaperVisit, state: PaperState) -> Newer | None:
    """What was published since the draft began; None when nothing was."""
    draft = state.draft
    if draft is None or draft.base == state.current.number:
        return None
    return await published_since(visit, state, draft.base)


async def _conflicts(visit: PaperVisit, state: PaperState) -> list[Conflict]:
    """Places that both changed, after others' changes were taken into a draft."""
    both = await _both(visit, state)
    if both is None or state.draft is None:
        return []
    base, theirs = both
    mine = retyped(visit.form, state.draft.document)
    return _in_words(visit, merged(base, mine, theirs)[1], mine)


def _in_words(visit: PaperVisit, found: list[compare.Conflict], document: Values) -> list[Conflict]:
    return [
        Conflict(each.mark, change_of(visit.form, each.difference, document, visit.lang))
        for each in found
    ]


async def _both(visit: PaperVisit, state: PaperState) -> tuple[Values, Values] | None:
    """What a draft began from and what was taken into it, as typed; None when nothing was."""
    draft = state.draft
    if draft is None or draft.merged_from is None:
        return None
    began = await versions.version(visit.session, visit.paper, draft.merged_from)
    taken = await versions.version(visit.session, visit.paper, draft.base)
    if taken is None:
        return None
    return retyped(visit.form, began and began.document), retyped(visit.form, taken.document)


async def _stale(visit: PaperVisit, state: PaperState) -> tuple[list[Change], bool]:
    """What the district changed in the item since the community wrote its own, and whether."""
    item = state.item
    if visit.spec.adds_to is None or item is None:
        return [], False
    notes = await versions.stale_notes(visit.session, visit.staff.place.id)
    note = next((each for each in notes if each.item_id == item.id), None)
    return ([], False) if note is None else (await _changed_under(visit, note), True)


async def _changed_under(visit: PaperVisit, note: StaleNote) -> list[Change]:
    """The district's changes since the version that a community knew; empty for unknown ones."""
    spec = visit.spec.adds_to or visit.spec
    paper = Paper(spec.kind, None, visit.paper.key)
    known = await versions.version(visit.session, paper, note.known)
    newest = await versions.version(visit.session, paper, note.newest)
    if known is None or newest is None:
        return []
    changed = differences(known.document, newest.document)
    return changes_of(spec.form, changed, newest.document, visit.lang)


# Saving


async def autosave(visit: PaperVisit) -> Page:
    """Keep what is being typed; the answer is one line, and what the form goes on from."""
    state = await state_of(visit)
    typing = _typing(visit, state)
    whole, conflicts = typing.combined()
    draft = state.draft if conflicts else await _save(visit, state, whole, typing)
    found = (await checked(visit, whole)).problems if draft else {}
    return Saved(
        saved_at=draft.saved_at if draft else None,
        problems=found,
        # With conflicts the form still began where it did: nothing of it is kept yet.
        began=began_json(typing.began if conflicts else typing.mine),
        in_two_tabs=_in_words(visit, conflicts, whole),
        was_combined=not typing.is_alone,
    )


async def save(visit: PaperVisit) -> Redirect:
    """Keep what was typed, do what the pressed button says, and show where it was done."""
    state = await state_of(visit)
    what, _, place = visit.staff.form.text("do").partition(" ")
    typing, place = await _done(visit, state, what, place)
    whole, conflicts = typing.combined()
    if conflicts and what != "mine":
        raise InvalidError(await _in_two_tabs(visit, state, typing))
    draft = await _save(visit, state, whole, typing)
    if what == "review":
        return Redirect(await _to_review(visit, state, draft))
    return Redirect(f"{visit.address}#{place}" if place else visit.address)


async def _in_two_tabs(visit: PaperVisit, state: PaperState, typing: Typing) -> Editor:
    """The form with what was typed in both tabs, and the places at which they meet."""
    whole, conflicts = typing.combined()
    met = _in_words(visit, conflicts, whole)
    return await _editor(visit, state, whole, began=began_json(typing.began), in_two_tabs=met)


async def _done(visit: PaperVisit, state: PaperState, what: str, place: str) -> tuple[Typing, str]:
    """What was typed, after what a button does to it, and where to look next."""
    typing = _typing(visit, state)
    if what == "theirs":
        mine, place = await _taking_theirs(visit, state, typing.mine, place)
    elif what == "other":
        mine, path = with_theirs(typing.began, typing.mine, typing.theirs, place)
        place = _name(path)
    elif what in ROW_VERBS:
        mine, place = reordered(visit.form, typing.mine, what, place)
    else:
        return typing, place
    return replace(typing, mine=mine), place


# Only a draft is put together here. What others published meanwhile is taken in by `take_in`, at
# the review, where the person sees it.
def _typing(visit: PaperVisit, state: PaperState) -> Typing:
    """What was typed, beside the draft as another tab may have saved it meanwhile."""
    mine = typed(visit.form, visit.staff.form, values_of(visit, state))
    began = began_with(visit.form, visit.staff.form)
    if began is None or not _is_from_another_form(visit, state):
        return Typing(mine, mine, mine)
    return Typing(began, mine, values_of(visit, state))


def _is_from_another_form(visit: PaperVisit, state: PaperState) -> bool:
    nonce = visit.staff.form.text("nonce") or None
    return state.draft is not None and state.draft.saved_by_form != nonce


async def _save(
    visit: PaperVisit, state: PaperState, values: Values, typing: Typing
) -> PaperDraft | None:
    """Keep the draft; None when there is none and nothing differs from what is published."""
    draft, current, form = state.draft, state.current, visit.staff.form
    if draft is None and values == retyped(visit.form, current.document):
        return None
    base = min(_base(visit, state), current.number)
    # What was put together stands in no form as it is kept.
    nonce = form.text("nonce", LONGEST_NONCE) if values == typing.mine else ""
    return await versions.save_draft(
        visit.session, visit.actor, visit.paper, values, base, visit.now, form=nonce or None
    )


def _base(visit: PaperVisit, state: PaperState) -> int:
    """The version that a draft began from; what was put together with a draft, from its own."""
    kept = state.draft.base if state.draft else 0
    given = number(visit.staff.form.given("base"))
    is_combined = "began" in visit.staff.form and _is_from_another_form(visit, state)
    return kept if given is None or is_combined else given


async def _taking_theirs(
    visit: PaperVisit, state: PaperState, values: Values, mark: str
) -> tuple[Values, str]:
    """The values with theirs at one place in conflict, and where to look next."""
    both = await _both(visit, state)
    if both is None:
        return values, ""
    base, theirs = both
    taken, path = with_theirs(base, values, theirs, mark)
    return taken, _name(path)


def _name(path: Path) -> str:
    """A place as the form names its field."""
    return ".".join(map(str, path))


async def _to_review(visit: PaperVisit, state: PaperState, draft: PaperDraft | None) -> str:
    """Where a draft that is to be published goes next."""
    review = f"{visit.address}/publication"
    if draft is None:
        return review
    # First, because what others published may be what is missing here.
    if draft.base != state.current.number:
        as_typed = partial(retyped, visit.form)
        if await versions.take_in(visit.session, visit.paper, draft, visit.now, as_typed):
            return f"{visit.address}#merged"
    found = await checked(visit, retyped(visit.form, draft.document))
    return f"{visit.address}?check=1#problems" if found.document is None else review


async def discard(visit: PaperVisit) -> Redirect:
    """Forget the person's draft. Without it a document that was never published is gone."""
    state = await state_of(visit)
    await versions.drop_draft(visit.session, visit.paper, visit.actor)
    is_gone = state.current.document is None and visit.spec.kind.can_be_new
    return Redirect(around(visit, state)["back"][0] if is_gone else visit.address)


# Looking


async def preview(visit: PaperVisit) -> Page | Response:
    """The page as residents will see it; places that are not right yet as they are now."""
    state = await state_of(visit)
    found = await _as_far_as_right(visit, state)
    if found.document is None:
        return NoPreview(actor=visit.actor, problems=found.problems)
    community = await community_of(visit.session, visit.paper) if visit.paper.community else None
    # The preview writes on this copy of the community. Out of the session, none of it is stored.
    visit.session.expunge_all()
    draft = Preview(visit.staff, visit.paper, found.document, state.item, community)
    return await visit.spec.preview(draft)


async def _as_far_as_right(visit: PaperVisit, state: PaperState) -> Checked:
    """What is written, with the published value of each part that is wrong, if there is one."""
    values, published = values_of(visit, state), state.current.document
    found = await checked(visit, values)
    if found.document is not None or published is None:
        return found
    before = retyped(visit.form, published)
    tops = {name.split(".")[0] for name in found.problems}
    values = {**values, **{name: before[name] for name in tops if name in before}}
    return replace(await checked(visit, values), problems=found.problems)
