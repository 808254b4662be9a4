"""Says at once why a test failed: a run that is ended from outside prints no summary."""

from __future__ import annotations

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
    """Prints each failure as it comes; with xdist only the process that hears of all does."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print what failed."""
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and reporter is not None:
            for line in told(report):
                reporter.line(line)
            reporter.flush()


def pytest_configure(config: pytest.Config) -> None:
    """Register it in the process that prints."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Failures(config), "failures")
