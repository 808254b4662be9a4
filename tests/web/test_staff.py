"""The office's pages, as people use and abuse them: ways in, links, roles, devices and the log."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import re
from functools import partial
from html import unescape
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from domain.staff import accounts
from domain.staff.acting import COMMAND_LINE, Grant
from domain.staff.journal import note
from domain.staff.tables import Invitation, Role, SignInFailures, StaffSession
from tests.conftest import NOW
from tests.staff import (
    DISTRICT_ADMINISTRATOR,
    PASSWORD,
    Person,
    arrived,
    begun,
    code_at,
    hired,
    log_of,
    places,
    with_second_factor,
)
from web.house import HASHES
from web.staff.access import LONGEST_FORM, Form

if TYPE_CHECKING:
    import httpx

    from tests.web.conftest import Browser

NEW = "/staff/sessions/new"
CONFIRMATION = "/staff/second-factor/confirmation"
MINUTE = dt.timedelta(minutes=1)
CLERK = Grant(Role.CLERK)
CHINESE, ENGLISH = {"accept-language": "zh-CN"}, {"accept-language": "en"}


@pytest.fixture
async def admin(own: Browser) -> Person:
    """The administrator of the district."""
    return await arrived(own.store, "admin", DISTRICT_ADMINISTRATOR)


async def enter(
    browser: Browser, name: str, password: str = PASSWORD, **more: Any
) -> httpx.Response:
    """Send the sign-in form."""
    headers = more.pop("headers", None)
    form = {"name": name, "password": password, **more}
    return await browser.post("/staff/sessions", data=form, headers=headers)


async def signed_in_count(browser: Browser) -> int:
    """How many sessions there are."""
    async with browser.store.read() as session:
        return int(await session.scalar(select(func.count(StaffSession.id))) or 0)


async def link_for(browser: Browser, member_id: int | None = None, now: dt.datetime = NOW) -> str:
    """The path of an invitation, or of a password link for somebody."""
    if member_id is None:
        invite = partial(
            accounts.invite, actor=COMMAND_LINE, full_name="韩秀芝", grant=CLERK, now=now
        )
        return f"/invitations/{await browser.store.write(invite)}"
    async with browser.store.read() as session:
        member = await accounts.member_with_roles(session, member_id)
    again = partial(accounts.invite_to_new_password, actor=COMMAND_LINE, member=member, now=now)
    return f"/invitations/{await browser.store.write(again)}"


def hidden(page: str) -> dict[str, str]:
    """What a page's form sends along unseen."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def way_on(page: str) -> str:
    """Where the sign-in form leads to."""
    form = page.partition('action="/staff/sessions" method="post">')[2]
    return hidden(form)["next"]


def field(page: str, name: str) -> str:
    """What stands around an input: from its label to the end of its paragraph."""
    found = re.search(rf'<p class="field"><label for="{name}">.*?</p>', page, re.DOTALL)
    assert found, f"no field {name}"
    return found.group()


# Signing in


async def test_the_way_in_says_whom_it_is_for_in_either_language(own) -> None:
    assert "居民" in (await own.get(NEW)).text
    assert "Residents need no account" in (await own.get(NEW, headers=ENGLISH)).text


async def test_who_is_not_signed_in_comes_back_to_where_they_wanted_to_go(own) -> None:
    await hired(own.store, "admin", DISTRICT_ADMINISTRATOR)
    asked = await own.get("/staff/log?action=left&person=li")
    page = (await own.get(asked.headers["location"])).text
    response = await enter(own, "admin", next=way_on(page))
    assert response.headers["location"] == "/staff/log?action=left&person=li"
    assert (await own.get(response.headers["location"])).status_code == 200


async def test_a_wrong_password_looks_like_a_wrong_name_and_the_typed_name_stays(own) -> None:
    await hired(own.store, "real", CLERK)
    wrong_password = await enter(own, "real", "x")
    wrong_name = await enter(own, "fake", "x")
    assert wrong_password.status_code == wrong_name.status_code == 422
    assert wrong_password.text.replace("real", "fake") == wrong_name.text
    ignored = {"x-request-id", "content-length", "date"}
    assert [pair for pair in wrong_password.headers.items() if pair[0] not in ignored] == [
        pair for pair in wrong_name.headers.items() if pair[0] not in ignored
    ]
    assert 'value="real"' in wrong_password.text
    assert "名字或密码不对" in wrong_password.text
    assert "set-cookie" not in wrong_password.headers


async def test_capital_letters_and_blanks_around_the_name_do_not_matter(own) -> None:
    await hired(own.store, "li", CLERK)
    assert (await enter(own, " LI ")).status_code == 303


async def test_a_password_is_taken_to_the_letter(own) -> None:
    await hired(own.store, "li", CLERK)
    for password in ("", " " + PASSWORD, PASSWORD + " ", "x" * 5000):
        assert (await enter(own, "li", password)).status_code == 422


async def test_an_odd_form_is_just_a_wrong_one(own, clock) -> None:
    for name in ("a\x00b", "\x1b[2J", "<b>'\"&", "\u202eil", "李" * 100):
        clock.now += MINUTE
        assert (await enter(own, name, "x")).status_code == 422
    clock.now += MINUTE
    assert (await own.post("/staff/sessions")).status_code == 422


async def test_half_characters_in_a_form_break_nothing(own) -> None:
    """A form may claim a charset that makes them."""
    fields = {"name": "a", "password": "\\ud800" * 3}
    body = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    kind = "multipart/form-data; boundary=B; charset=unicode_escape"
    response = await own.post(
        "/staff/sessions", content=f"{body}--B--\r\n", headers={"content-type": kind}
    )
    assert response.status_code == 422


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(own) -> None:
    await hired(own.store, "li", CLERK)
    cookie = (await enter(own, "li")).headers["set-cookie"]
    assert cookie.startswith("staff=")
    parts = {each.strip().lower() for each in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "max-age=43200"} <= parts
    assert not any(each.startswith("domain") for each in parts)


async def test_behind_tls_the_cookie_is_one_that_no_other_site_can_set(own) -> None:
    await hired(own.store, "li", CLERK)
    secure = "https://lianxin.test"
    form = {"name": "li", "password": PASSWORD}
    cookie = (await own.post(f"{secure}/staff/sessions", data=form)).headers["set-cookie"]
    assert cookie.startswith("__Host-staff=")
    parts = {each.strip().lower() for each in cookie.split(";")[1:]}
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
    assert (await own.get(f"{secure}/staff")).status_code == 200


async def test_behind_tls_a_cookie_without_the_prefix_opens_nothing(own) -> None:
    li = await arrived(own.store, "li", CLERK)
    response = await own.get("https://lianxin.test/staff", headers=li.headers)
    assert response.status_code == 303


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_signing_out_takes_the_cookie_away(own, scheme) -> None:
    await hired(own.store, "li", CLERK)
    form = {"name": "li", "password": PASSWORD}
    await own.post(f"{scheme}://lianxin.test/staff/sessions", data=form)
    response = await own.post(f"{scheme}://lianxin.test/staff/sessions/ending")
    assert response.headers["location"] == NEW
    cookie = response.headers["set-cookie"].lower()
    assert "max-age=0" in cookie
    assert ("secure" in cookie) is (scheme == "https")


async def test_signing_out_twice_or_without_being_signed_in_is_no_trouble(own) -> None:
    for _ in range(2):
        assert (await own.post("/staff/sessions/ending")).headers["location"] == NEW


async def test_who_is_signed_in_is_not_asked_again(own, admin) -> None:
    response = await own.get(f"{NEW}?next=/staff/log", headers=admin.headers)
    assert (response.status_code, response.headers["location"]) == (303, "/staff/log")
    odd = await own.get(f"{NEW}?next=//elsewhere.test", headers=admin.headers)
    assert odd.headers["location"] == "/"


ELSEWHERE = [
    "//elsewhere.test",
    "https://elsewhere.test",
    "/\\elsewhere.test",
    "\\\\elsewhere.test",
    "/\t/elsewhere.test",
    "/ /elsewhere.test",
    "/\x00/elsewhere.test",
    "javascript:alert(1)",
    "elsewhere.test",
    "/\r\nset-cookie: a=b",
    "/" + "x" * 500,
]


async def test_the_way_on_never_leaves_this_site(own) -> None:
    await hired(own.store, "li", CLERK)
    for target in ELSEWHERE:
        own.cookies.clear()
        offered = way_on((await own.get(NEW, params={"next": target})).text)
        for wanted in (target, offered):
            place = (await enter(own, "li", next=wanted)).headers["location"]
            assert place.startswith("/"), target
            assert not place.startswith(("//", "/\\")), target
            assert "elsewhere.test" not in place or place.count("/") == 1, target


async def test_the_way_on_through_the_second_factor_never_leaves_this_site(own, admin) -> None:
    await with_second_factor(own.store, admin)
    halfway = await half_way(own, admin)
    for target in ELSEWHERE:
        page = (await own.get(CONFIRMATION, params={"next": target}, headers=halfway)).text
        assert not hidden(page)["next"].startswith(("//", "/\\")), target
    form = {"code": code_at(NOW), "next": "//elsewhere.test"}
    response = await own.post(CONFIRMATION, headers=halfway, data=form)
    assert response.headers["location"] == "/"


async def test_forged_sign_ins_and_sign_outs_from_another_site_are_refused(own) -> None:
    li = await arrived(own.store, "li", CLERK)
    forged = {**li.headers, "sec-fetch-site": "cross-site"}
    assert (await enter(own, "li", headers=forged)).status_code == 403
    assert (await own.post("/staff/sessions/ending", headers=forged)).status_code == 403
    assert (await own.get("/staff", headers=li.headers)).status_code == 200


async def test_a_file_where_a_form_is_expected_is_refused(own, admin) -> None:
    before = len(await log_of(own.store))
    response = await own.post(
        "/staff/invitations",
        headers=admin.headers,
        data={"full_name": "x", "role": "clerk", "place": "district"},
        files={"photo": ("photo.png", b"\x89PNG<script>", "image/png")},
    )
    assert response.status_code == 400
    assert len(await log_of(own.store)) == before


async def test_a_form_with_thousands_of_fields_is_refused(own, admin) -> None:
    form = {f"x{number}": "1" for number in range(LONGEST_FORM + 1)}
    response = await own.post("/staff/invitations", headers=admin.headers, data=form)
    assert response.status_code == 400


# Too many tries


async def test_who_must_wait_is_told_until_when_and_machines_too(own, clock) -> None:
    await hired(own.store, "li", CLERK)
    for _ in range(accounts.FREE_FAILURES + 3):
        clock.now += MINUTE
        await enter(own, "li", "x")
    refused = await enter(own, "li")
    seconds = int(refused.headers["retry-after"])
    assert refused.status_code == 429
    assert 0 < seconds <= 61
    assert 'value="li"' in refused.text
    assert "请等到" in refused.text
    assert "Please wait until" in (await enter(own, "li", headers=ENGLISH)).text
    clock.now += dt.timedelta(seconds=seconds)
    assert (await enter(own, "li")).status_code == 303


async def test_the_moment_that_is_said_is_not_over_before_the_wait_is(own, clock) -> None:
    await hired(own.store, "li", CLERK)
    for _ in range(accounts.FREE_FAILURES + 1):
        await enter(own, "li", "x")
    refused = await enter(own, "li")
    said = re.search(r"请等到 (\d+):(\d+)", refused.text)
    assert said
    until = clock.now.replace(hour=int(said[1]), minute=int(said[2]), second=0)
    assert until >= clock.now + dt.timedelta(seconds=int(refused.headers["retry-after"]) - 1)


async def test_a_wait_does_not_tell_whether_the_account_exists(own) -> None:
    await hired(own.store, "real", CLERK)
    for address, name in (("192.0.2.1", "real"), ("192.0.2.2", "fake")):
        keys = [accounts.failure_key("name", name), accounts.failure_key("address", address)]
        for _ in range(accounts.FREE_FAILURES + 1):
            await own.store.write(partial(accounts.count_failure, keys=keys, now=NOW))
    real, fake = await enter(own, "real", "x"), await enter(own, "fake", "x")
    assert real.status_code == fake.status_code == 429
    assert real.text.replace("real", "fake") == fake.text


async def test_twenty_guesses_at_once_are_not_twenty_guesses(own) -> None:
    await hired(own.store, "li", CLERK)
    answers = await asyncio.gather(*(enter(own, "li", f"guess {n}") for n in range(20)))
    statuses = [each.status_code for each in answers]
    assert set(statuses) == {422, 429}
    assert statuses.count(422) <= accounts.FREE_FAILURES + HASHES


async def test_guessing_the_password_on_a_device_left_open_must_wait(own, clock) -> None:
    li = await arrived(own.store, "li", CLERK)
    form, path = {"current": "x", "new": "some quite other words"}, "/staff/account/password"
    for _ in range(accounts.FREE_FAILURES + 1):
        assert (await own.post(path, headers=li.headers, data=form)).status_code == 422
    form["current"] = PASSWORD
    refused = await own.post(path, headers=li.headers, data=form)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 16
    assert "请等到 10:27" in field(refused.text, "current")
    clock.now += MINUTE
    assert (await own.post(path, headers=li.headers, data=form)).status_code == 303
    async with own.store.read() as session:
        assert await session.scalar(select(func.count(SignInFailures.key_hash))) == 0


async def test_guesses_while_one_waits_are_not_counted_against_the_owner(own, clock) -> None:
    await hired(own.store, "li", CLERK)
    for _ in range(accounts.FREE_FAILURES + 20):
        await enter(own, "li", "x")
    clock.now += dt.timedelta(seconds=16)
    assert (await enter(own, "li")).status_code == 303


async def test_what_failed_is_kept_without_names_or_passwords(own) -> None:
    await enter(own, "zhang.san", "my secret password")
    async with own.store.read() as session:
        kept = " ".join(await session.scalars(select(SignInFailures.key_hash)))
    assert "zhang" not in kept


# The second factor


async def half_way(own: Browser, person: Person, now: dt.datetime = NOW) -> dict[str, str]:
    """After the password and before the second factor: what their browser sends along."""
    return {"cookie": f"staff={await begun(own.store, person.id, now)}"}


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
    for _ in range(accounts.FREE_FAILURES + 1):
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
    assert statuses.count(422) == accounts.FREE_FAILURES + 1
    assert statuses.count(429) == 20 - statuses.count(422)


async def test_a_right_code_ends_the_failures_before_it(own, admin, clock) -> None:
    await with_second_factor(own.store, admin)
    for _ in range(accounts.FREE_FAILURES + 2):
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
    await own.post("/staff/second-factor/removal", headers=li.headers)
    asked = await own.get("/staff", headers=li.headers)
    assert asked.headers["location"] == "/staff/second-factor"


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


# Invitations


async def test_an_invitation_is_a_link_and_a_code_shown_once(own, admin) -> None:
    form = {"full_name": " 韩秀芝 ", "role": "editor", "place": "district"}
    response = await own.post("/staff/invitations", headers=admin.headers, data=form)
    address = re.search(r"http://lianxin\.test(/invitations/[\w-]{40,})", response.text)
    assert address
    assert "给韩秀芝的链接" in response.text
    source = re.search(r'src="(/code\.svg\?to=[^"]+)"', response.text)
    assert source
    assert (await own.get(unescape(source.group(1)))).headers["content-type"] == "image/svg+xml"
    assert response.headers["cache-control"] == "no-store"
    assert address.group(1) not in (await own.get("/staff/log", headers=admin.headers)).text
    welcome = await own.get(address.group(1))
    assert "欢迎，韩秀芝" in welcome.text
    assert welcome.headers["cache-control"] == "no-store"
    assert "Welcome, " in (await own.get(address.group(1), headers=ENGLISH)).text


async def test_a_wrong_invitation_keeps_what_was_typed_and_says_what_is_wrong(own, admin) -> None:
    for form, name in (
        ({"full_name": " ", "role": "clerk", "place": "district"}, "full_name"),
        ({"full_name": "韩秀芝", "role": "emperor", "place": "district"}, "place"),
        ({"full_name": "韩秀芝", "role": "clerk", "place": "moon"}, "place"),
        ({"full_name": "韩秀芝", "role": "clerk", "place": "c:99999"}, "place"),
        ({"full_name": "韩秀芝", "role": "clerk", "place": "c:1 OR 1"}, "place"),
        ({"full_name": "韩秀芝", "role": "clerk"}, "place"),
    ):
        response = await own.post("/staff/invitations", headers=admin.headers, data=form)
        assert response.status_code == 422, form
        assert 'class="wrong"' in field(response.text, name), form
        if name == "place":
            assert 'value="韩秀芝"' in field(response.text, "full_name"), form
    async with own.store.read() as session:
        assert await session.scalar(select(func.count(Invitation.id))) == 0


def test_what_was_typed_in_several_lines_keeps_its_lines_and_nothing_odd() -> None:
    form = Form({"words": ["一\r\n二\x00\u3000三\t四\u202e\r\n\r\n五"]})
    assert form.given("words") == "一\n二 三 四\n\n五"
    assert form.text("words") == "一  二 三 四    五"
    assert form.all("words") == [form.given("words")]
    assert form.given("nothing") == ""


@pytest.mark.parametrize(
    ("typed", "kept"), [("韩\x00秀芝", "韩秀芝"), ("\u3000韩\u3000秀芝\r\n", "韩 秀芝")]
)
async def test_a_name_is_kept_without_what_no_page_may_hold(own, admin, typed, kept) -> None:
    form = {"full_name": typed, "role": "clerk", "place": "district"}
    response = await own.post("/staff/invitations", headers=admin.headers, data=form)
    assert f"给{kept}的链接" in response.text
    form["place"] = "\x00"
    response = await own.post("/staff/invitations", headers=admin.headers, data=form)
    assert f'value="{kept}"' in field(response.text, "full_name")


async def test_a_weak_password_is_said_beside_the_field_and_the_name_stays(own) -> None:
    link = await link_for(own)
    for password, said in (
        ("short", "至少"),
        ("x" * 201, "最多"),
        ("aaaaaaaaaaaa", "太好猜"),
        ("this is xiuzhi!", "太好猜"),
        ("我就是韩秀芝本人呀", "至少"),
        ("我就是韩秀芝本人没有错", "太好猜"),
    ):
        response = await own.post(link, data={"name": "xiuzhi", "password": password})
        assert response.status_code == 422, password
        assert said in field(response.text, "password"), password
        assert 'value="xiuzhi"' in field(response.text, "name")
        assert password not in response.text
    assert (await own.get(link)).status_code == 200


async def test_a_password_link_looks_for_the_persons_name_as_well(own) -> None:
    li = await hired(own.store, "zhang.san", CLERK)
    for password in ("zhang.san2026", "Zhang.San Wang!"):
        response = await own.post(await link_for(own, li), data={"password": password})
        assert response.status_code == 422


async def test_a_name_that_is_none_is_said_beside_the_field(own) -> None:
    link = await link_for(own)
    for name in ("", "x", "韩秀芝", "han xiuzhi", "../admin"):
        response = await own.post(link, data={"name": name, "password": PASSWORD})
        assert response.status_code == 422, name
        assert "2 到 40" in field(response.text, "name"), name


async def test_a_link_that_opens_nothing_says_so_in_either_language(own) -> None:
    for headers, words in (
        (CHINESE, "这个链接已经失效"),
        (ENGLISH, "This link does not work any more"),
    ):
        for method in ("GET", "POST"):
            response = await own.request(
                method,
                "/invitations/never-was",
                headers=headers,
                data={"name": "han", "password": PASSWORD} if method == "POST" else None,
            )
            assert response.status_code == 404
            assert words in response.text


async def test_a_link_used_by_two_at_once_lets_one_in(own) -> None:
    link = await link_for(own)
    forms = [{"name": f"han{n}", "password": PASSWORD} for n in range(2)]
    answers = await asyncio.gather(*(own.post(link, data=form) for form in forms))
    assert sorted(each.status_code for each in answers) == [303, 404]


async def test_an_older_password_link_does_not_outlive_a_newer_one_that_was_used(own) -> None:
    li = await hired(own.store, "li", CLERK)
    lost, used = await link_for(own, li), await link_for(own, li)
    assert (await own.post(used, data={"password": PASSWORD})).status_code == 303
    assert (await own.get(lost)).status_code == 404


async def test_a_password_that_was_changed_ends_the_links_to_a_new_one(own) -> None:
    li = await arrived(own.store, "li", CLERK)
    link = await link_for(own, li.id)
    form = {"current": PASSWORD, "new": "some quite other words"}
    await own.post("/staff/account/password", headers=li.headers, data=form)
    assert (await own.get(link)).status_code == 404


async def test_a_password_link_for_somebody_who_left_opens_nothing(own, admin) -> None:
    li = await hired(own.store, "li", CLERK)
    link = await link_for(own, li)
    await own.post(f"/staff/people/{li}/deactivation", headers=admin.headers)
    assert (await own.get(link)).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (("deactivation", {}), 404),
        (("roles", {"role": "clerk", "place": "district"}), 404),
        (("roles", {"role": ["administrator", "clerk"], "place": ["district"] * 2}), 200),
    ],
    ids=["let go", "other roles", "one role more"],
)
async def test_a_link_opens_nothing_when_who_made_it_lost_the_role(
    own, admin, change, status
) -> None:
    gone = await arrived(own.store, "gone", DISTRICT_ADMINISTRATOR)
    form = {"full_name": "Me Again", "role": "administrator", "place": "district"}
    page = (await own.post("/staff/invitations", headers=gone.headers, data=form)).text
    link = re.search(r"/invitations/[\w-]{40,}", page)
    assert link
    noun, form = change
    await own.post(f"/staff/people/{gone.id}/{noun}", headers=admin.headers, data=form)
    assert (await own.get(link.group())).status_code == status


# One's own account


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


async def test_a_device_is_named_in_words_that_its_owner_knows(own) -> None:
    await hired(own.store, "li", CLERK)
    for given, said in (
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome · Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari · iPhone"),
        ("<script>alert(1)</script>" * 20, "? · ?"),
        ("", "? · ?"),
    ):  # fmt: skip
        await enter(own, "li", headers={"user-agent": given})
        page = (await own.get("/staff/account")).text
        assert f'<b>{said}</b> <span class="pill jade">' in page, given


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
    assert "至少 10 个字" in field(response.text, "new")
    assert 'aria-invalid="true"' in field(response.text, "current")
    assert (await enter(own, "li")).status_code == 303


# People, roles and places


@pytest.fixture
async def town(own: Browser, admin: Person) -> dict[str, Person]:
    """An administrator of a subdistrict, and people at, below, above and beside it."""
    found = await places(own.store)
    here, there = found.subdistrict["dikoulu"], found.subdistrict["guanzhaying"]
    home, away = found.community["liujiazhuang"], found.community["jian"]
    grants = {
        "chief": [Grant(Role.ADMINISTRATOR, subdistrict_id=here)],
        "same": [Grant(Role.EDITOR, subdistrict_id=here)],
        "below": [Grant(Role.CLERK, community_id=home)],
        "beside": [Grant(Role.CLERK, community_id=away)],
        "beside-too": [Grant(Role.EDITOR, subdistrict_id=there)],
        "above": [Grant(Role.CLERK)],
        "both": [Grant(Role.CLERK, community_id=home), Grant(Role.CLERK, community_id=away)],
        "without": [],
    }
    people = {name: await arrived(own.store, name, *held) for name, held in grants.items()}
    return {"admin": admin, **people}


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


async def test_an_ended_account_is_shown_as_such_and_has_no_buttons(own, town) -> None:
    below, admin = town["below"], town["admin"]
    await own.post(f"/staff/people/{below.id}/deactivation", headers=admin.headers)
    page = (await own.get(f"/staff/people/{below.id}", headers=admin.headers)).text
    assert "已停用" in page
    assert f'action="/staff/people/{below.id}/' not in page
    for noun, form in ACTIONS.items():
        path = f"/staff/people/{below.id}/{noun}"
        response = await own.post(path, headers=admin.headers, data=form)
        assert response.status_code == 404, noun
    assert "已停用" in (await own.get("/staff/people", headers=admin.headers)).text


# The log


async def numbers(own: Browser, person: Person, query: str = "") -> list[int]:
    """The entries that a page of the log shows."""
    page = (await own.get(f"/staff/log{query}", headers=person.headers)).text
    return [int(each) for each in re.findall(r'class="number"[^>]*>(\d+)<', page)]


async def said(own: Browser, action: str, subject: str, **more: Any) -> None:
    """Put an entry into the log."""
    await own.store.write(
        partial(note, actor=COMMAND_LINE, action=action, subject=subject, now=NOW, **more)
    )


async def test_the_log_is_narrowed_by_who_what_and_about_what(own, admin) -> None:
    await said(own, "item-published", "handbook/dibao")
    await said(own, "item-published", "handbook/gaoling")
    await said(own, "hall-changed", "100%/x")
    assert await numbers(own, admin) == [5, 4, 3, 2, 1]
    assert await numbers(own, admin, "?person=ADMIN") == [2, 1]
    assert await numbers(own, admin, "?action=item-published") == [4, 3]
    assert await numbers(own, admin, "?subject=handbook/dibao") == [3]
    assert await numbers(own, admin, "?subject=handbook/") == [4, 3]
    assert await numbers(own, admin, "?subject=handbook/d") == []
    assert await numbers(own, admin, "?subject=handbook&action=hall-changed") == []
    assert await numbers(own, admin, "?subject=%25") == []
    assert await numbers(own, admin, "?subject=100%25") == [5]
    assert await numbers(own, admin, "?person=nobody") == []


async def test_the_log_of_one_person_is_not_that_of_ten(own, admin) -> None:
    await said(own, "tried", "staff/1")
    await said(own, "tried", "staff/10")
    assert await numbers(own, admin, "?subject=staff/1&action=tried") == [3]


async def test_an_odd_question_to_the_log_is_answered(own, admin) -> None:
    for query in (
        "?before=x",
        "?before=-1",
        "?before=²",
        "?before=" + "9" * 40,
        "?before=99999999999999",
        "?person=%00&action=%00&subject=%00",
        "?person=" + "x" * 5000,
        "?action='--",
    ):
        for path in ("/staff/log", "/staff/log.csv"):
            response = await own.get(path + query, headers=admin.headers)
            assert response.status_code == 200, query


async def test_older_pages_keep_the_filters_and_end(own, admin) -> None:
    for number in range(101):
        await said(own, "tried", f"a&b/{number}")
    seen, query = [], "?subject=a%26b/&action=tried"
    for _ in range(3):
        page = (await own.get(f"/staff/log{query}", headers=admin.headers)).text
        seen += [int(each) for each in re.findall(r'class="number"[^>]*>(\d+)<', page)]
        older = re.search(r'href="/staff/log(\?[^"]*before=\d+)"', page)
        if older is None:
            break
        query = unescape(older.group(1))
    assert seen == list(range(103, 2, -1))
    assert older is None


async def test_before_and_after_are_words_and_never_markup(own, admin) -> None:
    await said(own, "<b>tried</b>", "<i>x</i>", before="<script>1", after={"名": "“<img>”"})
    page = (await own.get("/staff/log", headers=admin.headers)).text
    assert "<script>1" not in page
    assert "&lt;script&gt;1" in page
    assert "名" in page
    assert "<b>tried" not in page


async def test_no_cell_of_the_file_is_a_formula(own, admin) -> None:
    begins = "=+-@\t\r"
    for begin in begins:
        await said(own, f"{begin}1+1", f"{begin}HYPERLINK(1)", after="=1", before=-1)
    text = (await own.get("/staff/log.csv", headers=admin.headers)).text
    assert text.startswith("\ufeff")
    rows = list(csv.reader(StringIO(text.removeprefix("\ufeff"), newline="")))
    assert rows[0] == ["id", "at", "who", "session", "action", "subject", "before", "after", "hash"]
    assert {len(row) for row in rows} == {9}
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r")]
    assert [row[4] for row in rows[-len(begins) :]] == [f"'{begin}1+1" for begin in begins]


async def test_the_file_holds_what_the_page_is_narrowed_to(own, admin) -> None:
    await said(own, "tried", "x/1", after={"名": "“引,号”\n"})
    response = await own.get("/staff/log.csv?action=tried", headers=admin.headers)
    rows = list(csv.DictReader(StringIO(response.text.removeprefix("\ufeff"))))
    assert [(row["action"], row["subject"], row["who"]) for row in rows] == [("tried", "x/1", "")]
    assert rows[0]["after"] == '{"名": "“引,号”\\n"}'
    assert rows[0]["at"] == "2026-11-23T10:26:00+08:00"
    assert "attachment" in response.headers["content-disposition"]


async def test_nobody_below_the_district_reads_the_log(own, town) -> None:
    for name in ("chief", "below", "above"):
        for path in ("/staff/log", "/staff/log.csv"):
            assert (await own.get(path, headers=town[name].headers)).status_code == 404


# What is around the pages


async def test_staff_pages_are_kept_nowhere(own, admin) -> None:
    kept = len(own.house.kept)
    paths = ("/staff", "/staff/people", f"/staff/people/{admin.id}", "/staff/log", "/staff/log.csv")
    for path in (*paths, "/staff/account", "/staff/second-factor", NEW, "/staff/nothing"):
        for headers in (admin.headers, CHINESE):
            response = await own.get(path, headers=headers)
            assert response.headers["cache-control"] == "no-store", path
            assert "etag" not in response.headers
    assert len(own.house.kept) == kept


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
