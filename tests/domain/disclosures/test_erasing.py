"""The chain of revisions, and what must go from it and leave it whole."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text, update

from domain.disclosures.erasing import erase, erase_persons
from domain.disclosures.publishing import verify
from domain.disclosures.tables import DisclosureErasure, DisclosureRevision
from tests.world.disclosures import DRAFT

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure
    from domain.staff.actor import Actor
    from tests.world.disclosures import DisclosureOffice

CHAIN = "c/liujiazhuang"
SEEDED = 6
PERSONS = [{"number": "1", "name": "ZH*G", "note": "2号楼"}]
# In Latin letters: SQLite keeps documents with all others escaped.
SECRET = "ZHANG-SAN-ID"


async def faults(office: DisclosureOffice) -> tuple[int, int | None]:
    """How many links are whole, and the first that is not."""
    async with office.store.read() as session:
        return await verify(session, CHAIN)


async def erased(office: DisclosureOffice, disclosure_id: int, *numbers: int) -> DisclosureErasure:
    """Erase these revisions."""

    async def deed(session: AsyncSession, actor: Actor, made: Disclosure) -> DisclosureErasure:
        keep = dt.timedelta(days=30)
        return await erase(session, actor, made, numbers, "误登身份证号", office.now, keep)

    return await office.do(disclosure_id, deed)


async def rows_with(office: DisclosureOffice, words: str) -> list[str]:
    """The tables in which these words stand anywhere."""
    async with office.store.read() as session:
        names = ["disclosure", "disclosure_revision", "disclosure_file", "journal_entry", "inquiry"]
        found = []
        for name in names:
            rows = await session.execute(text(f"SELECT * FROM {name}"))  # noqa: S608 - a fixed name
            if any(words in str(row) for row in rows):
                found.append(name)
        return found


async def test_a_row_that_was_changed_by_hand_fails_the_chain(office: DisclosureOffice) -> None:
    disclosure_id = await office.published()
    assert await faults(office) == (SEEDED + 1, None)
    kept = await office.revision(disclosure_id, 1)
    assert kept.document is not None
    changed = kept.document.model_copy(update={"summary": "没有支出。"})

    async def change(session: AsyncSession) -> None:
        row = update(DisclosureRevision).where(DisclosureRevision.id == kept.id)
        await session.execute(row.values(document=changed))

    await office.write(change)
    assert await faults(office) == (SEEDED, SEEDED + 1)


@pytest.mark.parametrize("column", ["number", "link", "published_at", "previous_hash", "hash"])
async def test_nothing_of_a_link_can_be_changed_unseen(
    office: DisclosureOffice, column: str
) -> None:
    disclosure_id = await office.published()
    kept = await office.revision(disclosure_id, 1)
    values = {
        "number": 7, "link": 70, "published_at": kept.published_at - dt.timedelta(days=1),
        "previous_hash": "0" * 64, "hash": "1" * 64,
    }  # fmt: skip

    async def change(session: AsyncSession) -> None:
        row = update(DisclosureRevision).where(DisclosureRevision.id == kept.id)
        await session.execute(row.values(**{column: values[column]}))

    await office.write(change)
    _, fault = await faults(office)
    assert fault is not None


async def test_an_erased_revision_is_gone_everywhere_and_the_chain_is_whole(
    office: DisclosureOffice,
) -> None:
    disclosure_id = await office.published(title=SECRET, summary=SECRET, body=SECRET)
    office.later(days=1)
    later = await office.published(title="后来的")
    erasure = await erased(office, disclosure_id, 1)
    assert erasure.backups_until == (office.now + dt.timedelta(days=30)).date()
    assert await faults(office) == (SEEDED + 2, None)
    assert await office.finds(SECRET) == []
    seen = await office.seen(disclosure_id)
    assert (seen.content, seen.disclosure.title) == (None, "")
    assert await rows_with(office, SECRET) == []
    assert (await office.seen(later)).content is not None


async def test_erasing_an_old_revision_leaves_the_newest(office: DisclosureOffice) -> None:
    disclosure_id = await office.published(summary=SECRET)
    await office.corrected(disclosure_id, "更正")
    await office.all_steps(disclosure_id)
    await office.publishes(disclosure_id)
    await erased(office, disclosure_id, 1)
    assert (await office.content(disclosure_id)).title == DRAFT["title"]
    assert (await office.seen(disclosure_id, 1)).content is None
    assert await rows_with(office, SECRET) == []
    assert (await faults(office))[1] is None


async def test_persons_are_shown_to_their_last_day_and_then_erased(
    office: DisclosureOffice,
) -> None:
    disclosure_id = await office.published(persons=PERSONS, open_days=5)
    revision = await office.revision(disclosure_id, 1)
    until = revision.persons_until
    assert until is not None
    assert "ZH*G" not in str(revision.document)
    office.now = office.now.replace(year=until.year, month=until.month, day=until.day, hour=23)
    assert len((await office.seen(disclosure_id)).persons) == 1
    office.later(hours=1)
    assert (await office.seen(disclosure_id)).persons == ()
    erasing = partial(erase_persons, today=office.now.date())
    assert await office.write(erasing) >= 1
    assert await office.write(erasing) == 0
    assert await rows_with(office, "ZH*G") == []
    assert (await faults(office))[1] is None
    assert (await office.content(disclosure_id)).title == DRAFT["title"]


async def test_persons_are_never_found_by_search(office: DisclosureOffice) -> None:
    await office.published(persons=PERSONS)
    assert await office.finds("ZH*G") == []
