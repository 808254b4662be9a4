"""办事指南 as a document: a service item, the category it stands in, and whether it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from domain import rules
from domain.content import Text
from domain.errors import NotFoundError
from domain.handbook.guide import ServiceGuide
from domain.handbook.tables import Category, ServiceItem
from domain.papers.paper import Paper, PaperKind, letters_in_use
from domain.places.content import CategoryLetter
from domain.places.tables import District

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content, Contradiction


class ItemGuide(ServiceGuide):
    """办事指南, with the category it stands in and, once it has ended, what to do instead."""

    category: CategoryLetter
    withdrawn: Text | None = None

    def guide(self) -> ServiceGuide:
        """What residents read."""
        return ServiceGuide.model_validate(self.model_dump(exclude={"category", "withdrawn"}))


async def item_of(session: AsyncSession, slug: str) -> ServiceItem:
    """A service item with its category. Raises `NotFoundError`."""
    found = await session.scalar(
        select(ServiceItem)
        .where(ServiceItem.slug == slug)
        .options(joinedload(ServiceItem.category))
    )
    if found is None:
        raise NotFoundError(slug)
    item: ServiceItem = found
    return item


def item_guide(item: ServiceItem) -> ItemGuide:
    """An item as its office wrote it."""
    return ItemGuide.model_validate(
        {
            **item.guide.model_dump(),
            "category": item.category.letter,
            "withdrawn": item.withdrawn,
        }
    )


class GuideKind(PaperKind):
    """办事指南, the district's; its key is the item's slug."""

    word = "guide"
    rank = 10
    shape = ItemGuide
    subject = "handbook/{key}"
    can_be_new = True

    async def read(self, session: AsyncSession, paper: Paper) -> Content | None:
        """The item's guide. Raises `NotFoundError`."""
        return item_guide(await item_of(session, paper.key))

    async def write(
        self, session: AsyncSession, paper: Paper, document: Any, _now: dt.datetime
    ) -> None:
        """Write an item, also one that is new; it then stands last in its category."""
        letter = Category.letter == document.category
        category = (await session.scalars(select(Category.id).where(letter))).one()
        found = await session.scalar(select(ServiceItem).where(ServiceItem.slug == paper.key))
        item = found or ServiceItem(slug=paper.key)
        if item.category_id != category:
            item.rank = await _next_rank(session, category)
            item.category_id = category
        item.guide, item.withdrawn = document.guide(), document.withdrawn
        # A sample's guide is the district's own once its editor has published it there.
        item.is_sample = bool(await session.scalar(select(District.is_sample)))
        session.add(item)
        await session.flush()

    async def contradictions(
        self, session: AsyncSession, _paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """Related items and the category must be there, and the promise within the law."""
        items = set(await session.scalars(select(ServiceItem.slug)))
        letters = await letters_in_use(session)
        return (
            *rules.of_guide(document, items),
            *rules.of_category(document.category, letters),
        )


async def _next_rank(session: AsyncSession, category: int) -> int:
    last = await session.scalar(
        select(func.max(ServiceItem.rank)).where(ServiceItem.category_id == category)
    )
    return 0 if last is None else last + 1


GUIDE = GuideKind()
