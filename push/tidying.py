"""清理: what push keeps of a person without need, erased though nothing more happens to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import String, and_, cast, delete, or_, select, update

from push import recipients
from push.addresses import A_DAY
from push.preferences import USUAL, usual_channels
from push.tables import AddressAsked, Kind, Language, OutboxRow, Preferences

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

# Rows of a table in one unit of work.
BATCH = 1_000


async def tidy(session: AsyncSession, now: dt.datetime) -> bool:
    """Erase letters a day old, keys that came too late, and settings in which nothing is set.

    At most `BATCH` of each; whether there may be more.
    """
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.kind == Kind.EMAIL_CHECK, OutboxRow.expires_at <= now)
        .values(facts={})
    )
    asked = select(AddressAsked.id).where(AddressAsked.created_at <= now - A_DAY).limit(BATCH)
    empty = select(Preferences.recipient).where(_is_usual()).limit(BATCH)
    letters = await session.execute(delete(AddressAsked).where(AddressAsked.id.in_(asked)))
    settings = await session.execute(delete(Preferences).where(Preferences.recipient.in_(empty)))
    return BATCH in {letters.rowcount, settings.rowcount}  # type: ignore[attr-defined]


# A row is written before something is chosen, and stays when the choice is taken back. Without it
# everything is as usual, so a stranger's row is nothing but a trace.
def _is_usual() -> ColumnElement[bool]:
    return and_(
        Preferences.email.is_(None),
        Preferences.quiet_from.is_(None),
        ~Preferences.says_titles,
        Preferences.ahead == USUAL,
        cast(Preferences.off, String) == "[]",
        or_(
            # The language of a device is that of its browsers; here it is of letters only.
            and_(Preferences.recipient.like("d:%"), _has_usual_channels("d:")),
            and_(
                Preferences.recipient.like("s:%"),
                _has_usual_channels("s:"),
                Preferences.language == Language.CHINESE,
            ),
        ),
    )


def _has_usual_channels(prefix: str) -> ColumnElement[bool]:
    usual = json.dumps(usual_channels(recipients.Recipient(prefix)))
    return cast(Preferences.channels, String) == usual
