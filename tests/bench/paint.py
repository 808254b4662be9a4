"""The largest paint on a phone's first visit: slow 4G, the processor slowed four times."""

from __future__ import annotations

import asyncio
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.bench.pages import GUIDE, bare, prepare, served
from tests.bench.report import Figure
from tests.bench.tickets import open_all_day
from tests.world.phones import HOME, PHONE, system_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.async_api import Browser

ROUNDS = 7
PAGES = {"home": HOME, "guide": GUIDE, "take": f"{HOME}/take", "handbook": f"{HOME}/handbook"}
SLOW_4G = {"latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
"""Milliseconds and bytes a second, as Lighthouse has them."""
PROCESSOR = 4
# Shifts have happened by now or not at all, and an observer says nothing of none.
PAINTED = """async () => {
  const seen = (type) => new Promise((told) => {
    new PerformanceObserver((list) => told(list.getEntries())).observe({ type, buffered: true });
    setTimeout(() => told([]), 500);
  });
  const paints = await seen("largest-contentful-paint");
  const shifts = await seen("layout-shift");
  return [paints.at(-1).startTime, shifts.reduce((sum, each) => sum + each.value, 0)];
}"""


def measure(folder: Path) -> Iterator[Figure]:
    """The median of a few first visits, beside a page with one line of text."""
    asyncio.run(prepare(f"sqlite+aiosqlite:///{folder / 'lianxin.db'}"))
    open_all_day(folder / "lianxin.db")
    line = folder / "line.html"
    line.write_text("<!doctype html><title>.</title><p>连心</p>", encoding="utf-8")
    with served(folder) as server, bare(line) as baseline:
        yield from asyncio.run(_looked(server.port, baseline))


async def _looked(port: int, baseline: int) -> list[Figure]:
    async with system_chromium() as browser:
        await _painted(browser, port, HOME)
        bare_seconds, _ = await _median(browser, baseline, "/")
        found = []
        for name, path in PAGES.items():
            seconds, shift = await _median(browser, port, path)
            found.append(
                Figure(
                    f"largest paint of {name}, first visit, slow 4G, processor slowed 4 times",
                    f"{seconds:.2f} s, layout shift {shift:.3f}",
                    f"a line of text: {bare_seconds:.2f} s",
                    seconds / bare_seconds,
                    "0.7 s, no shift",
                )
            )
        return found


async def _median(browser: Browser, port: int, path: str) -> tuple[float, float]:
    """The median of the largest paint in seconds, and the largest layout shift."""
    rounds = [await _painted(browser, port, path) for _ in range(ROUNDS)]
    return median(seconds for seconds, _ in rounds), max(shift for _, shift in rounds)


async def _painted(browser: Browser, port: int, path: str) -> tuple[float, float]:
    phone: dict[str, Any] = {"viewport": PHONE, "is_mobile": True, "device_scale_factor": 2}
    context = await browser.new_context(**phone)
    try:
        page = await context.new_page()
        session: Any = await context.new_cdp_session(page)
        await session.send("Network.enable")
        await session.send("Network.emulateNetworkConditions", {"offline": False, **SLOW_4G})
        await session.send("Emulation.setCPUThrottlingRate", {"rate": PROCESSOR})
        await page.goto(f"http://127.0.0.1:{port}{path}", wait_until="load")
        # What comes late, such as a live part, may be larger.
        await page.wait_for_timeout(1500)
        milliseconds, shift = await page.evaluate(PAINTED)
        return milliseconds / 1000, shift
    finally:
        await context.close()
