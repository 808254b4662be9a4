"""Reminders: once when due soon, once when late, to the person whose duty it is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from domain.calendar import load_calendar
from domain.disclosures.catalogue import DutyState
from domain.disclosures.reminding import remind, responsible_for
from domain.disclosures.tables import Disclosure, DisclosureReminder
from domain.staff import roles
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role
from push.events import Teller
from push.outbox import Ways
from push.tables import ChannelKind, InboxMessage, Kind
from push.truth import Truth
from tests.world.people import hired

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.disclosures import DisclosureOffice


async def reminded(office: DisclosureOffice) -> int:
    async def unit(session: AsyncSession) -> int:
        calendar = await load_calendar(session)
        return await remind(session, office.community, calendar, office.now)

    return await office.store.write(unit)


async def states(office: DisclosureOffice) -> set[tuple[str, str, DutyState]]:
    async with office.store.read() as session:
        rows = await session.scalars(select(DisclosureReminder))
        return {(row.item, row.period, row.state) for row in rows}


async def test_each_state_of_a_duty_is_reminded_of_once(office) -> None:
    assert await reminded(office) == 3
    assert await reminded(office) == 0
    assert await states(office) == {
        ("jiti-caiwu", "2026-10", DutyState.OVERDUE),
        ("huimin-zijin", "2026-Q3", DutyState.SOON),
        ("jiti-zichan", "2026-Q3", DutyState.SOON),
    }
    office.later(days=8)
    await reminded(office)
    assert ("huimin-zijin", "2026-Q3", DutyState.OVERDUE) in await states(office)
    assert await reminded(office) == 0


async def test_what_was_late_for_long_is_not_reminded_of_for_the_first_time(office) -> None:
    office.later(days=60)
    await reminded(office)
    assert ("jiti-caiwu", "2026-10", DutyState.OVERDUE) not in await states(office)


async def test_the_owner_is_told_else_the_community_s_editors(office) -> None:
    async with office.store.read() as session:
        tell = partial(responsible_for, session, office.community)
        here = {office.people["writer"], office.people["chief"]}
        assert set(await tell("jiti-caiwu")) == here
    await office.published(item="jiti-caiwu", period="2026-10", title="集体收支")
    async with office.store.read() as session:
        assert await responsible_for(session, office.community, "jiti-caiwu") == [
            office.people["writer"]
        ]
    # Who left is told nothing any more.
    await hired(office.store, "boss", Grant(Role.ADMINISTRATOR))
    leaves = partial(
        roles.deactivate, actor=COMMAND_LINE, staff_id=office.people["writer"], now=office.now
    )
    await office.store.write(leaves)
    async with office.store.read() as session:
        assert await responsible_for(session, office.community, "jiti-caiwu") == [
            office.people["chief"]
        ]


async def test_people_above_are_told_only_where_nobody_is_here(office) -> None:
    above = await hired(
        office.store, "above", Grant(Role.EDITOR, subdistrict_id=office.community.subdistrict_id)
    )
    async with office.store.read() as session:
        assert above not in await responsible_for(session, office.community, "jiti-caiwu")
    await hired(office.store, "boss", Grant(Role.ADMINISTRATOR))
    for name in ("writer", "chief"):
        leaves = partial(
            roles.deactivate, actor=COMMAND_LINE, staff_id=office.people[name], now=office.now
        )
        await office.store.write(leaves)
    async with office.store.read() as session:
        assert above in await responsible_for(session, office.community, "jiti-caiwu")


async def test_reminders_reach_the_inbox_and_are_true_until_published(office) -> None:
    office.store.before_commit(Teller(Ways(frozenset({ChannelKind.PUSH}))))
    await reminded(office)
    async with office.store.read() as session:
        messages = list(await session.scalars(select(InboxMessage)))
        kinds = {message.kind for message in messages}
        late = next(each for each in messages if each.kind is Kind.DISCLOSURE_OVERDUE)
        assert kinds == {Kind.DISCLOSURE_DUE, Kind.DISCLOSURE_OVERDUE}
        assert late.leads_to == "/staff/c/liujiazhuang/disclosures/owed"
        assert await Truth(session, office.now).of(late.kind, late.facts) == late.facts
    # Three duties, two people.
    assert len(messages) == 6
    await office.published(item="jiti-caiwu", period="2026-10", title="集体收支")
    async with office.store.read() as session:
        assert await Truth(session, office.now).of(late.kind, late.facts) is None


async def test_a_reminder_is_not_true_for_who_lost_the_duty(office) -> None:
    office.store.before_commit(Teller(Ways(frozenset({ChannelKind.PUSH}))))
    await reminded(office)

    async def gives_an_owner(session: AsyncSession) -> None:
        await session.execute(
            update(Disclosure)
            .where(Disclosure.item == "dangfei")
            .values(item="jiti-caiwu", period="2025-10", owner_id=office.people["chief"])
        )
        await session.execute(delete(DisclosureReminder))

    await office.store.write(gives_an_owner)
    async with office.store.read() as session:
        late = [
            each
            for each in await session.scalars(select(InboxMessage))
            if each.kind is Kind.DISCLOSURE_OVERDUE
        ]
        truth = Truth(session, office.now)
        still = [each.recipient for each in late if await truth.of(each.kind, each.facts)]
    assert still == [f"s:{office.people['chief']}"]
