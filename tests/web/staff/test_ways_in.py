"""Signing in and out, as people use and abuse it."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from domain.staff import guesses
from domain.staff.tables import SignInFailures
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
    way_on,
)
from tests.world.people import (
    DISTRICT_ADMINISTRATOR,
    PASSWORD,
    arrived,
    code_at,
    hired,
    log_of,
    with_second_factor,
)
from web.running.services import HASHES, SIGN_INS_OF_ADDRESS
from web.site.forms import LONGEST_FORM
from web.site.refused import AGAIN

if TYPE_CHECKING:
    import httpx


async def test_the_way_in_says_whom_it_is_for_in_either_language(own) -> None:
    assert "居民" in (await own.get(NEW)).text
    assert "Residents do not need an account" in (await own.get(NEW, headers=ENGLISH)).text


async def test_who_is_not_signed_in_comes_back_to_where_they_wanted_to_go(own) -> None:
    await hired(own.store, "admin", DISTRICT_ADMINISTRATOR)
    asked = await own.get("/staff/log?action=left&person=li")
    page = (await own.get(asked.headers["location"])).text
    response = await enter(own, "admin", next=way_on(page))
    assert response.headers["location"] == "/staff/log?action=left&person=li"
    assert (await own.get(response.headers["location"])).status_code == 200


def said(answer: httpx.Response) -> str:
    """The page of a refused form, without the key of its address."""
    return re.sub(rf"{AGAIN}=[\w-]+", "", answer.text)


async def test_a_wrong_password_looks_like_a_wrong_name_and_the_typed_name_stays(own) -> None:
    await hired(own.store, "real", CLERK)
    wrong_password = await enter(own, "real", "x")
    wrong_name = await enter(own, "fake", "x")
    assert wrong_password.status_code == wrong_name.status_code == 422
    assert said(wrong_password).replace("real", "fake") == said(wrong_name)
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


async def test_who_must_wait_is_told_until_when_and_machines_too(own, clock) -> None:
    await hired(own.store, "li", CLERK)
    for _ in range(guesses.FREE_FAILURES + 3):
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
    for _ in range(guesses.FREE_FAILURES + 1):
        await enter(own, "li", "x")
    refused = await enter(own, "li")
    said = re.search(r"请等到 (\d+):(\d+)", refused.text)
    assert said
    until = clock.now.replace(hour=int(said[1]), minute=int(said[2]), second=0)
    assert until >= clock.now + dt.timedelta(seconds=int(refused.headers["retry-after"]) - 1)


async def test_a_wait_does_not_tell_whether_the_account_exists(own) -> None:
    await hired(own.store, "real", CLERK)
    for name in ("real", "fake"):
        tallies = guesses.tallies_of(name, "127.0.0.1")
        for _ in range(guesses.FREE_FAILURES + 1):
            await own.store.write(partial(guesses.count_failure, tallies=tallies, now=NOW))
    real, fake = await enter(own, "real", "x"), await enter(own, "fake", "x")
    assert real.status_code == fake.status_code == 429
    assert said(real).replace("real", "fake") == said(fake)


async def test_twenty_guesses_at_once_are_not_twenty_guesses(own) -> None:
    await hired(own.store, "li", CLERK)
    answers = await asyncio.gather(*(enter(own, "li", f"guess {n}") for n in range(20)))
    statuses = [each.status_code for each in answers]
    assert set(statuses) == {422, 429}
    assert statuses.count(422) <= guesses.FREE_FAILURES + HASHES


async def test_a_crowd_at_one_address_keeps_nobody_else_waiting(own) -> None:
    await hired(own.store, "li", CLERK)
    crowd = [asyncio.create_task(enter(own, f"nobody{n}", "x")) for n in range(40)]
    statuses = [(await each).status_code for each in crowd]
    assert statuses.count(429) == 40 - SIGN_INS_OF_ADDRESS
    assert (await enter(own, "li")).status_code == 303


async def test_guessing_the_password_on_a_device_left_open_must_wait(own, clock) -> None:
    li = await arrived(own.store, "li", CLERK)
    form, path = {"current": "x", "new": "some quite other words"}, "/staff/account/password"
    for _ in range(guesses.FREE_FAILURES + 1):
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
    for _ in range(guesses.FREE_FAILURES + 20):
        await enter(own, "li", "x")
    clock.now += dt.timedelta(seconds=16)
    assert (await enter(own, "li")).status_code == 303


async def test_what_failed_is_kept_without_names_or_passwords(own) -> None:
    await enter(own, "zhang.san", "my secret password")
    async with own.store.read() as session:
        kept = " ".join(await session.scalars(select(SignInFailures.key_hash)))
    assert "zhang" not in kept


ANSWER = "/staff/c/liujiazhuang/exceptions"
PAGE = "/staff/c/liujiazhuang"


@pytest.mark.parametrize(
    ("referer", "then"),
    [
        (f"http://lianxin.test{PAGE}", PAGE),
        (f"http://lianxin.test{PAGE}?at=2", f"{PAGE}?at=2"),
        # The address of a refused form can be read too, and leads on to the form's page.
        (f"http://lianxin.test{ANSWER}", ANSWER),
        (f"http://elsewhere.test{PAGE}", None),
        (f"http://lianxin.test@elsewhere.test{PAGE}", None),
        (f"http://lianxin.test:8080{PAGE}", None),
        (f"javascript://lianxin.test{PAGE}", None),
        ("http://lianxin.test//elsewhere.test/staff", None),
        ("http://lianxin.test/staff\\..\\elsewhere", None),
        ("http://lianxin.test/c/liujiazhuang", None),
        ("http://lianxin.test/staffroom", None),
        ("http://lianxin.test/staff/nothing", None),
        ("http://[", None),
        ("", None),
        (None, None),
    ],
)
async def test_a_form_of_an_ended_session_leads_back_to_its_page(own, referer, then) -> None:
    headers = {} if referer is None else {"referer": referer}
    response = await own.post(ANSWER, data={"day": "2026-12-24"}, headers=headers)
    wanted = NEW if then is None else f"{NEW}?next={quote(then, safe='')}"
    assert (response.status_code, response.headers["location"]) == (303, wanted)


async def test_a_form_leads_back_also_below_the_public_address(own, monkeypatch) -> None:
    public = {"public_url": "https://lianxin.example.cn"}
    monkeypatch.setattr(own.services, "settings", own.services.settings.model_copy(update=public))
    headers = {"referer": f"https://lianxin.example.cn{PAGE}"}
    response = await own.post(ANSWER, headers=headers)
    assert response.headers["location"] == f"{NEW}?next={quote(PAGE, safe='')}"


async def test_a_code_after_the_session_ended_leads_on_to_where_it_led(own) -> None:
    response = await own.post(CONFIRMATION, data={"code": "123456", "next": PAGE})
    assert response.headers["location"] == f"{NEW}?next={quote(PAGE, safe='')}"


async def test_a_page_can_ask_who_is_signed_in(own) -> None:
    person = await arrived(own.store, "asking", CLERK)
    current = "/staff/sessions/current"
    answer = await own.get(current, headers=person.headers)
    assert (answer.json(), answer.headers["cache-control"]) == ({"member": person.id}, "no-store")
    assert (await own.get(current)).headers["location"].startswith(NEW)
