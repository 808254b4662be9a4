"""群机器人: each platform's robot, as it is documented, takes our message or says why not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from push.channels import Address, Outcome, Result
from push.chat_forms import PREFIX, ChatForm, Webhook, form_of
from push.webhook import WebhookChannel
from tests.world.clock import NOW
from tests.world.outbox import NEAR
from tests.world.push_services import listening

if TYPE_CHECKING:
    import asyncio
    import datetime as dt

ORIGIN = "https://lianxin.example.cn"
SECRET = "SEC" + "5" * 40
ROBOTS = (ChatForm.WECOM, ChatForm.DINGTALK, ChatForm.FEISHU)


def _base64_hmac(key: str, said: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), said.encode(), hashlib.sha256).digest()).decode()


@dataclass
class Robot:
    """A group chat's robot. It answers 200, and in the body what it thinks of the message."""

    form: ChatForm
    secret: str = ""
    # Instead of what it thinks.
    answer: bytes = b""
    status: str = "200 OK"
    texts: list[str] = field(default_factory=list)
    now: dt.datetime = NOW

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.partition(":")[2])
            for line in head.split("\r\n")
            if line.lower().startswith("content-length")
        )
        body = json.loads(await reader.readexactly(length))
        query = {
            name: each[0] for name, each in parse_qs(urlsplit(head.split(" ")[1]).query).items()
        }
        judge = {
            ChatForm.WECOM: self._wecom,
            ChatForm.DINGTALK: self._dingtalk,
            ChatForm.FEISHU: self._feishu,
        }
        answer = self.answer or json.dumps(judge[self.form](query, body)).encode()
        writer.write(
            f"HTTP/1.1 {self.status}\r\nContent-Length: {len(answer)}\r\n\r\n".encode() + answer
        )
        await writer.drain()

    def _wecom(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if query.get("key") != "k":
            return {"errcode": 93000, "errmsg": "invalid webhook url"}
        if body.get("msgtype") != "text":
            return {"errcode": 40008, "errmsg": "invalid message type"}
        self.texts.append(body["text"]["content"])
        return {"errcode": 0, "errmsg": "ok"}

    def _dingtalk(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if query.get("access_token") != "k":
            return {"errcode": 300005, "errmsg": "token is not exist"}
        at = query.get("timestamp", "0")
        is_now = abs(int(at) / 1000 - self.now.timestamp()) < 3600
        sign = _base64_hmac(self.secret, f"{at}\n{self.secret}")
        if self.secret and not (is_now and query.get("sign") == sign):
            return {"errcode": 310000, "errmsg": "sign not match"}
        if "连心" not in body["text"]["content"]:
            return {"errcode": 310000, "errmsg": "keywords not in content"}
        self.texts.append(body["text"]["content"])
        return {"errcode": 0, "errmsg": "ok"}

    def _feishu(self, _query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if body.get("msg_type") != "text":
            return {"code": 9499, "msg": "Bad Request", "data": {}}
        at = body.get("timestamp", "0")
        is_now = abs(int(at) - self.now.timestamp()) < 3600
        if self.secret and not (
            is_now and body.get("sign") == _base64_hmac(f"{at}\n{self.secret}", "")
        ):
            return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}
        self.texts.append(body["content"]["text"])
        return {
            "code": 0,
            "msg": "success",
            "data": {},
            "StatusCode": 0,
            "StatusMessage": "success",
        }


async def sent(
    robot: Robot, secret: str = "", query: str = "key=k&access_token=k", **more: Any
) -> Outcome:
    async with listening(robot.serve) as port:
        here = f"http://127.0.0.1:{port}"
        webhook = Webhook(f"{here}/robot?{query}", secret, more.get("form", robot.form))
        channel = WebhookChannel(webhook, origin=ORIGIN, allowed={here}, clock=lambda: NOW)
        try:
            return await channel.send(NEAR, Address(""))
        finally:
            await channel.close()


@pytest.mark.parametrize("secret", ["", SECRET])
@pytest.mark.parametrize("form", ROBOTS)
async def test_a_robot_takes_our_message(form, secret) -> None:
    robot = Robot(form, secret)
    assert await sent(robot, secret) == Outcome(Result.SENT)
    assert robot.texts == [f"{PREFIX}{NEAR.title}\n{NEAR.body}\n{ORIGIN}{NEAR.path}"]
    # 企业微信 takes 2,048 bytes of text, with the longest names.
    assert len(robot.texts[0].encode()) < 2048


@pytest.mark.parametrize(
    ("robot", "given", "words"),
    [
        (Robot(ChatForm.WECOM), {"query": "key=other"}, "chat 93000: the key in LIANXIN_WEBHOOK_URL"),
        (Robot(ChatForm.WECOM), {"form": ChatForm.FEISHU}, ""),
        (Robot(ChatForm.DINGTALK), {"query": "access_token=x"}, "chat 300005: the token in"),
        (Robot(ChatForm.DINGTALK, SECRET), {"secret": "other"}, "chat 310000: see LIANXIN_WEBHOOK_SECRET"),
        (Robot(ChatForm.DINGTALK, SECRET), {}, "list of addresses: sign not match"),
        (Robot(ChatForm.FEISHU, SECRET), {"secret": "other"}, "chat 19021: see LIANXIN_WEBHOOK_SECRET"),
        (Robot(ChatForm.FEISHU), {"form": ChatForm.WECOM}, ""),
        (Robot(ChatForm.WECOM, answer=b'{"errcode": 40001, "errmsg": "who?"}'), {}, "chat 40001:  who?"),
        (Robot(ChatForm.WECOM, answer=b"<html>Sign in to this network"), {}, "chat said no code"),
        (Robot(ChatForm.WECOM, answer=b"[0]"), {}, "chat said no code"),
        (Robot(ChatForm.WECOM, answer=b'{"errcode": "0"}'), {}, "chat said no code"),
        (Robot(ChatForm.FEISHU, answer=b"{}", status="404 Gone"), {}, "chat 404"),
    ],
)  # fmt: skip
async def test_a_robot_that_refuses_is_the_operator_s_to_mend(robot, given, words) -> None:
    outcome = await sent(robot, **given)
    assert outcome.result is Result.DENIED
    assert words in outcome.reason
    assert len(outcome.reason) <= 160
    assert robot.texts == []


@pytest.mark.parametrize(
    ("robot", "minutes"),
    [
        (Robot(ChatForm.WECOM, answer=b'{"errcode": 45009, "errmsg": "api freq out of limit"}'), 1),
        (Robot(ChatForm.DINGTALK, answer=b'{"errcode": 130101, "errmsg": "send too fast"}'), 10),
        (Robot(ChatForm.DINGTALK, answer=b'{"errcode": 130101}', status="429 Too Many"), 10),
        (Robot(ChatForm.FEISHU, answer=b'{"code": 11232, "msg": "frequency limited"}'), 1),
        (Robot(ChatForm.WECOM, answer=b'{"errcode": -1, "errmsg": "system error"}'), None),
        (Robot(ChatForm.WECOM, answer=b"no", status="502 Bad Gateway"), None),
    ],
)
async def test_a_robot_that_asks_for_patience_gets_it(robot, minutes) -> None:
    outcome = await sent(robot)
    assert outcome.result is Result.AGAIN
    wait = outcome.wait
    assert (wait and wait.total_seconds() / 60) == minutes


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x", ChatForm.WECOM),
        ("https://oapi.dingtalk.com/robot/send?access_token=x", ChatForm.DINGTALK),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/x", ChatForm.FEISHU),
        ("https://open.larksuite.com/open-apis/bot/v2/hook/x", ChatForm.FEISHU),
        ("https://chat.example.cn/qyapi.weixin.qq.com", ChatForm.LIANXIN),
    ],
)
def test_the_host_says_whose_chat_it_is(url, form) -> None:
    assert form_of(url) is form
