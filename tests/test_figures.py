"""The figures of the structure count what they say, on planted code."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from starlette.routing import Mount, Route

from tests import figures
from tests.figures import Figures, Row

if TYPE_CHECKING:
    from pathlib import Path

MODULE = '''
"""A module."""


def short():
    return 1


@decorated(
    "by more than one line",
)
async def outer(
    first,
):
    """Says what it does,
    in two lines.
    """

    def inner():
        pass

    return inner
'''


def by_name(source: str) -> dict[str, Any]:
    return {node.name: node for node in figures.functions(source)}


def test_a_function_is_as_long_as_from_def_to_its_end() -> None:
    lengths = {name: figures.length(node) for name, node in by_name(MODULE).items()}
    assert lengths == {"short": 2, "outer": 11, "inner": 2}


def test_a_body_is_counted_without_signature_and_docstring() -> None:
    lengths = {name: figures.body_length(node) for name, node in by_name(MODULE).items()}
    assert lengths == {"short": 1, "outer": 4, "inner": 1}


def test_a_body_of_a_docstring_alone_is_empty() -> None:
    assert figures.body_length(by_name('def a():\n    """Nothing."""')["a"]) == 0


@pytest.mark.parametrize(("share", "value"), [(0.5, 6), (0.9, 10), (1.0, 10), (0.0, 1)])
def test_a_percentile_is_one_of_the_values(share, value) -> None:
    assert figures.percentile([10, 1, 2, 3, 4, 5, 6, 7, 8, 9], share) == value
    assert figures.percentile([], share) == 0


# Views, as the product wraps them.


View = Callable[[Any], Awaitable[Any]]


async def show(_request: Any) -> None: ...


async def save(_request: Any) -> None: ...


async def again(_request: Any) -> None: ...


def reads(view: View) -> View:
    async def endpoint(request: Any) -> Any:
        return await view(request)

    return endpoint


def kept(view: View) -> View:
    async def of_services(request: Any) -> Any:
        return await view(request)

    return reads(of_services)


def writes(view: View, refused: View) -> View:
    async def endpoint(request: Any) -> Any:
        return await view(request) or await refused(request)

    return endpoint


def simple_action(verb: Callable[[Any], Any]) -> View:
    async def act(request: Any) -> Any:
        return verb(request)

    return act


class Desk:
    async def review(self, request: Any) -> None: ...


HERE = __name__.split(".", maxsplit=1)[0]


def names(*endpoints: Any) -> set[str]:
    routes = [Route(f"/{n}", endpoint) for n, endpoint in enumerate(endpoints)]
    return {view.co_qualname for view in figures.views(routes, HERE)}


def test_a_view_is_found_through_its_wrappers() -> None:
    found = names(show, reads(save), kept(again), partial(show), reads(Desk().review))
    assert found == {"show", "save", "again", "Desk.review"}


def test_of_what_a_wrapper_holds_only_its_view_counts() -> None:
    assert names(writes(save, refused=again)) == {"save"}


def test_what_wraps_only_another_part_is_itself_the_view() -> None:
    assert names(reads(simple_action(textwrap.dedent)), simple_action(len)) == {
        "simple_action.<locals>.act"
    }


def test_a_view_of_two_routes_and_one_below_a_mount_count_once() -> None:
    below = Mount("/x", routes=[Route("/", reads(show)), Route("/save", save)])
    found = figures.views([Route("/", show), below], HERE)
    assert found == {show.__code__, save.__code__}


def test_a_view_is_as_long_as_its_body() -> None:
    found = [test_a_view_is_as_long_as_its_body.__code__]
    [(name, lines)] = figures.view_lengths(found).items()
    assert name.startswith("tests/test_figures.py:")
    assert lines == 4


def test_the_product_has_views_and_each_is_found_in_its_file() -> None:
    found = figures.views(figures.product_routes())
    assert len(found) > 100
    assert len(figures.view_lengths(found)) == len(found)


# Imports


def test_a_circle_is_found_also_for_types_and_through_others() -> None:
    sources = {
        "web/__init__.py": "",
        "web/a.py": "from web import b",
        "web/b.py": "if TYPE_CHECKING:\n    from web.c import Thing",
        "web/c/__init__.py": "def late():\n    from ..a import x",
        "web/c/d.py": "from . import e\nimport web.a",
        "web/c/e.py": "import web.c.d as d",
        "web/f.py": "from web import a, b\nfrom starlette import f",
    }
    assert figures.circles(sources) == [["web.a", "web.b", "web.c"], ["web.c.d", "web.c.e"]]


def test_imports_that_point_one_way_are_no_circle() -> None:
    sources = {
        "web/a.py": "from web.b import c",
        "web/b.py": "import web.d",
        "web/d.py": "a = 'web.a'",
    }
    assert figures.circles(sources) == []


# Words and lines


def test_comments_are_counted_and_directives_are_not() -> None:
    source = "# why\nx = 1  # because\ny = '# no'\nz = 2  # noqa: E501 - long\n# fmt: off\n"
    assert figures.comment_lines(source) == 2


def test_banned_words_are_counted_whole() -> None:
    words = ["Who" + "ever", "who" + "m", "one" + "'s", "one" + "\u2019s", "a" + "new"]
    text = f"{', '.join(words)}. Anyone, renewed, whomsoever and some body are not."
    found = figures.banned_words(text)
    assert found == Counter({word.lower().replace("\u2019", "'"): 1 for word in words}) + Counter(
        {"one" + "'s": 1}
    )


def test_words_of_templates_are_their_sources_and_not_their_code(tmp_path: Path) -> None:
    template = '{% set anyone = 1 %}<p>{{ _("First") }}</p>{% trans n=1 %}Second{% pluralize %}Third{% endtrans %}'
    (tmp_path / "queue").mkdir()
    (tmp_path / "queue" / "show.html").write_text(template, encoding="utf-8")
    found = list(figures.template_sources(tmp_path))
    assert found == [("queue/show.html", word) for word in ("First", "Second", "Third")]


def test_texts_are_looked_for_everywhere_and_the_list_itself_is_left_out() -> None:
    found = figures.texts_in_english()
    assert {path.split("/")[0] for path in found} >= {"domain", "push", "web", "tests", "docs"}
    assert any(path.startswith("templates/") for path in found)
    assert {"static/sw.js", "static/js/sending/outbox.js", "static/css/tokens.css"} <= found.keys()
    assert "README.md" in found
    assert "tests/figures.py" not in found


def test_the_share_of_long_lines_is_a_percentage() -> None:
    assert figures.long_share([120, 121, 10, 10]) == 25
    assert figures.long_share([]) == 0


SCRIPT = """(() => {
  // function comment() {
  const text = "} {", pattern = /[{/]/.test(text), word = `{`;
  function named(a) {
    if (a) {
      return;
    }
  }
  class Part {
    #ask() {
      return new Map([[1, { a: 1 }]]);
    }
  }
})();
"""


def test_functions_of_scripts_are_counted_and_blocks_are_not() -> None:
    assert sorted(figures.closure_lengths(SCRIPT)) == [3, 5, 14]


# The page


def test_a_goal_is_met_or_not() -> None:
    assert str(Row("circles", 0, most=0)) == "| circles | 0 | ≤ 0 | yes |"
    assert str(Row("circles", 1, most=0)) == "| circles | 1 | ≤ 0 | **no** |"
    assert str(Row("comments", 2.96, least=3, unit=" %")) == "| comments | 3 % | ≥ 3 % | **no** |"
    assert str(Row("views", 157)) == "| views | 157 |  |  |"


def test_the_page_tells_views_circles_and_features() -> None:
    found = Figures(
        rows=[Row("views", 2)],
        long_views={"web/a.py:1 a": 11, "web/b.py:2 b": 12},
        circles=[["web.a", "web.b"]],
        banned={
            "docs/a.md": Counter({figures.BANNED[0]: 2}),
            "docs/b.md": Counter({figures.BANNED[1]: 1}),
        },
        features={"queue": dict.fromkeys(figures.PLACES, 3)},
    )
    told = figures.page(found)
    assert told.index("- 12: `web/b.py:2 b`") < told.index("- 11: `web/a.py:1 a`")
    assert "- web.a, web.b\n" in told
    assert "- 3: `docs`\n" in told
    assert "| `queue` |" + " 3 |" * len(figures.PLACES) in told
    assert figures.banned_words(told) == Counter()


def test_a_page_without_faults_says_none() -> None:
    told = figures.page(Figures([], {}, [], {}))
    assert told.count("None.") == 4
