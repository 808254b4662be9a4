"""通知: short, whole in both languages, small enough, and nothing private."""

from __future__ import annotations

import datetime as dt
import json
import re
from string import Formatter

import pytest

from push.messages import BLOCK, LARGEST, RULES, Rule, leads_to, message, worded
from push.tables import Facts, Kind, Language
from push.words import NEXT, WORDS
from tests.world.clock import NOW
from tests.world.outbox import FACTS, HALL
from tests.world.push_browsers import device_of

PUBLIC = {"number", "ahead", "hall", "counter", "hours", "place", "when"}
"""What may stand on a locked screen."""
A_DAY = dt.timedelta(days=1)
ALL = [(kind, language) for kind in Kind for language in Language]


def made(kind: Kind, language: Language, **other: int | str):
    return message(kind, FACTS | other, language, device_of(), "ticket/17", A_DAY, NOW)


def test_every_kind_has_its_rule_and_its_words_in_both_languages() -> None:
    assert set(RULES) == set(WORDS) == set(Kind)
    assert all(set(words) == set(Language) for words in [*WORDS.values(), NEXT])


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_words_name_only_what_anybody_may_see(kind, language) -> None:
    for text in WORDS[kind][language]:
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= PUBLIC


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_words_are_in_their_language_and_short(kind, language) -> None:
    title, body = (text.replace(HALL, "") for text in worded(kind, FACTS, language))
    assert bool(re.search(r"[\u4e00-\u9fff]", title)) is (language is Language.CHINESE)
    assert len(title) <= (16 if language is Language.CHINESE else 40)
    assert 0 < len(body) <= (40 if language is Language.CHINESE else 120)


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_the_longest_message_fits_with_room_to_spare(kind, language) -> None:
    made_of = made(kind, language).declarative("https://" + "a" * 250, unread=99_999)
    assert len(made_of) <= LARGEST / 2
    assert len(made_of) == BLOCK


# Of the shortest names and of the longest: who carries messages sees one length.
def test_every_message_has_the_same_length() -> None:
    short: Facts = {name: fact if isinstance(fact, int) else "x" for name, fact in FACTS.items()}
    titled = {"title": "题" * 120, "place": "街" * 80}
    lengths = {
        len(made(kind, language, **facts).declarative(origin, unread))
        for kind, language in ALL
        for facts in ({}, short, titled)
        for origin in ("https://a.cn", "https://" + "a" * 253)
        for unread in (None, 99_999)
    }
    assert lengths == {BLOCK}


def test_the_json_is_what_browsers_read() -> None:
    plain = json.loads(
        made(Kind.TICKET_NEAR, Language.CHINESE, hall="刘家庄社区服务大厅").declarative(
            "https://lianxin.example.cn", 2
        )
    )
    tag = plain["notification"].pop("tag")
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,32}", tag)
    assert plain == {
        "web_push": 8030,
        "notification": {
            "title": "B023 快到了",
            "body": "前面还有 3 位，请回到刘家庄社区服务大厅。",
            "navigate": f"https://lianxin.example.cn/tickets/{'t' * 32}",
            "lang": "zh-CN",
            "dir": "ltr",
            "silent": False,
            "timestamp": 1_795_400_760_000,
            "app_badge": 2,
        },
        "app_badge": 2,
    }


def test_whoever_is_next_is_told_so() -> None:
    assert (
        worded(Kind.TICKET_NEAR, FACTS | {"ahead": 0}, Language.ENGLISH)[0] == "B023: you are next"
    )


def test_all_words_on_one_subject_cover_each_other_and_no_other_s() -> None:
    near, called = (made(kind, Language.ENGLISH) for kind in (Kind.TICKET_NEAR, Kind.TICKET_CALLED))
    other = message(
        Kind.TICKET_NEAR, FACTS, Language.ENGLISH, device_of("wang"), "ticket/17", A_DAY, NOW
    )
    assert near.tag == called.tag != other.tag


def test_a_message_lives_no_longer_than_it_is_worth() -> None:
    rule: Rule = RULES[Kind.TICKET_CALLED]
    assert made(Kind.TICKET_CALLED, Language.ENGLISH).ttl == rule.lasts.total_seconds()
    soon = message(
        Kind.TICKET_CALLED, FACTS, Language.ENGLISH, device_of(), "t", dt.timedelta(seconds=7), NOW
    )
    assert soon.ttl == 7


def test_a_queue_call_is_worth_minutes() -> None:
    assert RULES[Kind.TICKET_CALLED].lasts <= dt.timedelta(minutes=5)
    assert RULES[Kind.TICKET_CALLED].rings_always


@pytest.mark.parametrize("kind", Kind)
def test_every_message_leads_to_a_page(kind) -> None:
    path = leads_to(kind, FACTS)
    assert path.startswith("/")
    assert "{" not in path
    assert len(path) <= 200
