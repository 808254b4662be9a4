"""The answer to a refused form has an address: Back, reload, language and size work there."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import httpx

from domain.refused_forms import MOST
from tests.world.clock import NOW
from tests.world.people import hire_cast, sign_in

if TYPE_CHECKING:
    from tests.world.app import Browser

SETTINGS = "/mine/notifications"


async def refused(browser: Browser, path: str, fields: dict[str, str]) -> str:
    """Send a form that is refused, as a browser does; the address of its answer."""
    response = await httpx.AsyncClient.send(
        browser, browser.build_request("POST", path, data=fields)
    )
    assert response.status_code == 303
    return response.headers["location"]


async def half_a_night(browser: Browser, typed: str = "21:07") -> str:
    return await refused(browser, SETTINGS, {"from": typed, "to": ""})


async def test_the_answer_to_a_refused_form_can_be_loaded_again_with_what_was_typed(
    own,
) -> None:
    address = await half_a_night(own)
    assert address.startswith(f"{SETTINGS}?again=")
    for _ in range(2):
        page = await own.get(address)
        assert page.status_code == 422
        assert 'value="21:07"' in page.text
        assert page.headers["cache-control"] == "no-store"


async def test_the_language_switch_leads_back_to_the_answer(own) -> None:
    address = await half_a_night(own)
    assert f'name="next" value="{address}"' in (await own.get(address)).text
    switched = await own.post("/preferences", data={"next": address, "lang": "en"})
    english = await own.get(switched.headers["location"])
    assert "Please enter both times, or neither." in english.text
    assert 'value="21:07"' in english.text


async def test_an_answer_that_is_passed_on_leads_to_the_form_and_tells_nothing(own) -> None:
    address = await half_a_night(own)
    own.cookies.delete("answers")
    elsewhere = await own.get(address)
    assert elsewhere.status_code == 200
    assert "21:07" not in elsewhere.text


async def test_an_answer_at_a_noun_that_has_no_page_leads_to_its_form_later(own, clock) -> None:
    address = await refused(own, "/staff/sessions", {"name": "林小舟", "password": "x"})
    assert 'value="林小舟"' in (await own.get(address)).text
    clock.now += dt.timedelta(minutes=31)
    later = await own.get(address)
    assert (later.status_code, later.headers["location"]) == (303, "/staff/sessions/new")


async def test_what_staff_were_answered_is_shown_only_while_they_are_signed_in(own) -> None:
    cast = await hire_cast(own.store, NOW)
    await sign_in(own, cast.admin, NOW)
    fields = {"full_name": "", "role": "clerk", "place": "district"}
    address = await refused(own, "/staff/invitations", fields)
    assert (await own.get(address)).status_code == 422
    await sign_in(own, cast.editor, NOW)
    assert (await own.get(address)).status_code != 422
    own.cookies.delete("staff")
    assert (await own.get(address)).status_code == 303


async def test_codes_and_shared_links_do_not_name_the_answer(own) -> None:
    address = await half_a_night(own)
    page = (await own.get(address)).text
    assert page.count("again=") == 1


async def test_an_answer_is_at_its_own_address_alone_and_not_for_ever(own, clock) -> None:
    address = await half_a_night(own)
    key = address.partition("=")[2]
    assert (await own.get(f"/mine?again={key}")).status_code == 200
    clock.now += dt.timedelta(minutes=31)
    assert (await own.get(address)).status_code == 200


async def test_a_flood_of_refused_forms_is_not_held(own) -> None:
    held = own.services.refused
    page, first = await half_a_night(own), None
    entry = held._held[page.partition("=")[2]]
    for _ in range(MOST):
        first = first or held.hold(entry)
        held.hold(entry)
    assert len(held._held) == MOST
    assert (await own.get(page)).status_code == 200
