"""Absences: my own, and those of people whose posts I keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from domain.contacts.tables import PostAbsence
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.people import Cast, hire_cast, sign_in
from tests.world.posts import give_post

if TYPE_CHECKING:
    import httpx

    from tests.world.app import Browser

PAGE = "/staff/absences"
SINCE, UNTIL = "2026-11-28T08:30", "2026-12-01T12:00"


@pytest.fixture
async def cast(own: Browser) -> Cast:
    """Everybody. The clerk holds the post and is signed in."""
    found = await hire_cast(own.store, NOW)
    await give_post(own.store, "clerk")
    await sign_in(own, found.clerk, NOW)
    return found


async def enter(
    browser: Browser, since: str = SINCE, until: str = UNTIL, person: str = ""
) -> httpx.Response:
    """Send the form."""
    form = {"since": since, "until": until, "person": person}
    return await browser.post(f"{PAGE}/entries", data=form)


async def stored(browser: Browser) -> list[PostAbsence]:
    """Every absence."""
    async with browser.store.read() as session:
        return list(await session.scalars(select(PostAbsence)))


@both_databases
async def test_an_absence_is_entered_shown_and_cancelled(own, cast) -> None:
    assert (await enter(own)).status_code == 303
    (absence,) = await stored(own)
    assert absence.staff_id == cast.clerk
    assert absence.since.astimezone(NOW.tzinfo).isoformat()[:16] == SINCE
    page = (await own.get(PAGE)).text
    assert "2026年11月28日 8:30" in page
    assert "2026年12月1日 12:00" in page
    await own.post(f"{PAGE}/{absence.id}/ending")
    assert await stored(own) == []


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        ("", UNTIL, "请把两个日期和时间都填上"),
        (SINCE, "tomorrow", "请把两个日期和时间都填上"),
        (SINCE, "2026-12-01T12:00+05:00", "请把两个日期和时间都填上"),
        (UNTIL, SINCE, "回来的时间要晚于开始"),
        ("2020-01-01T08:00", "2020-01-02T08:00", "回来的时间要晚于开始"),
        (SINCE, "2030-01-01T08:00", "一次最多登记一年"),
        ("0001-01-01T00:00", "9999-12-31T23:59", "一次最多登记一年"),
    ],
)
async def test_what_cannot_be_is_refused_and_stays_typed(own, cast, since, until, words) -> None:
    response = await enter(own, since, until)
    assert response.status_code == 422
    assert words in response.text
    assert f'value="{since}"' in response.text
    assert await stored(own) == []


async def test_the_office_enters_an_absence_for_a_holder(own, cast) -> None:
    await sign_in(own, cast.editor, NOW)
    assert '<option value="clerk">' in (await own.get(PAGE)).text
    assert (await enter(own, person="clerk")).status_code == 303
    (absence,) = await stored(own)
    assert absence.staff_id == cast.clerk
    page = (await own.get(PAGE)).text
    assert "clerk（样例）" in page
    assert (await own.post(f"{PAGE}/{absence.id}/ending")).status_code == 303


async def test_another_office_sees_and_changes_nothing(own, cast) -> None:
    await enter(own)
    (absence,) = await stored(own)
    await sign_in(own, cast.neighbour, NOW)
    assert "2026年11月28日" not in (await own.get(PAGE)).text
    assert (await enter(own, person="clerk")).status_code == 404
    assert (await own.post(f"{PAGE}/{absence.id}/ending")).status_code == 404
    assert len(await stored(own)) == 1


async def test_a_colleague_enters_nothing_for_others(own, cast) -> None:
    await give_post(own.store, "editor", "clerk")
    assert (await enter(own, person="editor")).status_code == 404
    assert '<select id="person"' not in (await own.get(PAGE)).text


async def test_ending_what_is_over_leads_back_to_the_page(own, cast, clock) -> None:
    await enter(own)
    (absence,) = await stored(own)
    clock.now = absence.until.astimezone(NOW.tzinfo)
    await sign_in(own, cast.clerk, clock.now)
    assert (await own.post(f"{PAGE}/{absence.id}/ending")).status_code == 303
    assert len(await stored(own)) == 1
