"""配对: a device shows a code, staff confirm it, and the device's key opens its page.

The device chooses nothing and types nothing: it keeps one key and sends it with every request. The
server decides each time what the key opens: a device, a waiting pairing, or nothing.
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

# Letters and digits that look unlike each other: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET = "ACDEFGHJKMNPQRTVWXY34679"
LETTERS = 6
LASTS = dt.timedelta(minutes=15)
# Open pairings of one address. A new hall switches all its devices on at once, behind one router.
MOST_FROM_ONE_ADDRESS = 20
# Open pairings of the whole district: the most that strangers can make us write.
MOST = 500
# How precise `seen_at` is. A write a minute is enough; a write a request is not affordable.
TOUCH = dt.timedelta(minutes=1)


class TooManyPairingsError(LianxinError):
    """Too many devices are asking for a code. The device tries again by itself."""


class PairingGoneError(LianxinError):
    """No open pairing has this code: it was mistyped, is older than `LASTS`, or is confirmed."""


class DeviceNameTakenError(LianxinError):
    """Another device in this hall already has this name."""


# What a key opens


async def device_of(session: AsyncSession, kind: DeviceKind, key: str) -> Device | None:
    """The device with this key and its hall; None if it was revoked or is of another kind."""
    device: Device | None = await session.scalar(
        select(Device)
        .where(Device.key_hash == key_hash(key), Device.kind == kind, Device.revoked_at.is_(None))
        .options(joinedload(Device.hall))
    )
    return device


async def pairing_of(
    session: AsyncSession, kind: DeviceKind, key: str, now: dt.datetime
) -> Pairing | None:
    """The pairing that waits with this key, or None."""
    pairing: Pairing | None = await session.scalar(
        select(Pairing).where(Pairing.key_hash == key_hash(key), Pairing.kind == kind, *_open(now))
    )
    return pairing


def _open(now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return Pairing.expires_at > now, Pairing.device_id.is_(None)


# A device checks in every few seconds. Writing each time would make a wall of screens the busiest
# writers of the store.
async def touch(session: AsyncSession, device_id: int, version: str, now: dt.datetime) -> None:
    """Record that a device was seen, and the version of its page."""
    await session.execute(
        update(Device).where(Device.id == device_id).values(seen_at=now, version=version)
    )


# Pairing


# Codes are short, so an expired pairing must not keep one. Limits per address and district bound
# what a crowd of strangers can write.
async def begin(
    session: AsyncSession, kind: DeviceKind, address_hash: str, now: dt.datetime
) -> tuple[Pairing, str]:
    """Make a pairing; returns it with the device's new key. Raises `TooManyPairingsError`.

    Expired pairings are deleted first.
    """
    await session.execute(delete(Pairing).where(Pairing.expires_at <= now))
    living = (await session.scalars(select(Pairing))).all()
    waiting = [pairing.address_hash for pairing in living if pairing.device_id is None]
    if len(waiting) >= MOST or waiting.count(address_hash) >= MOST_FROM_ONE_ADDRESS:
        raise TooManyPairingsError
    key = new_key()
    pairing = Pairing(
        kind=kind,
        code=_code_besides({pairing.code for pairing in living}),
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
    """The code as it was meant, whatever the keyboard: `ｋ7ｍ - 3qx` is K7M3QX."""
    return "".join(character for character in plain_code(typed) if character.isalnum()).upper()


async def open_pairing(
    session: AsyncSession, code: str, now: dt.datetime, *, to_confirm: bool = False
) -> Pairing:
    """The open pairing with this code, locked if it is about to be confirmed.

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
    """Make the device that shows this code a device of the hall; it keeps the pairing's key.

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
    hall: Hall = (
        await session.scalars(
            select(Hall)
            .where(Hall.community_id == community_id)
            .options(selectinload(Hall.counters))
        )
    ).one()
    return hall


async def devices_of(session: AsyncSession, hall_id: int) -> list[Device]:
    """The devices of a hall and who confirmed them, by kind and name."""
    kinds = list(DeviceKind)
    devices = await session.scalars(
        select(Device)
        .where(Device.hall_id == hall_id, Device.revoked_at.is_(None))
        .options(joinedload(Device.confirmed_by))
    )
    return sorted(devices, key=lambda device: (kinds.index(device.kind), device.name))


async def device_in(session: AsyncSession, hall_id: int, device_id: int) -> Device | None:
    """The device with this id, locked; None if it is revoked or belongs to another hall."""
    device: Device | None = await session.scalar(
        select(Device)
        .where(Device.id == device_id, Device.hall_id == hall_id, Device.revoked_at.is_(None))
        .with_for_update()
    )
    return device


async def next_number(session: AsyncSession, hall_id: int, kind: DeviceKind) -> int:
    """The number in the name of the next device of this kind; revoked devices keep theirs."""
    before = await session.scalar(
        select(func.count()).where(Device.hall_id == hall_id, Device.kind == kind)
    )
    return 1 + (before or 0)


async def counts(session: AsyncSession) -> dict[int, int]:
    """The number of devices in each hall, by the id of its community."""
    rows = await session.execute(
        select(Hall.community_id, func.count())
        .join(Device, Device.hall_id == Hall.id)
        .where(Device.revoked_at.is_(None))
        .group_by(Hall.community_id)
    )
    return {row[0]: row[1] for row in rows}


async def rename(
    session: AsyncSession, actor: Actor, device: Device, name: str, now: dt.datetime
) -> None:
    """Raises `DeviceNameTakenError`."""
    if name == device.name:
        return
    await _refuse_a_name_twice(session, device.hall_id, name)
    before, device.name = device.name, name
    await _note(session, actor, "device-renamed", device, now, before=before, after=name)


async def revoke(session: AsyncSession, actor: Actor, device: Device, now: dt.datetime) -> None:
    """End the device's key; the device shows a new code at its next check-in."""
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
