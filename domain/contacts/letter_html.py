"""The text of a letter that is written in HTML."""

from __future__ import annotations

from html.parser import HTMLParser

# What is never shown.
UNSEEN = {"script", "style", "title", "template", "noscript"}
# What begins on a line of its own.
LINES = {"p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "blockquote", "hr"}
LONGEST_LINK = 200


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen: list[str] = []
        self._quoted = 0
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # What was left open in the head hides nothing of the letter.
        if tag == "body":
            self._unseen.clear()
        elif tag in UNSEEN:
            self._unseen.append(tag)
        elif tag == "br" or tag in LINES:
            self._quoted += tag == "blockquote"
            self._new_line()
        elif tag == "a":
            self._link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if self._unseen and tag == self._unseen[-1]:
            self._unseen.pop()
        elif tag in LINES:
            self._quoted -= tag == "blockquote" and self._quoted > 0
            self._new_line()
        elif tag == "a":
            self._end_link()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(" ".join(data.split("\n")))

    def _new_line(self) -> None:
        self.pieces.append("\n" + "> " * bool(self._quoted))

    # A link says where it leads, so that a reader sees a name that lies.
    def _end_link(self) -> None:
        link, self._link = self._link, ""
        is_said = link in "".join(self.pieces[-2:])
        if link.startswith(("https://", "http://")) and not is_said:
            self.pieces.append(f" ({link[:LONGEST_LINK]})")


def text_of_html(html: str) -> str:
    """The words of an HTML letter, line by line; quoted ones begin with `>`."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.pieces).split("\n"))
    return "\n".join(line for line in lines if line != ">")
