"""What can go wrong, as facts. Words and status are the web's business."""

from __future__ import annotations

from dataclasses import dataclass


class LianxinError(Exception):
    """A fact that stops what a person wanted; carries what is needed to say so well."""


class StoreUnavailableError(LianxinError):
    """The database cannot be opened, is of another version, or did not take a commit."""


@dataclass(frozen=True)
class ContentFault:
    """One fault in a file that an office wrote: where it is, and why it is one."""

    file: str
    line: int
    field: str
    why: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}"
        return f"{place}, {self.field}: {self.why}" if self.field else f"{place}: {self.why}"


class ContentError(LianxinError):
    """Files that an office wrote have faults; all of them are said at once (一次性告知)."""

    def __init__(self, faults: list[ContentFault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class NotEmptyError(LianxinError):
    """The store holds a district already; loading another over it would lose what people wrote."""


class NothingPublishedError(LianxinError):
    """The store holds no district yet."""


class NotFoundError(LianxinError):
    """Nothing of that name. `nearest` holds up to three (slug, name) that may have been meant."""

    def __init__(self, slug: str, nearest: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(slug)
        self.slug, self.nearest = slug, nearest


class CommunityNotFoundError(NotFoundError):
    """No community of that slug in this district."""


class ItemNotFoundError(NotFoundError):
    """No service item, category or form of that slug in the handbook of `community`."""

    def __init__(
        self, slug: str, community: str, nearest: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(slug, nearest)
        self.community = community
