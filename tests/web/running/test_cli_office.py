"""Staff from a terminal: the first administrator, demo accounts, and the chain of the log."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import stat
from typing import TYPE_CHECKING

import pytest

from web.running.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world.databases import SqliteFiles


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_files: SqliteFiles) -> Path:
    """A data folder with the sample district in it."""
    for name in os.environ:
        if name.startswith("LIANXIN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LIANXIN_DATA", str(tmp_path))
    database = sqlite_files.copy("sample").removeprefix("sqlite+aiosqlite:///")
    shutil.move(database, tmp_path / "lianxin.db")
    return tmp_path


def test_the_first_administrator_gets_a_link(data, capsys) -> None:
    assert main(["administrator", "韩秀芝"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"http://localhost:8000/invitations/[\w-]{40,}\n", said)
    assert "▄" in said


def test_an_administrator_without_a_name_is_refused_in_one_line(data, capsys) -> None:
    assert main(["administrator", " "]) == 1
    assert capsys.readouterr().err == "Whose account is it? Give the full name.\n"


def test_demo_accounts_are_made_once_and_only_their_owner_reads_them(data, capsys) -> None:
    assert main(["demo"]) == 0
    first = capsys.readouterr().out
    assert {"admin", "editor", "clerk", "party"} <= set(
        re.findall(r"^  (\w+)", first, re.MULTILINE)
    )
    assert main(["demo"]) == 0
    assert capsys.readouterr().out == first
    assert stat.S_IMODE((data / "demo-accounts.txt").stat().st_mode) == 0o600


def test_a_real_district_gets_no_demo_accounts(data, capsys) -> None:
    with sqlite3.connect(data / "lianxin.db") as connection:
        connection.execute("UPDATE district SET is_sample = 0")
    connection.close()
    assert main(["demo"]) == 0
    assert capsys.readouterr().out == ""
    assert not (data / "demo-accounts.txt").exists()


def test_the_log_is_checked(data, capsys) -> None:
    main(["demo"])
    capsys.readouterr()
    assert main(["log-check"]) == 0
    whole, keep = capsys.readouterr().out.splitlines()
    assert whole == "The log is whole: 5 entries."
    end = keep.rpartition(" ")[2]
    assert re.fullmatch(r"5:[0-9a-f]{64}", end)
    assert main(["log-check", "--since", end]) == 0


def test_an_end_that_was_kept_elsewhere_shows_what_was_cut_off(data, capsys) -> None:
    main(["demo"])
    main(["log-check"])
    end = capsys.readouterr().out.split()[-1]
    with sqlite3.connect(data / "lianxin.db") as connection:
        connection.execute("DELETE FROM journal_entry WHERE id = 5")
    connection.close()
    assert main(["log-check"]) == 0
    assert main(["log-check", "--since", end]) == 1
    assert capsys.readouterr().err == "Entry 5 of the log is missing.\n"


def test_an_emptied_log_is_not_whole(data, capsys) -> None:
    main(["demo"])
    with sqlite3.connect(data / "lianxin.db") as connection:
        connection.execute("DELETE FROM journal_entry")
    connection.close()
    assert main(["log-check"]) == 1
    assert capsys.readouterr().err == "Entry 1 of the log is missing.\n"


@pytest.mark.parametrize("end", ["", "5", "x:y", f"²:{'a' * 64}", f"5:{'a' * 63}", f":{'a' * 64}"])
def test_an_end_that_no_log_check_printed_is_refused(data, capsys, end) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["log-check", "--since", end])
    assert "--since" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("forgery", "fault"),
    [
        ("UPDATE journal_entry SET subject = 'staff/9' WHERE id = 2", "Entry 2 of the log was changed after it was written.\n"),
        ("DELETE FROM journal_entry WHERE id = 3", "Entry 3 of the log is missing.\n"),
        ("UPDATE journal_entry SET previous_hash = 'x' WHERE id = 4", "Entry 4 of the log does not follow from the one before.\n"),
    ],
    ids=["changed", "removed", "linked again"],
)  # fmt: skip
def test_what_was_done_by_hand_to_the_log_is_found(data, capsys, forgery, fault) -> None:
    main(["demo"])
    capsys.readouterr()
    with sqlite3.connect(data / "lianxin.db") as connection:
        connection.execute(forgery)
    connection.close()
    assert main(["log-check"]) == 1
    assert capsys.readouterr().err == fault
