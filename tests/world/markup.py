"""Markup without its layout: what a test reads does not depend on where a template breaks its lines."""

from __future__ import annotations

import re

_TAG = re.compile(r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_BREAK_BESIDE_A_TAG = re.compile(r"(?<=>)(?:\s*\n\s*|\s{2,})|(?:\s*\n\s*|\s{2,})(?=<)")


_AS_TYPED = re.compile(r"(<textarea\b[^>]*>.*?</textarea>|<pre\b[^>]*>.*?</pre>)", re.DOTALL)


def unfolded(html: str) -> str:
    """The same markup with each tag on one line and no line breaks beside tags.

    One blank on a line stays, because it shows between words; Jinja leaves the indent of a line
    whose break it has trimmed, so several count as a break.
    """
    pieces = _AS_TYPED.split(html)
    # In a textarea a line break is what a person typed.
    return "".join(
        piece if place % 2 else _without_breaks(piece) for place, piece in enumerate(pieces)
    )


def _without_breaks(html: str) -> str:
    on_one_line = _TAG.sub(lambda tag: re.sub(r"\s*\n\s*", " ", tag[0]).replace(" >", ">"), html)
    return re.sub(r"\s*\n\s*", " ", _BREAK_BESIDE_A_TAG.sub("", on_one_line))
