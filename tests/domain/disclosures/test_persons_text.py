"""Lists of persons pasted from a spreadsheet, in the orders in which offices keep them."""

from __future__ import annotations

import pytest

from domain.disclosures.content import MOST_ROWS
from domain.disclosures.persons_text import MISSING, TOO_LONG, TOO_MANY, as_text, read_persons


def row(number: str, name: str, note: str = "") -> dict[str, str]:
    return {"number": number, "name": name, "note": note}


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("王小国", [row("1", "王小国")]),
        ("王小国\n\n李梅\n", [row("1", "王小国"), row("2", "李梅")]),
        ("王小国\t80 岁", [row("1", "王小国", "80 岁")]),
        ("7\t王小国", [row("7", "王小国")]),
        ("A-3\t王小国\t80 岁\t3 号楼", [row("A-3", "王小国", "80 岁 · 3 号楼")]),
        ("\t王小国\t80 岁", [row("1", "王小国", "80 岁")]),
        ("序号\t姓名\t年龄\r\n1\t王小国\t80", [row("1", "王小国", "80")]),
        ("楼栋\t姓名\t序号\n3 号楼\t王小国\t9", [row("9", "王小国", "3 号楼")]),
        ("Name\tNote\nWang\tfine", [row("1", "Wang", "fine")]),
        ("  王 小国 \t  ", [row("1", "王 小国")]),
        ("", []),
        ("姓名", []),
        ("\t\t\n \n", []),
    ],
)
def test_each_order_of_columns_is_understood(text, rows) -> None:
    assert read_persons(text) == (rows, [])


def test_what_was_read_is_written_as_it_would_be_pasted() -> None:
    rows = [row("1", "王*国", "80 岁"), row("2", "李*")]
    assert read_persons(as_text(rows)) == (rows, [])


def test_each_fault_has_its_line() -> None:
    text = f"序号\t姓名\t说明\n1\t\t80 岁\n\n{'1' * 13}\t{'长' * 21}\t{'x' * 81}"
    _, faults = read_persons(text)
    assert [(fault.line, fault.why) for fault in faults] == [
        (2, MISSING),
        (4, TOO_LONG["number"]),
        (4, TOO_LONG["name"]),
        (4, TOO_LONG["note"]),
    ]


def test_a_list_has_an_end() -> None:
    rows, faults = read_persons("\n".join(["王小国"] * 100_000))
    assert (len(rows), faults[-1].why) == (MOST_ROWS + 1, TOO_MANY)
    assert read_persons("\n".join(["王小国"] * MOST_ROWS))[1] == []
