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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator


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
# The first two digits of an identity number, by region of the country.
REGIONS = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
PROVINCES = frozenset(str(number) for first, last in REGIONS for number in range(first, last + 1))
IDENTITY_DIGITS = 18
IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
IDENTITY_CHECKS = "10X98765432"
# What may stand between the digits: spaces, hyphens, emphasis, the edge of a cell, a line's end.
_APART = r"[ \t\r\n|*-]{0,4}"
_YEAR = rf"(?:1{_APART}9|2{_APART}0)"
_IDENTITY = _APART.join(
    [
        "[1-8]",
        *["[0-9]"] * 5,
        _YEAR,
        *("[0-9]", "[0-9]", "[01]", "[0-9]", "[0-3]"),
        *["[0-9]"] * 4,
        "[0-9Xx]",
    ]
)
# Looked for from every digit: what only looks like a number's beginning hides no real one.
IDENTITY = re.compile(rf"(?<![0-9])(?=({_IDENTITY})(?![0-9]))")
OLD_IDENTITY = re.compile(
    r"(?<![0-9])([1-8][0-9]{5}[ -]?[0-9]{2}[01][0-9][0-3][0-9][ -]?[0-9]{3})(?![0-9])"
)
# 统一社会信用代码 (GB 32100): an office's number of the same length as a card's.
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
CREDIT_MODULUS = 31

_COUNTRY = r"(?:(?:00)?86[ -]?)?"
# No amount: 13800001111.00 has decimals.
_END = r"(?![0-9])(?!\.[0-9]{1,2}(?![0-9.]))"
PHONE = re.compile(rf"(?<![0-9]){_COUNTRY}(1[3-9][0-9]{{9}}){_END}")
# How people group the digits. 12,138 0000 1111 is the end of an amount, 0531-138 a longer number.
PHONE_IN_GROUPS = re.compile(
    rf"(?<![0-9])(?<![0-9][-.,]){_COUNTRY}(1[3-9](?:[0-9][ -][0-9]{{4}}[ -]?[0-9]{{4}}"
    rf"|[0-9]{{5}}[ -][0-9]{{4}}|[0-9][ -][0-9]{{3}}[ -][0-9]{{5}}"
    rf"|[0-9]{{2}}[ -][0-9]{{4}}[ -][0-9]{{3}}|[0-9]{{3}}[ -][0-9]{{6}})){_END}"
)
PHONE_DIGITS = 11

# In one piece, in fours, or in six and the rest. The first digits are those of banks' cards
# (ISO/IEC 7812): without them every tenth serial number or timestamp would pass for a card.
CARD = re.compile(
    r"(?<![0-9])(?<![0-9]-)(?=[3-69]|81|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)"
    r"([0-9]{16,19}|[0-9]{4}(?:[ -][0-9]{4}){3}(?:[ -][0-9]{1,3})?|[0-9]{6}[ -][0-9]{10,13})"
    r"(?![0-9])"
)


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
    """Numbers of persons; of two readings that overlap the first in this list."""
    taken = bytearray(len(plain))
    for kind, pattern, is_real in _NUMBERS:
        for match in pattern.finditer(plain):
            start, end = match.span(1)
            if not taken[start] and not taken[end - 1] and is_real(_bare(match[1])):
                taken[start:end] = b"\1" * (end - start)
                yield kind, start, end


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


def _is_old_identity_number(number: str) -> bool:
    return number[:2] in PROVINCES and _is_day(f"19{number[6:12]}")


def _is_card(number: str) -> bool:
    return _is_luhn(number) and not _is_credit_code(number)


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


_NUMBERS: tuple[tuple[FoundKind, re.Pattern[str], Callable[[str], bool]], ...] = (
    (FoundKind.IDENTITY_NUMBER, IDENTITY, is_identity_number),
    (FoundKind.IDENTITY_NUMBER, OLD_IDENTITY, _is_old_identity_number),
    (FoundKind.BANK_CARD, CARD, _is_card),
    (FoundKind.MOBILE_PHONE, PHONE, bool),
    (FoundKind.MOBILE_PHONE, PHONE_IN_GROUPS, bool),
)

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
# Looked for first, because most rows hold neither.
HINT = re.compile(r"[室户栋幢座楼#＃]|单元|号房|[区园村寓舍院同道苑庄里路街巷弄][ ]?[0-9]{1,3}-")


def _addresses(plain: str) -> Iterator[tuple[FoundKind, int, int]]:
    if plain.isascii() or not HINT.search(plain):
        return
    for match in ADDRESS.finditer(plain):
        yield FoundKind.HOME_ADDRESS, match.start(), match.end()
