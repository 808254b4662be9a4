"""Forms that carry photographs: what reaches a view, and floods that do not."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, compile_path

from domain.pictures import MOST_BYTES, MOST_PHOTOS
from tests.world.photos import jpeg, picture_of, saved
from web.site import bodies
from web.site.answers import acts
from web.site.bodies import LARGEST_BODY, PHOTO_BODY, PHOTO_FORMS, largest_body, takes_photos
from web.site.forms import PHOTO_FIELD, PHOTO_FIELDS, PHOTO_FILES
from web.site.photos import PhotoError, prepared_files

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import Response

    from tests.world.app import Browser
    from web.site.visits import ResidentVisit

ADDRESS = "/posts/north/messages"
MEGABYTE = 1 << 20
BOUNDARY = "simple"
MULTIPART = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
PAGE = "<!doctype html>"


async def what_came(visit: ResidentVisit) -> Response:
    """A view that says what its form holds."""
    try:
        pictures = await prepared_files(visit.services, visit.form.files("photo"))
    except PhotoError as refused:
        return JSONResponse({"words": visit.form.text("words"), "refused": refused.word}, 422)
    sizes = [(picture.width, picture.height) for picture in pictures]
    return JSONResponse({"words": visit.form.text("words"), "sizes": sizes})


@pytest.fixture
async def phone(own: Browser, monkeypatch) -> Browser:
    """A browser of an application with a form for photographs."""
    pattern = compile_path("/posts/{post}/messages")[0]
    monkeypatch.setattr(bodies, "_PHOTO_PATHS", (pattern,))
    own.app.router.routes.insert(
        0, Route("/posts/{post}/messages", acts(what_came), methods=["POST"])
    )
    return own


def part(name: str, data: bytes, file_name: str | None = None) -> bytes:
    """A part of a multipart form."""
    called = "" if file_name is None else f'; filename="{file_name}"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{called}\r\n\r\n'
    return head.encode() + data + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def sent(*photos: bytes, **fields: str) -> dict[str, Any]:
    """What httpx posts as a form with photographs."""
    files = [("photo", (f"{n}.jpg", data, "image/jpeg")) for n, data in enumerate(photos)]
    return {"data": fields, "files": files}


async def test_a_form_carries_words_and_photographs(phone) -> None:
    photos = (jpeg(30, 20), saved(picture_of(20, 40), "PNG"), saved(picture_of(10, 10), "WEBP"))
    response = await phone.post(ADDRESS, **sent(*photos, words="路灯不亮"))
    assert response.json() == {"words": "路灯不亮", "sizes": [[30, 20], [20, 40], [10, 10]]}


async def test_a_form_without_photographs_is_sent_as_ever(phone) -> None:
    response = await phone.post(ADDRESS, data={"words": "路灯不亮"})
    assert response.json() == {"words": "路灯不亮", "sizes": []}


async def test_a_field_in_which_no_photograph_was_chosen_is_empty(phone) -> None:
    body = part("words", b"lamp") + part("photo", b"", "") + END
    response = await phone.post(ADDRESS, content=body, headers=MULTIPART)
    assert response.json() == {"words": "lamp", "sizes": []}


async def test_a_file_of_another_field_and_words_as_photograph_are_left_alone(phone) -> None:
    body = part("photo", b"words") + part("other", jpeg(), "a.jpg") + END
    response = await phone.post(ADDRESS, content=body, headers=MULTIPART)
    assert response.json() == {"words": "", "sizes": []}


@pytest.mark.parametrize(
    ("photos", "word"),
    [
        ([jpeg()] * (MOST_PHOTOS + 1), "too-many"),
        ([jpeg()] * PHOTO_FILES, "too-many"),
        ([jpeg(), b"<svg/>"], "not-a-picture"),
        ([b""], "not-a-picture"),
        ([jpeg()[:200]], "damaged"),
        ([jpeg() + bytes(MOST_BYTES)], "too-large"),
    ],
    ids=["four", "twelve", "svg", "empty", "cut", "large"],
)
async def test_a_refused_photograph_leaves_the_words_to_the_view(phone, photos, word) -> None:
    response = await phone.post(ADDRESS, **sent(*photos, words="路灯不亮"))
    assert (response.status_code, response.json()) == (422, {"words": "路灯不亮", "refused": word})


@pytest.mark.parametrize(
    "body",
    [
        b"".join(part(f"field{n}", b"x") for n in range(1000)) + END,
        b"".join(part("photo", b"x", "a.jpg") for _ in range(1000)) + END,
        b"".join(part("photo", b"", "") for _ in range(1000)) + END,
        part("words", b"x" * (PHOTO_FIELD + 1)) + END,
        part("words", b"x").replace(b"\r\n\r\n", b"\r\nx: y" * 50 + b"\r\n\r\n") + END,
        part("x" * 20_000, b"x") + END,
        b"".join(part("words", b"x" * PHOTO_FIELD) for _ in range(PHOTO_FIELDS + 1)) + END,
        b"no form at all",
        part("words", b"x").replace(b"name=", b"game=") + END,
    ],
    ids=["fields", "files", "empty", "field", "headers", "name", "all", "none", "nameless"],
)
async def test_a_flood_of_parts_is_refused_with_a_page(phone, body) -> None:
    response = await phone.post(ADDRESS, content=body, headers=MULTIPART)
    assert response.status_code == 400
    assert PAGE in response.text


async def test_a_photograph_without_an_end_is_refused_as_it_comes(phone) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        yield part("words", b"lamp") + part("photo", b"\xff\xd8\xff", "a.jpg")[:-2]
        while True:
            given += 1
            yield bytes(MEGABYTE)

    # What is published is read and indexed at the first page, which is not measured here.
    await phone.get("/communities")
    tracemalloc.start()
    try:
        response = await phone.post(ADDRESS, content=endless(), headers=MULTIPART)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert response.status_code == 413
    assert PAGE in response.text
    assert given == PHOTO_BODY // MEGABYTE + 1
    assert most < 20 * MEGABYTE


async def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(phone) -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError
        yield b""

    headers = {**MULTIPART, "content-length": str(PHOTO_BODY + 1)}
    response = await phone.post(ADDRESS, content=never(), headers=headers)
    assert response.status_code == 413


async def test_only_a_form_with_photographs_may_be_large(phone) -> None:
    plain = {"content-type": "application/x-www-form-urlencoded"}
    body = b"words=" + b"x" * LARGEST_BODY
    for path, headers in ((ADDRESS, plain), ("/preferences", MULTIPART)):
        response = await phone.post(path, content=body, headers=headers)
        assert response.status_code == 413


async def test_other_forms_take_no_file(phone) -> None:
    response = await phone.post("/preferences", **sent(jpeg(), view="elder"))
    assert (response.status_code, PAGE in response.text) == (400, True)


async def test_the_files_of_a_form_are_closed_with_its_request(phone, monkeypatch) -> None:
    kept: list[Any] = []

    async def keeps(visit: ResidentVisit) -> Response:
        kept.extend(visit.form.files("photo"))
        return PlainTextResponse("kept")

    async def fails(visit: ResidentVisit) -> Response:
        kept.extend(visit.form.files("photo"))
        raise LookupError

    for view, status in ((keeps, 200), (fails, 500)):
        phone.app.router.routes.insert(0, Route(ADDRESS, acts(view), methods=["POST"]))
        response = await phone.post(ADDRESS, **sent(jpeg(1500, 1500), words="lamp"))
        assert response.status_code == status
    assert [file.file.closed for file in kept] == [True, True]


async def test_a_connection_that_ends_in_the_middle_of_a_photograph_is_no_fault(
    phone, caplog
) -> None:
    messages: list[dict[str, Any]] = [
        {
            "type": "http.request",
            "body": part("photo", bytes(3 * MEGABYTE), "a.jpg")[:-2],
            "more_body": True,
        },
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    answered: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        answered.append(message)

    request = phone.build_request("POST", ADDRESS, headers=MULTIPART)
    scope = {
        "type": "http",
        "method": "POST",
        "path": ADDRESS,
        "raw_path": ADDRESS.encode(),
        "query_string": b"",
        "scheme": "http",
        "headers": request.headers.raw,
        "client": ("127.0.0.1", 1),
        "server": ("lianxin.test", 80),
    }
    await phone.app(scope, receive, send)
    # A file that is left open warns here, and a warning is an error in tests.
    gc.collect()
    assert answered[0]["status"] == 400
    assert "unexpected" not in caplog.text


async def test_every_form_with_photographs_is_a_route(resident) -> None:
    posts = {
        route.path
        for route in resident.app.router.routes
        if isinstance(route, Route) and "POST" in (route.methods or ())
    }
    assert set(PHOTO_FORMS) <= posts


def test_no_other_address_is_larger_for_being_sent_in_parts() -> None:
    assert not takes_photos("/preferences")
    assert largest_body("/preferences", MULTIPART["content-type"]) == LARGEST_BODY
