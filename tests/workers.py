"""Keeps the tests of a browser's file on one worker of pytest-xdist: they share servers and phones.

Tests without a browser go to whichever worker has time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer


# Not taken: `--dist loadgroup`. It marks tests by a private name of pytest's, which pytest 9.2 no
# longer reads; without a word, every file then started its servers on both workers.
class ByBrowserFile(LoadScopeScheduling):  # type: ignore[misc]
    """One unit of work for each file that drives a browser, and for each other test."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file.startswith("tests/browser/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByBrowserFile:
    """Schedule by browser files."""
    return ByBrowserFile(config, log)
