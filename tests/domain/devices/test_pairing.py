"""Devices of a hall: codes, keys that open one thing in one hall, names, and the end."""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from domain.devices import pairing
from domain.devices.pairing import (
    ALPHABET,
    LASTS,
    MOST,
    MOST_FROM_ONE_ADDRESS,
    DeviceNameTakenError,
    PairingGoneError,
    TooManyPairingsError,
    typed_code,
)
from domain.devices.tables import Device, DeviceKind, Pairing
from domain.keys import key_hash
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role
from tests.world.clock import NOW
from tests.world.district import places
from tests.world.people import arrived, log_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Hall
    from domain.store import Store

HERE, ELSEWHERE = "a" * 64, "b" * 64
SCREEN = DeviceKind.SCREEN


async def begun(
    store: Store, kind: DeviceKind = SCREEN, address: str = HERE, now: dt.datetime = NOW
) -> tuple[Pairing, str]:
    """A device that shows a code: its pairing and its key."""
    return await store.write(partial(pairing.begin, kind=kind, address_hash=address, now=now))


async def hall(store: Store, slug: str = "liujiazhuang") -> Hall:
    """The hall of a community."""
    community = (await places(store)).community[slug]
    async with store.read() as session:
        return await pairing.hall_of(session, community)


async def confirmed(  # noqa: PLR0913, PLR0917 - what a device is made of
    store: Store, code: str, name: str = "大屏", slug: str = "liujiazhuang",
    counter: int | None = None, now: dt.datetime = NOW, actor=COMMAND_LINE,
) -> Device:  # fmt: skip
    """The device of this code, in a hall."""
    confirm = partial(
        pairing.confirm, actor=actor, code=code, hall=await hall(store, slug), name=name,
        counter=counter, now=now,
    )  # fmt: skip
    return await store.write(confirm)


async def opened_by(store: Store, key: str, kind: DeviceKind = SCREEN) -> Device | None:
    """The device that this key opens."""
    async with store.read() as session:
        return await pairing.device_of(session, kind, key)


async def revoked(store: Store, device: Device) -> None:
    """End a device."""

    async def unit(session: AsyncSession) -> None:
        found = await pairing.device_in(session, device.hall_id, device.id)
        assert found is not None
        await pairing.revoke(session, COMMAND_LINE, found, NOW)

    await store.write(unit)


async def waiting(
    store: Store, key: str, kind: DeviceKind = SCREEN, now: dt.datetime = NOW
) -> Pairing | None:
    """The pairing that waits with this key."""
    async with store.read() as session:
        return await pairing.pairing_of(session, kind, key, now)


def test_no_two_letters_of_a_code_look_alike() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 24
    for alike in ("0O", "1IL", "2Z", "5S", "8B", "UV"):
        assert sum(each in ALPHABET for each in alike) <= 1, alike


@pytest.mark.parametrize(
    "typed",
    ["K7M3QX", "k7m-3qx", " K7M 3QX ", "ｋ７ｍ－３ｑｘ", "K7M　3QX", "k7m—3qx", "K 7 M 3 Q X"],
)
def test_a_code_is_accepted_as_it_was_meant(typed) -> None:
    assert typed_code(typed) == "K7M3QX"


async def test_a_code_is_read_in_two_halves_and_the_key_is_not_kept(sample) -> None:
    found, key = await begun(sample)
    assert len(found.code) == 6
    assert set(found.code) <= set(ALPHABET)
    assert found.shown_code == f"{found.code[:3]}-{found.code[3:]}"
    assert found.key_hash == key_hash(key) != key
    assert await opened_by(sample, key) is None


async def test_once_confirmed_the_key_opens_the_device_and_the_code_nothing(sample) -> None:
    found, key = await begun(sample)
    device = await confirmed(sample, found.code.lower())
    opened = await opened_by(sample, key)
    assert opened is not None
    assert (opened.id, opened.hall.community_id) == (device.id, (await hall(sample)).community_id)
    assert await waiting(sample, key) is None
    with pytest.raises(PairingGoneError):
        await confirmed(sample, found.code, name="大屏 2")


async def test_a_key_opens_no_other_kind_of_device(sample) -> None:
    found, key = await begun(sample)
    assert await waiting(sample, key, DeviceKind.KIOSK) is None
    await confirmed(sample, found.code)
    assert await opened_by(sample, key, DeviceKind.KIOSK) is None
    assert await opened_by(sample, key, DeviceKind.RATING) is None
    assert await opened_by(sample, "") is None


async def test_a_code_lasts_a_quarter_of_an_hour(sample) -> None:
    found, key = await begun(sample)
    almost = NOW + LASTS - dt.timedelta(seconds=1)
    assert await waiting(sample, key, now=almost) is not None
    assert await waiting(sample, key, now=NOW + LASTS) is None
    with pytest.raises(PairingGoneError):
        await confirmed(sample, found.code, now=NOW + LASTS)


async def test_old_codes_are_deleted_when_a_new_one_is_made(sample) -> None:
    await begun(sample)
    await begun(sample, now=NOW + LASTS)
    async with sample.read() as session:
        assert await session.scalar(select(func.count()).select_from(Pairing)) == 1


async def test_one_address_gets_no_more_codes_than_a_hall_has_devices(sample) -> None:
    for _ in range(MOST_FROM_ONE_ADDRESS):
        await begun(sample)
    with pytest.raises(TooManyPairingsError):
        await begun(sample)
    await begun(sample, address=ELSEWHERE)
    await begun(sample, now=NOW + LASTS)


async def test_a_paired_device_makes_room_for_the_next(sample) -> None:
    for number in range(MOST_FROM_ONE_ADDRESS + 2):
        found, _ = await begun(sample)
        await confirmed(sample, found.code, name=f"大屏 {number}")
    async with sample.read() as session:
        paired = await session.scalar(select(func.count(Device.id)))
    # Refused, `begun` raises TooManyPairingsError.
    assert paired == MOST_FROM_ONE_ADDRESS + 2


async def test_a_crowd_of_strangers_writes_no_more_than_the_limit(sample) -> None:
    async def crowd(session: AsyncSession) -> None:
        session.add_all(
            Pairing(
                kind=SCREEN, code=f"{number:06}", key_hash=f"{number}", address_hash=f"{number}",
                created_at=NOW, expires_at=NOW + LASTS,
            )
            for number in range(MOST)
        )  # fmt: skip

    await sample.write(crowd)
    with pytest.raises(TooManyPairingsError):
        await begun(sample)


async def test_two_devices_of_a_hall_have_two_names(sample) -> None:
    first, _ = await begun(sample)
    second, _ = await begun(sample)
    await confirmed(sample, first.code, "门口")
    with pytest.raises(DeviceNameTakenError):
        await confirmed(sample, second.code, "门口")
    assert (await confirmed(sample, second.code, "门口", slug="yikang")).name == "门口"


async def test_of_two_who_give_one_name_at_once_one_is_told(sample) -> None:
    codes = [(await begun(sample))[0].code for _ in range(2)]
    tried = [confirmed(sample, code, "门口") for code in codes]
    results = await asyncio.gather(*tried, return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["Device", "DeviceNameTakenError"]


async def test_of_two_who_confirm_one_code_at_once_one_is_told(sample) -> None:
    found, _ = await begun(sample)
    tried = [confirmed(sample, found.code, name) for name in ("东", "西")]
    results = await asyncio.gather(*tried, return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["Device", "PairingGoneError"]


async def test_the_schema_itself_allows_no_name_twice_and_no_screen_at_a_counter(sample) -> None:
    for name in ("东", "西"):
        await confirmed(sample, (await begun(sample))[0].code, name)
    for values in ({"name": "东"}, {"counter": 1}):
        with pytest.raises(IntegrityError):
            await sample.write(lambda session, v=values: session.execute(update(Device).values(v)))


async def test_a_revoked_device_is_opened_by_nothing_and_gives_its_name_back(sample) -> None:
    found, key = await begun(sample)
    device = await confirmed(sample, found.code, "门口")
    await revoked(sample, device)
    assert await opened_by(sample, key) is None
    assert await waiting(sample, key) is None
    find = partial(pairing.device_in, hall_id=device.hall_id, device_id=device.id)
    assert await sample.write(find) is None
    await confirmed(sample, (await begun(sample))[0].code, "门口")


async def test_the_number_of_a_new_name_was_given_to_no_device_before(sample) -> None:
    home = await hall(sample)

    async def numbers() -> list[int]:
        async with sample.read() as session:
            kinds = (SCREEN, DeviceKind.KIOSK)
            return [await pairing.next_number(session, home.id, kind) for kind in kinds]

    assert await numbers() == [1, 1]
    await revoked(sample, await confirmed(sample, (await begun(sample))[0].code))
    assert await numbers() == [2, 1]


async def test_staff_see_the_living_devices_of_their_hall_and_who_let_them_in(sample) -> None:
    boss = await arrived(sample, "boss", Grant(Role.ADMINISTRATOR))
    for kind in (DeviceKind.RATING, DeviceKind.KIOSK, SCREEN):
        code = (await begun(sample, kind))[0].code
        await confirmed(sample, code, kind.value, actor=boss.actor)
    await confirmed(sample, (await begun(sample))[0].code, slug="yikang")
    home, away = await hall(sample), await hall(sample, "yikang")
    async with sample.read() as session:
        found = await pairing.devices_of(session, home.id)
        counts = await pairing.counts(session)
    assert [each.name for each in found] == ["screen", "kiosk", "rating"]
    assert {each.confirmed_by and each.confirmed_by.full_name for each in found} == {"Boss Wang"}
    assert counts == {home.community_id: 3, away.community_id: 1}


async def test_when_and_with_what_version_a_device_was_seen_is_remembered(sample) -> None:
    found, key = await begun(sample)
    device = await confirmed(sample, found.code)
    later = NOW + dt.timedelta(minutes=5)
    await sample.write(partial(pairing.touch, device_id=device.id, version="abc", now=later))
    opened = await opened_by(sample, key)
    assert opened is not None
    assert (opened.seen_at, opened.version, opened.paired_at) == (later, "abc", NOW)


async def test_everything_staff_do_to_a_device_is_in_the_log(sample) -> None:
    found, _ = await begun(sample, DeviceKind.RATING)
    device = await confirmed(sample, found.code, "一号", counter=1)

    async def change(session: AsyncSession) -> None:
        mine = await pairing.device_in(session, device.hall_id, device.id)
        assert mine is not None
        await pairing.rename(session, COMMAND_LINE, mine, "一号窗口", NOW)
        await pairing.rename(session, COMMAND_LINE, mine, "一号窗口", NOW)
        await pairing.revoke(session, COMMAND_LINE, mine, NOW)

    await sample.write(change)
    said = [(each.action, each.before, each.after) for each in await log_of(sample)]
    assert said == [
        ("device-paired", None, {"kind": "rating", "name": "一号", "counter": 1}),
        ("device-renamed", "一号", "一号窗口"),
        ("device-revoked", "一号窗口", None),
    ]
    home = (await places(sample)).community["liujiazhuang"]
    found_log = await log_of(sample)
    assert {(each.subject, each.community_id) for each in found_log} == {
        (f"devices/{device.id}", home)
    }
