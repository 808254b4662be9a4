"""Life events: their steps are numbered, checked, published as a document, and read again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from domain.handbook.events import (
    FIRST_FOLLOWS,
    MOST_STEPS,
    NO_MATTER,
    NO_WAY,
    STEP_TWICE,
    EventSteps,
    contradictions_of,
    numbered,
)
from domain.handbook.guide import LifeEvent
from domain.handbook.tables import LifeEventSteps
from domain.papers import kinds, versions
from domain.papers.paper import Paper
from domain.published import load_published
from domain.rules import NO_ITEM
from tests.world.clock import NOW
from tests.world.district import FILES
from tests.world.people import DISTRICT_ADMINISTRATOR, arrived, log_of

if TYPE_CHECKING:
    from domain.store import Store

BEREAVEMENT = Paper(kinds.EVENT, None, "bereavement")


def plan(*steps: dict[str, Any]) -> EventSteps:
    """Steps, each with somewhere to go."""
    return EventSteps.model_validate(
        {"steps": [{"title": f"第{n}件", "where": "窗口", **step} for n, step in enumerate(steps)]}
    )


def test_what_is_done_instead_or_beside_has_the_number_of_the_step_before() -> None:
    joined = ["then", "and", "then", "or", "or", "then"]
    steps = plan(*({"joined": each} for each in joined)).steps
    assert [(each.number, each.place) for each in numbered(steps)] == [
        (1, 1),
        (1, 2),
        (2, 3),
        (2, 4),
        (2, 5),
        (3, 6),
    ]
    assert numbered(()) == []


@pytest.mark.parametrize(
    ("steps", "path", "why"),
    [
        ([{"joined": "or"}], ("steps", 0, "joined"), FIRST_FOLLOWS),
        ([{"title": "甲"}, {"title": "甲"}], ("steps", 1, "title"), STEP_TWICE),
        ([{}, {"items": ["dibao", "nothing"]}], ("steps", 1, "items", 1), NO_ITEM),
        ([{"elsewhere": ["nowhere"]}], ("steps", 0, "elsewhere", 0), NO_MATTER),
        ([{"where": None}], ("steps", 0, "where"), NO_WAY),
    ],
)
def test_what_is_wrong_with_steps_is_told_with_its_place(steps, path, why) -> None:
    (found,) = contradictions_of(plan(*steps), {"dibao"}, {"binzang"})
    assert (found.path, found.why) == (path, why)


def test_steps_that_lead_somewhere_are_right() -> None:
    steps = [{"where": None, "items": ["dibao"]}, {"where": None, "elsewhere": ["binzang"]}]
    given = plan(*steps, {"where": None, "place": "hall"}, {"joined": "or"})
    assert list(contradictions_of(given, {"dibao"}, {"binzang"})) == []


def test_a_step_of_which_nobody_said_how_it_follows_comes_after_the_one_before() -> None:
    assert plan({"joined": None}) == plan({})


def test_there_are_not_more_steps_than_people_read() -> None:
    assert plan(*[{}] * MOST_STEPS)
    with pytest.raises(ValidationError):
        plan(*[{}] * (MOST_STEPS + 1))


def test_every_life_event_of_the_sample_has_steps_for_its_own_guides() -> None:
    assert FILES.events is not None
    items = {item.slug: item for source in FILES.handbook for item in source.content.items}
    assert {each.event for each in FILES.events.content} == set(LifeEvent)
    for event in FILES.events.content:
        assert len({each.number for each in numbered(event.steps)}) > 2, event.event
        for step in event.steps:
            assert all(event.event in items[slug].life_events for slug in step.items), step.title


async def test_steps_are_published_as_versions_and_read_by_every_page(sample: Store) -> None:
    person = await arrived(sample, "editor", DISTRICT_ADMINISTRATOR)
    async with sample.read() as session:
        before: Any = await BEREAVEMENT.read(session)
    assert [step.title for step in before.steps][:2] == ["开死亡证明", "联系殡仪馆，办火化"]
    after = EventSteps(steps=before.steps[:1])
    publish = partial(
        versions.publish,
        actor=person.actor,
        paper=BEREAVEMENT,
        document=after,
        base=1,
        reason="写短些",
        now=NOW,
    )
    await sample.write(publish)
    published = await load_published(sample, lambda _: ())
    assert published is not None
    assert published.handbook.plan_of(LifeEvent.BEREAVEMENT) == after
    assert published.handbook.plan_of(LifeEvent.CHILD).steps
    assert (await log_of(sample))[-1].subject == "events/bereavement"


async def test_a_life_event_without_steps_has_an_empty_plan(sample: Store) -> None:
    async def forget(session: Any) -> None:
        await session.delete(await session.get(LifeEventSteps, "army"))

    await sample.write(forget)
    async with sample.read() as session:
        assert await Paper(kinds.EVENT, None, "army").read(session) == EventSteps()
    published = await load_published(sample, lambda _: ())
    assert published is not None
    assert published.handbook.plan_of(LifeEvent.ARMY) == EventSteps()


async def test_a_life_event_that_is_none_has_no_steps(sample: Store) -> None:
    async with sample.read() as session:
        with pytest.raises(ValueError, match="nothing"):
            await Paper(kinds.EVENT, None, "nothing").read(session)
