"""通知: from what happened to words in the person's language, and to what a browser is sent.

A later feature adds its kind in `push.tables.Kind`, its rule here, its words in `push.words`, whom
it is for in `push.events`, and when it is no longer true in `push.truth`.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from push.tables import Facts, Kind, Language, Subject
from push.words import NEXT, WORDS

if TYPE_CHECKING:
    from push.recipients import Recipient

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
LARGEST = 3993
"""Bytes of plaintext that fit into a record of 4,096 (RFC 8291, 4)."""
BLOCK = 512
"""Messages are filled up to a multiple of this, so that their length says nothing."""
LANG = {Language.CHINESE: "zh-CN", Language.ENGLISH: "en"}


class Urgency(StrEnum):
    """How much a sleeping phone is to be disturbed (RFC 8030, 5.3)."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True)
class Rule:
    """How a kind of message is sent."""

    subject: Subject | None
    """What a person turns off to get none of it; None for what they asked for themselves."""
    lasts: dt.timedelta
    """After this it is worth nothing; also its TTL at the push service (RFC 8030, 5.2)."""
    leads_to: str
    """The page on which the truth stands, with facts in braces."""
    urgency: Urgency = Urgency.NORMAL
    rings_always: bool = False
    """Whether quiet hours do not hold it back: somebody sits in a hall and waits for it."""


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
TICKET = "/tickets/{token}"
RULES: dict[Kind, Rule] = {
    Kind.TICKET_NEAR: Rule(Subject.TICKETS, 10 * MINUTE, TICKET, Urgency.HIGH, rings_always=True),
    Kind.TICKET_CALLED: Rule(Subject.TICKETS, 5 * MINUTE, TICKET, Urgency.HIGH, rings_always=True),
    Kind.TICKET_PASSED: Rule(Subject.TICKETS, HOUR, TICKET, Urgency.HIGH, rings_always=True),
    Kind.TICKET_MOVED: Rule(Subject.TICKETS, HOUR, TICKET, rings_always=True),
    Kind.HALL_CLOSED: Rule(Subject.TICKETS, 6 * HOUR, TICKET, Urgency.HIGH, rings_always=True),
    Kind.HALL_HOURS: Rule(Subject.TICKETS, 4 * HOUR, TICKET, Urgency.HIGH, rings_always=True),
    Kind.BAD_RATING: Rule(Subject.CALL_BACKS, 3 * DAY, "/staff/call-backs/{callback}"),
    Kind.EMAIL_CHECK: Rule(None, DAY, "/notifications/addresses/{key}"),
}


@dataclass(frozen=True)
class Message:
    """通知, ready to be sent by any channel."""

    kind: Kind
    language: Language
    title: str
    body: str
    path: str
    """The page it leads to."""
    tag: str
    """The same for everything on one subject to one person, so that a later one covers it."""
    urgency: Urgency
    ttl: int
    """Seconds."""

    def declarative(self, origin: str = "", unread: int | None = None) -> bytes:
        """The JSON of a declarative push, read by Safari itself and by our worker elsewhere.

        Filled up with spaces, which JSON ignores, to a multiple of `BLOCK` bytes.
        """
        notification = {
            "title": self.title,
            "body": self.body,
            "navigate": origin + self.path,
            "lang": LANG[self.language],
            "dir": "ltr",
            "tag": self.tag,
            "silent": False,
        }
        whole: dict[str, object] = {"web_push": 8030, "notification": notification}
        if unread is not None:
            whole["app_badge"] = unread
        plain = _JSON.encode(whole).encode()
        return plain.ljust(min(-(-len(plain) // BLOCK) * BLOCK, LARGEST))


def worded(kind: Kind, facts: Facts, language: Language) -> tuple[str, str]:
    """Title and body, as on the screen and in the inbox."""
    is_next = kind is Kind.TICKET_NEAR and facts["ahead"] == 0
    words = (NEXT if is_next else WORDS[kind])[language]
    return words.title.format_map(facts), words.body.format_map(facts)


def leads_to(kind: Kind, facts: Facts) -> str:
    """The path of the page on which the truth stands."""
    return RULES[kind].leads_to.format_map(facts)


def message(  # noqa: PLR0913, PLR0917 - everything a message is made of
    kind: Kind,
    facts: Facts,
    language: Language,
    recipient: Recipient,
    subject: str,
    left: dt.timedelta,
) -> Message:
    """What somebody is told, worth `left` from now on."""
    title, body = worded(kind, facts, language)
    return Message(
        kind=kind,
        language=language,
        title=title,
        body=body,
        path=leads_to(kind, facts),
        tag=_tag(recipient, subject),
        urgency=RULES[kind].urgency,
        ttl=max(0, int(min(left, RULES[kind].lasts).total_seconds())),
    )


def _tag(recipient: Recipient, subject: str) -> str:
    """Also the Topic (RFC 8030, 5.4): at most 32 characters, which tell a push service nothing."""
    digest = hashlib.sha256(f"{recipient} {subject}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()
