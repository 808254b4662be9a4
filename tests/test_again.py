"""What failed beside others is tried once more, alone, and named."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.again import MOST, MOST_FILES
from tests.world.inner_runs import inner_run
from tests.world.servers import ROOT

if TYPE_CHECKING:
    from pathlib import Path

EACH = """
import pathlib
import pytest

def test_that_is_unsteady():
    path = pathlib.Path("was_here")
    was_here = path.exists()
    path.touch()
    assert was_here

def test_that_fails():
    assert False

@pytest.mark.parametrize("at", range(13))
def test_that_passes(at):
    pass
"""


def again_in(folder: Path) -> subprocess.CompletedProcess[str]:
    """What came of trying the tests again that the folder's file names."""
    return subprocess.run(
        [sys.executable, "-m", "tests.again", "failed"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["is_unsteady"], 0),
        (["is_unsteady", "fails"], 1),
        (["fails"], 1),
        ([], 1),
        ([f"passes[{at}]" for at in range(MOST)], 0),
        ([f"passes[{at}]" for at in range(MOST + 1)], 1),
    ],
)
def test_a_run_passes_only_when_a_few_failed_and_pass_alone(
    tmp_path: Path, names: list[str], code: int
) -> None:
    (tmp_path / "test_it.py").write_text(EACH)
    failed = tmp_path / "failed"
    run = inner_run(tmp_path, "tests.failures", options="-k unsteady", FAILED_TESTS=str(failed))
    assert subprocess.run(**run, check=False, capture_output=True).returncode == 1
    assert failed.read_text() == "test_it.py::test_that_is_unsteady\n"
    (tmp_path / "was_here").touch()
    failed.write_text("".join(f"test_it.py::test_that_{name}\n" for name in names))
    again = again_in(tmp_path)
    assert again.returncode == code
    told = [
        f"UNSTEADY, passes alone and not beside others: {line}"
        for line in failed.read_text().split()
    ]
    assert [line for line in again.stdout.splitlines() if "UNSTEADY" in line] == (
        [] if code else told
    )


@pytest.mark.parametrize(("files", "code"), [(MOST_FILES, 0), (MOST_FILES + 1, 1)])
def test_failures_in_many_files_are_not_the_machines(tmp_path: Path, files: int, code: int) -> None:
    names = [f"test_{at}.py::test_that_passes" for at in range(files)]
    for name in names:
        (tmp_path / name.partition("::")[0]).write_text("def test_that_passes(): pass")
    (tmp_path / "failed").write_text("".join(f"{name}\n" for name in names))
    assert again_in(tmp_path).returncode == code
