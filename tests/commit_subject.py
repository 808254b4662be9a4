"""Checks the subject of a commit: `python -m tests.commit_subject [FILE]`.

Without a file it looks at the last commit, with one at the message in it, as git's hook
`commit-msg` asks.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parent.parent
LONGEST = 72
"""Characters that lists of commits show."""


def faults_of(subject: str) -> list[str]:
    """What is wrong with a subject, in sentences."""
    faults = []
    if not subject.strip():
        faults.append("There is none.")
    if len(subject) > LONGEST:
        faults.append(f"It has {len(subject)} characters; at most {LONGEST} are shown.")
    if ";" in subject:
        faults.append("It holds a semicolon: make two commits, one for each change.")
    return faults


def last_subject(folder: Path = ROOT) -> str | None:
    """The subject of the last commit, or None without git, a repository or a commit.

    Only a repository of the folder itself counts: a copy without one may lie within another.
    """
    if not (folder / ".git").exists():
        return None
    try:
        done = subprocess.run(
            ["git", "log", "-1", "--format=%s"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.rstrip("\n")


def subject_in(message: str) -> str:
    """The subject of a message as git's editor leaves it."""
    lines = (line.rstrip() for line in message.splitlines() if not line.startswith("#"))
    return next((line for line in lines if line), "")


def main(arguments: Sequence[str]) -> str | None:
    """Returns what is wrong, or None when nothing is or there is nothing to look at."""
    if arguments:
        subject: str | None = subject_in(Path(arguments[0]).read_text(encoding="utf-8"))
    else:
        subject = last_subject()
    faults = [] if subject is None else faults_of(subject)
    return f"The commit's subject: {subject}\n{' '.join(faults)}" if faults else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
