"""Passwords, checked and hashed outside every unit of work, in a thread of low priority."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from domain.staff import guesses, passwords
from domain.staff.guesses import WaitError
from domain.staff.sign_in import still_has
from web.site.words import minute_after

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.guesses import Tally
    from domain.staff.tables import StaffMember
    from web.running.services import Services
    from web.site.visit import Visit
    from web.staff.access import StaffVisit

T = TypeVar("T")


async def stays() -> bool:
    return False


async def is_right(  # noqa: PLR0913, PLR0917 - everything a check depends on
    services: Services,
    password_hash: str | None,
    password: str,
    tallies: list[Tally],
    now: dt.datetime,
    has_gone: Callable[[], Awaitable[bool]] = stays,
) -> bool:
    """Whether the password has this hash; a failure is counted under each tally.

    None is the hash of no account: checking it takes as long. Raises `WaitError`, also for a
    browser that has gone before its turn came: what is sent again would wait behind it.
    """
    # Failures are looked at and counted in one turn with the check. Otherwise all of many guesses
    # at once would be let in before any of them has failed.
    async with services.hashing:
        if await has_gone():
            raise WaitError(now)
        async with services.store.read() as reading:
            await guesses.must_wait(reading, tallies, now)
        right = await services.in_background_thread(
            passwords.matches, password_hash, password[: passwords.LONGEST]
        )
        if not right:
            await services.store.write(partial(guesses.count_failure, tallies=tallies, now=now))
    return right


async def is_own(services: Services, visit: StaffVisit, password: str) -> bool:
    """Whether this is the password of the member who is signed in. Raises `WaitError`.

    Guessing it is slowed down like signing in: a device left open is no way around the limit.
    """
    member = visit.session.staff
    tallies = guesses.tallies_of_own(member.name)
    return await is_right(services, member.password, password, tallies, visit.now)


# The check waits its turn, and meanwhile the password may have been changed because it was stolen.
async def with_password(
    services: Services, member: StaffMember, unit: Callable[[AsyncSession], Awaitable[T]]
) -> T:
    """Do what a password allowed that was right, if it still is the password.

    `member` is as it was when the password was checked. Raises `AuthorityLostError`.
    """

    async def whole(session: AsyncSession) -> T:
        await still_has(session, member.id, member.password)
        return await unit(session)

    return await services.store.write(whole)


async def weakness_of(services: Services, visit: Visit, password: str, *known: str) -> str | None:
    """Why a new password will not do, as `passwords.weakness` says; None when it will."""
    district = visit.published.district
    here = [district.name]
    for subdistrict in district.subdistricts:
        here.append(subdistrict.name)
        for community in subdistrict.communities:
            here += [community.name, community.slug]
    judge = partial(passwords.weakness, password, *known, here=here)
    return await services.in_background_thread(judge)


async def hashed(services: Services, password: str) -> str:
    """The hash to keep of a new password."""
    async with services.hashing:
        return await services.in_background_thread(passwords.hashed, password)


def wait_until(error: WaitError, visit: Visit) -> dt.datetime:
    """When it may be tried again, in local time, rounded up to a minute: pages show no seconds."""
    return minute_after(visit.local(error.until))
