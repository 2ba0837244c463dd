"""The client of the licensed term API, against servers on loopback."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from support.raw_server import raw_server

from footbridge.errors import ConfigurationError, PartnerRefused, PartnerUnavailable
from footbridge.partners.directories.taxonomy_terms import MAX_TERMS, TaxonomyTerms

KEY = "key-of-the-subscriber"
Answer = tuple[int, dict[str, str], bytes]


def _row(code: str, **members: Any) -> dict[str, Any]:
    return {"code": code, "name": f"Term {code}", "level": 4, "parents": ["BD-1800", "BD"], **members}


def _json(rows: Any, count: int = 1, page: int = 1) -> Answer:
    return 200, {}, json.dumps({"meta": {"count": count, "page": page}, "data": rows}).encode()


class Server:
    """Answers each request by a function of its path and query; keeps what it was asked, with the key."""

    def __init__(self, answer: Callable[[str, dict[str, str]], Answer]) -> None:
        self.seen: list[tuple[str, str | None]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.seen.append((self.path, self.headers.get("Authorization")))
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                status, headers, body = answer(parts.path, query)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_port}/api/v1"


@contextmanager
def serving(answer: Callable[[str, dict[str, str]], Answer]) -> Iterator[Server]:
    server = Server(answer)
    thread = threading.Thread(target=server.http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM_KEY", KEY)


@contextmanager
def asking(base: str, credential: str = "env:TERM_KEY", seconds: float = 10) -> Iterator[TaxonomyTerms]:
    client = TaxonomyTerms(credential, base_url=base, timeout_seconds=seconds)
    try:
        yield client
    finally:
        client.close()


def test_a_term_by_its_code_with_the_key(tmp_path: Path) -> None:
    row = _row("BD-1800.2000", definition="Given out.", facet="Service", has_children=True)
    with serving(lambda path, query: _json([row])) as server:
        with asking(server.base) as client:
            term = client.term(" bd-1800.2000")
        (tmp_path / "key").write_text("another-key\n")
        with asking(server.base, f"file:{tmp_path / 'key'}") as client:
            client.term("BD-1800.2000")
    assert term is not None
    assert (term.code, term.name, term.level, term.parents) == (
        "BD-1800.2000",
        "Term BD-1800.2000",
        4,
        ("BD-1800", "BD"),
    )
    assert (term.definition, term.facet, term.has_children, term.asked) == ("Given out.", "Service", True, None)
    assert server.seen == [
        ("/api/v1/terms?code=BD-1800.2000", f"Bearer {KEY}"),  # in capitals: the API tells them apart
        ("/api/v1/terms?code=BD-1800.2000", "Bearer another-key"),
    ]


@pytest.mark.parametrize(
    "to", ["/api/v1/terms?code=BD-1875.2000", "terms?code=BD-1875.2000", "/api/v1/terms/BD-1875.2000"]
)
def test_a_deleted_code_leads_to_the_new_one(to: str) -> None:
    def answer(path: str, query: dict[str, str]) -> Answer:
        old = query.get("code") == "BD-2000"
        return (301, {"Location": to}, b"") if old else _json([_row("BD-1875.2000")])

    with serving(answer) as server, asking(server.base) as client:
        term = client.term("BD-2000")
    assert term is not None
    assert (term.code, term.asked) == ("BD-1875.2000", "BD-2000")
    assert [key for _path, key in server.seen] == [f"Bearer {KEY}"] * 2


@pytest.mark.parametrize(
    "to",
    [
        "https://211.example/api/v1/terms?code=BD-1875.2000",
        "//211.example/api/v1/terms",
        "http://127.0.0.1:1/api/v1/terms",
        "/elsewhere/terms?code=BD-1875.2000",
        "/api/v1x/terms",
        "",
    ],
)
def test_a_redirect_elsewhere_is_not_followed(to: str) -> None:
    with (
        serving(lambda path, query: (301, {"Location": to}, b"")) as server,
        asking(server.base) as client,
        pytest.raises(PartnerRefused, match="not followed"),
    ):
        client.term("BD-2000")
    assert len(server.seen) == 1


def test_the_key_reaches_no_other_server() -> None:
    with serving(lambda path, query: _json([])) as other:
        to = f"{other.base}/terms?code=BD-2000"
        with (
            serving(lambda path, query: (301, {"Location": to}, b"")) as server,
            asking(server.base) as client,
            pytest.raises(PartnerRefused),
        ):
            client.term("BD-2000")
        assert other.seen == []


def test_redirects_without_end() -> None:
    answer = (301, {"Location": "/api/v1/terms?code=BD-2000"}, b"")
    with (
        serving(lambda path, query: answer) as server,
        asking(server.base) as client,
        pytest.raises(PartnerRefused, match="on and on"),
    ):
        client.term("BD-2000")
    assert len(server.seen) < 10


@pytest.mark.parametrize("answer", [(404, {}, b"{}"), (204, {}, b""), _json([]), _json([_row("BD-1800")])])
def test_no_such_term(answer: Answer) -> None:
    with serving(lambda path, query: answer) as server, asking(server.base) as client:
        assert client.term("BD-1234") is None


def test_all_pages_of_a_list() -> None:
    codes = [f"BD-{number:04}" for number in range(250)]

    def answer(path: str, query: dict[str, str]) -> Answer:
        page = int(query["page"])
        assert query["parent"] == "BD"
        return _json([_row(code) for code in codes[(page - 1) * 100 : page * 100]], len(codes), page)

    with serving(answer) as server, asking(server.base) as client:
        assert [term.code for term in client.terms(parent="BD")] == codes
    assert len(server.seen) == 3


def test_words_are_sent_as_they_are() -> None:
    with serving(lambda path, query: _json([_row(query["search"][-7:])])) as server, asking(server.base) as client:
        assert [term.code for term in client.terms(search="aînés & café=1 BD-1800")] == ["BD-1800"]


def test_a_list_that_repeats_itself_ends() -> None:
    same = [_row(f"BD-{number:04}") for number in range(100)]
    with serving(lambda path, query: _json(same, 10**9)) as server, asking(server.base) as client:
        assert len(list(client.terms())) == 100
    assert len(server.seen) == 2


def test_a_list_without_end_is_refused() -> None:
    def answer(path: str, query: dict[str, str]) -> Answer:
        page = int(query["page"])
        return _json([_row(f"BD-{page:04}.{number:04}") for number in range(100)], 10**9)

    with serving(answer) as server, asking(server.base) as client, pytest.raises(PartnerRefused, match=str(MAX_TERMS)):
        for _term in client.terms():
            pass


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ((401, {}, b"{}"), PartnerRefused, "does not accept the key"),
        ((403, {}, b"{}"), PartnerRefused, "does not accept the key"),
        ((429, {}, b""), PartnerUnavailable, "try again later"),
        ((503, {}, b""), PartnerUnavailable, "try again later"),
        ((400, {}, b"{}"), PartnerRefused, "status 400"),
        ((200, {}, b"<html>"), PartnerRefused, "not a list of terms"),
        ((200, {}, b"[]"), PartnerRefused, "not a list of terms"),
        ((200, {}, b'{"data": "x"}'), PartnerRefused, "not a list of terms"),
        ((200, {}, b"[" * 200_000), PartnerRefused, "not a list of terms"),
        ((200, {}, b"x" * 6_000_000), PartnerRefused, "larger than"),
    ],
)
def test_answers_that_are_none(answer: Answer, error: type[Exception], words: str) -> None:
    with serving(lambda path, query: answer) as server, asking(server.base) as client:
        for ask in (lambda: client.term("BD-1800"), lambda: list(client.terms())):
            with pytest.raises(error, match=words) as caught:
                ask()
            assert KEY not in str(caught.value)


def test_rows_of_another_shape_are_left_out() -> None:
    rows = [None, 3, {}, {"code": 7}, {"code": "no code"}, {"code": "BD-1800", "name": 5, "level": True, "parents": 3}]
    with serving(lambda path, query: _json(rows)) as server, asking(server.base) as client:
        (term,) = client.terms()
    assert (term.code, term.name, term.level, term.parents, term.has_children) == (
        "BD-1800",
        "BD-1800",
        None,
        (),
        False,
    )


def test_a_server_that_drips_is_not_waited_for() -> None:
    with raw_server() as server:
        server.say = lambda connection: server.drip(connection, first=b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
        base = f"http://127.0.0.1:{server.port}/api/v1"
        started = time.monotonic()
        with asking(base, seconds=0.5) as client, pytest.raises(PartnerUnavailable):
            client.term("BD-1800")
        assert time.monotonic() - started < 5


def test_no_server() -> None:
    with asking("http://127.0.0.1:1/api/v1") as client, pytest.raises(PartnerUnavailable):
        client.term("BD-1800")


@pytest.mark.parametrize(
    ("credential", "base"),
    [
        ("", "https://211hsis.org/api/v1"),
        (KEY, "https://211hsis.org/api/v1"),
        ("env:TERM_KEY", "http://211.example/api/v1"),
        ("env:TERM_KEY", "https://169.254.169.254/api"),
        ("env:TERM_KEY", "ftp://211.example"),
    ],
)
def test_a_key_or_address_that_cannot_be_used(credential: str, base: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        TaxonomyTerms(credential, base_url=base)
    assert KEY not in str(caught.value)


def test_a_code_that_is_none_is_not_asked_for() -> None:
    with serving(lambda path, query: _json([])) as server, asking(server.base) as client:
        with pytest.raises(ConfigurationError, match="not a 211 code"):
            client.term("food")
        assert server.seen == []


def test_a_key_that_is_missing_is_told_by_its_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TERM_KEY")
    with serving(lambda path, query: _json([])) as server, asking(server.base) as client:
        with pytest.raises(ConfigurationError, match="env:TERM_KEY"):
            client.term("BD-1800")
        assert server.seen == []
