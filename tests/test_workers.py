"""Tests of a browser's file share a worker, its servers and its phones; all others do not."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from typing import TYPE_CHECKING

from tests.world.inner_runs import inner_run

if TYPE_CHECKING:
    from pathlib import Path

EACH = """
import os
import pathlib
import time

import pytest

@pytest.mark.parametrize("number", range(12))
def test_it(number):
    time.sleep(0.05)
    with pathlib.Path(__file__).with_suffix(".txt").open("a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""


def test_a_browsers_file_stays_on_one_worker(tmp_path: Path) -> None:
    files = ("tests/browser/test_one.py", "tests/browser/test_two.py", "tests/web/test_three.py")
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(EACH)
    asked = inner_run(tmp_path, "xdist.plugin", "tests.workers", options="-q -n 2")
    subprocess.run(**asked, check=True, capture_output=True)

    workers = defaultdict(set)
    for name in files:
        workers[name].update((tmp_path / name).with_suffix(".txt").read_text().split())
    assert [len(workers[name]) for name in files] == [1, 1, 2]
