"""党务、居务、财务公开, as the office writes them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from domain.content import Content, Day, Line, Slug, Text
from domain.words import N_, Words

# Characters of a text in Markdown.
LONGEST_BODY = 20_000
# Lines of a ledger, and rows of a list of persons.
MOST_ROWS = 2_000
# 10^13 fen are a hundred billion yuan: more than a district spends.
MOST_FEN = 10**13


class DisclosureKind(StrEnum):
    """公开类别."""

    PARTY = "party"
    RESIDENT_AFFAIRS = "resident-affairs"
    FINANCE = "finance"


class Audience(StrEnum):
    """公开范围: what is for some shows its title and where to see it, and nothing more."""

    EVERYONE = "everyone"
    SOME = "some"


class OpenUnit(StrEnum):
    """What the days of an objection period are."""

    CALENDAR_DAY = "calendar-day"
    WORKING_DAY = "working-day"


Body = Annotated[str, StringConstraints(max_length=LONGEST_BODY)]
LineKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,12}$")]
# `2026`, `2026-H1`, `2026-Q3`, `2026-10`.
PeriodWord = Annotated[
    str,
    StringConstraints(pattern=r"^20[0-9]{2}(-(Q[1-4]|H[12]|0[1-9]|1[0-2]))?$"),
    Words(
        N_(
            "Please write a year, half a year, a quarter or a month, such as 2026, 2026-H1, "
            "2026-Q3 or 2026-10."
        )
    ),
]


class LedgerLine(Content):
    """账目: money in (positive) or out (negative), in fen.

    `key` is permanent, so that a question asked about this line stays with it after a correction.
    """

    key: LineKey
    day: Day
    purpose: Line
    fen: int = Field(ge=-MOST_FEN, le=MOST_FEN)
    counterparty: Line | None = None
    evidence: Line | None = None


# Characters of each cell of a row with a person.
LONGEST_NUMBER, LONGEST_NAME, LONGEST_NOTE = 12, 20, 80


class PersonRow(Content):
    """名单的一行: a number of the list, a masked name, and what is said of the person."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NUMBER)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
    note: Annotated[str, StringConstraints(max_length=LONGEST_NOTE)] = ""


class AttachedFile(Content):
    """附件: a file at an address that nobody can guess."""

    token: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{20,48}$")]
    name: Line


class FoundPlace(Content):
    """A place that looks like personal data: where, what kind, and an excerpt that is masked.

    `place` is the path of a field (`ledger.3.purpose`), or of a file and the place within it. The
    fingerprint finds it again after other places changed; it is a hash and tells nobody what it is.
    """

    place: str
    kind: str
    excerpt: str
    fingerprint: str


class HiddenPlace(Content):
    """A place of a file that its readers do not see: what it is, and where."""

    place: str
    where: str


class FileReport(Content):
    """What was found in a file when it was sent: personal data, and places that hide some."""

    found: tuple[FoundPlace, ...] = ()
    hiding: tuple[HiddenPlace, ...] = ()


class DisclosureContent(Content):
    """公开内容: one disclosure as it is published."""

    title: Line
    # What an ordinary reader must know, in plain words.
    summary: Text
    # Markdown.
    body: Body = ""
    # The item of the catalogue, and the period that it is about.
    item: Slug | None = None
    period: PeriodWord | None = None
    # The person or office to ask.
    responsible: Line
    audience: Audience = Audience.EVERYONE
    where_to_see: Text | None = None
    # 公示期: days open for objections; the day of publication is not counted.
    open_days: int | None = Field(default=None, ge=1, le=60)
    open_unit: OpenUnit = OpenUnit.CALENDAR_DAY
    # The balance before the first line; None where there is no ledger.
    opening_fen: int | None = Field(default=None, ge=-MOST_FEN, le=MOST_FEN)
    ledger: tuple[LedgerLine, ...] = Field(default=(), max_length=MOST_ROWS)
    persons: tuple[PersonRow, ...] = Field(default=(), max_length=MOST_ROWS)
    # The last day on which the rows with persons are shown; None for the end of the 公示期.
    persons_until: Day | None = None
    files: tuple[AttachedFile, ...] = Field(default=(), max_length=10)
