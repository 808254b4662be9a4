"""How the staff log says what was published: by the words of the document's form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.papers.compare import differences
from domain.papers.kinds import paper_of
from domain.words import N_
from web.papers.comparison import changes_of
from web.papers.form.shape import with_choices
from web.papers.spec import spec_of, without_choices
from web.site.log_words import LogChange, LogWords
from web.site.words import translations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.papers.paper import Paper
    from domain.staff.journal import JournalEntry
    from web.papers.comparison import Piece
    from web.papers.form.shape import Group
    from web.papers.spec import PaperSpec
    from web.staff.access import StaffVisit

# What an entry says beside the document's own fields.
BESIDE = {"version": N_("Version number"), "reason": N_("Why it was changed")}


async def in_log(
    visit: StaffVisit, session: AsyncSession, entries: Sequence[JournalEntry]
) -> dict[int, LogWords]:
    """The words of entries about documents."""
    said = [(entry.id, await _words(visit, session, entry)) for entry in entries]
    return {id_: words for id_, words in said if words is not None}


async def _words(visit: StaffVisit, session: AsyncSession, entry: JournalEntry) -> LogWords | None:
    """An entry about a document; None for one about anything else."""
    paper = paper_of(entry.subject)
    if paper is None:
        return None
    spec = spec_of(visit.features, paper.kind)
    form = await _form(visit, session, spec, paper)
    return LogWords(_subject(visit, spec, paper), _changes(visit, form, entry))


async def _form(visit: StaffVisit, session: AsyncSession, spec: PaperSpec, paper: Paper) -> Group:
    """The form, with the names of what can be chosen in it."""
    slug, published = paper.community or "", visit.published
    if spec.own_choices is without_choices:
        return spec.form
    here = await published.community(slug, session) if slug in published.names else None
    return with_choices(spec.form, spec.own_choices(published, paper, here, visit.lang))


def _subject(visit: StaffVisit, spec: PaperSpec, paper: Paper) -> str:
    """The kind of document and which one it is."""
    word = translations(visit.lang).gettext
    known = visit.published.handbook.ever.get(paper.key) if spec.is_about_item else None
    place = visit.published.names.get(paper.community or "", "")
    called = spec.called(paper, known.name if known else paper.key, place, visit.lang)
    return f"{word(spec.name)}{word(': ')}{called}" if called else word(spec.name)


def _changes(visit: StaffVisit, form: Group, entry: JournalEntry) -> tuple[LogChange, ...]:
    """What was published, by the words of the form; of anything else only that it happened."""
    if not isinstance(entry.after, dict):
        return ()
    word = translations(visit.lang).gettext
    beside = {name: entry.after[name] for name in BESIDE if entry.after.get(name)}
    after = {name: value for name, value in entry.after.items() if name not in beside}
    found = changes_of(form, differences(entry.before or {}, after), after, visit.lang)
    return (
        *(LogChange(word(BESIDE[name]), "", str(value)) for name, value in beside.items()),
        *(LogChange(each.where, _text(each.before), _text(each.after)) for each in found),
    )


def _text(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces).strip()
