"""Run every measurement, or the parts that are named; docs/performance.md keeps the figures.

python -m tests.bench [PART ...]
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import (
    answers,
    disclosures,
    files,
    followers,
    forecast,
    halls,
    live,
    matters,
    monday,
    pages,
    paint,
    push,
    restart,
    scripts,
    sheets,
    sign_in,
    tickets,
    writes,
    years,
)
from tests.bench.report import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.bench.report import Figure

    Measure = Callable[[Path], Iterable[Figure]]

RESULTS = Path(__file__).parent.parent.parent / "bench-results.md"


def _writes(folder: Path) -> list[Figure]:
    return asyncio.run(writes.measure(folder))


PARTS: dict[str, Measure] = {
    "pages": pages.measure,
    "paint": paint.measure,
    "scripts": scripts.measure,
    "sign-in": sign_in.measure,
    "tickets": tickets.measure,
    "live": live.measure,
    "halls": halls.measure,
    "restart": restart.measure,
    "monday": monday.measure,
    "sheets": sheets.measure,
    "years": years.measure,
    "matters": matters.measure,
    "disclosures": disclosures.measure,
    "followers": followers.measure,
    "files": files.measure,
    "answers": answers.measure,
    "push": push.measure,
    "writes": _writes,
    "forecast": forecast.measure,
}


def main(
    names: Sequence[str], parts: dict[str, Measure] = PARTS, results: Path = RESULTS
) -> str | None:
    """Print a line per figure and then their table, which is also written to a file.

    Returns what is wrong with the names, or None when the parts were measured.
    """
    strangers = [name for name in names if name not in parts]
    if strangers:
        return f"There is no part {strangers[0]}. The parts are: {', '.join(parts)}."
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    title = f"{dt.date.today()} · Python {platform.python_version()}, {machine}"  # noqa: DTZ011 - the reader's date
    print(title, flush=True)
    figures: list[Figure] = []
    for name in names or parts:
        with tempfile.TemporaryDirectory(prefix=f"lianxin-bench-{name}-") as folder:
            for figure in parts[name](Path(folder)):
                print(f"{name}: {figure}", flush=True)
                figures.append(figure)
    found = f"## {title}\n\n{table(figures)}"
    results.write_text(found, encoding="utf-8")
    print(f"\n{found}\nWritten to {results}")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
