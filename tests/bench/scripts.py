"""Scripts on a weak phone, the processor slowed six times: the longest task, memory, what is kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.bench.pages import GUIDE, prepare, served
from tests.bench.report import Figure
from tests.bench.tickets import open_all_day
from tests.world.phones import HOME, PHONE, kept_at_once, system_chromium

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from playwright.async_api import BrowserContext, Page

PROCESSOR = 6
SETTLED = 2500
"""Milliseconds after which nothing of a step runs any more."""
GOAL = "50 ms"
# Frames longer than 50 ms tell which scripts ran in them; a frame without is not told.
LISTEN = """window.longest = () => Math.max(0, ...longFrames.splice(0));
window.longFrames = [];
new PerformanceObserver((list) => {
  for (const frame of list.getEntries())
    longFrames.push(...frame.scripts.map(({ duration }) => duration));
}).observe({ type: "long-animation-frame", buffered: true });"""
COUNT = """() => {
  const began = performance.now();
  let sum = 0;
  for (let n = 0; n < 1e7; n += 1) sum += n % 7;
  return performance.now() - began + 0 * sum;
}"""
KEPT = "async () => (await navigator.storage.estimate()).usage"


def measure(folder: Path) -> Iterator[Figure]:
    """The longest script of each step, then the memory of the page and what the phone keeps."""
    asyncio.run(prepare(f"sqlite+aiosqlite:///{folder / 'lianxin.db'}"))
    open_all_day(folder / "lianxin.db")
    with served(folder) as server:
        yield from asyncio.run(_measured(f"http://127.0.0.1:{server.port}"))


async def _measured(url: str) -> list[Figure]:
    async with system_chromium() as browser:
        phone: dict[str, Any] = {"viewport": PHONE, "is_mobile": True, "base_url": url}
        context = await browser.new_context(**phone)
        await context.add_init_script(LISTEN)
        page = await context.new_page()
        session: Any = await context.new_cdp_session(page)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": PROCESSOR})
        found = []
        async for step, longest in _steps(context, page):
            counting = await page.evaluate(COUNT)
            said = f"{longest:.0f} ms" if longest else "in no frame of 50 ms"
            baseline = f"counting to ten million: {counting:.0f} ms"
            what = f"longest script of {step}, processor slowed {PROCESSOR} times"
            found.append(Figure(what, said, baseline, longest / counting, GOAL))
        await session.send("Performance.enable")
        await session.send("HeapProfiler.collectGarbage")
        metrics = (await session.send("Performance.getMetrics"))["metrics"]
        heap = next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize")
        kept = await page.evaluate(KEPT)
        found.append(_size("memory of the scripts of search, its index read", heap, 2 << 30))
        found.append(_size("what a phone keeps of a community", kept, 2 << 30))
        return found


def _size(what: str, size: float, of: int) -> Figure:
    return Figure(what, f"{size / (1 << 20):.1f} MB", f"a phone's {of >> 30} GB", size / of)


async def _steps(context: BrowserContext, page: Page) -> AsyncIterator[tuple[str, float]]:
    """What a resident does, and the longest script in milliseconds; 0 where none was long."""

    async def longest() -> float:
        await page.wait_for_timeout(SETTLED)
        return float(await page.evaluate("longest()"))

    visits = {"a first visit": HOME, "a guide": GUIDE, "a take page": f"{HOME}/take"}
    for step, path in visits.items():
        await page.goto(path)
        yield step, await longest()
    await kept_at_once(page)
    yield "keeping the handbook", await longest()
    await page.goto(f"{HOME}/search?q=")
    field = page.locator("input[name=q]")
    await field.press_sequentially("shebaoka", delay=150)
    yield "a search as one types", await longest()
    await context.set_offline(offline=True)
    await field.fill("高龄津贴什么时候发")
    yield "a first search without a network", await longest()
    await field.fill("社保卡丢了怎么办")
    yield "another one", await longest()
    await context.set_offline(offline=False)
