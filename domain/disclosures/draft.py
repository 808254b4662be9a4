"""What is being written: a disclosure as it is typed, right or not, and what it says once right.

A draft is the JSON of a `DisclosureContent` in which amounts are words (`1,234.50`): a number would
say that it was understood already.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from typing import TYPE_CHECKING, Annotated, Any, TypeGuard

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from domain.content import Content, Contradiction, Day, Line, Slug, Text
from domain.disclosures.amounts import NOT_UNDERSTOOD, AmountError, fen_of, yuan
from domain.disclosures.content import (
    LONGEST_BODY,
    MOST_ROWS,
    Audience,
    DisclosureContent,
    OpenUnit,
    PeriodWord,
)
from domain.words import N_, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.disclosures.content import PersonRow

# Digits of an identity or account number, also in full width and with blanks or hyphens between.
LONG_NUMBER = re.compile(r"[0-9](?:[ -]?[0-9]){13,18}[xX]?")
LEFT_OF_NUMBER = 4
KEY = re.compile("[a-z0-9]{1,12}")
KEY_LENGTH = 12


def _is_amount(words: str) -> str:
    try:
        fen_of(words)
    except AmountError as error:
        raise PydanticCustomError("amount", "no amount", {"words": error.words}) from None
    return words


Yuan = Annotated[
    str,
    StringConstraints(min_length=1, max_length=30),
    AfterValidator(_is_amount),
    Words(NOT_UNDERSTOOD),
]


class DraftLine(Content):
    """账目的一行, as it is typed."""

    purpose: Line
    day: Day
    fen: Yuan
    counterparty: Line | None = None
    evidence: Line | None = None
    # Given when it is first saved; see `LedgerLine`.
    key: Annotated[str, StringConstraints(max_length=12)] | None = None


class DraftPerson(Content):
    """名单的一行, as it is typed."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    number: Annotated[str, StringConstraints(min_length=1, max_length=12)]
    note: Annotated[str, StringConstraints(max_length=80)] | None = None


class DisclosureDraft(Content):
    """公开, as it is typed. Its files are kept beside it: they are sent and not typed."""

    title: Line
    summary: Text
    body: Annotated[str, StringConstraints(max_length=LONGEST_BODY)] | None = None
    responsible: Line
    item: Slug | None = None
    period: PeriodWord | None = None
    audience: Audience = Audience.EVERYONE
    where_to_see: Text | None = None
    open_days: int | None = Field(default=None, ge=1, le=60)
    open_unit: OpenUnit = OpenUnit.CALENDAR_DAY
    opening_fen: Yuan | None = None
    ledger: tuple[DraftLine, ...] = Field(default=(), max_length=MOST_ROWS)
    persons: tuple[DraftPerson, ...] = Field(default=(), max_length=MOST_ROWS)
    persons_until: Day | None = None


def contradictions_of(draft: DisclosureDraft) -> Iterator[Contradiction]:
    """What does not fit together in a draft that is right field by field."""
    if draft.audience is Audience.SOME and draft.where_to_see is None:
        yield Contradiction(("where_to_see",), N_("Where can those it concerns see it?"))
    if draft.persons and draft.persons_until is None and draft.open_days is None:
        yield Contradiction(
            ("persons_until",), N_("Until when is the list of persons shown? It ends some day.")
        )
    if draft.opening_fen is not None and not draft.ledger:
        yield Contradiction(("opening_fen",), N_("A balance needs a ledger below it."))


def content_of(draft: dict[str, Any]) -> DisclosureContent:
    """What a draft says. Raises pydantic's `ValidationError` while it is not right."""
    plain = {name: value for name, value in draft.items() if value is not None}
    for name in ("ledger", "persons"):
        plain[name] = [_without_none(row) for row in plain.get(name) or ()]
    if "opening_fen" in plain:
        plain["opening_fen"] = _fen(plain["opening_fen"])
    plain["ledger"] = [{**row, "fen": _fen(row.get("fen"))} for row in plain["ledger"]]
    return DisclosureContent.model_validate(plain)


def _without_none(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


# Never left to pydantic, which reads "1200" and "1_200" as numbers: of fen, a hundredth of it.
def _fen(value: Any) -> int | None:
    """Words as fen, a number as it is; None for words that are no amount."""
    if not isinstance(value, str):
        return value if isinstance(value, int) else None
    try:
        return fen_of(value)
    except AmountError:
        return None


def draft_of(content: DisclosureContent, persons: Sequence[PersonRow]) -> dict[str, Any]:
    """A published content as it would be typed: what a correction begins from."""
    draft = content.model_dump(mode="json")
    if content.opening_fen is not None:
        draft["opening_fen"] = yuan(content.opening_fen)
    for row in draft["ledger"]:
        row["fen"] = yuan(row["fen"])
    draft["persons"] = [row.model_dump(mode="json") for row in persons]
    return draft


def as_saved(draft: dict[str, Any]) -> dict[str, Any]:
    """What was typed, as it is kept: lines with a key each, persons with their names masked."""
    return {
        **draft,
        "ledger": _keyed(draft.get("ledger") or []),
        "persons": [masked_person(row) for row in draft.get("persons") or ()],
    }


def _keyed(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines, each with a key that no other has."""
    used: set[str] = set()
    given = {key for line in lines if _is_key(key := line.get("key"))}
    keyed = []
    for line in lines:
        key = line.get("key")
        if not _is_key(key) or key in used:
            key = _new_key(given | used)
        used.add(key)
        keyed.append({**line, "key": key})
    return keyed


def key_of_row(form: str, row: str) -> str:
    """The key of a line that was added to a form: the same each time that the form is sent.

    A page that saves itself sends such a line again and again, also when an answer was lost.
    """
    return hashlib.sha256(f"{form} {row}".encode()).hexdigest()[:KEY_LENGTH]


def _is_key(key: Any) -> TypeGuard[str]:
    return isinstance(key, str) and KEY.fullmatch(key) is not None


def _new_key(taken: set[str]) -> str:
    """A key that no line has or had: a question that was asked stays with its own line."""
    while (key := secrets.token_hex(KEY_LENGTH // 2)) in taken:
        pass  # pragma: no cover
    return key


def with_keys_of(lines: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines of a spreadsheet with the keys of the lines that they are; the others have none."""
    found: dict[int, str] = {}
    left = {line["key"]: line for line in before if line.get("key")}
    for same in (
        ("day", "purpose", "fen"),
        ("day", "purpose"),
        ("purpose", "fen"),
        ("day", "fen", "evidence"),
    ):
        places: dict[tuple[Any, ...], list[str]] = {}
        for key, line in left.items():
            places.setdefault(_sign(line, same), []).append(key)
        for number, line in enumerate(lines):
            keys = places.get(_sign(line, same))
            if number not in found and keys:
                found[number] = keys.pop(0)
                del left[found[number]]
    return [{**line, "key": found.get(number)} for number, line in enumerate(lines)]


def _sign(line: dict[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(_fen(line.get(name)) if name == "fen" else line.get(name) for name in names)


def masked_person(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a list as it is kept: 王小国 as 王*国, and of a long number its last four digits."""
    return {
        **row,
        "name": _masked_name(row.get("name")),
        "number": _without_long_numbers(row.get("number")),
        "note": _without_long_numbers(row.get("note")),
    }


def _masked_name(name: Any) -> Any:
    """王小国 as 王*国, 王国 as 王*. What is masked stays; what is no text is as it was."""
    if not isinstance(name, str) or "*" in name:
        return name
    plain = "".join(name.split())
    if len(plain) <= 1:
        return name
    last = plain[-1] if plain[2:] else ""
    return f"{plain[0]}{'*' * (len(plain) - 1 - len(last))}{last}"


def _without_long_numbers(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    plain = unicodedata.normalize("NFKC", text)
    if not LONG_NUMBER.search(plain):
        return text
    return LONG_NUMBER.sub(lambda found: f"*{found[0][-LEFT_OF_NUMBER:]}", plain)
