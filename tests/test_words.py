"""Banned words are gone from everything we write, and stay gone."""

from __future__ import annotations

from tests.figures import banned_words, texts_in_english


def banned_by_file() -> dict[str, int]:
    """Banned words in each file that a person reads as English."""
    counts = {path: banned_words(text).total() for path, text in texts_in_english().items()}
    return {path: count for path, count in counts.items() if count}


def test_no_file_holds_a_banned_word() -> None:
    looked_at = {path.split("/")[0] for path in texts_in_english()}
    places = {"domain", "push", "web", "templates", "static", "tests", "docs", "README.md"}
    assert places <= looked_at
    assert banned_by_file() == {}


def test_a_banned_word_is_found() -> None:
    assert banned_words("Who" + "ever comes first is served a" + "new.").total() == 2
