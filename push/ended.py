"""停止: browsers whose owner ended their notifications, so that no script begins them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from domain.keys import key_hash
from domain.store import inserting
from push.tables import EndedBrowser

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession


async def note_end(session: AsyncSession, endpoint: str, now: dt.datetime) -> None:
    """The owner of this browser wants nothing more there."""
    ended = {"endpoint_hash": key_hash(endpoint), "created_at": now}
    await session.execute(inserting(session, EndedBrowser).values(ended).on_conflict_do_nothing())


async def has_ended(session: AsyncSession, endpoint: str) -> bool:
    return await session.get(EndedBrowser, key_hash(endpoint)) is not None


async def begin_again(session: AsyncSession, endpoint: str) -> None:
    """A person asks for notifications in this browser, whatever was ended there before."""
    await session.execute(
        delete(EndedBrowser).where(EndedBrowser.endpoint_hash == key_hash(endpoint))
    )
