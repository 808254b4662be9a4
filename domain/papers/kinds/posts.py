"""联系岗位 as a document: all posts of a community."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.contacts.content import ContactPosts
from domain.contacts.posts import contradictions_of, post_content, put_posts, rows_of
from domain.papers.paper import CommunityKind, Paper, community_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content, Contradiction
    from domain.places.tables import Community


class PostsKind(CommunityKind):
    """联系岗位."""

    word = "posts"
    rank = 65
    shape = ContactPosts

    def document_of(self, community: Community) -> Content:
        """The posts that the community has now."""
        return ContactPosts(posts=tuple(map(post_content, community.posts)))

    def put(self, community: Community, document: Any) -> None:
        """Let a loaded community show these posts. To be looked at: `write` stores them."""
        community.posts = rows_of(community.id, document.posts)

    async def write(
        self, session: AsyncSession, paper: Paper, document: Any, now: dt.datetime
    ) -> None:
        """Store the posts; one that is left out ends now."""
        community = await community_of(session, paper)
        await put_posts(session, community.id, document.posts, now)

    async def contradictions(
        self, session: AsyncSession, paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """Accounts, buildings and addresses must be right, and nobody their own substitute."""
        community = await community_of(session, paper)
        return await contradictions_of(session, community, document.posts)


POSTS = PostsKind()
