"""The code of a matter, typed on another phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from web.site.device_key import FormKey
from web.site.pages import Page

if TYPE_CHECKING:
    from web.site.visits import ResidentVisit


@dataclass(frozen=True, kw_only=True)
class EnterCode(Page):
    template: ClassVar[str] = "matters/code.html"
    tab: ClassVar[str] = "mine"
    # What was typed, and why it opens nothing: `unknown`, `often`; empty at first.
    code: str
    trouble: str
    # Of the form, for a device without a key.
    key: str


async def show(visit: ResidentVisit) -> Page:
    """The form for a code."""
    return await show_again(visit, "")


async def show_again(visit: ResidentVisit, trouble: str) -> Page:
    """The form again, with what was typed."""
    typed = visit.form.text("code", 20)
    return EnterCode(code=typed, trouble=trouble, key=FormKey.new().key)
