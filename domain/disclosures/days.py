"""三日制度: 议政日、公开日、质询日. Planned, changed, held or cancelled, and written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.disclosures.errors import PastError
from domain.disclosures.happened import AffairsDayChanged
from domain.disclosures.tables import AffairsDay
from domain.events import record
from domain.revision import touch_content
from domain.staff.journal import note

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import AffairsDayKind
    from domain.staff.actor import Actor

# Days on a page: some years of a community.
MOST = 100


@dataclass(frozen=True)
class DayPlan:
    """What is announced of a day. Moments are aware local times; the agenda is Markdown."""

    kind: AffairsDayKind
    title: str
    begins_at: dt.datetime
    ends_at: dt.datetime
    place: str
    agenda: str = ""


@dataclass(frozen=True)
class Minutes:
    """会议记录 in Markdown, and how many members of the committee were assessed (民主评议)."""

    text: str
    members_assessed: int = 0


async def plan(  # noqa: PLR0913, PLR0917 - who plans what, and the form
    session: AsyncSession,
    actor: Actor,
    community_id: int,
    planned: DayPlan,
    uid: str,
    now: dt.datetime,
) -> AffairsDay:
    """Announce a day; the same `uid` again is the same day. Raises `PastError`."""
    kept: AffairsDay | None = await session.scalar(select(AffairsDay).where(AffairsDay.uid == uid))
    if kept is not None:
        return kept
    if planned.begins_at <= now:
        raise PastError
    day = AffairsDay(uid=uid, community_id=community_id, changed_at=now, **vars(planned))
    session.add(day)
    await session.flush()
    await _note(session, actor, "day-planned", day, now)
    return day


async def change(
    session: AsyncSession, actor: Actor, day: AffairsDay, planned: DayPlan, now: dt.datetime
) -> bool:
    """Announce it differently; whether anything changed. Raises `PastError`.

    Calendars that hold it see a higher sequence. Who was told of the old time is told that it is
    another one. A day that is over keeps its time; only what is said of it can be corrected.
    """
    moved = (planned.begins_at, planned.ends_at) != (day.begins_at, day.ends_at)
    if moved and (planned.begins_at <= now or day.begins_at <= now):
        raise PastError
    if all(getattr(day, name) == value for name, value in vars(planned).items()):
        return False
    concerns_followers = moved or planned.place != day.place
    for name, value in vars(planned).items():
        setattr(day, name, value)
    if concerns_followers:
        _tell(session, day, now)
    await _raise(session, actor, "day-changed", day, now)
    return True


async def cancel(
    session: AsyncSession, actor: Actor, day: AffairsDay, why: str, now: dt.datetime
) -> None:
    """Call it off; again changes nothing. It stays in lists and calendars, with the reason."""
    if day.cancelled_at is not None:
        return
    day.cancelled_at, day.cancelled_why = now, why
    _tell(session, day, now)
    await _raise(session, actor, "day-cancelled", day, now)


def _tell(session: AsyncSession, day: AffairsDay, now: dt.datetime) -> None:
    """Have those told again who were told of it."""
    if day.told_at is not None and day.ends_at > now:
        day.told_at = None
        record(session, AffairsDayChanged(day.id, now))


async def write_minutes(
    session: AsyncSession, actor: Actor, day: AffairsDay, minutes: Minutes, now: dt.datetime
) -> None:
    """Say in public what was said on that day; empty minutes are none."""
    if minutes == Minutes(day.minutes, day.members_assessed):
        return
    day.minutes, day.minutes_at = minutes.text, now if minutes.text else None
    day.members_assessed = minutes.members_assessed
    await _note(session, actor, "day-minutes", day, now)


async def _raise(
    session: AsyncSession, actor: Actor, action: str, day: AffairsDay, now: dt.datetime
) -> None:
    day.sequence += 1
    day.changed_at = now
    await _note(session, actor, action, day, now)


async def _note(
    session: AsyncSession, actor: Actor, action: str, day: AffairsDay, now: dt.datetime
) -> None:
    """The log says that it was changed; what was said there may have to be erased."""
    await note(
        session,
        actor,
        action,
        f"day/{day.id}",
        now=now,
        after={"sequence": day.sequence},
        community_id=day.community_id,
    )
    await touch_content(session)


async def days_of(session: AsyncSession, community_id: int) -> Sequence[AffairsDay]:
    """The days of a community, the latest first; `MOST` at most."""
    found = await session.scalars(
        select(AffairsDay)
        .where(AffairsDay.community_id == community_id)
        .order_by(AffairsDay.begins_at.desc(), AffairsDay.id.desc())
        .limit(MOST)
    )
    return found.all()


async def day_of(session: AsyncSession, community_id: int, day_id: int) -> AffairsDay | None:
    """One day of a community; None for any other."""
    found: AffairsDay | None = await session.scalar(
        select(AffairsDay).where(AffairsDay.id == day_id, AffairsDay.community_id == community_id)
    )
    return found
