"""金额: what people write for an amount, in fen, and fen as people read them."""

from __future__ import annotations

import re
from decimal import Decimal

from domain.disclosures.content import MOST_FEN
from domain.errors import LianxinError
from domain.words import N_

# Full-width characters and the signs that spreadsheets write, as the pattern below knows them.
# Not taken: unicodedata's NFKC, which makes 102 of 10².
PLAIN = str.maketrans("０１２３４５６７８９，．（）－−–＋￥\u3000\u00a0", "0123456789,.()---+¥  ")
LONGEST = 40
# Nobody writes an amount with more decimals; 万 makes the fourth one a yuan.
AMOUNT = re.compile(
    r"(?P<open>\()?(?P<sign>[-+])?(?:¥ ?)?(?P<sign_within>[-+])?"
    r"(?P<whole>0|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]*)(?:\.(?P<decimals>[0-9]{1,6}))?"
    r" ?(?P<unit>万)?元?(?P<close>\))?"
)
# 1.234 is a yuan and something here, and a thousand yuan where others learned to write.
THOUSANDS_OR_CENTS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
ODD_COMMA = re.compile(r"[0-9],")

NO_AMOUNT = N_("Please write an amount, such as 1,234.50.")
NOT_UNDERSTOOD = N_("Please write an amount such as 1,234.50, -300 or (300).")
WRONG_COMMA = N_(
    "Please put a comma before every three digits and a point before the fen: 1,234.50."
)
POINT_OR_COMMA = N_("Please write 1,234 for thousands, and at most two digits after a point.")
TOO_MANY_DECIMALS = N_("Please round the amount to fen: at most two digits after the point.")
TOO_LARGE = N_("Please write at most 100,000,000,000 yuan.")


class AmountError(LianxinError):
    """The text is no amount. `words` is an English sentence that says what to write."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


# What can be read in two ways is refused: 1.234,50 and 3,00 are amounts elsewhere, and read by
# our rules they would be a thousand or a hundred times too small or too large.
def fen_of(text: str) -> int:
    """The amount in fen, negative for `-300` and `(300)`. Raises `AmountError`."""
    plain = text.translate(PLAIN).strip()
    if not plain:
        raise AmountError(NO_AMOUNT)
    found = AMOUNT.fullmatch(plain) if len(plain) <= LONGEST else None
    if found is None:
        raise AmountError(WRONG_COMMA if ODD_COMMA.search(plain) else NOT_UNDERSTOOD)
    signs = [found[name] for name in ("open", "sign", "sign_within") if found[name]]
    if len(signs) > 1 or bool(found["open"]) != bool(found["close"]):
        raise AmountError(NOT_UNDERSTOOD)
    fen = _fen(found["whole"], found["decimals"] or "", found["unit"])
    return -fen if signs and signs[0] != "+" else fen


def _fen(whole: str, decimals: str, unit: str | None) -> int:
    if not unit and THOUSANDS_OR_CENTS.fullmatch(f"{whole}.{decimals}"):
        raise AmountError(POINT_OR_COMMA)
    exact = Decimal(f"{whole.replace(',', '')}.{decimals or 0}") * (1_000_000 if unit else 100)
    if exact != exact.to_integral_value():
        raise AmountError(TOO_MANY_DECIMALS)
    if exact > MOST_FEN:
        raise AmountError(TOO_LARGE)
    return int(exact)


def yuan(fen: int) -> str:
    """The amount in yuan: `-1,234.50`."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
