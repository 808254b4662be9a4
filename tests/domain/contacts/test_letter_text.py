"""Letters as they come: forged, nested, in odd characters, from machines, and from people."""

from __future__ import annotations

import base64
import time
from contextlib import suppress
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.contacts.letter_text import (
    DEEPEST,
    LONGEST_NAME,
    MOST_PICTURES,
    LetterContent,
    UnreadableError,
    packed,
    read,
    unpacked,
)
from domain.pictures import MOST_BYTES, NotTaken
from tests.world.letters import letter, mail
from tests.world.photos import jpeg

OWN = frozenset({"bianmin@liujiazhuang.example"})


def content(raw: bytes) -> LetterContent:
    """The letter, through the bytes in which it comes from its process."""
    return unpacked(packed(read(raw, OWN)))


def test_a_plain_letter_says_its_subject_and_its_words() -> None:
    found = content(mail("楼道的灯坏了。\n三号楼一单元。", subject="报修"))
    assert found.words == "报修\n楼道的灯坏了。\n三号楼一单元。"
    assert (found.address, found.name) == ("wang@example.com", "王桂英")
    assert found.why_ignored == ""
    assert found.language == "zh-Hans"


def test_an_english_letter_is_answered_in_english() -> None:
    assert content(mail("The lamp is broken.", subject="Lamp")).language == "en"


@pytest.mark.parametrize(
    ("charset", "claimed"),
    [
        ("gb18030", "gb2312"),
        ("gbk", "gbk"),
        ("big5", "big5"),
        ("gb18030", "x-unknown"),
        ("utf-8", "us-ascii"),
        ("utf-8", "zip"),
        ("utf-8", "base64"),
        ("utf-16", "utf-16"),
    ],
)
def test_odd_charsets_are_read(charset, claimed) -> None:
    body = "樓道的燈壞了" if charset == "big5" else "楼道的灯坏了，有个瑢字"
    raw = (
        f"From: wang@example.com\r\nContent-Type: text/plain; charset={claimed}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    found = content(raw.encode() + base64.encodebytes(body.encode(charset)))
    assert found.text == body


def test_bytes_that_are_no_characters_do_not_stop_a_letter() -> None:
    raw = b"From: wang@example.com\r\nSubject: \xff\xfe\x00\r\n\r\n\xff\x00\x81 lamp\r\n"
    assert "lamp" in content(raw).text
    assert "\x00" not in content(raw).words


def test_headers_in_raw_bytes_are_read() -> None:
    for encoding in ("utf-8", "gb18030"):
        raw = "From: 王桂英 <wang@example.com>\r\nSubject: 灯坏了\r\n\r\n请修".encode(encoding)
        found = content(raw)
        assert (found.name, found.subject, found.text) == ("王桂英", "灯坏了", "请修")


def test_html_becomes_text_and_links_say_where_they_lead() -> None:
    html = (
        "<html><head><title>t</title><style>p{}</style></head><body><p>楼道的灯<b>坏了</b></p>"
        "<script>alert(1)</script><div>请看<a href='https://evil.example/x'>这里</a></div>"
        "<p>a &lt;b&gt;</p></body></html>"
    )
    found = content(mail("", html=html, subject=""))
    assert found.text == "楼道的灯坏了\n\n请看这里 (https://evil.example/x)\n\na <b>"


def test_html_with_an_open_title_keeps_its_words() -> None:
    found = content(mail("", html="<head><style></style><body>灯坏了", subject=""))
    assert found.text == "灯坏了"


def test_plain_text_is_preferred_to_html() -> None:
    assert content(mail("灯", html="<p>别的</p>", subject="")).text == "灯"


def test_pictures_are_taken_and_other_attachments_are_named() -> None:
    message = letter("灯坏了")
    message.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename="灯.jpg")
    message.add_attachment(b"MZ", maintype="application", subtype="exe", filename="报价.exe")
    found = content(message.as_bytes())
    assert found.pictures == (jpeg(),)
    assert found.names == ("灯.jpg",)
    assert found.not_taken == (NotTaken("报价.exe", "not-a-picture"),)


def test_a_picture_is_known_by_its_first_bytes_and_by_nothing_else() -> None:
    message = letter("灯坏了")
    message.add_attachment(jpeg(), maintype="application", subtype="octet-stream", filename="a.bin")
    message.add_attachment(b"MZ", maintype="image", subtype="jpeg", filename="b.jpg")
    message.add_attachment("<svg/>", subtype="plain", filename="c.png")
    found = content(message.as_bytes())
    assert found.names == ("a.bin",)
    assert [file.name for file in found.not_taken] == ["b.jpg", "c.png"]


def test_an_enormous_picture_stays_in_the_process_that_reads_the_letter() -> None:
    message = letter("灯坏了")
    enormous = jpeg() + bytes(MOST_BYTES)
    message.add_attachment(enormous, maintype="image", subtype="jpeg", filename="a.jpg")
    found = content(message.as_bytes())
    assert found.pictures == ()
    assert found.not_taken == (NotTaken("a.jpg", "too-large"),)


def test_of_many_pictures_some_are_handed_on_and_all_others_named() -> None:
    message = letter("灯坏了")
    for number in range(40):
        message.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename=f"{number}.jpg")
    found = content(message.as_bytes())
    assert len(found.pictures) == MOST_PICTURES
    assert {file.why for file in found.not_taken} == {"too-many"}
    assert len(found.not_taken) == 40 - MOST_PICTURES


@pytest.mark.parametrize(
    "header",
    [
        "Content-Disposition: attachment; boundary*0*",
        "Content-Type: image/jpeg; filename*1*",
        "Content-Type: image/jpeg; filename*=utf-8''%ff%00",
        "Content-Type: image/jpeg; name=../../etc/passwd",
        "Content-Disposition: attachment; filename=" + "x" * 100_000,
        'Content-Disposition: attachment; filename="a\u202egpj.exe"',
        "Content-Transfer-Encoding: base64\nContent-Type: image/jpeg; name=%%%",
    ],
    ids=["no-number", "no-zero", "odd-bytes", "path", "long", "backwards", "garbage"],
)
def test_an_odd_attachment_costs_a_letter_nothing_but_itself(header) -> None:
    raw = (
        "From: a@b.cn\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
        f"--b\n\n灯坏了\n--b\n{header}\n\n=%@ garbage\n--b--\n"
    )
    found = content(raw.encode())
    assert found.text == "灯坏了"
    [file] = found.not_taken
    assert file.why == "not-a-picture"
    assert 0 < len(file.name) <= LONGEST_NAME
    assert file.name.isprintable()


def test_of_the_beginning_of_a_letter_the_words_are_read_and_the_rest_is_named() -> None:
    message = letter("灯坏了", html="<p>灯坏了</p>")
    message.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename="a.jpg")
    message.add_attachment(bytes(90_000), maintype="video", subtype="mp4", filename="b.mp4")
    found = read(message.as_bytes()[:30_000], OWN, "letter-too-large")
    assert (found.text, found.names) == ("灯坏了", ("a.jpg",))
    assert found.not_taken == (NotTaken("b.mp4", "letter-too-large"),)
    raw = mail("灯坏了", html=f"<p>{'x' * 900}</p>")
    found = read(raw[:-300], OWN, "letter-too-large")
    assert (found.text, found.not_taken) == ("灯坏了", (NotTaken("", "letter-too-large"),))
    with pytest.raises(UnreadableError):
        read(mail("x" * 70)[:-9], OWN, "letter-too-large")


def test_a_letter_within_a_letter_is_named_not_read() -> None:
    message = letter("灯坏了")
    inner = letter("别的事")
    message.add_attachment(inner)
    found = content(message.as_bytes())
    assert found.text == "灯坏了"
    assert found.not_taken == (NotTaken("message/rfc822", "not-a-picture"),)


def nested(depth: int) -> bytes:
    """A letter of so many parts, each within the next."""
    lines = ["From: wang@example.com"]
    for level in range(depth):
        lines += [f"Content-Type: multipart/mixed; boundary=b{level}", "", f"--b{level}"]
    return "\r\n".join([*lines, "Content-Type: text/plain", "", "灯坏了", ""]).encode()


def test_nested_parts_are_read_to_a_depth() -> None:
    assert content(nested(DEEPEST)).text == "灯坏了"
    for depth in (DEEPEST + 1, 90, 5000):
        with pytest.raises(UnreadableError):
            read(nested(depth), OWN)


def test_a_letter_of_thousands_of_parts_is_refused_at_once() -> None:
    parts = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 20_000
    raw = f"From: a@b.cn\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n"
    began = time.monotonic()
    with pytest.raises(UnreadableError, match="many-parts"):
        read(raw.encode(), OWN)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("header", ["To", "Cc"])
def test_a_letter_to_ten_thousand_people_is_a_circular(header) -> None:
    people = ", ".join(f"Person {number} <p{number}@example.com>" for number in range(10_000))
    began = time.monotonic()
    found = content(f"From: a@b.cn\r\n{header}: {people}\r\n\r\nlamp\r\n".encode())
    assert found.why_ignored == "circular"
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"From": "bianmin@liujiazhuang.example"}, "own"),
        ({"From": "BIANMIN@liujiazhuang.example"}, "own"),
        ({"X-Loop": "bianmin@liujiazhuang.example"}, "own"),
        ({"X-Loop": "someone@example.com"}, "automatic"),
        ({"Return-Path": "<>"}, "bounce"),
        ({"From": "Mail Delivery <MAILER-DAEMON@mx.example>"}, "bounce"),
        ({"From": "postmaster@mx.example"}, "bounce"),
        ({"Auto-Submitted": "auto-replied"}, "automatic"),
        ({"Auto-Submitted": "auto-generated; type=x"}, "automatic"),
        ({"X-Autoreply": "yes"}, "automatic"),
        ({"From": "no-reply@shop.example"}, "automatic"),
        ({"List-Id": "<all.example>"}, "list"),
        ({"List-Unsubscribe": "<https://x.example>"}, "list"),
        ({"Precedence": "bulk"}, "list"),
        ({"Precedence": "Junk"}, "list"),
        ({"Authentication-Results": "mx.example; spf=pass; dmarc=fail"}, "forged"),
        ({"From": ""}, "no-sender"),
        ({"From": "a@b.cn, c@d.cn"}, "no-sender"),
        ({"Auto-Submitted": "no"}, ""),
        ({"Precedence": "first-class"}, ""),
        ({"Authentication-Results": "mx.example; dmarc=pass"}, ""),
    ],
)
def test_what_no_person_wrote_is_recognised(headers, why) -> None:
    assert content(mail("灯坏了", **headers)).why_ignored == why


def test_a_name_that_looks_like_another_address_is_only_a_name() -> None:
    found = content(mail("灯", From='"boss@jinan.example" <x@evil.example>'))
    assert (found.address, found.name) == ("x@evil.example", "boss@jinan.example")


@pytest.mark.parametrize(
    ("header", "address"),
    [
        (b"=?utf-8?q?a=40b=2Ecn=2C?= <x@evil.example>", "x@evil.example"),
        (b"=?utf-8?q?x=0d=0aBcc:?= <a b@c>", ""),
        (b"a@b.cn\x00", "a@b.cn"),
        (b"<a@b.cn", "a@b.cn"),
        (b"a" * 300 + b"@b.cn", ""),
    ],
)
def test_an_encoded_name_cannot_become_an_address(header, address) -> None:
    raw = mail("灯", From="wang@example.com").replace(b"wang@example.com", header)
    assert content(raw).address == address


def test_a_returned_letter_names_ours() -> None:
    raw = mail("undeliverable\nMessage-ID: <lx.abc@liujiazhuang.example>", **{"Return-Path": "<>"})
    assert content(raw).returned == ("<lx.abc@liujiazhuang.example>",)


@pytest.mark.parametrize(
    "quoted",
    [
        "On Mon, 23 Nov 2026 at 10:26, 刘家庄 <bianmin@x.cn> wrote:\n> 收到\n> 您好",
        "在 2026年11月23日，刘家庄 <bianmin@x.cn> 写道：\n收到\n您好",
        "------------------ 原始邮件 ------------------\n发件人: 刘家庄\n收到",
        "-----Original Message-----\nFrom: x\nhello",
        "From: 刘家庄 <a@b.cn>\nSent: Monday\nTo: x\nSubject: y\n\n收到",
        "刘家庄 <a@b.cn> 于2026年11月23日周一 10:26写道：\n> 收到",
        "> 收到\n> 您好\n",
    ],
)
def test_the_quoted_letter_below_an_answer_is_cut(quoted) -> None:
    answered = {"In-Reply-To": "<lx.a@x.cn>"}
    assert content(mail(f"还是不亮。\n\n{quoted}", **answered)).text == "还是不亮。"
    # A first letter is not cut: it may tell of another.
    assert "收到" in content(mail(f"还是不亮。\n\n{quoted}")).text or "hello" in quoted


def test_answers_between_quoted_lines_are_kept() -> None:
    body = "On Mon, x wrote:\n> 哪一层？\n三层。\n> 几点？\n八点。"
    found = content(mail(f"见下。\n{body}", **{"In-Reply-To": "<lx.a@x.cn>"}))
    assert "三层。" in found.text
    assert "八点。" in found.text


def test_an_answer_of_nothing_but_quoted_lines_is_kept_whole() -> None:
    assert content(mail("> 收到", **{"In-Reply-To": "<lx.a@x.cn>"})).text == "> 收到"


def test_the_letters_that_one_answers_are_known() -> None:
    headers = {"References": "<a@x> <lx.b@x>", "In-Reply-To": "<lx.b@x>"}
    assert content(mail("灯", **headers)).references[-1] == "<lx.b@x>"
    many = " ".join(f"<{number}@x>" for number in range(5000))
    assert len(content(mail("灯", References=many)).references) <= 40


@pytest.mark.parametrize(
    "words", ["谢谢", "非常感谢您！", "好的，谢谢", "Thanks", "thank you very much."]
)
def test_thanks_are_thanks(words) -> None:
    assert content(mail(words)).is_thanks


@pytest.mark.parametrize("words", ["谢谢，但灯还是不亮", "谢谢你不用来了？灯没修", "灯坏了", ""])
def test_what_asks_for_something_is_no_thanks(words) -> None:
    assert not content(mail(words)).is_thanks


def test_any_bytes_are_read_or_refused_by_name() -> None:
    for raw in (b"", b"\0" * 1000, b"\r\n\r\n", b"From: \xff\r\n" * 3000, b"<html>", b":" * 5000):
        with suppress(UnreadableError):
            assert isinstance(read(raw, OWN), LetterContent)


def test_a_message_id_that_breaks_the_parser_does_no_harm() -> None:
    raw = mail("灯").replace(b"Message-ID: ", b"Message-ID: <[>@@\r\nX-Old: ")
    assert content(raw).text == "灯"


def test_a_letter_made_by_python_is_read_back() -> None:
    message = EmailMessage()
    message["From"] = "wang@example.com"
    message.set_content("灯坏了\n")
    assert content(message.as_bytes()).text == "灯坏了"


PIECES = (
    "From: 王 <wang@example.com>\r\n",
    "From: \udcff@\udcff.cn\r\n",
    "Subject: =?gb2312?b?xPrQ?=\r\n",
    "Subject: =?x?q?=FF?=\r\n",
    "Message-ID: <\udce4@x>\r\n",
    "In-Reply-To: <lx.\udcff@x> <a@b>\r\n",
    "Content-Type: text/html; charset=\udcff\r\n",
    "Content-Type: multipart/alternative; boundary=b\r\n",
    "Content-Type: image/png; name*=x''%FF%00\r\n",
    "Content-Disposition: attachment; filename*0*=utf-9''%ff; filename*1=\"a\"\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Transfer-Encoding: uuencode\r\n",
    "\r\n",
    "--b\r\n",
    "--b--\r\n",
    "<p>灯\x00<blockquote>&#xD800;",
    "\ud83d 谢谢\u202e",
)


@given(st.lists(st.sampled_from(PIECES), max_size=14))
@settings(max_examples=400, deadline=None)
def test_whatever_comes_can_be_kept_and_shown(pieces) -> None:
    raw = "".join(pieces).encode("utf-8", "surrogatepass")
    try:
        found = content(raw)
    except UnreadableError:
        return
    names = (*found.names, *(file.name for file in found.not_taken))
    for text in (found.words, found.name, found.address, found.message_id, *names):
        assert text.encode("utf-8") is not None
        assert all(each.isprintable() or each == "\n" for each in text)
    assert all(each.isascii() for each in (found.message_id, found.address, *found.references))
