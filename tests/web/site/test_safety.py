"""Safety at the door: headers, other sites' requests, sizes, hosts, and what the log may hold."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Never

import httpx
import pytest
from starlette.routing import Route

from web.running.logs import JsonLines, PlainLines
from web.site.answers import reads
from web.site.bodies import LARGEST_BODY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HEADERS = {
    "content-security-policy": "default-src 'self'; style-src 'self' 'sha256-'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "x-permitted-cross-domain-policies": "none",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""The headers of the OWASP secure-headers list, written out once more on purpose.

The hash is that of the style that a first visit has within its page."""
HASH = re.compile(r"(?<='sha256-)[A-Za-z0-9+/]{43}=(?=')")
FORM = {"content-type": "application/x-www-form-urlencoded"}
HOSTILE = "elsewhere.test"


def faults_at_the_door(headers) -> list[str]:
    """Which of the headers are missing, other than they must be, or there twice."""
    wanted = [
        name
        for name, value in HEADERS.items()
        if [HASH.sub("", each, count=1) for each in headers.get_list(name, split_commas=False)]
        != [value]
    ]
    policy = headers.get("permissions-policy", "")
    denied = [name for name in ("camera", "microphone", "payment") if f"{name}=()" not in policy]
    return [*wanted, *denied]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/c/jian", 200),
        ("GET", "/c/jian/handbook/dibao", 200),
        ("GET", "/communities", 200),
        ("GET", "/f/here", 200),
        ("GET", "/c/jian/search.json", 200),
        ("GET", "/working-days.ics", 200),
        ("GET", "/code.svg", 200),
        ("GET", "/code.png", 200),
        ("GET", "/sw.js", 200),
        ("GET", "/manifest.webmanifest", 200),
        ("GET", "/robots.txt", 200),
        ("GET", "/sitemap.xml", 200),
        ("GET", "/healthz", 200),
        ("HEAD", "/c/jian", 200),
        ("GET", "/", 303),
        ("GET", "/favicon.ico", 301),
        ("POST", "/preferences", 303),
        ("GET", "/c/mars", 404),
        ("GET", "/nothing", 404),
        ("GET", "/assets/nothing.css", 404),
        ("DELETE", "/c/jian", 405),
        ("GET", "/working-days?days=x", 422),
    ],
)
async def test_every_kind_of_answer_carries_the_headers(resident, method, path, status) -> None:
    response = await resident.request(method, path)
    assert response.status_code == status
    assert faults_at_the_door(response.headers) == []


async def test_an_asset_carries_the_headers(resident) -> None:
    response = await resident.get(resident.services.assets.address("app.js"))
    assert faults_at_the_door(response.headers) == []


async def test_a_page_that_did_not_change_carries_the_headers(resident) -> None:
    etag = (await resident.get("/c/jian")).headers["etag"]
    response = await resident.get("/c/jian", headers={"if-none-match": etag})
    assert response.status_code == 304
    assert faults_at_the_door(response.headers) == []


async def test_a_refusal_carries_the_headers(resident) -> None:
    response = await resident.post("/preferences", headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403
    assert faults_at_the_door(response.headers) == []
    response = await resident.post("/preferences", content=b"x" * (LARGEST_BODY + 1), headers=FORM)
    assert response.status_code == 413
    assert faults_at_the_door(response.headers) == []


async def test_the_page_of_our_own_fault_carries_the_headers(open_app) -> None:
    async def broken(_visit) -> Never:
        raise ZeroDivisionError

    async with open_app() as browser:
        browser.app.router.routes.insert(0, Route("/broken", reads(broken)))
        response = await browser.get("/broken")
        assert response.status_code == 500
        assert faults_at_the_door(response.headers) == []
        assert response.headers["x-request-id"] in response.text


async def test_behind_tls_browsers_are_told_to_stay_there(resident) -> None:
    secure = await resident.get("https://lianxin.test/c/jian")
    assert "max-age=31536000" in secure.headers["strict-transport-security"]
    assert "strict-transport-security" not in (await resident.get("/c/jian")).headers


async def test_the_server_does_not_say_what_it_is_made_of(resident) -> None:
    for path in ("/c/jian", "/nothing", "/healthz"):
        headers = (await resident.get(path)).headers
        assert not {"server", "x-powered-by"} & set(headers)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "Same-Origin", "elsewhere"])
async def test_what_another_site_sends_is_refused(resident, site) -> None:
    """`same-site` is a neighbour under the same domain, which is not this site either."""
    headers = {"sec-fetch-site": site}
    response = await resident.post("/preferences", data={"view": "elder"}, headers=headers)
    assert response.status_code == 403
    assert "set-cookie" not in response.headers
    assert "请从本站页面重新提交" in response.text
    assert "Please send this from a page of this site" in response.text


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_what_our_own_pages_send_is_taken(resident, site) -> None:
    headers = {"sec-fetch-site": site}
    response = await resident.post("/preferences", data={"view": "elder"}, headers=headers)
    assert response.status_code == 303


@pytest.mark.parametrize(
    "origin",
    [
        "https://elsewhere.test",
        "http://lianxin.test.elsewhere.test",
        "http://elsewhere.test/lianxin.test",
        "http://lianxin.test:8000",
        "http://sub.lianxin.test",
        "http://lianxin.test@elsewhere.test",
        "null",
        "",
        "lianxin.test",
        "http://[",
        "http://[::1",
        "http://a]b",
        "ftp://lianxin.test",
    ],
)
async def test_an_older_browser_is_judged_by_where_the_form_was(resident, origin) -> None:
    response = await resident.post("/preferences", headers={"origin": origin})
    assert response.status_code == 403


async def test_an_older_browser_on_our_own_page_is_let_in(resident) -> None:
    response = await resident.post("/preferences", headers={"origin": "http://lianxin.test"})
    assert response.status_code == 303


FIREFOX_60 = "Mozilla/5.0 (X11; Linux x86_64; rv:60.0) Gecko/20100101 Firefox/60.0"


async def test_a_browser_that_tells_no_origin_is_judged_by_its_referer(resident) -> None:
    old = {"user-agent": FIREFOX_60}
    for referer, status in (
        ("http://lianxin.test/c/jian", 303),
        ("https://elsewhere.test/http://lianxin.test/", 403),
        ("http://[", 403),
        (None, 403),
    ):
        headers = old if referer is None else {**old, "referer": referer}
        assert (await resident.post("/preferences", headers=headers)).status_code == status, referer


async def test_a_mail_program_ends_letters_for_its_reader(resident) -> None:
    headers = {"user-agent": FIREFOX_60, "content-type": "application/x-www-form-urlencoded"}
    body = "List-Unsubscribe=One-Click"
    path = f"/notifications/stopping/{'x' * 43}"
    assert (await resident.post(path, headers=headers, content=body)).status_code == 200


async def test_a_page_without_tls_sends_nothing_to_one_with_it(resident) -> None:
    for origin, status in (("https://lianxin.test", 303), ("http://lianxin.test", 403)):
        response = await resident.post(
            "https://lianxin.test/preferences", headers={"origin": origin}
        )
        assert response.status_code == status


@pytest.mark.parametrize("name", ["host", "origin", "referer", "accept-language", "cookie", "range",
    "if-modified-since", "if-none-match", "content-type", "content-length", "user-agent", "accept",
    "sec-fetch-site", "hx-request", "hx-current-url", "x-forwarded-proto"])  # fmt: skip
@pytest.mark.parametrize("value", ["http://[", "\xff\xfe", "9" * 5000, ",;=" * 500, "%00"])
async def test_no_header_brings_the_server_down(resident, name, value) -> None:
    headers = {name: value.encode("latin-1")}
    for request in (
        resident.build_request("GET", "/c/jian", headers=headers),
        resident.build_request("POST", "/preferences", headers=headers, data={"view": "elder"}),
        resident.build_request("POST", "/staff/sessions", headers=headers, data={"name": "x"}),
    ):
        response = await resident.send(request)
        assert response.status_code < 500


async def test_two_hosts_are_none(resident) -> None:
    headers = [("host", "lianxin.test"), ("host", "elsewhere.test")]
    assert (await resident.get("/c/jian", headers=headers)).status_code == 400


@pytest.mark.parametrize(("scheme", "wanted"), [("wss", "https"), ("ws", "http"), ("x", "http")])
async def test_whatever_scheme_a_proxy_tells_links_are_of_the_web(resident, scheme, wanted) -> None:
    async def app(scope, receive, send) -> None:
        await resident.app({**scope, "scheme": scheme}, receive, send)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://lianxin.test") as client:
        assert f"Sitemap: {wanted}://lianxin.test/" in (await client.get("/robots.txt")).text


async def test_behind_a_proxy_our_own_page_has_the_public_address(open_app) -> None:
    async with open_app(public_url="https://lianxin.example.cn") as browser:
        own = {"origin": "https://lianxin.example.cn"}
        assert (await browser.post("/preferences", headers=own)).status_code == 303
        other = {"origin": "https://elsewhere.test"}
        assert (await browser.post("/preferences", headers=other)).status_code == 403


async def test_what_the_browser_says_of_the_site_goes_before_where_the_form_was(resident) -> None:
    headers = {"sec-fetch-site": "cross-site", "origin": "http://lianxin.test"}
    assert (await resident.post("/preferences", headers=headers)).status_code == 403


async def test_reading_from_another_site_is_an_ordinary_link(resident) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    assert (await resident.get("/c/jian", headers=headers)).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "BREW"])
async def test_no_method_that_changes_anything_comes_from_another_site(resident, method) -> None:
    response = await resident.request(method, "/c/jian", headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(resident) -> None:
    body = b"view=elder&x=" + b"x" * LARGEST_BODY
    response = await resident.post("/preferences", content=body, headers=FORM)
    assert response.status_code == 413
    assert "内容太长" in response.text
    assert "too long" in response.text
    assert "set-cookie" not in response.headers


async def test_the_largest_body_that_is_allowed_is_taken(resident) -> None:
    body = b"view=elder&x=".ljust(LARGEST_BODY, b"x")
    response = await resident.post("/preferences", content=body, headers=FORM)
    assert response.status_code == 303


async def test_a_body_that_does_not_say_its_length_is_counted_as_it_comes(resident) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"view=elder&x="
        for _ in range(1 + LARGEST_BODY // 4096):
            yield b"x" * 4096

    response = await resident.post("/preferences", content=endless(), headers=FORM)
    assert response.status_code == 413
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "", "99999999999999999999"])
async def test_a_length_that_is_none_is_refused(resident, length) -> None:
    headers = {**FORM, "content-length": length}
    response = await resident.post("/preferences", content=b"", headers=headers)
    assert response.status_code == 413


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=y"])
async def test_a_broken_form_gets_a_designed_answer(resident, kind) -> None:
    response = await resident.post("/preferences", content=b"--x", headers={"content-type": kind})
    assert response.status_code == 400
    assert "<h1>这样没有办成</h1>" in response.text


async def test_a_file_where_none_is_asked_for_is_refused(resident) -> None:
    response = await resident.post("/preferences", files={"view": b"elder"})
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/c/jian"),
        ("GET", "/c/jian/"),
        ("GET", "/c/jian/handbook/"),
        ("GET", "/handbook"),
        ("GET", "/c/jian/b/dong"),
        ("GET", "/favicon.ico"),
        ("GET", "/working-days.ics?days=x"),
        ("GET", "/nothing"),
        ("POST", "/preferences"),
    ],
)
@pytest.mark.parametrize("name", ["host", "x-forwarded-host", "forwarded", "x-original-url"])
async def test_no_header_of_an_answer_repeats_a_hostile_host(resident, method, path, name) -> None:
    response = await resident.request(method, path, headers={name: HOSTILE})
    assert response.status_code < 500
    assert not any(HOSTILE in value for value in response.headers.values())


async def test_an_address_with_a_slash_too_many_leads_to_the_page_on_this_site(resident) -> None:
    response = await resident.get("/c/jian/", headers={"host": "lianxin.test"})
    assert response.status_code in {301, 303, 307, 308, 404}
    if "location" in response.headers:
        assert response.headers["location"] in {"/c/jian", "http://lianxin.test/c/jian"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
async def test_an_unknown_method_is_refused_with_a_designed_page(resident, method) -> None:
    response = await resident.request(method, "/c/jian")
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert "<h1>这样没有办成</h1>" in response.text


async def test_what_only_changes_cannot_be_read(resident) -> None:
    response = await resident.get("/preferences")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_every_answer_has_a_number_of_its_own(resident) -> None:
    numbers = [
        (await resident.get(path)).headers["x-request-id"] for path in ("/", "/c/jian", "/x")
    ]
    assert len(set(numbers)) == 3
    assert all(len(number) == 12 for number in numbers)


async def test_nobody_can_choose_the_number_of_their_request(resident) -> None:
    response = await resident.get("/c/jian", headers={"x-request-id": "chosen"})
    assert response.headers.get_list("x-request-id") != ["chosen"]


def lines_of(caplog: pytest.LogCaptureFixture, formatter: logging.Formatter) -> list[str]:
    """What the application logged, as it is written."""
    own = (record for record in caplog.records if record.name.startswith("lianxin"))
    return [formatter.format(record) for record in own]


async def test_a_request_is_one_line_with_its_route_status_and_milliseconds(
    resident, caplog
) -> None:
    caplog.set_level(logging.INFO)
    response = await resident.get("/c/jian/handbook/dibao")
    (line,) = lines_of(caplog, JsonLines())
    read = json.loads(line)
    assert read["logger"] == "lianxin.request"
    assert (read["method"], read["status"]) == ("GET", 200)
    assert read["route"] == "/c/{community}/handbook/{item}"
    assert read["id"] == response.headers["x-request-id"]
    assert 0 <= read["ms"] < 60_000


@pytest.mark.parametrize("formatter", [JsonLines(), PlainLines()], ids=["json", "plain"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/c/jian/handbook/canji-zheng?from=secret"),  # rendered, then kept
        ("GET", "/c/jian/search?q=secret"),
        ("GET", "/f/search?c=jian&q=secret"),
        ("GET", "/c/jian/b/dong"),
        ("GET", "/c/secret"),
        ("GET", "/c/jian/handbook/secret"),
        ("GET", "/secret"),
        ("GET", "/c/jian/secret/?q=secret"),
        ("GET", "/code?to=/c/secret"),
        ("GET", "/working-days?title=secret"),
        ("POST", "/preferences?secret=1"),
        ("POST", "/c/jian/handbook/secret"),
    ],
)
async def test_the_log_never_says_who_asked_for_what(
    resident, caplog, formatter, method, path
) -> None:
    caplog.set_level(logging.DEBUG, logger="lianxin")
    headers = {
        "cookie": "lianxin=community:secret",
        "user-agent": "secret",
        "referer": "http://lianxin.test/secret",
        "x-forwarded-for": "secret",
    }
    for _ in range(2):
        await resident.request(method, path, headers=headers)
    lines = lines_of(caplog, formatter)
    assert len(lines) == 2
    for line in lines:
        assert not any(each in line for each in ("secret", "canji-zheng", "jian/", "dong"))


async def test_a_refused_request_is_logged_like_any_other(resident, caplog) -> None:
    caplog.set_level(logging.INFO)
    await resident.post("/preferences", headers={"sec-fetch-site": "cross-site"})
    (line,) = lines_of(caplog, JsonLines())
    assert json.loads(line)["status"] == 403


async def test_a_method_with_odd_letters_does_not_break_the_log(resident, caplog) -> None:
    caplog.set_level(logging.INFO)
    await resident.request('BR"EW\\', "/c/jian")
    (line,) = lines_of(caplog, JsonLines())
    assert json.loads(line)["method"] == 'BR"EW\\'
