"""The answers to refused forms, held for a while so that each has an address of its own.

Back, reload, the language switch and the size of the text work on such an address, and what was
typed is still there.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.keys import key_hash, new_key

if TYPE_CHECKING:
    from web.site.pages import Page
    from web.site.visit import Visit

# The parameter of the address.
AGAIN = "again"
# What an address that was passed on lacks: what was typed is for its own browser only.
COOKIE = "answers"
LASTS = dt.timedelta(minutes=30)
MOST = 500


@dataclass(frozen=True)
class RefusedForm:
    """The page that says why something was not done, with what was typed."""

    page: Page
    visit: Visit
    # The pattern of its address, for the log and the figures.
    route: str
    status: int
    # The header Retry-After; empty for a form that may be sent again at once.
    retry_after: str
    # The hash of the key of the browser that sent the form.
    owner: str

    @property
    def until(self) -> dt.datetime:
        return self.visit.now + LASTS


# In memory, because nothing that was refused is written down.
# Not taken: what was typed in the address, which ends up in histories and logs.
class RefusedForms:
    """The newest `MOST` answers, each under a key that cannot be guessed."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, RefusedForm] = OrderedDict()

    def hold(self, answer: RefusedForm) -> str:
        """Hold an answer; the key of its address."""
        for key, held in [*self._held.items()]:
            if held.until > answer.visit.now and len(self._held) < MOST:
                break
            del self._held[key]
        found = new_key()
        self._held[found] = answer
        return found

    def get(self, key: str, path: str, owner: str, now: dt.datetime) -> RefusedForm | None:
        """The answer with this key, for the browser and the path that it was made for."""
        held = self._held.get(key)
        if held is None or held.until <= now or held.visit.path != path:
            return None
        return held if held.owner == key_hash(owner) else None
