"""An async test that hangs fails alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
EACH = """
import asyncio

import pytest

@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"

@pytest.fixture(scope="session")
async def kept():
    yield

async def test_that_hangs(kept):
    await asyncio.sleep(60)

async def test_after_it(kept):
    await asyncio.sleep(0)
"""


def test_a_test_after_one_that_hangs_passes(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(EACH)
    plugins = ["anyio.pytest_plugin", "pytest_timeout", "tests.limits", "no:cacheprovider"]
    options = [part for name in plugins for part in ("-p", name)]
    settings = ["-o", "anyio_mode=auto", "--timeout", "10", "-c", "/dev/null", "--rootdir", "."]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *settings, "."],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
