"""A feed as Atom (RFC 4287) and as a JSON Feed 1.1, written by hand."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ATOM = "application/atom+xml; charset=utf-8"
JSON_FEED = "application/feed+json; charset=utf-8"
LANGUAGE = "zh-Hans"
# Before anything was published: Atom asks every feed for a moment.
NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# What XML 1.0 cannot hold (2.2), and marks that turn the words around them in a reader's list.
UNWANTED = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    "|[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True)
class Entry:
    """条目: one disclosure. `title` is empty for an erased one."""

    # For ever the same; never an address or a title.
    uid: str
    title: str
    address: str
    summary: str
    kind: str
    published: dt.datetime
    # When its meaning last changed.
    updated: dt.datetime


@dataclass(frozen=True)
class Feed:
    """订阅源. `address` is its own, `home` that of the page for people."""

    uid: str
    title: str
    author: str
    home: str
    address: str
    # None while there is no entry.
    updated: dt.datetime | None
    entries: Sequence[Entry]


def plain(text: str) -> str:
    """The text without control characters and marks of direction."""
    return UNWANTED.sub("", text)


def atom(feed: Feed) -> bytes:
    """The feed as Atom."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{LANGUAGE}">',
        _element("id", _urn(feed.uid)),
        _element("title", feed.title),
        _element("updated", _moment(feed.updated or NEVER)),
        f"<author>{_element('name', feed.author)}</author>",
        _link("self", feed.address, ATOM.partition(";")[0]),
        _link("alternate", feed.home, "text/html"),
        *(line for entry in feed.entries for line in _atom_entry(entry)),
        "</feed>",
    ]
    return "\n".join(lines).encode()


def _atom_entry(entry: Entry) -> Iterator[str]:
    yield "<entry>"
    yield _element("id", _urn(entry.uid))
    yield _element("title", entry.title)
    yield _element("published", _moment(entry.published))
    yield _element("updated", _moment(entry.updated))
    yield _link("alternate", entry.address, "text/html")
    yield f"<category term={quoteattr(entry.kind)}/>"
    yield _element("summary", entry.summary)
    yield "</entry>"


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(plain(text))}</{name}>"


def _link(relation: str, address: str, media_type: str) -> str:
    return f'<link rel="{relation}" type="{media_type}" href={quoteattr(plain(address))}/>'


def _urn(uid: str) -> str:
    return f"urn:uuid:{uid}"


def _moment(moment: dt.datetime) -> str:
    """RFC 3339, in UTC and whole seconds."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def json_feed(feed: Feed) -> bytes:
    """The feed as a JSON Feed 1.1."""
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": plain(feed.title),
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "language": LANGUAGE,
        "authors": [{"name": plain(feed.author)}],
        "items": [_json_item(entry) for entry in feed.entries],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def _json_item(entry: Entry) -> dict[str, Any]:
    title = plain(entry.title)
    return {
        "id": _urn(entry.uid),
        "url": entry.address,
        **({"title": title} if title else {}),
        "content_text": plain(entry.summary),
        "date_published": _moment(entry.published),
        "date_modified": _moment(entry.updated),
        "tags": [entry.kind],
    }
