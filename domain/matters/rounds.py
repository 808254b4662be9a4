"""Rounds of a matter: opened, closed, rated once, and opened again."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from domain.matters import holders
from domain.matters.errors import (
    ClosedError,
    KeyReusedError,
    RatedAlreadyError,
    StillOpenError,
    TooLateError,
)
from domain.matters.ladder import HoldReason, first_hold
from domain.matters.tables import (
    IS_PROMISED,
    LONGEST_TITLE,
    EntryKind,
    Matter,
    MatterDevice,
    MatterEntry,
    MatterRound,
    Promise,
)
from domain.matters.timeline import add, owe, owe_nothing, sent_before

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.clock import Rule
    from domain.matters.holders import KindOf
    from domain.matters.ladder import Ladder
    from domain.matters.timeline import Act, Written

# How long a closed matter can be reopened and rated.
REOPENS = dt.timedelta(days=14)
# How long nothing is said in a matter that owes no answer, before it closes by itself. Without it
# what nobody closed would never be old enough to be erased.
SILENCE = dt.timedelta(days=30)
# Matters that close in one unit of work.
BATCH = 100
# Letters and digits that are told apart on paper and on the telephone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE = 8
# Where a first sentence ends, in Chinese and in English.
_SENTENCE = re.compile(r"[。！？!?；;\n]|\.\s")  # noqa: RUF001 - Chinese marks


@dataclass(frozen=True)
class Opening:
    """What a matter begins with. `device` is None for one that came by telephone or by letter."""

    kind: str
    community_id: int
    written: Written
    rule: Rule
    device: str | None = None
    about_id: int | None = None


async def open_matter(act: Act, opening: Opening, ladder: Ladder) -> tuple[Matter, bool]:
    """Begin a matter, and whether it is new: the same form sent again is the same matter.

    Raises `KeyReusedError` when the form's key came with other words before.
    """
    session, now, written = act.session, act.now, opening.written
    form_key, form_hash = written.form_key or secrets.token_hex(32), written.form_hash or ""
    kept = await _of_form(session, form_key, form_hash)
    if kept is not None:
        return kept, False
    hold = first_hold(ladder, now)
    matter = Matter(
        kind=opening.kind,
        community_id=opening.community_id,
        token=secrets.token_urlsafe(24),
        code=await _new_code(session),
        form_key=form_key,
        form_hash=form_hash,
        subject=subject_of(written.words),
        began_at=now,
        rule=opening.rule,
        level=hold.level,
        holder_id=hold.staff_id,
        held_since=now,
        held_why=hold.why,
        about_id=opening.about_id,
    )
    owe(act, matter)
    try:
        async with session.begin_nested():
            session.add(matter)
    except IntegrityError:
        # Two tabs sent the form at once, and the other one was first.
        kept = await _of_form(session, form_key, form_hash)
        if kept is None:
            raise
        return kept, False
    session.add(MatterRound(matter_id=matter.id, number=1, opened_at=now))
    if opening.device is not None:
        session.add(MatterDevice(matter_id=matter.id, device=opening.device, since=now))
    # The key is the matter's own: an entry with it would be taken for a second message.
    first = replace(written, form_key=None, form_hash=None)
    add(act, matter, EntryKind.MESSAGE, first)
    holders.move(act, matter, hold)
    holders.settle(act, matter, ladder)
    return matter, True


async def _of_form(session: AsyncSession, form_key: str, form_hash: str) -> Matter | None:
    """The matter that this form began. Raises `KeyReusedError` for other words under its key."""
    kept: Matter | None = await session.scalar(select(Matter).where(Matter.form_key == form_key))
    if kept is not None and kept.form_hash != form_hash:
        raise KeyReusedError
    return kept


def subject_of(words: str) -> str:
    """What a matter is called in lists: its first sentence, cut when long."""
    first = " ".join(_SENTENCE.split(words.strip(), maxsplit=1)[0].split())
    return first if len(first) <= LONGEST_TITLE else f"{first[: LONGEST_TITLE - 1]}…"


async def _new_code(session: AsyncSession) -> str:
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE))
        if await session.scalar(select(Matter.id).where(Matter.code == code)) is None:
            return code


async def current_round(session: AsyncSession, matter_id: int) -> MatterRound:
    """The newest round of a matter."""
    found = await session.scalars(
        select(MatterRound)
        .where(MatterRound.matter_id == matter_id)
        .order_by(MatterRound.number.desc())
        .limit(1)
    )
    return found.one()


async def close(act: Act, matter: Matter, staff_id: int | None = None) -> None:
    """Close a matter, by the office or (`staff_id` None) by the resident. Raises `ClosedError`."""
    if not matter.is_open:
        raise ClosedError
    current = await current_round(act.session, matter.id)
    current.is_closed_by_office = staff_id is not None
    _end(act, matter, current)
    add(act, matter, EntryKind.CLOSED, staff_id=staff_id)


def _end(act: Act, matter: Matter, current: MatterRound) -> None:
    current.closed_at = matter.closed_at = act.now
    matter.moves_at = None
    owe_nothing(matter)


async def close_silent(act: Act, kind_of: KindOf) -> int:
    """Close matters in which nothing happened for `SILENCE`, `BATCH` at most; how many there were.

    What owes an answer stays open, and what has a promise that is still to be kept. A caller
    repeats it until there are none. Each can be rated and opened again as if it was closed by hand.
    """
    last = select(func.max(MatterEntry.at)).where(MatterEntry.matter_id == Matter.id)
    promised = select(Promise.id).where(Promise.matter_id == Matter.id, IS_PROMISED)
    silent = await act.session.scalars(
        select(Matter)
        .where(
            Matter.closed_at.is_(None),
            Matter.owed_since.is_(None),
            last.scalar_subquery() < act.now - SILENCE,
            ~promised.exists(),
        )
        .order_by(Matter.id)
        .limit(BATCH)
        .with_for_update()
    )
    matters = silent.all()
    for matter in matters:
        _end(act, matter, await current_round(act.session, matter.id))
        add(act, matter, EntryKind.CLOSED, facts={"why": "silence"})
        await kind_of(matter.kind).closed(act.session, [matter.id])
    return len(matters)


async def reopen(act: Act, matter: Matter, ladder: Ladder, written: Written) -> None:
    """Open the next round with a message; it goes to who holds the post now.

    Raises `StillOpenError`, `TooLateError` after `REOPENS`, `KeyReusedError`.
    """
    if await sent_before(act.session, written):
        return
    if matter.closed_at is None:
        raise StillOpenError
    if act.now - matter.closed_at > REOPENS or matter.erased_at is not None:
        raise TooLateError
    before = await current_round(act.session, matter.id)
    act.session.add(MatterRound(matter_id=matter.id, number=before.number + 1, opened_at=act.now))
    matter.closed_at = None
    owe(act, matter)
    add(act, matter, EntryKind.REOPENED)
    add(act, matter, EntryKind.MESSAGE, written)
    holders.move(act, matter, first_hold(ladder, act.now, HoldReason.REOPENED))
    holders.settle(act, matter, ladder)


async def rate(act: Act, matter: Matter, rating: int) -> None:
    """Rate the closed round, 1 to 5 (5 is the best).

    Raises `StillOpenError`, `RatedAlreadyError`, `TooLateError` after `REOPENS`.
    """
    current = await current_round(act.session, matter.id)
    if current.closed_at is None:
        raise StillOpenError
    if current.rating is not None:
        raise RatedAlreadyError
    if act.now - current.closed_at > REOPENS:
        raise TooLateError
    current.rating, current.rated_at = rating, act.now
    add(act, matter, EntryKind.RATED, facts={"rating": rating})
