"""What our letters say, in the language of the person who wrote."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from domain.matters.tables import Outcome
from domain.words import N_
from web.site.words import date_words, translations

if TYPE_CHECKING:
    from domain.contacts.letters import Outgoing
    from domain.matters.tables import MatterEntry

OUTCOMES = {
    Outcome.DONE: N_("Done"),
    Outcome.LATER: N_("It takes longer"),
    Outcome.NOT_YET: N_("Not possible yet"),
    Outcome.CANNOT: N_("It cannot be done"),
}
# Letters of a thread that a mail program needs to find it.
MOST_REFERENCES = 20


def written(outgoing: Outgoing, *, sender: str, origin: str, now: dt.datetime) -> EmailMessage:
    """The letter: its words, and headers by which mail programs put it into its thread."""
    letter, thread = outgoing.letter, outgoing.letter.thread.split()
    message = EmailMessage()
    message["Subject"] = _subject(letter.subject, letter.language)
    message["From"] = sender
    message["To"] = letter.address
    message["Date"] = format_datetime(now)
    # The same at each try, so that a mail program shows a letter that was sent twice once.
    message["Message-ID"] = f"{letter.message_id[:-1]}{sender.rpartition('@')[2]}>"
    if thread:
        message["In-Reply-To"] = thread[-1]
        message["References"] = " ".join(thread[-MOST_REFERENCES:])
    # By which another machine, and we ourselves, know a letter of ours.
    message["X-Loop"] = sender
    if outgoing.answer is None:
        # No answering machine answers to this (RFC 3834, 5). An answer is written by a person.
        message["Auto-Submitted"] = "auto-replied"
    message.set_content("\n\n".join(_paragraphs(outgoing, origin)) + "\n")
    message["Content-Language"] = letter.language
    return message


def _subject(subject: str, language: str) -> str:
    plain = subject or translations(language).gettext(N_("Your letter"))
    return plain if plain.lower().startswith("re:") else f"Re: {plain}"


def _paragraphs(outgoing: Outgoing, origin: str) -> list[str]:
    say, matter = translations(outgoing.letter.language).gettext, outgoing.matter
    said = _received(outgoing) if outgoing.answer is None else _answered(outgoing, outgoing.answer)
    link = say(N_("Everything about it is on this page: %(link)s")) % {"link": origin + matter.path}
    code = f"{matter.code[:4]} {matter.code[4:]}"
    return [
        *said,
        link,
        say(N_("To write there, type the code %(code)s. Or answer this letter.")) % {"code": code},
    ]


def _received(outgoing: Outgoing) -> list[str]:
    """That it came, and by when an answer is owed."""
    language, matter = outgoing.letter.language, outgoing.matter
    say = translations(language).gettext
    lines = [say(N_("Your letter has arrived."))]
    if matter.due_on is not None:
        day = date_words(matter.due_on, language)
        lines.append(say(N_("An answer is owed by %(day)s.")) % {"day": day})
    return [*lines, say(N_("In danger do not wait for a letter: call 119, 110 or 120 now."))]


def _answered(outgoing: Outgoing, answer: MatterEntry) -> list[str]:
    """The outcome, until when, and the words."""
    language = outgoing.letter.language
    say = translations(language).gettext
    outcome = say(OUTCOMES[answer.outcome]) if answer.outcome else ""
    until = answer.facts.get("until")
    if isinstance(until, str) and until:
        day = date_words(dt.date.fromisoformat(until), language)
        outcome = f"{outcome}{say(N_(', '))}{say(N_('by %(day)s')) % {'day': day}}"
    lines = [outcome, answer.words]
    if not outgoing.matter.is_open:
        lines.append(say(N_("It is closed. An answer within 14 days opens it again.")))
    return [line for line in lines if line]
