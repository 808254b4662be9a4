import nh3
from markdown_it import MarkdownIt


def html_of(text: str) -> str:
    return nh3.clean(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))


def plain_of(text: str) -> str:
    return text
