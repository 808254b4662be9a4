"""A machine below a folder: deploy/install.sh with a root of its own, and the commands that it put there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
VENV = Path(sys.prefix)
PLAIN = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}
"""An environment without a setting."""


def run(*command: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a program without our settings; `env` adds to its environment."""
    env = {**PLAIN, **more.pop("env", {})}
    return subprocess.run(
        [str(each) for each in command],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        **more,
    )


class LocalMachine:
    """Everything of an installation below one folder, as the user who runs the tests."""

    def __init__(self, root: Path, source: Path = ROOT) -> None:
        self.root, self.source = root, source

    @property
    def settings(self) -> Path:
        return self.root / "etc/lianxin/lianxin.env"

    @property
    def program(self) -> Path:
        return self.root / "srv/lianxin"

    @property
    def command(self) -> Path:
        return self.root / "usr/local/bin/lianxin"

    def install(self, **env: str) -> subprocess.CompletedProcess[str]:
        """Run install.sh of `source`."""
        given = {"ROOT": str(self.root), "VENV": str(VENV), **env}
        return run("sh", self.source / "deploy/install.sh", env=given)

    def lianxin(self, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """The command, as an operator calls it."""
        return run(self.command, *arguments, **more)

    def set(self, **settings: str) -> None:
        """Write settings as an operator does: in the place of their line, or below the others."""
        lines = self.settings.read_text(encoding="utf-8").splitlines()
        for name, value in settings.items():
            kept = [line for line in lines if not line.startswith(f"{name}=")]
            lines = [*kept, f"{name}={value}"]
        self.settings.write_text("\n".join(lines) + "\n", encoding="utf-8")


def copied_source(folder: Path) -> Path:
    """A copy of what install.sh installs, to be changed."""
    for name in ("domain", "push", "web", "templates", "static", "deploy", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    for path in ROOT.iterdir():
        if path.is_file() and path.suffix in {".toml", ".lock", ".json", ".md", ""}:
            shutil.copy(path, folder)
    (folder / "node_modules").mkdir()
    shutil.copytree(ROOT / "node_modules/htmx.org", folder / "node_modules/htmx.org")
    return folder


def mode_of(path: Path) -> int:
    """Its permissions."""
    return os.stat(path).st_mode & 0o777  # noqa: PTH116 - the path's own follows nothing else
