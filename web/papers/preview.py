"""A document as residents will see it: the public page itself, over what is not public yet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domain.papers.paper import CommunityKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from domain.places.tables import Community
    from domain.published import Published
    from web.papers.spec import Preview
    from web.site.pages import Page
    from web.site.visit import Visit


# The preview is the public page itself over a snapshot with the draft in it, in a frame.
# Not taken: a second rendering, which would drift from the first.
def page_of_community(
    below: str, view: Callable[[Visit], Awaitable[Page]]
) -> Callable[[Preview], Awaitable[Page]]:
    """A preview that is this page of the community, as it would be."""

    async def previewed(draft: Preview) -> Page:
        kind, community = draft.paper.kind, draft.here
        if isinstance(kind, CommunityKind):
            kind.put(community, draft.document)
        published = draft.visit.published.with_community(community)
        return await page_of(draft, published, community, f"/{below}", view)

    return previewed


async def page_of(
    draft: Preview,
    published: Published,
    community: Community,
    below: str,
    view: Callable[[Any], Awaitable[Page]],
    /,
    **params: str,
) -> Page:
    """A page below a community's address, as if all of this were published."""
    here = {"community": community.slug, **params}
    elsewhere = draft.visit.elsewhere(f"/c/{community.slug}{below}", here)
    return await view(replace(elsewhere, published=published))
