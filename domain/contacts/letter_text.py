"""来信: the bytes of a letter, read: who wrote, what, in answer to which letter.

Only the standard library, and modules of ours that need no more: a stranger's letter is read in a
process of its own (`web.running.letter_process`), which starts in a tenth of a second.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, replace
from email import message_from_bytes
from email.header import decode_header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import getaddresses
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, cast

from domain.contacts.letter_html import text_of_html
from domain.pictures import MOST_BYTES, NotTaken, is_picture

if TYPE_CHECKING:
    from collections.abc import Iterator

# Bytes of a letter; a larger one is not fetched whole. Mail servers take 25 MB as a rule.
LARGEST_LETTER = 25 << 20
MOST_PARTS = 100
DEEPEST = 10
# A letter to more people than this is a circular.
MOST_RECIPIENTS = 50
# Characters of a message; the rest is in the mailbox, and the message says so.
LONGEST_LETTER = 8000
# Pictures that are handed on: as many as a message takes, and some that may be refused.
MOST_PICTURES = 6
# Characters of the name of an attachment.
LONGEST_NAME = 80
# Bytes below which an inline picture is the logo of a signature.
SMALLEST_INLINE = 8192
# Letters of the thread that are looked up, the newest last.
MOST_REFERENCES = 40
# Characters of a header that are looked at.
LONGEST_HEADER = 4000
# The beginning of the Message-IDs of our own letters; the rest cannot be guessed.
OWN_ID = "lx."

# ASCII only: other Message-IDs and addresses could be neither kept nor written back.
_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9.-]{1,180}")
_MACHINES = re.compile(r"(mailer-daemon|postmaster)@")
_NO_REPLY = re.compile(r"(no|do-?not)[-_.]?reply[^@]*@")
_REPLY = re.compile(r"^\s*(re|aw|回复|答复)\s*[:：]", re.IGNORECASE)  # noqa: RUF001 - Chinese marks
# Where the letter that is answered begins, in the words of common mail programs.
_QUOTED = re.compile(
    r"^(On\s.{5,300}\swrote:"
    r"|在\s?.{5,300}写道[:：]"  # noqa: RUF001
    r"|.{0,100}于\s?\d{4}.{5,200}写道[:：]"  # noqa: RUF001
    r"|-{2,}\s*(Original Message|原始邮件|回复的原邮件)\s*-{2,}"
    r"|(From|发件人)[:：] ?.{3,300}\n(Sent|Date|发送时间|日期|发送日期)[:：].*)$",  # noqa: RUF001
    re.MULTILINE | re.IGNORECASE,
)
_THANKS = re.compile(
    r"(非常|十分|太|多|很|好的)?[，,]?\s?(谢谢|感谢|谢)(你们?|您|了|啦)?"  # noqa: RUF001
    r"|(ok,?\s)?(many\s)?(thanks|thank you)(\s(so|very) much|\sa lot)?",
    re.IGNORECASE,
)


class UnreadableError(Exception):
    """The letter cannot be read; `why` is a word for the office."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class LetterContent:
    """What a letter says. `message_id` is empty where there is none; `address` is in lower case."""

    message_id: str = ""
    # The letters it answers, the nearest last.
    references: tuple[str, ...] = ()
    address: str = ""
    name: str = ""
    subject: str = ""
    text: str = ""
    # Why nobody answers it, as a word; empty for a letter of a person.
    why_ignored: str = ""
    # Attachments that are no pictures, too large or too many.
    not_taken: tuple[NotTaken, ...] = ()
    # Of our own letters that a returned letter names.
    returned: tuple[str, ...] = ()
    # Pictures by their first bytes, which a decoder may still refuse, and their names.
    pictures: tuple[bytes, ...] = field(default=(), repr=False)
    names: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What is said in the matter: the subject, unless it is an answer, and the text."""
        is_said = not self.subject or self.references or self.subject in self.text
        whole = self.text if is_said else f"{self.subject}\n{self.text}"
        return whole.strip() or self.subject

    @property
    def language(self) -> str:
        """The language of our answers: English for a letter without a Chinese character."""
        is_chinese = re.search(r"[\u4e00-\u9fff]", self.subject + self.text)
        return "zh-Hans" if is_chinese or not self.text else "en"

    @property
    def is_thanks(self) -> bool:
        """Whether it says thank you and nothing else, so that it asks for nothing."""
        plain = re.sub(r"[\s!！.。~～]+$", "", self.text)  # noqa: RUF001 - Chinese marks
        return not self.pictures and _THANKS.fullmatch(plain) is not None


# The parser of headers raises errors of its own for names such as `filename*1*`, and one odd
# attachment would make the letter unreadable. Its header is then read as plain text.
class _Patient(EmailPolicy):
    def header_fetch_parse(self, name: str, value: str) -> Any:
        try:
            return super().header_fetch_parse(name, value)
        except (LookupError, ValueError, TypeError, AttributeError, AssertionError):
            return "".join(value.splitlines())


POLICY = cast("EmailPolicy[EmailMessage]", _Patient())


def read(raw: bytes, own: frozenset[str], cut: str = "") -> LetterContent:
    """The letter in these bytes; `own` are our addresses. Raises `UnreadableError`.

    With `cut` they are its beginning, and that word says why its last part is not taken.
    """
    if raw.lower().count(b"\ncontent-type:") > 2 * MOST_PARTS:
        raise UnreadableError("many-parts")
    try:
        message = message_from_bytes(raw, policy=POLICY)
        parts = list(_parts(message, 0))
    except RecursionError:
        raise UnreadableError("deep") from None
    if len(parts) > MOST_PARTS:
        raise UnreadableError("many-parts")
    headers = _headers(message)
    letter = _enveloped(headers, raw, own)
    return letter if letter.why_ignored else _filled(letter, parts, cut)


def _parts(message: EmailMessage, depth: int) -> Iterator[EmailMessage]:
    """The parts that hold something, in order; a letter within the letter is one of them."""
    if depth > DEEPEST:
        raise UnreadableError("deep")
    payload = message.get_payload()
    if not message.is_multipart() or message.get_content_maintype() == "message":
        yield message
        return
    for part in payload if isinstance(payload, list) else []:
        if isinstance(part, EmailMessage):
            yield from _parts(part, depth + 1)


# Python parses an address header whole, and 10,000 recipients then take minutes. So headers are
# taken as they stand, and only what is needed is decoded.
def _headers(message: EmailMessage) -> dict[str, str]:
    """The first of each header by its name in lower case, unfolded and cut."""
    found: dict[str, str] = {}
    counted = 0
    for name, value in message.raw_items():
        plain = str(value)
        if name.lower() in {"to", "cc", "bcc"}:
            counted += plain.count("@")
        found.setdefault(name.lower(), re.sub(r"\r?\n[ \t]?", " ", plain[:LONGEST_HEADER]))
    return {**found, "recipients": str(counted)}


def _enveloped(headers: dict[str, str], raw: bytes, own: frozenset[str]) -> LetterContent:
    """The letter without its words: from its headers."""
    name, address = _sender(headers.get("from", ""))
    answered = _ID.findall(f"{headers.get('references', '')} {headers.get('in-reply-to', '')}")
    ids = _ID.findall(headers.get("message-id", ""))
    why = _why_ignored(headers, address, own)
    head = raw[: 1 << 18].decode("latin-1")
    returned = (each for each in _ID.findall(head) if each.startswith(f"<{OWN_ID}"))
    return LetterContent(
        message_id=ids[0] if ids else "",
        references=tuple(answered[-MOST_REFERENCES:]),
        address=address,
        name=name[:80],
        subject=_decoded(headers.get("subject", ""))[:200],
        why_ignored=why,
        returned=tuple(dict.fromkeys(returned)) if why == "bounce" else (),
    )


def _sender(value: str) -> tuple[str, str]:
    """Name and address; no address unless it is exactly one that can be written to."""
    # The address first: a name that is decoded can hold what looks like another address.
    found = [pair for pair in getaddresses([_plain(value)]) if pair[1]]
    if len(found) != 1 or not _ADDRESS.fullmatch(found[0][1].lower()):
        return "", ""
    name, address = found[0]
    return _decoded(name), address.lower()


# RFC 3834, 2: what a machine sent gets no answer, and nothing of a list, nothing returned, and
# nothing of our own.
def _why_ignored(headers: dict[str, str], address: str, own: frozenset[str]) -> str:
    """Why nobody answers such a letter, as a word; empty for a letter of a person."""
    automatic = headers.get("auto-submitted", "no").split(";")[0].strip().lower()
    is_returned = headers.get("return-path", "<x>").strip() == "<>"
    reasons = {
        "own": address in own or headers.get("x-loop", "").strip().lower() in own,
        "bounce": is_returned
        or bool(_MACHINES.match(address))
        or headers.get("content-type", "").lower().startswith("multipart/report"),
        "automatic": automatic != "no"
        or not headers.keys().isdisjoint({"x-autoreply", "x-autorespond", "x-loop"})
        or bool(_NO_REPLY.match(address)),
        "list": not headers.keys().isdisjoint({"list-id", "list-unsubscribe", "list-post"})
        or headers.get("precedence", "").strip().lower() in {"bulk", "list", "junk"},
        "circular": int(headers["recipients"]) > MOST_RECIPIENTS,
        "forged": "dmarc=fail" in headers.get("authentication-results", "").lower(),
        "no-sender": not address,
    }
    return next((why for why, holds in reasons.items() if holds), "")


def _filled(letter: LetterContent, parts: list[EmailMessage], cut: str) -> LetterContent:
    """The letter with its words and attachments. Raises `UnreadableError` if its words are cut."""
    whole, last = (parts[:-1], parts[-1:]) if cut else (parts, [])
    text = _words_of(whole)
    if any(map(_is_words, last)) and not text:
        raise UnreadableError("large")
    pictures, not_taken = _attachments(whole)
    rest = (NotTaken("" if _is_words(part) else _name(part), cut) for part in last)
    return replace(
        letter,
        text=_without_quoted(_tidy(text), is_answer=bool(letter.references)),
        pictures=tuple(data for _, data in pictures),
        names=tuple(name for name, _ in pictures),
        not_taken=(*not_taken, *rest),
    )


def _words_of(parts: list[EmailMessage]) -> str:
    """The text of the letter, from HTML only where there is no other."""
    plain = [_text(part) for part in parts if _is_words(part, "text/plain")]
    html = [text_of_html(_text(part)) for part in parts if _is_words(part, "text/html")]
    return "\n".join(plain).strip() or "\n".join(html).strip()


def _attachments(parts: list[EmailMessage]) -> tuple[list[tuple[str, bytes]], list[NotTaken]]:
    """The pictures with their names, and what is left out."""
    pictures: list[tuple[str, bytes]] = []
    not_taken: list[NotTaken] = []
    for part in parts:
        if _is_words(part):
            continue
        data = _bytes(part)
        if _is_logo(part, data):
            continue
        why = _why_not_taken(data, len(pictures))
        if why:
            not_taken.append(NotTaken(_name(part), why))
        else:
            pictures.append((_name(part), data))
    return pictures, not_taken


def _is_words(part: EmailMessage, *kinds: str) -> bool:
    """Whether it is text of the letter itself, of one of these kinds."""
    is_attached = part.get_content_disposition() == "attachment" or bool(part.get_filename())
    return not is_attached and part.get_content_type() in (kinds or ("text/plain", "text/html"))


def _why_not_taken(data: bytes, taken: int) -> str:
    """Why an attachment is not handed on, as a word of `PhotoError`; empty for one that is."""
    if not is_picture(data):
        return "not-a-picture"
    if len(data) > MOST_BYTES:
        return "too-large"
    return "too-many" if taken >= MOST_PICTURES else ""


def _name(part: EmailMessage) -> str:
    """Its name, in one line that any page can hold; else its kind."""
    name = _decoded((part.get_filename() or "")[:LONGEST_HEADER])[:LONGEST_NAME].strip()
    return name or _decoded(part.get_content_type())[:LONGEST_NAME]


def _is_logo(part: EmailMessage, data: bytes) -> bool:
    """Whether it is a small picture within the text."""
    is_inline = "content-id" in part and part.get_content_disposition() != "attachment"
    is_image = part.get_content_maintype() == "image"
    return is_inline and is_image and len(data) < SMALLEST_INLINE


def _bytes(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: EmailMessage) -> str:
    return _characters(_bytes(part), part.get_content_charset())


# GB 18030 holds all of GB 2312 and GBK, and letters in the larger one often claim a smaller.
WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "us-ascii": "utf-8", "ascii": "utf-8"}


def _characters(data: bytes, charset: str | None) -> str:
    """The bytes as text: as they claim to be, else as what they can be."""
    claimed = WIDER.get((charset or "utf-8").lower(), charset or "utf-8")
    for encoding in (claimed, "utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        # A name that is no text encoding, such as `zip`, raises an error of its own.
        except (LookupError, UnicodeError, ValueError, TypeError, AssertionError):
            continue
    return data.decode("utf-8", "replace")


def _decoded(value: str) -> str:
    """A header in plain words (RFC 2047), one line."""
    try:
        pieces = decode_header(value)
    except (ValueError, LookupError, TypeError):
        pieces = [(value, None)]
    words = (
        piece if isinstance(piece, str) else _characters(piece, charset)
        for piece, charset in pieces
    )
    return " ".join(_plain("".join(words)).split())


def _plain(text: str) -> str:
    """Text without what no page can hold; bytes that no charset was named for are guessed."""
    if any("\udc80" <= character <= "\udcff" for character in text):
        text = _characters(text.encode("utf-8", "surrogateescape"), None)
    return "".join(character if character.isprintable() else " " for character in text)


def _tidy(text: str) -> str:
    """The text with single blank lines, without characters that no page can hold."""
    lines = (_plain(line.replace("\u3000", "  ")).rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


# What is cut is lost to the reader, so only an answer is cut, and only where nothing but the quoted
# letter follows.
def _without_quoted(text: str, *, is_answer: bool) -> str:
    """The text without the quoted letter below it."""
    if not is_answer:
        return text
    found = _QUOTED.search(text)
    if found and text[: found.start()].strip() and _is_all_quoted(found[0], text[found.end() :]):
        return text[: found.start()].strip()
    lines = text.split("\n")
    last = len(lines)
    while last and (lines[last - 1].startswith(">") or not lines[last - 1]):
        last -= 1
    return "\n".join(lines[:last]).strip() or text


def _is_all_quoted(mark: str, rest: str) -> bool:
    """Whether all below the mark is quoted: each line where it says so line by line."""
    lines = [line for line in rest.split("\n") if line]
    is_by_line = any(line.startswith(">") for line in lines)
    return not is_by_line or all(line.startswith(">") for line in lines) or mark.startswith("-")


def packed(letter: LetterContent) -> bytes:
    """The letter as bytes: a line of JSON, then the pictures."""
    fields = asdict(letter)
    pictures = fields.pop("pictures")
    fields["sizes"] = [len(picture) for picture in pictures]
    return json.dumps(fields).encode() + b"\n" + b"".join(pictures)


def unpacked(data: bytes) -> LetterContent:
    """The letter in these bytes. Raises `UnreadableError` for what could not be read."""
    head, _, rest = data.partition(b"\n")
    fields = json.loads(head)
    if "unreadable" in fields:
        raise UnreadableError(fields["unreadable"])
    ends = list(accumulate(fields.pop("sizes"), initial=0))
    pictures = tuple(rest[start:end] for start, end in pairwise(ends))
    not_taken = tuple(NotTaken(**file) for file in fields["not_taken"])
    listed = {name: tuple(fields[name]) for name in ("references", "names", "returned")}
    return LetterContent(**{**fields, **listed, "not_taken": not_taken, "pictures": pictures})
