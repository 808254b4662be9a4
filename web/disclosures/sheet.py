"""公示单: a disclosure on paper for a board, in large type, with a code to read at three metres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from starlette.exceptions import HTTPException

from domain.disclosures import shown
from domain.disclosures.ledger import totals_of
from domain.disclosures.open_until import open_until
from web.disclosures.disclosure import found_here
from web.disclosures.sheet_pages import (
    BoardSheet,
    is_long_summary,
    is_long_title,
    sheets_of,
)
from web.site.errors import found_or_404
from web.site.pages import Page
from web.staff.access import StaffPage

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.content import DisclosureContent
    from domain.disclosures.ledger import Totals
    from domain.disclosures.tables import Disclosure
    from domain.places.tables import Community
    from web.site.visit import Visit
    from web.staff.access import StaffVisit

SIZES = ("a4", "a3")


@dataclass(frozen=True, kw_only=True)
class SheetPage(Page):
    """公示单 of what everyone may read."""

    template: ClassVar[str] = "disclosures/sheet.html"
    tab: ClassVar[str] = "disclosures"
    disclosure: Disclosure
    # None for what is for some, or was taken back.
    content: DisclosureContent | None
    where_to_see: str
    # The last day for objections; None without one.
    open_until: dt.date | None
    totals: Totals
    sheets: list[BoardSheet]
    # `a4` or `a3`.
    size: str
    # Which of `title` and `summary` are set in smaller type.
    small: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StaffSheetPage(StaffPage):
    """公示单 as the office prints it, also of what only those on the spot may read."""

    template: ClassVar[str] = "disclosures/staff_sheet.html"
    tab: ClassVar[str] = "places"
    place: Community
    disclosure: Disclosure
    content: DisclosureContent | None
    where_to_see: str
    open_until: dt.date | None
    totals: Totals
    sheets: list[BoardSheet]
    size: str
    small: tuple[str, ...]


async def show(visit: Visit) -> Page:
    """The sheets that anyone may print."""
    community = await visit.community()
    async with visit.published.store.read() as session:
        disclosure = await found_here(session, visit)
        values = await _values(session, visit, disclosure, is_for_board=False)
    return SheetPage(community=community, disclosure=disclosure, **values)


async def show_staff(visit: StaffVisit, session: AsyncSession) -> Page:
    """The sheets for the community's own board."""
    disclosure = found_or_404(
        await shown.one(session, visit.place, int(visit.params["disclosure"]))
    )
    values = await _values(session, visit, disclosure, is_for_board=True)
    return StaffSheetPage(actor=visit.actor, place=visit.place, disclosure=disclosure, **values)


async def _values(
    session: AsyncSession, visit: Visit, disclosure: Disclosure, *, is_for_board: bool
) -> dict[str, Any]:
    size = visit.params.get("size", SIZES[0])
    if size not in SIZES:
        raise HTTPException(404)
    revision = found_or_404(await shown.revision_of(session, disclosure, disclosure.number))
    calendar = visit.published.calendar
    seen = await shown.shown(session, disclosure, revision, calendar, visit.now)
    # A withdrawn one has no sheet to hang any more.
    is_up = disclosure.withdrawn_at is None
    content = revision.document if is_for_board and is_up else seen.content
    published_on = visit.local(disclosure.published_at or revision.published_at).date()
    return {
        "content": content,
        "where_to_see": seen.where_to_see,
        "open_until": open_until(content, published_on, calendar) if content else None,
        "totals": totals_of(content.ledger, content.opening_fen) if content else seen.totals,
        "sheets": sheets_of(disclosure.title, content),
        "size": size,
        "small": _small(disclosure.title, content.summary if content else ""),
    }


def _small(title: str, summary: str) -> tuple[str, ...]:
    small = {"title": is_long_title(title), "summary": is_long_summary(summary)}
    return tuple(name for name, is_small in small.items() if is_small)
