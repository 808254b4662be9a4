"""Amounts as people type and paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.disclosures.amounts import AmountError, fen_of, yuan
from domain.disclosures.content import MOST_FEN


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1,234.50", 123450),
        ("１２３４．５０", 123450),
        ("１，２３４．５０", 123450),
        ("1234.5元", 123450),
        ("1234.5 元", 123450),
        ("¥1,234", 123400),
        ("￥1,234", 123400),
        ("¥ 1,234", 123400),
        ("1.2万", 1200000),
        ("1.2万元", 1200000),
        ("1.234万", 1234000),
        ("1.234567万", 1234567),
        ("0.0001万元", 100),
        ("(300)", -30000),
        ("（300）", -30000),
        ("（¥1,300.05）", -130005),
        ("-300", -30000),
        ("−300", -30000),
        ("－300", -30000),
        ("-¥300", -30000),
        ("¥-300", -30000),
        ("+300", 30000),
        ("\u3000300\u00a0\n", 30000),
        ("0", 0),
        ("-0", 0),
        ("0.05", 5),
        ("0.500", 50),
        ("1,234.5000", 123450),
        ("1234.500", 123450),
        ("100,000,000,000.00", MOST_FEN),
    ],
)
def test_an_amount_is_understood_as_people_write_it(text, fen) -> None:
    assert fen_of(text) == fen


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.234,50", "comma before every three digits"),
        ("3,00", "comma before every three digits"),
        ("1,23,456", "comma before every three digits"),
        ("12,34", "comma before every three digits"),
        ("0,123", "comma before every three digits"),
        ("1,234,5", "comma before every three digits"),
        ("1.234", "1,234 for thousands"),
        ("1.500", "1,234 for thousands"),
        ("999.000", "1,234 for thousands"),
        ("1234.567", "round the amount"),
        ("0.005", "round the amount"),
        ("1.23456789", "such as"),
        ("1.2345678万", "such as"),
        ("", "write an amount"),
        (" \u3000", "write an amount"),
        ("words", "such as"),
        ("三百", "such as"),
        ("NaN", "such as"),
        ("inf", "such as"),
        ("1e5", "such as"),
        ("10²", "such as"),
        ("①", "such as"),
        ("٣٠٠", "such as"),
        ("1_000", "such as"),
        ("1 234.50", "such as"),
        ("--300", "such as"),
        ("(-300)", "such as"),
        ("-¥-300", "such as"),
        ("(300", "such as"),
        ("300)", "such as"),
        ("007", "such as"),
        (".5", "such as"),
        ("5.", "such as"),
        ("5亿", "such as"),
        ("300元元", "such as"),
        ("300\n400", "such as"),
        ("100,000,000,000.01", "at most"),
        ("9" * 30, "at most"),
        ("9" * 100_000, "such as"),
        ("1," * 50_000, "comma before every three digits"),
    ],
)
def test_what_is_no_amount_or_two_is_refused_in_words(text, words) -> None:
    with pytest.raises(AmountError) as refused:
        fen_of(text)
    assert words in refused.value.words


def test_an_amount_is_written_with_its_thousands() -> None:
    assert [yuan(-123450), yuan(5), yuan(0), yuan(-7), yuan(MOST_FEN)] == [
        "-1,234.50",
        "0.05",
        "0.00",
        "-0.07",
        "100,000,000,000.00",
    ]


@given(st.integers(-MOST_FEN, MOST_FEN))
def test_what_is_written_is_read_as_the_same(fen) -> None:
    written = yuan(fen)
    assert fen_of(written) == fen
    assert fen_of(written.replace(",", "")) == fen
    assert fen_of(f"￥{yuan(abs(fen))}元") == abs(fen)
    assert fen_of(f"({yuan(abs(fen))})") == -abs(fen)


@given(st.text(max_size=60) | st.text("0123456789,.()-+¥万元 ", max_size=20))
def test_every_text_is_an_amount_or_refused(text) -> None:
    try:
        fen = fen_of(text)
    except AmountError as refused:
        assert refused.words  # noqa: PT017 - either way is right
    else:
        assert fen_of(yuan(fen)) == fen
