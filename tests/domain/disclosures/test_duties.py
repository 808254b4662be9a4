"""What a community owes: kept, late, soon and overdue, and what a changed notice moves."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from domain.calendar import HolidayNotice, enter_notice, load_calendar
from domain.disclosures.catalogue import DutyState, Often
from domain.disclosures.duties import (
    Span,
    catalogue_of,
    counts_of,
    duties_by_community,
    duties_of,
)
from domain.disclosures.tables import Disclosure, DisclosureCatalogue
from domain.places.content import Settlement
from domain.places.tables import Community
from tests.world.clock import NOW

if TYPE_CHECKING:
    from domain.disclosures.duties import Duty
    from tests.world.disclosures import DisclosureOffice

D = dt.date.fromisoformat


async def duties(office: DisclosureOffice, span: Span | None = None) -> dict[str, Duty]:
    """What 刘家庄 owes now, by item and period."""
    async with office.store.read() as session:
        calendar = await load_calendar(session)
        found = await duties_of(session, office.community, calendar, office.now, span)
    return {f"{duty.slug} {duty.period}": duty for duty in found}


async def test_the_sample_has_one_of_each_state(office) -> None:
    found = await duties(office)
    # Published on 20 October and 20 November: in time, the second on its last day.
    assert found["gongzuo-jingfei 2026-09"].state is DutyState.KEPT
    kept = found["gongzuo-jingfei 2026-10"]
    assert (kept.state, kept.due_on) == (DutyState.KEPT, D("2026-11-20"))
    # Twenty working days from 30 September end on 3 November; it came on the 5th.
    late = found["dangfei 2026-Q3"]
    assert (late.state, late.due_on) == (DutyState.LATE, D("2026-11-03"))
    assert found["jiti-caiwu 2026-10"].state is DutyState.OVERDUE
    assert found["huimin-zijin 2026-Q3"].state is DutyState.SOON
    assert found["gongzuo-jingfei 2026-11"].state is DutyState.OPEN


async def test_what_is_published_now_keeps_its_duty(office) -> None:
    made = await office.published(item="jiti-caiwu", period="2026-10", title="10 月份集体收支")
    found = (await duties(office))["jiti-caiwu 2026-10"]
    assert found.kept is not None
    assert (found.kept.disclosure_id, found.kept.published_on) == (made, NOW.date())
    assert found.state is DutyState.LATE


async def test_a_withdrawn_disclosure_keeps_nothing(office) -> None:
    made = await office.published(item="huimin-zijin", period="2026-Q3", title="惠民资金")
    assert (await duties(office))["huimin-zijin 2026-Q3"].state is DutyState.KEPT

    async def withdraws(session: Any) -> None:
        row = await session.get(Disclosure, made)
        row.state, row.withdrawn_at = "withdrawn", NOW

    await office.store.write(withdraws)
    assert (await duties(office))["huimin-zijin 2026-Q3"].state is DutyState.SOON


async def test_a_correction_leaves_the_day_and_the_first_publication(office) -> None:
    made = await office.published(item="huimin-zijin", period="2026-Q3", title="惠民资金")
    office.later(days=20)
    duty = {"item": "huimin-zijin", "period": "2026-Q3", "title": "惠民资金"}
    await office.corrected(made, "补一行", **duty, summary="补了一行。")
    await office.all_steps(made)
    await office.publishes(made)
    found = (await duties(office))["huimin-zijin 2026-Q3"]
    assert found.state is DutyState.KEPT
    assert found.due_on == D("2026-11-30")


async def test_a_changed_notice_moves_only_what_is_still_owed(office) -> None:
    before = await duties(office)
    days = [dt.date(2026, 11, 2) + dt.timedelta(days=at) for at in range(3)]
    off = tuple(str(day) for day in [*days, *(dt.date(2026, 10, day) for day in range(1, 8))])
    notice = HolidayNotice.model_validate({"year": 2026, "days_off": off})
    await office.store.write(partial(enter_notice, notice=notice))
    after = await duties(office)
    for name in ("gongzuo-jingfei 2026-10", "dangfei 2026-Q3", "gongzuo-jingfei 2026-09"):
        assert after[name].due_on == before[name].due_on, name
        assert after[name].state is before[name].state, name
    assert after["jiti-caiwu 2026-10"].due_on != before["jiti-caiwu 2026-10"].due_on
    assert after["jiti-caiwu 2026-10"].state is not DutyState.OVERDUE


async def test_what_the_subdistrict_owes_is_shown_and_not_counted(office) -> None:
    span = Span(D("2027-01-01"), D("2027-02-28"))
    found = await duties(office, span)
    report = found["xinxi-niandu-baogao 2026"]
    assert report.due_on == D("2027-01-31")
    assert counts_of([report]) == counts_of([])


async def test_a_community_of_another_kind_owes_other_things(office) -> None:
    async with office.store.read() as session:
        village = await catalogue_of(session, Settlement.FORMER_VILLAGE)
        town = await catalogue_of(session, Settlement.OLD_TOWN)
    finance = [each.item("gongzuo-jingfei") for each in (village, town)]
    assert [item.often for item in finance if item] == [Often.MONTHLY, Often.QUARTERLY]


async def test_without_a_catalogue_nothing_is_owed(office) -> None:
    async def ends(session: Any) -> None:
        for row in await session.scalars(select(DisclosureCatalogue)):
            await session.delete(row)

    await office.store.write(ends)
    assert await duties(office) == {}


async def test_many_communities_take_as_many_statements_as_one(office, counted) -> None:
    async with office.store.read() as session:
        calendar = await load_calendar(session)
        communities = list(await session.scalars(select(Community).order_by(Community.id)))
        with counted(session) as alone:
            await duties_by_community(session, communities[:1], calendar, NOW)
        with counted(session) as together:
            found = await duties_by_community(session, communities, calendar, NOW)
    assert len(together) == len(alone)
    assert set(found) == {community.id for community in communities}


async def test_another_place_s_disclosure_keeps_nothing_here(office) -> None:
    made = await office.published(item="huimin-zijin", period="2026-Q3", title="惠民资金")

    async def moves(session: Any) -> None:
        other = await session.scalar(select(Community.id).where(Community.slug == "jian"))
        await session.execute(
            update(Disclosure).where(Disclosure.id == made).values(community_id=other)
        )

    await office.store.write(moves)
    assert (await duties(office))["huimin-zijin 2026-Q3"].state is DutyState.SOON
