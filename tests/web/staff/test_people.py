"""Who sees and changes which people: people, roles and their places."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from domain.staff.tables import Role, StaffMember, StaffRole
from tests.world.clock import NOW
from tests.world.district import places
from tests.world.people import log_of
from tests.world.statements import statements_of
from web.staff import people

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.app import Browser
    from tests.world.people import Person


async def test_people_shows_only_who_is_at_or_below_ones_place(own, town) -> None:
    page = (await own.get("/staff/people", headers=town["chief"].headers)).text
    shown = {int(each) for each in re.findall(r'href="/staff/people/(\d+)"', page)}
    assert shown == {town[name].id for name in ("chief", "same", "below")}
    every = (await own.get("/staff/people", headers=town["admin"].headers)).text
    assert set(re.findall(r'href="/staff/people/(\d+)"', every)) == {
        str(person.id) for person in town.values()
    }


async def test_places_to_choose_from_are_at_or_below_ones_own(own, town) -> None:
    found = await places(own.store)
    page = (await own.get("/staff/people", headers=town["chief"].headers)).text
    offered = set(re.findall(r'<option value="(district|[sc]:\d+)"', page))
    here = found.subdistrict["dikoulu"]
    below = {f"c:{each}" for each, above in found.subdistrict_of.items() if above == here}
    assert offered == {f"s:{here}", *below}


ACTIONS = {
    "roles": {"role": "clerk", "place": "district"},
    "name": {"full_name": "Wang"},
    "return": {"role": "clerk", "place": "district"},
    "second-factor-duty": {"required": "yes"},
    "second-factor-removal": {},
    "password-link": {},
    "deactivation": {},
    "sessions/1/ending": {},
}


async def test_whoever_is_not_below_ones_place_is_not_found(own, town) -> None:
    chief, before = town["chief"].headers, len(await log_of(own.store))
    for name in ("admin", "beside", "beside-too", "above", "both", "without"):
        path = f"/staff/people/{town[name].id}"
        assert (await own.get(path, headers=chief)).status_code == 404, name
        for noun, form in ACTIONS.items():
            response = await own.post(f"{path}/{noun}", headers=chief, data=form)
            assert response.status_code == 404, (name, noun)
    assert len(await log_of(own.store)) == before


async def test_roles_above_or_beside_ones_place_cannot_be_given_by_changed_numbers(
    own, town
) -> None:
    found = await places(own.store)
    wanted = [
        "district",
        f"s:{found.subdistrict['guanzhaying']}",
        f"c:{found.community['jian']}",
        "s:4711",
        "c:",
        "c:-1",
        "",
    ]
    chief, before = town["chief"], len(await log_of(own.store))
    for place in wanted:
        for name in ("below", "chief"):
            response = await own.post(
                f"/staff/people/{town[name].id}/roles",
                headers=chief.headers,
                data={"role": "administrator", "place": place},
            )
            assert response.status_code == 404, place
        form = {"full_name": "x", "role": "administrator", "place": place}
        response = await own.post("/staff/invitations", headers=chief.headers, data=form)
        assert response.status_code == 422, place
    assert len(await log_of(own.store)) == before


async def test_a_role_that_is_none_is_refused(own, town) -> None:
    path = f"/staff/people/{town['below'].id}/roles"
    form = {"role": "emperor", "place": "district"}
    assert (await own.post(path, headers=town["admin"].headers, data=form)).status_code == 404


async def test_roles_are_given_and_work_at_once_and_the_person_sees_them(own, town) -> None:
    home = (await places(own.store)).community["liujiazhuang"]
    below, chief = town["below"], town["chief"]
    assert (await own.get("/staff/people", headers=below.headers)).status_code == 404
    form = {"role": ["clerk", "administrator", ""], "place": [f"c:{home}"] * 2 + ["district"]}
    path = f"/staff/people/{below.id}"
    done = await own.post(f"{path}/roles", headers=chief.headers, data=form)
    assert (done.status_code, done.headers["location"]) == (303, path)
    assert (await own.get("/staff/people", headers=below.headers)).status_code == 200
    page = (await own.get("/staff", headers=below.headers)).text
    assert "管理员" in page
    assert 'href="/c/liujiazhuang"' in page


async def test_navigation_shows_only_what_the_person_may_do(own, town) -> None:
    shown = {
        name: set(
            re.findall(
                r'href="/staff/(people|log)"', (await own.get("/staff", headers=who.headers)).text
            )
        )
        for name, who in town.items()
        if name in {"admin", "chief", "below", "above"}
    }
    assert shown == {
        "admin": {"people", "log"},
        "chief": {"people"},
        "below": set(),
        "above": set(),
    }


async def test_somebody_without_a_role_is_told_so(own, town) -> None:
    response = await own.get("/staff", headers=town["without"].headers)
    assert response.status_code == 200
    assert "还没有岗位" in response.text


async def test_an_administrator_ends_a_session_of_somebody_below(own, town) -> None:
    below = town["below"]
    path = f"/staff/people/{below.id}/sessions/{below.session}/ending"
    assert (await own.post(path, headers=town["chief"].headers)).status_code == 303
    assert (await own.get("/staff", headers=below.headers)).status_code == 303


async def test_a_session_of_somebody_else_is_not_found_under_another_persons_address(
    own, town
) -> None:
    path = f"/staff/people/{town['below'].id}/sessions/{town['admin'].session}/ending"
    response = await own.post(path, headers=town["chief"].headers)
    assert (await own.get("/staff", headers=town["admin"].headers)).status_code == 200
    assert response.status_code == 404


async def test_a_number_that_nobody_has_is_not_found(own, admin) -> None:
    for number in ("4711", "0", "2147483648", "9" * 30, "9" * 5000):
        for method, path in (
            ("GET", f"/staff/people/{number}"),
            ("POST", f"/staff/people/{number}/deactivation"),
            ("POST", f"/staff/account/sessions/{number}/ending"),
            ("GET", f"/c/liujiazhuang/handbook/dibao/forms/{number}"),
        ):
            response = await own.request(method, path, headers=admin.headers)
            assert response.status_code == 404, path[:60]


@pytest.mark.parametrize("verb", [("deactivation", {}), ("roles", {"role": "", "place": ""})])
async def test_the_last_administrators_page_shows_the_account_as_it_still_is(
    own, admin, verb
) -> None:
    path, form = f"/staff/people/{admin.id}/{verb[0]}", verb[1]
    response = await own.post(path, headers=admin.headers, data=form)
    assert response.status_code == 422
    assert "最后一位管理员" in response.text
    assert "已停用" not in response.text
    assert f'action="/staff/people/{admin.id}/roles"' in response.text
    assert '<option value="administrator" selected>' in response.text
    assert (await own.get("/staff/log", headers=admin.headers)).status_code == 200


async def test_an_ended_account_is_shown_as_such_and_can_only_be_invited_back(own, town) -> None:
    below, admin = town["below"], town["admin"]
    await own.post(f"/staff/people/{below.id}/deactivation", headers=admin.headers)
    page = (await own.get(f"/staff/people/{below.id}", headers=admin.headers)).text
    assert "已停用" in page
    actions = re.findall(rf'action="/staff/people/{below.id}/([a-z-]+)', page)
    assert actions == ["return"]
    for noun, form in ACTIONS.items():
        if noun == "return":
            continue
        path = f"/staff/people/{below.id}/{noun}"
        response = await own.post(path, headers=admin.headers, data=form)
        assert response.status_code == 404, noun
    assert "已停用" in (await own.get("/staff/people", headers=admin.headers)).text


async def test_a_person_gets_another_name_and_the_log_says_so(own, town) -> None:
    person, chief = town["below"], town["chief"].headers
    path = f"/staff/people/{person.id}"
    response = await own.post(f"{path}/name", headers=chief, data={"full_name": " 周 新 "})
    assert response.headers["location"] == path
    assert "周 新" in (await own.get(path, headers=chief)).text
    newest = (await log_of(own.store))[-1]
    assert (newest.action, newest.subject) == ("renamed", f"staff/{person.id}")
    assert newest.before == {"full_name": "Below Wang"}
    again = await own.post(f"{path}/name", headers=chief, data={"full_name": "周 新"})
    assert again.status_code == 303
    assert (await log_of(own.store))[-1].id == newest.id
    empty = await own.post(f"{path}/name", headers=chief, data={"full_name": "  "})
    assert empty.status_code == 422
    assert "请填写姓名" in empty.text


async def shown(own: Browser, person: Person, query: str) -> list[str]:
    """The login names on a page of people, in their order."""
    page = (await own.get(f"/staff/people{query}", headers=person.headers)).text
    return re.findall(r'href="/staff/people/\d+">.*?class="soft">([a-z0-9.-]+)', page, re.DOTALL)


async def test_people_are_found_by_name_login_name_or_community(own, town) -> None:
    admin = town["admin"]
    assert await shown(own, admin, "?q=BESI") == ["beside", "beside-too"]
    assert await shown(own, admin, "?q=below+wang") == ["below"]
    assert await shown(own, admin, f"?q={quote('刘家庄')}") == ["below", "both"]
    assert await shown(own, admin, f"?q={quote('刘家庄 both')}") == ["both"]
    assert await shown(own, admin, "?q=%25") == []
    assert (
        "没有人叫这个名字" in (await own.get("/staff/people?q=nobody", headers=admin.headers)).text
    )
    assert await shown(own, town["chief"], "?q=beside") == []


async def test_five_hundred_people_stand_on_pages_and_cost_no_more_queries(own, admin) -> None:
    engine = own.store._engine.sync_engine
    await own.get("/staff/people", headers=admin.headers)
    with statements_of(engine, asyncio.current_task()) as few:
        await own.get("/staff/people", headers=admin.headers)

    async def many(session: AsyncSession) -> None:
        session.add_all(
            StaffMember(
                name=f"p{number:03}",
                full_name=f"人{number}",
                password="x",
                created_at=NOW,
                roles=[StaffRole(role=Role.CLERK)],
            )
            for number in range(500)
        )

    await own.store.write(many)
    with statements_of(engine, asyncio.current_task()) as asked:
        first = await shown(own, admin, "")
    # Roles are loaded for 500 people at once.
    assert len(asked) <= len(few) + 1
    assert len(first) == people.PAGE
    page = (await own.get("/staff/people", headers=admin.headers)).text
    assert 'href="/staff/people?q=&amp;from=50"' in page
    seen = first
    for start in range(50, 550, 50):
        seen += await shown(own, admin, f"?from={start}")
    assert seen == ["admin", *(f"p{number:03}" for number in range(500))]
    for odd in ("?from=x", "?from=-1", "?from=9999", "?from=" + "9" * 30):
        assert (await own.get(f"/staff/people{odd}", headers=admin.headers)).status_code == 200
