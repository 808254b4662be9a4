"""No link leads nowhere, and an address that was printed on paper is never forgotten."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.world.addresses import (
    EXAMPLES,
    GOLDEN,
    OF_ITS_OWNER,
    QUERIES,
    example_of,
    fits,
    parameters_of,
)
from tests.world.links import (
    ADDRESSES_OF_RESIDENTS,
    NOT_PRINTED,
    OF_ANY_COMMUNITY,
    PRINTED,
    Crawl,
    Found,
)

ROOT = Path(__file__).parents[3]
FULL, UNWRITTEN = "liujiazhuang", "houhuangtun"


@pytest.mark.parametrize("community", [FULL, UNWRITTEN])
async def test_every_link_of_a_community_leads_somewhere(resident, community) -> None:
    await resident.get(f"/c/{community}")  # the phone remembers it, so the front door leads there
    crawl = Crawl(resident, community)
    await crawl.walk()
    assert crawl.broken == []
    assert {f"/c/{community}/handbook", f"/c/{community}/posters", "/mine"} <= set(crawl.seen)


async def test_a_link_that_leads_nowhere_is_found_by_the_walk(resident) -> None:
    crawl = Crawl(resident, "nowhere")
    crawl.waiting = {"/f/here": "a planted page", "/planted": "a planted page"}
    crawl.anchors = {("/f/here", "planted", "a planted page")}
    await crawl.walk()
    assert crawl.broken == [
        "/planted on a planted page: 404",
        "/f/here#planted on a planted page: no such place",
    ]


async def test_every_form_that_changes_something_has_an_answer(resident) -> None:
    for address in (f"/c/{FULL}", "/mine"):
        posts = Found((await resident.get(address)).text).posts
        assert posts
        for action in posts:
            assert (await resident.post(action)).status_code == 303


# What stands on paper hangs on doors, so no address of residents is ever forgotten: it stays in
# the golden list, and each of that list is asked for here. One that is retired redirects.
# Not taken: a second list of addresses with examples, to which each new page had to be added.
@pytest.mark.parametrize("address", PRINTED)
async def test_an_address_on_paper_still_answers(resident, address) -> None:
    assert (await resident.get(example_of(address))).status_code < 400


@pytest.mark.parametrize("address", OF_ANY_COMMUNITY)
async def test_an_address_answers_in_a_community_that_wrote_nothing(resident, address) -> None:
    example = example_of(address, community=UNWRITTEN)
    assert (await resident.get(example)).status_code < 400


def test_every_address_of_residents_is_asked_for_or_says_why_not() -> None:
    assert len(PRINTED) > 40
    assert set(NOT_PRINTED) <= set(ADDRESSES_OF_RESIDENTS)
    unknown = {
        name for each in ADDRESSES_OF_RESIDENTS for name in parameters_of(each) - OF_ITS_OWNER
    }
    assert unknown <= set(EXAMPLES), "give each of these an example in tests/world/addresses.py"


def test_no_address_of_residents_was_ever_taken_out_of_the_list() -> None:
    # A copy without git has no history, and may lie within another repository.
    changes = history_of(GOLDEN) if (ROOT / ".git").exists() else ""
    now = {plain(line.split()[1]) for line in GOLDEN.read_text(encoding="utf-8").splitlines()}
    assert taken_out(changes) - now == set()


def history_of(file: Path) -> str:
    """What each commit changed in a file."""
    command = ("git", "log", "--format=", "-p", "--", str(file))
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def taken_out(changes: str) -> set[str]:
    """The open addresses on lines that a change took out of the golden list."""
    lines = (line[1:].split() for line in changes.splitlines() if line.startswith("-"))
    return {plain(line[1]) for line in lines if line[2:3] == ["open"]}


def plain(address: str) -> str:
    """The address as paper knows it: the names of its parameters are ours alone."""
    return re.sub(r"\{\w+", "{", address)


def test_an_address_that_was_taken_out_is_noticed() -> None:
    changes = """--- a/tests/addresses.txt
-GET       /mine                              open
-GET       /c/{community}/old/{name:int}      open
-GET       /staff/log                         administrator      district
+GET       /own                               open
"""
    assert taken_out(changes) == {"/mine", "/c/{}/old/{:int}"}


def test_the_examples_fit_their_addresses() -> None:
    assert [each for each in PRINTED if not fits(example_of(each), each)] == []
    assert set(QUERIES) <= set(PRINTED)


def test_an_example_of_another_address_does_not_fit() -> None:
    assert fits("/c/jian/hall?x=1", "/c/{community}/hall")
    assert not fits("/c/jian/people", "/c/{community}/hall")
    assert not fits("/code-svg", "/code.svg")
    with pytest.raises(KeyError):
        example_of("/c/{community}/{unheard}")
