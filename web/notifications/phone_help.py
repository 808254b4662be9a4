"""怎样收到通知: what a phone needs for it, step by step, drawn by us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from web.site.pages import Page

if TYPE_CHECKING:
    from web.site.visit import Visit


@dataclass(frozen=True, kw_only=True)
class Help(Page):
    """The steps for each kind of phone, and what works without any of them."""

    template: ClassVar[str] = "notifications/help.html"
    tab: ClassVar[str] = "mine"


async def show(_visit: Visit) -> Page:
    """The same for everybody; a script puts the phone at hand first."""
    return Help()
