"""这事适合我吗: rows of answers make questions, lead on or end, and are checked."""

from __future__ import annotations

from typing import Any

import pytest

from domain.handbook.fit import (
    ANSWER_TWICE,
    HOW_MANY_ANSWERS,
    HOW_MANY_QUESTIONS,
    MOST_QUESTIONS,
    NEVER_ASKED,
    NEVER_FITS,
    NO_QUESTION,
    NO_REASON,
    NOTHING_NEXT,
    QUESTION_TWICE,
    REASON_TOO_EARLY,
    FitAnswer,
    contradictions_of,
    progress,
    questions_of,
)
from tests.world.district import FILES

GUIDES = {item.slug: item for source in FILES.handbook for item in source.content.items if item.fit}


def rows(*given: tuple[str | None, str, str] | dict[str, Any]) -> tuple[FitAnswer, ...]:
    """Rows of answers: question, answer, where it leads."""
    found = []
    for each in given:
        if isinstance(each, dict):
            found.append(FitAnswer(**each))
            continue
        question, answer, leads = each
        why = "因为规定这样" if leads == "not" else None
        found.append(
            FitAnswer.model_validate(
                {"question": question, "answer": answer, "leads": leads, "why": why}
            )
        )
    return tuple(found)


RIGHT = rows(
    ("满 80 了吗？", "满了", "next"),
    (None, "没有", "not"),
    ("户口在吗？", "在", "fits"),
    ("户口在吗？", "不在", "not"),
)


def test_rows_make_questions_whether_the_question_is_repeated_or_left_out() -> None:
    found = questions_of(RIGHT)
    assert [(each.words, each.row, len(each.answers)) for each in found] == [
        ("满 80 了吗？", 0, 2),
        ("户口在吗？", 2, 2),
    ]
    assert questions_of(()) == ()
    assert list(contradictions_of(RIGHT)) == list(contradictions_of(())) == []


@pytest.mark.parametrize(
    ("choices", "asked", "ended"),
    [
        ((), "满 80 了吗？", None),
        ((1,), "户口在吗？", None),
        ((1, 1), None, "fits"),
        ((1, 2), None, "not"),
        ((2,), None, "not"),
        # What comes after an end, or is no answer, is left out.
        ((2, 1, 1), None, "not"),
        ((3,), "满 80 了吗？", None),
        ((1, 9), "户口在吗？", None),
        ((0,), "满 80 了吗？", None),
    ],
)
def test_answers_lead_to_the_next_question_or_to_an_end(choices, asked, ended) -> None:
    found = progress(RIGHT, choices)
    assert (found.ask.words if found.ask else None) == asked
    assert (found.end.leads.value if found.end else None) == ended
    assert found.choices == tuple(choices[: len(found.given)])


@pytest.mark.parametrize(
    ("change", "path", "why"),
    [
        (RIGHT[2:], ("fit", 0, "answer"), HOW_MANY_QUESTIONS),
        (rows((None, "满了", "next"), *[(None, "没有", "not")]) + RIGHT[2:], ("fit", 0, "question"),
         NO_QUESTION),
        (RIGHT[:1] + RIGHT[2:], ("fit", 0, "leads"), HOW_MANY_ANSWERS),
        (RIGHT[:1] + rows((None, "满了", "not")) + RIGHT[2:], ("fit", 1, "answer"), ANSWER_TWICE),
        (RIGHT[:3] + rows((None, "不在", "next")), ("fit", 3, "leads"), NOTHING_NEXT),
        (RIGHT[:3] + rows({"answer": "不在", "leads": "not"}), ("fit", 3, "why"), NO_REASON),
        (rows(("满了吗？", "满了", "fits"), (None, "没有", "not")) + RIGHT[2:],
         ("fit", 2, "question"), NEVER_ASKED),
        (RIGHT[:2] + rows(("户口在吗？", "在", "not"), (None, "不在", "not")), ("fit", 3, "leads"),
         NEVER_FITS),
        (rows({"question": "满 80 了吗？", "answer": "满了", "leads": "next", "why": "早说了"})
         + RIGHT[1:], ("fit", 0, "why"), REASON_TOO_EARLY),
        (rows({"question": "满 80 了吗？", "answer": "满了", "leads": "next", "see": "dibao"})
         + RIGHT[1:], ("fit", 0, "see"), REASON_TOO_EARLY),
        (RIGHT[:2] + rows(("户口在吗？", "在", "next"), (None, "不在", "not"))
         + rows(("满 80 了吗？", "满了", "fits"), (None, "没有", "not")), ("fit", 4, "question"),
         QUESTION_TWICE),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_row(change, path, why) -> None:
    assert (path, why) in [(each.path, each.why) for each in contradictions_of(change)]


def test_six_questions_are_too_many() -> None:
    asked = rows(*(each for n in range(MOST_QUESTIONS) for each in (
        (f"第 {n} 题？", "是", "next"), (None, "不是", "not"))))  # fmt: skip
    last = rows(("最后？", "是", "fits"), (None, "不是", "not"))
    assert [each.why for each in contradictions_of(asked + last)] == [HOW_MANY_QUESTIONS]
    assert list(contradictions_of(asked[2:] + last)) == []


def test_a_question_has_at_most_four_answers() -> None:
    many = rows(*((None, f"第 {n} 种", "not") for n in range(3)))
    found = contradictions_of(RIGHT[:2] + many + RIGHT[2:])
    assert [(each.path, each.why) for each in found] == [(("fit", 0, "leads"), HOW_MANY_ANSWERS)]


def test_the_sample_asks_for_as_many_guides_as_it_should() -> None:
    assert 6 <= len(GUIDES) <= 10


@pytest.mark.parametrize("slug", sorted(GUIDES))
def test_every_answer_of_the_sample_leads_to_an_end(slug) -> None:
    fit = GUIDES[slug].fit
    ends = set()

    def walk(choices: tuple[int, ...]) -> None:
        found = progress(fit, choices)
        if found.end:
            ends.add(found.end.leads.value)
            return
        assert found.ask
        for number in range(1, len(found.ask.answers) + 1):
            walk((*choices, number))

    walk(())
    assert ends == {"fits", "not"}
