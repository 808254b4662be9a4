"""What follows from an event is written with it, and undoes nothing when it cannot be."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import OperationalError

from domain.calendar import DayKind, HolidayDay
from domain.errors import StoreUnavailableError
from domain.events import ContentChanged, Event, record
from domain.following import following
from domain.revision import content_revision, touch_content
from tests.world.clock import NOW
from web.features import FEATURES

SECRET = "what a stranger wrote"


class Another(Event):
    """Some other event."""


async def breaks_a_rule(session, _event) -> None:
    record(session, Another())
    for _ in range(2):
        day = {"day": NOW.date(), "kind": DayKind.HOLIDAY}
        await session.execute(insert(HolidayDay).values(**day))
    pytest.fail("a day was entered twice")


async def writes_too_much(session, _event) -> None:
    long = text("UPDATE district SET name = :name")
    await session.execute(long, {"name": SECRET * 99})
    pytest.fail("a name of 2,000 characters was taken")


async def trips(_session, _event) -> None:
    raise KeyError(SECRET)


@pytest.mark.parametrize("write", [breaks_a_rule, writes_too_much, trips])
async def test_the_act_stands_and_what_could_not_be_written_is_logged(
    sample, write, caplog
) -> None:
    heard: list[Event] = []
    sample.listen(heard.append)
    sample.before_commit(following(ContentChanged, write))
    with caplog.at_level(logging.ERROR):
        revision = await sample.write(touch_content)
    assert heard == [ContentChanged(revision)]
    async with sample.read() as session:
        assert await content_revision(session) == revision
    assert f"{write.__name__} of ContentChanged is not written" in caplog.text
    assert SECRET not in caplog.text


async def test_other_events_are_no_matter_of_it(sample) -> None:
    sample.before_commit(following(Another, trips))
    await sample.write(touch_content)


async def test_a_store_that_does_not_answer_undoes_the_unit(sample) -> None:
    async def no_answer(_session, _event) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    sample.before_commit(following(ContentChanged, no_answer))
    with pytest.raises(StoreUnavailableError):
        await sample.write(touch_content)


def test_features_write_what_follows_through_the_fence() -> None:
    # A recorder that a feature gave to the store itself would have none.
    assert not any(hasattr(feature, "before_commit") for feature in FEATURES)
    assert any(feature.follows for feature in FEATURES)
