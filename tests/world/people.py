"""People who work in the sample district: made quickly, signed in, and known by name."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pyotp
from argon2 import PasswordHasher
from sqlalchemy import select

from domain.places.tables import Community, Subdistrict
from domain.staff import accounts, credentials, sign_in
from domain.staff.actor import COMMAND_LINE, Actor, Grant
from domain.staff.journal import JournalEntry
from domain.staff.passwords import STEP
from domain.staff.tables import Role
from tests.conftest import NOW

A_DAY = dt.timedelta(days=1)

if TYPE_CHECKING:
    from domain.store import Store

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
class Places:
    """The numbers of places, by slug."""

    subdistrict: dict[str, int]
    community: dict[str, int]
    subdistrict_of: dict[int, int]


async def places(store: Store) -> Places:
    """Where roles can be held in the sample district."""
    async with store.read() as session:
        subdistricts = (await session.scalars(select(Subdistrict))).all()
        communities = (await session.scalars(select(Community))).all()
    return Places(
        {each.slug: each.id for each in subdistricts},
        {each.slug: each.id for each in communities},
        {each.id: each.subdistrict_id for each in communities},
    )


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
        partial(sign_in.begin_session, member_id=member_id, device=device, keys=(), now=now)
    )


async def arrived(
    store: Store, name: str, *grants: Grant, now: dt.datetime = NOW, device: str = "Firefox · Linux"
) -> Person:
    """Somebody new with these roles, signed in."""
    member_id = await hired(store, name, *grants, now=now)
    key = await begun(store, member_id, now, device)
    async with store.read() as session:
        newest = (await sign_in.sessions_of(session, member_id, now, A_DAY, A_DAY))[0]
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
