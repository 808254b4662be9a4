"""What follows from an event: written with it, and never a reason to undo it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from domain.events import Event, recorded
from domain.unavailable import is_unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Recorder

    Follow = Callable[[AsyncSession, Any], Awaitable[None]]

log = logging.getLogger("lianxin.store")


# A clerk's answer must stand although the letter that tells of it cannot be queued, for instance
# because of something that its sender wrote. The savepoint is for this kind of event alone: in all
# other units it would cost two statements.
def following(kind: type[Event], write: Follow) -> Recorder:
    """A recorder that writes what follows from events of this kind, whole or not at all.

    What goes wrong is logged without values, and the event stands. Raises errors of the store.
    """

    async def record(session: AsyncSession, event: Event) -> None:
        if type(event) is not kind:
            return
        before = len(recorded(session))
        try:
            async with session.begin_nested():
                await write(session, event)
        except Exception as error:
            if is_unavailable(error):
                raise
            # What it recorded did not happen.
            del recorded(session)[before:]
            why = type(getattr(error, "orig", None) or error).__name__
            log.error("%s of %s is not written: %s", write.__qualname__, kind.__name__, why)  # noqa: TRY400 - no values

    return record
