"""服务类别 as a document: all of the district, with those that ended."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain.handbook.categories import (
    CategoriesContent,
    CategoryContent,
    CategoryEnd,
    EndedCategory,
    brought_back,
    contradictions_beside,
    contradictions_of,
)
from domain.handbook.tables import Category, ServiceItem
from domain.papers.paper import Paper, PaperKind
from domain.places.tables import Community, Counter, Hall

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content, Contradiction


class CategoriesKind(PaperKind):
    """服务类别, the district's."""

    word = "categories"
    rank = 18
    shape = CategoriesContent
    subject = "categories"

    async def read(self, session: AsyncSession, _paper: Paper) -> Content | None:
        """The categories in their order."""
        return await _document(session)

    async def write(
        self, session: AsyncSession, _paper: Paper, document: Any, _now: dt.datetime
    ) -> None:
        """Change the categories; each keeps its row by its slug, and none is deleted."""
        known = {row.slug: row for row in await session.scalars(select(Category))}
        ended = {each.what: _end(each) for each in document.ended_categories}
        for rank, wanted in enumerate(document.categories):
            row = known.get(wanted.slug) or Category(slug=wanted.slug, letter=wanted.letter)
            row.name, row.character, row.summary = wanted.name, wanted.character, wanted.summary
            row.rank, row.ended = rank, ended.get(wanted.letter)
            session.add(row)
        await session.flush()

    def brought_back(self, old: Any, now: Any) -> Content:
        """The old version with every category that came since."""
        return brought_back(old, now)

    async def contradictions(
        self, session: AsyncSession, _paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """Letters and slugs stay, and what ends has no item and no counter."""
        if found := list(contradictions_of(document)):
            return found
        before = await _document(session)
        return contradictions_beside(
            before, document, await _items(session), await _counters(session)
        )


async def _document(session: AsyncSession) -> CategoriesContent:
    rows = list(await session.scalars(select(Category).order_by(Category.rank, Category.letter)))
    return CategoriesContent(
        categories=tuple(
            CategoryContent(
                letter=row.letter,
                slug=row.slug,
                name=row.name,
                character=row.character,
                summary=row.summary,
            )
            for row in rows
        ),
        ended_categories=tuple(
            EndedCategory(what=row.letter, **row.ended.model_dump()) for row in rows if row.ended
        ),
    )


def _end(each: EndedCategory) -> CategoryEnd:
    return CategoryEnd.model_validate(each.model_dump(exclude={"what"}))


async def _items(session: AsyncSession) -> dict[str, list[str]]:
    """The names of the items on offer, by the letter of their category."""
    rows = await session.execute(
        select(Category.letter, ServiceItem)
        .join(Category, Category.id == ServiceItem.category_id)
        .where(ServiceItem.withdrawn.is_(None))
        .order_by(ServiceItem.rank)
    )
    found = defaultdict(list)
    for letter, item in rows:
        found[letter].append(item.name)
    return found


async def _counters(session: AsyncSession) -> dict[str, list[str]]:
    """The names of the counters that serve each letter, each with its community."""
    rows = await session.execute(
        select(Community.name, Counter)
        .join(Hall, Hall.id == Counter.hall_id)
        .join(Community, Community.id == Hall.community_id)
        .order_by(Community.id, Counter.number)
    )
    found = defaultdict(list)
    for community, counter in rows:
        for letter in counter.categories:
            found[letter].append(f"{community} {counter.number} {counter.name}")
    return found


CATEGORIES = CategoriesKind()
