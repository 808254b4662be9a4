"""Answers to refused forms in the store: sealed, bounded, and not for long."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from domain.keys import new_key
from domain.refused_forms import LASTS, MOST, Holder, RefusedAnswer, forget_old, held, hold
from tests.world.clock import NOW

if TYPE_CHECKING:
    from domain.store import Store

ANSWER = "请写清楚：王奶奶的药".encode()


async def read(store: Store, holder: Holder, now: dt.datetime = NOW) -> bytes | None:
    async with store.read() as session:
        return await held(session, holder, now)


async def count(store: Store) -> int:
    async with store.read() as session:
        return await session.scalar(select(func.count()).select_from(RefusedAnswer)) or 0


async def test_its_browser_alone_reads_an_answer_and_the_row_says_nothing(store) -> None:
    holder = Holder(new_key(), new_key())
    await store.write(partial(hold, holder=holder, answer=ANSWER, now=NOW))
    assert await read(store, holder) == ANSWER
    assert await read(store, Holder(holder.key, new_key())) is None
    assert await read(store, Holder(new_key(), holder.owner)) is None
    async with store.read() as session:
        row = (await session.scalars(select(RefusedAnswer))).one()
    assert ANSWER not in row.sealed
    assert holder.key not in row.key_hash


async def test_an_answer_is_not_kept_for_long(store) -> None:
    holder = Holder(new_key(), new_key())
    await store.write(partial(hold, holder=holder, answer=ANSWER, now=NOW))
    assert await read(store, holder, NOW + LASTS) is None
    await store.write(partial(forget_old, now=NOW + LASTS - dt.timedelta(seconds=1)))
    assert await count(store) == 1
    await store.write(partial(forget_old, now=NOW + LASTS))
    assert await count(store) == 0


async def test_a_flood_gives_way_to_the_newest(store) -> None:
    first, last = Holder("a", "a"), Holder("z", "z")

    async def flood(session) -> None:
        await hold(session, first, ANSWER, NOW)
        for number in range(1, MOST):
            later = NOW + dt.timedelta(seconds=1)
            session.add(RefusedAnswer(key_hash=str(number), sealed=b"x", until=later + LASTS))

    await store.write(flood)
    await store.write(partial(hold, holder=last, answer=ANSWER, now=NOW + dt.timedelta(seconds=2)))
    assert await count(store) == MOST
    assert await read(store, first) is None
    assert await read(store, last) == ANSWER
