"""A cache for what strangers send: bounded in bytes and not only in entries."""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


# lru_cache counts entries, and keeps each argument for as long as the entry. 4,096 entries of a
# header of 1 MB are 4 GB, for which one address and a minute suffice. So nothing is kept of a
# call with a long argument: it is computed each time, which is what its sender asked for.
# Not taken: cutting the argument, which could change the answer.
def bounded_cache(most: int, longest: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Like `lru_cache(most)`, but keeps no call with a text or bytes longer than `longest`."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        kept = lru_cache(most)(function)

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            for value in args:
                if isinstance(value, (str, bytes)) and len(value) > longest:
                    return function(*args, **kwargs)
            return kept(*args, **kwargs)  # type: ignore[arg-type]

        call.cache_info = kept.cache_info  # type: ignore[attr-defined]
        call.longest = longest  # type: ignore[attr-defined]
        return call

    return decorate
