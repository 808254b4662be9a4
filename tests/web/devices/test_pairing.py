"""Devices of a hall over the wire: check-ins, what a key opens, and what staff do about them."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial

import pytest
from sqlalchemy import select
from starlette.requests import Request

from domain.devices import pairing
from domain.devices.pairing import LASTS, MOST_FROM_ONE_ADDRESS
from domain.devices.tables import Device, DeviceKind
from tests.world.clock import NOW
from tests.world.devices import set_up_devices
from tests.world.people import hire_cast, log_of, sign_in
from web.site.hall_device import device_of

AT_HOME = "/staff/c/liujiazhuang/devices"
CODE = re.compile(r'device-code">(\w{3})-(\w{3})<')


@pytest.fixture
async def office(own):
    """A browser in front of an office with its cast and some devices, on each database."""
    own.cast = await hire_cast(own.store, NOW)
    own.devices = await set_up_devices(own.store, NOW)
    return own


async def check_in(browser, kind: str = "screen", version: str = "v1"):
    """What the script of a device's page does."""
    return await browser.post(f"/f/devices/{kind}", data={"version": version})


def code_in(response) -> str:
    """The code that the device shows."""
    found = CODE.search(response.text)
    assert found, response.text
    return "".join(found.groups())


async def device(browser, number: int) -> Device:
    """A device as the store has it."""
    async with browser.store.read() as session:
        found: Device = await session.get_one(Device, number)
    return found


@pytest.mark.parametrize("kind", list(DeviceKind))
async def test_the_page_of_a_device_is_the_same_for_all_of_its_kind(office, kind) -> None:
    office.cookies.set("device-screen", office.devices.key)
    paired = await office.get(f"/{kind}")
    office.cookies.clear()
    stranger = await office.get(f"/{kind}")
    assert paired.headers["etag"] == stranger.headers["etag"]
    assert paired.headers["cache-control"] == "private, no-cache"
    assert f'data-check-in="/f/devices/{kind}"' in paired.text
    assert "刘家庄" not in paired.text


async def test_a_device_nobody_knows_shows_a_code_and_keeps_it(own) -> None:
    first = await check_in(own)
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-store"
    assert f"/code.svg?to=/staff/pairings/{code_in(first)}" in first.text
    cookie = first.headers["set-cookie"]
    assert cookie.startswith("device-screen=")
    for part in ("HttpOnly", "SameSite=lax", "Path=/", f"Max-Age={400 * 24 * 3600}"):
        assert part in cookie
    again = await check_in(own)
    assert code_in(again) == code_in(first)
    assert "set-cookie" not in again.headers


async def test_behind_tls_the_key_is_out_of_reach_of_other_sites(own) -> None:
    response = await own.post("https://lianxin.test/f/devices/kiosk")
    assert response.headers["set-cookie"].startswith("__Host-device-kiosk=")
    assert "Secure" in response.headers["set-cookie"]
    assert code_in(response) == code_in(await own.post("https://lianxin.test/f/devices/kiosk"))


async def test_a_code_that_has_run_out_is_replaced_by_itself(own, clock) -> None:
    first = await check_in(own)
    clock.now = NOW + LASTS
    second = await check_in(own)
    assert code_in(second) != code_in(first)
    assert "set-cookie" in second.headers


async def test_too_many_codes_from_one_place_are_refused_politely(own, clock) -> None:
    for _ in range(MOST_FROM_ONE_ADDRESS):
        own.cookies.clear()
        await check_in(own)
    own.cookies.clear()
    refused = await check_in(own)
    assert refused.status_code == 429
    assert "稍后会自动再试" in refused.text
    assert 'data-every="30"' in refused.text
    clock.now = NOW + LASTS
    assert (await check_in(own)).status_code == 200


async def test_other_sites_cannot_check_in_for_a_device(office) -> None:
    office.cookies.set("device-screen", office.devices.key)
    response = await office.post("/f/devices/screen", headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403


async def test_a_paired_device_shows_its_hall_and_the_time_of_the_server(office) -> None:
    office.cookies.set("device-screen", office.devices.key)
    response = await check_in(office)
    assert "刘家庄社区<wbr>服务大厅" in response.text
    assert "开放中" in response.text
    assert "到 17:00" in response.text
    assert f'data-now="{int(NOW.timestamp() * 1000)}" data-offset="480"' in response.text
    assert f'data-version="{office.services.assets.version}"' in response.text
    assert "data-idle" not in response.text


async def test_a_device_in_a_closed_hall_may_take_a_new_version_at_once(office, clock) -> None:
    clock.now = NOW.replace(hour=20)
    office.cookies.set("device-screen", office.devices.key)
    response = await check_in(office)
    assert "休息中" in response.text
    assert " data-idle>" in response.text


async def test_when_a_device_was_seen_is_written_once_a_minute(office, clock) -> None:
    office.cookies.set("device-screen", office.devices.key)
    assert "set-cookie" in (await check_in(office)).headers
    clock.now = NOW + dt.timedelta(seconds=59)
    assert "set-cookie" not in (await check_in(office)).headers
    assert (await device(office, office.devices.here)).seen_at == NOW
    clock.now = NOW + dt.timedelta(seconds=60)
    renewed = (await check_in(office)).headers["set-cookie"]
    assert renewed.startswith(f"device-screen={office.devices.key};")
    assert (await device(office, office.devices.here)).seen_at == clock.now


async def test_a_new_version_is_known_at_once_and_is_never_longer_than_it_may_be(office) -> None:
    office.cookies.set("device-screen", office.devices.key)
    for version in ("v1", "v2", "x" * 300):
        await check_in(office, version=version)
        assert (await device(office, office.devices.here)).version == version[:20]


async def test_the_key_of_a_screen_opens_nothing_else(office) -> None:
    """Neither another kind's check-in, nor any page of staff."""
    for kind in ("kiosk", "rating"):
        office.cookies.clear()
        office.cookies.set(f"device-{kind}", office.devices.key)
        response = await check_in(office, kind)
        assert code_in(response)
        assert "刘家庄" not in response.text
    office.cookies.clear()
    office.cookies.set("staff", office.devices.key)
    assert (await office.get("/staff")).status_code == 303


async def test_a_view_can_ask_which_device_it_is_that_asks(office) -> None:
    def request(name: str, key: str) -> Request:
        headers = [(b"cookie", f"{name}={key}".encode())]
        return Request({"type": "http", "scheme": "http", "server": ("lianxin.test", 80),
                        "path": "/", "headers": headers, "app": office.app})  # fmt: skip

    screen = request("device-screen", office.devices.key)
    found = await device_of(screen, DeviceKind.SCREEN)
    assert found is not None
    assert (found.id, found.hall.name) == (office.devices.here, "刘家庄社区服务大厅")
    assert await device_of(screen, DeviceKind.KIOSK) is None
    as_kiosk = request("device-kiosk", office.devices.key)
    assert await device_of(as_kiosk, DeviceKind.KIOSK) is None
    assert await device_of(request("device-screen", "guessed"), DeviceKind.SCREEN) is None


async def test_staff_pair_a_rating_tablet_by_typing_its_code(office) -> None:
    shown = code_in(await check_in(office, "rating"))
    await sign_in(office, office.cast.editor, NOW)
    typed = f" {shown[:3].lower()} {shown[3:]}"
    response = await office.post(
        "/staff/pairings", data={"code": typed, "community": "liujiazhuang"}
    )
    address = response.headers["location"]
    assert address == f"/staff/pairings/{shown}?community=liujiazhuang"
    page = (await office.get(address)).text
    assert 'value="评价器 1"' in page
    assert "救助养老助残窗口" in page
    form = {"community": "liujiazhuang", "name": "一号窗口的评价器", "counter": "1"}
    response = await office.post(f"/staff/pairings/{shown}", data=form)
    assert (response.status_code, response.headers["location"]) == (303, AT_HOME)
    assert "一号窗口的评价器" in (await office.get(AT_HOME)).text
    shows = (await check_in(office, "rating")).text
    assert "1 号窗口" in shows
    assert "救助养老助残窗口" in shows


@pytest.mark.parametrize(
    ("name", "counter", "said"),
    [("", "", "请起个名字"), ("大屏", "", "同名"), ("评价器", "9", "请从列表里选窗口")],
)
async def test_what_will_not_do_is_said_beside_its_field_and_nothing_is_lost(
    office, name, counter, said
) -> None:
    await sign_in(office, office.cast.editor, NOW)
    form = {"community": "liujiazhuang", "name": name, "counter": counter}
    response = await office.post(f"/staff/pairings/{office.devices.code}", data=form)
    assert response.status_code == 422
    assert said in response.text
    assert f'name="name" value="{name}"' in response.text
    assert (await office.get(f"/staff/pairings/{office.devices.code}")).status_code == 200


async def test_a_screen_stands_at_no_counter(office) -> None:
    shown = code_in(await check_in(office))
    await sign_in(office, office.cast.editor, NOW)
    form = {"community": "liujiazhuang", "name": "墙上", "counter": "1"}
    response = await office.post(f"/staff/pairings/{shown}", data=form)
    assert response.status_code == 422


@pytest.mark.parametrize("code", ["ZZZZZZ", "-", "%E9%97%A8", "x" * 300])
async def test_a_code_that_no_device_shows_leads_to_a_page_that_helps(office, code) -> None:
    await sign_in(office, office.cast.editor, NOW)
    for response in (
        await office.get(f"/staff/pairings/{code}"),
        await office.post(
            f"/staff/pairings/{code}", data={"community": "liujiazhuang", "name": "墙上"}
        ),
    ):
        assert response.status_code == 404
        assert "没有设备显示这个码" in response.text
        assert 'action="/staff/pairings"' in response.text


async def test_whoever_works_in_several_halls_chooses_one(office) -> None:
    await sign_in(office, office.cast.admin, NOW)
    address = f"/staff/pairings/{office.devices.code}"
    assert "放在哪个大厅？" in (await office.get(address)).text
    chosen = await office.get(f"{address}?community=yikang")
    assert "老人和健康窗口" in chosen.text
    assert (await office.get(f"{address}?community=mars")).status_code == 404


async def test_an_editor_of_another_hall_may_take_the_device_only_to_their_own(office) -> None:
    await sign_in(office, office.cast.neighbour, NOW)
    address = f"/staff/pairings/{office.devices.code}"
    assert "益康社区" in (await office.get(address)).text
    form = {"community": "liujiazhuang", "name": "墙上"}
    assert (await office.post(address, data=form)).status_code == 404
    response = await office.post(address, data={**form, "community": "yikang"})
    assert response.headers["location"] == "/staff/c/yikang/devices"


async def test_a_device_of_another_hall_is_not_found(office) -> None:
    await sign_in(office, office.cast.editor, NOW)
    for noun in ("name", "revocation"):
        address = f"{AT_HOME}/{office.devices.elsewhere}/{noun}"
        assert (await office.post(address, data={"name": "墙上"})).status_code == 404
    assert (await device(office, office.devices.elsewhere)).name == "大屏"


async def test_a_device_is_renamed_unless_the_name_is_taken(office) -> None:
    await sign_in(office, office.cast.editor, NOW)
    form = {"community": "liujiazhuang", "name": "窗口"}
    await office.post(f"/staff/pairings/{office.devices.code}", data=form)
    address = f"{AT_HOME}/{office.devices.here}/name"
    for name, said in (("", "请起个名字"), ("窗口", "同名")):
        response = await office.post(address, data={"name": name})
        assert response.status_code == 422
        assert said in response.text
    response = await office.post(address, data={"name": " 门口 "})
    assert response.headers["location"] == AT_HOME
    assert (await device(office, office.devices.here)).name == "门口"


async def test_a_revoked_device_shows_a_new_code_by_itself(office) -> None:
    office.cookies.set("device-screen", office.devices.key)
    await sign_in(office, office.cast.editor, NOW)
    response = await office.post(f"{AT_HOME}/{office.devices.here}/revocation")
    assert response.headers["location"] == AT_HOME
    shown = await check_in(office)
    assert code_in(shown)
    assert "set-cookie" in shown.headers
    assert "还没有设备" in (await office.get(AT_HOME)).text
    assert (await log_of(office.store))[-1].action == "device-revoked"


async def test_staff_see_how_long_ago_a_device_was_seen_and_its_version(office, clock) -> None:
    await sign_in(office, office.cast.editor, NOW)
    assert "在线" in (await office.get(AT_HOME)).text
    for version, is_older in (("v1", True), (office.services.assets.version, False)):
        touch = partial(
            pairing.touch, device_id=office.devices.here, version=version, now=clock.now
        )
        await office.store.write(touch)
        assert ("版本较旧" in (await office.get(AT_HOME)).text) is is_older
    for later, said in (
        (dt.timedelta(minutes=1), "刚刚"),
        (dt.timedelta(minutes=59), "59 分钟前"),
        (dt.timedelta(minutes=90), "1 小时前"),
    ):
        clock.now = NOW + later
        page = (await office.get(AT_HOME)).text
        assert said in page
        assert "2026年11月23日 10:26" in page
    assert "联系不上" in page


async def test_the_way_to_the_devices_is_shown_to_those_who_may_go_it(office) -> None:
    for name, is_shown in (("admin", True), ("editor", True), ("clerk", False)):
        await sign_in(office, getattr(office.cast, name), NOW)
        assert ('href="/staff/devices"' in (await office.get("/staff")).text) is is_shown
    await sign_in(office, office.cast.editor, NOW)
    assert (await office.get("/staff/devices")).headers["location"] == AT_HOME
    await sign_in(office, office.cast.admin, NOW)
    page = (await office.get("/staff/devices")).text
    assert re.search(r"刘家庄社区</b></span><span class=\"days\">1 台", page)
    assert "还没有" in page


async def test_the_log_says_in_words_what_was_done_to_a_device(office) -> None:
    await sign_in(office, office.cast.admin, NOW)
    assert "配对设备" in (await office.get("/staff/log")).text


async def test_no_key_is_kept_as_it_is(office) -> None:
    async with office.store.read() as session:
        kept = await session.scalars(select(Device.key_hash))
        assert office.devices.key not in list(kept)
