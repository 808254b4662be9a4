"""A mailbox for the tests of letters."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from tests.world.mail_office import Office, office_on
from tests.world.mail_servers import USER, dovecot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.world.databases import SqliteFiles
    from tests.world.mail_servers import ImapServer


@pytest.fixture(scope="session")
def imap() -> Iterator[ImapServer]:
    # Not pytest's own folder, into which only its owner may look.
    with TemporaryDirectory(prefix="lianxin-") as folder, dovecot(Path(folder)) as server:
        yield server


@pytest.fixture
async def office(
    sqlite_files: SqliteFiles, imap: ImapServer, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Office]:
    """An office whose mailbox is empty at first."""
    user = f"{USER}-{abs(hash(request.node.name))}"
    async with office_on(sqlite_files.copy("sample"), imap, tmp_path, user) as found:
        yield found
