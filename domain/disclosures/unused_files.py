"""Files that were sent for a draft and that nothing names any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from domain.disclosures.tables import DisclosureFile, DisclosureRevision

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure


async def forget_unused(
    session: AsyncSession, disclosure: Disclosure, tokens: Iterable[str] | None = None
) -> None:
    """Delete the files that neither the draft nor a revision names; of `tokens`, if given."""
    is_of_it = DisclosureFile.disclosure_id == disclosure.id
    sent = set(await session.scalars(select(DisclosureFile.token).where(is_of_it)))
    unused = (sent if tokens is None else sent & set(tokens)) - _in_draft(disclosure)
    if not unused:
        return
    documents = await session.scalars(
        select(DisclosureRevision.document).where(DisclosureRevision.disclosure_id == disclosure.id)
    )
    unused -= {file.token for document in documents if document for file in document.files}
    await session.execute(delete(DisclosureFile).where(is_of_it, DisclosureFile.token.in_(unused)))


def _in_draft(disclosure: Disclosure) -> set[str]:
    return {file["token"] for file in (disclosure.draft or {}).get("files") or ()}
