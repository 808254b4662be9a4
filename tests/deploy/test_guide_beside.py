"""What stands beside the path of docs/operations.md: the sample, which is left behind, and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.world.guide import GUIDES, Block, GuidedMachine, blocks_of, done_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.world.databases import PostgresCluster

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


def test_the_sample_is_left_behind(machine) -> None:
    for block in BLOCKS:
        if block.scope == "sample":
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
