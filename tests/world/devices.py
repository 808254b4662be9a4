"""Devices of two halls, and one that waits: what tests about who may do what look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.devices import pairing
from domain.devices.tables import DeviceKind
from domain.places.tables import Community
from domain.staff.actor import COMMAND_LINE

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store


@dataclass(frozen=True)
class Devices:
    """Numbers, a key and a code."""

    here: int
    """A screen of 刘家庄."""
    key: str
    """What its browser holds."""
    elsewhere: int
    """A screen of 益康."""
    code: str
    """Of a rating tablet that waits."""


async def set_up_devices(store: Store, now: dt.datetime) -> Devices:
    """Two screens of the same name in two halls, and a rating tablet that shows its code."""

    async def paired(session: AsyncSession, slug: str) -> tuple[int, str]:
        community = await session.scalar(select(Community.id).where(Community.slug == slug))
        assert community is not None
        hall = await pairing.hall_of(session, community)
        found, key = await pairing.begin(session, DeviceKind.SCREEN, "x" * 64, now)
        device = await pairing.confirm(session, COMMAND_LINE, found.code, hall, "大屏", None, now)
        return device.id, key

    async def unit(session: AsyncSession) -> Devices:
        here, key = await paired(session, "liujiazhuang")
        elsewhere, _ = await paired(session, "yikang")
        waiting, _ = await pairing.begin(session, DeviceKind.RATING, "x" * 64, now)
        return Devices(here, key, elsewhere, waiting.code)

    return await store.write(unit)
