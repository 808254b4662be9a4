"""A run says at once why a test failed, and not only in its summary."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.world.inner_runs import inner_run

if TYPE_CHECKING:
    from pathlib import Path

EACH = """
import pathlib
import time

import pytest

@pytest.fixture(scope="session")
def broken():
    raise RuntimeError("the fixture is broken")

def test_it(broken):
    pass

def test_that_waits_until_the_reader_has_read():
    while not pathlib.Path("read").exists():
        time.sleep(0.05)
"""


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_run_says_why_a_test_failed_before_it_ends(tmp_path: Path, workers: str) -> None:
    (tmp_path / "test_it.py").write_text(EACH)
    asked = inner_run(tmp_path, "xdist.plugin", "tests.failures", options=f"-q -n {workers}")
    with subprocess.Popen(**asked, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        said = ""
        for line in run.stdout:
            said += line
            if "the fixture is broken" in line:
                assert run.poll() is None
                (tmp_path / "read").touch()
    assert "test_it.py::test_it failed in its setup:" in said
    assert "short test summary" not in said.partition("the fixture is broken")[0]
