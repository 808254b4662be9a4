"""Dependencies point one way: web knows push, push knows domain, and only web knows the web.

Within web, `site` (a request) and `running` (a process) know no feature, and a feature knows
only those that the list below names. No module imports itself by a way round, types included.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import web.features

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PARTS = ("domain", "push", "web")
FORBIDDEN = {
    "domain": {"web", "push", "starlette", "jinja2"},
    "push": {"web", "starlette", "jinja2"},
    "web": set(),
}
"""What each part may not import; tests may import everything."""
CALLS = {"import_module", "__import__"}
PLAIN = {"site", "running"}
"""Folders of web that are no feature."""
FOR_ALL = ("web.papers", "web.staff.access", "web.staff.places")
"""What every feature may import: documents of an office, and who may see and do what where."""
KNOWS = {
    "contacts": {"matters", "places"},
    "devices": {"queue", "ratings", "terminal"},
    "disclosures": {"matters"},
    "places": {"home"},
    "queue": {"notifications", "places", "ratings"},
    "terminal": {"handbook", "offline", "places", "queue"},
}
"""The features that a feature may import beside that; all others import none."""
WITHOUT_DOMAIN = {
    "home": "shows what the places and the handbook have",
    "offline": "keeps the pages of others",
    "notifications": "its rules are the package push",
    "terminal": "shows what the handbook, the places and the queue have",
}
"""Features whose word is no folder of the domain, and why."""


def imported(tree: ast.Module, package: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a module of `package` imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *filter(None, [node.module])))
            # `from .. import web` names its module after the word import.
            yield from ((node.lineno, f"{base}.{alias.name}".lstrip(".")) for alias in node.names)
        elif isinstance(node, ast.Call) and node.args:
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            if called in CALLS and isinstance(first, ast.Constant):
                yield node.lineno, str(first.value)


def trespasses(source: str, path: str) -> list[str]:
    """Every import in this module, by its path from the top, that its part may not make."""
    part, *folders, _ = path.split("/")
    found = imported(ast.parse(source), (part, *folders))
    return [
        f"{path}, line {line}: {part} imports {name}"
        for line, name in found
        if name.split(".")[0] in FORBIDDEN[part]
    ]


def modules() -> list[str]:
    """The path from the top of every module of the three parts."""
    found = (path for part in PARTS for path in (ROOT / part).rglob("*.py"))
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def test_no_module_reaches_up() -> None:
    looked_at = modules()
    assert {path.split("/")[0] for path in looked_at} == set(PARTS)
    faults = [
        fault
        for path in looked_at
        for fault in trespasses((ROOT / path).read_text(encoding="utf-8"), path)
    ]
    assert faults == []


def arrows() -> dict[str, set[str]]:
    """What each module imports of ours, types included, by full names."""
    paths = {dotted(path): path for path in modules()}
    found: dict[str, set[str]] = {}
    for module, path in paths.items():
        part, *folders, _ = path.split("/")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        names = (name for _, name in imported(tree, (part, *folders)))
        # `from web.site import forms` names a module, `from web.site.forms import Form` its part.
        near = (name if name in paths else name.rpartition(".")[0] for name in names)
        found[module] = {name for name in near if name in paths} - {module}
    return found


def dotted(path: str) -> str:
    """A module's full name by its path from the top."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import each other by some way round; empty when there are none."""
    left = dict(graph)
    # What imports nothing that is left is on no circle, so it is taken away until nothing changes.
    while free := [module for module, others in left.items() if not others & left.keys()]:
        for module in free:
            del left[module]
    return sorted(left)


def test_no_module_imports_itself_by_a_way_round() -> None:
    assert circle(arrows()) == []


def test_a_planted_circle_is_found() -> None:
    planted = {"web.a": {"web.b"}, "web.b": {"web.c"}, "web.c": {"web.a"}, "web.d": set()}
    assert circle(planted) == ["web.a", "web.b", "web.c"]


def features() -> set[str]:
    """Every feature's word."""
    folders = {path.parent.name for path in (ROOT / "web").glob("*/__init__.py")}
    return folders - PLAIN


def strangers(graph: dict[str, set[str]]) -> set[str]:
    """Imports from one folder of web into another that the list does not name."""
    found = set()
    for module, others in graph.items():
        for other in others:
            if not (module.startswith("web.") and other.startswith("web.")):
                continue
            here, there = module.split(".")[1], other.split(".")[1]
            if here in features() and f"{other}.".startswith(tuple(f"{each}." for each in FOR_ALL)):
                continue
            if here in features() | PLAIN and there in features() - {here} - KNOWS.get(here, set()):
                found.add(f"{module} imports {other}")
    return found


def test_a_feature_imports_only_the_features_it_may() -> None:
    assert strangers(arrows()) == set()


def test_a_planted_import_of_another_feature_is_found() -> None:
    planted = {
        "web.site.forms": {"web.staff.access"},
        "web.site.pages": {"web.papers.spec"},
        "web.places.pages": {"web.queue.taking", "web.site.pages"},
        "web.places.posters": {"web.staff.access", "web.papers.spec", "web.staff.people"},
        "web.queue.ticket": {"web.ratings.rating", "web.queue.offers"},
        "web.features": {"web.queue"},
    }
    assert strangers(planted) == {
        "web.site.forms imports web.staff.access",
        "web.site.pages imports web.papers.spec",
        "web.places.posters imports web.staff.people",
        "web.places.pages imports web.queue.taking",
    }


def test_every_arrow_that_is_allowed_is_there() -> None:
    there = {
        (module.split(".")[1], other.split(".")[1])
        for module, others in arrows().items()
        for other in others
        if module.startswith("web.") and other.startswith("web.")
    }
    assert [(a, b) for a, known in KNOWS.items() for b in known if (a, b) not in there] == []


@pytest.mark.parametrize("word", sorted(features()))
def test_a_feature_has_one_word_in_every_part(word) -> None:
    assert (ROOT / "domain" / word).is_dir() != (word in WITHOUT_DOMAIN)
    assert (ROOT / "templates" / word).is_dir()
    assert (ROOT / "tests" / "web" / word).is_dir()
    assert word in vars(web.features)


def test_only_the_three_parts_and_tests_hold_code() -> None:
    # What makes the voice's clips stands beside them and is run by hand.
    assert [each.name for each in (ROOT / "static").rglob("*.py")] == ["make.py"]
    known = {*PARTS, "tests", "node_modules", "static"}
    folders = [each for each in ROOT.iterdir() if each.is_dir() and not each.name.startswith(".")]
    strangers = [
        each.name for each in folders if each.name not in known and any(each.rglob("*.py"))
    ]
    assert strangers == []


@pytest.mark.parametrize(
    ("path", "source", "name"),
    [
        ("domain/queue.py", "import starlette", "starlette"),
        ("domain/queue.py", "from starlette.requests import Request", "starlette.requests.Request"),
        ("domain/queue.py", "import json, jinja2 as words", "jinja2"),
        ("domain/queue.py", "from web import app", "web.app"),
        ("domain/places/tables.py", "from ...web import app", "web.app"),
        ("domain/queue.py", "from .. import web", "web"),
        ("domain/queue.py", "from push.outbox import send", "push.outbox.send"),
        ("domain/queue.py", "def late():\n    import web.app", "web.app"),
        (
            "domain/queue.py",
            "if TYPE_CHECKING:\n    from web.app import create_app",
            "web.app.create_app",
        ),
        ("domain/queue.py", "importlib.import_module('web.app')", "web.app"),
        ("push/outbox.py", "import web", "web"),
        ("push/outbox.py", "from jinja2 import Environment", "jinja2.Environment"),
    ],
)
def test_a_planted_import_is_found(path, source, name) -> None:
    line = source.count("\n") + 1
    assert trespasses(source, path) == [f"{path}, line {line}: {path.split('/')[0]} imports {name}"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("domain/queue.py", "from domain.web import x"),
        ("domain/queue.py", "from . import web"),
        ("domain/queue.py", "import webbrowser"),
        ("domain/queue.py", "word = 'import starlette'"),
        ("push/outbox.py", "from domain.store import Store"),
        ("web/app.py", "import starlette, jinja2, push, domain"),
    ],
)
def test_what_points_down_or_only_looks_alike_is_left_alone(path, source) -> None:
    assert trespasses(source, path) == []
