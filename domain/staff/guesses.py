"""猜密码: how failed attempts are counted and slowed down, without keeping their owner out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from domain.errors import LianxinError
from domain.keys import failure_key
from domain.staff.journal import note
from domain.staff.tables import SignInFailures
from domain.store import inserting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor
    from domain.staff.tables import StaffMember

# Mistakes that cost nothing; each further one doubles the wait: of one name behind one address, of
# one address at all names, of one name from everywhere.
FREE_FAILURES, FREE_OF_ADDRESS, FREE_OF_NAME = 5, 30, 100
FIRST_WAIT = dt.timedelta(seconds=15)
LONGEST_WAIT = dt.timedelta(minutes=15)
FORGET_FAILURES = dt.timedelta(days=1)
# Hexadecimal digits of a key that say whose name it is, where it says so.
WHOSE = 32


class WaitError(LianxinError):
    """Too many failures: nothing is even tried before `until`."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


@dataclass(frozen=True, order=True)
class Tally:
    """What failures are counted under: the hash of a name or an address, and how many are free."""

    key: str
    free: int = FREE_FAILURES


# Counted under the name alone, six wrong passwords from anywhere kept its owner out, and names are
# easy to guess. So few failures count for a name behind one address, and many for the name. A
# browser in which that person signed in before is counted by itself and waits for nobody else.
def tallies_of(name: str, address: str, browser: str | None = None) -> list[Tally]:
    """What an attempt to sign in is counted under.

    `browser` is a mark of a browser in which this person signed in before.
    """
    if browser is not None:
        return [_of_name(name, "browser", browser)]
    return [
        _of_name(name, "address", address),
        Tally(_whose(name) + "0" * WHOSE, FREE_OF_NAME),
        Tally(failure_key("address", address), FREE_OF_ADDRESS),
    ]


def tallies_of_own(name: str) -> list[Tally]:
    """What wrong passwords typed by someone who is signed in are counted under."""
    return [_of_name(name, "own", name)]


def _of_name(name: str, kind: str, what: str) -> Tally:
    return Tally(_whose(name) + failure_key(kind, what)[:WHOSE])


def _whose(name: str) -> str:
    return failure_key("name", name)[:WHOSE]


async def must_wait(session: AsyncSession, tallies: Iterable[Tally], now: dt.datetime) -> None:
    """Raises `WaitError` while one of these has failed too often."""
    keys = [tally.key for tally in tallies]
    if until := await _latest(session, SignInFailures.key_hash.in_(keys), now):
        raise WaitError(until)


async def _latest(session: AsyncSession, which: object, now: dt.datetime) -> dt.datetime | None:
    until: dt.datetime | None = await session.scalar(
        select(func.max(SignInFailures.wait_until)).where(which, SignInFailures.wait_until > now)  # type: ignore[arg-type]
    )
    return until


async def count_failure(session: AsyncSession, tallies: Iterable[Tally], now: dt.datetime) -> None:
    """Count a failure under each; beyond what is free, each doubles the wait."""
    await forget_old(session, now)
    # In the same order everywhere, so that two requests that fail at once cannot deadlock.
    for tally in sorted(tallies):
        blank = inserting(session, SignInFailures).values(key_hash=tally.key, count=0, last_at=now)
        await session.execute(blank.on_conflict_do_nothing())
        row = await session.get_one(SignInFailures, tally.key, with_for_update=True)
        row.count, row.last_at = row.count + 1, now
        over = row.count - tally.free
        if over > 0:
            row.wait_until = now + min(FIRST_WAIT * 2 ** min(over - 1, 10), LONGEST_WAIT)
    await session.flush()


# Those of the address stay: otherwise an attacker with an account of their own could clear the
# address again and again.
async def forget(session: AsyncSession, tallies: Iterable[Tally]) -> None:
    """Count from zero again after the right password, except for the address."""
    keys = [tally.key for tally in tallies if tally.free != FREE_OF_ADDRESS]
    await session.execute(delete(SignInFailures).where(SignInFailures.key_hash.in_(keys)))


async def forget_old(session: AsyncSession, now: dt.datetime) -> None:
    """Erase what was counted more than a day ago."""
    old = SignInFailures.last_at < now - FORGET_FAILURES
    await session.execute(delete(SignInFailures).where(old))


async def wait_of(session: AsyncSession, name: str, now: dt.datetime) -> dt.datetime | None:
    """Until when somewhere nobody can try to sign in by this name; None if everyone can."""
    return await _latest(session, SignInFailures.key_hash.startswith(_whose(name)), now)


async def forget_name(session: AsyncSession, name: str) -> None:
    """Count the attempts at this name from zero again, wherever they came from."""
    of_name = SignInFailures.key_hash.startswith(_whose(name))
    await session.execute(delete(SignInFailures).where(of_name))


async def lift_waits(
    session: AsyncSession, actor: Actor, member: StaffMember, now: dt.datetime
) -> None:
    """Let this person try again at once, everywhere."""
    await forget_name(session, member.name)
    await note(session, actor, "wait-lifted", f"staff/{member.id}", now=now)
