"""电子邮件 and 办公群: what a mail server and a group chat are given, and what their answers mean."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from push.channels import Address, Result
from push.mail import MailChannel, Smtp
from push.webhook import SIGNATURE, Webhook, WebhookChannel, signature
from tests.world.clock import NOW
from tests.world.databases import free_port
from tests.world.outbox import NEAR
from tests.world.push_services import listening, sink

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
        self.letters: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line.split()[0].decode().lower() if line.strip() else ""
            usual = {"data": "354 go on", "quit": "221 bye", "auth": "235 welcome"}
            if word == "ehlo":
                writer.write(b"250-here\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n")
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


def mail(port: int, **more: str) -> MailChannel:
    smtp = Smtp("127.0.0.1", "hall@example.cn", port=port, security="none", **more)
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


@pytest.mark.parametrize(
    ("answers", "result", "reason"),
    [
        ({"rcpt": "550 no such"}, Result.GONE, "550"),
        ({"rcpt": "450 later"}, Result.AGAIN, "450"),
        ({"data": "554 spam"}, Result.REFUSED, "554"),
        ({"data": "451 busy"}, Result.AGAIN, "451"),
        ({"auth": "535 who are you"}, Result.DENIED, "535"),
    ],
)
async def test_what_a_mail_server_answers(answers, result, reason) -> None:
    more = {"user": "hall", "password": "x"} if "auth" in answers else {}
    async with mail_server(**answers) as server:
        outcome = await mail(server.port, **more).send(NEAR, TO)
    assert (outcome.result, outcome.reason) == (result, reason)


async def test_a_mail_server_that_is_not_there_is_tried_again() -> None:
    outcome = await mail(free_port()).send(NEAR, TO)
    assert outcome.result is Result.AGAIN


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
