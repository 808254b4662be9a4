"""English sentences of the domain that pages say in another language.

The domain knows no language. It marks the sentence where it stands, the extraction of words finds
the mark (babel.cfg), and the page that shows the sentence translates it.
"""

from __future__ import annotations

from dataclasses import dataclass


def N_(words: str) -> str:  # noqa: N802 - the marker that the extraction of words looks for
    """The same words, which are translated where they are shown."""
    return words


@dataclass(frozen=True)
class Words:
    """What a form says of a value that its type refuses: `Annotated[str, …, Words(N_("…"))]`.

    It stands beside the type, because only the field knows what it asks for: a web address and a
    code both fail by their pattern.
    Not taken: words by pydantic's type of error; every new pattern then got the words of the first.
    """

    wrong: str


CHOOSE = N_("Please choose from the list.")
