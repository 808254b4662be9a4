"""Files that are sent: looked through in a process of their own, and refused with words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.disclosures.content import FileReport
    from web.running.services import Services

LARGEST = 10 << 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOKS = frozenset({XLSX})


class FileRefusedError(Exception):
    """A file is refused; `word` is one for the template."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True)
class Read:
    """What a file is, and what was found in it."""

    media_type: str
    report: FileReport


async def read_file(services: Services, uid: str, name: str, data: bytes) -> Read:
    raise FileRefusedError("unknown")


async def tables_of(services: Services, data: bytes) -> str:
    raise FileRefusedError("unknown")
