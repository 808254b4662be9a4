"""Test files have a budget of time, and a run says which of them exceeded it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests import times
from tests.world.inner_runs import inner_run
from tests.world.servers import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_files_with_a_browser_may_take_longer() -> None:
    assert times.budget_of("tests/browser/queue/test_take.py") == times.BROWSER_BUDGET
    assert times.budget_of("tests/web/test_home.py") == times.BUDGET
    assert times.budget_of("tests/web/test_home.py", 3) == 3 * times.BUDGET


TOOK = {"tests/a.py": 61.0, "tests/b.py": 60.0, "tests/c.py": 0.5, "tests/d.py": 0.25}


def test_what_took_longer_than_it_may_is_named() -> None:
    assert times.exceeded(TOOK) == ["tests/a.py"]
    assert times.exceeded(TOOK, 2) == []
    assert times.exceeded(TOOK, 0.001) == ["tests/a.py", "tests/b.py", "tests/c.py", "tests/d.py"]


def test_with_a_scale_of_nothing_no_file_has_a_budget() -> None:
    assert times.exceeded(TOOK, 0) == []
    assert "budget" not in "".join(times.told(TOOK, 0))


def test_slow_files_are_told_and_the_others_counted() -> None:
    assert times.told(TOOK) == [
        "  61.0 s  tests/a.py  over its budget of 60 s",
        "  60.0 s  tests/b.py",
        "   0.8 s  2 other files",
    ]


@pytest.mark.parametrize(
    ("workers", "scale", "code"), [("0", "0.0001", 1), ("0", "1", 0), ("1", "0.0001", 1)]
)
def test_a_run_fails_when_a_file_took_too_long(tmp_path: Path, workers, scale, code) -> None:
    for name in ("test_one.py", "test_two.py"):
        sleeping = "import time\n\ndef test_it():\n    time.sleep(0.05)\n"
        (tmp_path / name).write_text(sleeping)
    asked = inner_run(
        tmp_path, "xdist.plugin", "tests.times", options=f"-n {workers}", TIME_BUDGET=scale
    )
    done = subprocess.run(**asked, capture_output=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert "times by file" in done.stdout
    assert ("Over budget: test_one.py, test_two.py." in done.stdout) == (code == 1)


def test_a_quick_run_leaves_out_postgresql_and_nothing_else() -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-n",
        "0",
        "tests/domain/test_store.py",
    ]

    def collected(**more: str) -> set[str]:
        environment = {name: value for name, value in os.environ.items() if name != "ONLY_SQLITE"}
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**environment, **more},
            capture_output=True,
            text=True,
            check=True,
        )
        return {line for line in done.stdout.splitlines() if "::" in line}

    everything, quick = collected(), collected(ONLY_SQLITE="1")
    assert quick < everything
    assert all("postgresql" in name for name in everything - quick)
    assert not any("[postgresql" in name for name in quick)
