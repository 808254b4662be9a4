"""The page as residents will see it, made of the draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from pydantic import ValidationError

from domain.disclosures.attachments import files_of
from domain.disclosures.content import DisclosureContent
from domain.disclosures.draft import content_of
from domain.disclosures.ledger import totals_of
from domain.disclosures.markdown import html_of
from domain.disclosures.open_until import open_period
from domain.disclosures.shown import Shown
from domain.disclosures.tables import Disclosure, DisclosureRevision
from web.disclosures.disclosure import DisclosurePage
from web.disclosures.office.found import seen

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.site.pages import Page
    from web.staff.access import StaffVisit

# Stands where nothing right is written yet.
GAP = "……"
NEEDED = ("title", "summary", "responsible")


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The draft as residents will see it, as far as it is right."""
    disclosure = await seen(visit, session)
    content = as_far_as_right(disclosure.draft or {})
    files = {file.token: file for file in await files_of(session, disclosure)}
    calendar, now = visit.published.calendar, visit.now
    day = (disclosure.published_at or now).astimezone(now.tzinfo).date()
    found = Shown(
        disclosure=_as_published(visit, disclosure, content),
        revision=_revision(visit, disclosure, content),
        content=content,
        where_to_see=content.where_to_see or "",
        persons=content.persons,
        files=[files[file.token] for file in content.files if file.token in files],
        open=open_period(content, day, calendar),
        totals=totals_of(content.ledger, content.opening_fen),
    )
    return DisclosurePage(
        community=visit.place,
        disclosure=found.disclosure,
        shown=found,
        body=Markup(html_of(content.body)),  # noqa: S704 - cleaned by nh3
        before=None,
        before_totals=None,
        inquiries=[],
        objections=None,
        postings=(),
        is_for_board=False,
        is_newest=True,
    )


def as_far_as_right(draft: dict[str, Any]) -> DisclosureContent:
    """What a draft says, without what is not right yet."""
    given = {name: value for name, value in draft.items() if value not in (None, "")}
    left = {**dict.fromkeys(NEEDED, GAP), **given}
    for _ in DisclosureContent.model_fields:
        try:
            return content_of(left)
        except ValidationError as error:
            left = _without(left, error)
    return content_of(dict.fromkeys(NEEDED, GAP))  # pragma: no cover - each turn mends a field


def _without(draft: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """The draft without the rows and fields in which something is wrong."""
    left = dict(draft)
    rows: dict[str, set[int]] = {}
    for each in error.errors():
        name, *inside = each["loc"]
        if inside and isinstance(inside[0], int):
            rows.setdefault(str(name), set()).add(inside[0])
        elif name in NEEDED:
            left[str(name)] = GAP
        else:
            left.pop(str(name), None)
    for name, wrong in rows.items():
        left[name] = [row for at, row in enumerate(left.get(name) or ()) if at not in wrong]
    return left


def _as_published(
    visit: StaffVisit, disclosure: Disclosure, content: DisclosureContent
) -> Disclosure:
    """A disclosure that is in no session, as it would be."""
    return Disclosure(
        id=disclosure.id,
        kind=disclosure.kind,
        subdistrict_id=disclosure.subdistrict_id,
        community_id=disclosure.community_id,
        number=disclosure.number + 1,
        title=content.title,
        published_at=disclosure.published_at or visit.now,
    )


def _revision(
    visit: StaffVisit, disclosure: Disclosure, content: DisclosureContent
) -> DisclosureRevision:
    until = content.persons_until or visit.today
    return DisclosureRevision(
        disclosure_id=disclosure.id,
        number=disclosure.number + 1,
        document=content.model_copy(update={"persons": ()}),
        persons_until=until if content.persons else None,
        published_at=visit.now,
        hash="",
    )
