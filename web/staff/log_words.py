"""An entry of the log in the words of an office: who, what, about what, and what changed."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain.staff.tables import StaffMember
from web.site.log_words import LogChange, LogWords
from web.site.words import date_words, time_words, translations
from web.staff import log_terms as terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.journal import JournalEntry
    from web.staff.access import StaffVisit

DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
PERSON = re.compile(r"staff/(\d{1,9})\Z")
# Said by a name beside them.
SILENT = {"staff", "sequence"}


@dataclass(frozen=True)
class LogLine:
    """An entry as people read it."""

    entry: JournalEntry
    # Full name and the name to sign in with, as they were then; both empty for the command line.
    full_name: str
    name: str
    action: str
    subject: str
    # The community; empty for what is not about one.
    place: str
    changes: tuple[LogChange, ...]

    @property
    def is_about_oneself(self) -> bool:
        return self.entry.subject == f"staff/{self.entry.staff_id}"


@dataclass(frozen=True)
class Words:
    """What is needed to say entries: the visit, and the people they name."""

    visit: StaffVisit
    # Full name and login name of today, by id.
    people: dict[int, tuple[str, str]]

    @property
    def word(self) -> Callable[[str], str]:
        """The translation of our own words."""
        return translations(self.visit.lang).gettext


async def lines(
    visit: StaffVisit, session: AsyncSession, entries: Sequence[JournalEntry]
) -> list[LogLine]:
    """These entries in words, with as many queries for many as for few."""
    words = Words(visit, await _people(session, entries))
    said: dict[int, LogWords] = {}
    for feature in visit.features:
        said |= await feature.in_log(visit, session, entries)
    return [_line(words, entry, said.get(entry.id)) for entry in entries]


async def _people(
    session: AsyncSession, entries: Iterable[JournalEntry]
) -> dict[int, tuple[str, str]]:
    wanted = {
        id_ for entry in entries for id_ in (_person_in(entry.subject), entry.staff_id) if id_
    }
    rows = await session.execute(
        select(StaffMember.id, StaffMember.full_name, StaffMember.name).where(
            StaffMember.id.in_(wanted)
        )
    )
    return {row.id: (row.full_name, row.name) for row in rows}


def _person_in(subject: str) -> int | None:
    found = PERSON.match(subject)
    return int(found[1]) if found else None


def _line(words: Words, entry: JournalEntry, said: LogWords | None) -> LogLine:
    # Entries of before names were kept say the name of today.
    today = words.people.get(entry.staff_id or 0, ("", ""))
    community = entry.community_id
    return LogLine(
        entry,
        entry.full_name or today[0],
        entry.name or today[1],
        words.word(terms.ACTIONS.get(entry.action, entry.action)),
        _named(words, entry, said or LogWords()),
        "" if community is None else words.visit.place_of(None, community)[0],
        # A document's entry that holds no document, such as a confirmation, says its own values.
        (said.changes if said else ()) or _changes(words, entry),
    )


def _named(words: Words, entry: JournalEntry, said: LogWords) -> str:
    subject = said.subject or _subject(words, entry.subject)
    return f"{subject}{words.word(': ')}{said.title}" if said.title else subject


def _subject(words: Words, subject: str) -> str:
    """What an entry is about, by its name; as it was written where nothing knows it."""
    kind, _, rest = subject.partition("/")
    if kind == "staff":
        return " ".join(filter(None, words.people.get(_person_in(subject) or 0, ("", ""))))
    if subject.endswith("/cards"):
        return words.word(terms.CARDS)
    if kind == "queue":
        _, _, day = rest.partition("/")
        if not day:
            return words.word(terms.QUEUE)
        return words.word(terms.QUEUE_DAY).replace("{}", _text(words, "day", day))
    if kind not in terms.SUBJECTS:
        return subject
    return words.word(terms.SUBJECTS[kind]).replace("{}", rest.rpartition("/")[2])


def _changes(words: Words, entry: JournalEntry) -> tuple[LogChange, ...]:
    kind = entry.subject.partition("/")[0]
    before, after = entry.before, entry.after
    if not (isinstance(before, dict) or isinstance(after, dict)):
        # One value is named by what was done to it, or not at all.
        label = terms.FIELDS.get(entry.action)
        texts = _text(words, entry.action, before), _text(words, entry.action, after)
        return (LogChange(words.word(label) if label else "", *texts),) if any(texts) else ()
    old, new = _placed(words, _fields(before)), _placed(words, _fields(after))
    return tuple(_of_fields(words, kind, old, new))


def _placed(words: Words, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, with the district as the place of a role that has no other."""
    if "role" not in fields or fields.keys() & {"community_id", "subdistrict_id"}:
        return fields
    return {**fields, "district": _place(words)}


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a value; one that is no record stands below no name."""
    if isinstance(value, dict):
        return value
    return {} if value is None else {"": value}


def _of_fields(
    words: Words, kind: str, before: dict[str, Any], after: dict[str, Any], above: str = ""
) -> Iterable[LogChange]:
    """What differs, field by field, with what is nested below its own name."""
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        if old == new or name in SILENT:
            continue
        if isinstance(old, dict) or isinstance(new, dict):
            where = above + _label(words, kind, name)
            yield from _of_fields(words, kind, _fields(old), _fields(new), f"{where} › ")
        else:
            texts = _text(words, name, old), _text(words, name, new)
            if any(texts):
                yield LogChange(above + _label(words, kind, name), *texts)


def _label(words: Words, kind: str, name: str) -> str:
    found = terms.FIELDS.get(f"{kind}/{name}") or terms.FIELDS.get(name)
    return words.word(found) if found else name


def _text(words: Words, name: str, value: Any) -> str:  # noqa: PLR0911 - one line a kind of value
    """A value as people say it; empty for what is not there."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return words.word(terms.YES if value else terms.NO)
    if isinstance(value, list):
        return words.word(", ").join(filter(None, (_text(words, name, each) for each in value)))
    if isinstance(value, dict):
        return _grant(words, value) if "role" in value else _record(words, value)
    if name in {"community_id", "subdistrict_id"}:
        return _place(words, **{name: value})
    text = str(value)
    if (known := terms.VALUES.get(name, {}).get(text)) is not None:
        return words.word(known)
    return _day(words, text) or text


def _grant(words: Words, grant: dict[str, Any]) -> str:
    place = _place(words, grant.get("subdistrict_id"), grant.get("community_id"))
    return f"{_text(words, 'role', grant['role'])} · {place}"


def _record(words: Words, value: dict[str, Any]) -> str:
    said = ((_label(words, "", name), _text(words, name, each)) for name, each in value.items())
    return " · ".join(f"{name}{words.word(': ')}{text}" for name, text in said if text)


def _place(words: Words, subdistrict_id: Any = None, community_id: Any = None) -> str:
    return words.visit.place_of(subdistrict_id, community_id)[0]


def _day(words: Words, text: str) -> str:
    """A day or a moment as people say it; empty for what is neither."""
    try:
        if DAY.fullmatch(text):
            return date_words(dt.date.fromisoformat(text), words.visit.lang, "year")
        if MOMENT.match(text):
            at = dt.datetime.fromisoformat(text)
            at = words.visit.local(at) if at.tzinfo else at
            return f"{date_words(at.date(), words.visit.lang, 'year')} {time_words(at)}"
    except ValueError:
        pass
    return ""
