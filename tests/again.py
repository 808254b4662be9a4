"""Run what failed once more, alone: `python -m tests.again FILE`, as CPython's own suite does.

A fault of the code fails again, and fails the run. What passes alone is named, to be mended: it met
another test, or a machine that was too busy for it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MOST_FILES = 3
"""Files whose tests are tried again; where more fail, the cause is not the machine."""

MOST = 12
"""Tests that are tried again: what the tests of a file share fails all of them when it fails."""


def tried_again(names: list[str]) -> int:
    """The exit code of the run, after these tests of it failed."""
    files = {name.partition("::")[0] for name in names}
    if not 0 < len(files) <= MOST_FILES or len(names) > MOST:
        return 1
    sys.stdout.write(f"Once more, alone: {', '.join(names)}\n")
    sys.stdout.flush()
    command = [sys.executable, "-m", "pytest", "-n", "0", "--maxfail=1", *names]
    if code := subprocess.run(command, check=False).returncode:
        return code
    sys.stdout.writelines(
        f"UNSTEADY, passes alone and not beside others: {name}\n" for name in names
    )
    return 0


if __name__ == "__main__":
    sys.exit(tried_again(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()))
