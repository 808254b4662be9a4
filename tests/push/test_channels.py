"""电子邮件 and 办公群: what a mail server and a group chat are given, and what their answers mean."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
import ssl
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from push.channels import Address, Result
from push.chat_forms import SIGNATURE, Webhook
from push.chat_forms import signature_of_ours as signature
from push.mail import DENIALS, MailChannel, Smtp
from push.webhook import WebhookChannel
from tests.world.clock import NOW
from tests.world.databases import free_port
from tests.world.mail_servers import self_signed
from tests.world.outbox import NEAR
from tests.world.push_services import listening, sink
from tests.world.servers import ROOT

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

ORIGIN = "https://lianxin.example.cn"
SECRET = "a secret of both sides"
TO = Address("li@example.cn")


class MailServer:
    """As much of a mail server as one letter needs; each answer can be set."""

    def __init__(self, **answers: str) -> None:
        self.answers, self.port = answers, 0
        self.greeting = b"250-here\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n"
        self.letters: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line.split()[0].decode(errors="replace").lower() if line.strip() else ""
            usual = {"data": "354 go on", "quit": "221 bye", "auth": "235 welcome"}
            if word == "ehlo" and "ehlo" not in self.answers:
                writer.write(self.greeting)
            else:
                writer.write(f"{self.answers.get(word, usual.get(word, '250 good'))}\r\n".encode())
            if word == "data" and "data" not in self.answers:
                self.letters.append(await reader.readuntil(b"\r\n.\r\n"))
                writer.write(b"250 taken\r\n")
            if word == "quit":
                break


@asynccontextmanager
async def mail_server(**answers: str) -> AsyncIterator[MailServer]:
    found = MailServer(**answers)
    async with listening(found.serve) as found.port:
        yield found


def mail(port: int, **more: Any) -> MailChannel:
    smtp = Smtp("127.0.0.1", "hall@example.cn", port=port, **{"security": "none", **more})
    return MailChannel(smtp, origin=ORIGIN)


async def test_a_letter_says_what_a_lock_screen_says_and_where_the_truth_stands() -> None:
    async with mail_server() as server:
        outcome = await mail(server.port).send(NEAR, TO)
    assert outcome.result is Result.SENT
    letter = message_from_bytes(server.letters[0], policy=policy.default)
    assert letter["subject"] == NEAR.title
    assert (letter["from"], letter["to"]) == ("hall@example.cn", "li@example.cn")
    assert letter["auto-submitted"] == "auto-generated"
    assert letter["content-language"] == "zh-CN"
    assert f"{ORIGIN}{NEAR.path}" in letter.get_content()
    assert NEAR.body in letter.get_content()


# One reader's trouble is not the others'; a policy of the server concerns the operator.
@pytest.mark.parametrize(
    ("answers", "result", "reason", "of_one"),
    [
        ({"rcpt": "550 no such"}, Result.GONE, "550", False),
        ({"rcpt": "550 5.1.1 no such"}, Result.GONE, "550", False),
        ({"rcpt": "550 5.7.1 relaying denied"}, Result.DENIED, "relay", False),
        ({"rcpt": "530 5.7.0 sign in first"}, Result.DENIED, "relay", False),
        ({"rcpt": "552 5.2.2 full"}, Result.REFUSED, "552", True),
        ({"rcpt": "550 5.2.2 full"}, Result.REFUSED, "550", True),
        ({"rcpt": "554 no"}, Result.REFUSED, "554", True),
        ({"rcpt": "450 4.2.0 greylisted"}, Result.AGAIN, "450", True),
        ({"rcpt": "451 4.7.1 later"}, Result.AGAIN, "451", True),
        ({"rcpt": "421 closing"}, Result.AGAIN, "421", False),
        ({"mail": "553 not your address"}, Result.DENIED, "sender", False),
        ({"mail": "530 sign in first"}, Result.DENIED, "sign-in", False),
        ({"mail": "451 busy"}, Result.AGAIN, "451", False),
        ({"data": "554 spam"}, Result.REFUSED, "554", False),
        ({"data": "451 busy"}, Result.AGAIN, "451", False),
        ({"auth": "535 who are you"}, Result.DENIED, "sign-in", False),
        ({"auth": "454 later"}, Result.AGAIN, "454", False),
        ({"ehlo": "554 not you", "helo": "554 not you"}, Result.DENIED, "greeting", False),
    ],
)
async def test_what_a_mail_server_answers(answers, result, reason, of_one) -> None:
    more = {"user": "hall", "password": "x"} if "auth" in answers else {}
    async with mail_server(**answers) as server:
        outcome = await mail(server.port, **more).send(NEAR, TO)
    word = outcome.reason.split(" ")[0].rstrip(":")
    assert (outcome.result, word, outcome.of_one) == (result, reason, of_one)


def plainly(server: MailServer) -> MailServer:
    """Without an extension."""
    server.greeting = b"250 here\r\n"
    return server


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"security": "starttls"}, "starttls"),
        ({"user": "hall", "password": "x"}, "auth"),
        ({"security": "tls"}, "tls"),
    ],
)
async def test_a_mail_server_that_is_set_up_otherwise_is_the_operator_s_to_mend(
    more, reason
) -> None:
    async with mail_server() as server:
        outcome = await mail(plainly(server).port, **more).send(NEAR, TO)
    assert outcome.result is Result.DENIED
    assert outcome.reason.startswith(f"{reason}: the server")
    assert "LIANXIN_SMTP_" in outcome.reason


async def test_a_certificate_that_is_not_the_server_s_is_the_operator_s_to_mend(tmp_path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))
    async with mail_server() as server, listening(server.serve, context) as port:
        outcome = await mail(port, security="tls").send(NEAR, TO)
    assert outcome.result is Result.DENIED
    assert outcome.reason.startswith("certificate: ")


def test_the_page_of_messages_translates_each_of_these_words() -> None:
    macros = (ROOT / "templates" / "notifications" / "_words.html").read_text(encoding="utf-8")
    named = macros.partition("macro denial")[2].partition("endmacro")[0]
    assert {*DENIALS, "chat"} <= set(re.findall(r'"([a-z-]+)": _', named))


async def test_the_second_copy_of_a_letter_has_the_name_of_the_first() -> None:
    smtp = Smtp("mail.test", "连心 <hall@example.cn>")
    channel = MailChannel(smtp, origin=ORIGIN)
    first, copy = (channel.letter(NEAR, TO.to)["message-id"] for _ in range(2))
    assert first == copy
    assert re.fullmatch(r"<[0-9a-f]{40}@example\.cn>", first)
    later = replace(NEAR, at=NEAR.at + dt.timedelta(seconds=1))
    assert channel.letter(later, TO.to)["message-id"] != first
    assert channel.letter(NEAR, "wang@example.cn")["message-id"] != first


async def test_a_letter_says_how_to_get_no_more() -> None:
    channel = MailChannel(Smtp("mail.test", "hall@example.cn"), origin=ORIGIN)
    letter = channel.letter(NEAR, TO.to, "k" * 43)
    stop = f"{ORIGIN}/notifications/stopping/{'k' * 43}"
    assert letter["list-unsubscribe"] == f"<{stop}>"
    assert letter["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert letter.get_content().startswith(NEAR.title)
    assert letter.get_content().endswith(f"{stop}\n")
    # The one that asks whether it may write needs none: without an answer no other follows.
    assert channel.letter(NEAR, TO.to)["list-unsubscribe"] is None


async def test_a_mail_server_that_is_not_there_is_tried_again() -> None:
    outcome = await mail(free_port()).send(NEAR, TO)
    assert outcome.result is Result.SILENT


async def test_the_group_chat_can_prove_that_it_was_us() -> None:
    async with sink() as sunk:
        webhook = Webhook(f"{sunk.origin}/200/chat", SECRET)
        channel = WebhookChannel(webhook, origin=ORIGIN, allowed={sunk.origin}, clock=lambda: NOW)
        outcome = await channel.send(NEAR, Address(""))
        await channel.close()
    assert outcome.result is Result.SENT
    [body] = sunk.taken["/200/chat"]
    assert json.loads(body) == {
        "kind": "ticket-near", "title": NEAR.title, "body": NEAR.body, "url": f"{ORIGIN}{NEAR.path}",
    }  # fmt: skip
    found = re.search(rf"{SIGNATURE}: t=(\d+),v1=([0-9a-f]{{64}})", sunk.heads[0], re.IGNORECASE)
    assert found is not None
    said = f"{found[1]}.".encode() + body
    assert found[2] == hmac.new(SECRET.encode(), said, hashlib.sha256).hexdigest()
    assert int(found[1]) == int(NOW.timestamp())


def test_a_signature_holds_for_its_moment_and_its_words_only() -> None:
    mine = signature(SECRET, 1, b"x")
    assert (
        len({mine, signature(SECRET, 2, b"x"), signature(SECRET, 1, b"y"), signature("", 1, b"x")})
        == 4
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "http://8.8.8.8/x",
        "https://10.1.2.3/x",
        "https://[::1]/x",
    ],
)
async def test_the_group_chat_is_never_inside_our_own_network(url) -> None:
    channel = WebhookChannel(Webhook(url, SECRET), origin=ORIGIN, clock=lambda: NOW)
    outcome = await channel.send(NEAR, Address(""))
    await channel.close()
    assert (outcome.result, outcome.reason) == (Result.REFUSED, "private address")


@pytest.mark.parametrize(
    ("status", "result"), [("404", Result.DENIED), ("500", Result.AGAIN), ("302", Result.REFUSED)]
)
async def test_what_a_group_chat_answers(status, result) -> None:
    async with sink() as sunk:
        webhook = Webhook(f"{sunk.origin}/{status}/chat", SECRET)
        channel = WebhookChannel(webhook, origin=ORIGIN, allowed={sunk.origin}, clock=lambda: NOW)
        outcome = await channel.send(NEAR, Address(""))
        await channel.close()
    assert outcome.result is result
