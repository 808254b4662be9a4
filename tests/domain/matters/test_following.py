"""Following a promise: who is told, how often, for how long, and within which bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from domain.keys import key_hash
from domain.matters import following, promises
from domain.matters.errors import PromiseEndedError, TooManyFollowedError
from domain.matters.tables import Promise, PromiseFollower
from push.events import Teller
from push.outbox import Ways
from push.tables import InboxMessage, Kind
from tests.world.matters import DAY, LineOffice

if TYPE_CHECKING:
    from domain.matters.ladder import Ladder
    from domain.matters.tables import Matter
    from domain.matters.timeline import Act

LI, WANG = key_hash("li"), key_hash("wang")


async def promised(office: LineOffice) -> tuple[int, int]:
    """A matter and a promise in it."""
    matter_id = await office.opens()
    return matter_id, await office.promises("holder", matter_id, office.now + DAY)


async def follows(office: LineOffice, promise_id: int, device: str = LI) -> None:
    async def work(act: Act) -> None:
        made = await act.session.get_one(Promise, promise_id)
        await following.follow(act.session, made, device, act.now)

    await office.do(work)


async def ends(office: LineOffice, matter_id: int, promise_id: int, how: str) -> None:
    """The handler keeps the promise, moves it or says that it cannot be kept."""

    async def deed(act: Act, matter: Matter, _: Ladder, who: int) -> None:
        made = await act.session.get_one(Promise, promise_id)
        if how == "kept":
            promises.keep(act, matter, made, who)
        elif how == "moved":
            promises.put_off(act, matter, made, who, act.now + 2 * DAY, "等零件")
        else:
            promises.break_off(act, matter, made, who, "没有零件")

    await office.handles("holder", matter_id, deed)


async def told(office: LineOffice) -> list[tuple[str, dict[str, int | str]]]:
    """Who has which news of a promise in the inbox."""
    async with office.store.read() as session:
        rows = await session.scalars(
            select(InboxMessage)
            .where(InboxMessage.kind == Kind.PROMISE_NEWS)
            .order_by(InboxMessage.id)
        )
        return [(row.recipient, row.facts) for row in rows]


async def followers(office: LineOffice, promise_id: int) -> int:
    async with office.store.read() as session:
        return (await following.followers_of(session, [promise_id])).get(promise_id, 0)


@pytest.fixture
def heard(office: LineOffice) -> LineOffice:
    """The same office, with messages written for what happens."""
    office.store.before_commit(Teller(Ways()))
    return office


@pytest.mark.parametrize("how", ["kept", "moved", "broken"])
async def test_each_follower_is_told_once_and_nobody_else(heard, how) -> None:
    matter_id, promise_id = await promised(heard)
    await follows(heard, promise_id)
    await follows(heard, promise_id)
    await follows(heard, promise_id, WANG)
    await ends(heard, matter_id, promise_id, how)
    facts = {"promise": promise_id, "community": "liujiazhuang"}
    assert await told(heard) == [(f"d:{LI}", facts), (f"d:{WANG}", facts)]


async def test_news_names_neither_the_promise_nor_who_asked(heard) -> None:
    matter_id, promise_id = await promised(heard)
    await follows(heard, promise_id)
    await ends(heard, matter_id, promise_id, "kept")
    [(_, facts)] = await told(heard)
    assert set(facts) == {"promise", "community"}


async def test_who_stopped_following_is_told_nothing(heard) -> None:
    matter_id, promise_id = await promised(heard)
    await follows(heard, promise_id)
    await follows(heard, promise_id, WANG)

    async def work(act: Act) -> None:
        await following.unfollow(act.session, promise_id, LI)
        await following.unfollow(act.session, promise_id, LI)

    await heard.do(work)
    await ends(heard, matter_id, promise_id, "kept")
    assert [recipient for recipient, _ in await told(heard)] == [f"d:{WANG}"]


async def test_who_follows_is_kept_through_a_move_and_forgotten_at_the_end(heard) -> None:
    matter_id, promise_id = await promised(heard)
    await follows(heard, promise_id)
    await ends(heard, matter_id, promise_id, "moved")
    assert await followers(heard, promise_id) == 1
    await ends(heard, matter_id, promise_id, "broken")
    assert await followers(heard, promise_id) == 0


async def test_a_promise_that_ended_cannot_be_followed(office) -> None:
    matter_id, promise_id = await promised(office)
    await ends(office, matter_id, promise_id, "kept")
    with pytest.raises(PromiseEndedError):
        await follows(office, promise_id)


async def test_one_device_follows_so_many_and_no_more(office, monkeypatch) -> None:
    monkeypatch.setattr(following, "MOST_OF_ONE", 2)
    matter_id, first = await promised(office)
    others = [await office.promises("holder", matter_id, office.now + DAY) for _ in range(2)]
    for promise_id in (first, others[0]):
        await follows(office, promise_id)
    with pytest.raises(TooManyFollowedError):
        await follows(office, others[1])
    # Again is no more, and what ended is none.
    await follows(office, first)
    await ends(office, matter_id, first, "kept")
    await follows(office, others[1])


async def test_one_promise_is_followed_by_so_many_and_no_more(office, monkeypatch) -> None:
    monkeypatch.setattr(following, "MOST_OF_PROMISE", 2)
    _, promise_id = await promised(office)
    for name in ("a", "b"):
        await follows(office, promise_id, key_hash(name))
    with pytest.raises(TooManyFollowedError):
        await follows(office, promise_id)
    assert await followers(office, promise_id) == 2


async def test_followers_are_erased_with_what_was_promised(office) -> None:
    matter_id, promise_id = await promised(office)
    _, other_id = await promised(office)
    await follows(office, promise_id)
    await follows(office, other_id)
    await office.closes(matter_id)
    await office.erase(matter_id)
    async with office.store.read() as session:
        left = await session.scalars(select(PromiseFollower.promise_id))
        assert left.all() == [other_id]


async def test_a_message_that_cannot_be_written_undoes_nothing(heard, monkeypatch) -> None:
    matter_id, promise_id = await promised(heard)
    await follows(heard, promise_id)

    def broken(_device: str) -> str:
        raise ValueError

    monkeypatch.setattr("push.recipients.device", broken)
    await ends(heard, matter_id, promise_id, "kept")
    assert (await heard.promise(promise_id)).kept_at == heard.now
    assert await told(heard) == []


async def test_all_who_may_follow_a_promise_are_told_in_the_act_that_keeps_it(heard) -> None:
    matter_id, promise_id = await promised(heard)

    async def crowd(act: Act) -> None:
        act.session.add_all(
            PromiseFollower(promise_id=promise_id, device=key_hash(str(number)), since=act.now)
            for number in range(following.MOST_OF_PROMISE)
        )

    await heard.do(crowd)
    await ends(heard, matter_id, promise_id, "kept")
    assert len(await told(heard)) == following.MOST_OF_PROMISE
