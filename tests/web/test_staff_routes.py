"""Who may do what, computed from the route table: a new staff route cannot be forgotten."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from domain.devices.tables import Device, Pairing
from domain.staff.acting import EDITING
from domain.staff.journal import JournalEntry
from domain.staff.tables import Role, StaffMember, StaffRole, StaffSession
from tests.conftest import NOW
from tests.web.devices import Devices, set_up_devices
from tests.web.staff_cast import Cast, hire_cast, sign_in
from web.routes import routes
from web.staff.access import EVERYBODY, SIGN_IN, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.routing import Route

    from tests.web.conftest import Browser

OPEN = {
    "/staff/sessions/new",
    "/staff/sessions",
    "/staff/sessions/ending",
    "/staff/second-factor/confirmation",
    "/staff/account/password",
}
"""Staff addresses that look after themselves: the ways in and out, and what needs a slow hash."""


def staff_routes() -> Iterator[tuple[str, str, Any]]:
    """Method, address and endpoint of every route that says who may."""
    for route in routes():
        endpoint = getattr(route, "endpoint", None)
        if hasattr(endpoint, "roles"):
            found: Route = route  # type: ignore[assignment]
            methods = found.methods or set()
            yield ("POST" if "POST" in methods else "GET", found.path, endpoint)


GUARDED = list(staff_routes())


def address_of(path: str, cast: Cast, devices: Devices) -> str:
    """The address with somebody in it: always the administrator of the district."""
    path = path.replace("{person:int}", str(cast.admin)).replace("{session:int}", "1")
    path = path.replace("{device:int}", str(devices.here)).replace("{code}", devices.code)
    return re.sub(r"\{[a-z_]+\}", "liujiazhuang", path)


def is_theirs(name: str, path: str, endpoint: Any) -> bool:
    """Whether the route is for this one of the cast, with the examples of `address_of`."""
    if name == "nobody":
        return False
    if endpoint.roles == EDITING:
        return name == "local" or (name == "neighbour" and endpoint.where is Where.ANYWHERE)
    index = name == "local" and path in {"/staff/people", "/staff/invitations"}
    return index or endpoint.roles == EVERYBODY


async def everything(browser: Browser) -> list[Any]:
    """What a stranger could have changed."""
    async with browser.store.read() as session:
        counts = [
            await session.scalar(select(func.count()).select_from(table))
            for table in (JournalEntry, StaffMember, StaffRole, Device, Pairing)
        ]
        ended = await session.scalar(
            select(func.count()).where(StaffSession.ended_at.isnot(None)).select_from(StaffSession)
        )
        members = (await session.execute(select(StaffMember.id, StaffMember.ended_at))).all()
        devices = (await session.execute(select(Device.name, Device.revoked_at))).all()
    return [*counts, ended, [tuple(each) for each in (*members, *devices)]]


def test_every_staff_address_says_who_may() -> None:
    unmarked = {
        route.path  # type: ignore[attr-defined]
        for route in routes()
        if route.path.startswith("/staff")  # type: ignore[attr-defined]
        and not hasattr(getattr(route, "endpoint", None), "roles")
    }
    assert unmarked == OPEN


@pytest.mark.parametrize("name", ["nobody", "clerk", "neighbour", "local"])
async def test_whoever_may_not_finds_nothing_and_changes_nothing(open_app, name) -> None:
    async with open_app() as browser:
        cast, devices = (
            await hire_cast(browser.store, NOW),
            await set_up_devices(browser.store, NOW),
        )
        if name != "nobody":
            await sign_in(browser, getattr(cast, name), NOW)
        for method, path, endpoint in GUARDED:
            if is_theirs(name, path, endpoint):
                continue
            before = await everything(browser)
            address = address_of(path, cast, devices)
            form = {"x": "y", "name": "z", "community": "liujiazhuang"}
            response = await browser.request(
                method, address, data=form if method == "POST" else None
            )
            if name == "nobody":
                assert response.status_code == 303, (method, path)
                assert response.headers["location"].startswith(SIGN_IN), (method, path)
            else:
                assert response.status_code == 404, (method, path, response.status_code)
            assert await everything(browser) == before, (method, path)


async def test_the_administrator_of_the_district_finds_every_page(open_app) -> None:
    async with open_app() as browser:
        cast, devices = (
            await hire_cast(browser.store, NOW),
            await set_up_devices(browser.store, NOW),
        )
        await sign_in(browser, cast.admin, NOW)
        for method, path, _ in GUARDED:
            if method == "GET":
                response = await browser.get(address_of(path, cast, devices))
                assert response.status_code == 200, path
                assert response.headers["cache-control"] == "no-store", path


async def test_a_role_cannot_be_given_where_one_does_not_manage(open_app) -> None:
    async with open_app() as browser:
        cast = await hire_cast(browser.store, NOW)
        await sign_in(browser, cast.local, NOW)
        form = {"role": "administrator", "place": "district"}
        response = await browser.post(f"/staff/people/{cast.editor}/roles", data=form)
        assert response.status_code == 404
        response = await browser.post("/staff/invitations", data={**form, "full_name": "外人"})
        assert response.status_code == 422
        async with browser.store.read() as session:
            held = await session.scalars(
                select(StaffRole.role).where(StaffRole.staff_id == cast.editor)
            )
            assert list(held) == [Role.EDITOR]
