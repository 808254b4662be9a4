"""Signing in, staying in, and going: names, passwords, codes, links."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from typing import Any
from urllib.parse import urlencode

import pyotp
import pytest

from domain.staff import invitations, passwords
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.forms import signed_in_count
from tests.world.people import PASSWORD, hire_cast, sign_in

pytestmark = both_databases

NEW = "/staff/sessions/new"


@pytest.fixture
async def office(own):
    """A browser in front of an office with its cast, on each database."""
    own.cast = await hire_cast(own.store, NOW)
    return own


async def enter(office, name="editor", password=PASSWORD, **more: str):
    return await office.post("/staff/sessions", data={"name": name, "password": password, **more})


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


async def test_an_invitation_works_once(office, clock) -> None:
    await sign_in(office, office.cast.admin, NOW)
    form = {"full_name": "王小明", "role": "clerk", "place": "district"}
    page = (await office.post("/staff/invitations", data=form)).text
    path = re.search(r"/invitations/[\w-]+", page)
    assert path
    office.cookies.clear()
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
    clock.now = NOW + invitations.INVITATION_LASTS
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


async def test_who_gave_up_in_line_costs_no_check(office, monkeypatch) -> None:
    checked = []

    def matches(*given: str) -> bool:
        checked.append(given)
        return True

    monkeypatch.setattr(passwords, "matches", matches)
    services = office.services
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/staff/sessions",
        "query_string": b"",
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "headers": [
            (b"host", b"lianxin.test"),
            (b"content-type", b"application/x-www-form-urlencoded"),
        ],
    }
    body = urlencode({"name": "editor", "password": PASSWORD}).encode()
    heard = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return heard.pop(0) if heard else {"type": "http.disconnect"}

    async def send(_message: dict[str, Any]) -> None:
        pass

    async with services.hashing:
        asking = asyncio.create_task(office.app(scope, receive, send))
        await asyncio.sleep(0.05)
    await asking
    assert not checked
    assert await signed_in_count(office) == 0
    assert (await enter(office)).status_code == 303
    assert checked
