"""Text made safe for the database, the page and the eye, whichever way it came in."""

from __future__ import annotations

import re

# What joins the pictures of one emoji, such as a woman and a spanner; between letters it is
# dropped like all that cannot be seen.
_JOINS = re.compile(
    "(?<=[\u2190-\u2bff\U0001f000-\U0001faff\ufe0f])\u200d(?=[\u2190-\u2bff\U0001f000-\U0001faff])"
)


# Of no text that people write.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def decoded(data: bytes) -> str | None:
    """The text in UTF-8, or as Excel saves it in China; None if it is neither."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return text
    return None


# Control characters would break PostgreSQL (NUL), the page or a spreadsheet. Invisible ones and
# those that turn the direction of writing show something else than what is stored. Nobody types
# either on purpose, so they are dropped instead of refused.
def clean(text: str) -> str:
    """One line without characters that cannot be seen.

    A blank of any kind becomes a plain one: Chinese keyboards type a wide one.
    """
    if text.isprintable():
        return text
    joins = {found.start() for found in _JOINS.finditer(text)}
    spaced = (" " if character.isspace() else character for character in text)
    return "".join(
        character
        for place, character in enumerate(spaced)
        if character.isprintable() or place in joins
    )


def clean_lines(text: str) -> str:
    """Like `clean`, for text with several lines."""
    return "\n".join(map(clean, text.splitlines()))
