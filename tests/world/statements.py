"""What a store was asked: the statements of one of its engines, while a test listens."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@contextmanager
def statements_of(
    engine: Engine, task: asyncio.Task[Any] | None = None
) -> Iterator[list[tuple[str, Any]]]:
    """Each statement with the values it was asked with, in order; of one task alone if it is given.

    An application also asks beside requests, some seconds after its start.
    """
    asked: list[tuple[str, Any]] = []

    def remember(_c: Any, _u: Any, statement: str, values: Any, _x: Any, _many: Any) -> None:
        if task is None or asyncio.current_task() is task:
            asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", remember)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", remember)
