"""install.sh: once, twice, two at once, without room, without a network; and the command `lianxin`."""

from __future__ import annotations

import fcntl
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.world.machines import LocalMachine, copied_source, mode_of, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unpacked copy of the program, by a root whose files nobody else reads."""
    found = copied_source(tmp_path_factory.mktemp("source"))
    (found / "web/app.py").chmod(0o600)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, source: Path) -> LocalMachine:
    """One that is installed. For tests that change nothing but settings."""
    machine = LocalMachine(tmp_path_factory.mktemp("machine"), source)
    done = machine.install()
    assert done.returncode == 0, done.stderr
    return machine


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below a folder, with its inode and its time."""
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_everything_is_in_its_place_and_only_its_user_reads_data(whole) -> None:
    assert (whole.program / "web/__main__.py").is_file()
    assert (whole.program / "node_modules/htmx.org/dist/htmx.min.js").is_file()
    assert mode_of(whole.program / "web/app.py") == 0o644
    assert mode_of(whole.root / "var/lib/lianxin") == 0o700
    assert mode_of(whole.root / "var/backups/lianxin") == 0o700
    assert mode_of(whole.settings) == 0o640
    units = {path.name for path in (whole.root / "etc/systemd/system").iterdir()}
    assert units == {path.name for path in whole.source.glob("deploy/lianxin*.*")} - {"lianxin.env"}


def test_a_second_run_changes_nothing(whole) -> None:
    before, settings = files_of(whole.program), whole.settings.read_text()
    done = whole.install()
    assert done.returncode == 0, done.stderr
    assert "is this version already" in done.stdout
    assert files_of(whole.program) == before
    assert whole.settings.read_text() == settings
    assert not (whole.root / "srv/lianxin.before").exists()


def test_two_at_once_are_one(whole) -> None:
    with (whole.root / "run/lock/lianxin-install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = whole.install()
    assert done.returncode == 1
    assert done.stderr == "install.sh: another install.sh is running. Wait for it.\n"


def test_on_a_full_disk_nothing_is_begun(tmp_path, source) -> None:
    machine = LocalMachine(tmp_path / "machine", source)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "df").write_text("#!/bin/sh\nprintf 'x\\n/dev/vda 9 8 12000 99%% /\\n'\n")
    (programs / "df").chmod(0o755)
    done = machine.install(PATH=f"{programs}:/usr/bin:/bin")
    assert done.returncode == 1
    assert done.stderr == (
        f"install.sh: only 12 MB are free below {machine.root}/srv; 1000 MB are needed.\n"
    )
    assert list((machine.root / "srv").iterdir()) == []
    assert not machine.settings.exists()


def test_without_a_network_nothing_is_half(tmp_path, source) -> None:
    machine = LocalMachine(tmp_path / "machine", source)
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:1/", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1"}
    done = machine.install(VENV="", PIP_CONFIG_FILE="/dev/null", **nowhere)
    assert done.returncode == 1
    assert "Python packages could not be fetched. Nothing was changed." in done.stderr
    assert done.stderr.count("\n") == 1
    assert list((machine.root / "srv").iterdir()) == []
    # Then the network is back.
    assert machine.install().returncode == 0


def test_a_program_that_does_not_start_is_not_put_in_place(tmp_path, source) -> None:
    machine = LocalMachine(tmp_path / "machine", source)
    assert machine.install().returncode == 0
    before = files_of(machine.program)
    broken = tmp_path / "broken"
    shutil.copytree(source, broken)
    (broken / "web/routes.py").write_text("raise RuntimeError\n")
    done = LocalMachine(machine.root, broken).install()
    assert done.returncode == 1
    assert "the program does not start. Nothing was changed." in done.stderr
    assert files_of(machine.program) == before


def test_it_is_not_run_from_where_it_installs_to(whole) -> None:
    done = LocalMachine(whole.root, whole.program).install()
    assert done.returncode == 1
    assert "unpack the program elsewhere" in done.stderr


# The command.


@pytest.fixture
def machine(whole: LocalMachine) -> LocalMachine:
    """The same, with the settings as they are at first."""
    shutil.copy(whole.source / "deploy/lianxin.env", whole.settings)
    whole.set(LIANXIN_DATA=f"{whole.root}/var/lib/lianxin")
    return whole


def test_a_command_has_the_settings_of_the_service_and_never_those_of_the_shell(
    machine, tmp_path
) -> None:
    env = {"LIANXIN_DATA": str(tmp_path / "second"), "LIANXIN_PORT": "none", "PYTHONPATH": "/none"}
    done = machine.lianxin("migrate", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (
        done.stdout == f"Migrated: sqlite+aiosqlite:///{machine.root}/var/lib/lianxin/lianxin.db\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_module_of_the_folder_it_is_called_in_is_not_run(machine, tmp_path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web/__main__.py").write_text("print('another program')")
    (tmp_path / "web/__init__.py").touch()
    done = machine.lianxin("routes", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "another program" not in done.stdout


def test_values_are_read_as_systemd_reads_them(machine) -> None:
    machine.set(
        LIANXIN_PUBLIC_URL='"https://lianxin.example.cn"',
        LIANXIN_SMTP_HOST="mail.example.cn",
        LIANXIN_SMTP_FROM="连心 <hall@example.cn>",
        LIANXIN_SMTP_PASSWORD="'a=b c$d#e'",
    )
    with machine.settings.open("a") as file:
        file.write("\n; a comment\nLIANXIN_PORT=80000")
    done = machine.lianxin("migrate")
    # The last line counts, though it has no end.
    assert done.stderr.startswith("LIANXIN_PORT=80000: ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("LIANXIN_PORT", "NAME=VALUE is expected."),
        ("export LIANXIN_PORT=8000", '"export LIANXIN_PORT" is no name of a setting.'),
        ("LIANXIN_PORT =8000", '"LIANXIN_PORT " is no name of a setting.'),
        ("LIANXIN_PORT= 8000", "no quotes, backslashes or blanks around a value, please."),
        ('LIANXIN_SMTP_PASSWORD=a"b', "no quotes, backslashes or blanks around a value, please."),
        ("LIANXIN_SMTP_PASSWORD=a\\b", "no quotes, backslashes or blanks around a value, please."),
        ("LIANXIN_PORT=8000\r", "ends as on Windows. Save the file with Unix line ends."),
    ],
)
def test_a_line_that_systemd_could_read_otherwise_is_named(machine, line, said) -> None:
    number = machine.settings.read_text(encoding="utf-8").count("\n") + 1
    with machine.settings.open("a", newline="") as file:
        file.write(f"{line}\n")
    done = machine.lianxin("migrate")
    assert done.returncode == 1
    assert done.stderr.startswith(f"lianxin: {machine.settings}, line {number}")
    assert done.stderr.endswith(f"{said}\n")
    assert done.stderr.count("\n") == 1


def test_no_command_is_done_for_another_user_of_the_machine(whole, tmp_path) -> None:
    """Only root and the user of the service may; others are told how to call it."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "id").write_text('#!/bin/sh\n[ "$1" = -un ] && echo wang || echo 1000\n')
    (programs / "id").chmod(0o755)
    done = run(whole.command, "migrate", env={"PATH": f"{programs}:/usr/bin:/bin"})
    assert done.returncode == 1
    assert done.stderr.startswith("lianxin: run it as root (sudo lianxin …)")
