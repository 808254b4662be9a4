"""docs/operations.md is done: its commands run in order, and what it names is there; both languages."""

from __future__ import annotations

import re
import shlex
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from tests.world.deploy_files import is_understood, settings_in
from tests.world.guide import DOCS, GUIDES, SCOPES, Block, GuidedMachine, blocks_of, done_by
from tests.world.machines import DEPLOY, ROOT
from web.route_list import listed
from web.running.cli import _parser
from web.running.settings import PREFIX, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


TEXTS = {language: path.read_text(encoding="utf-8") for language, path in GUIDES.items()}
BLOCKS = blocks_of(TEXTS["en"])
REFERENCE = (DOCS / "reference.md").read_text(encoding="utf-8")
FIRST = next(n for n, block in enumerate(BLOCKS) if not block.scope)
both_languages = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


# What stands in both.


def test_both_languages_hold_the_same_blocks() -> None:
    assert blocks_of(TEXTS["zh"]) == BLOCKS


def test_both_languages_have_the_same_steps_and_name_the_same_things() -> None:
    def steps(text: str) -> list[str]:
        return re.findall(r"^(#+ \d*)", text, re.MULTILINE)

    def things(text: str) -> list[str]:
        return sorted(
            set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)))
        )

    assert steps(TEXTS["zh"]) == steps(TEXTS["en"])
    differing = set(things(TEXTS["zh"])) ^ set(things(TEXTS["en"]))
    assert differing == {"NAME=VALUE", "名称=值"}


def test_every_block_is_of_a_known_kind() -> None:
    assert len(BLOCKS) > 30
    assert all(block.scope in SCOPES for block in BLOCKS)
    assert {block.language for block in BLOCKS} == {"sh", "ini"}
    assert all(
        block.file == "/etc/lianxin/lianxin.env" for block in BLOCKS if block.language == "ini"
    )


# What it names.


def anchors_of(text: str) -> set[str]:
    """The links that headings of a Markdown file make."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@both_languages
def test_every_link_leads_somewhere(text) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", text):
        name, _, anchor = target.partition("#")
        page = DOCS / name if name else None
        assert page is None or page.is_file(), target
        there = text if page is None else page.read_text(encoding="utf-8")
        assert not anchor or anchor in anchors_of(there), target


@both_languages
def test_every_setting_that_is_named_is_one(text) -> None:
    assert set(settings_in(text)) <= set(Settings.model_fields)


@both_languages
def test_every_address_that_is_named_is_one(text) -> None:
    known = {re.split(r"\s+", str(route))[1] for route in listed()}
    plain = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    named = set(
        re.findall(
            r"`(/(?:staff|mine|screen|kiosk|rating|terminal|healthz|metrics)[\w/-]*)`", plain
        )
    )
    assert len(named) > 8
    assert named <= known, named - known


@both_languages
def test_every_file_of_ours_that_is_named_is_there(text) -> None:
    found = {
        path.rstrip("/.")
        for path in re.findall(r"(?:/root/lianxin|/srv/lianxin|deploy)(/[\w./-]+|(?=`|\s))", text)
    }
    for path in filter(None, found):
        below = ROOT / path.lstrip("/")
        assert below.exists() or (DEPLOY / path.lstrip("/")).exists(), path


def commands_in(text: str) -> list[list[str]]:
    """The arguments of each call of `lianxin` or `python -m web` in commands and in words."""
    lines = [line for block in blocks_of(text) for line in block.text.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", text)
    found = (re.search(r"(?:^|exec app )(?:lianxin|python -m web) (.+)", line) for line in lines)
    plain = (
        match[1].replace("N:HASH", f"1:{'0' * 64}") for match in found if match and match[1] != "…"
    )
    return [shlex.split(each) for each in plain]


@both_languages
def test_every_command_is_understood(text) -> None:
    commands = commands_in(text)
    assert len(commands) > 20
    assert [each for each in commands if not is_understood(each)] == []


@both_languages
def test_every_unit_that_is_named_is_there(text) -> None:
    ours = {path.name for path in DEPLOY.glob("lianxin*.*")}
    for line in re.findall(r"^systemctl (.+)$", text, re.MULTILINE):
        _, *names = [word for word in line.split() if not word.startswith("-")]
        for name in names:
            is_ours = f"{name}.service" in ours or name in ours
            assert is_ours or name in {"caddy", "prometheus"}, line


def test_every_setting_and_every_command_is_in_the_reference() -> None:
    tables = "\n".join(line for line in REFERENCE.splitlines() if line.startswith("| `"))
    short = re.sub(
        r"`(LIANXIN_SMTP)_HOST`((?:, `_\w+`)+)",
        lambda m: "".join(f" {m[1]}{end}" for end in ["_HOST", *re.findall(r"_\w+", m[2])]),
        tables,
    )
    assert set(settings_in(short)) == set(Settings.model_fields)
    [commands] = [each.choices for each in _parser()._actions if each.choices]
    named = set(re.findall(r"^\| `([a-z-]+)", tables, re.MULTILINE))
    assert set(commands or ()) - named == {"rehearse"} - named


def test_settings_that_only_a_machine_needs_are_valid() -> None:
    given = {"LIANXIN_PUBLIC_URL": "https://lianxin.example.cn"}
    for block in BLOCKS:
        if block.language == "ini":
            given |= dict(line.split("=", 1) for line in block.text.splitlines())
            Settings.from_environment(given)
    assert {name for name in given if name.startswith(PREFIX)} == set(given)


# It is done.


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuidedMachine]:
    found = GuidedMachine(tmp_path_factory.mktemp("guide"))
    yield found
    found.close()


def test_the_path_is_walked_from_an_empty_machine_to_the_next_one(machine) -> None:
    path = [block for block in BLOCKS if block.scope in {"", "next", "upgrade"}]
    said = []
    for scope, blocks in groupby(path, key=lambda block: block.scope):
        if scope == "next":
            machine.lose()
        if scope == "upgrade":
            with (machine.source / "CHANGELOG.md").open("a") as file:
                file.write("- A new version.\n")
        said += [done_by(machine, block) for block in blocks]
    told = "\n".join(said)
    assert "/invitations/" in told
    assert "https://lianxin.example.cn/invitations/" in told
    assert told.count('{"store":"ok","sender":"ok"}') == 4
    assert "lianxin_sender_up 1.0" in told
    assert "The keys in " in told
    assert told.count("Restored: sqlite") == 2
    # The version before is back, and the newer one beside it.
    programs = {path.name for path in (machine.root / "srv").iterdir()}
    assert programs == {"lianxin", "lianxin.newer"}
    assert "A new version." not in (machine.machine.program / "CHANGELOG.md").read_text()
    asked = machine.machine.lianxin("log-check")
    assert "The log is whole" in asked.stdout


# The tests above notice what is wrong.


def test_a_command_that_fails_is_noticed(machine) -> None:
    if not machine.machine.settings.exists():
        done_by(machine, BLOCKS[FIRST])
    for wrong in ("lianxin migrat", "systemctl start lianxin-backups", "cat /etc/lianxin/none"):
        with pytest.raises(AssertionError, match=wrong):
            done_by(machine, Block("sh", "", "", f"{wrong}\ntrue\n"))


def test_a_wrong_option_and_a_wrong_link_are_noticed() -> None:
    assert commands_in("```sh\nlianxin restore --checks x\n```\n") == [["restore", "--checks", "x"]]
    assert not is_understood(["restore", "--checks", "x"])
    assert anchors_of("## 17. PostgreSQL\n### What is kept about residents\n") == {
        "17-postgresql",
        "what-is-kept-about-residents",
    }
