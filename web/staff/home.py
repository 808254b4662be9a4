"""The staff home: what waits for me now, and the ways to what I may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.papers.kinds import PaperKind
from domain.papers.versions import drafts_by
from domain.queue.snapshot import queue_now
from domain.ratings.verbs import open_call_backs
from domain.staff.acting import EDITING, SERVING
from web.papers.labels import KINDS
from web.papers.office import kept_items, stale_for
from web.push.inbox import NEWEST, Told, told
from web.push.people import member_of
from web.staff.access import StaffPage
from web.staff.counters.seats import seat_of
from web.staff.places import communities_for, place_of

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.papers.tables import PaperDraft
    from web.pages import Page
    from web.staff.access import StaffVisit

NOTICE_FROM = (11, 1)
"""Month and day from which next year's holiday notice is asked for; it comes out in November."""


@dataclass(frozen=True)
class Writing:
    """A draft: where it is, what kind of document, which one, and when it was saved."""

    address: str
    kind: str
    name: str
    saved_at: dt.datetime


@dataclass(frozen=True)
class Stale:
    """Own words under which the district's text changed."""

    address: str
    item: str
    community: str


@dataclass(frozen=True)
class Waits:
    """A hall to serve in: the way to the counter, and how many wait."""

    address: str
    name: str
    counter: int | None
    """The counter one sits at."""
    waiting: int


@dataclass(frozen=True)
class Owed:
    """差评回访: how many of a community wait for an answer, and until when the first."""

    address: str
    name: str
    count: int
    fix_by: dt.date


@dataclass(frozen=True, kw_only=True)
class StaffHome(StaffPage):
    """工作台."""

    template: ClassVar[str] = "staff/home.html"
    tab: ClassVar[str] = "today"
    places: list[tuple[str, str, str]]
    """Role, name of its place, slug of the community when it is one."""
    lacks_second_factor: bool
    drafts: list[Writing]
    overdue: int
    """Guides to be assured again."""
    stale: list[Stale]
    missing_year: int | None
    """The year whose holiday notice is due."""
    halls: list[Waits]
    """The halls in which this person serves."""
    owed: list[Owed]
    """Communities of one's own where somebody waits for the answer to a bad rating."""
    told: tuple[Told, ...]
    """What they were told lately."""


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The staff home."""
    items = {item.id: item for item in visit.published.handbook.items.values()}
    names = {item.slug: item.name for item in items.values()}
    may_edit = visit.actor.edits
    district = visit.actor.edits_district
    drafts = await drafts_by(session, visit.actor) if may_edit else []
    kept = await kept_items(visit, session, drafts) if district else []
    return StaffHome(
        actor=visit.actor,
        places=[
            (each.role.value, *place_of(visit, each.subdistrict_id, each.community_id))
            for each in visit.actor.grants
        ],
        lacks_second_factor=visit.session.staff.totp_secret is None,
        drafts=[
            writing for each in drafts if (writing := _writing(visit, each, names)) is not None
        ],
        overdue=sum(each.is_overdue for each in kept),
        stale=[
            Stale(
                f"/staff/c/{each.community}/handbook/{items[each.item_id].slug}",
                items[each.item_id].name,
                each.community_name,
            )
            for each in (await stale_for(visit, session) if may_edit else ())
            if each.item_id in items
        ],
        missing_year=_missing_year(visit) if district else None,
        halls=await _halls(visit, session) if visit.actor.serves else [],
        owed=await _owed(visit, session) if may_edit else [],
        told=await told(session, member_of(visit), visit, NEWEST),
    )


async def _owed(visit: StaffVisit, session: AsyncSession) -> list[Owed]:
    """What this person's communities owe, the first due first."""
    known = {each.id: each for each in communities_for(visit, EDITING)}
    return [
        Owed(
            f"/staff/c/{known[each.community_id].slug}/call-backs",
            known[each.community_id].name,
            each.count,
            each.fix_by,
        )
        for each in await open_call_backs(session, list(known))
    ]


async def _halls(visit: StaffVisit, session: AsyncSession) -> list[Waits]:
    """Where one sits, and the halls of one's own; a whole district's would be no way to any."""
    seat = await seat_of(visit, session)
    own = {each.community_id for each in visit.actor.grants if each.role in SERVING}
    found = []
    for each in communities_for(visit, SERVING):
        counter = seat[1] if seat is not None and seat[0] == each.slug else None
        if counter is None and each.id not in own:
            continue
        whole = await visit.published.community(each.slug, session)
        now = await queue_now(session, whole.hall, visit.now)
        address = f"/staff/c/{each.slug}/counters"
        to = f"{address}/{counter}" if counter is not None else address
        found.append(Waits(to, each.name, counter, len(now.waiting)))
    return found


def _writing(visit: StaffVisit, draft: PaperDraft, names: dict[str, str]) -> Writing | None:
    """A draft as a way back to it; None for one that is no longer this person's to publish."""
    steps = draft.subject.split("/")
    known = {each.slug: each.name for each in communities_for(visit, EDITING)}
    if steps[0] != "c":
        if not visit.actor.edits_district:
            return None
        kind = PaperKind.GUIDE if steps[0] == "handbook" else PaperKind.HOLIDAYS
        name = names.get(steps[1]) or (draft.document or {}).get("name") or steps[1]
        return Writing(f"/staff/{draft.subject}", KINDS[kind], name, draft.saved_at)
    if steps[1] not in known:
        return None
    own = len(steps) > 3  # noqa: PLR2004 - c/community/handbook/item
    kind = PaperKind.OWN if own else PaperKind(steps[2])
    name = f"{names.get(steps[3], steps[3])} · {known[steps[1]]}" if own else known[steps[1]]
    return Writing(f"/staff/{draft.subject}", KINDS[kind], name, draft.saved_at)


def _missing_year(visit: StaffVisit) -> int | None:
    today = visit.today
    if (today.month, today.day) < NOTICE_FROM:
        return None
    next_year = today.replace(year=today.year + 1, day=1)
    return next_year.year if visit.published.calendar.is_provisional(next_year) else None
