"""Text made safe for the database, the page and the eye, whichever way it came in."""

from __future__ import annotations


# Control characters would break PostgreSQL (NUL), the page or a spreadsheet. Invisible ones and
# those that turn the direction of writing show something else than what is stored. Nobody types
# either on purpose, so they are dropped instead of refused.
def clean(text: str) -> str:
    """One line without characters that cannot be seen.

    A blank of any kind becomes a plain one: Chinese keyboards type a wide one.
    """
    if text.isprintable():
        return text
    spaced = (" " if character.isspace() else character for character in text)
    return "".join(character for character in spaced if character.isprintable())


def clean_lines(text: str) -> str:
    """Like `clean`, for text with several lines."""
    return "\n".join(map(clean, text.splitlines()))
