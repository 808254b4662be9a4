"""A migration is written by a command that knows every table, and by no other way."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Integer, String, Table, create_engine, inspect

import domain
import push
from domain import migrating
from domain.migrating import config
from domain.store import Store
from web.running.cli import main
from web.running.revisions import metadata
from web.site.assets import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.world.databases import SqliteFiles


@pytest.fixture
def database(sqlite_files: SqliteFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty database of the newest schema, as the command finds it."""
    copied = tmp_path / "lianxin.db"
    shutil.copy(sqlite_files.folder / "empty.db", copied)
    monkeypatch.setenv("LIANXIN_DATABASE", f"sqlite+aiosqlite:///{copied}")
    return copied


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations, to write into."""
    scripts = tmp_path / "migrations"
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(migrating.SCRIPTS, scripts, ignore=leave_out)
    monkeypatch.setattr(migrating, "SCRIPTS", scripts)
    return scripts / "versions"


@pytest.fixture
def planted() -> Iterator[None]:
    """A new table and a new column in the classes."""
    table = Table("planted", metadata, Column("id", Integer, primary_key=True))
    hall = metadata.tables["hall"]
    column: Column[Any] = Column("motto", String(20), nullable=True)
    hall.append_column(column)
    yield
    hall._columns.remove(column)
    metadata.remove(table)


def written(versions: Path) -> list[Path]:
    """The migrations beyond those that there are."""
    known = {path.name for path in (ROOT / "domain" / "migrations" / "versions").glob("*.py")}
    return sorted(path for path in versions.glob("*.py") if path.name not in known)


def tables_of(package: Any) -> set[str]:
    """Every table that a module of this package holds, by itself or as a class."""
    names = [
        found.name
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not found.name.startswith("domain.migrations")
    ]
    held = [value for name in names for value in vars(importlib.import_module(name)).values()]
    tables = [
        value if isinstance(value, Table) else getattr(value, "__table__", None) for value in held
    ]
    return {table.name for table in tables if isinstance(table, Table)}


def test_the_command_knows_every_table_of_the_product() -> None:
    # In a process of its own: what other tests imported must not fill it up.
    program = "from web.running.revisions import metadata; print(*metadata.tables)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    reachable = tables_of(domain) | tables_of(push)
    assert {"hall", "push_outbox"} <= reachable
    assert set(done.stdout.split()) == reachable


def test_a_migration_gets_the_next_number_and_changes_what_the_classes_say(
    database, versions, planted, capsys
) -> None:
    number = int(migrating.newest()) + 1
    assert main(["revision", "Motto of a hall"]) == 0
    [path] = written(versions)
    assert path.name == f"{number:04}_motto_of_a_hall.py"
    assert capsys.readouterr().out == f"Written: {path}\n"
    text = path.read_text(encoding="utf-8")
    assert text.startswith('"""Motto of a hall."""\n')
    up = text.partition("def upgrade()")[2].partition("def downgrade()")[0]
    assert up.count("create_table") == up.count("add_column") == 1
    assert "drop_" not in up
    assert main(["migrate"]) == 0
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        assert {"planted", "push_outbox"} <= set(inspect(connection).get_table_names())
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_with_nothing_to_change_nothing_is_written(database, versions, capsys) -> None:
    assert main(["revision", "Nothing"]) == 1
    said = capsys.readouterr().err
    assert said == "Nothing to change: the database has the tables of the classes.\n"
    assert written(versions) == []
    assert database.exists()


def test_a_database_of_an_older_schema_is_refused(database, versions, planted, capsys) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    assert main(["revision", "Too early"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("The database is at schema 0001, this version needs ")
    assert said.endswith("Run `python -m web migrate`.\n")
    assert written(versions) == []


@pytest.mark.parametrize("words", ["", " ", "9 lives", "../x", 'a"""b', "a\nb", "大厅", "x" * 41])
def test_words_that_cannot_name_a_file_are_refused(
    database, versions, planted, capsys, words
) -> None:
    assert main(["revision", words]) == 1
    said = capsys.readouterr().err
    assert said == "Say what changes in at most 40 letters, digits and spaces.\n"
    assert written(versions) == []


async def test_a_generated_migration_takes_a_column_of_a_full_table_back(
    versions, planted, sqlite_files, tmp_path, monkeypatch
) -> None:
    copied = tmp_path / "sample.db"
    shutil.copy(sqlite_files.folder / "sample.db", copied)
    url = f"sqlite+aiosqlite:///{copied}"
    monkeypatch.setenv("LIANXIN_DATABASE", url)
    before = rows_in(copied)
    assert await asyncio.to_thread(main, ["revision", "Motto of a hall"]) == 0
    assert await asyncio.to_thread(main, ["migrate"]) == 0
    [path] = written(versions)
    # SQLite makes a table again in a batch, and dropping a hall takes its counters along.
    assert "batch_alter_table" not in path.read_text(encoding="utf-8")
    store = Store(url)
    await store.open()
    await store.with_connection(lambda connection: command.downgrade(config(connection), "-1"))
    await store.close()
    assert rows_in(copied) == before


def test_a_column_with_an_index_keeps_its_batch(database, versions) -> None:
    hall = metadata.tables["hall"]
    column: Column[Any] = Column("motto", String(20), nullable=True, index=True)
    hall.append_column(column)
    try:
        assert main(["revision", "Motto of a hall"]) == 0
    finally:
        hall.indexes.difference_update({each for each in hall.indexes if column in [*each.columns]})
        hall._columns.remove(column)
    [path] = written(versions)
    assert path.read_text(encoding="utf-8").count("batch_alter_table") == 2


def rows_in(file: Path) -> dict[str, int]:
    """How many rows each table has, by its name and whether it holds the planted column."""
    with closing(sqlite3.connect(file)) as connection:
        tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        return {
            f"{name}: {sql.count('motto')}": connection.execute(
                f"SELECT count(*) FROM {name}"  # noqa: S608 - the schema's own names
            ).fetchone()[0]
            for name, sql in tables.fetchall()
        }
