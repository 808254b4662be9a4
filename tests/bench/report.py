"""What a bench found: figures as ratios to baselines of the same run, and their table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MANY, FEW = 10, 0.1
"""From the first on a ratio is told without decimals, below the second with two digits that count."""


@dataclass(frozen=True)
class Figure:
    """One measurement beside its baseline."""

    what: str
    measured: str
    baseline: str
    ratio: float
    """The measured value divided by that of the baseline."""
    goal: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        digits = ".0f" if self.ratio >= MANY else ".2f" if self.ratio >= FEW else ".2g"
        ratio = f"{self.ratio:{digits}}"
        return self.what, self.measured, self.baseline, ratio, self.goal

    def __str__(self) -> str:
        what, measured, baseline, ratio, goal = self.cells
        return f"{what}: {measured}; {ratio} × {baseline}{f' (goal {goal})' if goal else ''}"


def table(figures: Sequence[Figure]) -> str:
    """The figures as Markdown, with columns wide enough to be read as plain text."""
    head = ("what", "measured", "baseline in the same run", "ratio", "goal")
    rows = [head, *(figure.cells for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines) + "\n"
