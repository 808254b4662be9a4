"""Whatever happens to matters, a present person or an office has each, and nobody else acts on it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from domain.matters.errors import (
    AwayError,
    ClosedError,
    NotHandlerError,
    StillOpenError,
    TooLateError,
)
from domain.matters.ladder import OUTER, Level
from domain.matters.tables import EntryKind, Matter, MatterEntry, MatterHold, Readers
from domain.store import Store
from tests.world.matters import DAY, LineOffice, line_office

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.databases import SqliteFiles

T = TypeVar("T")

STAFF = ("holder", "substitute", "colleague", "secretary")
"""The chief and the mayor are never away and never leave: they are the office above."""
MOST = 3
people = st.sampled_from((*STAFF, "chief", "mayor"))
staff = st.sampled_from(STAFF)
matters = st.integers(0, MOST - 1)


class Matters(RuleBasedStateMachine):
    """A contact line, and everything that can happen to it."""

    files: SqliteFiles

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.url = self.files.copy("sample")
        self.store = Store(self.url)
        self.run(self.store.open())
        self.office: LineOffice = self.run(line_office(self.store, most_open=2))
        self.ids: list[int] = []
        # What the machine knows by itself: who is away when, and who left.
        self.away: dict[str, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
        self.gone: set[str] = set()

    def run(self, work: Coroutine[None, None, T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.store.close())
        self.loop.close()
        self.files.drop(self.url)

    def chosen(self, number: int) -> int:
        """One of the matters that there are."""
        return self.ids[number % len(self.ids)]

    @initialize(is_complaint=st.booleans())
    def first(self, is_complaint: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        self.ids.append(self.run(self.office.opens(is_complaint=is_complaint)))

    @precondition(lambda self: len(self.ids) < MOST)
    @rule(is_complaint=st.booleans())
    def opens(self, is_complaint: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        self.ids.append(self.run(self.office.opens(is_complaint=is_complaint)))

    @rule(number=matters)
    def says(self, number: int) -> None:
        try:
            self.run(self.office.says(self.chosen(number)))
        except ClosedError:
            assert not self.run(self.office.matter(self.chosen(number))).is_open

    @rule(number=matters)
    def thanks(self, number: int) -> None:
        self.run(self.office.thanks(self.chosen(number)))

    @rule(number=matters)
    def closes(self, number: int) -> None:
        try:
            self.run(self.office.closes(self.chosen(number)))
        except ClosedError:
            assert not self.run(self.office.matter(self.chosen(number))).is_open

    @rule(number=matters)
    def reopens(self, number: int) -> None:
        try:
            self.run(self.office.reopens(self.chosen(number)))
        except StillOpenError:
            assert self.run(self.office.matter(self.chosen(number))).is_open
        except TooLateError:
            closed_at = self.run(self.office.matter(self.chosen(number))).closed_at
            assert closed_at is not None
            assert self.office.now - closed_at > 14 * DAY

    @rule(number=matters, name=people)
    def answers(self, number: int, name: str) -> None:
        self.acts(number, name, self.office.answers(name, self.chosen(number)))

    @rule(number=matters, name=people)
    def notes(self, number: int, name: str) -> None:
        self.acts(number, name, self.office.notes(name, self.chosen(number)))

    @rule(number=matters, name=people, to=staff)
    def hands_over(self, number: int, name: str, to: str) -> None:
        # The page offers no one who left, and nobody to themselves.
        if name != to and to not in self.gone:
            try:
                self.acts(number, name, self.office.hands_over(name, self.chosen(number), to))
            except AwayError:
                about_id = self.run(self.office.matter(self.chosen(number))).about_id
                assert self.is_away(to) or about_id == self.office.people[to]
            else:
                assert not self.is_away(to) or self.holder(number) != to

    def acts(self, number: int, name: str, deed: Coroutine[None, None, None]) -> None:
        """Try something as this person; it works for handlers and for nobody else."""
        matter_id = self.chosen(number)
        # Who left has no session to act in.
        if name in self.gone or not self.run(self.office.matter(matter_id)).is_open:
            deed.close()
            return
        self.run(self.office.settle())
        may = name in self.handlers(matter_id)
        try:
            self.run(deed)
        except NotHandlerError:
            assert not may
        else:
            assert may

    @rule(name=staff, starts=st.integers(0, 60), lasts=st.integers(1, 120))
    def goes_away(self, name: str, starts: int, lasts: int) -> None:
        since = self.office.now + dt.timedelta(hours=starts)
        until = since + dt.timedelta(hours=lasts)
        self.away[name].append((since, until))
        self.run(self.office.is_away(name, since, until))

    @rule(name=staff)
    def comes_back(self, name: str) -> None:
        now = self.office.now
        self.away[name] = [
            (since, now if since < now < until else until) for since, until in self.away[name]
        ]
        self.run(self.office.is_back(name))

    @precondition(lambda self: len(self.gone) < len(STAFF))
    @rule(name=staff)
    def leaves(self, name: str) -> None:
        if name not in self.gone:
            self.gone.add(name)
            self.run(self.office.leaves(name))

    @rule(
        holder=st.sampled_from((None, *STAFF)),
        substitute=st.sampled_from((None, *STAFF)),
        passes_on_after=st.sampled_from((1, 8, 40)),
    )
    def post_changes(
        self, holder: str | None, substitute: str | None, passes_on_after: int
    ) -> None:
        change = self.office.change_post(
            holder=holder, substitute=substitute, passes_on_after=passes_on_after
        )
        self.run(change)

    @rule(is_ended=st.booleans())
    def post_ends(self, is_ended: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        self.run(self.office.change_post(ended_at=self.office.now if is_ended else None))

    @rule(hours=st.sampled_from((1, 5, 17, 30, 80, 400)))
    def time_passes(self, hours: int) -> None:
        self.office.later(hours=hours)

    @rule(number=matters)
    def time_passes_until_it_moves(self, number: int) -> None:
        moves_at = self.run(self.office.matter(self.chosen(number))).moves_at
        if moves_at is not None and moves_at > self.office.now:
            self.office.now = moves_at.astimezone(self.office.now.tzinfo)
            assert self.run(self.office.settle()) >= 1

    @rule()
    def settles(self) -> None:
        self.run(self.office.settle())
        assert self.run(self.office.settle()) == 0

    def is_away(self, name: str) -> bool:
        """Whether the machine knows that this person is away now."""
        now = self.office.now
        return name in self.gone or any(since <= now < until for since, until in self.away[name])

    def holder(self, number: int) -> str | None:
        """The name of the person who has a matter; None for an office."""
        return self.name_of(self.run(self.office.matter(self.chosen(number))).holder_id)

    def name_of(self, staff_id: int | None) -> str | None:
        names = {number: name for name, number in self.office.people.items()}
        return None if staff_id is None else names[staff_id]

    def handlers(self, matter_id: int) -> set[str]:
        """Who must be the ones to act, by what the machine knows and the level that it has."""
        matter = self.run(self.office.matter(matter_id))
        about = self.name_of(matter.about_id)
        above = {"chief", "mayor"} - {about}
        if matter.level is Level.SECRETARY:
            below = {"secretary"} - self.gone - {about}
            return below or above
        return above if matter.level is Level.SUBDISTRICT else {str(self.name_of(matter.holder_id))}

    @invariant()
    def every_matter_is_as_its_history_says(self) -> None:
        self.run(self.check_all())

    async def check_all(self) -> None:
        calendar = await self.office.calendar()

        async def everything(
            session: AsyncSession,
        ) -> tuple[list[Matter], list[MatterEntry], list[MatterHold]]:
            return (
                list(await session.scalars(select(Matter))),
                list(await session.scalars(select(MatterEntry).order_by(MatterEntry.id))),
                list(await session.scalars(select(MatterHold).order_by(MatterHold.id))),
            )

        found, entries, holds = await self.office.read(everything)
        for matter in found:
            self.check_history(
                matter,
                [entry for entry in entries if entry.matter_id == matter.id],
                [hold for hold in holds if hold.matter_id == matter.id],
            )
            if matter.owed_since is not None:
                clock = matter.clock(self.office.now.tzinfo)
                assert clock is not None
                assert matter.due_on == clock.due(calendar).day
            if matter.is_open:
                self.check_holder(matter)
                self.check_bound(matter, calendar_end=self.outer(matter, calendar))

    def check_history(
        self, matter: Matter, entries: list[MatterEntry], holds: list[MatterHold]
    ) -> None:
        """The columns are the fold of entries and holds."""
        owed: dt.datetime | None = None
        is_open = True
        for entry in entries:
            assert (entry.kind is EntryKind.NOTE) == (entry.readers is Readers.HANDLERS)
            if entry.kind is EntryKind.MESSAGE and owed is None:
                owed = entry.at
            elif entry.kind in {EntryKind.ANSWER, EntryKind.CLOSED}:
                owed = None
            if entry.kind in {EntryKind.CLOSED, EntryKind.REOPENED}:
                is_open = entry.kind is EntryKind.REOPENED
        assert matter.owed_since == owed
        assert matter.is_open == is_open
        last = holds[-1]
        assert (last.level, last.staff_id, last.since, last.why) == (
            matter.level,
            matter.holder_id,
            matter.held_since,
            matter.held_why,
        )
        assert [hold.since for hold in holds] == sorted(hold.since for hold in holds)
        told = [entry.facts["staff"] for entry in entries if entry.kind is EntryKind.HELD]
        assert told == [hold.staff_id for hold in holds]

    def check_holder(self, matter: Matter) -> None:
        """A present person or an office has it, or the store knows that it is time to move it."""
        is_due = matter.moves_at is not None and matter.moves_at <= self.office.now
        name = self.name_of(matter.holder_id)
        assert (name is None) == matter.level.is_office
        if name is not None:
            assert name != self.name_of(matter.about_id)
            assert is_due or not self.is_away(name)

    def outer(self, matter: Matter, calendar: object) -> dt.datetime | None:
        """The moment at which it must have moved; None when nothing is owed or it is at the top."""
        if matter.owed_since is None or matter.level is Level.SUBDISTRICT:
            return None
        zone = self.office.now.tzinfo
        day = max(matter.held_since, matter.owed_since).astimezone(zone).date()
        counted = 0
        while counted < OUTER.count:
            day += DAY
            counted += calendar.kind(day).counts  # type: ignore[attr-defined]
        return dt.datetime.combine(day + DAY, dt.time(), zone)

    def check_bound(self, matter: Matter, calendar_end: dt.datetime | None) -> None:
        """What is owed moves after five working days at the latest."""
        if calendar_end is not None:
            assert matter.moves_at is not None
            assert matter.moves_at <= calendar_end


def test_whatever_happens_a_present_person_has_it(sqlite_files) -> None:
    machine = type("Machine", (Matters,), {"files": sqlite_files})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # Making a failing story short takes minutes: each step is a write to a real database.
            phases=[Phase.explicit, Phase.generate],
            print_blob=True,
        ),
    )
