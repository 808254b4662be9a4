"""The sample's guides, to be taken over one by one as drafts that an editor checks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from domain.handbook.examples import begun_from, examples
from domain.handbook.tables import Category, ServiceItem
from domain.papers import kinds, versions
from domain.papers.paper import Paper
from web.papers.form.typed import retyped
from web.papers.spec import spec_of
from web.site.answers import Redirect
from web.site.errors import found_or_404
from web.staff.access import StaffPage, StaffVisit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.running.services import Services
    from web.site.pages import Page


@dataclass(frozen=True)
class ExampleRow:
    """A guide of the sample, and what this office has made of it."""

    slug: str
    name: str
    summary: str
    is_published: bool
    has_draft: bool


@dataclass(frozen=True, kw_only=True)
class ExampleGuides(StaffPage):
    """The sample's guides by category."""

    template: ClassVar[str] = "papers/example_guides.html"
    tab: ClassVar[str] = "papers"
    categories: list[tuple[Category, list[ExampleRow]]]


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """Every guide of the sample, and which are taken over."""
    found = await asyncio.to_thread(examples)
    published = set(await session.scalars(select(ServiceItem.slug)))
    begun = {draft.subject for draft in await versions.drafts_by(session, visit.actor)}
    rows: dict[str, list[ExampleRow]] = {}
    for slug, (letter, item) in found.items():
        has_draft = Paper(kinds.GUIDE, None, slug).subject in begun
        row = ExampleRow(slug, item.name, item.summary, slug in published, has_draft)
        rows.setdefault(letter, []).append(row)
    categories = await session.scalars(
        select(Category).where(Category.ended.is_(None)).order_by(Category.rank, Category.letter)
    )
    return ExampleGuides(
        actor=visit.actor,
        categories=[(category, rows.get(category.letter, [])) for category in categories],
    )


async def take_over(visit: StaffVisit, services: Services) -> Redirect:
    """Begin a draft from a guide of the sample; one that was begun or published is left alone."""
    slug = visit.params["item"]
    found_or_404((await asyncio.to_thread(examples)).get(slug))

    async def begin(session: AsyncSession) -> None:
        paper = Paper(kinds.GUIDE, None, slug)
        known = set(await session.scalars(select(ServiceItem.slug)))
        if slug in known or await versions.draft_of(session, paper, visit.actor):
            return
        document = begun_from(slug, visit.published.district, known)
        form = spec_of(visit.features, kinds.GUIDE).form
        await versions.save_draft(
            session, visit.actor, paper, retyped(form, document), 0, visit.now
        )

    await services.store.write(begin)
    return Redirect(f"/staff/handbook/{slug}")
