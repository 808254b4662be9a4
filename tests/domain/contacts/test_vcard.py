"""vCards: byte for byte, and read back as RFC 2426 says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contacts.vcard import Contact, vcard

PLAIN = Contact(
    name="秦月梅",
    organisation="刘家庄社区",
    title="新居 3、4 号楼联系党员",
    phone="0531-00002101",
    url="https://lianxin.example.cn/cards/liujiazhuang-xinju-3",
    note="水电、养老、邻里的事，先来问我。",
)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=60)


def read_back(card: bytes) -> dict[str, list[str]]:
    """The values of each property, in parts where it has parts, unescaped (RFC 2426, 4 and 5)."""
    *lines, last = card.decode("utf-8").split("\r\n")
    assert last == ""
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:3.0"]
    assert lines[-1] == "END:VCARD"
    found = {}
    for line in lines[2:-1]:
        head, _, value = line.partition(":")
        name, *parameters = head.split(";")
        key = ";".join([name, *parameters])
        assert key not in found
        found[key] = parts_of(value)
    return found


def parts_of(value: str) -> list[str]:
    """A value cut at each semicolon that is not escaped, with its escapes undone."""
    parts, text = [""], iter(value)
    for sign in text:
        if sign == ";":
            parts.append("")
        elif sign == "\\":
            escaped = next(text)
            parts[-1] += "\n" if escaped in "nN" else escaped
        else:
            assert sign != "\n"
            parts[-1] += sign
    return parts


def test_a_card_is_this_file_byte_for_byte() -> None:
    assert (
        vcard(PLAIN)
        == (
            "BEGIN:VCARD\r\n"
            "VERSION:3.0\r\n"
            "N:秦月梅;;;;\r\n"
            "FN:秦月梅\r\n"
            "ORG:刘家庄社区\r\n"
            "TITLE:新居 3、4 号楼联系党员\r\n"
            "TEL;TYPE=WORK,VOICE:0531-00002101\r\n"
            "URL:https://lianxin.example.cn/cards/liujiazhuang-xinju-3\r\n"
            "NOTE:水电、养老、邻里的事，先来问我。\r\n"
            "END:VCARD\r\n"
        ).encode()
    )


def test_private_ways_stand_in_it_only_when_they_are_given() -> None:
    whole = Contact(**{**vars(PLAIN), "mobile": "13800000000", "email": "qin@example.cn"})
    assert b"TEL;TYPE=CELL,VOICE:13800000000\r\nEMAIL;TYPE=INTERNET:qin@example.cn\r\n" in vcard(
        whole
    )
    assert b"CELL" not in vcard(PLAIN)
    assert b"EMAIL" not in vcard(PLAIN)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Müller, Jürgen; Dr.", "Müller\\, Jürgen\\; Dr."),
        ("back\\slash", "back\\\\slash"),
        ("two\r\nlines\nof it", "two\\nlines\\nof it"),
    ],
)
def test_commas_semicolons_and_line_ends_in_a_name_are_escaped(name, written) -> None:
    lines = vcard(Contact(**{**vars(PLAIN), "name": name})).decode().split("\r\n")
    assert f"FN:{written}" in lines
    assert f"N:{written};;;;" in lines


def test_a_long_line_is_not_folded() -> None:
    long = "水" * 600
    card = vcard(Contact(**{**vars(PLAIN), "note": long})).decode()
    assert f"\r\nNOTE:{long}\r\n" in card
    assert "\r\n " not in card


@given(name=TEXT, title=TEXT, note=TEXT)
def test_whatever_is_written_is_read_back(name, title, note) -> None:
    found = read_back(vcard(Contact(**{**vars(PLAIN), "name": name, "title": title, "note": note})))
    assert found["N"] == [name, "", "", "", ""]
    assert found["FN"] == [name]
    assert found["TITLE"] == [title]
    assert found["NOTE"] == [note]
    assert found["TEL;TYPE=WORK,VOICE"] == [PLAIN.phone]
