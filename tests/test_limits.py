"""An async test that hangs fails alone."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.world.inner_runs import inner_run

if TYPE_CHECKING:
    from pathlib import Path

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
    plugins = ("anyio.pytest_plugin", "pytest_timeout", "tests.limits")
    options = "-o anyio_mode=auto --timeout 10"
    done = subprocess.run(
        **inner_run(tmp_path, *plugins, options=options), capture_output=True, check=False
    )
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
