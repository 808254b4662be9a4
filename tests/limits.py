"""Ends an async test that hangs inside its own loop, shortly before pytest-timeout would.

A signal takes the loop away from under a test that still runs, and then every later async test of
that worker fails too.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

EARLIER = 0.8
"""Part of pytest-timeout's limit after which an async test ends."""


def limited(test: Callable[..., Awaitable[None]], seconds: float) -> Callable[..., Awaitable[None]]:
    """The test, which raises TimeoutError after so many seconds."""

    @functools.wraps(test)
    async def within(**given: Any) -> None:
        async with asyncio.timeout(seconds):
            await test(**given)

    return within


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Limit the test that is about to run."""
    limit = float(item.config.getoption("timeout") or item.config.getini("timeout") or 0)
    if limit and isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
        item.obj = limited(item.obj, EARLIER * limit)
