"""What an editor has to look at, on the staff home: drafts, old guides, changed district text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.papers.kinds import paper_of
from domain.papers.versions import drafts_by
from domain.staff.actor import EDITING
from web.papers.community import stale_for
from web.papers.handbook import handbook_rows
from web.papers.spec import spec_of
from web.site.pages import Card
from web.staff.places import communities_for

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.papers.paper import Paper
    from domain.papers.tables import PaperDraft
    from web.staff.access import StaffVisit

# Month and day from which next year's holiday notice is asked for; it comes out in November.
NOTICE_FROM = (11, 1)


@dataclass(frozen=True)
class DraftLink:
    """A draft: where it is, what kind of document, which one, and when it was saved."""

    address: str
    kind: str
    name: str
    saved_at: dt.datetime


@dataclass(frozen=True)
class OutdatedNote:
    """Own words under which the district's text changed."""

    address: str
    item: str
    community: str


@dataclass(frozen=True, kw_only=True)
class PapersCard(Card):
    """Documents that wait for this person."""

    template: ClassVar[str] = "papers/_staff_card.html"
    drafts: tuple[DraftLink, ...]
    # Guides whose last check is too long ago.
    overdue: int
    stale: tuple[OutdatedNote, ...]
    # The year whose holiday notice is due; None when none is.
    missing_year: int | None


async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """What this person may edit and should look at; nothing for those who edit nothing."""
    if not visit.actor.edits:
        return []
    items = {item.id: item for item in visit.published.handbook.items.values()}
    names = {item.slug: item.name for item in items.values()}
    district = visit.actor.edits_district
    drafts = await drafts_by(session, visit.actor)
    rows = await handbook_rows(visit, session, drafts) if district else []
    stale = tuple(
        OutdatedNote(
            f"/staff/c/{note.community}/handbook/{items[note.item_id].slug}",
            items[note.item_id].name,
            note.community_name,
        )
        for note in await stale_for(visit, session)
        if note.item_id in items
    )
    card = PapersCard(
        drafts=tuple(
            link for draft in drafts if (link := _draft_link(visit, draft, names)) is not None
        ),
        overdue=sum(row.is_overdue for row in rows),
        stale=stale,
        missing_year=_missing_year(visit) if district else None,
    )
    return [card] if card.drafts or card.overdue or card.stale or card.missing_year else []


def _draft_link(visit: StaffVisit, draft: PaperDraft, names: dict[str, str]) -> DraftLink | None:
    """A draft as a way back to it; None for a document that this person may no longer publish."""
    paper = paper_of(draft.subject)
    if paper is None or not _may_publish(visit, paper):
        return None
    spec = spec_of(visit.features, paper.kind)
    item = names.get(paper.key) or (draft.document or {}).get("name") or paper.key
    place = visit.published.names.get(paper.community or "", "")
    name = spec.called(
        paper, item if spec.is_about_item or spec.is_named else "", place, visit.lang
    )
    return DraftLink(f"/staff/{draft.subject}", spec.name, name, draft.saved_at)


def _may_publish(visit: StaffVisit, paper: Paper) -> bool:
    if paper.community is None:
        return visit.actor.edits_district
    return any(place.slug == paper.community for place in communities_for(visit, EDITING))


def _missing_year(visit: StaffVisit) -> int | None:
    today = visit.today
    if (today.month, today.day) < NOTICE_FROM:
        return None
    next_year = today.replace(year=today.year + 1, day=1)
    return next_year.year if visit.published.calendar.is_provisional(next_year) else None
