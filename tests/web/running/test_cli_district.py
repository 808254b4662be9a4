"""`new-district` from a terminal: a district of its own, and the administrator's link, or nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.world.app import opened
from tests.world.clock import Clock
from web.running.cli import main

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = ["--name", "槐荫区", "--city", "济南市", "--hotline", "0531-85900000"]


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A migrated database, no other settings, and nobody at the terminal."""
    for name in os.environ:
        if name.startswith("LIANXIN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LIANXIN_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert main(["migrate"]) == 0
    return tmp_path


def written(data: Path, text: str, encoding: str = "utf-8") -> list[str]:
    """The options of a district with this list."""
    path = data / "places.txt"
    path.write_bytes(text.encode(encoding))
    return [*OPTIONS, "--places", str(path), "--administrator", "韩秀芝"]


async def looked_at(data: Path, address: str) -> str:
    clock = Clock(dt.datetime.now(dt.UTC))
    url = f"sqlite+aiosqlite:///{data / 'data' / 'lianxin.db'}"
    async with opened(url, clock) as browser:
        response = await browser.get(address)
    assert response.status_code == 200
    return response.text


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"], ids=["UTF-8", "as Excel in China"])
def test_a_district_is_made_and_its_administrator_can_begin(capsys, data, encoding) -> None:
    asked = written(data, "吴家堡街道,新沙社区", encoding)
    assert main(["new-district", *asked]) == 0
    said = capsys.readouterr().out
    link = re.search(r"http://localhost:8000(/invitations/\S+)", said)
    assert link
    assert "新沙社区  /c/xinsha" in said
    assert "韩秀芝" in asyncio.run(looked_at(data, link[1]))
    assert "新沙社区" in asyncio.run(looked_at(data, "/c/xinsha"))


def test_a_second_district_is_refused_and_changes_nothing(capsys, data) -> None:
    asked = written(data, "吴家堡街道,新沙社区")
    assert main(["new-district", *asked]) == 0
    assert main(["new-district", *written(data, "别的街道,别的社区")]) == 1
    assert "holds a district already" in capsys.readouterr().err
    assert "别的社区" not in asyncio.run(looked_at(data, "/communities"))


def test_check_says_what_would_be_made_and_makes_nothing(capsys, data) -> None:
    asked = written(data, "吴家堡街道,新沙社区")
    assert main(["new-district", "--check", *asked]) == 0
    assert "/c/xinsha" in capsys.readouterr().out
    assert main(["new-district", *asked]) == 0


def test_what_is_missing_is_named_where_nobody_can_be_asked(capsys, data) -> None:
    assert main(["new-district", *OPTIONS]) == 1
    assert "--administrator, --places" in capsys.readouterr().err


def test_a_list_that_is_no_text_is_refused_in_one_line(capsys, data) -> None:
    asked = written(data, "")
    (data / "places.txt").write_bytes(b"PK\x03\x04\xff\xff\xff")
    assert main(["new-district", *asked]) == 1
    assert "no text file" in capsys.readouterr().err


class Typing(io.StringIO):
    """What a person types at a terminal, line by line."""

    def isatty(self) -> bool:
        return True


def test_at_a_terminal_everything_is_asked_and_nothing_made_without_a_yes(
    capsys, data, monkeypatch
) -> None:
    answers = (
        "槐荫区\n济南市\n0531-85900000\n\n韩秀芝\n吴家堡街道 新沙社区\n吴家堡街道 裕园社区\n\n"
    )
    monkeypatch.setattr(sys, "stdin", Typing(answers + "n\n"))
    assert main(["new-district"]) == 1
    assert "Nothing was made" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", Typing(answers + "y\n"))
    assert main(["new-district"]) == 0
    assert "裕园社区" in asyncio.run(looked_at(data, "/communities"))
