"""The hall of a community that nobody has described yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.places.content import CounterContent, HallContent, HallHours
from domain.places.finding import COMMUNITY

if TYPE_CHECKING:
    from collections.abc import Iterable

# Characters of a line, see `domain.content.Line`.
LONGEST = 80
WAY_IN = "正门的情况还没有填写。"
COUNTER = "综合窗口"


def undescribed_hall(
    community: str, address: str, phone: str, letters: Iterable[str]
) -> HallContent:
    """A hall without hours and position: no number can be taken there, and its page says why.

    One counter serves every category (`letters`), as in most small halls.
    """
    whole = community if community.endswith(COMMUNITY) else community + COMMUNITY
    return HallContent(
        name=f"{whole}服务大厅"[:LONGEST],
        address=address[:LONGEST],
        phone=phone,
        step_free=WAY_IN,
        hours=HallHours(working_day=()),
        counters=(CounterContent(number=1, name=COUNTER, categories=tuple(letters)),),
    )
