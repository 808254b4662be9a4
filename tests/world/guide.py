"""The guide to running it, as a text to check and as commands to run on a machine below a folder."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.world.databases import free_port
from tests.world.machines import PLAIN, ROOT, VENV, LocalMachine, copied_source, run

DOCS = ROOT / "docs"
GUIDES = {"en": DOCS / "operations.md", "zh": DOCS / "operations.zh.md"}
SCOPES = {"", "next", "upgrade", "postgresql", "sample", "rehearsal", "machine"}
"""Words after ```sh: none for the one machine of the path; `machine` for what only a real one can do."""
OURS = r"(?<![\w:/.])/(?=(?:etc|mnt|root|srv|usr/local|var)/|mnt\b)"
"""The first sign of a path that lies below the machine's folder."""

_BLOCK = re.compile(r"^```(\w+)(.*)\n((?:.*\n)*?)```$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of commands, or of lines for a file of settings."""

    language: str
    scope: str
    file: str
    text: str


def blocks_of(text: str) -> list[Block]:
    """The blocks of a guide in order."""
    found = []
    for language, words, body in _BLOCK.findall(text):
        scopes = [word for word in words.split() if not word.startswith("/")]
        files = [word for word in words.split() if word.startswith("/")]
        found.append(Block(language, " ".join(scopes), " ".join(files), body))
    return found


class GuidedMachine:
    """A machine on which a guide is followed, with stand-ins for what needs root."""

    def __init__(self, folder: Path) -> None:
        self.root, self.port = folder / "machine", free_port()
        self.tools = folder / "tools"
        self.source = copied_source(folder / "source")
        self.machine = LocalMachine(self.root, self.source)
        self.extra: dict[str, str] = {}
        self._make_tools()
        self.begin()

    def begin(self) -> None:
        """An empty machine with the program unpacked and, if it was there before, the disk of copies."""
        for name in ("mnt", "root", "etc/lianxin", "var/lib", "run"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.root / "etc/lianxin")
        (self.root / "root/lianxin").symlink_to(self.source)

    def lose(self) -> None:
        """Without a warning, and nothing is left but what is at /mnt."""
        pid = self.root / "run/lianxin.service.pid"
        with suppress(ProcessLookupError):
            os.killpg(int(pid.read_text()), signal.SIGKILL)
        for path in self.root.iterdir():
            if path.name != "mnt":
                shutil.rmtree(path)
        self.begin()

    def _make_tools(self) -> None:
        stand_in = Path(__file__).with_name("systemd_stand_in.py")
        tools = {
            "systemctl": f'exec "{sys.executable}" "{stand_in}" "{self.root}" "$@"',
            "chown": 'case "$*" in "-R lianxin:lianxin "* | "-R root:lianxin "*) ;; *) exit 1 ;; esac',
            "runuser": '[ "$1 $2 $3" = "-u postgres --" ] && shift 3 && exec "$@"',
        }
        self.tools.mkdir()
        for name, does in tools.items():
            (self.tools / name).write_text(f"#!/bin/sh\n{does}\n")
            (self.tools / name).chmod(0o755)

    def placed(self, text: str) -> str:
        """What the guide says, for this machine's folder and port."""
        return re.sub(OURS, f"{self.root}/", text).replace(
            "127.0.0.1:8000", f"127.0.0.1:{self.port}"
        )

    def follow(self, block: Block) -> subprocess.CompletedProcess[str]:
        """Do what a block says."""
        if block.language == "ini":
            pairs = (line.partition("=") for line in block.text.splitlines())
            self.machine.set(**{name: value for name, _, value in pairs})
            return run("true")
        done = run(*self._shell(block), env=self._environment, cwd=self.root / "root")
        if self.machine.settings.exists():
            self.machine.set(LIANXIN_PORT=str(self.port))
        return done

    def begin_to_follow(self, block: Block) -> subprocess.Popen[bytes]:
        """Do what a block says that goes on until Ctrl+C, in a process group of its own.

        The shell waits for the command, so only `os.killpg` ends both.
        """
        return subprocess.Popen(
            self._shell(block),
            env={**PLAIN, **self._environment},
            cwd=self.root / "root",
            start_new_session=True,
        )

    def _shell(self, block: Block) -> list[str]:
        return ["sh", "-eu", "-c", self.placed(block.text)]

    @property
    def _environment(self) -> dict[str, str]:
        path = f"{self.tools}:{self.root}/usr/local/bin:/usr/bin:/bin"
        return {"PATH": path, "ROOT": str(self.root), "VENV": str(VENV), **self.extra}

    def close(self) -> None:
        """End what the guide started."""
        run(self.tools / "systemctl", "stop", "lianxin")


def done_by(machine: GuidedMachine, block: Block) -> str:
    """What a block says when it is done without a fault."""
    done = machine.follow(block)
    assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"
    return done.stdout
