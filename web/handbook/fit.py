"""这事适合我吗 on the page: one question at a time, with the answers so far in the address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.handbook.fit import MOST_QUESTIONS, progress, questions_of
from web.site.answers import Redirect
from web.site.pages import Page

if TYPE_CHECKING:
    from domain.handbook.fit import FitAnswer, FitProgress, FitQuestion
    from domain.handbook.tables import ServiceItem
    from web.site.visit import Visit

# The numbers of the chosen answers: `2-1` is the second answer, then the first.
_ANSWERED = re.compile(rf"[1-9](-[1-9]){{0,{MOST_QUESTIONS - 1}}}")


@dataclass(frozen=True)
class Given:
    """A question that was answered, and the address at which it is asked again."""

    question: str
    answer: str
    again: str


@dataclass(frozen=True, kw_only=True)
class FitPage(Page):
    """The next question of a guide, or what the answers come to."""

    template: ClassVar[str] = "handbook/fit.html"
    tab: ClassVar[str] = "handbook"
    # The answers are in the address, so that Back, a new load, a link sent on and a change of
    # language or size all lead to the same question.
    asks: ClassVar[tuple[str, ...]] = ("a",)

    item: ServiceItem
    given: list[Given]
    # The number of the question that is asked, and of how many at most.
    number: int
    count: int
    ask: FitQuestion | None
    # Each answer to it, with its address.
    answers: list[tuple[str, str]]
    end: FitAnswer | None
    # The guide that may be the right one instead.
    see: ServiceItem | None


async def show(visit: Visit) -> Page | Redirect:
    """Where the answers in the address lead. A guide without questions answers with itself."""
    community, handbook = await visit.community(), visit.published.handbook
    slug = visit.params["item"]
    guide = f"/c/{community.slug}/handbook/{slug}"
    if slug in handbook.withdrawn:
        return Redirect(guide)
    item = handbook.item(slug, community.slug)
    if not item.guide.fit:
        return Redirect(guide)
    found = progress(item.guide.fit, choices_in(visit.query.get("a", "")))
    return FitPage(
        community=community,
        item=item,
        given=_given(found, guide),
        number=len(found.given) + 1,
        count=len(questions_of(item.guide.fit)),
        ask=found.ask,
        answers=_answers(found, guide),
        end=found.end,
        see=handbook.items.get(found.end.see) if found.end and found.end.see else None,
    )


def choices_in(answered: str) -> tuple[int, ...]:
    """The choices that an address holds; none for anything that we did not write."""
    return tuple(map(int, answered.split("-"))) if _ANSWERED.fullmatch(answered) else ()


def _address(guide: str, choices: tuple[int, ...]) -> str:
    return f"{guide}/fit?a={'-'.join(map(str, choices))}" if choices else f"{guide}/fit"


def _given(found: FitProgress, guide: str) -> list[Given]:
    return [
        Given(
            question.words,
            question.answers[choice - 1].answer,
            _address(guide, found.choices[:n]),
        )
        for n, (question, choice) in enumerate(found.given)
    ]


def _answers(found: FitProgress, guide: str) -> list[tuple[str, str]]:
    answers = found.ask.answers if found.ask else ()
    return [
        (answer.answer, _address(guide, (*found.choices, n))) for n, answer in enumerate(answers, 1)
    ]
