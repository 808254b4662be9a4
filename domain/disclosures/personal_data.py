"""个人信息检查: identity numbers, phones, bank cards and home addresses in a text.

The patterns repeat only what is bounded, and neighbours never share a character, so that time
grows with the length of a text and not with its square. What is found is named with its place
and masked, because the report itself is shown and kept.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


class FoundKind(StrEnum):
    """What was found."""

    IDENTITY_NUMBER = "identity-number"
    MOBILE_PHONE = "mobile-phone"
    BANK_CARD = "bank-card"
    HOME_ADDRESS = "home-address"


@dataclass(frozen=True)
class Found:
    """Personal data in a text: its line from 1, and its characters from `start` before `end`.

    `place` is the caller's word for where the text stands. `shown` gives away at most the first
    three and the last two characters.
    """

    kind: FoundKind
    place: str
    line: int
    start: int
    end: int
    shown: str


# Other ways to write a digit, X, a hyphen and a space, and characters that nobody sees, each for
# one character, so that places stay the same.
_ZEROS = (0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x0660, 0x06F0)
PLAIN = {
    **{zero + digit: str(digit) for zero in _ZEROS for digit in range(10)},
    **dict.fromkeys(map(ord, "ｘＸ×✕Хх"), "X"),
    **dict.fromkeys(map(ord, "‐‑‒–—―−－﹣"), "-"),
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"), " "),
    **dict.fromkeys([0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF], " "),
}
# What stands between the digits of a number: spaces, hyphens, the edge of a cell, a line's end.
RUN = re.compile(r"[0-9](?:[ \t\r\n|*-]{0,4}[0-9]){10,}(?:[ -]{0,2}[Xx])?")
GROUP = re.compile(r"[0-9]+")
LONGEST_GROUP = 19

# The first two digits of an identity number, by region of the country.
REGIONS = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
PROVINCES = frozenset(str(number) for first, last in REGIONS for number in range(first, last + 1))
IDENTITY_DIGITS, OLD_IDENTITY_DIGITS = 18, 15
IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
IDENTITY_CHECKS = "10X98765432"
# 统一社会信用代码 (GB 32100): an office's number of the same length.
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
CREDIT_MODULUS = 31

PHONE_DIGITS = 11
PHONE = re.compile(r"1[3-9][0-9]{9}")
PHONE_WITH_COUNTRY = re.compile(r"(?:00)?861[3-9][0-9]{9}")
COUNTRY = frozenset({"86", "0086"})
# How people group the digits of a phone: 138 0000 1111, 138-00001111, 1380000 1111.
PHONE_GROUPS = frozenset({(3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (4, 4, 3), (5, 6)})
DECIMALS = re.compile(r"[.][0-9]{1,2}(?![0-9.])")

CARD_DIGITS = range(16, 20)
# The first digits of banks' cards (ISO/IEC 7812). Without them every tenth serial number and
# timestamp of this length would pass for a card.
CARD = re.compile(r"3|4|5|6|81|9|222[1-9]|22[3-9]|2[3-6]|27[01]|2720")
OLD_IDENTITY_GROUPS = frozenset({(15,), (6, 6, 3)})


@dataclass(frozen=True)
class _Run:
    """Digits with what stands between them: the places of its groups, and all digits together."""

    groups: list[tuple[int, int]]
    digits: str
    # How many digits stand before each group, and behind the last.
    before: list[int]
    # The place of the group that begins behind so many digits.
    at: dict[int, int]


def found_in(text: str, place: str = "", allowed: Collection[str] = ()) -> list[Found]:
    """The personal data in a text, in its order.

    A tab or `|` is the edge of a table's cell. Numbers and addresses in `allowed` are not reported.
    """
    plain = text if text.isascii() else text.translate(PLAIN)
    passes = {_bare(each.translate(PLAIN)) for each in allowed}
    matches = [*_numbers(plain), *_addresses(plain)]
    if not matches:
        return []
    ends = [at for at, character in enumerate(plain) if character == "\n"]
    found = []
    for kind, start, end in sorted(matches, key=lambda match: match[1:]):
        bare = _bare(plain[start:end])
        if not _is_allowed(kind, bare, passes):
            line = bisect_right(ends, start - 1) + 1
            found.append(Found(kind, place, line, start, end, _masked(bare)))
    return found


def _is_allowed(kind: FoundKind, bare: str, passes: Collection[str]) -> bool:
    if kind is FoundKind.HOME_ADDRESS:
        return any(bare in each for each in passes)
    if kind is FoundKind.MOBILE_PHONE:
        return bare[-PHONE_DIGITS:] in {each[-PHONE_DIGITS:] for each in passes}
    return bare in passes


BETWEEN = re.compile(r"[\s|,，、*-]+")
# Characters of which the first three and last two still say little.
LONG = 11


def _bare(text: str) -> str:
    """The text without what stands between its parts."""
    return BETWEEN.sub("", text)


def _masked(bare: str) -> str:
    return f"{bare[:3]}…{bare[-2:]}" if len(bare) >= LONG else f"{bare[:1]}…"


def _numbers(plain: str) -> Iterator[tuple[FoundKind, int, int]]:
    for match in RUN.finditer(plain):
        yield from _numbers_in(plain, match.start(), match.end())


def _numbers_in(plain: str, start: int, end: int) -> Iterator[tuple[FoundKind, int, int]]:
    """What the groups of a run are; of two readings that overlap the first."""
    groups = [match.span() for match in GROUP.finditer(plain, start, end)]
    before = [0, *accumulate(end - start for start, end in groups)]
    digits = "".join(plain[start:end] for start, end in groups)
    run = _Run(groups, digits, before, {count: at for at, count in enumerate(before)})
    for find in (_identity, _card, _phone):
        at, used = 0, []
        while at < len(run.groups):
            found = find(plain, run, at)
            if found is None:
                at += 1
                continue
            kind, last, end_of_number = found
            yield kind, run.groups[at][0], end_of_number
            used.append((at, last))
            at = last + 1
        if used:
            yield from _left_over(plain, run, used)
            return


def _left_over(
    plain: str, run: _Run, used: list[tuple[int, int]]
) -> Iterator[tuple[FoundKind, int, int]]:
    """What stands in a run beside the groups that were used."""
    firsts = [0, *(last + 1 for _, last in used)]
    lasts = [*(first for first, _ in used), len(run.groups)]
    for first, last in zip(firsts, lasts, strict=True):
        if last > first:
            start, end = run.groups[first][0], run.groups[last - 1][1]
            if end - start >= PHONE_DIGITS:
                yield from _numbers_in(plain, start, end)


def _identity(plain: str, run: _Run, at: int) -> tuple[FoundKind, int, int] | None:
    first = run.before[at]
    if run.digits[first : first + 2] not in PROVINCES:
        return None
    kind = FoundKind.IDENTITY_NUMBER
    if (last := run.at.get(first + IDENTITY_DIGITS)) is not None:
        number = run.digits[first : first + IDENTITY_DIGITS]
        if is_identity_number(number):
            return kind, last - 1, run.groups[last - 1][1]
    if (last := run.at.get(first + IDENTITY_DIGITS - 1)) is not None:
        end = run.groups[last - 1][1]
        letter = LETTER.match(plain, end)
        number = run.digits[first : first + IDENTITY_DIGITS - 1]
        if letter and is_identity_number(f"{number}X"):
            return kind, last - 1, letter.end()
    if (last := run.at.get(first + OLD_IDENTITY_DIGITS)) is not None:
        number = run.digits[first : first + OLD_IDENTITY_DIGITS]
        if _sizes(run, at, last) in OLD_IDENTITY_GROUPS and _is_day(f"19{number[6:12]}"):
            return kind, last - 1, run.groups[last - 1][1]
    return None


LETTER = re.compile(r"[ -]{0,2}[Xx]")


def _sizes(run: _Run, at: int, last: int) -> tuple[int, ...]:
    """How many digits each of these groups has; the groups are few."""
    return tuple(end - start for start, end in run.groups[at : min(last, at + 6)])


def is_identity_number(number: str) -> bool:
    """Whether 18 characters are an identity number: a province, a day and the check digit fit."""
    if number[:2] not in PROVINCES or not _is_day(number[6:14]):
        return False
    total = sum(w * int(d) for w, d in zip(IDENTITY_WEIGHTS, number[:17], strict=True))
    return IDENTITY_CHECKS[total % 11] == number[17].upper()


def is_rounded_identity_number(number: str) -> bool:
    """Whether 18 digits are what a spreadsheet makes of an identity number: 000 at its end."""
    is_rounded = len(number) == IDENTITY_DIGITS and number.isdecimal() and number.endswith("000")
    return is_rounded and number[:2] in PROVINCES and _is_day(number[6:14])


def _is_day(digits: str) -> bool:
    if digits[:2] not in {"19", "20"}:
        return False
    try:
        dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _card(plain: str, run: _Run, at: int) -> tuple[FoundKind, int, int] | None:
    first = run.before[at]
    if CARD.match(run.digits, first) is None or _follows_a_number(plain, run, at):
        return None
    for count in reversed(CARD_DIGITS):
        last = run.at.get(first + count)
        if last is None or not _is_grouped_as_a_card(plain, run, at, last):
            continue
        number = run.digits[first : first + count]
        if _is_luhn(number) and not _is_credit_code(number):
            return FoundKind.BANK_CARD, last - 1, run.groups[last - 1][1]
    return None


def _is_grouped_as_a_card(plain: str, run: _Run, at: int, last: int) -> bool:
    """Whether the groups are one, fours, or six and the rest, with a space or hyphen between."""
    sizes = _sizes(run, at, last)
    fours = all(size == 4 for size in sizes[:-1]) and sizes[-1] <= 4  # noqa: PLR2004 - of a card
    six = len(sizes) == 2 and sizes[0] == 6  # noqa: PLR2004 - the bank's part, the person's part
    return (len(sizes) == 1 or fours or six) and _is_close(plain, run, at, last)


def _is_close(plain: str, run: _Run, at: int, last: int) -> bool:
    """Whether single spaces and hyphens stand between groups that are few."""
    inner = run.groups[at:last]
    return all(plain[end:start] in {" ", "-"} for (_, end), (start, _) in pairwise(inner))


def _is_luhn(number: str) -> bool:
    if len(set(number)) == 1:
        return False
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2]]
    return (sum(doubled) + sum(map(int, number[-1::-2]))) % 10 == 0


def _is_credit_code(number: str) -> bool:
    if len(number) != IDENTITY_DIGITS:
        return False
    total = sum(w * int(d) for w, d in zip(CREDIT_WEIGHTS, number[:17], strict=True))
    return (CREDIT_MODULUS - total % CREDIT_MODULUS) % CREDIT_MODULUS == int(number[17])


def _phone(plain: str, run: _Run, at: int) -> tuple[FoundKind, int, int] | None:
    start, end = run.groups[at]
    kind = FoundKind.MOBILE_PHONE
    if end - start <= LONGEST_GROUP:
        group = plain[start:end]
        is_whole = PHONE.fullmatch(group) or PHONE_WITH_COUNTRY.fullmatch(group)
        if is_whole and not _is_within_an_amount(plain, start, end):
            return kind, at, end
    first = run.before[at]
    last = run.at.get(first + PHONE_DIGITS)
    if last is None or not PHONE.match(run.digits, first):
        return None
    end = run.groups[last - 1][1]
    if _sizes(run, at, last) not in PHONE_GROUPS or not _is_close(plain, run, at, last):
        return None
    if _is_within_an_amount(plain, start, end) or _follows_a_number(plain, run, at):
        return None
    return kind, last - 1, end


def _is_within_an_amount(plain: str, start: int, end: int) -> bool:
    """Whether decimals follow, or an amount's end begins these groups: 12,138 0013 8000."""
    if DECIMALS.match(plain, end):
        return True
    follows_comma = start > 1 and plain[start - 1] in ".," and plain[start - 2].isdecimal()
    return follows_comma and not plain[start:end].isdecimal()


def _follows_a_number(plain: str, run: _Run, at: int) -> bool:
    """Whether other digits stand right before, joined by a hyphen, and are no country's code."""
    if at == 0:
        return False
    start, end = run.groups[at - 1]
    is_joined = plain[end : run.groups[at][0]] == "-"
    return is_joined and plain[start:end][-4:] not in COUNTRY


# Home addresses. A building with a room, a unit with a room, or a named place with a building and
# a unit. "3号楼2单元楼道灯" is where the office repaired a lamp, and is no home.
_NUMBER = r"[0-9A-Za-z一二三四五六七八九十百〇零两甲乙丙丁]{1,5}"
# Within a line, over the edge of a cell, and over a line's end.
_GAP = r"[ \t\r\n|,，、*-]{0,8}"
_PLACE = r"(?:小区|社区|花园|家园|新村|公寓|宿舍|大院|胡同|大道|[苑园庄里村路街巷弄区])"
_BUILDING = rf"{_NUMBER}[ ]?(?:号楼|号院|栋|幢|座|[#＃]楼?)"
_UNIT = rf"{_NUMBER}[ ]?单元"
_FLOOR = rf"(?:{_NUMBER}[ ]?[层楼]{_GAP})?"
_ROOM = rf"(?:{_NUMBER}[ ]?(?:室|号房)|[东西中南北]户)"
# Without 室: right behind the unit or building, and neither an amount nor a count.
_BARE = r"[ -]?[0-9]{3,4}(?:户|(?![0-9.,，]|[ ]?[元年月日户人个平米㎡万次盏台套株块处%]))"
ADDRESS = re.compile(
    rf"(?:{_PLACE}{_GAP})?{_BUILDING}{_GAP}(?:{_UNIT}{_GAP})?{_FLOOR}{_ROOM}"
    rf"|(?:{_PLACE}{_GAP})?(?:{_BUILDING}{_GAP})?{_UNIT}(?:{_GAP}{_FLOOR}{_ROOM}|{_BARE})"
    rf"|{_PLACE}{_GAP}(?:{_NUMBER}[ ]?号{_GAP})?{_BUILDING}{_GAP}{_UNIT}"
    rf"|{_PLACE}{_GAP}{_NUMBER}[ ]?号{_GAP}(?:{_UNIT}{_GAP})?{_FLOOR}{_ROOM}"
    rf"|{_BUILDING}(?:-[0-9]{{1,2}})?-?[0-9]{{3,4}}(?=[\s|，。；、;)）]|$)"
    rf"|{_PLACE}[ ]?[0-9]{{1,3}}-[0-9]{{1,2}}-[0-9]{{3,4}}(?![0-9])"
)
# Looked for first, with the interpreter's fastest search: most cells hold neither.
HINTS = ("室", "单元", "户", "号房", "楼", "栋", "幢", "座", "#", "＃", "-")


def _addresses(plain: str) -> Iterator[tuple[FoundKind, int, int]]:
    if plain.isascii() or not any(hint in plain for hint in HINTS):
        return
    for match in ADDRESS.finditer(plain):
        yield FoundKind.HOME_ADDRESS, match.start(), match.end()
