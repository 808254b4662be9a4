"""承诺: what an answer promised, with an owner and a date of its own."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.events import record
from domain.matters.errors import PromiseEndedError
from domain.matters.happened import PromiseChanged
from domain.matters.tables import IS_PROMISED, EntryKind, Promise
from domain.matters.timeline import add

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.tables import Facts, Matter
    from domain.matters.timeline import Act


class PromiseState(StrEnum):
    """How a promise stands."""

    OPEN = "open"
    LATE = "late"
    KEPT = "kept"
    # After its date.
    KEPT_LATE = "kept-late"
    BROKEN = "broken"


def state_of(promise: Promise, now: dt.datetime) -> PromiseState:
    """How the promise stands at `now`."""
    if promise.broken_at is not None:
        return PromiseState.BROKEN
    if promise.kept_at is not None:
        late = promise.kept_at > promise.due_at
        return PromiseState.KEPT_LATE if late else PromiseState.KEPT
    return PromiseState.LATE if now > promise.due_at else PromiseState.OPEN


def promise(act: Act, matter: Matter, staff_id: int, subject: str, due_at: dt.datetime) -> Promise:
    """Promise something by a moment. `subject` is public: it names no resident."""
    made = Promise(
        matter_id=matter.id,
        community_id=matter.community_id,
        subject=subject,
        owner_id=staff_id,
        made_at=act.now,
        first_due_at=due_at,
        due_at=due_at,
    )
    act.session.add(made)
    add(act, matter, EntryKind.PROMISED, facts=_facts(made), staff_id=staff_id)
    return made


def keep(act: Act, matter: Matter, made: Promise, staff_id: int) -> None:
    """Say that it was kept. Raises `PromiseEndedError`."""
    _refuse_ended(made)
    made.kept_at = act.now
    add(act, matter, EntryKind.PROMISE_KEPT, facts=_facts(made), staff_id=staff_id)
    record(act.session, PromiseChanged(made.id, act.now))


def put_off(  # noqa: PLR0913, PLR0917 - which promise, until when, and why
    act: Act, matter: Matter, made: Promise, staff_id: int, due_at: dt.datetime, reason: str
) -> None:
    """Move its date with a reason; the first date stays visible. Raises `PromiseEndedError`."""
    _refuse_ended(made)
    facts: Facts = {"before": made.due_at.isoformat(), "reason": reason}
    made.due_at, made.reason = due_at, reason
    facts |= _facts(made)
    add(act, matter, EntryKind.PROMISE_MOVED, facts=facts, staff_id=staff_id)
    record(act.session, PromiseChanged(made.id, act.now))


def break_off(act: Act, matter: Matter, made: Promise, staff_id: int, reason: str) -> None:
    """Say that it cannot be kept, and why. Raises `PromiseEndedError`."""
    _refuse_ended(made)
    made.broken_at, made.reason = act.now, reason
    facts: Facts = {"reason": reason, **_facts(made)}
    add(act, matter, EntryKind.PROMISE_BROKEN, facts=facts, staff_id=staff_id)
    record(act.session, PromiseChanged(made.id, act.now))


def _refuse_ended(made: Promise) -> None:
    if made.is_over:
        raise PromiseEndedError


def _facts(made: Promise) -> Facts:
    return {"subject": made.subject, "due": made.due_at.isoformat()}


async def promises_of(session: AsyncSession, matter_ids: Sequence[int]) -> list[Promise]:
    """The promises made in these matters, the first due first."""
    found = await session.scalars(
        select(Promise).where(Promise.matter_id.in_(matter_ids)).order_by(Promise.due_at)
    )
    return list(found)


async def promises_in(
    session: AsyncSession, community_id: int, since: dt.datetime, most: int
) -> list[Promise]:
    """What a community promised, for everyone: the newest dates first, open ones always."""
    found = await session.scalars(
        select(Promise)
        .where(Promise.community_id == community_id, IS_PROMISED | (Promise.due_at >= since))
        .order_by(Promise.due_at.desc(), Promise.id.desc())
        .limit(most)
    )
    return list(found)
