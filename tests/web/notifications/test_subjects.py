"""What can be heard of can be switched off, and nothing else can."""

from __future__ import annotations

from push.messages import RULES
from push.tables import Subject
from web.notifications.settings import SUBJECTS


def test_every_subject_is_offered_in_the_settings_and_some_kind_belongs_to_it() -> None:
    offered = [subject for subjects in SUBJECTS.values() for subject in subjects]
    assert sorted(offered) == sorted(Subject)
    assert {rule.subject for rule in RULES.values()} - {None} == set(Subject)
