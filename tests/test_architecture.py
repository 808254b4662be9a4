"""Dependencies point one way: web knows push, push knows domain, and only web knows the web."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

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
            "if TYPE_CHECKING:\n    from web.house import House",
            "web.house.House",
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
