"""Signing in, staying in, and going: names, passwords, codes, links."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pyotp
import pytest
from sqlalchemy import update

from domain.staff import accounts
from domain.staff.journal import ChainFault, JournalEntry, verify
from domain.staff.tables import StaffMember
from tests.conftest import NOW
from tests.web.staff_cast import PASSWORD, hire_cast, sign_in

NEW = "/staff/sessions/new"


@pytest.fixture
async def office(own):
    """A browser in front of an office with its cast, on each database."""
    own.cast = await hire_cast(own.store, NOW)
    return own


async def enter(office, name="editor", password=PASSWORD, **more: str):
    return await office.post("/staff/sessions", data={"name": name, "password": password, **more})


async def test_name_and_password_lead_to_the_staff_home(office) -> None:
    response = await enter(office, next="/staff/account")
    assert (response.status_code, response.headers["location"]) == (303, "/staff/account")
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "您好，editor" in (await office.get("/staff")).text


async def test_a_wrong_name_and_a_wrong_password_look_the_same(office) -> None:
    wrong_name = await enter(office, name="nobody", password="x")
    wrong_password = await enter(office, name="nobody2", password="x")
    assert wrong_name.status_code == wrong_password.status_code == 422
    assert "名字或密码不对" in wrong_name.text
    assert wrong_name.text.replace("nobody", "") == wrong_password.text.replace("nobody2", "")
    assert 'value="nobody"' in wrong_name.text


async def test_too_many_tries_must_wait_even_with_the_right_password(office, clock) -> None:
    for _ in range(accounts.FREE_FAILURES + 1):
        assert (await enter(office, password="x")).status_code == 422
    refused = await enter(office)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) <= 16
    assert "试的次数太多了" in refused.text
    clock.now = NOW + dt.timedelta(seconds=16)
    assert (await enter(office)).status_code == 303


async def test_the_way_back_never_leaves_this_site(office) -> None:
    assert (await enter(office, next="//evil.example/")).headers["location"] == "/"


async def test_a_session_ends_when_it_is_not_used_and_when_the_day_is_over(office, clock) -> None:
    await sign_in(office, office.cast.editor, NOW)
    clock.now = NOW + dt.timedelta(hours=1, minutes=59)
    assert (await office.get("/staff")).status_code == 200
    clock.now += dt.timedelta(hours=1, minutes=59)
    assert (await office.get("/staff")).status_code == 200
    clock.now += dt.timedelta(hours=2, minutes=1)
    assert (await office.get("/staff")).headers["location"].startswith(NEW)
    await sign_in(office, office.cast.editor, NOW)
    for hours in range(1, 13):
        clock.now = NOW + dt.timedelta(hours=hours, minutes=1 if hours == 12 else 0)
        response = await office.get("/staff")
    assert response.headers["location"].startswith(NEW)


async def test_signing_out_ends_the_session_for_good(office) -> None:
    key = await sign_in(office, office.cast.editor, NOW)
    await office.post("/staff/sessions/ending")
    office.cookies.set("staff", key)
    assert (await office.get("/staff")).status_code == 303


async def test_another_device_can_be_signed_out(office) -> None:
    lost = await sign_in(office, office.cast.editor, NOW)
    office.cookies.clear()
    await sign_in(office, office.cast.editor, NOW)
    page = (await office.get("/staff/account")).text
    ending = re.search(r'action="(/staff/account/sessions/\d+/ending)"', page)
    assert ending
    await office.post(ending.group(1))
    office.cookies.clear()
    office.cookies.set("staff", lost)
    assert (await office.get("/staff")).status_code == 303


async def test_an_invitation_works_once(office, clock) -> None:
    await sign_in(office, office.cast.admin, NOW)
    form = {"full_name": "王小明", "role": "clerk", "place": "district"}
    page = (await office.post("/staff/invitations", data=form)).text
    path = re.search(r"/invitations/[\w-]+", page)
    assert path
    office.cookies.clear()
    weak = await office.post(path.group(), data={"name": "xiaoming", "password": "short"})
    assert weak.status_code == 422
    assert "至少 10 个字" in weak.text
    assert 'value="xiaoming"' in weak.text
    taken = await office.post(path.group(), data={"name": "editor", "password": PASSWORD})
    assert "有人用了" in taken.text
    done = await office.post(path.group(), data={"name": "xiaoming", "password": PASSWORD})
    assert done.headers["location"] == NEW
    again = await office.post(path.group(), data={"name": "xiaoming2", "password": PASSWORD})
    assert again.status_code == 404
    assert "已经失效" in again.text
    assert (await enter(office, name="xiaoming")).status_code == 303


async def test_an_invitation_is_not_good_for_ever(office, clock) -> None:
    await sign_in(office, office.cast.admin, NOW)
    page = (await office.post(f"/staff/people/{office.cast.editor}/password-link")).text
    path = re.search(r"/invitations/[\w-]+", page)
    assert path
    clock.now = NOW + accounts.INVITATION_LASTS
    assert (await office.get(path.group())).status_code == 404


async def test_the_second_factor_is_asked_for_and_works_once(office, clock) -> None:
    await sign_in(office, office.cast.editor, NOW)
    page = (await office.get("/staff/second-factor")).text
    found = re.search(r'name="secret" value="([A-Z2-7]+)"', page)
    assert found
    totp = pyotp.TOTP(found.group(1))
    wrong = await office.post(
        "/staff/second-factor", data={"secret": found.group(1), "code": "000000"}
    )
    assert wrong.status_code == 422
    code = totp.at(NOW)
    done = await office.post("/staff/second-factor", data={"secret": found.group(1), "code": code})
    recovery = re.findall(r"<li>([0-9a-f]{6}-[0-9a-f]{6})</li>", done.text)
    assert len(recovery) == 8

    office.cookies.clear()
    assert (await enter(office)).status_code == 303
    assert (await office.get("/staff")).headers["location"] == "/staff/second-factor/confirmation"
    used = await office.post("/staff/second-factor/confirmation", data={"code": code})
    assert used.status_code == 422
    clock.now = NOW + dt.timedelta(seconds=60)
    fresh = {"code": totp.at(clock.now)}
    assert (await office.post("/staff/second-factor/confirmation", data=fresh)).status_code == 303
    assert (await office.get("/staff")).status_code == 200

    for expected in (303, 422):
        office.cookies.clear()
        await enter(office)
        spent = await office.post("/staff/second-factor/confirmation", data={"code": recovery[0]})
        assert spent.status_code == expected


async def test_who_must_have_a_second_factor_sees_nothing_before(office) -> None:
    async def require(session) -> None:
        await session.execute(
            update(StaffMember)
            .where(StaffMember.id == office.cast.editor)
            .values(must_have_second_factor=True)
        )

    await office.store.write(require)
    await sign_in(office, office.cast.editor, NOW)
    assert (await office.get("/staff/account")).headers["location"] == "/staff/second-factor"
    assert "管理员要求打开" in (await office.get("/staff/second-factor")).text


async def test_a_new_password_signs_other_devices_out(office) -> None:
    other = await sign_in(office, office.cast.editor, NOW)
    office.cookies.clear()
    await sign_in(office, office.cast.editor, NOW)
    wrong = await office.post(
        "/staff/account/password", data={"current": "x", "new": "editor-editor"}
    )
    assert wrong.status_code == 422
    assert "这不是您现在的密码" in wrong.text
    assert "太好猜" in wrong.text
    form = {"current": PASSWORD, "new": "另外一句好记的话" + "呀呀"}
    assert (await office.post("/staff/account/password", data=form)).status_code == 303
    assert (await office.get("/staff")).status_code == 200
    office.cookies.clear()
    office.cookies.set("staff", other)
    assert (await office.get("/staff")).status_code == 303


async def test_the_last_administrator_stays(office) -> None:
    await sign_in(office, office.cast.admin, NOW)
    refused = await office.post(f"/staff/people/{office.cast.admin}/deactivation")
    assert refused.status_code == 422
    assert "最后一位管理员" in refused.text
    refused = await office.post(
        f"/staff/people/{office.cast.admin}/roles", data={"role": "", "place": ""}
    )
    assert refused.status_code == 422
    assert (await office.get("/staff/log")).status_code == 200


async def test_who_left_is_out_everywhere_and_stays_in_the_log(office) -> None:
    key = await sign_in(office, office.cast.editor, NOW)
    office.cookies.clear()
    await sign_in(office, office.cast.admin, NOW)
    assert (
        await office.post(f"/staff/people/{office.cast.editor}/deactivation")
    ).status_code == 303
    assert "停用账号" in (await office.get("/staff/log?person=admin")).text
    assert "登录" in (await office.get("/staff/log?person=editor&action=signed-in")).text
    office.cookies.clear()
    office.cookies.set("staff", key)
    assert (await office.get("/staff")).status_code == 303
    assert (await enter(office)).status_code == 422


async def test_the_log_pages_and_exports_without_formulas(office) -> None:
    await sign_in(office, office.cast.admin, NOW)
    for n in range(60):
        form = {"full_name": f"=HYPERLINK({n})", "role": "clerk", "place": "district"}
        await office.post("/staff/invitations", data=form)
    first = (await office.get("/staff/log")).text
    older = re.search(r'href="(/staff/log\?[^"]*before=\d+)"', first)
    assert older
    second = (await office.get(unescape(older.group(1)))).text
    numbers = [re.findall(r'class="number"[^>]*>(\d+)<', page) for page in (first, second)]
    assert not set(numbers[0]) & set(numbers[1])
    answer = await office.get("/staff/log.csv?action=invited")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.count("\n") == 61
    assert not re.search(r'(^|,)"?=', answer.text)


async def test_a_row_changed_by_hand_breaks_the_chain(office) -> None:
    async def check() -> tuple[int, ChainFault | None]:
        async with office.store.read() as session:
            return await verify(session)

    count, fault = await check()
    assert (count, fault) == (5, None)

    async def forge(session) -> None:
        await session.execute(
            update(JournalEntry).where(JournalEntry.id == 2).values(subject="staff/999")
        )

    await office.store.write(forge)
    _, fault = await check()
    assert fault is not None
    assert (fault.entry, fault.what) == (2, "was changed after it was written")
