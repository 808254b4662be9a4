"""Chinese on an English page: each text node of it is marked, so that a voice reads it as Chinese.

Content stays in the language the office wrote it in, and screen readers must know which (WCAG 2.2,
3.1.2).
"""

from __future__ import annotations

import re

CHINESE = "zh-Hans"
_OPENS = r"(?![^>]*\blang=)((?:[^>\"]|\"[^\"]*\")*)>"
# An element that holds a Chinese text and nothing else.
_ALL_CHINESE = re.compile(
    r"<(?!(?:html|title|script|br|img|input|link|meta|hr|wbr)\b)([a-z][a-z0-9-]*)"
    rf"{_OPENS}(?=[^<A-Za-z\u3400-\u9fff]*[\u3400-\u9fff](?:(?! [a-z]{{3}})[^<])*</)"
)
# One that cannot hold another: it is Chinese where any of it is.
_PARTLY_CHINESE = re.compile(rf"<(option|textarea)\b{_OPENS}(?=[^<]*[\u3400-\u9fff])")
# A comment, a tag with its name and attributes, or a text.
_PART = re.compile(
    r"<!--.*?-->|<(/?)([a-z][a-z0-9-]*|!doctype)((?:[^>\"]|\"[^\"]*\")*)>|[^<]+",
    re.DOTALL | re.IGNORECASE,
)
_LANG = re.compile(r"\blang=\"([^\"]*)\"")
# Chinese, with the figures and signs within it.
_RUN = re.compile(r"[\u3400-\u9fff](?:[^<&A-Za-z]*[\u3400-\u9fff\u3001-\u3011\uff00-\uff60])?")
_VOID = frozenset(
    {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr", "!doctype"}
)
# Their text is no element's content, or cannot hold an element.
_RAW = frozenset({"title", "script", "style", "textarea", "option"})


# One pass over the finished page. An element is marked when all that it holds is a Chinese text;
# what stands beside another element, or among English words, is marked by itself, because a voice
# would read the rest of the element as Chinese too.
# Not taken: a filter on every value in every template, which the next template would forget.
def with_chinese_marked(html: str) -> str:
    """An English page on which every Chinese text is said to be Chinese."""
    marked = html
    for opens in (_PARTLY_CHINESE, _ALL_CHINESE):
        marked = opens.sub(rf'<\1\2 lang="{CHINESE}">', marked)
    # The open elements, each with the language of its text.
    open_: list[tuple[str, str]] = [("", "en")]
    return _PART.sub(lambda part: _marked(part, open_), marked)


def _marked(part: re.Match[str], open_: list[tuple[str, str]]) -> str:
    closes, name, attributes = part.groups()
    if name is None:
        tag, language = open_[-1]
        is_ours = language.startswith("zh") or tag in _RAW or part[0].startswith("<!--")
        return part[0] if is_ours else _in_spans(part[0])
    if closes:
        while len(open_) > 1 and open_.pop()[0] != name:
            pass
    elif name not in _VOID and not attributes.endswith("/"):
        said = _LANG.search(attributes)
        open_.append((name, said[1] if said else open_[-1][1]))
    return part[0]


# Text in two languages is held together, because in a flex box each span would be a box of its own.
def _in_spans(text: str) -> str:
    found, count = _RUN.subn(rf'<span lang="{CHINESE}">\g<0></span>', text)
    is_mixed = count and _RUN.sub("", text).strip()
    return f"<span>{found}</span>" if is_mixed else found
