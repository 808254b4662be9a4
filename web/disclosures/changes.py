"""What a revision of a disclosure changed, as residents read it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from domain.disclosures.amounts import yuan
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.disclosures.content import DisclosureContent, LedgerLine
    from domain.disclosures.tables import DisclosureRevision

NAMES = {
    "title": N_("Title"),
    "summary": N_("In short"),
    "responsible": N_("Responsible"),
    "period": N_("Period"),
    "open_days": N_("Days open for objections"),
    "where_to_see": N_("Where to see it"),
}
BODY, LINE, FILES = N_("Text"), N_("Line of the ledger"), N_("Files")


@dataclass(frozen=True)
class Change:
    """A place, named by words to translate, and what stood there before and after."""

    where: str
    before: str
    after: str


def changes_between(
    before: DisclosureRevision | None, after: DisclosureRevision
) -> Sequence[Change]:
    """What `after` changed; nothing where one of them is erased. Never a row with persons."""
    if before is None or before.document is None or after.document is None:
        return ()
    old, new = before.document, after.document
    return [*_fields(old, new), *_text(old.body, new.body), *_ledger(old, new), *_files(old, new)]


def _fields(old: DisclosureContent, new: DisclosureContent) -> Iterator[Change]:
    for name, where in NAMES.items():
        was, is_now = getattr(old, name), getattr(new, name)
        if was != is_now:
            yield Change(where, _word(was), _word(is_now))


def _word(value: object) -> str:
    return "" if value is None else str(value)


def _text(old: str, new: str) -> Iterator[Change]:
    """Line by line: a text of a hundred lines of which one changed shows that one."""
    was, is_now = old.splitlines(), new.splitlines()
    matcher = SequenceMatcher(None, was, is_now, autojunk=False)
    for word, first, last, begins, ends in matcher.get_opcodes():
        if word != "equal":
            yield Change(BODY, "\n".join(was[first:last]), "\n".join(is_now[begins:ends]))


def _ledger(old: DisclosureContent, new: DisclosureContent) -> Iterator[Change]:
    was, is_now = ({line.key: line for line in each.ledger} for each in (old, new))
    for key in {**was, **is_now}:
        if was.get(key) != is_now.get(key):
            yield Change(LINE, _line(was.get(key)), _line(is_now.get(key)))


def _line(line: LedgerLine | None) -> str:
    if line is None:
        return ""
    parts = [str(line.day), line.purpose, yuan(line.fen), line.counterparty, line.evidence]
    return " · ".join(filter(None, parts))


def _files(old: DisclosureContent, new: DisclosureContent) -> Iterator[Change]:
    was, is_now = ({each.token: each.name for each in content.files} for content in (old, new))
    if was != is_now:
        yield Change(FILES, "、".join(was.values()), "、".join(is_now.values()))
