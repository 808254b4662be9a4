"""What an office keeps true: the handbook for the district, its own for a community."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ValidationError
from sqlalchemy import select
from starlette.exceptions import HTTPException

from domain.events import record
from domain.handbook.tables import Category, ServiceItem
from domain.hours import periods_of
from domain.papers import versions
from domain.papers.kinds import Paper, PaperKind, item_guide, item_of, read_document
from domain.papers.versions import PublishedMeanwhileError, UnchangedError
from domain.places.content import HallContent, HoursException
from domain.queue.happened import HallHoursChanged
from domain.rules import DAY_TAKEN
from domain.staff.actor import EDITING
from domain.words import N_
from web.papers.desk.desks import DESKS
from web.papers.desk.paper import new_slug
from web.papers.fields import Problem, form_of_shape, problems_of, retyped, typed
from web.papers.labels import KINDS
from web.site.answers import InvalidError, Redirect
from web.site.words import time_words
from web.staff.access import StaffPage, StaffVisit
from web.staff.places import by_subdistrict, communities_for

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.papers.tables import PaperDraft
    from domain.papers.versions import StaleNote
    from domain.places.tables import Community, Subdistrict
    from web.site.pages import Page

RESERVED = {"items", "imports", "spreadsheet"}
"""Below /staff/handbook these are pages of ours."""
OWN_KINDS = (
    PaperKind.HALL,
    PaperKind.QUEUE,
    PaperKind.PEOPLE,
    PaperKind.FACILITIES,
    PaperKind.PARTNERS,
    PaperKind.ABOUT,
)


@dataclass(frozen=True)
class Kept:
    """An item as the one who keeps it sees it."""

    item: ServiceItem
    is_overdue: bool
    has_draft: bool


@dataclass(frozen=True, kw_only=True)
class HandbookDesk(StaffPage):
    """The district's handbook, as its editors see it."""

    template: ClassVar[str] = "papers/handbook.html"
    tab: ClassVar[str] = "papers"
    categories: list[tuple[Category, list[Kept]]]
    overdue: int
    every: int
    """Days after which an item is to be assured again."""
    only_overdue: bool
    years: list[int]
    new_items: list[PaperDraft]
    typed: dict[str, str]
    wrong: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Communities(StaffPage):
    """The communities this person may edit."""

    template: ClassVar[str] = "papers/communities.html"
    tab: ClassVar[str] = "places"
    subdistricts: list[tuple[Subdistrict, list[Community]]]


@dataclass(frozen=True)
class ItemNotes:
    """An item, what the community adds to it, and whether the district's text changed since."""

    item: ServiceItem
    is_noted: bool
    is_stale: bool


@dataclass(frozen=True, kw_only=True)
class CommunityDesk(StaffPage):
    """What a community keeps true."""

    template: ClassVar[str] = "papers/community.html"
    tab: ClassVar[str] = "places"
    place: Community
    kinds: list[tuple[PaperKind, str]]
    noted: list[ItemNotes]
    categories: list[tuple[Category, list[ItemNotes]]]
    exceptions: list[HoursException]
    """Days to come on which the hall is open otherwise than usual."""
    values: dict[str, Any]
    problems: dict[str, Problem]


async def handbook(visit: StaffVisit, session: AsyncSession) -> Page:
    """Every item with when it was assured."""
    return await _handbook(visit, session)


async def _handbook(
    visit: StaffVisit,
    session: AsyncSession,
    typed_words: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> HandbookDesk:
    only = visit.query.get("show") == "overdue"
    drafts = await versions.drafts_by(session, visit.actor)
    kept = await kept_items(visit, session, drafts)
    categories = list(await session.scalars(select(Category).order_by(Category.letter)))
    known = {each.item.slug for each in kept}
    return HandbookDesk(
        actor=visit.actor,
        categories=[
            (category, found)
            for category in categories
            if (
                found := [
                    each
                    for each in kept
                    if each.item.category_id == category.id and (each.is_overdue or not only)
                ]
            )
            or not only
        ],
        overdue=sum(each.is_overdue for each in kept),
        every=visit.settings.assure_every,
        only_overdue=only,
        years=[visit.today.year, visit.today.year + 1],
        new_items=[
            each
            for each in drafts
            if each.subject.startswith("handbook/") and each.subject[9:] not in known
        ],
        typed=typed_words or {},
        wrong=wrong or {},
    )


async def kept_items(
    visit: StaffVisit, session: AsyncSession, drafts: list[PaperDraft]
) -> list[Kept]:
    """Every item, with whether it is to be assured again; `drafts` are the person's own."""
    items = await session.scalars(
        select(ServiceItem).order_by(ServiceItem.category_id, ServiceItem.rank)
    )
    begun = {each.subject for each in drafts}
    kept = []
    for item in items:
        days = (visit.today - item.guide.assured.date).days
        overdue = days > visit.settings.assure_every and item.withdrawn is None
        kept.append(Kept(item, overdue, f"handbook/{item.slug}" in begun))
    return kept


async def new_item(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Begin a new item from one that is like it; nothing is public before it is published."""
    name, like = visit.form.text("name", 80), visit.form.given("like")
    known = set(await session.scalars(select(ServiceItem.slug)))
    wrong = {}
    if not name:
        wrong["name"] = "missing"
    if like not in known:
        wrong["like"] = "missing"
    if wrong:
        raise InvalidError(await _handbook(visit, session, {"name": name, "like": like}, wrong))
    example = item_guide(await item_of(session, like)).model_dump(mode="json")
    begun = {
        **example,
        "name": name,
        "code": "",
        "summary": "",
        "everyday_names": [name],
        "search_words": [],
        "withdrawn": None,
        "assured": {"date": str(visit.today), "by": example["assured"]["by"]},
    }
    slug = new_slug(name, known | RESERVED)
    desk = DESKS[PaperKind.GUIDE]
    values = retyped(desk.group, begun)
    paper = Paper(PaperKind.GUIDE, None, slug)
    await versions.save_draft(session, visit.actor, paper, values, 0, visit.now)
    return Redirect(f"/staff/handbook/{slug}")


async def communities(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """The communities this person may edit; straight to it when it is one."""
    every = communities_for(visit, EDITING)
    if len(every) == 1:
        return Redirect(f"/staff/c/{every[0].slug}")
    return Communities(actor=visit.actor, subdistricts=by_subdistrict(visit, EDITING))


async def community(visit: StaffVisit, session: AsyncSession) -> Page:
    """What one community keeps true."""
    return await _community(visit, session)


async def _community(
    visit: StaffVisit,
    session: AsyncSession,
    values: dict[str, Any] | None = None,
    problems: dict[str, Problem] | None = None,
) -> CommunityDesk:
    place = visit.place
    stale = {each.item_id for each in await versions.stale_notes(session, place.id)}
    notes = {each.item_id for each in place.notes}
    categories = [
        (category, [ItemNotes(item, item.id in notes, item.id in stale) for item in category.items])
        for category in visit.published.handbook.categories
    ]
    hall: Any = await read_document(session, Paper(PaperKind.HALL, place.slug))
    exceptions = sorted(hall.hours.exceptions, key=lambda each: each.day)
    return CommunityDesk(
        actor=visit.actor,
        place=place,
        kinds=[(kind, KINDS[kind]) for kind in OWN_KINDS],
        noted=[each for _, group in categories for each in group if each.is_noted],
        categories=categories,
        exceptions=[each for each in exceptions if each.day >= visit.today],
        values=values or {"day": str(visit.today), "periods": [], "reason": None},
        problems=problems or {},
    )


EXCEPTION = form_of_shape(HoursException)
PAST = N_("This day is over.")


async def except_day(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Other hours on one day, published at once: closed this afternoon."""
    place = visit.place
    values = typed(EXCEPTION, visit.form, {})
    paper = Paper(PaperKind.HALL, place.slug)
    standing = await versions.published(session, paper)
    hall = HallContent.model_validate(standing.document)
    problems: dict[str, Problem] = {}
    try:
        exception = HoursException.model_validate(values)
    except ValidationError as error:
        problems = problems_of(EXCEPTION, error)
    else:
        if exception.day < visit.today:
            problems["day"] = Problem(PAST)
        elif any(each.day == exception.day for each in hall.hours.exceptions):
            problems["day"] = Problem(DAY_TAKEN, str(exception.day))
    if problems:
        raise InvalidError(await _community(visit, session, values, problems))
    # Days that are over leave the list, or it would grow for ever; versions remember them.
    coming = [each for each in hall.hours.exceptions if each.day >= visit.today]
    hours = hall.hours.model_copy(update={"exceptions": (*coming, exception)})
    await _publish_hall(visit, session, hall.model_copy(update={"hours": hours}), exception.reason)
    return Redirect(f"/staff/c/{place.slug}#exceptions")


async def withdraw_exception(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """The usual hours again on a day."""
    place = visit.place
    try:
        day = dt.date.fromisoformat(visit.params["day"])
    except ValueError:
        raise HTTPException(404) from None
    standing = await versions.published(session, Paper(PaperKind.HALL, place.slug))
    hall = HallContent.model_validate(standing.document)
    left = tuple(each for each in hall.hours.exceptions if each.day != day)
    if left == hall.hours.exceptions:
        raise HTTPException(404)
    hours = hall.hours.model_copy(update={"exceptions": left})
    await _publish_hall(visit, session, hall.model_copy(update={"hours": hours}), str(day))
    return Redirect(f"/staff/c/{place.slug}#exceptions")


async def _publish_hall(
    visit: StaffVisit, session: AsyncSession, hall: HallContent, reason: str
) -> None:
    paper = Paper(PaperKind.HALL, visit.place.slug)
    number = (await versions.published(session, paper)).number
    try:
        await versions.publish(session, visit.actor, paper, hall, number, reason, visit.now)
    except (PublishedMeanwhileError, UnchangedError):
        raise HTTPException(409) from None
    before, after = (
        periods_of(hours, visit.published.calendar, visit.today)
        for hours in (visit.place.hall.hours, hall.hours)
    )
    if before != after:
        hours = ", ".join(f"{time_words(e.opens)}-{time_words(e.closes)}" for e in after)
        record(session, HallHoursChanged(visit.place.hall.id, hours, visit.now))


async def stale_for(visit: StaffVisit, session: AsyncSession) -> list[StaleNote]:
    """Notes that this person should look at: the district changed the text under them."""
    slugs = {each.slug for each in communities_for(visit, EDITING)}
    return [each for each in await versions.stale_notes(session) if each.community in slugs]
