"""What CONTRIBUTING and its neighbours name is there, and hooks call only the project's own tools."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import web.features
from domain.handbook.guide import ServiceGuide

ROOT = Path(__file__).parent.parent
PAGES = (
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs/decisions.md",
    "docs/operations.md",
    "docs/operations.zh.md",
    "docs/reference.md",
    "docs/request.md",
)
_FOLDERS = "deploy|domain|push|web|templates|static|tests|docs"
_PATH = re.compile(rf"(?<![\w/.])(?:{_FOLDERS})/[\w<>/.-]*[\w>/]")
_TARGET = re.compile(r"(?:^|`)make ([a-z]+)", re.MULTILINE)
_COMMAND = re.compile(r"python -m web ([a-z-]+)")


def paths_in(text: str) -> set[str]:
    """Files and folders that a text names."""
    return set(_PATH.findall(text))


def missing(path: str, root: Path = ROOT) -> bool:
    """Whether there is no such path; `<feature>` stands for any name."""
    pattern = re.sub(r"<\w+>", "*", path.rstrip("/"))
    return not any(root.glob(pattern))


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_is_named_exists(page) -> None:
    found = paths_in((ROOT / page).read_text(encoding="utf-8"))
    assert found
    assert sorted(path for path in found if missing(path)) == []


def examples_in(text: str) -> list[str]:
    """The fields and features that a text takes as examples."""
    return re.findall(r"The example is `(\w+)`", text)


def test_every_example_is_there() -> None:
    field, feature = examples_in((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert field in ServiceGuide.model_fields
    assert feature in vars(web.features)


def test_an_example_is_found() -> None:
    assert examples_in("The example is `ratings`. So is `home`.") == ["ratings"]


def test_paths_are_found_in_words_and_code() -> None:
    text = "See `web/<feature>/`, (docs/request.md) and domain/store.py. Not https://x/web/y or /web/z."
    assert paths_in(text) == {"web/<feature>/", "docs/request.md", "domain/store.py"}


def test_a_path_that_is_gone_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "web" / "queue").mkdir(parents=True)
    (tmp_path / "web" / "queue" / "routes.py").touch()
    assert not missing("web/<feature>/routes.py", tmp_path)
    assert not missing("web/queue/", tmp_path)
    assert missing("web/<feature>/office.py", tmp_path)
    assert missing("web/wall.py", tmp_path)


@pytest.mark.parametrize("page", PAGES)
def test_every_target_and_command_that_is_named_exists(page) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(_TARGET.findall(text)) <= targets
    commands = (ROOT / "web" / "running" / "cli.py").read_text(encoding="utf-8")
    assert [each for each in _COMMAND.findall(text) if f'"{each}"' not in commands] == []


def test_hooks_fetch_nothing_and_call_our_own_tools() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [each["repo"] for each in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        assert (ROOT / hook["entry"].split()[0]).exists()
