"""From a workbook to publications: what it would change, kept until its owner publishes it all.

An import is published whole or not at all, and only while every item still stands as it stood
when the file was looked through. Items that are not in the file are never touched.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import joinedload

from domain.handbook.events import EventSteps
from domain.handbook.guide import LifeEvent
from domain.handbook.tables import Category, LifeEventSteps, ServiceItem
from domain.papers.kinds import KINDS
from domain.papers.kinds.elsewhere import ELSEWHERE
from domain.papers.kinds.event import EVENT
from domain.papers.kinds.guide import GUIDE, ItemGuide, item_guide
from domain.papers.kinds.place import PLACE
from domain.papers.paper import Paper, PaperKind
from domain.papers.tables import PaperImport, PaperVersion
from domain.papers.versions import PublishedMeanwhileError, publish, published
from domain.published import load_elsewhere
from domain.staff.journal import note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.handbook.elsewhere import MattersElsewhere
    from domain.papers.versions import Published
    from domain.staff.actor import Actor

# How long an import waits to be published.
KEPT = dt.timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """An item as it is published, and its version."""

    number: int
    guide: ItemGuide


@dataclass(frozen=True)
class StandingEvent:
    """The steps of a life event as they are published, and their version."""

    number: int
    plan: EventSteps


_KINDS: dict[str, PaperKind] = {kind.word: kind for kind in KINDS}


@dataclass(frozen=True)
class Changed:
    """A document that a file would change, or bring: beside which version, and to what."""

    slug: str
    base: int
    document: Any
    # The word of its kind; imports kept before there were others are of guides.
    kind: str = GUIDE.word
    # Whose document it is; None for the district's.
    community: str | None = None
    # Whether it was left as it is when the others were published: it had a newer version.
    is_left: bool = False

    @property
    def paper(self) -> Paper:
        """The document that it changes."""
        return Paper(_KINDS[self.kind], self.community, self.slug)

    @property
    def is_of_communities(self) -> bool:
        """Whether the workbook of communities holds it, and not the handbook's."""
        return self.community is not None or self.kind == PLACE.word


class ItemsPublishedMeanwhileError(PublishedMeanwhileError):
    """Some of the items were published since the file was looked through."""

    def __init__(self, slugs: list[str]) -> None:
        super().__init__(slugs)
        self.slugs = slugs


async def standing_items(session: AsyncSession) -> dict[str, Standing]:
    """Every item, also those withdrawn, in the order of the handbook."""
    items = await session.scalars(
        select(ServiceItem)
        .join(Category, Category.id == ServiceItem.category_id)
        .options(joinedload(ServiceItem.category))
        .order_by(Category.rank, Category.letter, ServiceItem.rank)
    )
    numbers = await newest_numbers(session)
    return {
        each.slug: Standing(numbers.get(Paper(GUIDE, None, each.slug).subject, 1), item_guide(each))
        for each in items
    }


async def standing_events(session: AsyncSession) -> dict[str, StandingEvent]:
    """The steps of every life event, also of one that has none yet, in the product's order."""
    numbers = await newest_numbers(session)
    rows = {row.event: row.plan for row in await session.scalars(select(LifeEventSteps))}
    return {
        event.value: StandingEvent(
            numbers.get(Paper(EVENT, None, event.value).subject, 1),
            rows.get(event.value, EventSteps()),
        )
        for event in LifeEvent
    }


async def standing_elsewhere(session: AsyncSession) -> tuple[int, MattersElsewhere]:
    """The list of what is done elsewhere, and its version."""
    numbers = await newest_numbers(session)
    return numbers.get(Paper(ELSEWHERE).subject, 1), await load_elsewhere(session)


async def newest_numbers(session: AsyncSession) -> dict[str, int]:
    """The newest version of each document that was ever published by an office."""
    newest = await session.execute(
        select(PaperVersion.subject, func.max(PaperVersion.number)).group_by(PaperVersion.subject)
    )
    return {row[0]: row[1] for row in newest}


async def categories_of(session: AsyncSession) -> list[tuple[str, str]]:
    """The letters and names of the categories in use."""
    rows = await session.execute(
        select(Category.letter, Category.name)
        .where(Category.ended.is_(None))
        .order_by(Category.rank, Category.letter)
    )
    return [(row[0], row[1]) for row in rows]


def changed_items(
    standing: Mapping[str, Standing], guides: Mapping[str, ItemGuide]
) -> list[Changed]:
    """What the guides of a file would change, in the order of the file."""
    found = []
    for slug, guide in guides.items():
        stands = standing.get(slug)
        if stands is None:
            found.append(Changed(slug, 0, guide.model_dump(mode="json")))
        elif guide != stands.guide:
            plain = _as_written(guide, stands.guide).model_dump(mode="json")
            found.append(Changed(slug, stands.number, plain))
    return found


def changed_events(
    standing: Mapping[str, StandingEvent], events: Mapping[str, EventSteps]
) -> list[Changed]:
    """What the life events of a file would change, in the order of the file."""
    return [
        Changed(event, standing[event].number, plan.model_dump(mode="json"), EVENT.word)
        for event, plan in events.items()
        if plan != standing[event].plan
    ]


def changed_elsewhere(
    number: int, standing: MattersElsewhere, listed: MattersElsewhere
) -> list[Changed]:
    """What a file would change in the list of what is done elsewhere, of this version."""
    if listed == standing:
        return []
    return [Changed("", number, listed.model_dump(mode="json"), ELSEWHERE.word)]


def _as_written(guide: ItemGuide, before: ItemGuide) -> ItemGuide:
    """With the same amount written the same way: 12.50 comes back from a cell as 12.5."""
    if guide.fee.yuan != before.fee.yuan:
        return guide
    fee = guide.fee.model_copy(update={"yuan": before.fee.yuan})
    return guide.model_copy(update={"fee": fee})


async def keep_import(  # noqa: PLR0913, PLR0917 - everything an import is made of
    session: AsyncSession,
    actor: Actor,
    file_name: str,
    changed: list[Changed],
    unchanged: int,
    now: dt.datetime,
) -> int:
    """Keep what a file would change; its number. Imports that are done or too old are forgotten."""
    over = or_(PaperImport.published_at.isnot(None), PaperImport.made_at < now - KEPT)
    await session.execute(delete(PaperImport).where(over))
    kept = PaperImport(
        staff_id=actor.staff_id,
        made_at=now,
        file_name=file_name[:120],
        documents=[vars(each) for each in changed],
        unchanged=unchanged,
    )
    session.add(kept)
    await session.flush()
    return kept.id


async def import_of(
    session: AsyncSession, actor: Actor, number: int, *, to_publish: bool = False
) -> PaperImport | None:
    """An import of this person's; None when there is none of that number.

    `to_publish` keeps others off it, so that pressing twice publishes once.
    """
    wanted = select(PaperImport).where(
        PaperImport.id == number, PaperImport.staff_id == actor.staff_id
    )
    found: PaperImport | None = await session.scalar(
        wanted.with_for_update() if to_publish else wanted
    )
    return found


def changes_in(kept: PaperImport) -> list[Changed]:
    """What an import would change."""
    return [Changed(**each) for each in kept.documents]


async def beside(session: AsyncSession, changed: list[Changed]) -> list[Published]:
    """What is published now of the items that an import would change, in its order."""
    return [await published(session, each.paper) for each in changed]


# An import is a dry run that is kept, with the version that each item was compared with. It is
# published in one unit of work, and only if every item still has that version; otherwise nothing
# is published and the file is sent again.
# Not taken: publishing what still fits, after which nobody knows which half of a file is true.
async def publish_import(
    session: AsyncSession, actor: Actor, kept: PaperImport, reason: str, now: dt.datetime
) -> None:
    """Publish everything in an import, in one unit of work.

    Raises `ItemsPublishedMeanwhileError` with nothing written.
    """
    changed = changes_in(kept)
    standing = await beside(session, changed)
    pairs = zip(changed, standing, strict=True)
    if newer := [each.slug for each, stands in pairs if stands.number != each.base]:
        raise ItemsPublishedMeanwhileError(newer)
    for each in changed:
        paper = each.paper
        try:
            await publish(
                session,
                actor,
                paper,
                paper.shape.model_validate(each.document),
                each.base,
                reason,
                now,
                keeps_draft=True,
            )
        except PublishedMeanwhileError:
            # Another was faster by a moment; the unit of work is rolled back.
            raise ItemsPublishedMeanwhileError([each.slug]) from None
    kept.published_at = now
    new = sum(each.base == 0 for each in changed)
    said = {"file": kept.file_name, "new": new, "changed": len(changed) - new, "reason": reason}
    await note(session, actor, "handbook-imported", "handbook", now=now, after=said)
