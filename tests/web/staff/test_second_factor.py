"""The second factor: asked for, lost, guessed, required."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import update

from domain.staff import accounts, guesses
from domain.staff.sealing import Seal
from domain.staff.tables import StaffMember
from tests.world.app import SEAL, opened
from tests.world.clock import NOW
from tests.world.forms import (
    CLERK,
    CONFIRMATION,
    ENGLISH,
    MINUTE,
    NEW,
    enter,
    field,
    half_way,
    hidden,
)
from tests.world.people import PASSWORD, SECRET, arrived, code_at, log_of, with_second_factor

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store


async def test_a_session_without_its_second_factor_opens_nothing(own, admin) -> None:
    await with_second_factor(own.store, admin)
    halfway = await half_way(own, admin)
    for path in ("/staff", "/staff/people", "/staff/log", "/staff/log.csv", "/staff/account"):
        response = await own.get(path, headers=halfway)
        assert response.status_code == 303, path
        assert response.headers["location"].startswith(CONFIRMATION), path
    for path in (
        "/staff/second-factor/removal",
        "/staff/second-factor",
        "/staff/account/password",
        f"/staff/people/{admin.id}/second-factor-removal",
    ):
        response = await own.post(path, headers=halfway, data={"current": PASSWORD, "new": "x"})
        assert (response.status_code, response.headers["location"]) == (303, CONFIRMATION), path
    assert (await own.get(NEW, headers=halfway)).headers["location"] == CONFIRMATION
    assert (await own.get(CONFIRMATION, headers=halfway)).status_code == 200


async def test_half_way_in_one_can_still_leave(own, admin) -> None:
    await with_second_factor(own.store, admin)
    halfway = await half_way(own, admin)
    assert (await own.post("/staff/sessions/ending", headers=halfway)).headers["location"] == NEW
    assert (await own.get(CONFIRMATION, headers=halfway)).headers["location"] == NEW


async def test_a_recovery_code_lets_in_once_and_the_account_says_how_many_are_left(
    own, admin
) -> None:
    codes = await with_second_factor(own.store, admin)
    statuses = []
    for _ in range(2):
        halfway = await half_way(own, admin)
        response = await own.post(CONFIRMATION, headers=halfway, data={"code": codes[3]})
        statuses.append(response.status_code)
    assert statuses == [303, 422]
    page = await own.get("/staff/account", headers={**admin.headers, **ENGLISH})
    assert "7 recovery codes left" in page.text


async def test_a_wrong_code_is_said_beside_the_field(own, admin) -> None:
    await with_second_factor(own.store, admin)
    halfway = await half_way(own, admin)
    for code in ("", "000000", "x" * 500, "１２３４５６", "\x00"):
        response = await own.post(CONFIRMATION, headers=halfway, data={"code": code})
        assert response.status_code == 422
        assert "数字不对" in field(response.text, "code")
        assert 'aria-invalid="true"' in field(response.text, "code")


async def test_guessing_codes_must_wait_and_is_told_so(own, admin) -> None:
    await with_second_factor(own.store, admin)
    halfway = await half_way(own, admin)
    for _ in range(guesses.FREE_FAILURES + 1):
        response = await own.post(CONFIRMATION, headers=halfway, data={"code": "000000"})
        assert response.status_code == 422
    response = await own.post(CONFIRMATION, headers=halfway, data={"code": code_at(NOW)})
    assert response.status_code == 429
    assert 0 < int(response.headers["retry-after"]) <= 16
    assert "请等到 10:27" in field(response.text, "code")


async def test_twenty_codes_at_once_are_not_twenty_guesses(own, admin) -> None:
    await with_second_factor(own.store, admin)
    halfway = await half_way(own, admin)
    answers = await asyncio.gather(
        *(own.post(CONFIRMATION, headers=halfway, data={"code": f"{n:06}"}) for n in range(20))
    )
    statuses = [each.status_code for each in answers]
    assert statuses.count(422) == guesses.FREE_FAILURES + 1
    assert statuses.count(429) == 20 - statuses.count(422)


async def test_a_right_code_ends_the_failures_before_it(own, admin, clock) -> None:
    await with_second_factor(own.store, admin)
    for _ in range(guesses.FREE_FAILURES + 2):
        clock.now += MINUTE
        halfway = await half_way(own, admin, clock.now)
        wrong = await own.post(CONFIRMATION, headers=halfway, data={"code": "000000"})
        right = await own.post(CONFIRMATION, headers=halfway, data={"code": code_at(clock.now)})
        assert (wrong.status_code, right.status_code) == (422, 303)


async def test_after_the_second_factor_one_is_where_one_wanted_to_go(own, admin) -> None:
    await with_second_factor(own.store, admin)
    asked = await enter(own, "admin", next="/staff/log?action=left")
    for _ in range(3):
        if asked.headers["location"].startswith(CONFIRMATION):
            break
        asked = await own.get(asked.headers["location"])
    page = (await own.get(asked.headers["location"])).text
    form = {"code": "000000", "next": hidden(page)["next"]}
    wrong = await own.post(CONFIRMATION, data=form)
    form = {"code": code_at(NOW), "next": hidden(wrong.text)["next"]}
    response = await own.post(CONFIRMATION, data=form)
    assert response.headers["location"] == "/staff/log?action=left"


async def test_a_required_second_factor_leads_to_its_page_and_opens_the_rest_when_set(
    own, admin
) -> None:
    li = await arrived(own.store, "li", CLERK)
    await own.post(
        f"/staff/people/{li.id}/second-factor-duty",
        headers=admin.headers,
        data={"required": "yes"},
    )
    for path in ("/staff", "/staff/account"):
        asked = await own.get(path, headers=li.headers)
        assert asked.headers["location"] == "/staff/second-factor"
    page = (await own.get("/staff/second-factor", headers=li.headers)).text
    assert "管理员要求打开" in page
    secret = re.search(r'name="secret" value="([A-Z2-7]+)"', page)
    assert secret
    form = {"secret": secret.group(1), "code": code_at(NOW, secret.group(1))}
    done = await own.post("/staff/second-factor", headers=li.headers, data=form)
    assert done.status_code == 200
    assert (await own.get("/staff", headers=li.headers)).status_code == 200


async def test_a_required_second_factor_cannot_be_switched_off_for_good(own, admin) -> None:
    li = await arrived(own.store, "li", CLERK)
    duty = f"/staff/people/{li.id}/second-factor-duty"
    await own.post(duty, headers=admin.headers, data={"required": "yes"})
    await with_second_factor(own.store, li)
    form = {"password": PASSWORD}
    off = await own.post("/staff/second-factor/removal", headers=li.headers, data=form)
    assert off.status_code == 303
    asked = await own.get("/staff", headers=li.headers)
    assert asked.headers["location"] == "/staff/second-factor"


async def test_the_second_factor_is_not_switched_off_without_the_password(own, admin) -> None:
    await with_second_factor(own.store, admin)
    path = "/staff/second-factor/removal"
    for form in ({}, {"password": "wrong"}):
        response = await own.post(path, headers=admin.headers, data=form)
        assert response.status_code == 422
        assert 'aria-invalid="true"' in field(response.text, "password")
        assert "这不是您现在的密码。" in field(response.text, "password")
        assert 'aria-invalid="true"' not in field(response.text, "current")
    assert "second-factor-removed" not in {each.action for each in await log_of(own.store)}
    done = await own.post(path, headers=admin.headers, data={"password": PASSWORD})
    assert done.headers["location"] == "/staff/account?done=second-factor"
    account = (await own.get("/staff/account", headers=admin.headers)).text
    assert 'name="password"' not in account


async def test_guessing_the_password_at_the_second_factor_must_wait_as_everywhere(
    own, admin, clock
) -> None:
    await with_second_factor(own.store, admin)
    path, form = "/staff/second-factor/removal", {"password": "x"}
    for _ in range(guesses.FREE_FAILURES + 1):
        assert (await own.post(path, headers=admin.headers, data=form)).status_code == 422
    form["password"] = PASSWORD
    refused = await own.post(path, headers=admin.headers, data=form)
    assert refused.status_code == 429
    assert "请等到 10:27" in field(refused.text, "password")
    clock.now += MINUTE
    assert (await own.post(path, headers=admin.headers, data=form)).status_code == 303


async def test_a_forged_secret_is_just_a_wrong_one(own) -> None:
    li = await arrived(own.store, "li", CLERK)
    for secret in ("", "x", "A" * 17, "A" * 65, "not base32!", "A" * 15):
        form = {"secret": secret, "code": "123456"}
        response = await own.post("/staff/second-factor", headers=li.headers, data=form)
        assert response.status_code == 422, secret
    async with own.store.read() as session:
        assert (await accounts.member_with_roles(session, li.id)).totp_secret is None


async def test_a_lost_phone_is_helped_by_an_administrator(own, admin) -> None:
    li = await arrived(own.store, "li", CLERK)
    await with_second_factor(own.store, li)
    await own.post(f"/staff/people/{li.id}/second-factor-removal", headers=admin.headers)
    assert (await enter(own, "li")).headers["location"] == "/staff"
    assert (await own.get("/staff")).status_code == 200


async def test_whoever_finds_a_desk_left_open_sets_no_second_factor_of_their_own(own) -> None:
    li = await arrived(own.store, "li", CLERK)
    await with_second_factor(own.store, li)
    form = {"secret": SECRET[::-1], "code": code_at(NOW, SECRET[::-1])}
    for answer in (
        await own.get("/staff/second-factor", headers=li.headers),
        await own.post("/staff/second-factor", headers=li.headers, data=form),
    ):
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff/account")
    assert SEAL.open(await kept_of(own.store, li.id)) == SECRET


async def test_the_database_alone_makes_no_codes(own) -> None:
    li = await arrived(own.store, "li", CLERK)
    await with_second_factor(own.store, li)
    kept = await kept_of(own.store, li.id)
    assert kept != SECRET
    assert len(kept) == 64
    assert Seal(bytes(32)).open(kept) is None


async def keep(session: AsyncSession, member_id: int, secret: str) -> None:
    """Write a secret as it is."""
    member = update(StaffMember).where(StaffMember.id == member_id)
    await session.execute(member.values(totp_secret=secret))


async def kept_of(store: Store, member_id: int) -> str:
    """The secret as it is kept."""
    async with store.read() as session:
        return (await accounts.member_with_roles(session, member_id)).totp_secret or ""


async def test_a_secret_from_before_they_were_sealed_is_sealed_at_the_start(
    databases, clock, caplog
) -> None:
    url = databases.copy("sample")
    async with opened(url, clock) as browser:
        li, wu = [await arrived(browser.store, name, CLERK) for name in ("li", "wu")]
        for person, kept in ((li, SECRET), (wu, Seal(bytes(32)).close(SECRET))):
            await with_second_factor(browser.store, person)
            await browser.store.write(partial(keep, member_id=person.id, secret=kept))
    async with opened(url, clock) as browser:
        assert await kept_of(browser.store, li.id) != SECRET
        await enter(browser, "li")
        answer = await browser.post(CONFIRMATION, data={"code": code_at(NOW)})
        assert answer.headers["location"] == "/staff"
        # One that another machine's key sealed lets its owner in by a recovery code only.
        await enter(browser, "wu")
        answer = await browser.post(CONFIRMATION, data={"code": code_at(NOW)})
        assert answer.status_code == 422
    assert "1 second factors were sealed with another key" in caplog.text
