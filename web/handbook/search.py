"""Search while typing; the phone has the same index for when there is no network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.search.match import LONGEST_QUERY
from web.site.answers import cached_bytes
from web.site.pages import Page
from web.site.preferences import LANGUAGES
from web.site.words import translations

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.search.match import Entry
    from web.site.visit import Visit

# What people ask for most, offered before a word is typed.
SUGGESTIONS = ("低保", "老年证", "社保卡丢了", "公租房", "医保报销", "租房补贴", "养狗", "失业")


@dataclass(frozen=True, kw_only=True)
class Search(Page):
    """搜索: a field, and the results of what is in it."""

    template: ClassVar[str] = "handbook/search.html"
    tab: ClassVar[str] = "handbook"
    asks: ClassVar[tuple[str, ...]] = ("q",)
    words: str
    found: list[Entry]
    suggestions: tuple[str, ...] = SUGGESTIONS


@dataclass(frozen=True, kw_only=True)
class Results(Page):
    """The results alone."""

    template: ClassVar[str] = "handbook/_results.html"
    words: str
    found: list[Entry]
    suggestions: tuple[str, ...] = SUGGESTIONS


async def show(visit: Visit) -> Page:
    """The search page."""
    community = await visit.community()
    words = words_of(visit)
    found = visit.published.index_of(community).find(words)
    return Search(community=community, words=words, found=found)


async def results(visit: Visit) -> Page:
    """What answers the words, for a page that stays."""
    community = await visit.published.community(visit.query.get("c", ""))
    words = words_of(visit)
    found = visit.published.index_of(community).find(words)
    return Results(community=community, words=words, found=found)


async def index(request: Request) -> Response:
    """The whole index of a community, for its phones."""
    return await cached_bytes(request, _built, "application/json")


async def _built(visit: Visit) -> tuple[bytes, str, None]:
    community = await visit.community()
    found = visit.published.index_of(community)
    entries = {**found.to_json(), "kinds": _kinds(found.kinds)}
    body = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    return body.encode(), community.slug, None


# In every language, because a phone keeps the index for when there is no network, and the language
# of its pages may change meanwhile.
def _kinds(kinds: list[str]) -> dict[str, dict[str, str]]:
    """What each kind of entry is called, by language."""
    return {kind: {lang: translations(lang).gettext(kind) for lang in LANGUAGES} for kind in kinds}


def words_of(visit: Visit) -> str:
    """What was typed, as far as it is looked at and shown again."""
    return visit.query.get("q", "").strip()[:LONGEST_QUERY]
