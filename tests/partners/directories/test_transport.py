"""HTTP to a directory API: keys, patience, bounds, and answers that break off."""

import logging
import traceback

import pytest
from structlog.testing import capture_logs
from support.directory_api import DirectoryApi, Says
from support.raw_server import raw_server

from footbridge.directory.errors import DirectoryError
from footbridge.errors import ConfigurationError
from footbridge.partners.directories import canada, ndp
from footbridge.partners.directories.asking import Key, Limits
from footbridge.partners.directories.transport import Transport

SECRET = "s3cret-key"


@pytest.fixture
def reference(monkeypatch):
    monkeypatch.setenv("DIRECTORY_KEY", SECRET)
    return "env:DIRECTORY_KEY"


@pytest.mark.parametrize(
    ("make", "header"),
    [(Key, ("Authorization", f"Bearer {SECRET}")), (ndp.key, ("Api-Key", SECRET))],
)
def test_a_key_goes_in_a_header(connect, reference, make, header):
    with DirectoryApi(lambda _: {}) as api:
        connect(api, key=make(reference)).get("x", route="GET /x")
    assert api.asked[0].headers[header[0]] == header[1]
    assert SECRET not in str(api.asked[0].query)


def test_a_key_from_a_file(connect, tmp_path):
    (tmp_path / "key").write_text(f"{SECRET}\n")
    with DirectoryApi(lambda _: {}) as api:
        connect(api, key=Key(f"file:{tmp_path / 'key'}")).get("x", route="GET /x")
    assert api.asked[0].headers["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("status", [200, 401, 403, 404, 400, 301, 500])
@pytest.mark.parametrize("make", [ndp.key, canada.key])
def test_no_key_in_a_log_or_an_error(connect, reference, caplog, status, make):
    """Also where the API takes it in the query, and echoes it."""
    caplog.set_level(logging.DEBUG)

    def echo(asked):
        return Says(status, body=str(asked).encode(), headers={"Location": f"/?key={SECRET}"})

    with DirectoryApi(echo) as api, capture_logs() as logs:
        transport = connect(api, key=make(reference))
        said = ""
        try:
            transport.get("x", route="GET /x")
        except DirectoryError:
            said = traceback.format_exc()
    assert SECRET not in said
    assert SECRET not in str(logs)
    assert SECRET not in caplog.text
    assert SECRET not in repr(transport)
    assert logs


def test_a_key_that_is_not_there(connect):
    with DirectoryApi(lambda _: {}) as api, pytest.raises(ConfigurationError, match="NOT_SET"):
        connect(api, key=Key("env:DIRECTORY_KEY_NOT_SET")).get("x", route="GET /x")
    assert api.asked == []


def test_a_secret_in_place_of_a_reference(connect):
    with DirectoryApi(lambda _: {}) as api, pytest.raises(ConfigurationError) as raised:
        connect(api, key=Key(SECRET)).get("x", route="GET /x")
    assert SECRET not in str(raised.value)


def test_patience(connect, waited):
    """429 and 5xx are tried again, after as long as they ask for."""
    answers = [
        Says(429, headers={"Retry-After": "7"}),
        Says(503, headers={"Retry-After": "Sun, 06 Nov 1994 08:49:57 GMT", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"}),
        Says(500),
        {"fine": True},
    ]
    with DirectoryApi(lambda _: answers.pop(0)) as api:
        assert connect(api).get("x", route="GET /x").content == {"fine": True}
    assert waited[0] == 7
    assert waited[2] == 8  # no Retry-After: twice as long each time
    assert len(waited) == 3


@pytest.mark.parametrize("said", ["1000000", "-5", "soon", ""])
def test_patience_has_bounds(connect, waited, said):
    answers = [Says(429, headers={"Retry-After": said}), {}]
    with DirectoryApi(lambda _: answers.pop(0)) as api:
        connect(api).get("x", route="GET /x")
    assert 0 <= waited[0] <= Limits().longest_wait


def test_impatience(connect, waited):
    with DirectoryApi(lambda _: Says(503)) as api, pytest.raises(DirectoryError, match=r"GET /x.*503.*later"):
        connect(api, tries=3).get("x", route="GET /x")
    assert len(api.asked) == 3
    assert len(waited) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 405, 410, 301, 302])
def test_what_is_not_tried_again(connect, waited, status):
    with (
        DirectoryApi(lambda _: Says(status, headers={"Location": "/else"})) as api,
        pytest.raises(DirectoryError, match=f"GET /x.*{status}"),
    ):
        connect(api).get("x", route="GET /x")
    assert len(api.asked) == 1
    assert waited == []


@pytest.mark.parametrize(
    ("encoding", "kind"),
    [
        ("utf-8-sig", "application/json"),
        ("utf-16", "application/json; charset=utf-16"),
        ("latin-1", 'text/plain; charset="ISO-8859-1"; x=y'),
    ],
)
def test_an_answer_in_another_encoding(connect, encoding, kind):
    with DirectoryApi(lambda _: Says(body='{"name": "Café"}'.encode(encoding), kind=kind)) as api:
        assert connect(api).get("x", route="GET /x").content == {"name": "Café"}


@pytest.mark.parametrize("kind", ["application/json; charset=latin-9000", "application/json; charset=utf-16"])
def test_an_answer_that_is_not_in_the_encoding_that_it_says(connect, kind):
    with (
        DirectoryApi(lambda _: Says(body=b'{"a": 1}\xff', kind=kind)) as api,
        pytest.raises(DirectoryError, match="that is not JSON"),
    ):
        connect(api).get("x", route="GET /x")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("slash", [True, False])
def test_a_path_that_wants_a_slash_or_none_is_asked_for_so(connect, status, slash):
    """As FastAPI and Django answer; the Location names the server by the name that a proxy gave it."""

    def play(asked):
        if asked.path.endswith("/") is slash:
            return {"asked": asked.query}
        path = f"{asked.path}/" if slash else asked.path.rstrip("/")
        return Says(status, headers={"Location": f"http://127.0.0.1/api/v1{path}?page=2"})

    with DirectoryApi(play) as api:
        transport = connect(api)
        for page in ("1", "2"):
            assert transport.get("services", [("page", page)], route="GET /x").content == {"asked": {"page": page}}
        assert transport.get("services/7", route="GET /x").status == 200
    assert len(api.asked) == (5 if slash else 3)  # each list is redirected once


@pytest.mark.parametrize("to", ["http://example.test/api/v1/services/", "/api/v1/services/", "//h/api/v1/services/"])
def test_a_redirect_in_a_circle_or_to_another_host_is_not_followed(connect, to):
    with (
        DirectoryApi(lambda _: Says(307, headers={"Location": to})) as api,
        pytest.raises(DirectoryError, match=r"307\. It redirects: give the final URL"),
    ):
        connect(api).get("services", route="GET /services")
    assert len(api.asked) <= 2


@pytest.mark.parametrize("status", [204, 404])
def test_nothing(connect, status):
    with DirectoryApi(lambda _: Says(status)) as api:
        answer = connect(api).get("x", route="GET /x")
    assert (answer.status, answer.content) == (status, None)


@pytest.mark.parametrize("kind", ["application/json", "text/html"])
@pytest.mark.parametrize("body", [b'{"contents": [{"id": 1}', b"<html>sign in</html>", b"\xff\xfe"])
def test_an_answer_that_is_no_json(connect, kind, body):
    with (
        DirectoryApi(lambda _: Says(body=body, kind=kind)) as api,
        pytest.raises(DirectoryError, match=r"GET /x.*not JSON, or breaks off"),
    ):
        connect(api).get("x", route="GET /x")


def test_an_answer_shorter_than_it_says(connect, waited):
    with (
        DirectoryApi(lambda _: Says(body=b'{"a": 1}', length=100)) as api,
        pytest.raises(DirectoryError, match="GET /x"),
    ):
        connect(api, tries=2).get("x", route="GET /x")
    assert len(waited) == 1


def test_an_answer_that_is_too_large(connect):
    with (
        DirectoryApi(lambda _: Says(body=b"[" + b"1," * 600_000 + b"1]")) as api,
        pytest.raises(DirectoryError, match="larger than 1000000 bytes"),
    ):
        connect(api, max_bytes=1_000_000).get("x", route="GET /x")


def test_an_answer_that_unpacks_without_end(connect):
    import gzip

    packed = gzip.compress(b" " * 20_000_000)
    with (
        DirectoryApi(lambda _: Says(body=packed, headers={"Content-Encoding": "gzip"})) as api,
        pytest.raises(DirectoryError, match="larger than"),
    ):
        connect(api, max_bytes=1_000_000).get("x", route="GET /x")


def test_a_server_that_drips(waited):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n["
    with raw_server() as server:
        server.say = lambda connection: server.drip(connection, first=head, piece=b"1,", pause=0.05)
        transport = Transport(server.base_url, limits=Limits(total=0.4, tries=1), wait=waited.append)
        with pytest.raises(DirectoryError, match="too slow"):
            transport.get("x", route="GET /x")
        transport.close()


def test_who_waits_is_told(connect):
    said = []
    with DirectoryApi(lambda _: Says(503)) as api:
        transport = connect(api, tries=2)
        transport.told = said.append
        with pytest.raises(DirectoryError):
            transport.get("x", route="GET /x")
    assert len(said) == 1
    assert "GET /x: status 503. It is tried again in 2 s." in said[0]


def test_an_api_that_never_answered_is_not_asked_five_times(waited):
    transport = Transport("http://127.0.0.1:9/api", wait=waited.append)
    with pytest.raises(DirectoryError, match=r"no connection\. Check the URL and the network\."):
        transport.get("x", route="GET /x")
    assert len(waited) == 1


def test_nobody_there(waited):
    transport = Transport("http://127.0.0.1:9/api", limits=Limits(tries=2), wait=waited.append)
    with pytest.raises(DirectoryError, match="no connection"):
        transport.get("x", route="GET /x")
    assert len(waited) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://127.0.0.1/",
        "https://user:pw@example.org/",
        "https://169.254.169.254/",
        "https://example.org/?key=1",
    ],
)
def test_addresses_that_are_not_used(url):
    with pytest.raises(ConfigurationError, match="The directory's URL"):
        Transport(url)
