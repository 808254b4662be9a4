"""The bench itself: it runs at any hour and in parts, and tells ratios."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from domain.store import Store
from tests.bench import midday
from tests.bench.__main__ import PARTS, main
from tests.bench.midday import zone_of_midday
from tests.bench.report import Figure, table
from tests.bench.tickets import open_all_day
from tests.bench.years import Day, age
from tests.world.people import hired

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world.databases import SqliteFiles

SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = dt.datetime(2026, 11, 24, tzinfo=SHANGHAI)
HALF_HOURS = [MIDNIGHT + n * dt.timedelta(minutes=30) for n in range(48)]


@pytest.mark.parametrize("moment", HALF_HOURS, ids=lambda moment: f"{moment:%H:%M}")
def test_at_any_hour_it_is_noon_where_the_bench_runs(moment) -> None:
    local = moment.astimezone(zone_of_midday(moment))
    assert local.hour == 12
    assert local == moment


def test_clocks_and_servers_of_a_run_share_the_zone() -> None:
    assert midday.now().tzinfo is midday.ZONE
    # Even a run of eleven hours ends on the day on which it began.
    assert 11 <= midday.now().hour <= 13


@pytest.mark.parametrize("minutes", [0, 10, 29, 31, 12 * 60, 23 * 60 + 59])
async def test_a_day_with_old_tickets_begins_at_any_hour(
    sqlite_files: SqliteFiles, minutes: int
) -> None:
    moment = MIDNIGHT + dt.timedelta(minutes=minutes)
    now = moment.astimezone(zone_of_midday(moment))
    url = sqlite_files.copy("sample")
    database = Path(url.removeprefix("sqlite+aiosqlite:///"))
    open_all_day(database)
    assert age(database, now, old=1000) >= 1000
    day = Day(Store(url), now - dt.timedelta(minutes=30))
    await day.store.open()
    await hired(day.store, "clerk")
    await day.store.close()
    await day.begin()
    await day.call()
    await day.store.close()
    sqlite_files.drop(url)


FIGURES = [
    Figure("pages", "68/s", "bare: 100/s", 0.68, "at least 0.60"),
    Figure("search", "1.4 ms", "bare: 0.08 ms", 17.4),
    Figure("sink", "72/s", "bare: 48128/s", 0.0015),
]


def _found(_folder: Path) -> Iterator[Figure]:
    yield from FIGURES


def _never(_folder: Path) -> Iterator[Figure]:
    pytest.fail("this part was not asked for")


def test_the_table_tells_each_figure_beside_its_baseline() -> None:
    assert [line.split("|")[1:-1] for line in table(FIGURES).replace(" ", "").splitlines()] == [
        ["what", "measured", "baselineinthesamerun", "ratio", "goal"],
        ["------", "--------", "------------------------", "------", "-------------"],
        ["pages", "68/s", "bare:100/s", "0.68", "atleast0.60"],
        ["search", "1.4ms", "bare:0.08ms", "17", ""],
        ["sink", "72/s", "bare:48128/s", "0.0015", ""],
    ]


def test_the_part_that_was_named_is_measured_and_written_down(tmp_path, capsys) -> None:
    results = tmp_path / "results.md"
    assert main(["one"], {"one": _found, "other": _never}, results) is None
    assert table(FIGURES) in results.read_text(encoding="utf-8")
    said = capsys.readouterr().out
    assert table(FIGURES) in said
    assert said.endswith(f"Written to {results}\n")


def test_without_a_name_every_part_is_measured(tmp_path) -> None:
    results = tmp_path / "results.md"
    assert main([], {"one": _found, "other": _found}, results) is None
    assert results.read_text(encoding="utf-8").count("| pages ") == 2


def test_a_part_that_is_not_there_is_said_in_one_sentence(tmp_path) -> None:
    said = main(["one", "tikets"], {"one": _never, "other": _never}, tmp_path / "results.md")
    assert said == "There is no part tikets. The parts are: one, other."
    assert not list(tmp_path.iterdir())


def test_every_module_that_measures_is_a_part() -> None:
    folder = Path(__file__).parent
    measuring = {path.stem for path in folder.glob("*.py") if "def measure(" in path.read_text()}
    assert {name.replace("-", "_") for name in PARTS} == measuring - {Path(__file__).stem}
