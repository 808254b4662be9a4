"""Words in two languages: gettext catalogues read at start, and dates as people say them.

English is in the templates; `web/locale/zh_Hans/LC_MESSAGES/messages.po` holds the Chinese. The
catalogue is read as text, so there is nothing to compile and nothing to go stale.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Callable

CATALOGUE = Path(__file__).parent.parent / "locale" / "zh_Hans" / "LC_MESSAGES" / "messages.po"

_PATTERNS = {
    "zh-Hans": {
        "full": "M月d日EEEE",
        "short": "M月d日",
        "month-weekday": "M月 EEE",
        "month": "y年M月",
        "only-month": "M月",
        "numbers": "MM-dd",
        "year": "y年M月d日",
        "all": "y年M月d日EEEE",
    },
    "en": {
        "full": "EEEE d MMMM",
        "short": "d MMM",
        "month-weekday": "MMM, EEE",
        "month": "MMMM y",
        "only-month": "MMM",
        "numbers": "d MMM",
        "year": "d MMMM y",
        "all": "EEEE d MMMM y",
    },
}
_LOCALE = {"zh-Hans": "zh_Hans_CN", "en": "en_GB"}


# Not taken: compiled .mo files, which are one more step and go stale without anybody noticing.
@cache
def _catalogue() -> tuple[Translations, frozenset[str]]:
    """The Chinese, and every message with one form and no context, in English."""
    with CATALOGUE.open("rb") as source:
        read = read_po(source, locale="zh_Hans")
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    plain = (each.id for each in read if isinstance(each.id, str) and not each.context)
    return Translations(compiled), frozenset(filter(None, plain))


# The messages are written in English.
_ENGLISH = NullTranslations()


def translations(lang: str) -> NullTranslations:
    return _ENGLISH if lang == "en" else _catalogue()[0]


def message_in(lang: str) -> Callable[..., Markup]:
    """`_` for templates: a message of the catalogue in a language, with escaped values put in.

    Any other text is content, and comes back as it is, escaped.
    """
    translate, known = translations(lang).gettext, _catalogue()[1]
    messages = {text: Markup(translate(text)) for text in known}  # noqa: S704 - our own words
    plain = {text: found % {} for text, found in messages.items() if "%(" not in found}

    # Not taken: Jinja's own. It makes markup of a name that an office wrote, raises for a "%" in
    # it, and looks itself up at each of a page's forty calls.
    def message(text: str, **values: object) -> Markup:
        if values:
            return messages.get(text, escape(text)) % values
        return plain.get(text) or escape(text)

    return message


def date_words(day: dt.date, lang: str, pattern: str = "full") -> str:
    """A date as people say it: 12月1日星期二, Tuesday 1 December."""
    return format_date(day, _PATTERNS[lang][pattern], locale=_LOCALE[lang])


def time_words(time: dt.time | dt.datetime) -> str:
    """A time of day: 8:30."""
    return f"{time.hour}:{time.minute:02}"


def minute_after(moment: dt.datetime) -> dt.datetime:
    """The first full minute that is not before `moment`: no one who waits until then is early."""
    minute = moment.replace(second=0, microsecond=0)
    return minute if minute == moment else minute + dt.timedelta(minutes=1)


def yuan(amount: Decimal) -> str:
    """An amount without idle zeros: 15, 12.5."""
    return f"{amount.normalize():f}"
