"""Pages: a view returns one, and only here it becomes bytes.

A page is a frozen dataclass that names its template and holds every value the template
sees; a test holds the two to each other. Rendering happens after the view's transaction.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from web.site.assets import ROOT
from web.site.words import date_words, time_words, translations, yuan

if TYPE_CHECKING:
    from domain.places.tables import Community, District
    from web.site.assets import Assets
    from web.site.visit import Manner, Visit


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a template needs to know. Subclasses add fields and name their template."""

    template: ClassVar[str]
    tab: ClassVar[str] = ""
    """Which tab of the bar is the current one."""
    media_type: ClassVar[str] = "text/html; charset=utf-8"
    status: ClassVar[int] = 200

    community: Community | None = None
    """Whose pages these are; its name stands in the header."""
    fresh_until: dt.datetime | None = None
    """When what the page says may stop being true; None for the end of the day."""


@dataclass(frozen=True, kw_only=True)
class Card(Page):
    """A part of a page that another feature fills; it has a template of its own."""

    is_waiting: ClassVar[bool] = True
    """Whether it asks the reader to do something, or only tells."""


@dataclass(frozen=True)
class Site:
    """What every page has around it."""

    visit: Visit
    assets: Assets
    tab: str
    environment: Environment

    def part(self, page: Page) -> Markup:
        """A page's own template, for a place within another page."""
        template = self.environment.get_template(page.template)
        return Markup(template.render(values_of(page), site=self))  # noqa: S704 - a template escaped it

    @property
    def lang(self) -> str:
        """The language of the page's words."""
        return self.visit.lang

    @property
    def district(self) -> District:
        """The district this deployment serves."""
        return self.visit.published.district

    @property
    def manner(self) -> Manner:
        """How the page is said. What else a device remembers is no part of a page that is kept."""
        return self.visit.manner

    @property
    def path(self) -> str:
        """The page's own address on this site."""
        return self.visit.path

    @property
    def address(self) -> str:
        """The page's full address, for codes and for people elsewhere."""
        return self.visit.manner.origin + self.visit.path

    @property
    def revision(self) -> int:
        """The revision of the content on the page."""
        return self.visit.published.revision


def values_of(page: Page) -> dict[str, Any]:
    """What the template sees, by name."""
    return {each.name: getattr(page, each.name) for each in fields(page)}


_CHINESE_TEXT = re.compile(
    r"<(?!html|title|script|/)([a-z0-9]+)((?![^>]*\blang=)[^>]*)>(?=[^<]*[\u3400-\u9fff])"
)


def with_chinese_marked(html: str) -> str:
    """On an English page each element that holds Chinese words says so (WCAG 2.2, 3.1.2).

    Content stays in the language the office wrote it in, and voices must know.
    """
    return _CHINESE_TEXT.sub(r'<\1\2 lang="zh-Hans">', html)


class Renderer:
    """Turns pages into text, in each language with its own environment."""

    def __init__(self, assets: Assets, *, development: bool = False) -> None:
        self.assets = assets
        self._environments = {
            lang: self._environment(lang, development=development) for lang in ("zh-Hans", "en")
        }

    def render(self, page: Page, visit: Visit) -> str:
        """The page as text. Raises what Jinja raises when a template asks for what is not there."""
        environment = self._environments[visit.lang]
        site = Site(visit, self.assets, page.tab, environment)
        text = str(site.part(page))
        return text if visit.lang == "zh-Hans" else with_chinese_marked(text)

    def environment(self, lang: str) -> Environment:
        """The environment of a language, for tests that look into templates."""
        return self._environments[lang]

    def _environment(self, lang: str, *, development: bool) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(ROOT / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=development,
            extensions=["jinja2.ext.i18n"],
        )
        environment.install_gettext_translations(translations(lang), newstyle=True)  # type: ignore[attr-defined]
        environment.globals["asset"] = self.assets.address

        def date(day: dt.date, pattern: str = "full") -> str:
            return date_words(day, lang, pattern)

        filters: dict[str, Any] = {"date": date, "time": time_words, "yuan": yuan}
        environment.filters.update(filters)
        return environment
