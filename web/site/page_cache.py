"""Rendered pages kept in memory, so that a page everybody asks for is rendered once.

A page is kept under its path and manner, until the content's revision rises or the page expires.
Pages that depend on a query are not kept.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from web.site.assets import compressed

if TYPE_CHECKING:
    import datetime as dt

    from web.site.visit import Manner

# Bytes of cached pages, all variants counted: a district of 127 communities in two languages.
BUDGET = 64 * 1024 * 1024


@dataclass(frozen=True)
class CachedPage:
    """A rendered page."""

    status: int
    media_type: str
    body: bytes
    route: str
    community: str | None
    fresh_until: dt.datetime | None

    @cached_property
    def variants(self) -> dict[str, bytes]:
        """The body by content encoding."""
        return compressed(self.body, self.media_type)

    @cached_property
    def answers(self) -> dict[str, Answer]:
        """The responses by content encoding. A strong ETag names bytes, so each has its own."""
        digest = hashlib.sha256(self.body).hexdigest()[:20]
        return {
            encoding: Answer(body, f'"{digest}-{encoding}"'.encode(), self.media_type, encoding)
            for encoding, body in self.variants.items()
        }

    @cached_property
    def size(self) -> int:
        """Bytes this page takes, all variants counted."""
        return sum(map(len, self.variants.values()))


class Answer:
    """A body with its headers, made once and sent many times."""

    __slots__ = ("body", "etag", "headers", "unchanged_headers")

    def __init__(self, body: bytes, etag: bytes, media_type: str, encoding: str) -> None:
        self.body, self.etag = body, etag
        self.unchanged_headers = [
            (b"cache-control", b"private, no-cache"),
            (b"vary", b"Cookie, Accept-Language, Accept-Encoding"),
            (b"etag", etag),
        ]
        self.headers = [
            *self.unchanged_headers,
            (b"content-type", media_type.encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        if encoding != "identity":
            self.headers.append((b"content-encoding", encoding.encode()))


# Bounded in bytes, all variants counted. In entries, a few long pages in every view, size and
# theme could take the memory that the bound was meant to keep.
class PageCache:
    """The cached pages; the least recently used is dropped first."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._pages: OrderedDict[tuple[str, Manner], CachedPage] = OrderedDict()
        self._budget = budget
        self._size = 0
        self.revision = 0

    def __len__(self) -> int:
        return len(self._pages)

    def at(self, revision: int) -> None:
        """Drop everything if the revision has changed."""
        if revision != self.revision:
            self._pages.clear()
            self._size = 0
            self.revision = revision

    def get(self, path: str, manner: Manner, now: dt.datetime) -> CachedPage | None:
        """The page, if it is cached and still true."""
        key = (path, manner)
        page = self._pages.get(key)
        if page is None:
            return None
        if page.fresh_until is not None and now >= page.fresh_until:
            self._drop(key)
            return None
        self._pages.move_to_end(key)
        return page

    def put(self, path: str, manner: Manner, page: CachedPage) -> None:
        self._drop((path, manner))
        self._pages[path, manner] = page
        self._size += page.size
        while self._size > self._budget and self._pages:
            self._drop(next(iter(self._pages)))

    def _drop(self, key: tuple[str, Manner]) -> None:
        dropped = self._pages.pop(key, None)
        if dropped is not None:
            self._size -= dropped.size
