"""Run every measurement and print what was found; docs/performance.md keeps the figures."""

from __future__ import annotations

import asyncio
import os
import platform
import tempfile
from pathlib import Path

from tests.bench import live, pages, push, sign_in, tickets, writes, years


def main() -> None:
    """Print a line per figure."""
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    print(f"Python {platform.python_version()}, {machine}")
    with tempfile.TemporaryDirectory(prefix="lianxin-bench-") as folder:
        pages.measure(Path(folder))
        sign_in.measure(Path(folder))
        tickets.measure(Path(folder))
        live.measure(Path(folder))
        years.measure(Path(folder))
        push.measure(Path(folder))
        asyncio.run(writes.measure(Path(folder)))


if __name__ == "__main__":
    main()
