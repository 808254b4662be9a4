"""What a phone keeps of a community, to be read without a network.

A community's pages travel in one file, because seventy small requests over a slow network
cost more than one large one, and compress far better together.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from web.site.answers import cached_bytes, cached_page
from web.site.pages import Page
from web.site.visit import midnight_after

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from domain.places.tables import Community
    from web.running.services import Services
    from web.site.assets import Assets
    from web.site.feature import Feature, Kept
    from web.site.visit import Visit


@dataclass(frozen=True, kw_only=True)
class Offline(Page):
    """没有网络: what can still be read, and that it will be tried again."""

    template: ClassVar[str] = "offline/show.html"


@dataclass(frozen=True, kw_only=True)
class OfflineStaff(Page):
    """没有网络, for the people of the office."""

    template: ClassVar[str] = "offline/staff.html"


async def show_staff(_visit: Visit) -> Page:
    """The page for every staff page, of which none is kept."""
    return OfflineStaff()


async def show(_visit: Visit) -> Page:
    """The page for an address that was never visited and cannot be reached."""
    return Offline()


# Eighty pages in one compressed file are smaller than a dozen separate ones, because they repeat
# each other's frame. The worker unpacks it into ordinary cached pages, so that offline and online
# show the same HTML. The page fetches it after it has settled, and never with data saving on.
async def bundle(request: Request) -> Response:
    """A community's pages in one JSON file: {revision, pages: {path: html}, gone: [path]}."""
    state = request.app.state
    return await cached_bytes(
        request, partial(_built, state.services, state.features), "application/json"
    )


async def _built(
    services: Services, features: Iterable[Feature], visit: Visit
) -> tuple[bytes, str, dt.datetime]:
    """The bundle, the community's slug, and until when all of its pages are true."""
    community = await visit.community()
    pages, fresh_until = await _rendered(services, visit, pages_of(features, visit, community))
    gone = await _gone(services, features, community)
    content = {"revision": revision_of(visit, services.assets), "pages": pages, "gone": gone}
    return json.dumps(content, ensure_ascii=False).encode(), community.slug, fresh_until


async def _rendered(
    services: Services, visit: Visit, wanted: Iterable[Kept]
) -> tuple[dict[str, str], dt.datetime]:
    """The pages by path, and until when all of them are true."""
    pages: dict[str, str] = {}
    fresh_until = midnight_after(visit.now)
    for kept in wanted:
        path = kept.route.format(**kept.params)
        page = await cached_page(
            services, visit.elsewhere(path, kept.params), kept.view, kept.route
        )
        pages[path] = page.body.decode()
        fresh_until = min(fresh_until, page.fresh_until or fresh_until)
        # A hundred pages take a second: other requests are answered between two of them.
        await asyncio.sleep(0)
    return pages, fresh_until


async def bundle_of(
    request: Request,
    wanted: Callable[[Services, Visit, Community], Iterable[Kept]],
    worn: Callable[[Visit], Visit],
) -> Response:
    """What a hall's device keeps of its community, in one JSON file: {pages: {path: html}}.

    `worn` gives the visit the manner of that device.
    """
    services: Services = request.app.state.services

    async def built(visit: Visit) -> tuple[bytes, str, dt.datetime]:
        visit = worn(visit)
        community = await visit.community()
        pages, fresh_until = await _rendered(services, visit, wanted(services, visit, community))
        return (
            json.dumps({"pages": pages}, ensure_ascii=False).encode(),
            community.slug,
            fresh_until,
        )

    return await cached_bytes(request, built, "application/json")


def pages_of(features: Iterable[Feature], visit: Visit, community: Community) -> Iterator[Kept]:
    """Every page of a community that is worth having without a network."""
    for feature in features:
        yield from feature.kept_offline(visit, community)


async def _gone(services: Services, features: Iterable[Feature], community: Community) -> list[str]:
    """What a phone may have kept and must drop."""
    async with services.store.read() as session:
        return [
            path for feature in features for path in await feature.gone_offline(session, community)
        ]


def revision_of(visit: Visit, assets: Assets) -> str:
    """What a kept copy is a copy of: content, looks and language."""
    return f"{visit.published.revision}.{assets.version}.{visit.lang}"
