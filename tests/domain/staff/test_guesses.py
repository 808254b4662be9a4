"""Failed attempts: slowed down for who guesses, and not for whose name it is."""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from domain.staff import guesses, sign_in
from domain.staff.actor import Grant
from domain.staff.guesses import (
    FORGET_FAILURES,
    FREE_FAILURES,
    FREE_OF_ADDRESS,
    FREE_OF_NAME,
    LONGEST_WAIT,
    Tally,
    WaitError,
    tallies_of,
    tallies_of_own,
)
from domain.staff.tables import Role, SignInFailures, StaffMember
from tests.world.clock import NOW
from tests.world.people import arrived, hired, log_of

if TYPE_CHECKING:
    from domain.store import Store

SECOND = dt.timedelta(seconds=1)
CLERK = Grant(Role.CLERK)
HERE, THERE = "192.0.2.7", "192.0.2.8"
LI = tallies_of("li", HERE)


async def fail(
    store: Store, times: int, now: dt.datetime = NOW, tallies: list[Tally] | None = None
) -> None:
    """Get the password wrong a few times."""
    for _ in range(times):
        await store.write(partial(guesses.count_failure, tallies=tallies or LI, now=now))


async def wait(
    store: Store, now: dt.datetime = NOW, tallies: list[Tally] | None = None
) -> dt.timedelta | None:
    """How long one has to wait; None for not at all."""
    try:
        async with store.read() as session:
            await guesses.must_wait(session, tallies or LI, now)
    except WaitError as error:
        until: dt.timedelta = error.until - now
        return until
    return None


async def test_a_few_mistakes_cost_nothing(store) -> None:
    await fail(store, FREE_FAILURES)
    assert await wait(store) is None


async def test_each_further_mistake_doubles_the_wait_up_to_a_quarter_of_an_hour(store) -> None:
    await fail(store, FREE_FAILURES)
    waits = []
    for _ in range(9):
        await fail(store, 1)
        waits.append(await wait(store))
    seconds = [each.total_seconds() if each else 0 for each in waits]
    assert seconds == [15, 30, 60, 120, 240, 480, 900, 900, 900]
    await fail(store, 30)
    assert await wait(store) == LONGEST_WAIT


async def test_who_waited_long_enough_may_try_again(store) -> None:
    await fail(store, FREE_FAILURES + 1)
    assert await wait(store, NOW + 14 * SECOND) == SECOND
    assert await wait(store, NOW + 15 * SECOND) is None


async def test_wrong_passwords_from_elsewhere_do_not_keep_their_owner_out(store) -> None:
    for each in range(FREE_OF_NAME // FREE_FAILURES):
        await fail(store, FREE_FAILURES, tallies=tallies_of("li", f"198.51.100.{each}"))
    assert await wait(store) is None
    assert await wait(store, tallies=tallies_of_own("li")) is None


async def test_a_name_that_the_whole_world_guesses_waits_but_for_its_own_browsers(store) -> None:
    for each in range(FREE_OF_NAME + 1):
        await fail(store, 1, tallies=tallies_of("li", f"2001:db8:0:{each:x}::/64"))
    assert await wait(store) is not None
    own = tallies_of("li", HERE, "a mark")
    assert await wait(store, tallies=own) is None
    # A browser that was stolen has as few tries as any.
    await fail(store, FREE_FAILURES + 1, tallies=own)
    assert await wait(store, tallies=own) is not None
    assert await wait(store, tallies=tallies_of("li", HERE, "another mark")) is None


async def test_an_address_that_tries_many_names_waits_at_all_of_them(store) -> None:
    for each in range(FREE_OF_ADDRESS + 1):
        await fail(store, 1, tallies=tallies_of(f"name{each}", HERE))
    assert await wait(store, tallies=tallies_of("han", HERE)) is not None
    assert await wait(store, tallies=tallies_of("han", THERE)) is None


async def test_a_name_is_no_address_even_if_it_looks_like_one(store) -> None:
    await fail(store, FREE_FAILURES + 1, tallies=tallies_of(HERE, THERE))
    assert await wait(store, tallies=tallies_of(THERE, HERE)) is None


async def test_failures_are_forgotten_after_a_day(store) -> None:
    await fail(store, FREE_FAILURES + 3)
    later = NOW + FORGET_FAILURES + SECOND
    await fail(store, FREE_FAILURES, later)
    assert await wait(store, later) is None
    async with store.read() as session:
        assert await session.scalar(select(func.max(SignInFailures.count))) == FREE_FAILURES


async def test_failures_of_others_are_forgotten_as_well_so_the_table_does_not_grow(store) -> None:
    for each in range(20):
        await fail(store, 1, tallies=tallies_of("li", str(each)))
    later = NOW + FORGET_FAILURES + SECOND
    await fail(store, 1, later)
    async with store.read() as session:
        assert await session.scalar(select(func.count(SignInFailures.key_hash))) == len(LI)
    await store.write(partial(guesses.forget_old, now=later + FORGET_FAILURES + SECOND))
    async with store.read() as session:
        assert await session.scalar(select(func.count(SignInFailures.key_hash))) == 0


async def test_the_right_password_ends_the_failures_of_the_account_but_not_of_the_address(
    store,
) -> None:
    li = await hired(store, "li", CLERK)
    await fail(store, FREE_OF_ADDRESS + 1)
    await store.write(partial(sign_in.begin_session, member_id=li, device="x", tallies=LI, now=NOW))
    assert await wait(store, tallies=LI[:2]) is None
    assert await wait(store, tallies=LI[2:]) is not None


async def test_an_administrator_sees_and_lifts_a_wait(store) -> None:
    li = await arrived(store, "li", CLERK)
    boss = await arrived(store, "boss", Grant(Role.ADMINISTRATOR))
    await fail(store, FREE_FAILURES + 1)
    await fail(store, FREE_FAILURES + 2, tallies=tallies_of("li", HERE, "a mark"))
    await fail(store, FREE_FAILURES + 1, tallies=tallies_of("lin", HERE))
    async with store.read() as session:
        assert await guesses.wait_of(session, "li", NOW) == NOW + 30 * SECOND
        assert await guesses.wait_of(session, "boss", NOW) is None
        member = await session.get_one(StaffMember, li.id)
    await store.write(partial(guesses.lift_waits, actor=boss.actor, member=member, now=NOW))
    async with store.read() as session:
        assert await guesses.wait_of(session, "li", NOW) is None
        assert await guesses.wait_of(session, "lin", NOW) is not None
    assert (await log_of(store))[-1].action == "wait-lifted"


async def test_failures_at_the_same_moment_are_all_counted(store) -> None:
    await asyncio.gather(*(fail(store, 1) for _ in range(FREE_FAILURES + 1)))
    assert await wait(store) is not None


async def test_nobodys_name_stands_in_the_table_of_failures(store) -> None:
    await fail(store, 1)
    async with store.read() as session:
        kept = (await session.scalars(select(SignInFailures.key_hash))).all()
    assert not any("li" in each or "192" in each for each in kept)
