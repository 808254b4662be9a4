"""`systemctl` for a machine below a folder: runs what the units there say. `python systemd_stand_in.py ROOT …`.

It knows what the guide uses, and fails for a unit that is not there.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

WITHIN = 30.0
"""Seconds in which a service answers."""


class Unit:
    """One unit file, and the process of its service."""

    def __init__(self, root: Path, name: str) -> None:
        self.root, self.name = root, name if "." in name else f"{name}.service"
        path = root / "etc/systemd/system" / self.name
        if not path.is_file():
            sys.exit(f"Unit {self.name} could not be found.")
        lines = (line.partition("=") for line in path.read_text().splitlines())
        self.said = [(name, value) for name, sign, value in lines if sign and name[0] != "#"]
        self.pid_file = root / "run" / f"{self.name}.pid"

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.said if key == name]

    def environment(self) -> dict[str, str]:
        lines = Path(self.all("EnvironmentFile")[0]).read_text(encoding="utf-8").splitlines()
        pairs = (line.partition("=") for line in lines if line and line[0] not in "#;")
        plain = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {**plain, **{name: value.strip() for name, _, value in pairs}}

    def run(self, command: str) -> None:
        folder = self.all("WorkingDirectory")[0]
        done = subprocess.run(shlex.split(command), cwd=folder, env=self.environment(), check=False)
        if done.returncode != 0:
            sys.exit(f"Job for {self.name} failed.")

    def start(self) -> None:
        if self.name.endswith(".timer"):
            Unit(self.root, self.name.replace(".timer", ".service"))
            return
        if self.is_running():
            return
        for command in self.all("ExecStartPre"):
            self.run(command)
        if self.all("Type") == ["oneshot"]:
            for command in self.all("ExecStart"):
                self.run(command)
            return
        [command] = self.all("ExecStart")
        with (self.root / "run/journal").open("ab") as journal:
            process = subprocess.Popen(
                shlex.split(command),
                cwd=self.all("WorkingDirectory")[0],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=journal,
                stderr=journal,
                start_new_session=True,
            )
        self.pid_file.write_text(str(process.pid))
        self.wait_for_answer(process)

    def wait_for_answer(self, process: subprocess.Popen[bytes]) -> None:
        address = f"http://127.0.0.1:{self.environment()['LIANXIN_PORT']}/healthz"
        asker, until = build_opener(ProxyHandler({})), time.monotonic() + WITHIN
        while time.monotonic() < until and process.poll() is None:
            try:
                asker.open(address, timeout=5).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        sys.exit(f"{self.name} does not answer.")

    def pid(self) -> int | None:
        return int(self.pid_file.read_text()) if self.pid_file.exists() else None

    def is_running(self) -> bool:
        pid = self.pid()
        return pid is not None and Path(f"/proc/{pid}").exists()

    def stop(self) -> None:
        if (pid := self.pid()) is None:
            return
        os.killpg(pid, signal.SIGTERM)
        until = time.monotonic() + WITHIN
        while self.is_running():
            # Its parent is gone, so it may stay as a zombie where nobody collects it.
            if " Z " in Path(f"/proc/{pid}/stat").read_text():
                break
            if time.monotonic() > until:
                sys.exit(f"{self.name} does not stop.")
            time.sleep(0.05)
        self.pid_file.unlink()


def main(root: Path, arguments: list[str]) -> None:
    word, *rest = [each for each in arguments if each != "--now"]
    if word == "daemon-reload":
        return
    units = [Unit(root, name) for name in rest]
    for unit in units:
        if word in {"stop", "restart"}:
            unit.stop()
        if word in {"enable", "start", "restart"}:
            unit.start()
        elif word == "status" and not unit.is_running():
            sys.exit(f"{unit.name} is not running.")
    if word not in {"enable", "start", "restart", "stop", "status", "list-timers"}:
        sys.exit(f"The stand-in does not know systemctl {word}.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
