"""Several processes behind one port, and one alone on a SQLite file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.world.databases import free_port
from web.running.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.world.databases import PostgresCluster, SqliteFiles

PATIENCE = 60.0


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def answers(port: int) -> bool:
    """Whether a page comes."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def children(pid: int) -> dict[int, str]:
    """The processes that a process started, with their commands."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return {
        int(each): Path(f"/proc/{each}/cmdline").read_text().replace("\0", " ") for each in found
    }


@contextmanager
def serving(folder: Path, url: str, port: int, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m web serve`, ended by its own id."""
    settings = {
        "LIANXIN_DATA": str(folder), "LIANXIN_DATABASE": url, "LIANXIN_PORT": str(port),
    }  # fmt: skip
    command = [sys.executable, "-m", "web", "serve", *more]
    process = subprocess.Popen(command, env={**os.environ, **settings}, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_are_started_again_and_stopped_together(
    tmp_path: Path, postgres: PostgresCluster
) -> None:
    url, port = postgres.copy("sample"), free_port()
    with serving(tmp_path / "data", url, port, "--workers", "2") as parent:
        until(lambda: answers(port))
        until(lambda: len(children(parent.pid)) == 2)
        first = children(parent.pid)
        assert sum("deliver" in command for command in first.values()) == 1
        until(lambda: all(answers(port) for _ in range(5)))
        killed = min(first)
        os.kill(killed, signal.SIGKILL)
        until(lambda: len(children(parent.pid)) == 2 and killed not in children(parent.pid))
        # Also what the system gave to the socket of the one that was away.
        until(lambda: all(answers(port) for _ in range(10)))
        workers = [*children(parent.pid)]
        parent.terminate()
        assert parent.wait(PATIENCE) == 0
        assert not any(Path(f"/proc/{each}").exists() for each in workers)
        assert not answers(port)
    postgres.drop(url)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_end_when_their_parent_is_killed(tmp_path: Path, postgres: PostgresCluster) -> None:
    url, port = postgres.copy("sample"), free_port()
    with serving(tmp_path / "data", url, port, "--workers", "2") as parent:
        until(lambda: answers(port))
        workers = [*children(parent.pid)]
        parent.kill()
        until(lambda: not any(Path(f"/proc/{each}").exists() for each in workers))
    postgres.drop(url)


def test_workers_need_postgresql(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("LIANXIN_DATA", str(tmp_path))
    assert main(["serve", "--workers", "2"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("--workers 2 needs PostgreSQL")
    assert said.count("\n") == 1
    assert main(["serve", "--workers", "0"]) == 1


def test_a_second_server_on_one_file_is_refused_in_one_line(
    tmp_path: Path, sqlite_files: SqliteFiles
) -> None:
    url, port = sqlite_files.copy("sample"), free_port()
    with serving(tmp_path / "one", url, port) as first:
        until(lambda: answers(port))
        with serving(tmp_path / "two", url, free_port()) as second:
            assert second.wait(PATIENCE) == 1
            assert second.stderr is not None
            said = second.stderr.read().decode().splitlines()[-1]
            assert said.startswith("Another server already serves ")
        # However it ends, the next may begin.
        first.kill()
        first.wait()
        port = free_port()
        with serving(tmp_path / "three", url, port):
            until(lambda: answers(port))
