"""Markdown of offices: as HTML that is safe to show, as plain text, and from a spreadsheet.

There is no raw HTML, no picture, no code: what looks like it is shown as it was typed.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Literal

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from domain.errors import LianxinError
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Characters.
LONGEST = 200_000
TOO_LONG = N_("Please shorten the text to 200,000 characters, or attach it as a file.")

# A line that begins with four spaces is how people indent a paragraph, and no code.
TYPED_AS_IT_IS = ["code", "fence", "backticks", "image", "html_block", "html_inline"]
TAGS = {
    *("h3", "h4", "h5", "h6", "p", "br", "ul", "ol", "li", "blockquote", "strong", "em", "a"),
    *("table", "thead", "tbody", "tr", "th", "td", "div"),
}
# `*` is for every tag, and there nh3 would otherwise let titles pass.
ATTRIBUTES = {
    "*": set[str](),
    "a": {"href"},
    "ol": {"start"},
    "th": {"scope"},
    "div": {"aria-label"},
}
# Only what `_wrap` writes: raw HTML never gets this far.
VALUES = {"div": {"class": {"table"}, "tabindex": {"0"}, "role": {"region"}}}
SCHEMES = {"http", "https", "mailto"}
# A path of this site, a place on the page, or an address with its scheme. `//host` and `/\\host`
# lead elsewhere.
ADDRESS = re.compile(r"(?:https?://|mailto:|#|/(?![/\\])).*|/", re.IGNORECASE | re.DOTALL)
FIRST_HEADING, LAST_HEADING = 3, 6

_READER = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False})
_READER.enable("table").disable(TYPED_AS_IT_IS)


class TooLongError(LianxinError):
    """The text is longer than 200,000 characters. `words` says what to do."""

    def __init__(self) -> None:
        super().__init__(TOO_LONG)
        self.words = TOO_LONG


def html_of(text: str, table: str = "表格") -> str:
    """The text as HTML with headings from h3 down. Raises `TooLongError`.

    `table` is the word for a table in the language of the page; a reader of the screen hears it
    with a number where a table begins.
    """
    tokens = _tokens(text)
    _lower_headings(tokens)
    wrapped = list(_wrap(tokens, table))
    html = _READER.renderer.render(wrapped, _READER.options, {})
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        tag_attribute_values=VALUES,
        attribute_filter=_filtered,
        url_schemes=SCHEMES,
        link_rel="nofollow noopener",
    )


def _tokens(text: str) -> list[Token]:
    if len(text) > LONGEST:
        raise TooLongError
    return _READER.parse(text)


def _filtered(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute; None for an address that leads somewhere odd."""
    return None if name == "href" and not ADDRESS.fullmatch(value) else value


def _lower_headings(tokens: list[Token]) -> None:
    """Make headings begin at h3 and skip no level, whatever levels were typed."""
    above: list[int] = []
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            while above and above[-1] >= level:
                above.pop()
            above.append(level)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(FIRST_HEADING + len(above) - 1, LAST_HEADING)}"


# A wide table scrolls within its own box, so that a phone's page does not. A keyboard scrolls only
# what can have the focus, and what has the focus needs a name that no other box has.
def _wrap(tokens: Sequence[Token], table: str) -> Iterator[Token]:
    """The tokens with each table in a box that scrolls."""
    count = 0
    for at, token in enumerate(tokens):
        if token.type == "table_open":
            count += 1
            name = f"{table} {count}"
            look = {"class": "table", "tabindex": "0", "role": "region", "aria-label": name}
            yield _box(1, look)
        if token.type in {"th_open", "th_close"}:
            _make_header(tokens, at)
        yield token
        if token.type == "table_close":
            yield _box(-1, {})


def _box(nesting: Literal[1, -1], attributes: dict[str, str]) -> Token:
    return Token("box", "div", nesting, attrs={**attributes}, block=True)


def _make_header(tokens: Sequence[Token], at: int) -> None:
    """A header names its column; an empty one is a plain cell, for it names nothing."""
    content = tokens[at + 1 if tokens[at].nesting == 1 else at - 1].content
    if not content.strip():
        tokens[at].tag = "td"
    elif tokens[at].nesting == 1:
        tokens[at].attrs["scope"] = "col"


# Lines stay where they are in the source, so that what is found in the plain text is named by the
# line that the editor has to look at.
def plain_of(text: str) -> str:
    """What a reader sees, on the same lines as in the source. Raises `TooLongError`.

    The cells of a table's row have a tab between them; a link's address follows its words.
    """
    lines: dict[int, list[str]] = {}
    for token in _tokens(text):
        if token.type == "inline" and token.map:
            for number, words in enumerate(_plain(token).split("\n"), token.map[0]):
                lines.setdefault(number, []).append(words)
    last = max(lines, default=-1)
    return "\n".join("\t".join(lines.get(number, [])) for number in range(last + 1))


def _plain(token: Token) -> str:
    words: list[str] = []
    # Where the words of each open link begin, and its address.
    links: list[tuple[int, str]] = []
    for child in token.children or []:
        if child.type in {"softbreak", "hardbreak"}:
            words.append("\n")
        elif child.type == "link_open":
            links.append((len(words), str(child.attrs["href"])))
        elif child.type == "link_close":
            start, address = links.pop()
            if address not in {(shown := "".join(words[start:])), f"mailto:{shown}"}:
                words.append(f" ({address})")
        else:
            words.append(child.content)
    return "".join(words)


# Cells that a spreadsheet quotes because a line ends within them.
LONGEST_QUOTED = 2_000
QUOTED = re.compile(rf'"((?:[^"]|""){{0,{LONGEST_QUOTED}}})"(?=[\t\r\n]|$)')
PLAIN_CELL = re.compile(r"[^\t\r\n]*")
LINE_END = re.compile(r"\r\n|\r|\n")
# What Markdown would take for its own: two masked names (王*国) in a row became emphasis.
SPECIAL = re.compile(r"([\\|*_\[\]<>`&])")


def pasted(text: str) -> str:
    """The text with each table pasted from a spreadsheet as a Markdown table.

    Two or more lines with tabs are a table, and the first of them is its header. Raises
    `TooLongError`.
    """
    if len(text) > LONGEST:
        raise TooLongError
    if "\t" not in text:
        return text
    blocks: list[str] = []
    for is_table, lines in groupby(_lines(text), key=lambda line: len(line) > 1):
        rows = list(lines)
        if is_table and len(rows) > 1:
            blocks.append(f"\n{_table(rows)}\n")
        else:
            blocks.extend("\t".join(row) for row in rows)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(blocks)).strip("\n")


def _lines(text: str) -> Iterator[list[str]]:
    """The cells of each line; a quoted cell may hold several lines."""
    at = 0
    while at < len(text):
        cells: list[str] = []
        while True:
            quoted = QUOTED.match(text, at)
            cell = quoted or PLAIN_CELL.match(text, at)
            assert cell  # noqa: S101 - an empty cell matches
            at = cell.end()
            cells.append(quoted[1].replace('""', '"') if quoted else cell[0])
            if at >= len(text) or text[at] != "\t":
                break
            at += 1
        # A quote around a line without tabs is the writer's own.
        yield cells if len(cells) > 1 or not quoted else [quoted[0]]
        if end := LINE_END.match(text, at):
            at = end.end()


def _table(rows: list[list[str]]) -> str:
    width = max(map(len, rows))
    lines = [[*map(_cell, row), *[""] * (width - len(row))] for row in rows]
    head, *body = ["| " + " | ".join(row) + " |" for row in lines]
    return "\n".join([head, "|" + " --- |" * width, *body])


def _cell(text: str) -> str:
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))
