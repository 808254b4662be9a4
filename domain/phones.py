"""Telephone numbers as people write them, and as they are kept and dialled."""

from __future__ import annotations

import re
import unicodedata

# An extension may follow each. What has marks comes first, or its end would be an extension.
_FORMS = (
    # 400-618-0055, 400-6180-055.
    "[48]00-[0-9]{3,4}-[0-9]{3,4}",
    "1[0-9]{2}-[0-9]{4}-[0-9]{4}",
    "0[0-9]{2,3}-[0-9]{3,4}-[0-9]{4}",
    # An area code and a number of that place: 0531-12345 is a hotline of another city.
    "[0-9]{3,4}-[0-9]{4,8}",
    # Hotlines (110, 12345, 96110), a local number, or a whole one without marks.
    "[0-9]{3,12}",
    # A number abroad.
    r"\+[1-9][0-9]{5,14}",
)
PHONE_PATTERN = f"^({'|'.join(_FORMS)})(-[0-9]{{1,6}})?$"
# As long as the columns that keep them; an extension included.
LONGEST_PHONE = 20
_PHONE = re.compile(PHONE_PATTERN)
_MOBILE = re.compile("1[3-9][0-9]{9}")
_EIGHT = re.compile("(?<![0-9])([0-9]{4})([0-9]{4})(?![0-9])")
# Numbers among other words: long enough to be no price, no year and no hotline.
_WRITTEN = re.compile("(?<![0-9-])(0[0-9]{2,3}-[0-9]{7,8}|1[3-9][0-9]{9})(?![0-9-])")
_DASHES = re.compile("[-\u2010-\u2015\u2212\u30fc~]+")
_EXTENSION = re.compile(r"\s*(?:转接?|分机号?|ext\.?|#)[\s:]*", re.IGNORECASE)


# Not taken: refusing all but one form. An office copies a number from a letterhead, where it has
# brackets, long dashes or blanks, and was told to enter a telephone number.
def as_kept(text: str) -> str:
    """A number in its plain form; what is not a telephone number as it was typed.

    `（0531）00002100` and `0531—00002100` are `0531-00002100`, `+86 138 0000 0000` is 13800000000.
    """
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text)).strip()
    plain = _EXTENSION.sub("-", re.sub(r"\(\s*([^()]*?)\s*\)", r" \1 ", plain)).strip()
    plain = _without_country(" ".join(re.sub(r"\s*-\s*", "-", plain).split()))
    digits = re.sub(r"[\s-]", "", plain)
    if _MOBILE.fullmatch(digits):
        return digits
    if plain.startswith("+"):
        return digits if _PHONE.fullmatch(digits) else text
    marked = plain.replace(" ", "-")
    found = _PHONE.fullmatch(marked)
    # Two numbers beside each other are not one with an extension.
    is_two = found and found[2] and plain[found.start(2)] == " "
    return marked if found and not is_two else text


def _without_country(text: str) -> str:
    """A number in China as it is dialled in China."""
    found = re.match(r"(?:\+|00)\s*86[\s-]*", text)
    if found is None:
        return text
    inside = text[found.end() :]
    return inside if re.match("0|1[3-9]|[48]00", inside) else f"0{inside}"


def is_phone(text: str) -> bool:
    """Whether `as_kept` made a telephone number of it."""
    return len(text) <= LONGEST_PHONE and _PHONE.fullmatch(text) is not None


# Dialled in one go with the number, an extension would be part of the number.
def dialled(phone: str) -> str:
    """A number as a link dials it, with a pause before an extension."""
    found = _PHONE.fullmatch(phone)
    return f"{found[1]},{found[2][1:]}" if found and found[2] else phone


# 0531-00002102 is read aloud as 0531, 0000, 2102. Only the words on a page have the gap: what is
# kept, dialled and copied into other files has none.
def grouped(phone: str) -> str:
    """A number as it is read aloud, in groups that no line parts."""
    if _MOBILE.fullmatch(phone):
        return f"{phone[:3]}\u00a0{phone[3:7]}\u00a0{phone[7:]}"
    return _EIGHT.sub("\\1\u00a0\\2", phone)


def parted(text: str) -> list[tuple[str, bool]]:
    """A text in its parts, each with whether it is a telephone number."""
    return [(part, bool(_WRITTEN.fullmatch(part))) for part in _WRITTEN.split(text) if part]
