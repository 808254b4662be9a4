"""订阅: what is kept, what is refused, and whose it is."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from push import recipients, subscriptions
from push.endpoints import check_keys, service_of
from push.errors import EndpointRefusedError, KeysRefusedError, KeyUnknownError
from push.subscriptions import MOST
from push.tables import Subscription
from tests.world.clock import NOW
from tests.world.push_browsers import FCM, KNOWN, PushBrowser, base64url, device_of

LONGEST_HOST = f"{'a' * 63}.bb.{'b.' * 86}push.apple.com"
MOMENT = dt.timedelta(seconds=1)


async def kept(store) -> list[Subscription]:
    async with store.read() as session:
        return list(await session.scalars(select(Subscription).order_by(Subscription.id)))


@pytest.mark.parametrize(
    ("endpoint", "service"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc:APA91", "fcm.googleapis.com"),
        ("https://fcm.googleapis.com:443/fcm/send/abc", "fcm.googleapis.com"),
        (
            "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
            "updates.push.services.mozilla.com",
        ),
        ("https://web.push.apple.com/QGx-y_z", "web.push.apple.com"),
        (f"https://{LONGEST_HOST}/x", LONGEST_HOST),
        ("https://wns2-by3p.notify.windows.com/w/?token=BQYAAA%3d", "wns2-by3p.notify.windows.com"),
    ],
)
def test_the_push_services_of_browsers_are_known(endpoint, service) -> None:
    assert service_of(endpoint) == service


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        (f"https://{'a.' * 120}push.apple.com/x", "host"),
        (f"https://{'a' * 64}.push.apple.com/x", "host"),
        ("http://fcm.googleapis.com/x", "scheme"),
        ("ftp://fcm.googleapis.com/x", "scheme"),
        ("//fcm.googleapis.com/x", "scheme"),
        ("", "form"),
        ("https://fcm.googleapis.com:8443/x", "port"),
        ("https://fcm.googleapis.com:80/x", "port"),
        ("https://fcm.googleapis.com:/x", "port"),
        ("https://fcm.googleapis.com:99999/x", "form"),
        ("https://someone@fcm.googleapis.com/x", "user"),
        ("https://fcm.googleapis.com:x@127.0.0.1/x", "user"),
        ("https://fcm.googleapis.com@127.0.0.1/x", "user"),
        ("https://@fcm.googleapis.com/x", "user"),
        ("https://127.0.0.1/x", "host"),
        ("https://10.0.0.8/x", "host"),
        ("https://169.254.169.254/latest/meta-data", "host"),
        ("https://[::1]/x", "host"),
        ("https://[fe80::1%25eth0]/x", "host"),
        ("https://2130706433/x", "host"),
        ("https://0x7f.1/x", "host"),
        ("https://localhost/x", "host"),
        ("https://example.com/x", "host"),
        ("https://fcm.googleapis.com.example.com/x", "host"),
        ("https://evilfcm.googleapis.com/x", "host"),
        ("https://push.apple.com/x", "host"),
        ("https://evilpush.apple.com/x", "host"),
        ("https://.push.apple.com/x", "host"),
        ("https://xn--ppl-8ka.push.apple.com/x", "host"),
        ("https://xn--fcm-xyz.googleapis.com/x", "host"),
        ("https://fcm.googleapis.com./x", "host"),
        ("https://FCM.googleapis.com/x", "host"),
        ("https://fcm。googleapis。com/x", "form"),
        ("https://fсm.googleapis.com/x", "form"),
        ("https://127.0.0.1\\@fcm.googleapis.com/x", "form"),
        ("https://127.0.0.1#fcm.googleapis.com/x", "form"),
        ("https://127.0.0.1#.push.apple.com/x", "form"),
        ("https://127.0.0.1?.push.apple.com/x", "host"),
        ("https://a b.push.apple.com/x", "form"),
        ("https://fcm.googleapis.com/x\r\nHost: a", "form"),
        ("https://a%2f.push.apple.com/x", "host"),
        (f"{FCM}{'x' * 1000}", "length"),
    ],
)
def test_other_addresses_are_refused(endpoint, reason) -> None:
    with pytest.raises(EndpointRefusedError) as caught:
        service_of(endpoint)
    assert caught.value.reason == reason


def test_a_setting_adds_an_origin_exactly() -> None:
    allowed = {"http://127.0.0.1:9000"}
    assert service_of("http://127.0.0.1:9000/notify/1", allowed) == "127.0.0.1:9000"
    for other in (
        "http://127.0.0.1:9001/x",
        "https://127.0.0.1:9000/x",
        "http://a@127.0.0.1:9000/",
    ):
        with pytest.raises(EndpointRefusedError):
            service_of(other, allowed)


def off_the_curve() -> str:
    return base64url(b"\x04" + bytes(63) + b"\x01")


@pytest.mark.parametrize(
    ("p256dh", "reason"),
    [
        ("", "p256dh"),
        ("AAAA", "p256dh"),
        (off_the_curve(), "p256dh"),
        (base64url(b"\x04" + bytes(64)), "p256dh"),
        ("not base64 !", "p256dh"),
        ("A" * 5000, "p256dh"),
        ("é" * 87, "p256dh"),
    ],
)
def test_keys_that_cannot_encrypt_are_refused(p256dh, reason) -> None:
    with pytest.raises(KeysRefusedError) as caught:
        check_keys(p256dh, base64url(bytes(16)))
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "auth", ["", "AAAA", base64url(bytes(15)), base64url(bytes(17)), "=", "A==="]
)
def test_a_secret_of_another_length_is_refused(auth) -> None:
    with pytest.raises(KeysRefusedError) as caught:
        check_keys(base64url(PushBrowser().point), auth)
    assert caught.value.reason == "auth"


def test_a_compressed_point_is_refused() -> None:
    with pytest.raises(KeysRefusedError):
        check_keys(base64url(b"\x02" + PushBrowser().point[1:33]), base64url(bytes(16)))


def test_padding_may_be_there_or_not() -> None:
    browser = PushBrowser()
    point, secret = base64url(browser.point), base64url(browser.secret)
    # Refused, it raises KeysRefusedError.
    check_keys(point, secret)
    check_keys(point + "=", secret + "==")
    with pytest.raises(KeysRefusedError):
        check_keys(point[:-4], secret)


async def test_nothing_is_kept_of_what_is_refused(store) -> None:
    refused: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"endpoint": "https://10.0.0.8/x"}, EndpointRefusedError),
        ({"p256dh": off_the_curve()}, KeysRefusedError),
        ({"key": "BSomebody-elses"}, KeyUnknownError),
    ]
    for wrong, error in refused:
        with pytest.raises(error):
            await PushBrowser().subscribe(store, device_of(), **wrong)
    assert await kept(store) == []


async def test_the_same_browser_twice_is_one_row_renewed(store) -> None:
    browser = PushBrowser()
    await browser.subscribe(store, device_of())
    await browser.subscribe(store, device_of(), now=NOW + MOMENT)
    [one] = await kept(store)
    assert (one.created_at, one.renewed_at) == (NOW, NOW + MOMENT)


async def test_a_browser_that_somebody_else_has_now_is_theirs(store) -> None:
    browser = PushBrowser()
    await browser.subscribe(store, device_of("li"))
    await browser.subscribe(store, device_of("wang"))
    assert [each.recipient for each in await kept(store)] == [device_of("wang")]


async def test_a_hundred_from_one_device_are_five(store) -> None:
    async def unit(session) -> None:
        for n in range(100):
            given = PushBrowser(f"{FCM}{n}").given()
            now = NOW + n * MOMENT
            await subscriptions.keep(session, device_of(), given, KNOWN, now)

    await store.write(unit)
    names = [each.endpoint.removeprefix(FCM) for each in await kept(store)]
    assert names == ["95", "96", "97", "98", "99"]
    assert len(names) == MOST


async def test_a_browser_that_moves_keeps_its_row(store) -> None:
    old, new = PushBrowser(), PushBrowser(f"{FCM}new")
    before = await old.subscribe(store, device_of())
    move = partial(
        subscriptions.move, recipient=device_of(), old_endpoint=old.endpoint, given=new.given(),
        known=KNOWN, now=NOW + MOMENT,
    )  # fmt: skip
    after = await store.write(move)
    assert after.id == before.id
    assert [each.endpoint for each in await kept(store)] == [new.endpoint]
    again = await store.write(move)
    assert again.id == before.id


async def test_nobody_moves_what_is_another_s(store) -> None:
    old, new = PushBrowser(), PushBrowser(f"{FCM}new")
    await old.subscribe(store, device_of("li"))
    await store.write(
        partial(
            subscriptions.move,
            recipient=device_of("wang"),
            old_endpoint=old.endpoint,
            given=new.given(),
            known=KNOWN,
            now=NOW,
        )
    )
    found = {each.endpoint: each.recipient for each in await kept(store)}
    assert found == {old.endpoint: device_of("li"), new.endpoint: device_of("wang")}


async def test_only_the_owner_stops_a_subscription(store) -> None:
    browser = PushBrowser()
    await browser.subscribe(store, device_of("li"))
    stop = partial(subscriptions.stop, endpoint=browser.endpoint)
    assert not await store.write(partial(stop, recipient=device_of("wang")))
    assert await store.write(partial(stop, recipient=device_of("li")))
    assert await kept(store) == []


async def test_a_forgotten_device_leaves_nothing(store) -> None:
    await PushBrowser().subscribe(store, device_of("li"))
    await PushBrowser(f"{FCM}2").subscribe(store, recipients.staff(1))
    await store.write(partial(subscriptions.forget, recipient=device_of("li")))
    async with store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Subscription)) == 1


async def test_what_was_made_with_a_forgotten_key_goes(store) -> None:
    await PushBrowser().subscribe(store, device_of("li"))
    removed = await store.write(partial(subscriptions.remove_other_keys, keys={"BNew"}))
    assert removed == 1
    assert await kept(store) == []
