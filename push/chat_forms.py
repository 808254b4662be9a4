"""群机器人: how the group chats of 企业微信, 钉钉 and 飞书 take a message, and what they answer.

All three answer 200 whatever happened: what it was is a code in the body. Ours is the fourth form,
for a receiver of the office's own.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlsplit

from push.channels import Outcome, Result
from push.sending import outcome_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from push.client import Answer
    from push.messages import Message

SIGNATURE = "X-Lianxin-Signature"
JSON = {"Content-Type": "application/json"}
# A robot may ask that each message holds a word of the office's choice; this one always does.
PREFIX = "【连心】"


class ChatForm(StrEnum):
    """Whose group chat it is."""

    LIANXIN = "lianxin"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


HOSTS = {
    "qyapi.weixin.qq.com": ChatForm.WECOM,
    "oapi.dingtalk.com": ChatForm.DINGTALK,
    "open.feishu.cn": ChatForm.FEISHU,
    "open.larksuite.com": ChatForm.FEISHU,
}
# Sent too often, and how long until the robot speaks again: each takes 20 a minute at least, and
# 钉钉 is silent for ten minutes afterwards.
TOO_OFTEN = {
    ChatForm.WECOM: ({45009}, dt.timedelta(minutes=1)),
    ChatForm.DINGTALK: ({130101, 660026}, dt.timedelta(minutes=10)),
    ChatForm.FEISHU: ({11232}, dt.timedelta(minutes=1)),
}
BUSY = -1
# For the operator, where the robot's own words say less.
DENIALS = {
    40008: "it takes no message of this form, see LIANXIN_WEBHOOK_FORM",
    93000: "the key in LIANXIN_WEBHOOK_URL is of no robot",
    300005: "the token in LIANXIN_WEBHOOK_URL is of no robot",
    310000: "see LIANXIN_WEBHOOK_SECRET, the robot's key word 连心, and its list of addresses:",
    9499: "it takes no message of this form, see LIANXIN_WEBHOOK_FORM",
    19001: "the token in LIANXIN_WEBHOOK_URL is of no robot",
    19021: "see LIANXIN_WEBHOOK_SECRET and the clock of this server",
    19022: "this server is not in the robot's list of addresses",
    19024: "the robot asks for a key word, which must be 连心",
}
# Characters of what a robot says by itself.
LONGEST = 60


@dataclass(frozen=True)
class Posting:
    """A request to a group chat."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)


def form_of(url: str) -> ChatForm:
    """The form that the host of an address takes; ours for all others."""
    return HOSTS.get(urlsplit(url).hostname or "", ChatForm.LIANXIN)


@dataclass(frozen=True)
class Webhook:
    """The office's group chat."""

    url: str
    # Signs messages to it; empty for a robot that asks for none.
    secret: str = ""
    # None for what its host takes.
    form: ChatForm | None = None

    @property
    def taken_as(self) -> ChatForm:
        return self.form or form_of(self.url)


def posting(chat: Webhook, message: Message, origin: str, seconds: int) -> Posting:
    """The request with a message, signed at this Unix time if there is a secret."""
    form, url, secret = chat.taken_as, chat.url, chat.secret
    page = f"{origin}{message.path}"
    text = f"{PREFIX}{message.title}\n{message.body}\n{page}"
    if form is ChatForm.WECOM:
        # Its key in the address is all that it asks for.
        return Posting(url, _json({"msgtype": "text", "text": {"content": text}}))
    if form is ChatForm.DINGTALK:
        signed = _signed_by_dingtalk(url, secret, seconds * 1000) if secret else url
        return Posting(signed, _json({"msgtype": "text", "text": {"content": text}}))
    if form is ChatForm.FEISHU:
        signature = _signature_of_feishu(secret, seconds) if secret else {}
        return Posting(url, _json({**signature, "msg_type": "text", "content": {"text": text}}))
    plain = {"kind": message.kind, "title": message.title, "body": message.body, "url": page}
    body = _json(plain)
    signed_at = f"t={seconds},v1={signature_of_ours(secret, seconds, body)}"
    return Posting(url, body, {**JSON, SIGNATURE: signed_at})


def _json(plain: Mapping[str, object]) -> bytes:
    return json.dumps(plain, ensure_ascii=False).encode()


def _signed_by_dingtalk(url: str, secret: str, milliseconds: int) -> str:
    said = f"{milliseconds}\n{secret}".encode()
    digest = hmac.new(secret.encode(), said, hashlib.sha256).digest()
    sign = quote_plus(base64.b64encode(digest))
    return f"{url}{'&' if '?' in url else '?'}timestamp={milliseconds}&sign={sign}"


# The time and the secret are the key, and what is signed is empty.
def _signature_of_feishu(secret: str, seconds: int) -> dict[str, str]:
    digest = hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": str(seconds), "sign": base64.b64encode(digest).decode()}


def signature_of_ours(secret: str, seconds: int, body: bytes) -> str:
    """The hexadecimal HMAC, as the receiver computes it."""
    return hmac.new(secret.encode(), b"%d." % seconds + body, hashlib.sha256).hexdigest()


def outcome_in_chat(form: ChatForm, answer: Answer, now: dt.datetime) -> Outcome:
    """What an answer means. Our own form says it by its status, the robots by a code."""
    by_status = outcome_of(answer.status, answer.headers.get("retry-after"), now)
    # The address is a setting: when it is gone, that is the operator's to mend.
    if by_status.result is Result.GONE:
        by_status = Outcome(Result.DENIED, f"chat {by_status.reason}")
    if form is ChatForm.LIANXIN:
        return by_status
    code, said = _code_in(answer.body)
    if code is None:
        # A robot that took a message says so: this was another server.
        unsaid = Outcome(Result.DENIED, "chat said no code, see LIANXIN_WEBHOOK_URL")
        return unsaid if by_status.result is Result.SENT else by_status
    codes, wait = TOO_OFTEN[form]
    if code == 0:
        return Outcome(Result.SENT)
    if code in codes:
        return Outcome(Result.AGAIN, str(code), wait)
    if code == BUSY:
        return Outcome(Result.AGAIN, str(code))
    return Outcome(Result.DENIED, f"chat {code}: {DENIALS.get(code, '')} {said}".rstrip())


def _code_in(body: bytes) -> tuple[int | None, str]:
    """The code of an answer and its words; None if it says none."""
    try:
        answer = json.loads(body)
    except ValueError:
        return None, ""
    if not isinstance(answer, dict):
        return None, ""
    said = str(answer.get("errmsg") or answer.get("msg") or "")[:LONGEST]
    for name in ("errcode", "code", "StatusCode"):
        if isinstance(answer.get(name), int):
            return answer[name], said
    return None, said
