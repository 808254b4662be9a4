"""The answers to refused forms, held for a while so that each has an address of its own.

Back, reload, the language switch and the size of the text work on such an address, and what was
typed is still there.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from domain.keys import key_hash, new_key
from domain.refused_forms import LASTS, MOST
from web.site.preferences import LANGUAGES

if TYPE_CHECKING:
    import datetime as dt

    from web.site.pages import Page, Renderer
    from web.site.visit import Manner, Visit

# The parameter of the address.
AGAIN = "again"
# What an address that was passed on lacks: what was typed is for its own browser only.
COOKIE = "answers"
# How a page is worn stands on its first element.
_WORN = re.compile(r'(data-(view|size|theme))="[^"]*"')


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


# In memory, because nothing that was refused is written down; several servers write it sealed, see
# domain/refused_forms.py.
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


def is_for_anyone(visit: Visit) -> bool:
    """Whether the answer may be shown to its browser without asking who is signed in."""
    return not visit.path.startswith("/staff")


# As text in each language, because a page's values mean nothing to another process.
def packed_answer(answer: RefusedForm, key: str, renderer: Renderer) -> bytes:
    """An answer for another server: its page in each language, and what goes with it."""
    visit = replace(answer.visit, query={AGAIN: key})
    pages = {
        lang: renderer.render(answer.page, replace(visit, manner=replace(visit.manner, lang=lang)))
        for lang in LANGUAGES
    }
    told = {
        "path": visit.path,
        "route": answer.route,
        "status": answer.status,
        "retry_after": answer.retry_after,
        "pages": pages,
    }
    return zlib.compress(json.dumps(told).encode())


@dataclass(frozen=True)
class PackedAnswer:
    """An answer that one of several servers held."""

    path: str
    route: str
    status: int
    retry_after: str
    pages: dict[str, str]

    @classmethod
    def of(cls, packed: bytes) -> PackedAnswer:
        return cls(**json.loads(zlib.decompress(packed)))

    def page_for(self, manner: Manner) -> str:
        """The page as this browser likes to read now."""
        worn = {"view": manner.view, "size": manner.size, "theme": manner.theme}
        return _WORN.sub(lambda found: f'{found[1]}="{worn[found[2]]}"', self.pages[manner.lang], 3)
