"""A commit's subject is short and tells one change."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.commit_subject import faults_of, last_subject, main, subject_in

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("subject", "faults"),
    [
        ("Keep a guide's fields when the form does not post them", 0),
        ("x" * 72, 0),
        ("字" * 72, 0),
        ("Merge branch 'habits'", 0),
        ("x" * 73, 1),
        ("Keep fields; rename forms", 1),
        ("x;" * 50, 2),
        ("", 1),
    ],
)
def test_a_subject_has_at_most_72_characters_and_no_semicolon(subject, faults) -> None:
    assert len(faults_of(subject)) == faults


def test_the_subject_is_the_first_line_that_is_no_comment() -> None:
    assert (
        subject_in("# Cause, evidence.\n\nKeep fields \n\nA body; longer.\n# diff") == "Keep fields"
    )
    assert subject_in("# nothing\n") == ""


def git(folder: Path, *arguments: str) -> None:
    name = ["-c", "user.name=a", "-c", "user.email=a@example.cn", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True)


def test_the_last_commit_is_looked_at(tmp_path: Path) -> None:
    git(tmp_path, "init")
    assert last_subject(tmp_path) is None
    git(tmp_path, "commit", "--allow-empty", "-m", "First", "-m", "A body; with more")
    git(tmp_path, "commit", "--allow-empty", "-m", "Second")
    assert last_subject(tmp_path) == "Second"
    below = tmp_path / "copy"
    below.mkdir()
    assert last_subject(below) is None


def test_without_git_there_is_nothing_to_look_at(tmp_path: Path, monkeypatch) -> None:
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "-m", "First")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert last_subject(tmp_path) is None


def test_a_message_in_a_file_is_refused_in_words(tmp_path: Path) -> None:
    message = tmp_path / "COMMIT_EDITMSG"
    message.write_text("# comment\nOne; two\n")
    said = main([str(message)])
    assert said is not None
    assert said.startswith("The commit's subject: One; two\nIt holds a semicolon")
    message.write_text("One\n")
    assert main([str(message)]) is None
