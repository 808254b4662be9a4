"""Web Push: sealed as the RFC says, opened by device_of else's code, signed as services ask."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
import os
import time
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from multidict import CIMultiDict

from push.channels import Address, Result
from push.client import Answer
from push.errors import KeysRefusedError, KeyUnknownError
from push.keys import KeyRing
from push.messages import LARGEST, message
from push.sending import (
    LONGEST_WAIT,
    SIGNED_AGAIN,
    MessageTooLargeError,
    Sealer,
    WebPushChannel,
    outcome_of,
    outcome_of_push,
    wait_of,
)
from push.tables import Kind, Language
from tests.world.clock import NOW
from tests.world.outbox import CONTACT, FACTS, NEAR
from tests.world.push_browsers import PushBrowser, address, base64url, decrypted, device_of

if TYPE_CHECKING:
    from pathlib import Path


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path)


@pytest.fixture
def sealer(ring: KeyRing) -> Sealer:
    return Sealer(ring, CONTACT)


def claims(header: str) -> dict[str, Any]:
    """What we say about ourselves, checked with the key that the header names."""
    token, public = header.removeprefix("vapid t=").split(", k=")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(public))
    audience = jwt.decode(token, options={"verify_signature": False})["aud"]
    said: dict[str, Any] = jwt.decode(token, key, algorithms=["ES256"], audience=audience)
    return said


def test_the_vector_of_rfc_8291(ring, sealer, monkeypatch) -> None:
    # Appendix A: plaintext, keys, salt and the whole body.
    sender = ec.derive_private_key(
        int.from_bytes(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1()
    )
    salt = decoded("DGv6ra1nlYgDCS1FRnbzlw")
    to = Address(
        "https://fcm.googleapis.com/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
        ring.current.public,
    )
    monkeypatch.setattr(os, "urandom", lambda _count: salt)
    monkeypatch.setattr(ec, "generate_private_key", lambda *_: sender)
    sealed = sealer.seal(b"When I grow up, I want to be a watermelon", to, NEAR)
    assert base64url(sealed.body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", Language)
def test_another_implementation_opens_every_message(ring, sealer, kind, language) -> None:
    browser = PushBrowser()
    told = message(kind, FACTS, language, device_of(), "ticket/1", dt.timedelta(1), NOW)
    sealed = sealer.seal(told.declarative(CONTACT, 3), address(browser, ring), told)
    read = json.loads(decrypted(browser, sealed.body))
    assert read["notification"]["title"] == told.title
    assert read["app_badge"] == 3


def test_the_largest_message_opens_and_a_larger_is_refused(ring, sealer) -> None:
    browser = PushBrowser()
    to = address(browser, ring)
    assert len(decrypted(browser, sealer.seal(b"x" * LARGEST, to, NEAR).body)) == LARGEST
    with pytest.raises(MessageTooLargeError, match="3994"):
        sealer.seal(b"x" * (LARGEST + 1), to, NEAR)


def test_the_headers_say_how_urgent_it_is_and_what_it_covers(ring, sealer) -> None:
    sealed = sealer.seal(b"{}", address(PushBrowser(), ring), NEAR)
    assert {name: value for name, value in sealed.headers.items() if name != "Authorization"} == {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": "600",
        "Urgency": "high",
        "Topic": NEAR.tag,
    }


def test_no_message_inherits_anything_from_the_one_before(ring, sealer) -> None:
    to = address(PushBrowser(), ring)
    now_or_never = dataclasses.replace(NEAR, ttl=0)
    found = [sealer.seal(b"{}", to, each).headers["TTL"] for each in (NEAR, now_or_never, NEAR)]
    assert found == ["600", "0", "600"]


@pytest.mark.parametrize(
    ("endpoint", "audience"),
    [
        ("https://fcm.googleapis.com/a", "https://fcm.googleapis.com"),
        ("https://fcm.googleapis.com:443/a", "https://fcm.googleapis.com"),
        ("http://127.0.0.1:9000/a", "http://127.0.0.1:9000"),
    ],
)
def test_the_audience_is_the_origin_with_its_port(ring, sealer, endpoint, audience) -> None:
    sealed = sealer.seal(b"{}", address(PushBrowser(endpoint), ring), NEAR)
    said = claims(sealed.headers["Authorization"])
    assert (said["aud"], said["sub"]) == (audience, CONTACT)
    assert 0 < said["exp"] - time.time() < 24 * 3600


def test_a_service_is_signed_for_once_and_again_in_time(ring, sealer, monkeypatch) -> None:
    def signature(endpoint: str) -> str:
        sealed = sealer.seal(b"{}", address(PushBrowser(endpoint), ring), NEAR)
        return str(sealed.headers["Authorization"])

    first = signature("https://web.push.apple.com/a")
    assert signature("https://web.push.apple.com/b") == first
    assert signature("https://fcm.googleapis.com/b") != first
    later = time.time() + SIGNED_AGAIN
    monkeypatch.setattr(time, "time", lambda: later)
    assert signature("https://web.push.apple.com/a") != first


def test_an_old_subscription_is_signed_for_with_its_own_key(ring, sealer) -> None:
    old = address(PushBrowser(), ring)
    ring.rotate()
    new = address(PushBrowser(), ring)
    for each in (old, new):
        header = sealer.seal(b"{}", each, NEAR).headers["Authorization"]
        assert header.endswith(f"k={each.key}")
        assert claims(header)


def test_keys_are_checked_again_when_sending(ring, sealer) -> None:
    good = address(PushBrowser(), ring)
    off_curve = dataclasses.replace(good, p256dh=base64url(b"\x04" + bytes(63) + b"\x01"))
    short = dataclasses.replace(good, auth=base64url(bytes(15)))
    for wrong in (off_curve, short):
        with pytest.raises(KeysRefusedError):
            sealer.seal(b"{}", wrong, NEAR)
    with pytest.raises(KeyUnknownError):
        sealer.seal(b"{}", dataclasses.replace(good, key="B"), NEAR)


@pytest.mark.parametrize("endpoint", ["https://10.0.0.8/x", "http://fcm.googleapis.com/", "x"])
async def test_an_address_that_is_none_is_asked_nothing(ring, sealer, endpoint) -> None:
    channel = WebPushChannel(sealer, clock=lambda: NOW)
    outcome = await channel.send(
        NEAR, dataclasses.replace(address(PushBrowser(), ring), to=endpoint)
    )
    await channel.close()
    assert (outcome.result, outcome.reason) == (Result.GONE, "EndpointRefusedError")


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, Result.SENT), (201, Result.SENT), (202, Result.SENT), (301, Result.REFUSED),
        (307, Result.REFUSED), (400, Result.REFUSED), (401, Result.DENIED), (403, Result.DENIED),
        (404, Result.GONE), (408, Result.AGAIN), (410, Result.GONE), (413, Result.REFUSED),
        (429, Result.AGAIN), (500, Result.AGAIN), (503, Result.AGAIN),
    ],
)  # fmt: skip
def test_what_an_answer_means(status, result) -> None:
    assert outcome_of(status, None, NOW).result is result


@pytest.mark.parametrize(
    ("status", "headers", "result", "reason"),
    [
        (200, {"X-WNS-Status": "received"}, Result.SENT, ""),
        (200, {"X-WNS-Status": "dropped"}, Result.REFUSED, "200 dropped"),
        (200, {"X-WNS-NotificationStatus": "channelThrottled"}, Result.AGAIN, "429 channelThrottled"),
        (406, {}, Result.AGAIN, "429"),
        (400, {"X-WNS-Error-Description": "The TTL conflicts"}, Result.REFUSED, "400 The TTL conflicts"),
        (400, {"X-WNS-Error-Description": "x" * 500}, Result.REFUSED, f"400 {'x' * 96}"),
        (201, {"X-WNS-Error-Description": "none"}, Result.SENT, ""),
    ],
)  # fmt: skip
def test_what_microsoft_s_service_says_in_its_headers(status, headers, result, reason) -> None:
    outcome = outcome_of_push(Answer(status, CIMultiDict(headers), b""), NOW)
    assert (outcome.result, outcome.reason) == (result, reason)


def test_no_message_has_a_ttl_of_zero() -> None:
    left = dt.timedelta(milliseconds=10)
    told = message(Kind.TICKET_NEAR, FACTS, Language.CHINESE, device_of(), "ticket/1", left, NOW)
    assert told.ttl == 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (None, None), ("7", 7), (" 120 ", 120), ("999999999999", LONGEST_WAIT.total_seconds()),
        ("-5", None), ("soon", None), ("", None), ("²", None),
        ("9" * 6000, LONGEST_WAIT.total_seconds()), ("0" * 6000, LONGEST_WAIT.total_seconds()),
        ("Mon, 23 Nov 2026 02:27:00 +99999999999999999999", None),
        ("Mon, 23 Nov 0001 02:27:00 +2359", 0), ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("Mon, 23 Nov 2026 02:27:00 GMT", 60), ("Mon, 23 Nov 2026 02:00:00 GMT", 0),
        ("Fri, 31 Dec 2027 23:59:59 GMT", LONGEST_WAIT.total_seconds()),
    ],
)  # fmt: skip
def test_how_long_a_service_asks_us_to_wait(said, seconds) -> None:
    found = wait_of(said, NOW)
    assert (None if found is None else found.total_seconds()) == seconds
