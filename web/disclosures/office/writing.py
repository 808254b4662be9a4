"""Writing a disclosure: the form that saves itself, and the page as residents will see it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from domain.characters import clean_lines
from domain.disclosures.draft import as_saved, key_of_row
from domain.disclosures.duties import catalogue_of
from domain.disclosures.markdown import LONGEST, pasted
from domain.disclosures.publishing import drop_draft, save_draft
from domain.disclosures.tables import DisclosureState
from domain.keys import new_key
from domain.papers.compare import with_theirs
from domain.staff.accounts import full_names
from web.disclosures.office.found import address_of, written
from web.disclosures.office.spec import (
    FORM,
    as_typed,
    problems_in,
    sections_of,
    too_long,
)
from web.papers.comparison import Change, change_of, place_words
from web.papers.form.reordering import ROW_VERBS, reordered
from web.papers.form.shape import outline_of, shown_names
from web.papers.form.typed import Typing, began_json, typed
from web.site.answers import InvalidError, Redirect
from web.site.pages import Page
from web.staff.access import StaffPage

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure
    from web.disclosures.office.spec import Parts
    from web.papers.form.problems import Problem
    from web.staff.access import StaffVisit

    Values = dict[str, Any]
    Choices = dict[str, list[tuple[str, str]]]

# Characters of the reason for a correction.
LONGEST_REASON = 200


@dataclass(frozen=True)
class Conflict:
    """A place that two people changed, each in their own way: its mark, and both in words."""

    mark: str
    change: Change


@dataclass(frozen=True, kw_only=True)
class Editor(StaffPage):
    """The form of a draft."""

    template: ClassVar[str] = "disclosures/office/edit.html"
    tab: ClassVar[str] = "places"
    here: str
    disclosure: Disclosure
    sections: list[tuple[str, Parts]]
    # Where to jump to: anchors and what they are called, to translate.
    outline: list[tuple[str, str]]
    # The names of all fields in the sections: what the form may empty.
    shows: list[str]
    values: Values
    # Lists that are too long to be typed, with how many rows they have.
    long_lists: dict[str, int]
    problems: dict[str, Problem]
    # The same, to go through: each field's name and where it is in words.
    faults: list[tuple[str, str, Problem]]
    choices: Choices
    # What the form began from, as JSON, so that the changes of two people can be told apart.
    began: str
    # Of this form, for the keys of the lines that are added to it.
    nonce: str
    saved_at: dt.datetime | None
    # Who saved last, when it was a colleague.
    saved_by: str
    conflicts: list[Conflict]
    was_combined: bool
    is_in_steps: bool
    # Whether there is no draft any more.
    is_gone: bool = False


@dataclass(frozen=True, kw_only=True)
class Saved(Page):
    """The line that says a draft is saved, with what the form goes on from."""

    template: ClassVar[str] = "disclosures/office/_saved.html"
    saved_at: dt.datetime | None
    problems: dict[str, Problem]
    began: str
    # The colleague whose changes were found, and whether they meet this person's.
    saved_by: str
    was_combined: bool
    has_conflicts: bool
    # Whether there is no draft any more.
    is_gone: bool = False


# The draft belongs to all who write it, so two may have it open; see `Typing`.
# Not taken: a draft for each person, as documents have. A disclosure's steps need one draft that
# all of them look at.
async def show(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """The form of the draft; a published disclosure without a correction has none."""
    disclosure = await written(visit, session)
    if disclosure.draft is None:
        return Redirect(address_of(visit, disclosure))
    return await _editor(visit, session, disclosure, as_typed(disclosure.draft))


async def _editor(
    visit: StaffVisit, session: AsyncSession, disclosure: Disclosure, values: Values, **more: Any
) -> Editor:
    sections = sections_of(values)
    problems = problems_in(values) if "check" in visit.query else {}
    page = Editor(
        actor=visit.actor,
        here=address_of(visit, disclosure),
        disclosure=disclosure,
        sections=sections,
        outline=outline_of(sections),
        shows=[name for _, parts in sections for name in shown_names(parts)],
        values=values,
        long_lists={name: len(values[name]) for name in too_long(values)},
        problems=problems,
        faults=[
            (name, place_words(FORM, name, values, visit.lang), problem)
            for name, problem in problems.items()
        ],
        choices={"items": await _items(visit, session, disclosure, values["item"])},
        began=_as_json(values),
        nonce=new_key(),
        saved_at=disclosure.draft_saved_at,
        saved_by=await _other(visit, session, disclosure),
        conflicts=[],
        was_combined="combined" in visit.query,
        is_in_steps=disclosure.steps_taken > 0,
    )
    return replace(page, **more)


async def _items(
    visit: StaffVisit, session: AsyncSession, disclosure: Disclosure, current: str | None
) -> list[tuple[str, str]]:
    """The items of the catalogue for this kind, and the one that is chosen, whatever it is."""
    catalogue = await catalogue_of(session, visit.place.settlement)
    found = {item.slug: item.name for item in catalogue.items if item.kind is disclosure.kind}
    return list({**({current: current} if current else {}), **found}.items())


async def _other(visit: StaffVisit, session: AsyncSession, disclosure: Disclosure) -> str:
    """The colleague who saved the draft last; empty when it was this person."""
    who = disclosure.draft_saved_by
    if who == visit.actor.staff_id:
        return ""
    return (await full_names(session, [who])).get(who, "")


def _as_json(values: Values) -> str:
    """What the form shows, to be sent back with it; long lists are not in the form."""
    shown = {name: value for name, value in values.items() if name not in too_long(values)}
    return began_json(shown)


def _typing(visit: StaffVisit, disclosure: Disclosure) -> Typing:
    theirs = as_typed(disclosure.draft)
    began = as_typed({**theirs, **_began(visit)})
    values = typed(FORM, visit.form, began)
    if "body" in visit.form:
        # The field's text itself: of cleaned text the tabs between cells are gone.
        values["body"] = _body(visit.form.secret("body"))
    if "ledger" not in too_long(began):
        values["ledger"] = _with_keys(visit, values["ledger"])
    return Typing(began, as_typed(as_saved(values)), theirs)


def _with_keys(visit: StaffVisit, lines: list[Values]) -> list[Values]:
    """The lines of the form, those that were added to it with the key that they get each time."""
    steps = (str(name).split(".") for name in visit.form)
    rows = list(dict.fromkeys(each[1] for each in steps if each[0] == "ledger" and len(each) > 1))
    nonce = visit.form.text("nonce")
    return [
        {**line, "key": line["key"] or key_of_row(nonce, row)}
        for line, row in zip(lines, rows, strict=False)
    ]


def _body(text: str) -> str | None:
    """The text as it is kept, with pasted tables as tables; too long a one as it was typed."""
    with_tables = text if len(text) > LONGEST else pasted(text)
    return clean_lines(with_tables).strip() or None


def _began(visit: StaffVisit) -> Values:
    """What the form began from; nothing when it was not made by us."""
    try:
        began = json.loads(visit.form.given("began"))
    except ValueError:
        return {}
    return began if isinstance(began, dict) and _is_of_our_shape(began) else {}


def _is_of_our_shape(began: Values) -> bool:
    rows = (began.get(name, []) for name in ("ledger", "persons"))
    return all(
        isinstance(each, list) and all(isinstance(row, dict) for row in each) for each in rows
    )


async def autosave(visit: StaffVisit, session: AsyncSession) -> Page:
    """Keep what is being typed; the answer is one line, and what the form goes on from."""
    disclosure = await written(visit, session, locked=True)
    if disclosure.draft is None:
        return _gone(visit)
    typing, other = _typing(visit, disclosure), await _other(visit, session, disclosure)
    whole, conflicts = typing.combined()
    if not conflicts:
        await _save(visit, session, disclosure, whole)
    return Saved(
        saved_at=disclosure.draft_saved_at,
        problems=problems_in(whole),
        # With conflicts the form still began where it did: nothing of it is kept yet.
        began=_as_json(typing.began if conflicts else typing.mine),
        saved_by=other,
        was_combined=not typing.is_alone,
        has_conflicts=bool(conflicts),
    )


def _gone(visit: StaffVisit) -> Saved:
    """The line for a draft that was published or discarded while this form was open."""
    return Saved(
        saved_at=None,
        problems={},
        began=visit.form.given("began"),
        saved_by="",
        was_combined=False,
        has_conflicts=False,
        is_gone=True,
    )


async def _not_written_any_more(
    visit: StaffVisit, session: AsyncSession, disclosure: Disclosure
) -> Editor:
    """The form with what was typed, to be copied: the draft was published or discarded."""
    mine = _typing(visit, disclosure).mine
    return await _editor(visit, session, disclosure, mine, is_gone=True)


async def _save(
    visit: StaffVisit, session: AsyncSession, disclosure: Disclosure, values: Values
) -> None:
    """Keep the values, with the files as they are."""
    draft = {**values, "files": disclosure.draft.get("files") or []}
    before = {**as_typed(disclosure.draft), "files": disclosure.draft.get("files") or []}
    # Saving without a change leaves the steps as they are, in whatever form the draft is kept.
    if draft == before:
        return
    await save_draft(
        session,
        disclosure,
        draft,
        disclosure.draft_reason,
        disclosure.draft_number,
        visit.now,
        visit.actor.staff_id,
    )


async def save(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Keep what was typed, do what the pressed button says, and show where it was done."""
    disclosure = await written(visit, session, locked=True)
    if disclosure.draft is None:
        raise InvalidError(await _not_written_any_more(visit, session, disclosure))
    typing = _typing(visit, disclosure)
    what, _, place = visit.form.text("do").partition(" ")
    if what in ROW_VERBS:
        mine, place = reordered(FORM, typing.mine, what, place)
        typing = replace(typing, mine=mine)
    elif what == "theirs":
        mine, path = with_theirs(typing.began, typing.mine, typing.theirs, place)
        typing, place = replace(typing, mine=mine), ".".join(map(str, path))
    whole, conflicts = typing.combined()
    if conflicts and what != "mine":
        raise InvalidError(await _in_conflict(visit, session, disclosure, typing))
    await _save(visit, session, disclosure, whole)
    return Redirect(_next(address_of(visit, disclosure), what, place, whole, typing))


async def _in_conflict(
    visit: StaffVisit, session: AsyncSession, disclosure: Disclosure, typing: Typing
) -> Editor:
    """The form with what both wrote, and the places at which they meet."""
    whole, conflicts = typing.combined()
    return await _editor(
        visit,
        session,
        disclosure,
        whole,
        conflicts=[
            Conflict(conflict.mark, change_of(FORM, conflict.difference, whole, visit.lang))
            for conflict in conflicts
        ],
        began=_as_json(typing.began),
    )


def _next(here: str, what: str, place: str, whole: Values, typing: Typing) -> str:
    """Where to go after saving: on to the steps, to what is wrong, or back to the form."""
    if what == "next":
        return f"{here}/draft?check=1#problems" if problems_in(whole) else here
    combined = "" if typing.is_alone else "?combined=1"
    return f"{here}/draft{combined}#{place}" if place else f"{here}/draft{combined}"


async def discard(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Forget the draft. One that was never published is gone, a published one stays as it is."""
    disclosure = await written(visit, session, locked=True)
    await drop_draft(session, disclosure)
    is_gone = disclosure.state is DisclosureState.UNPUBLISHED
    lists = f"/staff/c/{visit.place.slug}/disclosures"
    return Redirect(lists if is_gone else address_of(visit, disclosure))
