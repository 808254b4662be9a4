"""密钥: made once, readable by us alone, added to by a rotation and never lost by one."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from push.keys import FOLDER, KeyRing, KeysUnreadableError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_first_key_is_made_once(tmp_path: Path) -> None:
    made = KeyRing(tmp_path).current.public
    assert KeyRing(tmp_path).current.public == made
    assert len(made) == 87


def test_nobody_else_may_read_a_key(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "data")
    assert ring.current
    folder = tmp_path / "data" / FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]


def test_a_rotation_adds_a_key_and_loses_none(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    before = ring.current.public
    after = ring.rotate().public
    assert list(ring.by_public) == [before, after]
    assert ring.current.public == after


def test_a_running_program_sees_what_the_command_line_rotated(tmp_path: Path) -> None:
    running = KeyRing(tmp_path)
    assert running.current
    new = KeyRing(tmp_path).rotate().public
    assert running.current.public == new


def test_forgetting_leaves_the_current_one(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    ring.rotate()
    current = ring.current.public
    ring.forget_old()
    assert list(ring.by_public) == [current]
    assert ring.rotate().public != current


@pytest.mark.parametrize("content", [b"", b"a letter", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_broken_file_is_named_in_one_line(tmp_path: Path, content) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "1.pem").write_bytes(content)
    with pytest.raises(KeysUnreadableError, match=r"1\.pem holds no private key\.$"):
        _ = KeyRing(tmp_path).keys


def test_a_folder_that_cannot_be_made_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(KeysUnreadableError, match="push-keys"):
        _ = KeyRing(tmp_path / "data").keys


def test_a_key_that_others_may_read_is_taken_from_them_and_said(tmp_path: Path, caplog) -> None:
    made = KeyRing(tmp_path).current.public
    folder = tmp_path / FOLDER
    key = folder / "1.pem"
    folder.chmod(0o777)
    key.chmod(0o644)
    assert KeyRing(tmp_path).current.public == made
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, key)] == [0o700, 0o600]
    assert f"{folder} was open to others (777)" in caplog.text
    assert f"{key} was open to others (644)" in caplog.text
    caplog.clear()
    assert KeyRing(tmp_path).current.public == made
    assert caplog.text == ""
