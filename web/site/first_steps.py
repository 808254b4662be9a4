"""What a new district does in its first week, as each feature names its part."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FirstStep:
    """A step of the district. `title` and `note` are words to translate."""

    # The step with the lowest rank comes first. Ranks are tens, so that a new step fits between.
    rank: int
    title: str
    note: str
    address: str
    is_done: bool
    # What `%(count)s` in the note stands for.
    count: int = 0


@dataclass(frozen=True)
class FirstStepHere:
    """A step that each community does. `title` is words to translate."""

    rank: int
    title: str
    # Where it is done, with `{community}` for the slug.
    address: str
    # The numbers of the communities that have done it.
    done: frozenset[int]
