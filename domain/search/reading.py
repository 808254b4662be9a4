"""How a typed text is read before it is compared: plain characters, without words that only ask.

`static/js/handbook/find/reading.js` is this module's twin on the phone. Change both together.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import TYPE_CHECKING

from domain.search.traditional import SIMPLIFIED
from domain.search.words import ALIKE, FILLERS, RELATIVES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# Characters of a query that are looked at; nobody asks for a service in more.
LONGEST_QUERY = 40

# Characters of a text that is searched; longer ones are cut.
LONGEST_TEXT = 400

_BREAK = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_MARKS = re.compile(r"[\u0300-\u036f]")
_UNIT = re.compile(r"\d+岁?|[a-z]+|.")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")}
_AGE = re.compile(
    r"(?:(\d{2,3})|([一二三四五六七八九]?)十([一二三四五六七八九]?)|(一百|百))"
    r"(?:[多几来]?周?岁|多(?!年|个|天|元|块)|[了咧啦哩](?=$|[^0-9a-z]))"
)
# 去世, as people say it of a relative: 婆婆走了, 爷爷刚走. Not 走丢了, and not 没了工作.
_GONE = re.compile(
    f"({'|'.join(sorted(RELATIVES.split(), key=len, reverse=True))}|老人)"
    "(?:昨天|今天|前天|昨晚上|昨晚|昨夜|夜来|夜里|半夜|今早|早上|前几天|上星期|上周|上个月|去年|突然|忽然|已经|刚刚|刚才"
    "|刚|才|也|就)*"
    "(?:死了|不在了|不在|走了|走啦|走咧|没了|没啦|没咧|走|没|老了)(?=$|[ 要怎咋该需以后还得办能有])"
)
# 吵死了 is about noise, and nobody died.
_VERY = re.compile("([吵臭累烦热冷气急愁疼脏吓饿困呛笑穷贵慢堵晒闷难])死(?:个?人|我|俺|了|啦)+")
# A measure word that says nothing: 开个店 is 开店. Not 个体, 个人 and 个税.
_MEASURE = re.compile("([办开弄找装买养租生领交请搞补换改做])一?个(?![体人税月])")
# What is asked for is not the paper that is asked about: 领证要户口本吗.
_PAPERS = re.compile(
    "(?:需要|需不需要|要不要|用不用|要带|要拿|带着|带|要|用)"
    "(?:(?:户口本|户口簿|身份证|照片|相片|结婚证|房产证|银行卡|复印件|社保卡)[和跟与、 ]?)+"
    "(?:吗|么|不|啵|嘛)"
)
# Ages that are said without 岁; fewer years are mostly no age.
YOUNGEST = 50


def normalise(typed: str, longest: int = LONGEST_QUERY) -> str:
    """The text with plain lower-case letters, and a space for everything but words.

    Traditional characters become simplified ones, and ü is v, as keyboards have it.
    """
    plain = unicodedata.normalize("NFKC", typed[: longest * 4]).lower()
    parts = unicodedata.normalize("NFD", plain).replace("u\u0308", "v")
    simplified = "".join(SIMPLIFIED.get(each, each) for each in _MARKS.sub("", parts))
    return _BREAK.sub(" ", simplified).strip()[:longest].strip()


def with_ages(text: str) -> str:
    """The text with every age in digits: 八十多岁 and 80周岁 become 80岁."""
    return _AGE.sub(_age, text)


def as_meant(text: str) -> str:
    """The text as an office says it: ages in digits, 去世 for a relative who is gone."""
    told = _PAPERS.sub(" ", text)
    plain = _MEASURE.sub(r"\1", told if told.strip() else text)
    return with_ages(_GONE.sub(r"\1去世 ", _VERY.sub(r"\1 ", plain)))


def _age(found: re.Match[str]) -> str:
    digits, tens, ones, _hundred = found.groups()
    if digits:
        years = int(digits)
    elif tens is None:
        years = 100
    else:
        years = 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)
    return f"{years}岁" if "岁" in found[0] or years >= YOUNGEST else found[0]


def units_of(text: str) -> list[str]:
    """The characters; a number, an age and a word in Latin letters are one unit each."""
    return _UNIT.findall(text)


def without_fillers(text: str, known: Callable[[str], bool]) -> list[str]:
    """The parts of the text between its fillers.

    A part never joins what stood on both sides of a filler: 费 and 交 of 水费怎么交 are no pair. A
    filler of one character stays where `known` says that it is part of a word: 去 of 去世.
    """
    left = text
    for filler in FILLERS:
        if len(filler) > 1:
            left = left.replace(filler, " ")
    kept = [
        " " if each in FILLERS and not _belongs(left, at, known) else each
        for at, each in enumerate(left)
    ]
    return "".join(kept).split()


def _belongs(text: str, at: int, known: Callable[[str], bool]) -> bool:
    return known(text[max(0, at - 1) : at + 1]) or known(text[at : at + 2])


def others_alike(text: str) -> Iterable[tuple[str, str]]:
    """What the text says, and the word that search words use for it."""
    for word, said in ALIKE.items():
        found = next((each for each in said.split() if each in text), None)
        if found and word not in text:
            yield found, word


def relatives_in(text: str) -> str:
    """The characters of the text that name a relative."""
    return "".join(each for each in RELATIVES.split() if each in text)


def grams(units: Sequence[str]) -> Iterable[str]:
    """Each unit, and each pair of neighbours."""
    yield from units
    for first, second in itertools.pairwise(units):
        yield first + second
