"""清理: what push keeps of a person without need, erased though nothing more happens to it."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, cast, delete, or_, select, update

from push import recipients
from push.addresses import A_DAY
from push.preferences import USUAL, usual_channels
from push.tables import AddressAsked, EndedBrowser, Kind, Language, OutboxRow, Preferences

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import InstrumentedAttribute

# How long an address stands on its person's page as one that the mail server does not know.
KEEP_REFUSED = dt.timedelta(days=30)
# Longer than a push service keeps a browser that is never opened.
KEEP_ENDED = dt.timedelta(days=365)
# Rows of a table in one unit of work.
BATCH = 1_000


async def tidy(session: AsyncSession, now: dt.datetime) -> bool:
    """Erase what counted letters, keys that came too late, and settings in which nothing is set.

    At most `BATCH` of each; whether there may be more.
    """
    await session.execute(
        update(Preferences)
        .where(Preferences.email_refused_at <= now - KEEP_REFUSED)
        .values(email=None, email_refused_at=None)
    )
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.kind == Kind.EMAIL_CHECK, OutboxRow.expires_at <= now)
        .values(facts={})
    )
    erased = [
        await _erase(session, AddressAsked.id, AddressAsked.created_at <= now - A_DAY),
        await _erase(
            session, EndedBrowser.endpoint_hash, EndedBrowser.created_at <= now - KEEP_ENDED
        ),
        await _erase(session, Preferences.recipient, _is_usual()),
    ]
    return BATCH in erased


async def _erase(
    session: AsyncSession, key: InstrumentedAttribute[Any], which: ColumnElement[bool]
) -> int:
    some = select(key).where(which).limit(BATCH)
    erased = await session.execute(delete(key.class_).where(key.in_(some)))
    return erased.rowcount  # type: ignore[attr-defined, no-any-return]


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
