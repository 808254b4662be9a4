"""The district's handbook as its editors see it: every item, which are due, and new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import select
from starlette.routing import Route

from domain.handbook.tables import Category, ServiceItem
from domain.papers import kinds, versions
from domain.papers.kinds.guide import item_guide, item_of
from domain.papers.paper import Paper
from domain.slugs import new_slug
from web.papers.form.typed import retyped
from web.papers.spec import spec_of
from web.site.answers import InvalidError, Redirect
from web.staff.access import StaffPage, StaffVisit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.papers.tables import PaperDraft
    from web.site.feature import Feature
    from web.site.pages import Page

HANDBOOK = "/staff/handbook"
# Characters of an item's name, as its guide takes it.
LONGEST_NAME = 80


@dataclass(frozen=True)
class HandbookRow:
    """An item, whether it is to be assured again, and whether this person has a draft of it."""

    item: ServiceItem
    is_overdue: bool
    has_draft: bool


@dataclass(frozen=True, kw_only=True)
class HandbookDesk(StaffPage):
    """The district's handbook, as its editors see it."""

    template: ClassVar[str] = "papers/handbook.html"
    tab: ClassVar[str] = "papers"
    categories: list[tuple[Category, list[HandbookRow]]]
    overdue: int
    # Days after which an item is to be assured again.
    every: int
    only_overdue: bool
    years: list[int]
    # Drafts of items that are not published yet.
    new_items: list[PaperDraft]
    typed: dict[str, str]
    wrong: dict[str, str]


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """Every item with when it was assured."""
    return await _show(visit, session, {}, {})


async def _show(
    visit: StaffVisit, session: AsyncSession, typed: dict[str, str], wrong: dict[str, str]
) -> HandbookDesk:
    only_overdue = visit.query.get("show") == "overdue"
    drafts = await versions.drafts_by(session, visit.actor)
    rows = await handbook_rows(visit, session, drafts)
    shown = [row for row in rows if row.is_overdue or not only_overdue]
    return HandbookDesk(
        actor=visit.actor,
        categories=[
            (category, inside)
            for category, inside in await _by_category(session, shown)
            if inside or not only_overdue
        ],
        overdue=sum(row.is_overdue for row in rows),
        every=visit.settings.assure_every,
        only_overdue=only_overdue,
        years=[visit.today.year, visit.today.year + 1],
        new_items=_new_items(drafts, {row.item.slug for row in rows}),
        typed=typed,
        wrong=wrong,
    )


async def _by_category(
    session: AsyncSession, rows: list[HandbookRow]
) -> list[tuple[Category, list[HandbookRow]]]:
    categories = await session.scalars(select(Category).order_by(Category.rank, Category.letter))
    return [
        (category, [row for row in rows if row.item.category_id == category.id])
        for category in categories
        # One that ended may still have items that were withdrawn.
        if category.ended is None or any(row.item.category_id == category.id for row in rows)
    ]


def _new_items(drafts: list[PaperDraft], known: set[str]) -> list[PaperDraft]:
    papers = ((draft, kinds.GUIDE.paper_of(draft.subject)) for draft in drafts)
    return [draft for draft, paper in papers if paper is not None and paper.key not in known]


async def handbook_rows(
    visit: StaffVisit, session: AsyncSession, drafts: list[PaperDraft]
) -> list[HandbookRow]:
    """Every item, with whether it is to be assured again; `drafts` are the person's own."""
    items = await session.scalars(
        select(ServiceItem).order_by(ServiceItem.category_id, ServiceItem.rank)
    )
    begun = {draft.subject for draft in drafts}
    rows = []
    for item in items:
        days = (visit.today - item.guide.assured.date).days
        overdue = days > visit.settings.assure_every and item.withdrawn is None
        rows.append(
            HandbookRow(item, overdue, Paper(kinds.GUIDE, None, item.slug).subject in begun)
        )
    return rows


async def new_item(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Begin a draft of a new item, empty or from one that is like it."""
    typed = {"name": visit.form.text("name", LONGEST_NAME), "like": visit.form.given("like")}
    known = set(await session.scalars(select(ServiceItem.slug)))
    if wrong := _wrong(typed, known):
        raise InvalidError(await _show(visit, session, typed, wrong))
    slug = new_slug(typed["name"], known | reserved_slugs(visit.features))
    paper, form = Paper(kinds.GUIDE, None, slug), spec_of(visit.features, kinds.GUIDE).form
    values = retyped(form, await _begun_like(visit, session, **typed))
    await versions.save_draft(session, visit.actor, paper, values, 0, visit.now)
    return Redirect(f"/staff/{paper.subject}")


def _wrong(typed: dict[str, str], known: set[str]) -> dict[str, str]:
    """What is missing in the form for a new item, by field."""
    right = {"name": bool(typed["name"]), "like": typed["like"] in {"", *known}}
    return {name: "missing" for name, is_right in right.items() if not is_right}


async def _begun_like(
    visit: StaffVisit, session: AsyncSession, name: str, like: str
) -> dict[str, Any]:
    """The guide of another item, without what only that one can have; empty for none."""
    if not like:
        return {"name": name, "everyday_names": [name]}
    example = item_guide(await item_of(session, like)).model_dump(mode="json")
    return {
        **example,
        "name": name,
        "code": "",
        "summary": "",
        "everyday_names": [name],
        "search_words": [],
        "withdrawn": None,
        "assured": {"date": str(visit.today), "by": example["assured"]["by"]},
    }


# An item whose slug is one of these words would never be reached at the office. They come from the
# routes, so that a new page below the handbook is reserved by being there.
def reserved_slugs(features: Iterable[Feature]) -> set[str]:
    """Words that are pages of the office where the slug of an item would stand."""
    routes = (route for feature in features for route in feature.routes)
    paths = (route.path for route in routes if isinstance(route, Route))
    below = (path.split("/")[3] for path in paths if path.startswith(f"{HANDBOOK}/"))
    return {word for word in below if not word.startswith("{")}
