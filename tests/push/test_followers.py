"""Followers of a community: who is told of what it publishes, once each, and never untruly."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import signal
import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, insert, select

from domain.disclosures import days, publishing
from domain.disclosures.content import DisclosureKind
from domain.disclosures.erasing import erase
from domain.disclosures.tables import AffairsDayKind
from push import follows, inbox
from push.errors import TooManyFollowsError
from push.followers import tell_followers
from push.follows import MOST_OF_ONE, Topic
from push.preferences import NotificationSettings, prefer
from push.publications import announce_days
from push.tables import (
    DisclosureFollow,
    End,
    FollowerNews,
    InboxMessage,
    Kind,
    Language,
    OutboxRow,
    SendState,
    Subject,
)
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.disclosures import DisclosureOffice, disclosure_office
from tests.world.push_browsers import device_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import AffairsDay, Disclosure
    from domain.staff.actor import Actor
    from push.recipients import Recipient
    from tests.world.outbox import FollowedDay

pytestmark = both_databases


@dataclass
class Followed:
    """An office that publishes, and its followers with their phones."""

    office: DisclosureOffice
    told: FollowedDay

    async def follows(self, name: str = "li", **topic: str) -> Recipient:
        """Someone follows; their browser takes notifications."""
        who = await self.told.reachable(name)
        wanted = Topic(self.office.community.id, **topic)
        await self.told.store.write(
            partial(follows.follow, recipient=who, topic=wanted, now=self.office.now)
        )
        return who

    async def tell(self, batch: int = 2) -> None:
        """Everyone is told what there is now, some at a time."""
        self.told.day.now = self.office.now
        while await tell_followers(self.told.store, self.told.ways, self.office.now, batch):
            pass

    async def delivered(self) -> list[str]:
        """The notifications that came to browsers."""
        await self.tell()
        await self.told.deliver()
        return [f"{message.title} {message.body}" for message, _ in self.told.push.sent]

    async def inbox(self, who: Recipient) -> list[Kind]:
        async with self.told.store.read() as session:
            return [message.kind for message in await inbox.messages(session, who, NOW)]

    async def corrected(self, disclosure_id: int, *, changes_meaning: bool) -> None:
        summary = f"{self.office.now}"
        await self.office.corrected(disclosure_id, "更正", summary=summary)
        await self.office.all_steps(disclosure_id)
        await self.office.publishes(disclosure_id, changes_meaning=changes_meaning)

    async def chooses(self, who: Recipient, chosen: NotificationSettings) -> None:
        await self.told.store.write(partial(prefer, recipient=who, chosen=chosen))


@pytest.fixture
async def followed(told: FollowedDay) -> Followed:
    return Followed(await disclosure_office(told.store), told)


async def test_followers_of_all_of_a_kind_and_of_an_item_are_told_once(followed) -> None:
    everything = await followed.follows("li")
    finance = await followed.follows("wang", kind="finance")
    party = await followed.follows("zhao", kind="party")
    item = await followed.follows("qian", item="gongzuo-jingfei")
    other = await followed.follows("sun", item="weixiu")
    await followed.follows("li", kind="finance")
    await followed.follows("li", item="gongzuo-jingfei")
    followed.office.later(minutes=1)
    await followed.office.published(item="gongzuo-jingfei", period="2026-11")
    assert len(await followed.delivered()) == 3
    for who, count in ((everything, 1), (finance, 1), (party, 0), (item, 1), (other, 0)):
        assert await followed.inbox(who) == [Kind.DISCLOSURE_NEW] * count


async def test_what_was_written_is_in_no_push_unless_the_person_chose_so(followed) -> None:
    await followed.follows("li")
    chosen = NotificationSettings(Language.CHINESE, says_titles=True)
    await followed.chooses(await followed.follows("wang"), chosen)
    followed.office.later(minutes=1)
    await followed.office.published(title="低保名单公示")
    assert set(await followed.delivered()) == {
        "您关注的社区有新公开 刘家庄社区：《低保名单公示》",
        "您关注的社区有新公开 刘家庄社区。打开页面看公开了什么。",
    }
    async with followed.told.store.read() as session:
        facts = [row.facts for row in await session.scalars(select(InboxMessage))]
        facts += [row.facts for row in await session.scalars(select(OutboxRow))]
    assert "低保" not in json.dumps(facts, ensure_ascii=False)


async def test_spelling_is_told_to_nobody_and_a_change_of_meaning_is(followed) -> None:
    who = await followed.follows()
    followed.office.later(minutes=1)
    disclosure_id = await followed.office.published()
    assert len(await followed.delivered()) == 1
    followed.office.later(minutes=1)
    await followed.corrected(disclosure_id, changes_meaning=False)
    assert len(await followed.delivered()) == 1
    followed.office.later(minutes=1)
    await followed.corrected(disclosure_id, changes_meaning=True)
    assert (await followed.delivered())[1].startswith("您关注的公开有更正 刘家庄社区")
    # One unread message per disclosure: the newest is the true one.
    assert await followed.inbox(who) == [Kind.DISCLOSURE_CHANGED]


@pytest.mark.parametrize("is_erased", [False, True])
async def test_what_is_withdrawn_or_erased_in_between_is_not_sent(followed, is_erased) -> None:
    first = await followed.follows("li")
    second = await followed.follows("wang")
    followed.office.later(minutes=1)
    disclosure_id = await followed.office.published()
    # One of two has a message when it is taken back.
    assert await tell_followers(followed.told.store, followed.told.ways, followed.office.now, 1)

    async def deed(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
        if is_erased:
            await erase(session, actor, made, [1], "x", followed.office.now, dt.timedelta(days=30))
        else:
            await publishing.withdraw(session, actor, made, "x", followed.office.now)

    await followed.office.do(disclosure_id, deed)
    assert await followed.delivered() == []
    assert [row.state for row in await followed.told.rows()] == [SendState.STALE]
    assert [len(await followed.inbox(who)) for who in sorted((first, second))] == [1, 0]


async def test_who_begins_to_follow_afterwards_or_wants_none_is_not_told(followed) -> None:
    off = await followed.follows("wang")
    await followed.chooses(off, NotificationSettings(Language.CHINESE, off=(Subject.DISCLOSURES,)))
    followed.office.later(minutes=1)
    await followed.office.published()
    followed.office.later(minutes=1)
    late = await followed.follows("late")
    assert await followed.delivered() == []
    assert await followed.inbox(off) == await followed.inbox(late) == []


async def test_a_subdistricts_is_told_once_to_who_follows_two_of_its_communities(followed) -> None:
    who = await followed.follows()

    async def next_door(session: AsyncSession) -> None:
        here = followed.office.community
        other = await session.scalar(
            select(type(here).id).where(
                type(here).subdistrict_id == here.subdistrict_id, type(here).id != here.id
            )
        )
        assert other is not None
        await follows.follow(session, who, Topic(other), followed.office.now)

    await followed.told.store.write(next_door)
    followed.office.later(minutes=1)
    disclosure_id = await followed.office.begun()
    await followed.office.all_steps(disclosure_id)

    async def of_all(_session: AsyncSession, _actor: Actor, made: Disclosure) -> None:
        made.community_id = None

    await followed.office.do(disclosure_id, of_all)
    await followed.office.publishes(disclosure_id)
    assert len(await followed.delivered()) == 1
    assert len(await followed.told.rows()) == 1


async def test_stopping_and_following_again_and_not_without_end(followed) -> None:
    who = await followed.follows()
    store, here = followed.told.store, followed.office.community.id
    await store.write(partial(follows.unfollow, recipient=who, topic=Topic(here)))
    followed.office.later(minutes=1)
    await followed.office.published()
    assert await followed.delivered() == []
    for n in range(MOST_OF_ONE):
        await followed.follows(item=f"item-{n}")
    with pytest.raises(TooManyFollowsError):
        await followed.follows(item="one-more")


async def test_who_stops_between_outbox_and_sending_is_told_nothing(followed) -> None:
    here = followed.office.community.id
    stops, stays = await followed.follows("li"), await followed.follows("wang")
    both = await followed.follows("zhao")
    await followed.follows("zhao", item="another-item")
    await followed.office.published()
    await followed.tell()
    for who in (stops, both):
        unfollow = partial(follows.unfollow, recipient=who, topic=Topic(here))
        await followed.told.store.write(unfollow)
    assert len(await followed.delivered()) == 1
    ends = {(row.recipient, row.ended, row.reason) for row in await followed.told.rows()}
    stopped = End.UNWANTED, "stopped following"
    assert ends == {(stops, *stopped), (both, *stopped), (stays, None, "")}


async def plan(followed: Followed, **later: float) -> AffairsDay:
    begins = followed.office.now + dt.timedelta(**later)

    async def unit(session: AsyncSession) -> AffairsDay:
        actor = await followed.office.actor(session, "writer")
        planned = days.DayPlan(
            AffairsDayKind.INQUIRY, "四季度质询日", begins, begins + dt.timedelta(hours=2), "大厅"
        )
        here = followed.office.community.id
        return await days.plan(session, actor, here, planned, f"uid-{begins}"[:36], NOW)

    return await followed.told.store.write(unit)


async def announced(followed: Followed) -> list[str]:
    await followed.told.store.write(partial(announce_days, now=followed.office.now))
    return await followed.delivered()


async def test_the_day_before_followers_are_told_and_told_again_when_it_is_off(followed) -> None:
    who = await followed.follows()
    await followed.follows("zhao", kind="party")
    day = await plan(followed, days=2)
    assert await announced(followed) == []
    followed.office.later(days=1)
    [said] = await announced(followed)
    assert said == "社区请您来坐坐 刘家庄社区，11-25 10:26 开始。打开页面看议题。"
    assert len(await announced(followed)) == 1

    async def unit(session: AsyncSession) -> None:
        actor = await followed.office.actor(session, "writer")
        here = followed.office.community.id
        found = await days.day_of(session, here, day.id)
        assert found is not None
        await days.cancel(session, actor, found, "会议室维修", followed.office.now)

    await followed.told.store.write(unit)
    assert (await announced(followed))[1].startswith("社区的活动有变")
    assert len(await announced(followed)) == 2
    assert await followed.inbox(who) == [Kind.DAY_CHANGED]


async def test_a_day_that_was_moved_before_its_message_went_out_is_not_sent(followed) -> None:
    await followed.follows()
    day = await plan(followed, days=1)
    await followed.told.store.write(partial(announce_days, now=followed.office.now))
    await followed.tell()

    async def unit(session: AsyncSession) -> None:
        actor = await followed.office.actor(session, "writer")
        found = await days.day_of(session, followed.office.community.id, day.id)
        assert found is not None
        begins = found.begins_at + dt.timedelta(days=7)
        planned = days.DayPlan(
            found.kind, found.title, begins, begins + dt.timedelta(hours=2), found.place
        )
        assert await days.change(session, actor, found, planned, followed.office.now)
        assert not await days.change(session, actor, found, planned, followed.office.now)
        assert found.sequence == 1

    await followed.told.store.write(unit)
    sent = await followed.delivered()
    assert [each[:7] for each in sent] == ["社区的活动有变"]


KILLED = """
import asyncio, datetime as dt, sys
import push.events
from domain.store import Store
from push.followers import tell_followers
from push.outbox import Ways

async def main():
    store = Store(sys.argv[1])
    await store.open()
    print("begins", flush=True)
    now = dt.datetime.fromisoformat(sys.argv[2])
    while await tell_followers(store, Ways(), now, 20):
        pass
    print("ends", flush=True)
    await store.close()

asyncio.run(main())
"""


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_killed_in_the_middle_everyone_has_one_message(followed) -> None:
    count, kills = 3_000, 5
    here, now = followed.office.community.id, followed.office.now
    rows = [
        {"recipient": device_of(f"{n}"), "community_id": here, "kind": kind, "item": "", "since": now}
        for n in range(count)
        for kind in ("", DisclosureKind.FINANCE.value)
    ]  # fmt: skip

    async def unit(session: AsyncSession) -> None:
        await session.execute(insert(DisclosureFollow), rows)

    await followed.told.store.write(unit)
    followed.office.later(minutes=1)
    await followed.office.published()
    url = followed.told.store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, url, followed.office.now.isoformat()]
    wanted = 0
    for n in range(kills + 1):
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
        )
        assert process.stdout
        assert await process.stdout.readline() == b"begins\n"
        if n < kills:
            wanted += count // (kills + 2)
            while await messages(followed) < wanted:  # noqa: ASYNC110 - another process rings no bell
                await asyncio.sleep(0.005)
            process.send_signal(signal.SIGKILL)
        await process.communicate()
    async with followed.told.store.read() as session:
        told = (await session.scalars(select(FollowerNews.told_at))).all()
        recipients = (await session.scalars(select(InboxMessage.recipient))).all()
    assert None not in told
    assert len(recipients) == len(set(recipients)) == count


async def messages(followed: Followed) -> int:
    async with followed.told.store.read() as session:
        return await session.scalar(select(func.count()).select_from(InboxMessage)) or 0
