"""Addresses are printed on paper: a change must be visible in a diff."""

from __future__ import annotations

from tests.world.addresses import GOLDEN
from web.route_list import Listed, listed


def test_every_address_stands_in_the_golden_list() -> None:
    """To take a change over: `python -m web routes --golden > tests/addresses.txt`.

    An address that disappears needs a redirect in the same commit.
    """
    assert [each.promise for each in listed()] == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_the_list_names_a_route_by_all_that_must_stay() -> None:
    route = Listed("GET", "/staff/log", "administrator", "district", "web.staff.log.show")
    assert route.promise.split() == ["GET", "/staff/log", "administrator", "district"]
    assert str(route).split()[-1] == "web.staff.log.show"


def test_views_are_named_and_not_what_wraps_them() -> None:
    assert [each for each in listed() if "<locals>" in each.view] == []
