"""Search while typing; the phone has the same index for when there is no network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from domain.handbook.search import CALL_FIRST, ELSEWHERE
from domain.search.reading import LONGEST_QUERY
from web.site.answers import cached_bytes
from web.site.pages import Page
from web.site.preferences import LANGUAGES
from web.site.words import translations

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.places.tables import Community
    from domain.search.entry import Entry
    from web.site.visit import Visit

# What people ask for most, offered before a word is typed.
SUGGESTIONS = ("低保", "老年证", "社保卡丢了", "公租房", "医保报销", "租房补贴", "养狗", "失业")


@dataclass(frozen=True, kw_only=True)
class Found(Page):
    """What answers the words, whether it only may, and what of it is done elsewhere.

    `elsewhere` is empty unless the first answer is done elsewhere; `here` is the rest.
    """

    words: str
    elsewhere: tuple[Entry, ...]
    here: tuple[Entry, ...]
    is_guess: bool
    # Whether the first answer is a number to call at once.
    is_urgent: bool
    suggestions: tuple[str, ...] = SUGGESTIONS


@dataclass(frozen=True, kw_only=True)
class Search(Found):
    """搜索: a field, and the results of what is in it."""

    template: ClassVar[str] = "handbook/search.html"
    tab: ClassVar[str] = "handbook"
    asks: ClassVar[tuple[str, ...]] = ("q",)


@dataclass(frozen=True, kw_only=True)
class Results(Found):
    """The results alone."""

    template: ClassVar[str] = "handbook/_results.html"


async def show(visit: Visit) -> Page:
    """The search page."""
    community = await visit.community()
    return Search(community=community, **_found(visit, community))


async def results(visit: Visit) -> Page:
    """What answers the words, for a page that stays."""
    community = await visit.published.community(visit.query.get("c", ""))
    return Results(community=community, **_found(visit, community))


def _found(visit: Visit, community: Community) -> dict[str, Any]:
    words = words_of(visit)
    found = visit.published.index_of(community).find(words)
    first = next(iter(found.entries), None)
    elsewhere = [entry for entry in found.entries if entry.kind in {ELSEWHERE, CALL_FIRST}]
    if first not in elsewhere or found.is_guess:
        elsewhere = []
    here = tuple(entry for entry in found.entries if entry not in elsewhere)
    return {
        "words": words,
        "elsewhere": tuple(elsewhere),
        "here": here,
        "is_guess": found.is_guess,
        "is_urgent": first is not None and first.kind == CALL_FIRST,
    }


async def index(request: Request) -> Response:
    """The whole index of a community, for its phones."""
    return await cached_bytes(request, _built, "application/json")


async def _built(visit: Visit) -> tuple[bytes, str, None]:
    community = await visit.community()
    found = visit.published.index_of(community)
    entries = {**found.to_json(), "words": _words(found.words)}
    body = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    return body.encode(), community.slug, None


# In every language, because a phone keeps the index for when there is no network, and the language
# of its pages may change meanwhile.
def _words(said: list[str]) -> dict[str, dict[str, str]]:
    """The words of the interface that entries say, by language; the office's own are left out."""
    known = {word: {lang: translations(lang).gettext(word) for lang in LANGUAGES} for word in said}
    return {word: by for word, by in known.items() if set(by.values()) != {word}}


def words_of(visit: Visit) -> str:
    """What was typed, as far as it is looked at and shown again."""
    return visit.query.get("q", "").strip()[:LONGEST_QUERY]
