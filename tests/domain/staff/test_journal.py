"""The log of staff: append-only, chained, and honest about what was done to it by hand."""

from __future__ import annotations

import ast
import asyncio
import datetime as dt
import hashlib
import json
import re
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from domain.staff import journal
from domain.staff.actor import COMMAND_LINE, Actor, Grant
from domain.staff.journal import BEGINNING, ChainEnd, ChainFault, JournalEntry, note, verify
from domain.staff.tables import Role
from domain.store import Store
from tests.world.clock import NOW
from tests.world.district import places
from tests.world.people import arrived, log_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


ODD = {
    "name": "韩秀芝 “引号” \\ \" ' % \n\t",
    "emoji": "🏮",
    "nested": [1, 2.5, None, True, {"b": 1, "a": [[]]}],
    "empty": {},
}


async def say(store: Store, action: str = "tried", **more: Any) -> JournalEntry:
    """Append an entry."""
    given: dict[str, Any] = {"now": NOW, **more}
    return await store.write(
        partial(note, actor=COMMAND_LINE, action=action, subject="test/1", **given)
    )


async def checked(store: Store) -> tuple[int, ChainFault | None]:
    """Verify the chain: how many entries are looked at, and the first fault."""
    async with store.read() as session:
        end, fault = await verify(session)
    return (fault.entry if fault else end.entry), fault


async def by_hand(store: Store, statement: str, **values: Any) -> None:
    """Change the database as someone with its password would."""
    await store.with_connection(lambda connection: connection.execute(text(statement), values))


async def relink(store: Store, number: int, **changes: Any) -> None:
    """Change an entry by hand as someone would who knows how its hash is made."""

    async def change(session: AsyncSession) -> None:
        entry = await session.get_one(JournalEntry, number)
        for name, value in changes.items():
            setattr(entry, name, value)
        entry.hash = entry.computed_hash()

    await store.write(change)


@pytest.fixture
async def written(sample: Store) -> Store:
    """A log of five entries, one with everything in it."""
    li = await arrived(sample, "li", Grant(Role.EDITOR))
    home = (await places(sample)).community["jian"]
    await sample.write(
        partial(
            note,
            actor=Actor(li.id, li.session, "li"),
            action="item-published",
            subject="handbook/dibao",
            now=NOW,
            before={"title": "低保", "days": 10},
            after=ODD,
            community_id=home,
        )
    )
    for _ in range(2):
        await say(sample)
    return sample


async def test_an_empty_log_is_whole(store) -> None:
    assert await checked(store) == (0, None)


async def test_entries_are_numbered_and_each_is_chained_to_the_one_before(written) -> None:
    entries = await log_of(written)
    assert [entry.id for entry in entries] == [1, 2, 3, 4, 5]
    assert entries[0].previous_hash == BEGINNING
    for before, after in pairwise(entries):
        assert after.previous_hash == before.hash
    assert len({entry.hash for entry in entries}) == 5
    assert await checked(written) == (5, None)


async def test_an_entry_keeps_what_was_said_to_the_letter(written) -> None:
    entry = (await log_of(written))[2]
    assert (entry.action, entry.subject) == ("item-published", "handbook/dibao")
    assert entry.before == {"title": "低保", "days": 10}
    assert entry.after == ODD
    assert entry.at == NOW


async def test_an_entry_of_an_odd_moment_is_whole(store) -> None:
    """To the microsecond, in a zone that is not the store's."""
    zone = dt.timezone(dt.timedelta(hours=5, minutes=45))
    for microsecond in (0, 1, 999_999):
        await say(store, now=dt.datetime(2026, 12, 31, 23, 59, 59, microsecond, tzinfo=zone))
    assert await checked(store) == (3, None)


async def test_nothing_and_a_false_value_before_are_different_things(store) -> None:
    values: list[Any] = [None, False, 0, "", [], {}]
    for value in values:
        await say(store, before=value, after=value)
    assert await checked(store) == (6, None)
    entries = await log_of(store)
    assert [entry.before for entry in entries] == values
    assert len({entry.hash for entry in entries}) == 6


async def test_a_unit_of_work_that_fails_leaves_no_entry_and_no_gap(store) -> None:
    async def fails(session: AsyncSession) -> None:
        await note(session, COMMAND_LINE, "tried", "test/1", now=NOW)
        raise LookupError

    await say(store)
    with pytest.raises(LookupError):
        await store.write(fails)
    await say(store)
    assert await checked(store) == (2, None)


async def test_many_entries_at_once_keep_the_chain_whole(store) -> None:
    await asyncio.gather(*(say(store, f"tried-{number}") for number in range(30)))
    assert await checked(store) == (30, None)
    actions = {entry.action for entry in await log_of(store)}
    assert actions == {f"tried-{number}" for number in range(30)}


async def test_each_kind_of_action_is_listed_once(store) -> None:
    for action in ("left", "joined", "left", "published", "joined", "joined"):
        await say(store, action)
    async with store.read() as session:
        assert sorted(await journal.actions(session)) == ["joined", "left", "published"]


async def test_an_empty_log_has_no_actions(store) -> None:
    async with store.read() as session:
        assert await journal.actions(session) == []


async def test_the_kinds_of_action_are_found_without_reading_the_whole_log(store) -> None:
    if not store.is_sqlite:
        # PostgreSQL reads a table of no size as a whole; make it take the index if it can.
        plan, before = "EXPLAIN", "SET LOCAL enable_seqscan = off"
        whole = re.compile("Seq Scan on journal_entry|Unique")
    else:
        plan, before = "EXPLAIN QUERY PLAN", "SELECT 1"
        whole = re.compile("SCAN journal_entry")
    async with store.read() as session:
        await session.execute(text(before))
        steps = await session.execute(text(f"{plan} {journal.known_actions()}"))
        found = "\n".join(str(step) for step in steps)
        distinct = select(JournalEntry.action).distinct()
        steps = await session.execute(text(f"{plan} {distinct}"))
        assert whole.search("\n".join(str(step) for step in steps))
    assert "ix_journal_entry_action" in found
    assert not whole.search(found)


async def test_two_entries_of_one_unit_of_work_follow_each_other(store) -> None:
    async def twice(session: AsyncSession) -> None:
        for _ in range(2):
            await note(session, COMMAND_LINE, "tried", "test/1", now=NOW)

    await asyncio.gather(*(store.write(twice) for _ in range(5)))
    assert await checked(store) == (10, None)


CHANGED = "was changed after it was written"
TO_ANOTHER = {
    "at": ("2026-11-23 02:26:01", "2026-11-23 02:26:01+00"),
    "staff_id": ("NULL", "NULL"),
    "session_id": ("NULL", "NULL"),
    "action": ("'left'", "'left'"),
    "subject": ("'handbook/gaoling'", "'handbook/gaoling'"),
    "community_id": ("NULL", "NULL"),
    "before": ("""'{"title": "低保", "days": 9}'""",) * 2,
    "after": ("NULL", "NULL"),
    "chain": ("NULL", "NULL"),
    "name": ("'wang'", "'wang'"),
    "full_name": ("'王华'", "'王华'"),
    "hash": (f"'{'a' * 64}'",) * 2,
}


@pytest.mark.parametrize("column", TO_ANOTHER)
async def test_a_row_changed_by_hand_is_found_whatever_was_changed(written, column) -> None:
    value = TO_ANOTHER[column][0 if written.is_sqlite else 1]
    value = f"'{value}'" if column == "at" else value
    await by_hand(written, f'UPDATE journal_entry SET "{column}" = {value} WHERE id = 3')  # noqa: S608 - our own words
    assert await checked(written) == (3, ChainFault(3, CHANGED))


async def test_every_column_of_an_entry_is_tried() -> None:
    columns = {column.name for column in JournalEntry.__table__.columns}
    assert columns == set(TO_ANOTHER) | {"id", "previous_hash"}


async def test_a_cut_link_is_found(written) -> None:
    await by_hand(written, f"UPDATE journal_entry SET previous_hash = '{'a' * 64}' WHERE id = 3")  # noqa: S608 - our own words
    assert await checked(written) == (3, ChainFault(3, "does not follow from the one before"))


@pytest.mark.parametrize("number", [1, 3, 4])
async def test_a_removed_row_is_found(written, number) -> None:
    await by_hand(written, "DELETE FROM journal_entry WHERE id = :number", number=number)
    assert await checked(written) == (number, ChainFault(number, "is missing"))


async def test_a_removed_row_is_found_also_when_the_others_moved_up(written) -> None:
    await by_hand(written, "DELETE FROM journal_entry WHERE id = 3")
    await by_hand(written, "UPDATE journal_entry SET id = 3 WHERE id = 4")
    await by_hand(written, "UPDATE journal_entry SET id = 4 WHERE id = 5")
    assert await checked(written) == (3, ChainFault(3, "does not follow from the one before"))


async def test_two_rows_that_changed_places_are_found(written) -> None:
    for now, then in ((4, 99), (5, 4), (99, 5)):
        await by_hand(
            written, "UPDATE journal_entry SET id = :then WHERE id = :now", then=then, now=now
        )
    found = await checked(written)
    assert found == (4, ChainFault(4, "does not follow from the one before"))


async def test_a_changed_row_with_a_new_hash_is_found_by_the_next_one(written) -> None:
    await relink(written, 3, after={"title": "forged"})
    assert await checked(written) == (4, ChainFault(4, "does not follow from the one before"))


async def test_a_row_written_in_between_by_hand_is_found(written) -> None:
    for now in (5, 4):
        await by_hand(
            written, "UPDATE journal_entry SET id = :then WHERE id = :now", then=now + 1, now=now
        )
    third = (await log_of(written))[2]
    forged = JournalEntry(id=4, at=NOW, action="left", subject="staff/1", previous_hash=third.hash)
    forged.hash = forged.computed_hash()

    async def insert(session: AsyncSession) -> None:
        session.add(forged)

    await written.write(insert)
    assert await checked(written) == (5, ChainFault(5, "does not follow from the one before"))


async def test_a_first_row_put_in_front_is_found(written) -> None:
    await by_hand(written, "UPDATE journal_entry SET previous_hash = 'x' WHERE id = 1")
    assert await checked(written) == (1, ChainFault(1, "does not follow from the one before"))


@pytest.mark.parametrize("value", ["'not json'", "'{'"])
async def test_a_row_that_cannot_even_be_read_any_more_is_said_to_be_changed(
    sqlite_files, value
) -> None:
    store = Store(sqlite_files.copy("empty"))
    await store.open()
    try:
        await say(store, after=1)
        await by_hand(store, f"UPDATE journal_entry SET after = {value}")  # noqa: S608 - our own words
        assert await checked(store) == (1, ChainFault(1, CHANGED))
    finally:
        await store.close()


async def test_the_end_is_the_newest_entry(written) -> None:
    newest = (await log_of(written))[-1]
    async with written.read() as session:
        assert await verify(session) == (ChainEnd(5, newest.hash), None)
    assert str(ChainEnd(5, newest.hash)) == f"5:{newest.hash}"


async def against(store: Store, kept: ChainEnd) -> ChainFault | None:
    """Verify the chain against an end that was kept elsewhere."""
    async with store.read() as session:
        return (await verify(session, kept))[1]


async def kept(store: Store) -> ChainEnd:
    """The end of the log as it is."""
    async with store.read() as session:
        return (await verify(session))[0]


async def test_a_log_that_went_on_agrees_with_the_end_that_was_kept(written) -> None:
    end = await kept(written)
    await say(written)
    assert await against(written, end) is None
    assert await against(written, ChainEnd(0, BEGINNING)) is None


async def test_an_end_cut_off_is_found_by_the_hash_that_was_kept(written) -> None:
    end = await kept(written)
    await by_hand(written, "DELETE FROM journal_entry WHERE id > 3")
    assert await checked(written) == (3, None)
    assert await against(written, end) == ChainFault(4, "is missing")


async def test_an_end_written_again_is_found_by_the_hash_that_was_kept(written) -> None:
    end = await kept(written)
    await by_hand(written, "DELETE FROM journal_entry WHERE id > 3")
    for _ in range(4):
        await say(written, "forged")
    assert await checked(written) == (7, None)
    assert await against(written, end) == ChainFault(5, "is not the one whose hash was kept")


async def test_a_log_emptied_while_there_are_staff_is_not_whole(written) -> None:
    await by_hand(written, "DELETE FROM journal_entry")
    assert await checked(written) == (1, ChainFault(1, "is missing"))


async def test_an_entry_keeps_the_names_of_who_acted(written) -> None:
    entry = (await log_of(written))[2]
    assert (entry.name, entry.full_name, entry.chain) == ("li", "Li Wang", journal.CHAIN)
    await by_hand(written, "UPDATE staff_member SET name = 'wang', full_name = '王华'")
    assert await checked(written) == (5, None)
    entry = (await log_of(written))[2]
    assert (entry.name, entry.full_name) == ("li", "Li Wang")


async def test_the_command_line_has_no_name(store) -> None:
    entry = await say(store)
    assert (entry.staff_id, entry.name, entry.full_name) == (None, None, None)


async def test_entries_of_before_names_were_in_the_hash_stay_whole(store) -> None:
    """As an earlier version wrote them; what is appended now follows from them."""

    async def earlier(session: AsyncSession) -> None:
        entry = JournalEntry(
            id=1, at=NOW, action="tried", subject="test/1", previous_hash=BEGINNING
        )
        said = [1, "2026-11-23T02:26:00.000000+00:00", None, None, "tried", "test/1", None, None]
        plain = json.dumps([*said, None, BEGINNING], separators=(",", ":"))
        entry.hash = hashlib.sha256(plain.encode()).hexdigest()
        session.add(entry)

    await store.write(earlier)
    await say(store)
    assert await checked(store) == (2, None)
    assert [entry.chain for entry in await log_of(store)] == [None, journal.CHAIN]


async def test_what_was_appended_after_a_forgery_does_not_hide_it(written) -> None:
    await by_hand(written, "UPDATE journal_entry SET action = 'left' WHERE id = 2")
    await say(written)
    assert await checked(written) == (2, ChainFault(2, CHANGED))


async def test_a_long_log_is_checked_to_its_end(store, monkeypatch) -> None:
    monkeypatch.setattr(journal, "PAGE", 3)
    for _ in range(7):
        await say(store)
    assert await checked(store) == (7, None)
    await by_hand(store, "UPDATE journal_entry SET action = 'left' WHERE id = 7")
    assert await checked(store) == (7, ChainFault(7, CHANGED))
    await by_hand(store, "DELETE FROM journal_entry WHERE id = 4")
    assert await checked(store) == (4, ChainFault(4, "is missing"))


async def test_a_log_that_ends_with_a_full_page_is_checked_to_its_end(store, monkeypatch) -> None:
    monkeypatch.setattr(journal, "PAGE", 3)
    for _ in range(6):
        await say(store)
    assert await checked(store) == (6, None)


async def test_an_entry_names_only_people_and_sessions_that_exist(store) -> None:
    with pytest.raises(IntegrityError):
        await store.write(
            partial(note, actor=Actor(4711, None, "x"), action="x", subject="x", now=NOW)
        )
    async with store.read() as session:
        assert await session.scalar(select(func.count(JournalEntry.id))) == 0


def test_the_log_module_offers_no_way_to_change_or_remove_an_entry() -> None:
    root = Path(journal.__file__).parent.parent.parent
    for path in [*(root / "domain").rglob("*.py"), *(root / "web").rglob("*.py")]:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                named = [each.id for each in call.args if isinstance(each, ast.Name)]
                touches = call.func.id in {"update", "delete", "insert"}
                assert not (touches and "JournalEntry" in named), path
