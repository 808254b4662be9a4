"""People who work in the sample district: made quickly, signed in, and known by name."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pyotp
from argon2 import PasswordHasher
from sqlalchemy import select

from domain.places.tables import Community
from domain.staff import accounts, credentials
from domain.staff.actor import COMMAND_LINE, Actor, Grant
from domain.staff.journal import JournalEntry
from domain.staff.passwords import STEP
from domain.staff.sign_in import begin_session, sessions_of
from domain.staff.tables import Role
from tests.world.app import SEAL
from tests.world.clock import NOW

A_DAY = dt.timedelta(days=1)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store
    from tests.world.app import Browser

PASSWORD = "a kettle on the stove"
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""A true Argon2id hash. It was cheap to make and says so, so checking it is cheap as well."""
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""What an authenticator app was told."""
DISTRICT_ADMINISTRATOR = Grant(Role.ADMINISTRATOR)


def code_at(moment: dt.datetime, secret: str = SECRET) -> str:
    """What the authenticator app shows at this moment."""
    return pyotp.TOTP(secret, interval=STEP).at(moment)


@dataclass(frozen=True)
class Person:
    """Someone who works here and is signed in on one device."""

    id: int
    name: str
    key: str
    session: int

    @property
    def headers(self) -> dict[str, str]:
        """What their browser sends along."""
        return {"cookie": f"staff={self.key}"}

    @property
    def actor(self) -> Actor:
        """They, as someone who acts; without their roles."""
        return Actor(self.id, self.session, self.name)


async def hired(store: Store, name: str, *grants: Grant, now: dt.datetime = NOW) -> int:
    """Make an account with `PASSWORD`; its number."""
    member = await store.write(
        partial(
            accounts.hire,
            actor=COMMAND_LINE,
            name=name,
            full_name=f"{name.title()} Wang",
            password_hash=HASH,
            grants=grants,
            now=now,
        )
    )
    return member.id


async def begun(
    store: Store, member_id: int, now: dt.datetime = NOW, device: str = "Firefox · Linux"
) -> str:
    """Sign in as the password would; the session's key."""
    return await store.write(
        partial(begin_session, member_id=member_id, device=device, tallies=(), now=now)
    )


async def arrived(
    store: Store, name: str, *grants: Grant, now: dt.datetime = NOW, device: str = "Firefox · Linux"
) -> Person:
    """Someone new with these roles, signed in."""
    member_id = await hired(store, name, *grants, now=now)
    key = await begun(store, member_id, now, device)
    async with store.read() as session:
        newest = (await sessions_of(session, member_id, now, A_DAY, A_DAY))[0]
    return Person(member_id, name, key, newest.id)


async def with_second_factor(
    store: Store, person: Person, now: dt.datetime = NOW
) -> tuple[str, ...]:
    """Give them a second factor by the code of ten minutes ago; the recovery codes."""
    earlier = now - dt.timedelta(minutes=10)
    codes = await store.write(
        partial(
            credentials.set_second_factor,
            actor=person.actor,
            secret=SECRET,
            seal=SEAL,
            code=code_at(earlier),
            now=earlier,
        )
    )
    assert codes is not None
    return codes


async def log_of(store: Store) -> list[JournalEntry]:
    """The whole log, the first entry first."""
    async with store.read() as session:
        return list(await session.scalars(select(JournalEntry).order_by(JournalEntry.id)))


@dataclass(frozen=True)
class Cast:
    """Ids by name."""

    admin: int
    """Administrator of the district."""
    local: int
    """Administrator of 刘家庄 alone."""
    editor: int
    clerk: int
    neighbour: int
    """Editor of 益康."""


async def hire_cast(store: Store, now: dt.datetime) -> Cast:
    """Everybody, hired."""

    async def unit(session: AsyncSession) -> Cast:
        rows = (await session.execute(select(Community.slug, Community.id))).all()
        places: dict[str, int] = {row.slug: row.id for row in rows}
        home, away = places["liujiazhuang"], places["yikang"]
        grants = {
            "admin": Grant(Role.ADMINISTRATOR),
            "local": Grant(Role.ADMINISTRATOR, community_id=home),
            "editor": Grant(Role.EDITOR, community_id=home),
            "clerk": Grant(Role.CLERK, community_id=home),
            "neighbour": Grant(Role.EDITOR, community_id=away),
        }
        ids = {}
        for name, grant in grants.items():
            member = await accounts.hire(
                session, COMMAND_LINE, name, f"{name}（样例）", HASH, (grant,), now
            )
            ids[name] = member.id
        return Cast(**ids)

    return await store.write(unit)


async def sign_in(browser: Browser, member_id: int, now: dt.datetime) -> str:
    """Sign in without the slow password check; returns the session's key."""

    async def unit(session: AsyncSession) -> str:
        return await begin_session(session, member_id, "Chrome · Linux", (), now)

    key = await browser.store.write(unit)
    browser.cookies.set("staff", key)
    return key
