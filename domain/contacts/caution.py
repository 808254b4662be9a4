"""Words that mean danger, or a matter that belongs elsewhere, before anything is sent.

Nothing here decides: a person reads where help is nearest and can still send what they wrote.
"""

from __future__ import annotations

from enum import StrEnum


class Caution(StrEnum):
    """What the words of a message may mean."""

    FIRE = "fire"
    GAS = "gas"
    VIOLENCE = "violence"
    ILLNESS = "illness"
    # In court or arbitration: the office may not step in.
    COURT = "court"
    # A complaint about a party member's or an official's discipline.
    DISCIPLINE = "discipline"

    @property
    def is_emergency(self) -> bool:
        return self in {Caution.FIRE, Caution.GAS, Caution.VIOLENCE, Caution.ILLNESS}


WORDS: dict[Caution, tuple[str, ...]] = {
    Caution.FIRE: ("着火", "起火", "失火", "火灾", "冒烟", "浓烟", "fire", "smoke"),
    Caution.GAS: (
        "煤气泄",
        "燃气泄",
        "漏煤气",
        "漏燃气",
        "煤气味",
        "燃气味",
        "gas leak",
        "smell gas",
    ),
    Caution.VIOLENCE: (
        "打人",
        "被打",
        "家暴",
        "持刀",
        "抢劫",
        "威胁我",
        "砍",
        "violence",
        "knife",
        "hit me",
        "attack",
    ),
    Caution.ILLNESS: (
        "晕倒",
        "昏迷",
        "没有呼吸",
        "喘不上气",
        "胸口疼",
        "胸痛",
        "中风",
        "摔倒起不来",
        "自杀",
        "不想活",
        "unconscious",
        "not breathing",
        "chest pain",
        "stroke",
        "suicide",
    ),
    Caution.COURT: (
        "法院",
        "起诉",
        "开庭",
        "判决",
        "仲裁",
        "诉讼",
        "court",
        "lawsuit",
        "arbitration",
    ),
    Caution.DISCIPLINE: (
        "贪污",
        "受贿",
        "行贿",
        "违纪",
        "举报干部",
        "吃拿卡要",
        "corruption",
        "bribe",
    ),
}


def cautions_of(words: str) -> tuple[Caution, ...]:
    """What a message may mean, the most urgent first."""
    plain = words.casefold()
    return tuple(
        caution for caution, signs in WORDS.items() if any(sign in plain for sign in signs)
    )
