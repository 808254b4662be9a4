"""Pages: a view returns a page, and this module renders it.

A page is a frozen dataclass that names its template and holds every value the template sees; a test
holds the two to each other. Rendering happens after the view's transaction.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from domain.disclosures.amounts import yuan as in_yuan
from domain.phones import dialled, grouped, parted
from web.site.assets import ROOT
from web.site.chinese import with_chinese_marked
from web.site.headings import with_breaks
from web.site.preferences import LANGUAGES
from web.site.ranges import with_ranges_whole
from web.site.words import date_words, message_in, time_words, translations, yuan

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from domain.places.tables import Community, District
    from web.site.assets import Assets
    from web.site.visit import Manner, Visit

# Characters. A page names its own address several times, and no answer of ours has a longer one.
LONGEST_QUERY = 1000


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a template needs to know. Subclasses add fields and name their template."""

    template: ClassVar[str]
    # The current tab of the bar.
    tab: ClassVar[str] = ""
    media_type: ClassVar[str] = "text/html; charset=utf-8"
    status: ClassVar[int] = 200
    # The parameters of its address without which it would say something else.
    asks: ClassVar[tuple[str, ...]] = ()
    # Whether it asks its readers to say what is wrong on it. Such a page is kept offline, which is
    # how web/mistakes knows it.
    takes_reports: ClassVar[bool] = False

    # The community of the page; its name is in the header.
    community: Community | None = None
    # When the page may stop being true; None for the end of the day.
    fresh_until: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Card(Page):
    """A part of a page that another feature fills; it has its own template."""

    # Whether it asks the reader to act, or only informs.
    is_waiting: ClassVar[bool] = True


@dataclass(frozen=True)
class Site:
    """The values around every page."""

    visit: Visit
    assets: Assets
    page: Page
    environment: Environment
    # Whether the page is about a hall in which simulated people practise, so that it says so.
    is_rehearsing: bool = False

    def part(self, page: Page) -> Markup:
        """Render a card's template within another page."""
        template = self.environment.get_template(page.template)
        return Markup(template.render(values_of(page), site=self))  # noqa: S704 - a template escaped it

    @property
    def lang(self) -> str:
        return self.visit.lang

    @property
    def district(self) -> District:
        return self.visit.published.district

    @property
    def manner(self) -> Manner:
        """How the page is rendered. What else a device remembers is not part of a cached page."""
        return self.visit.manner

    @property
    def tab(self) -> str:
        return self.page.tab

    @property
    def path(self) -> str:
        """The page's address on this site, with what it answers: for codes and for sharing."""
        query = self.visit.query
        asked = {name: query[name] for name in self.page.asks if query.get(name)}
        # A page in Chinese has the bare address, which is the one on paper.
        return self._with(asked | ({} if self.lang == LANGUAGES[0] else {"lang": self.lang}))

    @property
    def is_preview(self) -> bool:
        """Whether it is a page for residents at an address of the office, which is not to share."""
        return self.visit.path.startswith("/staff/")

    @property
    def address(self) -> str:
        """The same with scheme and host."""
        return self.visit.manner.origin + self.path

    @property
    def here(self) -> str:
        """Where this browser is, with all that it asked for: to come back to."""
        # Without the language, which is chosen there.
        return self._with({name: each for name, each in self.visit.query.items() if name != "lang"})

    def _with(self, asked: Mapping[str, str]) -> str:
        query = urlencode(asked)
        return f"{self.visit.path}?{query}" if 0 < len(query) <= LONGEST_QUERY else self.visit.path

    @property
    def revision(self) -> int:
        return self.visit.published.revision


@dataclass(frozen=True)
class Outside:
    """The values around a page that needs no district."""

    manner: Manner

    @property
    def lang(self) -> str:
        return self.manner.lang


def values_of(page: Page) -> dict[str, Any]:
    """The template's variables by name."""
    return {field.name: getattr(page, field.name) for field in fields(page)}


# Asked for every page and not by each template, which the next one would forget.
def _is_rehearsing(page: Page, visit: Visit) -> bool:
    place = page.community or getattr(page, "place", None)
    return getattr(place, "slug", None) in visit.published.rehearsing


class _Environment(Environment):
    """An environment whose globals are set before any template is loaded."""

    # Jinja chains the two so that later globals are seen too, and each import and include of a page
    # then walks the chain.
    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


class Renderer:
    """Renders pages, with one environment per language."""

    def __init__(self, assets: Assets, *, development: bool = False) -> None:
        self.assets = assets
        style = assets.style
        self._link = f'<link rel="stylesheet" href="{style.address}">'
        self._style = f'<style data-address="{style.address}">{style.body.decode()}</style>'
        self._environments = {
            lang: self._environment(lang, development=development) for lang in ("zh-Hans", "en")
        }

    def render(self, page: Page, visit: Visit) -> str:
        """The page as text. Raises Jinja's error when a template reads what does not exist."""
        environment = self._environments[visit.lang]
        site = Site(visit, self.assets, page, environment, _is_rehearsing(page, visit))
        text = str(site.part(page))
        marked = text if visit.lang == "zh-Hans" else with_chinese_marked(text)
        whole = with_ranges_whole(with_breaks(marked))
        # A round trip less before anything is drawn. The style is put in last: the policy allows it
        # by its hash.
        return whole.replace(self._link, self._style, 1) if visit.manner.brings_style else whole

    def render_outside(self, page: Page, manner: Manner) -> str:
        """A page that needs no district, as text."""
        template = self._environments[manner.lang].get_template(page.template)
        return template.render(values_of(page), site=Outside(manner))

    def environment(self, lang: str) -> Environment:
        """The environment of a language, for tests that inspect templates."""
        return self._environments[lang]

    def _environment(self, lang: str, *, development: bool) -> Environment:
        environment = _Environment(
            loader=FileSystemLoader(ROOT / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=development,
            extensions=["jinja2.ext.i18n"],
        )
        environment.install_gettext_translations(translations(lang), newstyle=True)  # type: ignore[attr-defined]
        environment.globals["gettext"] = environment.globals["_"] = message_in(lang)
        environment.globals["asset"] = self.assets.address

        def date(day: dt.date, pattern: str = "full") -> str:
            return date_words(day, lang, pattern)

        filters: dict[str, Any] = {
            "date": date,
            "dialled": dialled,
            "grouped": grouped,
            "parted": parted,
            "time": time_words,
            "yuan": yuan,
            "fen": in_yuan,
        }
        environment.filters.update(filters)
        return environment
