"""A ledger from a sheet: its lines, or everything that is wrong with it at once."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from domain.content import NO_DAY
from domain.disclosures import ledger_sheet
from domain.disclosures.content import MOST_ROWS
from domain.disclosures.ledger_sheet import ReadLine, Trouble, read_ledger
from domain.papers.sheets.unpacking import OpenedSheet, opened

HEAD = ["日期", "摘要", "收入（元）", "支出（元）", "对方", "凭证"]
DAY = dt.datetime(2026, 11, 3)  # noqa: DTZ001 - as a spreadsheet writes it


def sheet(*rows: list[Any]) -> OpenedSheet:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return opened(file.getvalue(), names=None)[0]


def lines(*rows: list[Any]) -> list[ReadLine]:
    found, troubles = read_ledger(sheet(*rows))
    assert troubles == []
    return found


def troubles(*rows: list[Any]) -> list[tuple[int | None, int | None, str]]:
    return [(each.row, each.column, each.why) for each in read_ledger(sheet(*rows))[1]]


def test_a_ledger_is_read_with_its_total() -> None:
    found = lines(
        ["2026年11月财务公开"],
        ["序号", *HEAD],
        [1, DAY, "物业补贴", 30000.5, None, "街道办", "2026-11-01"],
        [],
        [2, "2026年11月4日", "修路灯", None, "１，２００．００元", "某公司"],
        [3, "2026/11/5", "红字冲销", None, "(200)"],
        [4],
        ["合计", None, None, "30,000.50", 1000],
    )
    assert found == [
        ReadLine(dt.date(2026, 11, 3), "物业补贴", 3000050, "街道办", "2026-11-01", 3),
        ReadLine(dt.date(2026, 11, 4), "修路灯", -120000, "某公司", "", 5),
        ReadLine(dt.date(2026, 11, 5), "红字冲销", 20000, "", "", 6),
    ]


def test_a_ledger_has_english_headings_and_signs_as_well() -> None:
    assert [
        each.fen
        for each in lines(
            ["Day", "Purpose", "Amount", "Payee"],
            ["2026-11-03", "a", "1.2万", "x"],
            ["2026-11-03", "b", "−300"],
            ["2026-11-03", "c", 0.1 + 0.2],
            ["2026-11-03", "d", 1.5],
            ["Total", None, "11,701.80"],
        )
    ] == [1200000, -30000, 30, 150]


def test_a_total_that_differs_says_both_sums() -> None:
    found = read_ledger(
        sheet(
            HEAD,
            ["2026-11-03", "a", None, 1000],
            ["2026-11-03", "b", None, 230],
            ["2026-11-03", "c", 5],
            [None, "本月合计：", 5, "1200元"],
        )
    )[1]
    assert found == [Trouble(5, 4, ledger_sheet.WRONG_TOTAL, "1,230.00", "1,200.00")]
    assert str(found[0]) == "This total says 1,200.00, but the lines above add up to 1,230.00."


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert troubles(
        HEAD,
        ["2026-13-03", "a", "1.234,50"],
        [None, None, "3,00"],
        ["2026-11-03", "b"],
        ["2026-11-03", "c", 1, 2],
        ["2026-11-03", "d", "=1+1"],
        ["1926-11-03", "x" * 81, True, None, DAY],
        ["2026-11-03", "小计", 5],
        ["2026-11-03", "e", 5, None, None, None, "上面没有表头"],
        ["合计", None, 77],
        ["2026-11-04", "f", 3],
    ) == [
        (2, 1, NO_DAY),
        (
            2,
            3,
            "Please put a comma before every three digits and a point before the fen: 1,234.50.",
        ),
        (3, 1, NO_DAY),
        (3, 2, ledger_sheet.NO_PURPOSE),
        (
            3,
            3,
            "Please put a comma before every three digits and a point before the fen: 1,234.50.",
        ),
        (4, 3, ledger_sheet.NO_AMOUNT),
        (5, 4, ledger_sheet.BOTH_AMOUNTS),
        (6, 3, ledger_sheet.FORMULA),
        (7, 1, ledger_sheet.UNLIKELY_DAY),
        (7, 2, ledger_sheet.TOO_LONG),
        (7, 3, ledger_sheet.NOT_AN_AMOUNT),
        (7, 5, ledger_sheet.NOT_TEXT),
        (8, None, ledger_sheet.SUBTOTAL),
        (9, 7, ledger_sheet.NO_HEADING_HERE),
        (11, None, ledger_sheet.BELOW_TOTAL),
    ]


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ([*HEAD, "备注"], [(1, 7, ledger_sheet.UNKNOWN_COLUMN)]),
        ([*HEAD, "用途"], [(1, 7, ledger_sheet.COLUMN_TWICE)]),
        ([*HEAD, "金额"], [(1, None, ledger_sheet.TWO_KINDS_OF_AMOUNTS)]),
        (["日期", "摘要", "对方"], [(1, None, ledger_sheet.MISSING_AMOUNTS)]),
        (["日期", "收入", "支出"], [(1, None, ledger_sheet.MISSING_COLUMN)]),
        (["甲", "乙", "丙"], [(None, None, ledger_sheet.NO_HEADINGS)]),
        (
            ["日期", "摘要", "金额（万元）"],
            [(1, None, ledger_sheet.MISSING_AMOUNTS), (1, 3, ledger_sheet.UNKNOWN_COLUMN)],
        ),
        (HEAD, [(None, None, ledger_sheet.NO_LINES)]),
    ],
)
def test_headings_that_are_not_understood_are_named(head, why) -> None:
    assert troubles(head) == why


@pytest.mark.parametrize("value", ["1.500", 33.333, "=SUM(C2:C3)", "#REF!", "一百", float("1e15")])
def test_an_amount_that_could_be_another_is_never_guessed(value) -> None:
    found, wrong = read_ledger(sheet(["日期", "摘要", "金额"], ["2026-11-03", "a", value]))
    assert found == []
    assert [(each.row, each.column) for each in wrong] == [(2, 3)]


def test_a_ledger_is_no_longer_than_a_disclosure_holds() -> None:
    rows = [["2026-11-03", "a", 1]] * (MOST_ROWS + 1)
    assert troubles(["日期", "摘要", "金额"], *rows) == [(None, None, ledger_sheet.TOO_MANY_ROWS)]
