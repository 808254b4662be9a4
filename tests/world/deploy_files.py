"""What files and texts about running it name: commands, settings."""

from __future__ import annotations

import re
import shlex

from web.running.cli import _parser
from web.running.settings import PREFIX


def named(pattern: str, text: str) -> list[str]:
    """What a pattern finds, each once."""
    return sorted(set(re.findall(pattern, text)))


def is_understood(arguments: list[str]) -> bool:
    """Whether the command line takes these arguments."""
    try:
        _parser().parse_args(arguments)
    except SystemExit:
        return False
    return True


def web_commands(text: str) -> list[list[str]]:
    """The arguments of each `python -m web …` in units, container files and lists of words."""
    plain = re.sub(r'[\[\]",]', " ", text)
    return [shlex.split(line) for line in re.findall(r"-m\s+web\s+([^\n;&|]+)", plain)]


def settings_in(text: str) -> list[str]:
    return [name.removeprefix(PREFIX).lower() for name in named(r"\bLIANXIN_[A-Z_]+", text)]
