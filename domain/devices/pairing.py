"""配对: a device shows a code, staff confirm it, and its key opens what such a device may do.

The device makes no choice and types nothing: it keeps one key, and asks with it again and
again. What that key opens is decided here each time: a device, a pairing that waits, or
nothing any more.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload, selectinload

from domain.devices.tables import Device, DeviceKind, Pairing
from domain.errors import LianxinError
from domain.keys import key_hash, new_key, plain_code
from domain.places.tables import Hall
from domain.staff.journal import note

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor

ALPHABET = "ACDEFGHJKMNPQRTVWXY34679"
"""Letters and digits that nobody takes for one another: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V."""
LETTERS = 6
LASTS = dt.timedelta(minutes=15)
MOST_FROM_ONE_ADDRESS = 20
"""Open pairings: a new hall's devices, all switched on at once, behind one router."""
MOST = 500
"""Open pairings in the whole district: bounds what a crowd of strangers can write."""
TOUCH = dt.timedelta(minutes=1)
"""How exactly it is known when a device was seen: a write a minute, not one a question."""


class TooManyPairingsError(LianxinError):
    """Too many devices ask for a code at once; this one tries again by itself."""


class PairingGoneError(LianxinError):
    """No open pairing has this code: mistyped, older than `LASTS`, or confirmed already."""


class DeviceNameTakenError(LianxinError):
    """Another device of the hall has this name."""


# What a key opens


async def device_of(session: AsyncSession, kind: DeviceKind, key: str) -> Device | None:
    """The device with this key, with its hall, unless it was revoked or is of another kind."""
    found: Device | None = await session.scalar(
        select(Device)
        .where(Device.key_hash == key_hash(key), Device.kind == kind, Device.revoked_at.is_(None))
        .options(joinedload(Device.hall))
    )
    return found


async def pairing_of(
    session: AsyncSession, kind: DeviceKind, key: str, now: dt.datetime
) -> Pairing | None:
    """The pairing that waits with this key."""
    found: Pairing | None = await session.scalar(
        select(Pairing).where(Pairing.key_hash == key_hash(key), Pairing.kind == kind, *_open(now))
    )
    return found


def _open(now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return Pairing.expires_at > now, Pairing.device_id.is_(None)


async def touch(session: AsyncSession, device_id: int, version: str, now: dt.datetime) -> None:
    """Remember that a device was seen, and which version of its page it shows."""
    await session.execute(
        update(Device).where(Device.id == device_id).values(seen_at=now, version=version)
    )


# Pairing


async def begin(
    session: AsyncSession, kind: DeviceKind, address_hash: str, now: dt.datetime
) -> tuple[Pairing, str]:
    """A new code for a device, and its key. Raises `TooManyPairingsError`.

    Pairings that have run out are deleted: they are worth nothing to anybody.
    """
    await session.execute(delete(Pairing).where(Pairing.expires_at <= now))
    living = (await session.scalars(select(Pairing))).all()
    waiting = [each.address_hash for each in living if each.device_id is None]
    if len(waiting) >= MOST or waiting.count(address_hash) >= MOST_FROM_ONE_ADDRESS:
        raise TooManyPairingsError
    key = new_key()
    pairing = Pairing(
        kind=kind,
        code=_code_besides({each.code for each in living}),
        key_hash=key_hash(key),
        address_hash=address_hash,
        created_at=now,
        expires_at=now + LASTS,
    )
    session.add(pairing)
    await session.flush()
    return pairing, key


def _code_besides(taken: set[str]) -> str:
    while (code := "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))) in taken:
        pass
    return code


def typed_code(typed: str) -> str:
    """A code as it was meant, whatever keyboard it was typed on: `ｋ7ｍ - 3qx` is K7M3QX."""
    return "".join(each for each in plain_code(typed) if each.isalnum()).upper()


async def open_pairing(
    session: AsyncSession, code: str, now: dt.datetime, *, to_confirm: bool = False
) -> Pairing:
    """The pairing of this code, locked when it is about to be confirmed.

    Raises `PairingGoneError`.
    """
    wanted = select(Pairing).where(Pairing.code == typed_code(code), *_open(now))
    found = await session.scalar(wanted.with_for_update() if to_confirm else wanted)
    if found is None:
        raise PairingGoneError
    pairing: Pairing = found
    return pairing


async def confirm(  # noqa: PLR0913, PLR0917 - everything a device begins with
    session: AsyncSession,
    actor: Actor,
    code: str,
    hall: Hall,
    name: str,
    counter: int | None,
    now: dt.datetime,
) -> Device:
    """Make the device that shows this code one of the hall's; the pairing's key becomes its key.

    Raises `PairingGoneError` and `DeviceNameTakenError`.
    """
    pairing = await open_pairing(session, code, now, to_confirm=True)
    await _refuse_a_name_twice(session, hall.id, name)
    device = Device(
        hall_id=hall.id,
        kind=pairing.kind,
        name=name,
        counter=counter,
        key_hash=pairing.key_hash,
        paired_at=now,
        paired_by=actor.staff_id,
        seen_at=now,
    )
    session.add(device)
    await session.flush()
    pairing.device_id = device.id
    after = {"kind": device.kind.value, "name": name, "counter": counter}
    await _note(session, actor, "device-paired", device, now, after=after)
    return device


async def _refuse_a_name_twice(session: AsyncSession, hall_id: int, name: str) -> None:
    # The hall is locked, so that of two who give the same name at once the second is told.
    await session.execute(select(Hall.id).where(Hall.id == hall_id).with_for_update())
    same = Device.hall_id == hall_id, Device.name == name, Device.revoked_at.is_(None)
    if await session.scalar(select(Device.id).where(*same)) is not None:
        raise DeviceNameTakenError


# Looking after them


async def hall_of(session: AsyncSession, community_id: int) -> Hall:
    """The hall of a community, with its counters."""
    found: Hall = (
        await session.scalars(
            select(Hall)
            .where(Hall.community_id == community_id)
            .options(selectinload(Hall.counters))
        )
    ).one()
    return found


async def devices_of(session: AsyncSession, hall_id: int) -> list[Device]:
    """A hall's devices and who confirmed them, in the order of their kinds and names."""
    kinds = list(DeviceKind)
    found = await session.scalars(
        select(Device)
        .where(Device.hall_id == hall_id, Device.revoked_at.is_(None))
        .options(joinedload(Device.confirmed_by))
    )
    return sorted(found, key=lambda device: (kinds.index(device.kind), device.name))


async def device_in(session: AsyncSession, hall_id: int, device_id: int) -> Device | None:
    """The device of this number, if it is one of this hall and not revoked; locked to change it."""
    found: Device | None = await session.scalar(
        select(Device)
        .where(Device.id == device_id, Device.hall_id == hall_id, Device.revoked_at.is_(None))
        .with_for_update()
    )
    return found


async def next_number(session: AsyncSession, hall_id: int, kind: DeviceKind) -> int:
    """The number for the name of a hall's next device of a kind; revoked ones keep theirs."""
    before = await session.scalar(
        select(func.count()).where(Device.hall_id == hall_id, Device.kind == kind)
    )
    return 1 + (before or 0)


async def counts(session: AsyncSession) -> dict[int, int]:
    """How many devices each hall has, by the id of its community."""
    found = await session.execute(
        select(Hall.community_id, func.count())
        .join(Device, Device.hall_id == Hall.id)
        .where(Device.revoked_at.is_(None))
        .group_by(Hall.community_id)
    )
    return {row[0]: row[1] for row in found}


async def rename(
    session: AsyncSession, actor: Actor, device: Device, name: str, now: dt.datetime
) -> None:
    """Give a device another name. Raises `DeviceNameTakenError`."""
    if name == device.name:
        return
    await _refuse_a_name_twice(session, device.hall_id, name)
    before, device.name = device.name, name
    await _note(session, actor, "device-renamed", device, now, before=before, after=name)


async def revoke(session: AsyncSession, actor: Actor, device: Device, now: dt.datetime) -> None:
    """End what a device may do: its key opens nothing any more, and it shows a new code."""
    device.revoked_at = now
    await _note(session, actor, "device-revoked", device, now, before=device.name)


async def _note(  # noqa: PLR0913 - everything an entry says
    session: AsyncSession,
    actor: Actor,
    action: str,
    device: Device,
    now: dt.datetime,
    *,
    before: object = None,
    after: object = None,
) -> None:
    community_id = await session.scalar(select(Hall.community_id).where(Hall.id == device.hall_id))
    await note(
        session,
        actor,
        action,
        f"devices/{device.id}",
        now=now,
        before=before,
        after=after,
        community_id=community_id,
    )
