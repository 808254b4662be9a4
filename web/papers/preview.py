"""A document as residents will see it: the public page itself, over what is not public yet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm.attributes import set_committed_value

from domain.calendar import DayKind
from domain.handbook.tables import ServiceItem
from domain.papers.kinds import PaperKind, put_document
from web.handbook import guides, working_days
from web.home import community as home
from web.places import pages

if TYPE_CHECKING:
    from domain.calendar import HolidayNotice
    from domain.papers.kinds import Paper
    from domain.places.tables import Community
    from domain.published import Published
    from web.site.pages import Page
    from web.staff.access import StaffVisit

PAGES: dict[PaperKind, tuple[str, Any]] = {
    PaperKind.HALL: ("hall", pages.hall),
    PaperKind.QUEUE: ("hall", pages.hall),
    PaperKind.PEOPLE: ("people", pages.people),
    PaperKind.PARTNERS: ("partners", pages.partners),
    PaperKind.FACILITIES: ("facilities", pages.facilities),
}


# The preview is the public page itself over a snapshot with the draft in it, in a frame.
# Not taken: a second rendering, which would drift from the first.
async def previewed(
    visit: StaffVisit,
    paper: Paper,
    document: Any,
    item: ServiceItem | None,
    community: Community | None,
) -> Page:
    """The public page of a document. `community` is a copy of one's own, to be written on."""
    published = visit.published
    if paper.kind is PaperKind.HOLIDAYS:
        return await _calendar(visit, document)
    if paper.kind is PaperKind.GUIDE:
        item, community = _item(published, paper, document), None
        published = replace(published, handbook=published.handbook.with_item(item))
    if community is None:
        slug = next(iter(published.names))
        community = await published.community(slug)
    elif paper.kind is not PaperKind.QUEUE:
        put_document(community, paper.kind, document, item)
        published = published.with_community(community)
    base = f"/c/{community.slug}"
    params = {"community": community.slug}
    if paper.kind in {PaperKind.GUIDE, PaperKind.OWN}:
        path, params = f"{base}/handbook/{paper.key}", {**params, "item": paper.key}
        view: Any = guides.guide
    elif paper.kind is PaperKind.ABOUT:
        is_told = document.brand or document.introduction
        path, view = (f"{base}/brand", pages.brand) if is_told else (base, home.show)
    else:
        below, view = PAGES[paper.kind]
        path = f"{base}/{below}"
    page: Page = await view(replace(visit.elsewhere(path, params), published=published))
    return page


def _item(published: Published, paper: Paper, document: Any) -> ServiceItem:
    """The item as it would be; tied to its category without the category hearing of it."""
    item = ServiceItem(
        slug=paper.key,
        guide=document.guide(),
        is_sample=published.district.is_sample,
        withdrawn=document.withdrawn,
    )
    category = next(
        each for each in published.handbook.categories if each.letter == document.category
    )
    known = published.handbook.items.get(paper.key)
    item.id = known.id if known else 0
    set_committed_value(item, "category", category)
    return item


async def _calendar(visit: StaffVisit, notice: HolidayNotice) -> Page:
    """The calculator over the days around the year's first holidays."""
    days = {
        **dict.fromkeys(notice.days_off, DayKind.HOLIDAY),
        **dict.fromkeys(notice.make_up_days, DayKind.MAKE_UP),
    }
    published = replace(visit.published, calendar=visit.published.calendar.with_year(days))
    first = min(notice.days_off)
    asked = replace(visit.elsewhere("/working-days", {}), published=published)
    return await working_days.show(replace(asked, query={"from": str(first), "days": "10"}))
