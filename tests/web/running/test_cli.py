"""What an operator does from a terminal; every failure is one plain line, and no traceback."""

from __future__ import annotations

import gc
import json
import logging
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

from domain.seed import SAMPLE
from tests.world.databases import free_port
from web.running.cli import main
from web.site.assets import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.world.databases import PostgresCluster, SqliteFiles


@pytest.fixture(autouse=True)
def _as_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No settings but the test's own, and the log and the interpreter left as they were found."""
    for name in os.environ:
        if name.startswith("LIANXIN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LIANXIN_DATA", str(tmp_path / "data"))
    root, interval = logging.getLogger(), sys.getswitchinterval()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("uvicorn", "alembic")}
    asked = {
        name: getattr(logging, name)
        for name in ("logThreads", "logProcesses", "logMultiprocessing")
    }
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, each in levels.items():
        logging.getLogger(name).setLevel(each)
    for name, value in asked.items():
        setattr(logging, name, value)
    sys.setswitchinterval(interval)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the default database is."""
    return tmp_path / "data" / "lianxin.db"


@pytest.fixture
def migrated(sqlite_files: SqliteFiles, database: Path) -> Path:
    """The default database, migrated and empty."""
    database.parent.mkdir()
    shutil.copy(sqlite_files.folder / "empty.db", database)
    return database


@pytest.fixture
def seeded(sqlite_files: SqliteFiles, database: Path) -> Path:
    """The default database with the sample district."""
    database.parent.mkdir()
    shutil.copy(sqlite_files.folder / "sample.db", database)
    return database


def rows(database: Path, question: str) -> list[tuple[Any, ...]]:
    """What a database answers."""
    with sqlite3.connect(database) as connection:
        found = connection.execute(question).fetchall()
    connection.close()
    return found


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that cannot be done; the plain line that it says, in Chinese too for files."""
    capsys.readouterr()
    gc.freeze()
    try:
        assert main(arguments) == 1
        said = capsys.readouterr().err
        _, *english = said.splitlines()
        assert not english or (len(english) == 1 and english[0].startswith("    ")), said
        assert "Traceback" not in said
        # Whatever this left open is complained about here, and not in another test; what all the
        # tests before it hold is not looked through.
        gc.collect()
    finally:
        gc.unfreeze()
    return said.strip()


def test_migrate_makes_the_folder_and_the_schema(capsys, database) -> None:
    assert main(["migrate"]) == 0
    assert rows(database, "SELECT count(*) FROM community") == [(0,)]
    assert capsys.readouterr().out == f"Migrated: sqlite+aiosqlite:///{database}\n"


def test_migrate_twice_changes_nothing(seeded) -> None:
    before = rows(seeded, "SELECT * FROM community")
    assert main(["migrate"]) == 0
    assert rows(seeded, "SELECT * FROM community") == before


def test_seed_loads_the_sample_district(capsys, migrated) -> None:
    assert main(["seed"]) == 0
    said = capsys.readouterr().out
    communities = rows(migrated, "SELECT count(*) FROM community")[0][0]
    assert f"天桥区: {communities} communities, 50 service items." in said
    assert said.endswith("Loaded.\n")


def test_seed_needs_the_schema_first(capsys) -> None:
    assert "python -m web migrate" in refused(capsys, "seed")


def test_seed_twice_is_refused_and_nothing_is_lost(capsys, seeded) -> None:
    before = rows(seeded, "SELECT * FROM service_item ORDER BY id")
    said = refused(capsys, "seed")
    assert said == "The database holds a district already; seed loads only an empty one."
    assert rows(seeded, "SELECT * FROM service_item ORDER BY id") == before


def test_seed_if_empty_leaves_a_district_alone(capsys, seeded) -> None:
    before = rows(seeded, "SELECT number FROM content_revision")
    assert main(["seed", "--if-empty"]) == 0
    assert "left as it is" in capsys.readouterr().out
    assert rows(seeded, "SELECT number FROM content_revision") == before


def test_seed_if_empty_loads_an_empty_database(migrated) -> None:
    assert main(["seed", "--if-empty"]) == 0
    assert rows(migrated, "SELECT count(*) FROM district") == [(1,)]


def test_seed_check_reads_everything_and_needs_no_database(capsys, database) -> None:
    assert main(["seed", "--check"]) == 0
    assert "50 service items" in capsys.readouterr().out
    assert not database.exists()


@pytest.fixture
def district(tmp_path: Path) -> Path:
    """A district's files to break."""
    folder = tmp_path / "district"
    shutil.copytree(SAMPLE, folder)
    return folder


def replaced(path: Path, old: str, new: str) -> int:
    """Break one line of a file; its number."""
    lines = path.read_text(encoding="utf-8").split("\n")
    number = next(n for n, line in enumerate(lines) if old in line)
    lines[number] = lines[number].replace(old, new)
    path.write_text("\n".join(lines), encoding="utf-8")
    return number + 1


def test_a_broken_file_says_file_line_and_field_and_loads_nothing(
    capsys, migrated, district
) -> None:
    line = replaced(
        district / "handbook" / "a-assistance.yaml", "promised_days: 10", "promised_days: ten"
    )
    assert main(["seed", str(district)]) == 1
    said = capsys.readouterr().err.splitlines()
    place = f"a-assistance.yaml 第 {line} 行，items > 1 > promised_days："
    assert said[0] == f"{place}要写整数，用数字"
    assert said[1].startswith(f"    a-assistance.yaml, line {line}, items > 1 > promised_days: ")
    assert said[-2] == "共 1 处，什么都没有导入。"
    assert said[-1] == "1 fault; nothing was loaded."
    assert rows(migrated, "SELECT count(*) FROM service_item") == [(0,)]
    assert rows(migrated, "SELECT count(*) FROM community") == [(0,)]


def test_all_faults_of_all_files_are_said_at_once(capsys, migrated, district) -> None:
    replaced(district / "handbook" / "a-assistance.yaml", "promised_days: 10", "promised_days: ten")
    replaced(district / "communities" / "jian.yaml", "slug: jian", "slug: Ji An")
    assert main(["seed", str(district)]) == 1
    said = capsys.readouterr().err
    assert "a-assistance.yaml, line " in said
    assert "jian.yaml, line " in said
    assert "2 faults; nothing was loaded." in said
    assert "Traceback" not in said


def test_check_finds_the_same_faults(capsys, district) -> None:
    replaced(district / "communities" / "jian.yaml", "slug: jian", "slug: Ji An")
    assert main(["seed", str(district), "--check"]) == 1
    assert "jian.yaml, line " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (b"slug: [", "district.yaml, line "),
        (b"", "district.yaml, line 1: the file is empty"),
        (b"\xff\xfe\x00", "district.yaml, line 1"),
        (b"a: 1\na: 2\n", "district.yaml, line 2, a: is given twice"),
        (b"- just\n- a list\n", "district.yaml, line 1"),
    ],
)
def test_a_file_that_is_no_yaml_is_said_where_it_breaks(capsys, district, broken, said) -> None:
    (district / "district.yaml").write_bytes(broken)
    assert main(["seed", str(district), "--check"]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_a_folder_that_is_not_there_is_said(capsys, tmp_path) -> None:
    assert main(["seed", str(tmp_path / "nowhere")]) == 1
    said = capsys.readouterr().err
    assert "district.yaml, line 1: cannot be read" in said
    assert "Traceback" not in said


NOTICE = "year: 2027\ndays_off: [2027-01-01, 2027-02-05]\nmake_up_days: [2027-02-07]\n"


def test_a_notice_is_entered_and_raises_the_revision(capsys, tmp_path, seeded) -> None:
    before = rows(seeded, "SELECT number FROM content_revision")[0][0]
    file = tmp_path / "2027.yaml"
    file.write_text(NOTICE, encoding="utf-8")
    assert main(["notice", str(file)]) == 0
    assert capsys.readouterr().out == "The notice of 2027 is entered.\n"
    assert rows(seeded, "SELECT day, kind FROM holiday_day ORDER BY day") == [
        ("2027-01-01", "holiday"),
        ("2027-02-05", "holiday"),
        ("2027-02-07", "make-up"),
    ]
    assert rows(seeded, "SELECT number FROM content_revision") == [(before + 1,)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("year: 2027\ndays_off: []\n", "at least one day off"),
        ("year: 2027\ndays_off: [2026-01-01]\n", "2026-01-01 is in another year"),
        ("year: 2027\ndays_off: [2027-02-30]\n", "2027.yaml, line 2, days_off > 1: "),
        ("days_off: [2027-01-01]\n", "year"),
        ("year: 2027\ndays_off: [2027-01-01]\nholiday: x\n", "2027.yaml, line 3, holiday: "),
        (
            "year: 2027\ndays_off: [2027-01-01]\nmake_up_days: [2027-01-04]\n",
            "2027-01-04 is a weekday",
        ),
    ],
)
def test_a_notice_that_cannot_be_is_refused_in_one_line(
    capsys, tmp_path, seeded, text, said
) -> None:
    file = tmp_path / "2027.yaml"
    file.write_text(text, encoding="utf-8")
    assert said in refused(capsys, "notice", str(file))
    assert rows(seeded, "SELECT count(*) FROM holiday_day") == [(0,)]


def test_a_notice_that_is_not_there_is_said(capsys, tmp_path, seeded) -> None:
    assert "nothing.yaml" in refused(capsys, "notice", str(tmp_path / "nothing.yaml"))
    assert seeded.exists()


def test_a_backup_is_a_whole_and_sound_copy(capsys, tmp_path, seeded) -> None:
    target = tmp_path / "copy.db"
    assert main(["backup", str(target)]) == 0
    assert rows(target, "PRAGMA integrity_check") == [("ok",)]
    for table in ("service_item", "community", "content_revision", "alembic_version"):
        question = f"SELECT * FROM {table} ORDER BY 1"  # noqa: S608 - our own tables
        assert rows(target, question) == rows(seeded, question)
    assert capsys.readouterr().out.splitlines()[-2].startswith(f"Backed up to {target} (")
    # The keys are not in it, and that is said.
    assert [each.name for each in tmp_path.iterdir() if "copy" in each.name] == ["copy.db"]


def test_a_backup_holds_what_is_still_only_in_the_journal(tmp_path, seeded) -> None:
    with sqlite3.connect(seeded) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("UPDATE content_revision SET number = 4711")
        connection.commit()
        assert main(["backup", str(tmp_path / "copy.db")]) == 0
    connection.close()
    assert rows(tmp_path / "copy.db", "SELECT number FROM content_revision") == [(4711,)]


def test_a_backup_never_replaces_a_file(capsys, tmp_path, seeded) -> None:
    target = tmp_path / "copy.db"
    target.write_text("last year's")
    assert "never replaces a file" in refused(capsys, "backup", str(target))
    assert target.read_text() == "last year's"
    assert seeded.exists()


def test_a_backup_into_a_folder_that_is_not_there_is_refused(capsys, tmp_path, seeded) -> None:
    said = refused(capsys, "backup", str(tmp_path / "nowhere" / "copy.db"))
    assert "does not exist" in said
    assert seeded.exists()


def test_a_backup_of_nothing_is_refused_and_makes_nothing(capsys, tmp_path, database) -> None:
    target = tmp_path / "copy.db"
    assert "There is no database" in refused(capsys, "backup", str(target))
    assert not target.exists()
    assert not database.exists()


def test_a_backup_of_what_is_no_database_leaves_nothing_behind(capsys, tmp_path, database) -> None:
    database.parent.mkdir()
    database.write_bytes(b"no database at all\n" * 1000)
    assert "The backup failed" in refused(capsys, "backup", str(tmp_path / "copy.db"))
    assert [each.name for each in tmp_path.iterdir()] == ["data"]


def test_a_backup_where_nothing_can_be_written_is_refused_in_one_line(capsys, seeded) -> None:
    refused(capsys, "backup", "/proc/lianxin-copy.db")
    assert seeded.exists()


@pytest.mark.parametrize("name", ["数据 #1", "50%41", "a?b"])
def test_a_backup_of_a_folder_with_an_odd_name_is_a_backup(
    capsys, monkeypatch, tmp_path, sqlite_files, name
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    shutil.copy(sqlite_files.folder / "sample.db", folder / "lianxin.db")
    monkeypatch.setenv("LIANXIN_DATA", str(folder))
    assert main(["backup", str(tmp_path / "copy.db")]) == 0, capsys.readouterr().err
    assert rows(tmp_path / "copy.db", "SELECT count(*) FROM district") == [(1,)]


def test_a_backup_of_postgresql_can_be_restored_from(
    capsys, monkeypatch, tmp_path, postgres: PostgresCluster
) -> None:
    monkeypatch.setenv("LIANXIN_DATABASE", postgres.copy("sample"))
    target = tmp_path / "copy.dump"
    assert main(["backup", str(target)]) == 0, capsys.readouterr().err
    listed = subprocess.run(
        ["pg_restore", "--list", str(target)], check=True, capture_output=True, text=True
    )
    assert "TABLE DATA public service_item" in listed.stdout
    assert "never replaces a file" in refused(capsys, "backup", str(target))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (("LIANXIN_PORT", "eighty"), "LIANXIN_PORT=eighty: "),
        (("LIANXIN_PORT", "0"), "LIANXIN_PORT=0: "),
        (("LIANXIN_PORT", "65536"), "LIANXIN_PORT=65536: "),
        (("LIANXIN_PUBLIC_URL", "lianxin.example.cn"), "LIANXIN_PUBLIC_URL=lianxin.example.cn: "),
        (("LIANXIN_PUBLIC_URL", "https://a.cn/path"), "without a path"),
        (("LIANXIN_TIMEZONE", "Mars/Olympus"), "LIANXIN_TIMEZONE=Mars/Olympus: "),
        (("LIANXIN_TIMEZONE", "../../etc/passwd"), "LIANXIN_TIMEZONE="),
        (("LIANXIN_LOG", "loud"), "LIANXIN_LOG=loud: "),
        (("LIANXIN_METRICS", "perhaps"), "LIANXIN_METRICS=perhaps: "),
        (("LIANXIN_DATABASE", "mysql://u:secret@h/d"), "must begin with sqlite+aiosqlite://"),
        (("LIANXIN_DATABASE", "secret"), "must begin with sqlite+aiosqlite://"),
        (("LIANXIN_PROT", "8000"), "LIANXIN_PROT is not a setting. See docs/reference.md."),
    ],
)
@pytest.mark.parametrize("command", ["migrate", "serve"])
def test_a_wrong_setting_is_named_in_one_line(capsys, monkeypatch, command, setting, said) -> None:
    name, value = setting
    monkeypatch.setenv(name, value)
    line = refused(capsys, command)
    assert said in line
    assert name in line
    assert "secret" not in line


def test_a_setting_that_is_empty_is_none(monkeypatch, database) -> None:
    monkeypatch.setenv("LIANXIN_DATABASE", "")
    monkeypatch.setenv("LIANXIN_PORT", "")
    assert main(["migrate"]) == 0
    assert database.exists()


@pytest.mark.parametrize("command", ["migrate", "seed", "serve"])
def test_a_database_that_is_none_is_said_in_one_line(
    capsys, monkeypatch, database, command
) -> None:
    monkeypatch.setenv("LIANXIN_PORT", str(free_port()))
    database.parent.mkdir()
    database.write_bytes(b"no database at all\n" * 1000)
    assert "cannot be opened: file is not a database" in refused(capsys, command)


@pytest.mark.parametrize("command", ["migrate", "seed", "serve"])
def test_a_database_in_no_folder_is_said_in_one_line(
    capsys, monkeypatch, tmp_path, command
) -> None:
    monkeypatch.setenv("LIANXIN_PORT", str(free_port()))
    monkeypatch.setenv("LIANXIN_DATABASE", f"sqlite+aiosqlite:///{tmp_path}/nowhere/x.db")
    assert "cannot be opened" in refused(capsys, command)


@pytest.mark.parametrize("command", ["migrate", "seed", "serve"])
def test_a_data_folder_that_is_a_file_is_said_in_one_line(
    capsys, monkeypatch, tmp_path, command
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LIANXIN_PORT", str(free_port()))
    monkeypatch.setenv("LIANXIN_DATA", str(tmp_path / "file"))
    assert "cannot be made" in refused(capsys, command)


@pytest.mark.parametrize("command", ["migrate", "seed", "serve"])
def test_a_server_that_does_not_answer_is_said_without_its_password(
    capsys, monkeypatch, command
) -> None:
    monkeypatch.setenv("LIANXIN_PORT", str(free_port()))
    monkeypatch.setenv(
        "LIANXIN_DATABASE", f"postgresql+asyncpg://lianxin:secret@127.0.0.1:{free_port()}/lianxin"
    )
    said = refused(capsys, command)
    assert "cannot be opened" in said
    assert "secret" not in said


def test_a_database_that_the_server_does_not_have_is_said_in_one_line(
    capsys, monkeypatch, postgres: PostgresCluster
) -> None:
    monkeypatch.setenv("LIANXIN_DATABASE", postgres.url("nowhere"))
    assert "cannot be opened" in refused(capsys, "migrate")


def test_serve_needs_the_schema_first(capsys, monkeypatch) -> None:
    monkeypatch.setenv("LIANXIN_PORT", str(free_port()))
    assert "Run `python -m web migrate`" in refused(capsys, "serve")


def test_a_database_of_another_version_is_said_in_one_line(capsys, monkeypatch, seeded) -> None:
    monkeypatch.setenv("LIANXIN_PORT", str(free_port()))
    with sqlite3.connect(seeded) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    assert "The database is at schema 0000" in refused(capsys, "serve")


def test_a_port_in_use_is_said_in_one_line(capsys, monkeypatch, seeded) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("LIANXIN_PORT", str(port))
        said = refused(capsys, "serve")
    assert said == f"Port {port} is in use. Choose another with LIANXIN_PORT."
    assert seeded.exists()


def test_an_address_that_is_not_ours_is_said_in_one_line(capsys, monkeypatch, seeded) -> None:
    monkeypatch.setenv("LIANXIN_HOST", "192.0.2.1")
    monkeypatch.setenv("LIANXIN_PORT", str(free_port()))
    assert refused(capsys, "serve").startswith("Cannot listen on 192.0.2.1:")
    assert seeded.exists()


@pytest.mark.parametrize("arguments", [[], ["fly"], ["backup"], ["notice"], ["seed", "--odd"]])
def test_a_command_that_is_none_is_refused_with_a_hint(capsys, arguments) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m web" in capsys.readouterr().err


def test_help_names_every_command(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("serve", "migrate", "seed", "notice", "backup"))
    assert "docs/reference.md" in said


def test_serve_starts_answers_and_stops_when_told(tmp_path, seeded) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "LIANXIN_DATA": str(seeded.parent),
        "LIANXIN_PORT": str(port),
        "LIANXIN_LOG": "json",
    }
    command = [sys.executable, "-m", "web", "serve"]
    errors = tmp_path / "errors"
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as server,
    ):
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == f"连心 Lianxin: http://localhost:{port}\n"
            warned = server.stdout.readline()
            assert warned == "iPhones get no notifications without LIANXIN_PUBLIC_URL.\n"
            assert server.stdout.readline() == "Stop with Ctrl+C.\n"
            # The port listens from before the greeting on, so a request waits until it is taken.
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20) as answer:
                assert json.load(answer)["store"] == "ok"
                assert "server" not in {name.lower() for name in answer.headers}
            with urlopen(f"http://127.0.0.1:{port}/c/jian", timeout=20) as answer:
                assert "济安社区" in answer.read().decode()
            server.send_signal(signal.SIGTERM)
            rest, _ = server.communicate(timeout=20)
        finally:
            server.kill()
    assert server.returncode in {0, -signal.SIGTERM}
    assert errors.read_text() == ""
    lines = [json.loads(line) for line in rest.splitlines()]
    requests = [line for line in lines if line["logger"] == "lianxin.request"]
    assert [line["route"] for line in requests] == ["/healthz", "/c/{community}"]


def test_what_commands_write_is_their_owner_s_alone(database, tmp_path, capsys) -> None:
    before = os.umask(0o022)
    try:
        database.parent.mkdir(mode=0o755)
        assert main(["migrate"]) == 0
        assert main(["seed", str(SAMPLE)]) == 0
        assert main(["demo"]) == 0
        assert main(["keys"]) == 0
        assert main(["backup", str(tmp_path / "copy.db")]) == 0
        database.chmod(0o644)
        assert main(["log-check"]) == 0
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    written = [tmp_path / "copy.db", database.parent, *database.parent.rglob("*")]
    assert len(written) > 4
    loose = {path.name: oct(path.stat().st_mode) for path in written if path.stat().st_mode & 0o077}
    assert loose == {}
