"""Tests share helpers through tests/world: no test module imports from another, nor from a conftest."""

from __future__ import annotations

import ast

import pytest

from tests.figures import python_files


def borrowed(source: str) -> list[str]:
    """The test modules and conftests that a module imports from."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
            found += [f"{node.module}.{name.name}" for name in node.names]
        elif isinstance(node, ast.Import):
            found += [name.name for name in node.names]
    return [module for module in found if _is_of_tests(module)]


def _is_of_tests(module: str) -> bool:
    last = module.rpartition(".")[2]
    return module.startswith("tests.") and (last == "conftest" or module.count(".test_") > 0)


@pytest.mark.parametrize(
    ("line", "is_borrowed"),
    [
        ("from tests.web.queue.test_taking import take", True),
        ("from tests.web.queue import test_taking", True),
        ("from tests.web.conftest import opened", True),
        ("from tests.web import conftest", True),
        ("import tests.domain.test_store", True),
        ("def late():\n    from tests.conftest import store", True),
        ("from tests.world.forms import take", False),
        ("from tests import times", False),
        ("from web.test_client import Client", False),
    ],
)
def test_an_import_of_a_test_module_is_found(line, is_borrowed) -> None:
    assert bool(borrowed(line)) is is_borrowed


def test_no_module_of_the_tests_imports_from_another_test_module() -> None:
    sources = python_files("tests")
    assert "tests/web/conftest.py" in sources
    found = {path: borrowed(source) for path, source in sources.items()}
    assert {path: modules for path, modules in found.items() if modules} == {}
