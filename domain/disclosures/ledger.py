"""账目合计. Every page, file and report takes its totals from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.disclosures.content import LedgerLine


@dataclass(frozen=True)
class Totals:
    """The sums of a ledger in fen; `spent` is positive."""

    received: int = 0
    spent: int = 0
    # The balance before the first line and after the last; None where none was given.
    opening: int | None = None

    @property
    def difference(self) -> int:
        """What came in less what went out."""
        return self.received - self.spent

    @property
    def closing(self) -> int | None:
        """The balance after the last line; None without one before the first."""
        return None if self.opening is None else self.opening + self.difference


def totals_of(lines: Sequence[LedgerLine], opening: int | None = None) -> Totals:
    """The totals of these lines."""
    received = sum(line.fen for line in lines if line.fen > 0)
    spent = -sum(line.fen for line in lines if line.fen < 0)
    return Totals(received, spent, opening)
