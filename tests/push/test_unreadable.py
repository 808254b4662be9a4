"""A row that this version cannot read fails alone and is reported; the rows beside it arrive."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from domain.queue.calling import StaffedCounter
from push.followers import tell_followers
from push.outbox import Ways, failed, outbox_status
from push.preferences import NotificationSettings, prefer
from push.tables import (
    ChannelKind,
    End,
    Facts,
    FactsColumn,
    FollowerNews,
    Kind,
    KindColumn,
    Language,
    Preferences,
    Subject,
    metadata,
)
from tests.world.outbox import FollowedDay, behind, write

GOOD = 7


@pytest.fixture
async def crowded(told: FollowedDay) -> FollowedDay:
    """Eight people who follow one ticket, which is called; all have a message in one batch."""
    told.ways = Ways(frozenset({ChannelKind.PUSH, ChannelKind.EMAIL}))
    mine = await behind(told, 0)
    for number in range(GOOD + 1):
        await told.follows(await told.reachable(f"{number}"), mine)
    await told.day.do(StaffedCounter.call_next)
    return told


async def spoil(told: FollowedDay, kind: str | None = None, facts: str | None = None) -> None:
    """Write into the first row as a later version might, or a hand."""
    spoiling = text(
        "UPDATE push_outbox SET kind = coalesce(:kind, kind), facts = coalesce(:facts, facts)"
        " WHERE id = (SELECT min(id) FROM push_outbox)"
    )
    if not told.store.is_sqlite:
        spoiling = text(
            str(spoiling)
            .replace(":facts", "CAST(:facts AS json)")
            .replace(":kind,", "CAST(:kind AS varchar),")
        )
    columns = {"kind": kind, "facts": facts}
    await told.store.write(lambda session: session.execute(spoiling, columns))


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "case-due"},
        {"facts": "{}"},
        {"facts": json.dumps({"ticket": "none"})},
        {"facts": json.dumps({"ticket": 10**12})},
        {"facts": json.dumps({"ticket": 999})},
        {"facts": json.dumps({"ticket": [1]})},
        {"facts": json.dumps({"ticket": 1})},
        {"facts": "[]"},
        {"facts": "null"},
    ],
    ids=str,
)
async def test_one_row_that_cannot_be_read_keeps_no_other_from_going(
    crowded, columns, caplog
) -> None:
    await spoil(crowded, **columns)
    await crowded.deliver()
    assert len(crowded.push.sent) == GOOD
    [bad] = [row for row in await crowded.rows() if row.state.value != "sent"]
    assert (bad.state.value, bad.ended, bad.attempts) == ("failed", End.OUR_FAULT, 1)
    assert bad.reason.startswith("unreadable: ")
    assert (
        f"message {bad.id} of kind {columns.get('kind', 'ticket-called')} cannot be checked"
        in caplog.text
    )
    async with crowded.store.read() as session:
        assert [
            failure.count for failure in (await outbox_status(session, crowded.day.now)).failures
        ] == [1]
        assert [row.id for row in await failed(session, crowded.day.now)] == [bad.id]


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_facts_that_are_no_json_fail_alone(crowded) -> None:
    await spoil(crowded, facts="{broken")
    await crowded.deliver()
    assert len(crowded.push.sent) == GOOD


def test_every_column_of_kinds_and_facts_reads_what_it_does_not_know() -> None:
    columns = [column for table in metadata.tables.values() for column in table.columns]
    kinds = [each for each in columns if isinstance(each.type, KindColumn)]
    assert {str(each) for each in kinds} == {
        "push_outbox.kind", "inbox_message.kind", "follower_news.message",
    }  # fmt: skip
    facts = {str(each) for each in columns if isinstance(each.type, FactsColumn)}
    assert facts == {"push_outbox.facts", "inbox_message.facts", "follower_news.facts"}
    for each in columns:
        shape = getattr(each.type, "shape", None)
        assert shape is not Facts or isinstance(each.type, FactsColumn), each


async def test_preferences_of_a_later_version_lose_only_what_is_not_known(told) -> None:
    recipient = await told.reachable()
    await write(
        told.store, prefer, recipient=recipient, chosen=NotificationSettings(Language.ENGLISH)
    )
    spoiling = text("UPDATE push_preferences SET off = :off, channels = :channels")
    columns = {"off": '["weather", "answers"]', "channels": '["sms", "push"]'}
    await told.store.write(lambda session: session.execute(spoiling, columns))
    async with told.store.read() as session:
        own = await session.get_one(Preferences, recipient)
    assert (own.off, own.channels) == ((Subject.ANSWERS,), (ChannelKind.PUSH,))


async def test_news_that_cannot_be_read_keep_no_later_news_from_followers(told, caplog) -> None:
    community = told.day.hall.community_id

    async def unit(session) -> None:
        for kind in (Kind.DISCLOSURE_NEW, Kind.DAY_SOON):
            facts: dict[str, int | str] = {}
            session.add(
                FollowerNews(
                    message=kind,
                    subject="x",
                    facts=facts,
                    community_id=community,
                    created_at=told.day.now,
                )
            )

    await told.store.write(unit)
    assert await tell_followers(told.store, told.ways, told.day.now)
    assert await tell_followers(told.store, told.ways, told.day.now)
    assert not await tell_followers(told.store, told.ways, told.day.now)
    assert caplog.text.count("nobody is told of news") == 2
