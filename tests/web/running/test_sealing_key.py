"""The key that seals secrets: made once, kept to its owner, and never replaced in silence."""

from __future__ import annotations

import pytest

from tests.world.people import SECRET
from web.running.sealing_key import FILE, SealingKeyError, read_seal


def test_the_key_is_made_once_for_its_owner_alone(tmp_path) -> None:
    data = tmp_path / "data"
    sealed = read_seal(data).close(SECRET)
    assert (data.stat().st_mode & 0o777, (data / FILE).stat().st_mode & 0o777) == (0o700, 0o600)
    assert read_seal(data).open(sealed) == SECRET
    assert [each.name for each in data.iterdir()] == [FILE]


@pytest.mark.parametrize("text", ["", "00", "not hexadecimal", "00" * 33])
def test_a_key_that_is_none_stops_the_start_in_one_line(tmp_path, text) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(SealingKeyError, match=r"^.* holds no key\. Put the file back") as caught:
        read_seal(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_key_that_cannot_be_read_is_said(tmp_path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(SealingKeyError, match="cannot be read"):
        read_seal(tmp_path)


def test_each_sealing_is_another_and_a_changed_one_opens_nothing(tmp_path) -> None:
    seal = read_seal(tmp_path)
    one, other = seal.close(SECRET), seal.close(SECRET)
    assert one != other
    assert seal.open(f"{one[:-1]}{'A' if one[-1] != 'A' else 'B'}") is None
    assert seal.open("") is None
    assert seal.open("字" * 64) is None
