"""What stands beside the path of docs/operations.md: the sample, which is left behind, and PostgreSQL."""

from __future__ import annotations

import os
import re
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.world.guide import GUIDES, Block, GuidedMachine, blocks_of, done_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.world.databases import PostgresCluster

PATIENCE = 60.0
"""Seconds in which a person is called on any machine."""
BLOCKS = blocks_of(GUIDES["en"].read_text(encoding="utf-8"))


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[GuidedMachine]:
    """One that is installed, with the list of communities."""
    found = GuidedMachine(tmp_path)
    done_by(found, next(block for block in BLOCKS if not block.scope))
    places = next(block for block in BLOCKS if "places.txt" in block.text)
    done_by(found, Block("sh", "", "", places.text.splitlines()[0]))
    yield found
    found.close()


def calls_on_a_screen(machine: GuidedMachine, block: Block) -> str:
    """What a screen of this machine says while a rehearsal runs, as soon as it says anything."""
    process, until = machine.begin_to_follow(block), time.monotonic() + PATIENCE
    try:
        url = f"http://127.0.0.1:{machine.port}"
        with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as screen:
            while time.monotonic() < until and process.poll() is None:
                shown = screen.post("/f/devices/screen").text
                calls = re.search(r'data-calls="(.*?)"', shown)
                if calls and "number" in calls[1]:
                    return calls[1]
                time.sleep(1)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE)
    raise AssertionError(shown)


def test_the_sample_is_loaded_calls_on_a_screen_and_is_left_behind(machine) -> None:
    for block in BLOCKS:
        if block.scope == "rehearsal":
            assert re.search(r"[A-L]00\d", calls_on_a_screen(machine, block))
        elif block.scope == "sample":
            done_by(machine, block)
    assert not (machine.root / "var/lib/lianxin/sample").exists()
    told = machine.machine.lianxin("seed").stderr
    assert "holds a district already" in told


def test_postgresql_is_set_up_backed_up_and_restored(machine, postgres: PostgresCluster) -> None:
    machine.extra = {"PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGUSER": "postgres"}
    said = [done_by(machine, block) for block in BLOCKS if block.scope == "postgresql"]
    told = "\n".join(said)
    assert told.count("The database is whole: 槐荫区") == 2
    assert "Restored: postgresql+asyncpg://lianxin:***@127.0.0.1/lianxin_2" in told
    for name in ("lianxin", "lianxin_2"):
        postgres.do(f"DROP DATABASE {name}")
    postgres.do("DROP ROLE lianxin")
