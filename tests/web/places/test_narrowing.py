"""Facilities that are open now, without steps, and the nearest first: all of it in the address."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from domain.geo import metres_between
from domain.places.opening import open_until, opening_of
from tests.world.clock import NOW
from tests.world.district import FILES
from tests.world.forms import words_of

JIAN = FILES.communities["jian"].content
HERE = "/c/jian/facilities"


def shown(html: str, part: str = "") -> list[str]:
    """The slugs of the facilities in the order of the page; those that perhaps fit with "perhaps"."""
    fitting, _, perhaps = html.partition("data-perhaps")
    return re.findall(r'<li id="([a-z-]+)" class="facility"', perhaps if part else fitting)


async def look(browser, query: str, **headers: str) -> str:
    response = await browser.get(f"{HERE}{query}", headers=headers)
    assert response.status_code == 200
    html: str = response.text
    return html


async def test_the_whole_list_stands_by_kind_and_offers_the_three_wishes(resident) -> None:
    page = await look(resident, "")
    assert set(shown(page)) == {facility.slug for facility in JIAN.facilities}
    assert shown(page, "perhaps") == []
    for query in ("from=home", "open=1", "stepfree=1"):
        assert f'href="{HERE}?{query}"' in page


async def test_open_now_shows_what_is_open_and_until_when(own, clock) -> None:
    clock.now = NOW.replace(hour=8, minute=15)
    page = await look(own, "?open=1")
    time = clock.now.time()
    for facility in JIAN.facilities:
        opening = opening_of(facility.hours)
        calendar = (await own.services.published()).calendar
        today = clock.now.date()
        periods = opening.on(today, calendar, JIAN.hall.hours) if opening else None
        if periods is None:
            assert facility.slug in shown(page, "perhaps")
        else:
            assert (facility.slug in shown(page)) == (open_until(periods, time) is not None)
    assert "changshi-tang" in shown(page)
    assert "开到 8:30" in words_of(page)
    assert "laojie-guan" not in page


async def test_open_now_is_of_the_moment_and_never_kept(own, clock) -> None:
    clock.now = NOW.replace(hour=8, minute=15)
    assert "changshi-tang" in shown(await look(own, "?open=1"))
    clock.now = NOW.replace(hour=9, minute=15)
    response = await own.get(f"{HERE}?open=1")
    assert "changshi-tang" not in shown(response.text)
    assert response.headers["cache-control"] == "no-store"


async def test_without_steps_leaves_out_what_has_them_and_sets_apart_what_takes_help(
    resident,
) -> None:
    page = await look(resident, "?stepfree=1")
    for facility in JIAN.facilities:
        where = {"yes": shown(page), "partly": shown(page, "perhaps")}
        for way_in, slugs in where.items():
            assert (facility.slug in slugs) == (facility.step_free.value == way_in)


@pytest.mark.parametrize(
    ("cookie", "origin"),
    [
        ("lianxin=community:jian|building:dong", "zhigejie-laoyuan"),
        ("lianxin=community:jian|building:bei-1", "xinyuan-beiqu"),
        # No building is remembered, or one of elsewhere: the hall is for everybody.
        ("lianxin=community:jian", "hall"),
        ("lianxin=community:liujiazhuang|building:dong", "hall"),
        ("", "hall"),
    ],
)
async def test_the_nearest_come_first_from_the_door_that_the_phone_remembers(
    resident, cookie, origin
) -> None:
    page = await look(resident, "?from=home", cookie=cookie)
    places = {each.slug: each.position for each in JIAN.compounds} | {"hall": JIAN.hall.position}
    here = places[origin]
    assert here
    near = sorted(JIAN.facilities, key=lambda one: metres_between(here, one.position))
    assert shown(page)[:5] == [facility.slug for facility in near][:5]
    assert re.search(rf'data-origin="{origin}"[^>]*aria-current="true"', page)
    assert ("您家门口" in page) == (origin != "hall")


async def test_any_compound_can_be_counted_from_whatever_the_datum_of_its_map(resident) -> None:
    """制革街老院 is written in WGS-84, the museum in it too, and the hall in GCJ-02."""
    page = await look(resident, "?from=zhigejie-laoyuan")
    assert shown(page)[0] == "laojie-guan"
    nearest = re.search(r'id="laojie-guan".*?class="away soft">([^<]+)<', page, re.DOTALL)
    assert nearest
    assert nearest[1].strip() in {"约 10 m", "约 20 m"}


async def test_wishes_go_together_and_each_can_be_taken_back(resident) -> None:
    page = await look(resident, "?open=1&stepfree=1&from=hall")
    assert f'href="{HERE}?stepfree=1&amp;from=hall"' in page
    assert f'href="{HERE}?open=1&amp;from=hall"' in page
    assert f'href="{HERE}?open=1&amp;stepfree=1"' in page
    assert len(re.findall('data-wish="[a-z]+" aria-current="true"', page)) == 3


async def test_a_chip_counts_what_it_would_show(resident) -> None:
    page = await look(resident, "?stepfree=1")
    counted = re.search(r'data-wish="open">[^<]*<span class="count">(\d+)<', page)
    assert counted
    assert len(shown(await look(resident, "?open=1&stepfree=1"))) == int(counted[1])


async def test_when_nothing_fits_the_page_says_what_to_do(own, clock) -> None:
    clock.now = dt.datetime(2026, 11, 23, 3, 0, tzinfo=NOW.tzinfo)
    response = await own.get("/c/yikang/facilities?open=1&stepfree=1")
    page = response.text
    assert shown(page) == []
    assert re.search(r'<div class="card empty" data-nothing>', page)
    assert 'href="/c/yikang/facilities">全部显示' in page
    assert "tel:" in page


@pytest.mark.parametrize(
    "query",
    ["?from=nowhere", "?from=%00", f"?from={'x' * 3000}", "?open=0&from=<script>", "?utm=1"],
)
async def test_odd_wishes_are_answered_with_the_list(resident, query) -> None:
    page = await look(resident, query)
    assert shown(page)
    assert "<script>&" not in page
    assert "xxx" not in page
