"""Passwords, checked and hashed outside every unit of work, in a thread of low priority."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from domain.keys import failure_key
from domain.staff import passwords, sign_in
from web.site.words import minute_after

if TYPE_CHECKING:
    import datetime as dt

    from domain.staff.sign_in import WaitError
    from web.running.services import Services
    from web.site.visit import Visit
    from web.staff.access import StaffVisit


async def is_right(
    services: Services, password_hash: str | None, password: str, keys: list[str], now: dt.datetime
) -> bool:
    """Whether the password has this hash; a failure is counted for each key.

    None is the hash of no account: checking it takes as long. Raises `WaitError`.
    """
    # Failures are looked at and counted in one turn with the check. Otherwise all of many guesses
    # at once would be let in before any of them has failed.
    async with services.hashing:
        async with services.store.read() as reading:
            await sign_in.must_wait(reading, keys, now)
        right = await services.in_background_thread(
            passwords.matches, password_hash, password[: passwords.LONGEST]
        )
        if not right:
            await services.store.write(partial(sign_in.count_failure, keys=keys, now=now))
    return right


async def is_own(services: Services, visit: StaffVisit, password: str) -> bool:
    """Whether this is the password of the member who is signed in. Raises `WaitError`.

    Guessing it counts like signing in: a device left open is no way around the limit.
    """
    member = visit.session.staff
    keys = [failure_key("name", member.name)]
    return await is_right(services, member.password, password, keys, visit.now)


async def hashed(services: Services, password: str) -> str:
    """The hash to keep of a new password."""
    async with services.hashing:
        return await services.in_background_thread(passwords.hashed, password)


def wait_until(error: WaitError, visit: Visit) -> dt.datetime:
    """When it may be tried again, in local time, rounded up to a minute: pages show no seconds."""
    return minute_after(visit.local(error.until))
