"""Runs of pytest within a test, for what belongs to pytest itself."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from tests.world.servers import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def inner_run(folder: Path, *plugins: str, options: str = "", **environment: str) -> dict[str, Any]:
    """What `subprocess` is given to run the tests of a folder with these plugins and no others."""
    loaded = [part for name in (*plugins, "no:cacheprovider") for part in ("-p", name)]
    settings = ["-c", "/dev/null", "--rootdir", ".", *options.split()]
    own = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT), **environment}
    return {
        "args": [sys.executable, "-m", "pytest", *loaded, *settings, "."],
        "cwd": folder,
        "env": {**os.environ, **own},
        "text": True,
    }
