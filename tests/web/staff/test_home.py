"""A member's own account, and what holds on every page of the office."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest

from domain.staff.actor import Grant
from domain.staff.tables import Role, StaffSession
from tests.world.clock import NOW
from tests.world.district import places
from tests.world.forms import CHINESE, CLERK, CONFIRMATION, ENGLISH, NEW, enter, field, link_for
from tests.world.people import PASSWORD, arrived, begun, hired


async def test_the_account_lists_where_one_is_signed_in_and_ends_the_others(own) -> None:
    li = await arrived(own.store, "li", CLERK)
    other = await begun(own.store, li.id, NOW, "Safari · iPhone")
    page = (await own.get("/staff/account", headers=li.headers)).text
    assert "Safari · iPhone" in page
    ending = re.findall(r'action="(/staff/account/sessions/\d+/ending)"', page)
    assert len(ending) == 1
    for _ in range(2):  # pressing twice is no mistake
        response = await own.post(ending[0], headers=li.headers)
        page = (await own.get(response.headers["location"], headers=li.headers)).text
        assert "那台设备已经退出" in page
    assert (await own.get("/staff", headers={"cookie": f"staff={other}"})).status_code == 303
    assert (await own.get("/staff", headers=li.headers)).status_code == 200


async def test_somebody_elses_session_cannot_be_ended_from_ones_account(own, admin) -> None:
    li = await arrived(own.store, "li", CLERK)
    path = f"/staff/account/sessions/{admin.session}/ending"
    response = await own.post(path, headers=li.headers)
    assert (await own.get("/staff", headers=admin.headers)).status_code == 200
    assert response.status_code == 404


async def test_without_a_network_the_office_reads_no_words_for_residents(own, admin) -> None:
    page = (await own.get("/staff", headers=admin.headers)).text
    assert "没有网络。页面保持原样" in page
    # What a script would say of a copy stands there unseen; the office has no copies.
    assert "存好的一份" not in page.replace('data-words="您看到的是手机里{}存好的一份。"', "")
    assert "存好的一份" in (await own.get("/communities")).text


async def test_a_device_is_named_in_words_that_its_owner_knows(own) -> None:
    await hired(own.store, "li", CLERK)
    for given, said in (
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome · Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari · iPhone"),
        ("<script>alert(1)</script>" * 20, "不认识的设备"),
        ("", "不认识的设备"),
    ):  # fmt: skip
        await enter(own, "li", headers={"user-agent": given, "origin": "http://lianxin.test"})
        page = (await own.get("/staff/account")).text
        assert f'<b>{said}</b><span class="pill jade">' in page, given


async def test_a_new_password_is_the_one_that_works_and_the_others_are_out(own) -> None:
    li = await arrived(own.store, "li", CLERK)
    other = await begun(own.store, li.id)
    form = {"current": PASSWORD, "new": "some quite other words"}
    response = await own.post("/staff/account/password", headers=li.headers, data=form)
    assert response.headers["location"] == "/staff/account?done=password"
    assert (await own.get("/staff", headers={"cookie": f"staff={other}"})).status_code == 303
    assert (await own.get("/staff", headers=li.headers)).status_code == 200
    assert (await enter(own, "li")).status_code == 422
    assert (await enter(own, "li", "some quite other words")).status_code == 303


async def test_a_password_is_not_changed_without_the_one_before(own) -> None:
    li = await arrived(own.store, "li", CLERK)
    form = {"current": "wrong", "new": "some quite other words"}
    response = await own.post("/staff/account/password", headers=li.headers, data=form)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in field(response.text, "current")
    assert 'aria-invalid="true"' not in field(response.text, "new")
    assert "some quite other words" not in response.text
    response = await own.post("/staff/account/password", headers=li.headers, data={"new": "short"})
    assert "至少用 12 个字母或 9 个汉字" in field(response.text, "new")
    assert 'aria-invalid="true"' in field(response.text, "current")
    assert (await enter(own, "li")).status_code == 303


async def test_staff_pages_are_kept_nowhere(own, admin) -> None:
    kept = len(own.services.kept)
    paths = ("/staff", "/staff/people", f"/staff/people/{admin.id}", "/staff/log", "/staff/log.csv")
    for path in (*paths, "/staff/account", "/staff/second-factor", NEW, "/staff/nothing"):
        for headers in (admin.headers, CHINESE):
            response = await own.get(path, headers=headers)
            assert response.headers["cache-control"] == "no-store", path
            assert "etag" not in response.headers
    assert len(own.services.kept) == kept


@pytest.mark.parametrize(
    ("headers", "words"), [(CHINESE, "您好，Admin Wang"), (ENGLISH, "Hello, Admin Wang")]
)
async def test_the_office_speaks_both_languages(own, admin, headers, words) -> None:
    """The house rules look at every page that is fetched here."""
    given = {**admin.headers, **headers}
    assert words in (await own.get("/staff", headers=given)).text
    for path in ("people", f"people/{admin.id}", "log", "account", "second-factor"):
        assert (await own.get(f"/staff/{path}", headers=given)).status_code == 200
    for path in (NEW, CONFIRMATION, await link_for(own)):
        assert (await own.get(path, headers=headers)).status_code in {200, 303}


async def test_using_a_page_is_remembered_about_once_a_minute(own, admin, clock) -> None:
    async def used_at() -> dt.datetime:
        async with own.store.read() as session:
            found: StaffSession = await session.get_one(StaffSession, admin.session)
        return found.used_at

    for seconds, remembered in ((59, NOW), (61, NOW + dt.timedelta(seconds=61))):
        clock.now = NOW + dt.timedelta(seconds=seconds)
        await own.get("/staff", headers=admin.headers)
        assert await used_at() == remembered


@pytest.mark.parametrize("where", ["district", "subdistrict", "community"])
@pytest.mark.parametrize("role", list(Role))
async def test_the_home_leads_only_where_the_role_may_go(own, role, where) -> None:
    """Every link of the home, and of the office's pages that it leads to, opens."""
    found = await places(own.store)
    at = {
        "district": Grant(role),
        "subdistrict": Grant(role, subdistrict_id=found.subdistrict["dikoulu"]),
        "community": Grant(role, community_id=found.community["liujiazhuang"]),
    }
    li = await arrived(own.store, "li", at[where])
    seen: set[str] = set()
    wanted, refused = ["/staff"], []
    for _step in range(3):
        further = []
        for address in wanted:
            response = await own.get(address, headers=li.headers)
            if response.status_code >= 400:
                refused.append((address, response.status_code))
            for link in links_in(response.text):
                # Of links that differ only in what they are about, the first stands for all.
                kind = re.sub(r"(?<=/c/)[\w-]+|\d+|(?<=/handbook/)[\w-]+|\?.*", "", link)
                if kind not in seen:
                    seen.add(kind)
                    further.append(link)
        wanted = further
    assert len(seen) > 5
    assert refused == []


def links_in(page: str) -> list[str]:
    """The addresses of the office that a page leads to."""
    return [unescape(each) for each in re.findall(r'<a\b[^>]*?href="(/staff[^"#]*)', page)]
