"""The check before publishing: every place of a draft that looks like personal data.

A place is corrected, or confirmed with a reason (an office's telephone that looks like a person's).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain.disclosures.content import FileReport, FoundPlace
from domain.disclosures.personal_data import found_in
from domain.disclosures.tables import DisclosureFile
from domain.staff.journal import note

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure
    from domain.staff.actor import Actor

TEXTS = ("title", "summary", "body", "responsible", "where_to_see")
ROWS = {
    "ledger": ("purpose", "counterparty", "evidence"),
    "persons": ("name", "number", "note"),
}


@dataclass(frozen=True)
class DraftSeen:
    """A draft as it stood when it was read; what was checked is published only if it still does."""

    disclosure_id: int
    uid: str
    number: int
    draft: dict[str, Any]
    confirmed: Mapping[str, str]
    reports: Mapping[str, FileReport]


async def draft_seen(session: AsyncSession, disclosure: Disclosure) -> DraftSeen:
    """The draft with all that the check looks at."""
    await session.refresh(disclosure, ["draft", "confirmed"])
    draft = disclosure.draft or {}
    return DraftSeen(
        disclosure.id,
        disclosure.uid,
        disclosure.draft_number,
        draft,
        dict(disclosure.confirmed),
        await _reports(session, disclosure, [file["token"] for file in draft.get("files") or ()]),
    )


async def _reports(
    session: AsyncSession, disclosure: Disclosure, tokens: list[str]
) -> dict[str, FileReport]:
    rows = await session.execute(
        select(DisclosureFile.token, DisclosureFile.report).where(
            DisclosureFile.disclosure_id == disclosure.id, DisclosureFile.token.in_(tokens)
        )
    )
    return {row.token: row.report for row in rows if row.report is not None}


# It takes a core for as long as the draft is large, so it runs neither in a unit of work nor on the
# loop that answers pages.
def places_found(seen: DraftSeen) -> list[FoundPlace]:
    """Every place of the draft and of its files that looks like personal data."""
    in_text = [
        (place, match.kind.value, match.shown, text[match.start : match.end])
        for place, text in _texts(seen.draft)
        for match in found_in(text)
    ]
    in_files = [
        found.model_copy(update={"place": f"files.{token}.{found.place}"})
        for token, report in seen.reports.items()
        for found in report.found
    ]
    return [*as_found(seen.uid, in_text), *in_files]


def open_places(seen: DraftSeen) -> list[FoundPlace]:
    """Those that nobody confirmed."""
    return [found for found in places_found(seen) if found.fingerprint not in seen.confirmed]


def as_found(uid: str, places: Iterable[tuple[str, str, str, str]]) -> list[FoundPlace]:
    """Places with their fingerprints: `(place, kind, masked excerpt, value)`.

    The value itself is not kept. Where it stands twice, each place has a fingerprint of its own.
    """
    counted: Counter[tuple[str, str]] = Counter()
    found = []
    for place, kind, excerpt, value in places:
        counted[kind, value] += 1
        what = f"{uid} {kind} {value} {counted[kind, value]}"
        fingerprint = hashlib.sha256(what.encode()).hexdigest()[:32]
        found.append(FoundPlace(place=place, kind=kind, excerpt=excerpt, fingerprint=fingerprint))
    return found


def _texts(draft: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text of a draft with its place."""
    for name in TEXTS:
        if isinstance(text := draft.get(name), str):
            yield name, text
    for name, fields in ROWS.items():
        for number, row in enumerate(draft.get(name) or ()):
            for field in fields:
                if isinstance(text := row.get(field), str):
                    yield f"{name}.{number}.{field}", text


async def confirm(  # noqa: PLR0913, PLR0917 - who says what of which place
    session: AsyncSession,
    actor: Actor,
    disclosure: Disclosure,
    found: FoundPlace,
    why: str,
    now: dt.datetime,
) -> None:
    """Say that this place is no personal data, and why; the log keeps both, and not the value."""
    disclosure.confirmed = {**disclosure.confirmed, found.fingerprint: why}
    await note(
        session,
        actor,
        "disclosure-confirmed",
        f"disclosure/{disclosure.id}",
        now=now,
        after={"place": found.place, "kind": found.kind, "why": why},
        community_id=disclosure.community_id,
    )
