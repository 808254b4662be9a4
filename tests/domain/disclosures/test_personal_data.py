"""Personal data in texts: everything that was planted, and nothing in what is clean."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from domain.disclosures.personal_data import (
    IDENTITY_CHECKS,
    IDENTITY_WEIGHTS,
    FoundKind,
    found_in,
    is_identity_number,
    is_rounded_identity_number,
)

if TYPE_CHECKING:
    from collections.abc import Collection

IDENTITY, PHONE = FoundKind.IDENTITY_NUMBER, FoundKind.MOBILE_PHONE
CARD, ADDRESS = FoundKind.BANK_CARD, FoundKind.HOME_ADDRESS
FULL = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
# Made up, with the check digits that they need.
NUMBER, WITH_X = "370102199003070016", "37010519491231001X"
CREDIT_CODE = "533701050000000114"
OLD, BANK = "370102900307001", "6222021234567890128"


def kinds(text: str, allowed: Collection[str] = ()) -> list[FoundKind]:
    return [each.kind for each in found_in(text, allowed=allowed)]


def identity_number(chance: random.Random, check: str = "") -> str:
    """A number that fits; with this check digit, if one is given."""
    while True:
        day = dt.date(1930, 1, 1) + dt.timedelta(chance.randrange(33_000))
        number = f"3701{chance.randrange(100):02}{day:%Y%m%d}{chance.randrange(1000):03}"
        total = sum(w * int(d) for w, d in zip(IDENTITY_WEIGHTS, number, strict=True))
        if not check or IDENTITY_CHECKS[total % 11] == check:
            return number + IDENTITY_CHECKS[total % 11]


def written(number: str, way: int) -> str:
    """A number as people write it, in one of nine ways."""
    parts = number[:6], number[6:14], number[14:]
    ways = [
        number,
        number.lower(),
        number.translate(FULL),
        " ".join(parts),
        "-".join(parts),
        f"{number[:17]} {number[17]}",
        "  ".join((number[:6], number[6:10], number[10:14], number[14:])),
        " ".join(number),
        "\u3000".join(parts).translate(FULL),
    ]
    return ways[way % len(ways)]


@pytest.mark.parametrize(
    "around", ["{}", "王某，{}，男", "| 1 | 王某 | {} | 已发 |", "1\t{}\t300.00\n"]
)
def test_a_hundred_planted_identity_numbers_are_found(around) -> None:
    chance = random.Random(7)  # noqa: S311 - the same ones each time
    for way in range(100):
        number = identity_number(chance, "X" if way % 4 == 0 else "")
        text = around.format(written(number, way))
        assert kinds(text) == [IDENTITY], text


def test_an_identity_number_is_found_across_lines_cells_and_emphasis() -> None:
    assert kinds(f"{NUMBER[:10]}\n{NUMBER[10:]}") == [IDENTITY]
    assert kinds(f"| {NUMBER[:6]} | {NUMBER[6:]} |") == [IDENTITY]
    assert kinds(f"{NUMBER[:6]}**{NUMBER[6:14]}**{NUMBER[14:]}") == [IDENTITY]
    assert kinds(f"{NUMBER[:6]}\u200b{NUMBER[6:]}") == [IDENTITY]
    assert kinds(f"1 {NUMBER} 13800001111") == [IDENTITY, PHONE]
    assert kinds(f"{NUMBER}\n{WITH_X}\n") == [IDENTITY, IDENTITY]


def test_an_identity_number_needs_province_day_and_check_digit() -> None:
    wrong = NUMBER[:-1] + "7"
    assert [is_identity_number(each) for each in (NUMBER, WITH_X, wrong)] == [True, True, False]
    assert kinds(wrong) == kinds("990102199003070011") == kinds("370102199013070011") == []
    assert kinds(OLD) == kinds("370102 900307 001") == [IDENTITY]
    assert kinds("370102901307001") == kinds("202601150930001") == []


def test_a_number_that_a_spreadsheet_rounded_is_known() -> None:
    assert is_rounded_identity_number("370102199003070000")
    assert not is_rounded_identity_number("370102199003070001")
    assert not is_rounded_identity_number("370102199013070000")


@pytest.mark.parametrize(
    "text",
    [
        "13800001111",
        "１３８００００１１１１",
        "138 0000 1111",
        "138-0000-1111",
        "138－0000－1111",
        "138-00001111",
        "1380000 1111",
        "+86 138 0000 1111",
        "+86-13800001111",
        "+8613800001111",
        "008613800001111",
        "86-138-0000-1111",
        "电话13800001111。",
        "(13800001111)",
        "tel:13800001111",
        "1-13800001111",
        "19900001111",
    ],
)
def test_a_persons_phone_is_found_however_it_is_written(text) -> None:
    assert kinds(text) == [PHONE]


def test_phones_in_a_row_are_each_found() -> None:
    assert kinds("13800001111,13900001111、13700001111 13600001111\t13500001111") == [PHONE] * 5


@pytest.mark.parametrize(
    "text",
    [
        "0531-00001234",
        "0531 00001234",
        "400-000-1234",
        "12345",
        "2380000111122",
        "12800001111",
        "13,800,001,111.00",
        "13800001111.00",
        "12,138 0000 1111",
        "1500 2000 3000",
    ],
)
def test_an_office_phone_and_an_amount_are_no_persons_phone(text) -> None:
    assert kinds(text) == []


def test_what_is_allowed_passes_however_it_is_written() -> None:
    assert kinds("138 0000 1111, 13900001111", allowed=["138-0000-1111"]) == [PHONE]
    assert kinds("+86 13800001111", allowed={"１３８００００１１１１"}) == []
    assert kinds("经十路100号301室", allowed=["天桥区经十路100号 301室"]) == []
    assert kinds("经十路100号302室", allowed=["天桥区经十路100号 301室"]) == [ADDRESS]


@pytest.mark.parametrize(
    "text",
    [
        BANK,
        "6222 0212 3456 7890 128",
        "6222-0212-3456-7890-128",
        "622202 1234567890128",
        "４１１１１１１１１１１１１１１１",
        "卡号4111 1111 1111 1111。",
    ],
)
def test_a_bank_card_is_found(text) -> None:
    assert kinds(text) == [CARD]


def test_a_long_number_that_is_no_card_is_left_alone() -> None:
    assert kinds("6222021234567890127") == []
    assert kinds("0000000000000000") == kinds("20260115093000123") == []


def test_an_offices_credit_code_is_no_card() -> None:
    # It ends with the check character of a credit code, and fits a card's check by chance.
    assert kinds(CREDIT_CODE) == []
    assert kinds(CREDIT_CODE[:-1] + " " + CREDIT_CODE[-1]) == []


@pytest.mark.parametrize(
    "text",
    [
        "泺水小区3号楼2单元501室",
        "3号楼2单元501",
        "3号楼2单元\n501室",
        "泺水小区\n3号楼\n2单元501室",
        "| 3号楼 | 2单元 | 501室 |",
        "3号楼\t2单元\t501室",
        "泺水小区３号楼２单元５０１室",
        "三号楼二单元西户",
        "经十路100号501室",
        "泺水花园12-3-402",
        "3号楼501室",
        "3栋-2-501",
        "5号楼1102",
        "2单元5楼东户",
        "阳光小区3号楼2单元",
        "住A座1203室。",
    ],
)
def test_a_home_address_is_found_on_one_line_and_on_several(text) -> None:
    assert kinds(text) == [ADDRESS]


@pytest.mark.parametrize(
    "text",
    [
        "3号楼2单元楼道灯维修",
        "2单元 1200元",
        "2单元\t1200",
        "3号楼120户改造",
        "3号楼 2单元 24户",
        "9月12号 203室开会",
        "在501室开会",
        "三楼会议室",
        "经十路100号",
        "2026-11-20",
        "济天政〔2026〕12号",
    ],
)
def test_a_place_where_the_office_works_is_no_home(text) -> None:
    assert kinds(text) == []


def clean(chance: random.Random) -> str:
    """A clean line of a ledger or a notice."""
    amount = f"{chance.randrange(10**9) / 100:,.2f}"
    day = dt.date(2020, 1, 1) + dt.timedelta(chance.randrange(4000))
    serial = chance.randrange(10**9)
    lines = [
        f"{amount} {chance.randrange(10**7)}.{chance.randrange(100):02} {amount.replace(',', '')}",
        f"{day} {day:%Y年%m月%d日} {day:%Y/%m/%d} {day:%Y%m%d}",
        f"济天政〔{day.year}〕{chance.randrange(1, 300)}号 合同编号 HT{day:%Y%m%d}{serial % 10**4:04}",
        f"0531-{chance.randrange(10**8):08} 0531 {chance.randrange(10**8):08} 12345",
        f"发票 {chance.randrange(10**8):08} 凭证 {day:%Y-%m}-{serial % 1000:03} 票号{day:%y}{serial}",
        f"{day}\t修路灯\t{amount}\t{chance.randrange(10**6)}.00\t{day:%Y%m%d}{serial % 1000:03}\t3号楼",
        f"{day:%Y%m%d%H%M%S}{serial % 10**4:04} 共 {chance.randrange(10**5)} 户 {amount} 元",
        " ".join(str(chance.randrange(10**5)) for _ in range(8)),
    ]
    return chance.choice(lines)


def test_nothing_is_found_in_ten_thousand_clean_lines() -> None:
    chance = random.Random(11)  # noqa: S311 - the same ones each time
    lines = [clean(chance) for _ in range(10_000)]
    assert [line for line in lines if found_in(line)] == []
    assert found_in("\n".join(lines)) == []


def test_a_find_says_where_and_gives_nothing_away() -> None:
    text = f"第一行\n电话 13800001111\n住 3号楼2单元\n501室，证号 {NUMBER}"
    found = found_in(text, "正文")
    assert [(each.kind, each.line, each.shown) for each in found] == [
        (PHONE, 2, "138…11"),
        (ADDRESS, 3, "3…"),
        (IDENTITY, 4, "370…16"),
    ]
    assert {each.place for each in found} == {"正文"}
    assert text[found[0].start : found[0].end] == "13800001111"
    assert text[found[1].start : found[1].end] == "3号楼2单元\n501室"
    assert text[found[2].start : found[2].end] == NUMBER


HOSTILE = """
from domain.disclosures.personal_data import found_in
from web.running.apart import limit
limit(40, 1 << 30)
parts = ["1 ", "1", "6222 ", "37 ", "370102 ", "1号楼", "1号楼        ", "1单元 ", "路1-1-", "路1号1层",
    "小区1号楼1单元 ", "13800001111 ", "1\\n|\\t", "12345 室", "甲乙丙丁甲", "138-", "一一一一一 层"]
text = "".join(part * (63_000 // len(part)) for part in parts)
assert len(text) > 1_000_000
found_in(text)
"""


def test_a_hostile_megabyte_takes_time_that_grows_with_its_length() -> None:
    # A pattern that goes back over what it read would need minutes, and the process ends by its
    # limit of CPU time.
    assert subprocess.run([sys.executable, "-c", HOSTILE], check=False).returncode == 0
