"""Telephone numbers as people write them."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.content import Phone
from domain.phones import LONGEST_PHONE, as_kept, dialled, grouped, is_phone, parted

PHONE = TypeAdapter(Phone)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        *((short, short) for short in ("110", "12345", "12333", "12348", "12366", "96110")),
        *((usual, usual) for usual in ("0531-00001234", "053100001234", "0531-12345", "00001234")),
        *((free, free) for free in ("400-618-0055", "4006180055", "400-6180-055", "800-0000000")),
        ("400 618 0055", "400-618-0055"),
        ("0531-88881234-801", "0531-88881234-801"),
        ("0531-88881234 转 801", "0531-88881234-801"),
        ("(0531)88881234转801", "0531-88881234-801"),
        ("0531-88881234 ext. 801", "0531-88881234-801"),
        ("（0531）00002100", "0531-00002100"),
        ("(0531) 00002100", "0531-00002100"),
        *(
            (f"0531{dash}00002100", "0531-00002100")
            for dash in "\u2014\u2013\uff0d\u2015\u2212\u2011"
        ),
        ("0531——00002100", "0531-00002100"),
        ("０５３１－００００２１００", "0531-00002100"),
        ("0531 0000 2100", "0531-0000-2100"),
        ("138 0000 0000", "13800000000"),
        ("138-0000-0000", "13800000000"),
        ("+86 138 0000 0000", "13800000000"),
        ("+86-531-00002100", "0531-00002100"),
        ("0086 10 0000 2100", "010-0000-2100"),
        ("0000 2100", "0000-2100"),
        ("+44 20 7946 0958", "+442079460958"),
    ],
)
def test_a_number_is_kept_in_its_plain_form(written, kept) -> None:
    assert as_kept(written) == kept
    assert is_phone(kept)
    assert as_kept(kept) == kept
    # Every office's form, file and spreadsheet, and what residents leave for a call.
    assert PHONE.validate_python(written) == kept


@pytest.mark.parametrize(
    "written",
    ["", "12", "明天再说", "2026-11-23", "110/120", "0531-00002100、00002101", "0531-", "-12345",
     "1" * 13, "0531-000021000", "+86", "0531-00002100\n12345", "12345 12333", "+123456789012345-123456"],
)  # fmt: skip
def test_what_is_no_number_is_refused_as_it_was_typed(written) -> None:
    assert as_kept(written) == written
    assert not is_phone(written)
    with pytest.raises(ValidationError):
        PHONE.validate_python(written)


def test_the_longest_number_fits_where_it_is_kept() -> None:
    longest = "0531-00002100-123456"
    assert len(longest) == LONGEST_PHONE
    assert PHONE.validate_python(longest) == longest


@pytest.mark.parametrize(
    ("phone", "link"),
    [
        ("12345", "12345"),
        ("0531-00002100", "0531-00002100"),
        ("0531-0000-2100", "0531-0000-2100"),
        ("400-618-0055", "400-618-0055"),
        ("0531-00002100-801", "0531-00002100,801"),
        ("0531-0000-2100-801", "0531-0000-2100,801"),
        ("400-618-0055-801", "400-618-0055,801"),
        ("00002100-801", "00002100,801"),
    ],
)
def test_an_extension_is_dialled_after_a_pause(phone, link) -> None:
    assert dialled(phone) == link


@pytest.mark.parametrize(
    ("phone", "read"),
    [
        ("0531-00002102", "0531-0000 2102"),
        ("0531-00002102-801", "0531-0000 2102-801"),
        ("13800000000", "138 0000 0000"),
        ("010-0000-2100", "010-0000-2100"),
        ("12345", "12345"),
        ("400-618-0055", "400-618-0055"),
    ],
)
def test_a_number_is_read_in_groups_that_no_line_parts(phone, read) -> None:
    assert grouped(phone).replace("\u00a0", " ") == read
    assert " " not in grouped(phone)


def test_numbers_are_found_among_words() -> None:
    text = "出门不方便，打 0531-00002104，或 13800000000。2026-11-23 前，12345678 元。"
    found = [part for part, is_phone in parted(text) if is_phone]
    assert found == ["0531-00002104", "13800000000"]
    assert "".join(part for part, _ in parted(text)) == text
