"""限制: a device is limited with a reason, and a colleague reviews it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from domain.contacts import limits
from domain.contacts.limits import LONGEST, LimitedError, OwnLimitError, refuse_limited
from domain.contacts.tables import LineLimit
from domain.matters.tables import Matter, MatterDevice
from domain.staff.actor import Actor
from tests.world.people import hired

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

DAY = dt.timedelta(days=1)


async def test_a_limit_holds_for_its_time_and_is_reviewed_by_a_colleague(office) -> None:
    matter_id = await office.opens()
    setter, reviewer = await hired(office.store, "setter"), await hired(office.store, "reviewer")

    async def unit(session: AsyncSession) -> None:
        matter = await session.get_one(Matter, matter_id)
        await limits.limit_all(session, Actor(setter), matter, 90 * DAY, "刷屏", office.now)

    await office.store.write(unit)

    async def refused(session: Any) -> None:
        device = (await session.scalars(select(MatterDevice.device))).one()
        await refuse_limited(session, device, office.community.id, office.now)

    with pytest.raises(LimitedError) as limited:
        await office.read(refused)
    assert limited.value.until - office.now == LONGEST

    async def review(session: AsyncSession, who: int, *, lift: bool) -> None:
        limit = (await session.scalars(select(LineLimit))).one()
        await limits.review(session, Actor(who), limit, office.now, lift=lift)

    with pytest.raises(OwnLimitError):
        await office.store.write(lambda session: review(session, setter, lift=True))
    await office.store.write(lambda session: review(session, reviewer, lift=True))
    await office.read(refused)
