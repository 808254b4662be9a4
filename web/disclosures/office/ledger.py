"""A ledger from a workbook."""

from __future__ import annotations

from web.disclosures.office.found import address_of, written
from web.site.answers import Redirect


async def show(visit, session):
    return Redirect(address_of(visit, await written(visit, session)))


async def send(visit, services, file):
    async with services.store.read() as session:
        return Redirect(address_of(visit, await written(visit, session)))


async def take(visit, session):
    return Redirect(address_of(visit, await written(visit, session)))
