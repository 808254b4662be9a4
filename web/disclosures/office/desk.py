"""A disclosure at the office: what it waits for, what was found in it, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from domain.disclosures import check, office, publishing, shown
from domain.disclosures.attachments import files_of
from domain.disclosures.draft import draft_of
from domain.disclosures.tables import DisclosureState
from domain.papers.compare import differences
from domain.staff.accounts import full_names
from domain.staff.actor import MANAGING
from web.disclosures.office.found import address_of, seen
from web.disclosures.office.reading import WORKBOOKS
from web.disclosures.office.spec import FORM, as_typed, problems_in
from web.papers.comparison import changes_of, place_words
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.content import FoundPlace
    from domain.disclosures.steps import Step
    from domain.disclosures.tables import Disclosure, DisclosureFile, DisclosureStep
    from web.papers.comparison import Change
    from web.running.services import Services
    from web.site.pages import Page
    from web.staff.access import StaffVisit

# The fields of its forms whose words come back when something was not done.
TYPED = ("opinion", "why", "changes", "day", "time")


@dataclass(frozen=True)
class PlaceRow:
    """A place that looks like personal data: where in words, and the reason once it has one."""

    found: FoundPlace
    where: str
    # Where to correct it.
    address: str
    why: str


@dataclass(frozen=True)
class StepRow:
    """A step that was taken, and who took it."""

    step: DisclosureStep
    who: str


@dataclass(frozen=True, kw_only=True)
class Desk(StaffPage):
    """公开 at the office."""

    template: ClassVar[str] = "disclosures/office/desk.html"
    tab: ClassVar[str] = "places"
    here: str
    disclosure: Disclosure
    name: str
    # All steps of its kind, and those that were taken or sent back on the way to the next revision.
    steps: Sequence[Step]
    history: list[StepRow]
    next_step: Step | None
    may_write: bool
    may_take: bool
    may_publish: bool
    may_erase: bool
    # How many fields are not right yet.
    problems: int
    places: list[PlaceRow]
    files: list[DisclosureFile]
    # The files of the draft by token; the others wait for a decision.
    in_draft: list[str]
    workbooks: frozenset[str]
    # What the correction changes; empty for one that was never published.
    changes: list[Change]
    # What was not done, and why: a word for the template.
    trouble: str
    typed: dict[str, str]

    @property
    def open_places(self) -> int:
        """How many places nobody confirmed."""
        return sum(not row.why for row in self.places)


async def show(visit: StaffVisit, services: Services) -> Page:
    """The page of a disclosure, with the check of its draft."""
    return await desk_page(visit, services)


async def desk_page(
    visit: StaffVisit, services: Services, trouble: str = "", status: int = HTTPStatus.OK
) -> Page:
    """The page, which says why something was not done."""
    draft = await checked(visit, services)
    async with services.store.read() as session:
        disclosure = await seen(visit, session)
        page = await _page(visit, session, disclosure, draft, trouble)
    return Conflicting(**vars(page)) if status == HTTPStatus.CONFLICT else page


@dataclass(frozen=True, kw_only=True)
class Conflicting(Desk):
    """The same, when what a person looked at is no longer so."""

    status: ClassVar[int] = HTTPStatus.CONFLICT


@dataclass(frozen=True)
class Checked:
    """A draft as it was read, and what was found in it."""

    seen: check.DraftSeen
    found: list[FoundPlace]

    @property
    def open(self) -> list[FoundPlace]:
        """The places that nobody confirmed."""
        return [place for place in self.found if place.fingerprint not in self.seen.confirmed]


async def checked(visit: StaffVisit, services: Services) -> Checked:
    """The draft with what looks like personal data, found in a thread that lets pages go first."""
    async with services.store.read() as session:
        disclosure = await seen(visit, session)
        draft = await check.draft_seen(session, disclosure)
    found = await services.in_background_thread(check.places_found, draft)
    return Checked(draft, found)


async def _page(
    visit: StaffVisit, session: AsyncSession, disclosure: Disclosure, draft: Checked, trouble: str
) -> Desk:
    actor, place, values = visit.actor, visit.place, as_typed(draft.seen.draft)
    steps = await publishing.steps_of(session, disclosure.kind)
    has_draft = disclosure.draft is not None
    return Desk(
        actor=actor,
        here=address_of(visit, disclosure),
        disclosure=disclosure,
        name=(values["title"] if has_draft else None) or disclosure.title,
        steps=steps,
        history=await _history(session, disclosure),
        next_step=await publishing.next_step(session, disclosure),
        may_write=await office.may_write(session, actor, place, disclosure),
        may_take=await publishing.may_take(session, actor, place, disclosure),
        may_publish=await office.may_publish(session, actor, place, disclosure),
        may_erase=publishing.holds(actor, MANAGING, place, disclosure),
        problems=len(problems_in(values)) if has_draft else 0,
        places=_places(visit, disclosure, draft, values),
        files=await files_of(session, disclosure),
        in_draft=[file["token"] for file in draft.seen.draft.get("files") or ()],
        workbooks=WORKBOOKS,
        changes=await _changes(visit, session, disclosure, values) if has_draft else [],
        trouble=trouble,
        typed={name: visit.form.given(name) for name in TYPED},
    )


async def _history(session: AsyncSession, disclosure: Disclosure) -> list[StepRow]:
    steps = await office.history_of(session, disclosure)
    names = await full_names(session, [step.staff_id for step in steps])
    return [StepRow(step, names.get(step.staff_id, "")) for step in steps]


def _places(
    visit: StaffVisit, disclosure: Disclosure, draft: Checked, values: dict[str, Any]
) -> list[PlaceRow]:
    here, confirmed = address_of(visit, disclosure), draft.seen.confirmed
    return [
        PlaceRow(
            place, *_place(visit, here, place, draft, values), confirmed.get(place.fingerprint, "")
        )
        for place in draft.found
    ]


def _place(
    visit: StaffVisit, here: str, place: FoundPlace, draft: Checked, values: dict[str, Any]
) -> tuple[str, str]:
    """Where a place is in words, and the address at which it is corrected."""
    if place.place.startswith("files."):
        _, token, within = place.place.split(".", 2)
        names = {file["token"]: file["name"] for file in draft.seen.draft.get("files") or ()}
        return " › ".join(filter(None, (names.get(token, ""), within))), f"{here}#files"
    return place_words(FORM, place.place, values, visit.lang), f"{here}/draft#{place.place}"


async def _changes(
    visit: StaffVisit, session: AsyncSession, disclosure: Disclosure, values: dict[str, Any]
) -> list[Change]:
    """What a correction changes of what is published."""
    if disclosure.state is DisclosureState.UNPUBLISHED:
        return []
    newest = await shown.revision_of(session, disclosure, disclosure.number)
    if newest is None or newest.document is None:
        return []
    before = as_typed(draft_of(newest.document, newest.persons or ()))
    return changes_of(FORM, differences(before, values), values, visit.lang)
