"""The office's lists: what is written, what waits for a step, what is scheduled and published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.characters import clean
from domain.disclosures import office, publishing
from domain.disclosures.content import DisclosureKind
from domain.disclosures.duties import catalogue_of
from domain.disclosures.tables import Disclosure
from domain.staff.accounts import full_names
from web.disclosures.office.spec import as_typed
from web.site.answers import InvalidError, Redirect
from web.site.device_key import FormKey
from web.site.forms import number
from web.site.pages import Card
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.office import DraftRow
    from domain.places.tables import Community
    from web.site.pages import Page
    from web.staff.access import StaffVisit

# Fields of the form that begins one, and the characters of each.
BEGUN, LONGEST = ("kind", "item", "period"), 40


@dataclass(frozen=True)
class Listed:
    """A draft in a list, with its address and whose it is."""

    row: DraftRow
    address: str
    place: str
    owner: str


@dataclass(frozen=True, kw_only=True)
class OfficeDisclosures(StaffPage):
    """公开: what this community's office writes and has published."""

    template: ClassVar[str] = "disclosures/office/index.html"
    tab: ClassVar[str] = "places"
    place: Community
    written: list[Listed]
    in_steps: list[Listed]
    scheduled: list[Listed]
    published: list[Disclosure]
    # The id of the last one shown, when there are older ones.
    last: int | None
    kinds: list[DisclosureKind]
    begun: Begun
    # Whether this person also begins one for the whole subdistrict.
    for_all: bool
    key: str
    wrong: str = ""


@dataclass(frozen=True)
class Begun:
    """What is filled in of a disclosure that begins: its kind, and the duty that it keeps."""

    kind: str = ""
    item: str = ""
    period: str = ""
    # What the catalogue calls the item; empty where it has none of this name.
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class NewDisclosure(StaffPage):
    """The form that begins a disclosure, for a duty of the catalogue."""

    template: ClassVar[str] = "disclosures/office/new.html"
    tab: ClassVar[str] = "places"
    place: Community
    kinds: list[DisclosureKind]
    begun: Begun
    for_all: bool
    key: str


@dataclass(frozen=True, kw_only=True)
class MySteps(StaffPage):
    """我的环节: what waits for this person's step, wherever that is."""

    template: ClassVar[str] = "disclosures/office/steps.html"
    tab: ClassVar[str] = "today"
    waiting: list[Listed]
    back: list[Listed]


@dataclass(frozen=True, kw_only=True)
class DisclosuresCard(Card):
    """The same on the staff home."""

    template: ClassVar[str] = "disclosures/office/_card.html"
    waiting: list[Listed]
    back: list[Listed]


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The lists of a community."""
    return await _page(visit, session)


async def _page(visit: StaffVisit, session: AsyncSession, wrong: str = "") -> OfficeDisclosures:
    kinds = await _kinds(visit, session)
    rows = await _listed(visit, session, await office.drafts_at(session, visit.actor, visit.place))
    before = number(visit.query.get("before", ""))
    last = None if before is None else await session.get(Disclosure, before)
    published = await office.published_at_place(session, visit.actor, visit.place, last)
    return OfficeDisclosures(
        actor=visit.actor,
        place=visit.place,
        written=[each for each in rows if not each.row.disclosure.steps_taken],
        in_steps=[each for each in rows if _is_in_steps(each.row)],
        scheduled=[each for each in rows if each.row.disclosure.publish_at],
        published=published[: office.PAGE],
        last=published[office.PAGE - 1].id if len(published) > office.PAGE else None,
        kinds=kinds,
        begun=Begun(),
        for_all=await _for_all(visit, session),
        key=FormKey.new().key,
        wrong=wrong,
    )


def _is_in_steps(row: DraftRow) -> bool:
    return row.disclosure.steps_taken > 0 and row.disclosure.publish_at is None


async def _kinds(visit: StaffVisit, session: AsyncSession) -> list[DisclosureKind]:
    """The kinds that this person begins here; 404 for who begins none."""
    steps = await office.settings_of(session)
    kinds = office.kinds_to_write(steps, visit.actor, visit.place)
    if not kinds:
        raise HTTPException(404)
    return kinds


async def _for_all(visit: StaffVisit, session: AsyncSession) -> bool:
    steps = await office.settings_of(session)
    roles = {role for kind in DisclosureKind for role in steps.of(kind)[0].roles}
    for_all = Disclosure(subdistrict_id=visit.place.subdistrict_id)
    return publishing.holds(visit.actor, roles, visit.place, for_all)


async def _listed(
    visit: StaffVisit, session: AsyncSession, rows: Sequence[DraftRow]
) -> list[Listed]:
    names = await full_names(session, [row.disclosure.owner_id for row in rows])
    return [_one(visit, row, names.get(row.disclosure.owner_id, "")) for row in rows]


def _one(visit: StaffVisit, row: DraftRow, owner: str) -> Listed:
    disclosure = row.disclosure
    subdistrict = next(
        each
        for each in visit.published.district.subdistricts
        if each.id == disclosure.subdistrict_id
    )
    community = next(
        each for each in subdistrict.communities if disclosure.community_id in {each.id, None}
    )
    place = community.name if disclosure.community_id else subdistrict.name
    address = f"/staff/c/{community.slug}/disclosures/{disclosure.id}"
    return Listed(row, address, place, owner)


async def new(visit: StaffVisit, session: AsyncSession) -> Page:
    """The form that begins one, with what the address says of it."""
    return NewDisclosure(
        actor=visit.actor,
        place=visit.place,
        kinds=await _kinds(visit, session),
        begun=await _begun(visit, session, visit.query),
        for_all=await _for_all(visit, session),
        key=FormKey.new().key,
    )


async def _begun(visit: StaffVisit, session: AsyncSession, given: Mapping[str, str]) -> Begun:
    kind, item, period = (clean(given.get(name, ""))[:LONGEST] for name in BEGUN)
    found = (await catalogue_of(session, visit.place.settlement)).item(item)
    return Begun(kind, item, period, found.name if found else "")


async def begin(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Begin one of a kind, for the community or for its subdistrict."""
    kinds, kind = await _kinds(visit, session), visit.form.text("kind")
    is_for_all = visit.form.text("for") == "subdistrict"
    if kind not in kinds or (is_for_all and not await _for_all(visit, session)):
        raise InvalidError(await _page(visit, session, wrong="kind"))
    made = await publishing.begin(
        session,
        visit.actor,
        DisclosureKind(kind),
        visit.place.subdistrict_id,
        None if is_for_all else visit.place.id,
        FormKey.of(visit.form).request_key,
        visit.now,
    )
    given = {name: visit.form.text(name, LONGEST) for name in BEGUN}
    await _fill_in(visit, session, made, await _begun(visit, session, given))
    return Redirect(f"/staff/c/{visit.place.slug}/disclosures/{made.id}/draft")


async def _fill_in(
    visit: StaffVisit, session: AsyncSession, made: Disclosure, begun: Begun
) -> None:
    """Put the duty into a draft in which nothing was written yet."""
    if not begun.item or made.draft:
        return
    written = {"title": begun.name or None, "item": begun.item, "period": begun.period or None}
    draft = {**as_typed(written), "files": []}
    who, base = visit.actor.staff_id, made.draft_number
    await publishing.save_draft(session, made, draft, "", base, visit.now, who)


async def my_steps(visit: StaffVisit, session: AsyncSession) -> Page:
    """What waits for this person's step."""
    waiting, back = await _waiting(visit, session)
    return MySteps(actor=visit.actor, waiting=waiting, back=back)


async def _waiting(visit: StaffVisit, session: AsyncSession) -> tuple[list[Listed], list[Listed]]:
    waiting = await office.waiting_for(session, visit.actor)
    back = await office.back_to(session, visit.actor)
    return await _listed(visit, session, waiting), await _listed(visit, session, back)


async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """What waits for this person's step, and what came back to them."""
    waiting, back = await _waiting(visit, session)
    return [DisclosuresCard(waiting=waiting, back=back)] if waiting or back else []
