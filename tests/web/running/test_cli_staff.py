"""Staff from a terminal: the first administrator's link works, and trouble is one plain line."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import re
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.world.app import opened
from tests.world.clock import Clock
from tests.world.databases import SqliteFiles, free_port
from tests.world.people import PASSWORD
from web.running.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world.databases import PostgresCluster

NAMES = ("admin", "editor", "clerk", "party", "supervisor")


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A data folder that is not there yet, and no other settings."""
    for name in os.environ:
        if name.startswith("LIANXIN_"):
            monkeypatch.delenv(name)
    folder = tmp_path / "data"
    monkeypatch.setenv("LIANXIN_DATA", str(folder))
    return folder


@pytest.fixture
def district(data: Path, sqlite_files: SqliteFiles) -> Path:
    """The default database with the sample district."""
    data.mkdir()
    shutil.copy(sqlite_files.folder / "sample.db", data / "lianxin.db")
    return data / "lianxin.db"


def passwords(said: str) -> dict[str, str]:
    """Name and password of each demo account that was printed."""
    return dict(re.findall(r"^  (\w+) +([\w-]+) ", said, re.MULTILINE))


async def enters(database: Path, name: str, password: str) -> bool:
    """Whether a server on this database lets them in."""
    clock = Clock(dt.datetime.now(dt.UTC))
    async with opened(f"sqlite+aiosqlite:///{database}", clock) as browser:
        form = {"name": name, "password": password}
        return (await browser.post("/staff/sessions", data=form)).status_code == 303


def test_the_link_for_an_administrator_carries_the_public_address(
    capsys, monkeypatch, district
) -> None:
    monkeypatch.setenv("LIANXIN_PUBLIC_URL", "https://lianxin.example.cn")
    assert main(["administrator", "韩秀芝"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^https://lianxin\.example\.cn/invitations/[\w-]{43}$", said, re.MULTILINE)
    with closing(sqlite3.connect(district)) as connection:
        kept = connection.execute("SELECT full_name, role FROM invitation").fetchall()
    assert kept == [("韩秀芝", "administrator")]


async def test_the_link_makes_an_administrator_who_reads_the_log(capsys, district) -> None:
    assert await asyncio.to_thread(main, ["administrator", "韩秀芝"]) == 0
    link = re.search(r"/invitations/[\w-]{43}", capsys.readouterr().out)
    assert link
    clock = Clock(dt.datetime.now(dt.UTC))
    async with opened(f"sqlite+aiosqlite:///{district}", clock) as browser:
        form = {"name": "han", "password": PASSWORD}
        assert (await browser.post(link.group(), data=form)).status_code == 303
        assert (await browser.post("/staff/sessions", data=form)).status_code == 303
        assert (await browser.get("/staff/log")).status_code == 200


async def test_every_demo_account_signs_in(capsys, district) -> None:
    assert await asyncio.to_thread(main, ["demo"]) == 0
    printed = passwords(capsys.readouterr().out)
    assert tuple(printed) == NAMES
    assert len(set(printed.values())) == len(NAMES)
    for name, password in printed.items():
        assert await enters(district, name, password), name


async def test_demo_accounts_are_not_printed_for_a_database_that_does_not_have_them(
    capsys, district, sqlite_files
) -> None:
    await asyncio.to_thread(main, ["demo"])
    capsys.readouterr()
    shutil.copy(sqlite_files.folder / "sample.db", district)
    for suffix in ("-wal", "-shm"):
        district.with_name(district.name + suffix).unlink(missing_ok=True)
    assert await asyncio.to_thread(main, ["demo"]) == 0
    for name, password in passwords(capsys.readouterr().out).items():
        assert await enters(district, name, password), name


def test_demo_accounts_do_not_join_people_who_are_there(capsys, district) -> None:
    with closing(sqlite3.connect(district)) as connection:
        connection.execute(
            "INSERT INTO staff_member (name, full_name, password, must_have_second_factor,"
            " recovery_codes, created_at) VALUES ('li', '李', 'x', 0, '[]', '2026-01-01 00:00:00')"
        )
        connection.commit()
    assert main(["demo"]) == 0
    assert capsys.readouterr().out == ""
    assert not (district.parent / "demo-accounts.txt").exists()


def test_a_demo_password_that_was_changed_is_not_printed_any_more(capsys, district) -> None:
    main(["demo"])
    with closing(sqlite3.connect(district)) as connection:
        connection.execute("UPDATE staff_member SET password = 'x' WHERE name = 'clerk'")
        connection.execute("UPDATE staff_member SET ended_at = created_at WHERE name = 'party'")
        connection.commit()
    capsys.readouterr()
    assert main(["demo"]) == 0
    assert tuple(passwords(capsys.readouterr().out)) == ("admin", "editor", "supervisor")


def test_demo_needs_no_data_folder_before_it_on_postgresql(
    capsys, monkeypatch, data, postgres: PostgresCluster
) -> None:
    monkeypatch.setenv("LIANXIN_DATABASE", postgres.copy("sample"))
    assert not data.exists()
    assert main(["demo"]) == 0, capsys.readouterr().err
    assert tuple(passwords(capsys.readouterr().out)) == NAMES


def test_an_empty_log_is_whole(capsys, district) -> None:
    assert main(["log-check"]) == 0
    assert capsys.readouterr().out == "The log is whole: 0 entries.\n"


def test_a_log_on_postgresql_is_checked(
    capsys, monkeypatch, data, postgres: PostgresCluster
) -> None:
    data.mkdir()
    monkeypatch.setenv("LIANXIN_DATABASE", postgres.copy("sample"))
    main(["administrator", "韩秀芝"])
    capsys.readouterr()
    assert main(["log-check"]) == 0
    assert capsys.readouterr().out.startswith("The log is whole: 1 entries.\nKeep this elsewhere")


@pytest.mark.parametrize("arguments", [["administrator", "韩秀芝"], ["log-check"], ["demo"]])
def test_without_a_schema_each_says_what_to_do_in_one_line(capsys, data, arguments) -> None:
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert "python -m web migrate" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("arguments", [["administrator", "韩秀芝"], ["log-check"], ["demo"]])
def test_a_server_that_does_not_answer_is_said_without_its_password(
    capsys, monkeypatch, data, arguments
) -> None:
    address = f"postgresql+asyncpg://lianxin:secret@127.0.0.1:{free_port()}/lianxin"
    monkeypatch.setenv("LIANXIN_DATABASE", address)
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "secret" not in said
