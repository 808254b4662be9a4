"""Ranges of numbers and times: browsers break a line behind the dash, and they should not."""

from __future__ import annotations

import re

# As long as a time of the day and no longer: what a person typed may be 600 digits.
RANGE = r"\d[\d:.,]{0,9}[–～]\d(?:[\d:.,]{0,9}\d)?"
_RANGE = re.compile(RANGE)
_TEXT = re.compile(rf">([^<>]*{RANGE}[^<>]*)(?=<)")
# Their text is no element's content, or cannot hold an element.
_RAW = ("title", "script", "style", "textarea", "option", "text", "tspan")
_OPENS = re.compile(rf"<(?:{'|'.join(_RAW)})\b")


# One pass over the finished page: times come from macros of many features, and the office writes
# ranges in its texts as well.
# Not taken: a word joiner on both sides of the dash. It is posted back from a field, and a person
# who looks for the hours on the page does not find them.
def with_ranges_whole(html: str) -> str:
    """A page on which no range breaks at its dash."""
    return _TEXT.sub(_kept_whole, html)


def _kept_whole(found: re.Match[str]) -> str:
    text = found[1]
    html = found.string
    if _OPENS.match(html, html.rfind("<", 0, found.start())):
        return found[0]
    whole = _RANGE.sub(r'<span class="whole">\g<0></span>', text)
    # Words beside it stay in one box with it, because a flex box would part them.
    is_alone = _RANGE.fullmatch(text.strip())
    return f">{whole}" if is_alone else f"><span>{whole}</span>"
