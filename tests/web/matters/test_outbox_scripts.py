"""Messages that wait on a phone: the page's script and the service worker agree about them.

The worker is a classic script, which imports no module, so it repeats what sending/outbox.js says.
"""

from __future__ import annotations

import re

from web.site.assets import STATIC

STORED = re.compile(r"indexedDB\.open\([^)]*\)|createObjectStore\([^)]*\)")
STORES = re.compile(r"(?:\.transaction|\.objectStore)\((\"\w+\")")
BODY = re.compile(r"const body = new FormData\(\);(?:\n +(?:for |body\.).*)+")
CONSTANT = re.compile(r"^const (\w+) = (\"[^\"]*\");$", re.MULTILINE)


def script(path: str) -> str:
    """A script with its named words written out."""
    text = (STATIC / path).read_text(encoding="utf-8")
    for name, word in CONSTANT.findall(text):
        text = re.sub(rf"(?<=\()\b{name}\b", word, text)
    return text


WORKER, PAGE, SENDING = (
    script("sw.js"),
    script("js/sending/outbox.js"),
    script("js/sending/forms.js"),
)


def test_both_open_the_same_database() -> None:
    opened = STORED.findall(PAGE)
    assert opened == [
        'indexedDB.open("lianxin-outbox", 1)',
        'createObjectStore("messages", { keyPath: "key" })',
    ]
    assert STORED.findall(WORKER) == opened
    assert set(STORES.findall(WORKER)) == set(STORES.findall(PAGE)) == {'"messages"'}


def test_both_send_the_same_body() -> None:
    [ours] = BODY.findall(PAGE)
    assert ours.count("body.append(") == 2
    bodies = [re.sub(r"\n +", "\n", body) for body in (ours, *BODY.findall(WORKER))]
    assert bodies == bodies[:1] * 2


def test_the_worker_reads_of_a_message_what_the_page_puts_into_it() -> None:
    [read] = re.findall(r"for \(const \{ (.*) \} of await unsent\(", WORKER)
    [made] = re.findall(r"return \{\n( +key:.*?)\n  \};", SENDING, re.DOTALL)
    # What the server refused is marked when it is put back.
    assert set(read.split(", ")) - {"refused"} <= set(re.findall(r"^ +(\w+)", made, re.MULTILINE))
    assert "put({ ...message, refused: true })" in SENDING


def test_the_page_asks_for_the_event_that_the_worker_listens_to() -> None:
    asked = re.findall(r"sync\.register\((\"\w+\")\)", SENDING)
    assert asked == re.findall(r"event\.tag === (\"\w+\")", WORKER) == ['"outbox"']
