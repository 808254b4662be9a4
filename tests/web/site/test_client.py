"""Who counts as one: the network behind a request, and the hall that shares one."""

from __future__ import annotations

import ast
import datetime as dt
from pathlib import Path

import pytest

from tests.world.clock import NOW
from tests.world.devices import set_up_devices
from tests.world.forms import POST, form
from web.site import client
from web.site.client import HallNetworks, network_of

WEB = Path("web")
MANY = 7
"""More numbers than the tests' limit for one address."""


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:0db8:0001:0002::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unknown", ""),
        ("x" * 100_000, ""),
    ],
)
def test_an_address_counts_as_its_network(host, network) -> None:
    assert network_of(host) == network


def test_addresses_are_read_in_one_place() -> None:
    reading = [
        path
        for path in WEB.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "client"
    ]
    assert set(reading) == {WEB / "site/client.py"}


def test_a_network_is_a_halls_for_an_hour_after_its_devices_came(monkeypatch) -> None:
    monkeypatch.setattr(client, "MOST_NETWORKS", 2)
    networks, hour = HallNetworks(), dt.timedelta(hours=1)
    for network in ("a", "b", "a", "c"):
        networks.saw(network, NOW)
    assert [networks.has(each, NOW) for each in "abc"] == [True, False, True]
    assert not networks.has("a", NOW + hour)


async def take_from(browser, host: str) -> int:
    """Take a number on a new phone behind this address; the status."""
    browser.cookies.clear()
    browser._transport.client = (host, 123)
    response = await browser.post(POST, data=await form(browser))
    return int(response.status_code)


async def test_one_customer_of_ipv6_counts_as_one(open_app) -> None:
    async with open_app(numbers_an_address=2) as browser:
        got = [await take_from(browser, f"2001:db8::{each}") for each in range(1, 4)]
        assert got == [303, 303, 429]
        assert await take_from(browser, "2001:db8:0:1::1") == 303


async def test_a_hall_and_its_visitors_are_many_behind_one_address(open_app, clock) -> None:
    async with open_app(numbers_an_address=2) as browser:
        devices = await set_up_devices(browser.store, clock.now)
        browser._transport.client = ("203.0.113.9", 1)
        browser.cookies.set("device-screen", devices.key)
        assert (await browser.post("/f/devices/screen")).status_code == 200
        assert [await take_from(browser, "203.0.113.9") for _ in range(MANY)] == [303] * MANY
        other = [await take_from(browser, "203.0.113.10") for _ in range(3)]
        assert other == [303, 303, 429]


async def test_another_hall_behind_the_same_carrier_is_counted_by_itself(open_app) -> None:
    async with open_app(numbers_an_address=1) as browser:
        assert [await take_from(browser, "203.0.113.9") for _ in range(2)] == [303, 429]
        browser.cookies.clear()
        there = POST.replace("liujiazhuang", "yikang")
        response = await browser.post(there, data=await form(browser))
        assert response.status_code == 303


async def test_a_form_that_is_sent_again_counts_once(open_app) -> None:
    async with open_app(numbers_an_address=2) as browser:
        first = await form(browser)
        answers = [await browser.post(POST, data=first) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [303] * 4
        assert len({answer.headers["location"] for answer in answers}) == 1
        assert await take_from(browser, "127.0.0.1") == 303
        assert await take_from(browser, "127.0.0.1") == 429
