"""Tests of a browser's file share a worker, its servers and its phones; all others do not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
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
    plugins = ["-p", "xdist.plugin", "-p", "tests.workers", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, "-n", "2", f"--rootdir={tmp_path}", "-q"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    subprocess.run([*command, "."], cwd=tmp_path, env=environment, check=True, capture_output=True)

    workers = defaultdict(set)
    for name in files:
        workers[name].update((tmp_path / name).with_suffix(".txt").read_text().split())
    assert [len(workers[name]) for name in files] == [1, 1, 2]
