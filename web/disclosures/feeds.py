"""订阅: what a community publishes, as Atom (RFC 4287) and as a JSON Feed 1.1."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from domain.disclosures.changes import changed_last
from domain.disclosures.content import DisclosureKind
from domain.disclosures.duties import catalogue_of
from domain.disclosures.tables import DisclosureState
from web.disclosures.feed_formats import ATOM, JSON_FEED, Entry, Feed, atom, json_feed
from web.site.answers import cached_bytes
from web.site.errors import found_or_404

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from domain.disclosures.tables import Disclosure
    from domain.places.tables import Community
    from web.site.visit import Visit

# Feeds are in the language that offices write in, whatever a reader's program asks for.
KINDS = {
    DisclosureKind.PARTY: "党务",
    DisclosureKind.RESIDENT_AFFAIRS: "居务",
    DisclosureKind.FINANCE: "财务",
}
ERASED = "内容已删除。"
FOR_SOME = "这一项只向相关的人公开，打开页面看去哪里查阅。"


@dataclass(frozen=True)
class FeedOf:
    """What a feed is about: all of a community without kind and item."""

    community: Community
    kind: DisclosureKind | None = None
    item: str | None = None


async def as_atom(request: Request) -> Response:
    """The feed as Atom; 304 for a reader that has it."""
    return await cached_bytes(request, _atom, ATOM)


async def as_json(request: Request) -> Response:
    """The feed as a JSON Feed; 304 for a reader that has it."""
    return await cached_bytes(request, _json, JSON_FEED)


async def _atom(visit: Visit) -> tuple[bytes, None, None]:
    return atom(await _feed(visit)), None, None


async def _json(visit: Visit) -> tuple[bytes, None, None]:
    return json_feed(await _feed(visit)), None, None


async def _feed(visit: Visit) -> Feed:
    """The feed at an address. Raises 404 for a kind or an item that there is not."""
    community = await visit.community()
    word = visit.params.get("kind")
    if word is not None and word not in set(DisclosureKind):
        raise HTTPException(404)
    asked = FeedOf(community, DisclosureKind(word) if word else None, visit.params.get("topic"))
    async with visit.published.store.read() as session:
        found = await changed_last(session, community, asked.kind, asked.item)
        if asked.item is not None and not found:
            catalogue = await catalogue_of(session, community.settlement)
            found_or_404(next((i for i in catalogue.items if i.slug == asked.item), None))
    return feed_of(asked, found, visit)


def feed_of(asked: FeedOf, found: Sequence[Disclosure], visit: Visit) -> Feed:
    """The feed of these disclosures."""
    community, origin = asked.community, visit.manner.origin
    here = f"{origin}/c/{community.slug}/disclosures"
    home = f"{here}/kinds/{asked.kind.value}" if asked.kind else here
    return Feed(
        uid=_feed_uid(asked),
        title=_title(asked, found),
        author=community.name,
        home=home,
        address=f"{origin}{visit.path}",
        # What never changed has the moment of its community's first notice: none yet.
        updated=found[0].updated_at if found else None,
        entries=[_entry(disclosure, here, visit) for disclosure in found],
    )


def _feed_uid(asked: FeedOf) -> str:
    """The same for ever. A slug is part of chains, so it never changes."""
    word = asked.kind.value if asked.kind else asked.item or ""
    about = "kind" if asked.kind else "item" if asked.item else "all"
    name = f"{asked.community.subdistrict.slug}/{asked.community.slug}/{about}/{word}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"lianxin:disclosures:{name}"))


def _title(asked: FeedOf, found: Sequence[Disclosure]) -> str:
    name = asked.community.name
    if asked.kind:
        return f"{name} {KINDS[asked.kind]}公开"
    if asked.item:
        title = next((each.title for each in found if each.title), "")
        return f"{name} 公开：{title}" if title else f"{name} 公开"
    return f"{name} 公开"


def _entry(disclosure: Disclosure, here: str, visit: Visit) -> Entry:
    published, updated = disclosure.published_at, disclosure.updated_at
    return Entry(
        uid=disclosure.uid,
        title=disclosure.title,
        address=f"{here}/{disclosure.id}",
        summary=_summary(disclosure, visit),
        kind=KINDS[disclosure.kind],
        published=published or visit.now,
        updated=updated or published or visit.now,
    )


def _summary(disclosure: Disclosure, visit: Visit) -> str:
    if not disclosure.title:
        return ERASED
    if disclosure.state is DisclosureState.WITHDRAWN:
        return f"已撤回（{_day(disclosure.withdrawn_at, visit)}）：{disclosure.withdrawn_why}"
    return disclosure.summary or FOR_SOME


def _day(moment: dt.datetime | None, visit: Visit) -> str:
    return visit.local(moment).date().isoformat() if moment else ""
