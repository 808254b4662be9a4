"""What can go wrong, as facts. The words and the status are up to `web`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class LianxinError(Exception):
    """A fact that stops what a person wanted, with the values needed to explain it."""


class StoreUnavailableError(LianxinError):
    """The database cannot be opened, has another schema version, or failed to commit."""


@dataclass(frozen=True)
class ContentFault:
    """A fault in a file that an office wrote: where, and why.

    `why` is an English sentence with `{}` in place of each of `values`; it is also the key of its
    translations. What pydantic says stands in its own English, and `error` tells what it means.
    """

    file: str
    line: int
    field: str
    why: str
    values: tuple[str, ...] = ()
    error: ErrorDetails | None = None

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}"
        why = self.why.format(*self.values) if self.values else self.why
        return f"{place}, {self.field}: {why}" if self.field else f"{place}: {why}"


class ContentError(LianxinError):
    """All faults in the files an office wrote, reported at once (一次性告知)."""

    def __init__(self, faults: list[ContentFault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class NotEmptyError(LianxinError):
    """The store already holds a district; loading another would overwrite what people wrote."""


class NothingPublishedError(LianxinError):
    """The store holds no district yet."""


class NotFoundError(LianxinError):
    """Nothing has this name. `nearest` holds up to three similar (slug, name) pairs."""

    def __init__(self, slug: str, nearest: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(slug)
        self.slug, self.nearest = slug, nearest


class CommunityNotFoundError(NotFoundError):
    """The district has no community with this slug."""


class CommunityEndedError(CommunityNotFoundError):
    """The community is no longer one; `successor` is the slug of the one that followed, if any."""

    def __init__(self, slug: str, successor: str | None) -> None:
        super().__init__(slug)
        self.successor = successor


class ItemNotFoundError(NotFoundError):
    """The handbook of `community` has no service item, category or form with this slug."""

    def __init__(
        self, slug: str, community: str, nearest: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(slug, nearest)
        self.community = community
