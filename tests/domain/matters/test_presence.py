"""A matter leaves a person who goes away, without waiting for the time of its answer."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest

from domain.contacts import absences
from domain.matters.ladder import HoldReason
from domain.staff import roles
from domain.staff.actor import COMMAND_LINE

HOUR = dt.timedelta(hours=1)


async def goes_away(office, staff_id: int) -> None:
    enter = partial(absences.enter, actor=COMMAND_LINE, staff_id=staff_id, now=office.now)
    await office.store.write(partial(enter, since=office.now, until=office.now + 24 * HOUR))


async def loses_the_role(office, staff_id: int) -> None:
    lose = partial(roles.set_roles, actor=COMMAND_LINE, staff_id=staff_id, grants=())
    await office.store.write(partial(lose, now=office.now))


async def ends_the_account(office, staff_id: int) -> None:
    end = partial(roles.deactivate, actor=COMMAND_LINE, staff_id=staff_id, now=office.now)
    await office.store.write(end)


GOING = {
    goes_away: HoldReason.AWAY,
    loses_the_role: HoldReason.LEFT,
    ends_the_account: HoldReason.LEFT,
}


@pytest.mark.parametrize("going", GOING, ids=lambda going: going.__name__)
async def test_what_someone_had_moves_on_at_the_next_look(office, going) -> None:
    matter_id = await office.opens()
    holder = (await office.matter(matter_id)).holder_id
    office.later(minutes=5)
    await going(office, holder)
    assert await office.settle() > 0
    matter = await office.matter(matter_id)
    assert matter.holder_id != holder
    assert matter.held_why is GOING[going]
    # What was looked at once is not due for ever.
    assert await office.settle() == 0


async def test_an_absence_that_is_cancelled_moves_nothing(office) -> None:
    matter_id = await office.opens()
    before = await office.matter(matter_id)

    async def unit(session) -> None:
        ahead = office.now + HOUR
        enter = partial(absences.enter, session, COMMAND_LINE, before.holder_id)
        absence = await enter(since=ahead, until=ahead + HOUR, now=office.now)
        await absences.end(session, COMMAND_LINE, absence, office.now)

    await office.store.write(unit)
    await office.settle()
    after = await office.matter(matter_id)
    assert (after.holder_id, after.moves_at) == (before.holder_id, before.moves_at)
