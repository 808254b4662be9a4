"""Prints how long each test file took, and fails the run when one exceeds its budget.

The budget is for a file's own tests on a machine that does nothing else. `TIME_BUDGET=3` allows
three times as much on a busy one, and `TIME_BUDGET=0` asks for nothing.
"""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

BUDGET = 60.0
"""Seconds of a file's own tests."""
BROWSER_BUDGET = 120.0
"""Seconds of a file that drives a browser."""
WORTH_TELLING = 5.0
"""Seconds below which a file is only counted."""


def budget_of(file: str, scale: float = 1.0) -> float:
    """Seconds that a test file may take, by its path from the top."""
    return scale * (BROWSER_BUDGET if file.startswith("tests/browser/") else BUDGET)


def told(seconds: Mapping[str, float], scale: float = 1.0) -> list[str]:
    """A line for each file worth telling of, the slowest first, and one for all others."""
    ordered = sorted(seconds.items(), key=lambda item: (-item[1], item[0]))
    slow = [(file, took) for file, took in ordered if took >= WORTH_TELLING]
    rest = ordered[len(slow) :]
    lines = [f"{took:6.1f} s  {file}{_over(file, took, scale)}" for file, took in slow]
    if rest:
        count = f"{len(rest)} other {'file' if len(rest) == 1 else 'files'}"
        lines.append(f"{sum(took for _, took in rest):6.1f} s  {count}")
    return lines


def exceeded(seconds: Mapping[str, float], scale: float = 1.0) -> list[str]:
    """Files that took longer than they may; none when the scale is 0."""
    return sorted(file for file, took in seconds.items() if 0 < budget_of(file, scale) < took)


def _over(file: str, took: float, scale: float) -> str:
    budget = budget_of(file, scale)
    return f"  over its budget of {budget:.0f} s" if 0 < budget < took else ""


class Times:
    """Adds up what each file's tests took; with xdist only the process that hears of all does."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test's fixtures along with the test."""
        self.seconds[report.nodeid.partition("::")[0]] += report.duration

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let the run fail when a file took too long, unless it failed already."""
        if session.exitstatus == pytest.ExitCode.OK and exceeded(self.seconds, self.scale):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the times when more than one file ran."""
        over = exceeded(self.seconds, self.scale)
        if len(self.seconds) > 1 or over:
            terminalreporter.section("times by file")
            for line in told(self.seconds, self.scale):
                terminalreporter.line(line)
        if over:
            words = "Make it faster or split it; on a busy machine set TIME_BUDGET=3."
            terminalreporter.line(f"Over budget: {', '.join(over)}. {words}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    """Register the times, in the process that prints."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Times(float(os.environ.get("TIME_BUDGET") or 1)), "times")
