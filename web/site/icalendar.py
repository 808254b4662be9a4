"""iCalendar (RFC 5545), written by hand: all-day events, and events with a time in UTC."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Octets of a line without its end; RFC 5545, 3.1.
LONGEST = 75
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class CalendarEvent:
    """日程. `uid` stays the same for ever, and no other deployment has it.

    `begins` is a day, or an aware moment with `ends`.
    """

    uid: str
    # When this was last changed.
    stamp: dt.datetime
    summary: str
    begins: dt.date | dt.datetime
    ends: dt.datetime | None = None
    description: str = ""
    location: str = ""
    url: str = ""
    # Raised by each change, so that a calendar replaces what it has.
    sequence: int = 0
    is_cancelled: bool = False
    # Whether the day may still move.
    is_tentative: bool = False
    # How long before the event the phone reminds; None for never.
    reminder: dt.timedelta | None = None


def calendar_file(name: str, events: Iterable[CalendarEvent]) -> bytes:
    """A calendar that can be subscribed to, with CRLF and folded lines."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lianxin//Lianxin//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        *(line for event in events for line in _event(event)),
        "END:VCALENDAR",
    ]
    return b"".join(map(folded, lines))


def _event(event: CalendarEvent) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{_moment(event.stamp)}"
    yield from _times(event)
    yield f"SUMMARY:{escaped(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{escaped(event.description)}"
    if event.location:
        yield f"LOCATION:{escaped(event.location)}"
    if event.url:
        yield f"URL:{event.url}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"STATUS:{_status(event)}"
    # It takes nobody's time: other appointments can stand on the same day.
    yield "TRANSP:TRANSPARENT"
    if event.reminder is not None:
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"DESCRIPTION:{escaped(event.summary)}"
        yield f"TRIGGER:-PT{event.reminder // HOUR}H"
        yield "END:VALARM"
    yield "END:VEVENT"


def _status(event: CalendarEvent) -> str:
    if event.is_cancelled:
        return "CANCELLED"
    return "TENTATIVE" if event.is_tentative else "CONFIRMED"


# Times in UTC need no VTIMEZONE, which calendars read differently.
def _times(event: CalendarEvent) -> Iterator[str]:
    if isinstance(event.begins, dt.datetime):
        yield f"DTSTART:{_moment(event.begins)}"
        yield f"DTEND:{_moment(event.ends or event.begins)}"
    else:
        yield f"DTSTART;VALUE=DATE:{event.begins:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{event.begins + DAY:%Y%m%d}"


def name_of(origin: str) -> str:
    """What stands behind the @ of an event's `uid`, so that no two deployments share one."""
    return urlsplit(origin).netloc


def _moment(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """A text as a value (RFC 5545, 3.3.11), without the control characters that it must not hold.

    A value with a line break of its own would end the line and begin another property.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    plain = ("".join(character for character in line if character >= " ") for line in lines)
    safe = "\n".join(plain).replace("\x7f", "").replace("\\", "\\\\")
    return safe.replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> bytes:
    """A line of at most 75 octets, folded where no character is cut in two, with its end."""
    parts: list[bytes] = []
    current = b""
    for character in line:
        encoded = character.encode()
        if len(current) + len(encoded) > (LONGEST - 1 if parts else LONGEST):
            parts.append(current)
            current = b""
        current += encoded
    parts.append(current)
    return b"\r\n ".join(parts) + b"\r\n"
