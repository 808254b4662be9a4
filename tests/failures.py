"""Says at once why a test failed: a run that is ended from outside prints no summary."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

TOLD = 30
"""Lines of a failure that are printed at once; pytest's summary has all of them."""


def told(report: pytest.TestReport) -> list[str]:
    """The test, the part of it that failed, and the end of its traceback."""
    tail = report.longreprtext.splitlines()[-TOLD:]
    return ["", f"{report.nodeid} failed in its {report.when}:", *(f"  {line}" for line in tail)]


class Failures:
    """Prints each failure as it comes; with xdist only the process that hears of all does.

    At the end their names are written to the file that `FAILED_TESTS` names, for `tests.again`.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print what failed."""
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if report.failed:
            self.names.append(report.nodeid)
        if report.failed and reporter is not None:
            for line in told(report):
                reporter.line(line)
            reporter.flush()

    def pytest_sessionfinish(self) -> None:
        """Write down what failed."""
        if file := os.environ.get("FAILED_TESTS"):
            names = "".join(f"{name}\n" for name in dict.fromkeys(self.names))
            Path(file).write_text(names, encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Register it in the process that prints."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Failures(config), "failures")
