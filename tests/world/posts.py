"""Contact posts of the sample district, and who holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from domain.contacts.tables import ContactPost
from domain.revision import touch_content

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store

POST = "liujiazhuang-xinju-3"
"""The contact of 刘家庄's third, fourth and fifth buildings. Nobody holds it in the sample."""
CARD = f"/cards/{POST}"


async def give_post(
    store: Store, holder: str | None, substitute: str | None = None, slug: str = POST
) -> None:
    """Let these accounts hold a post and stand in for its holder."""

    async def change(session: AsyncSession) -> None:
        post = update(ContactPost).where(ContactPost.slug == slug)
        await session.execute(post.values(holder=holder, substitute=substitute))
        await touch_content(session)

    await store.write(change)
