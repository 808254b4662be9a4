"""通知: from a fact to words in the person's language, and to the payload for a browser.

A later feature adds its kind in `push.tables.Kind`, its rule here, its words in `push.words`, its
recipients in `push.events`, and the end of its truth in `push.truth`.
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
from push.words import NEXT, TITLED, WORDS

if TYPE_CHECKING:
    from push.recipients import Recipient

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
# Bytes of plaintext that fit into a record of 4,096 (RFC 8291, 4).
LARGEST = 3993
# Every message is padded to this, so that its length does not tell its kind. The longest, with the
# longest names and the longest address of ours, has 1,111 bytes.
BLOCK = 1280
LANG = {Language.CHINESE: "zh-CN", Language.ENGLISH: "en"}

# How long a letter with a key may wait for the mail server: so long its row holds the key.
KEY_LASTS = 30 * MINUTE


class Urgency(StrEnum):
    """How much a message may disturb a sleeping phone (RFC 8030, 5.3)."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True)
class Rule:
    """How a kind of message is sent."""

    # What a person turns off to get none of it; None for messages they asked for.
    subject: Subject | None
    # After this time it is worthless; also its TTL at the push service (RFC 8030, 5.2).
    lasts: dt.timedelta
    # The path of its page, with facts in braces.
    leads_to: str
    urgency: Urgency = Urgency.NORMAL
    # Whether it ignores quiet hours: a person in a hall waits for it.
    rings_always: bool = False


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
TICKET = "/tickets/{token}"
DISCLOSURE = "/c/{community}/disclosures/{disclosure}"
AFFAIRS_DAY = "/c/{community}/days/{day}"
RULES: dict[Kind, Rule] = {
    Kind.TICKET_NEAR: Rule(Subject.TICKETS, 10 * MINUTE, TICKET, Urgency.HIGH, rings_always=True),
    Kind.TICKET_CALLED: Rule(Subject.TICKETS, 5 * MINUTE, TICKET, Urgency.HIGH, rings_always=True),
    Kind.TICKET_PASSED: Rule(Subject.TICKETS, HOUR, TICKET, Urgency.HIGH, rings_always=True),
    Kind.TICKET_MOVED: Rule(Subject.TICKETS, HOUR, TICKET, rings_always=True),
    Kind.HALL_CLOSED: Rule(Subject.TICKETS, 6 * HOUR, TICKET, Urgency.HIGH, rings_always=True),
    Kind.HALL_HOURS: Rule(Subject.TICKETS, 4 * HOUR, TICKET, Urgency.HIGH, rings_always=True),
    Kind.BAD_RATING: Rule(Subject.CALL_BACKS, 3 * DAY, "/staff/call-backs/{callback}"),
    Kind.MATTER_ANSWERED: Rule(Subject.ANSWERS, 3 * DAY, "/matters/{token}"),
    Kind.INQUIRY_ANSWERED: Rule(Subject.ANSWERS, 3 * DAY, "/c/{community}/inquiries/{inquiry}"),
    Kind.INQUIRY_MODERATED: Rule(Subject.ANSWERS, 3 * DAY, "/matters/{token}"),
    Kind.PROMISE_NEWS: Rule(Subject.PROMISES, 3 * DAY, "/c/{community}/promises"),
    Kind.DISCLOSURE_NEW: Rule(Subject.DISCLOSURES, 3 * DAY, DISCLOSURE),
    Kind.DISCLOSURE_CHANGED: Rule(Subject.DISCLOSURES, 3 * DAY, DISCLOSURE),
    Kind.DAY_SOON: Rule(Subject.DISCLOSURES, DAY, AFFAIRS_DAY),
    Kind.DAY_CHANGED: Rule(Subject.DISCLOSURES, 2 * DAY, AFFAIRS_DAY),
    Kind.MATTER_WAITS: Rule(Subject.MATTERS, 3 * DAY, "/staff/matters/{matter}"),
    Kind.MATTER_ASKED: Rule(Subject.MATTERS, 3 * DAY, "/staff/matters/{matter}"),
    Kind.DISCLOSURE_DUE: Rule(Subject.OWED, 3 * DAY, "/staff/c/{slug}/disclosures/owed"),
    Kind.DISCLOSURE_OVERDUE: Rule(Subject.OWED, 3 * DAY, "/staff/c/{slug}/disclosures/owed"),
    Kind.EMAIL_CHECK: Rule(None, KEY_LASTS, "/notifications/addresses/{key}"),
}


@dataclass(frozen=True)
class Message:
    """通知, ready for any channel."""

    kind: Kind
    language: Language
    title: str
    body: str
    # The path of the page it leads to.
    path: str
    # The same for all messages on one subject to one person, so that a later one replaces it.
    tag: str
    urgency: Urgency
    # Seconds.
    ttl: int
    # When it happened. By this a browser tells a second call from a second copy of the first.
    at: dt.datetime

    # webpush pads nothing. JSON ignores spaces at its end, so spaces are the padding.
    def declarative(self, origin: str = "", unread: int | None = None) -> bytes:
        """The JSON of a declarative push: Safari reads it itself, our worker elsewhere."""
        notification: dict[str, object] = {
            "title": self.title,
            "body": self.body,
            "navigate": origin + self.path,
            "lang": LANG[self.language],
            "dir": "ltr",
            "tag": self.tag,
            "silent": False,
            "timestamp": int(self.at.timestamp() * 1000),
        }
        whole: dict[str, object] = {"web_push": 8030, "notification": notification}
        if unread is not None:
            # iOS 18.4 and 18.5 read it inside the notification (WebKit 45798 moved it).
            whole["app_badge"] = notification["app_badge"] = unread
        plain = _JSON.encode(whole).encode()
        return plain.ljust(min(-(-len(plain) // BLOCK) * BLOCK, LARGEST))


def worded(kind: Kind, facts: Facts, language: Language) -> tuple[str, str]:
    """Title and body, for the notification and the inbox."""
    is_next = kind is Kind.TICKET_NEAR and facts["ahead"] == 0
    words = (NEXT if is_next else WORDS[kind])[language]
    if "title" in facts:
        return words.title.format_map(facts), TITLED[language].format_map(facts)
    return words.title.format_map(facts), words.body.format_map(facts)


def leads_to(kind: Kind, facts: Facts) -> str:
    """The path of the page that shows the truth."""
    return RULES[kind].leads_to.format_map(facts)


def message(  # noqa: PLR0913, PLR0917 - everything a message is made of
    kind: Kind,
    facts: Facts,
    language: Language,
    recipient: Recipient,
    subject: str,
    left: dt.timedelta,
    at: dt.datetime,
) -> Message:
    """The message about something that happened `at`, valid for `left` from now on."""
    title, body = worded(kind, facts, language)
    return Message(
        kind=kind,
        language=language,
        title=title,
        body=body,
        path=leads_to(kind, facts),
        tag=_tag(recipient, subject),
        urgency=RULES[kind].urgency,
        # Microsoft's service refuses a TTL of 0.
        ttl=max(1, int(min(left, RULES[kind].lasts).total_seconds())),
        at=at,
    )


def _tag(recipient: Recipient, subject: str) -> str:
    """Also the Topic (RFC 8030, 5.4): at most 32 characters, meaningless to a push service."""
    digest = hashlib.sha256(f"{recipient} {subject}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()
