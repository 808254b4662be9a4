"""这事适合我吗: a few questions that tell a person whether a service item may be for them.

Nothing of it is a decision, and nobody's answers are kept: they are in the address of the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.content import Content, Contradiction, Line, Slug, Text
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FEWEST_QUESTIONS, MOST_QUESTIONS = 2, 5
FEWEST_ANSWERS, MOST_ANSWERS = 2, 4
# Answers of a guide; a longer list is refused before it is looked through.
MOST_ROWS = MOST_QUESTIONS * MOST_ANSWERS

HOW_MANY_QUESTIONS = N_("Two to five questions, please.")
HOW_MANY_ANSWERS = N_("Each question has two to four answers.")
NO_QUESTION = N_("The first answer needs its question.")
QUESTION_TWICE = N_("This question stands further up already.")
ANSWER_TWICE = N_("This question has this answer twice.")
NOTHING_NEXT = N_("No question follows this one, so the answer must lead to an end.")
NEVER_ASKED = N_("No answer above leads on to this question.")
NO_REASON = N_("Please say why not, and where else to ask.")
REASON_TOO_EARLY = N_("Only an answer that ends the questions has words of its own.")
NEVER_FITS = N_("At least one answer must lead to “this is for you”.")


class Lead(StrEnum):
    """Where an answer leads: on to the next question, or to one of two ends."""

    NEXT = "next"
    FITS = "fits"
    NOT = "not"


# One row an answer, in the form, in the spreadsheet and in the store, so that it is a table and not
# a language. Answers lead on or end; they never jump, so a person can read the table from the top.
class FitAnswer(Content):
    """One answer, and where it leads. Without a question it answers the question above."""

    question: Line | None = None
    answer: Line
    leads: Lead
    # What to do, or why not. `see` is the slug of another item that may be the right one.
    why: Text | None = None
    see: Slug | None = None


@dataclass(frozen=True)
class FitQuestion:
    """A question with its answers; `row` is that of the first, from 0."""

    words: str
    row: int
    answers: tuple[FitAnswer, ...]


@dataclass(frozen=True)
class FitProgress:
    """How far a person's answers lead: what was answered, and the next question or the end."""

    # Each question with the number of the chosen answer, from 1.
    given: tuple[tuple[FitQuestion, int], ...]
    ask: FitQuestion | None
    end: FitAnswer | None

    @property
    def choices(self) -> tuple[int, ...]:
        """The numbers of the chosen answers, from 1."""
        return tuple(choice for _, choice in self.given)


def questions_of(answers: Sequence[FitAnswer]) -> tuple[FitQuestion, ...]:
    """The questions that rows of answers make."""
    found: list[FitQuestion] = []
    for row, answer in enumerate(answers):
        if found and answer.question in {None, found[-1].words}:
            last = found.pop()
            found.append(FitQuestion(last.words, last.row, (*last.answers, answer)))
        else:
            found.append(FitQuestion(answer.question or "", row, (answer,)))
    return tuple(found)


def progress(answers: Sequence[FitAnswer], choices: Sequence[int]) -> FitProgress:
    """Where these choices lead. From the first that no question has, the rest is left out."""
    given: list[tuple[FitQuestion, int]] = []
    for question, choice in zip(questions := questions_of(answers), choices, strict=False):
        if not 1 <= choice <= len(question.answers):
            break
        given.append((question, choice))
        answer = question.answers[choice - 1]
        if answer.leads is not Lead.NEXT:
            return FitProgress(tuple(given), None, answer)
    following = questions[len(given) :]
    return FitProgress(tuple(given), following[0] if following else None, None)


def contradictions_of(answers: Sequence[FitAnswer]) -> Iterator[Contradiction]:
    """What is wrong with the questions of a guide; a guide may have none."""
    if not answers:
        return
    questions = questions_of(answers)
    if not FEWEST_QUESTIONS <= len(questions) <= MOST_QUESTIONS:
        yield Contradiction(("fit", 0, "answer"), HOW_MANY_QUESTIONS)
    if answers[0].question is None:
        yield Contradiction(("fit", 0, "question"), NO_QUESTION)
    before: set[str] = set()
    is_led_to = True
    for question in questions:
        at = ("fit", question.row, "question")
        if question.words in before:
            yield Contradiction(at, QUESTION_TWICE)
        if not is_led_to:
            yield Contradiction(at, NEVER_ASKED)
        before.add(question.words)
        yield from _of_question(question, is_last=question is questions[-1])
        is_led_to = any(answer.leads is Lead.NEXT for answer in question.answers)
    if not any(answer.leads is Lead.FITS for answer in answers):
        yield Contradiction(("fit", len(answers) - 1, "leads"), NEVER_FITS)


def _of_question(question: FitQuestion, *, is_last: bool) -> Iterator[Contradiction]:
    if not FEWEST_ANSWERS <= len(question.answers) <= MOST_ANSWERS:
        yield Contradiction(("fit", question.row, "leads"), HOW_MANY_ANSWERS)
    before: set[str] = set()
    for row, answer in enumerate(question.answers, question.row):
        if answer.answer in before:
            yield Contradiction(("fit", row, "answer"), ANSWER_TWICE)
        before.add(answer.answer)
        if is_last and answer.leads is Lead.NEXT:
            yield Contradiction(("fit", row, "leads"), NOTHING_NEXT)
        if answer.leads is Lead.NOT and answer.why is None:
            yield Contradiction(("fit", row, "why"), NO_REASON)
        if answer.leads is Lead.NEXT and (answer.why or answer.see):
            yield Contradiction(("fit", row, "why" if answer.why else "see"), REASON_TOO_EARLY)
