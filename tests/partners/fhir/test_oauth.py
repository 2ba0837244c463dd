"""Access tokens from a real authorization server on loopback: SMART Backend Services, and a shared secret."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import inspect, text
from structlog.testing import capture_logs
from support.spine import TENANT, World, prescribed

from footbridge.errors import ConfigurationError, PartnerRefused, PartnerUnavailable
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.oauth import AccessTokens
from footbridge.partners.fhir.oauth_clients import OAuthClient, read_client
from footbridge.partners.fhir.transport import Limits
from footbridge.store.credentials import require_secrets
from footbridge.store.tables.directory_search import BY_DATABASE

RSA = RSAKey.generate_key(2048)
EC = ECKey.generate_key("P-384")


class AuthorizationServer:
    """Checks what the guide asks of a client, gives tokens, and serves one Task to who has a valid one."""

    def __init__(self) -> None:
        self.keys = {"RS384": RSA, "ES384": EC}
        self.secret = "s/ecret+1"
        self.expires_in: Any = 300
        self.token_requests: list[dict[str, str]] = []
        self.valid: set[str] = set()
        self.bearers: list[str | None] = []
        self.answers: list[tuple[int, Any]] = []
        self.token_endpoint = "BASE/token"
        self._jtis: set[str] = set()
        self._issued = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/fhir/.well-known/smart-configuration":
                    outer.say(self, 200, {"token_endpoint": outer.token_endpoint.replace("BASE", outer.origin)})
                    return
                said = self.headers.get("Authorization")
                outer.bearers.append(said)
                known = said is not None and said.removeprefix("Bearer ") in outer.valid
                outer.say(self, *((200, {"resourceType": "Task", "id": "t1"}) if known else (401, {})))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                outer.token_requests.append(form)
                outer.say(self, *(outer.answers.pop(0) if outer.answers else outer.answer(self.headers, form)))

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @staticmethod
    def say(handler: BaseHTTPRequestHandler, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def answer(self, headers: Any, form: dict[str, str]) -> tuple[int, Any]:
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        known = self.knows_secret(headers) if "client_assertion" not in form else self.knows(form["client_assertion"])
        if not known:
            return 401, {"error": "invalid_client", "error_description": "PRIVATE-TEXT"}
        self._issued += 1
        token = f"ACCESSCANARY{self._issued}"
        self.valid = {token}
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": self.expires_in}

    def knows_secret(self, headers: Any) -> bool:
        said = base64.b64decode((headers.get("Authorization") or "").removeprefix("Basic ")).decode()
        return said == "footbridge:s%2Fecret%2B1"

    def knows(self, assertion: str) -> bool:
        algorithm = json.loads(base64.urlsafe_b64decode(assertion.split(".", maxsplit=1)[0] + "=="))["alg"]
        token = jwt.decode(assertion, self.keys[algorithm], algorithms=["RS384", "ES384"])
        claims = token.claims
        fresh = claims["jti"] not in self._jtis and time.time() < claims["exp"] <= time.time() + 300
        self._jtis.add(claims["jti"])
        right = claims["iss"] == claims["sub"] == "footbridge" and claims["aud"] == f"{self.origin}/token"
        return fresh and right and token.header["typ"] == "JWT"

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    server = AuthorizationServer()
    yield server
    server.stop()


def file_of(folder: Path, name: str, content: str) -> str:
    (folder / name).write_text(content)
    return f"file:{folder / name}"


def settings_of(folder: Path, **members: Any) -> str:
    return file_of(folder, "oauth.json", json.dumps({"clientId": "footbridge"} | members)).removeprefix("file:")


def tokens_of(server: AuthorizationServer, path: str) -> AccessTokens:
    return AccessTokens(f"{server.origin}/fhir", lambda: read_client(path), Limits(2, 2), partner="hub")


KEYS = {
    "rsa pem": RSA.as_pem(private=True).decode(),
    "rsa jwk": json.dumps(RSA.as_dict(private=True)),
    "ec pem": EC.as_pem(private=True).decode(),
    "ec jwk": json.dumps(EC.as_dict(private=True)),
}


@pytest.mark.parametrize("form", KEYS)
@pytest.mark.parametrize("given", [True, False])
def test_a_signed_assertion_gets_a_token(server: AuthorizationServer, tmp_path: Path, form: str, given: bool) -> None:
    more = {"tokenUrl": f"{server.origin}/token"} if given else {}
    key = file_of(tmp_path, "key", KEYS[form])
    path = settings_of(tmp_path, key=key, keyId="k1", scope="system/Task.rs", **more)
    client = FhirClient(f"{server.origin}/fhir", token=tokens_of(server, path))
    assert [client.read("Task", "t1")["id"] for _ in range(3)] == ["t1"] * 3
    (asked,) = server.token_requests
    assert asked["scope"] == "system/Task.rs"
    header = json.loads(base64.urlsafe_b64decode(asked["client_assertion"].split(".")[0] + "=="))
    assert header == {"alg": "RS384" if "rsa" in form else "ES384", "typ": "JWT", "kid": "k1"}


def test_a_shared_secret_gets_a_token(server: AuthorizationServer, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HUB_SECRET", server.secret)
    client = FhirClient(
        f"{server.origin}/fhir", token=tokens_of(server, settings_of(tmp_path, secret="env:HUB_SECRET"))
    )
    assert client.read("Task", "t1")["id"] == "t1"
    assert "client_assertion" not in server.token_requests[0]


@pytest.fixture
def by_secret(server: AuthorizationServer, tmp_path: Path, monkeypatch: Any) -> AccessTokens:
    monkeypatch.setenv("HUB_SECRET", server.secret)
    return tokens_of(server, settings_of(tmp_path, secret="env:HUB_SECRET", tokenUrl=f"{server.origin}/token"))


def test_a_token_that_the_partner_takes_no_more_is_renewed_once(
    server: AuthorizationServer, by_secret: AccessTokens
) -> None:
    client = FhirClient(f"{server.origin}/fhir", token=by_secret)
    client.read("Task", "t1")
    server.valid = set()
    assert client.read("Task", "t1")["id"] == "t1"
    assert server.bearers == [f"Bearer ACCESSCANARY{number}" for number in (1, 1, 2)]
    server.answer = lambda *_: (200, {"access_token": "never", "token_type": "Bearer"})  # type: ignore[method-assign]
    server.valid = set()
    with pytest.raises(PartnerRefused) as error:
        client.read("Task", "t1")
    assert (error.value.status, len(server.bearers)) == (401, 5)


@pytest.mark.parametrize("said", [None, 0, -5, "soon", True, 1e300, 31, [], {}])
def test_a_token_is_kept_for_some_time_whatever_its_server_says(
    server: AuthorizationServer, by_secret: AccessTokens, said: Any
) -> None:
    server.expires_in = said
    assert by_secret() == by_secret()
    assert len(server.token_requests) == 1


def test_a_token_is_renewed_shortly_before_it_ends(
    server: AuthorizationServer, by_secret: AccessTokens, monkeypatch: Any
) -> None:
    server.expires_in = 100
    start = time.monotonic()
    now = [start]
    monkeypatch.setattr("footbridge.partners.fhir.oauth.time.monotonic", lambda: now[0])
    first = by_secret()
    now[0] = start + 69
    assert by_secret() == first
    now[0] = start + 71
    assert by_secret() != first


def test_threads_share_one_token(server: AuthorizationServer, by_secret: AccessTokens) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(by_secret())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(set(found)), len(server.token_requests)) == (1, 1)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_scope"}, PartnerRefused),
        (401, {"error": "PRIVATE-TEXT"}, PartnerRefused),
        (503, "PRIVATE-TEXT", PartnerUnavailable),
        (429, {}, PartnerUnavailable),
        (200, {}, PartnerRefused),
        (200, {"access_token": 5}, PartnerRefused),
        (200, [], PartnerRefused),
        (302, {}, PartnerRefused),
        (200, {"access_token": "x", "token_type": "mac"}, PartnerRefused),
    ],
)
def test_no_token_is_an_error_in_our_words(
    server: AuthorizationServer, by_secret: AccessTokens, status: int, body: Any, error: type[Exception]
) -> None:
    server.answers.append((status, body))
    with capture_logs() as logs, pytest.raises(error) as raised:
        by_secret()
    told = str(raised.value) + repr(logs)
    assert "PRIVATE-TEXT" not in told
    assert server.secret not in told


@pytest.mark.parametrize(
    "endpoint",
    ["https://169.254.169.254/token", "http://evil.test/token", "https://a\\@b/", "", "BASE@evil.test/token"],
)
def test_a_token_endpoint_that_is_unfit_gets_no_secret(
    server: AuthorizationServer, tmp_path: Path, monkeypatch: Any, endpoint: str
) -> None:
    monkeypatch.setenv("HUB_SECRET", server.secret)
    server.token_endpoint = endpoint
    with pytest.raises(PartnerRefused, match="token endpoint"):
        tokens_of(server, settings_of(tmp_path, secret="env:HUB_SECRET"))()
    assert server.token_requests == []


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"key": "file:x", "secret": "env:X"},
        {"key": "-----BEGIN PRIVATE KEY-----"},
        {"secret": "s3cret"},
        {"key": "file:x", "algorithm": "none"},
        {"key": "file:x", "algorithm": "HS256"},
        {"key": "file:x", "typo": "x"},
        {"key": ["file:x"]},
        {"clientId": "", "key": "file:x"},
    ],
)
def test_a_file_that_is_wrong_is_refused_and_not_quoted(tmp_path: Path, members: Any) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_client(settings_of(tmp_path, **members))
    assert "s3cret" not in str(refused.value)
    assert "BEGIN" not in str(refused.value)


@pytest.mark.parametrize(
    "content", ["", "x", "-----BEGIN PRIVATE KEY-----\nSECRETCANARY\n-----END PRIVATE KEY-----", "{}", '{"kty":"EC"}']
)
def test_a_key_that_cannot_sign_is_named_and_not_quoted(
    server: AuthorizationServer, tmp_path: Path, content: str
) -> None:
    path = settings_of(tmp_path, key=file_of(tmp_path, "key", content), tokenUrl=f"{server.origin}/token")
    with pytest.raises(ConfigurationError) as refused:
        tokens_of(server, path)()
    assert "SECRETCANARY" not in repr(refused.value) + repr(refused.value.__cause__)


def test_a_secret_that_is_missing_is_found_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="env:NOT_THERE"):
        require_secrets(f"oauth:{settings_of(tmp_path, secret='env:NOT_THERE')}")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        require_secrets("oauth:/not/there.json")


def test_a_partner_by_oauth_is_a_partner_as_any_other(
    sqlite_database: Any, clock: Any, server: AuthorizationServer, tmp_path: Path, monkeypatch: Any
) -> None:
    """The whole way: its credential is a path, no secret and no token stands in the database or a log."""
    monkeypatch.setenv("HUB_SECRET", server.secret)
    path = settings_of(tmp_path, secret="env:HUB_SECRET", tokenUrl=f"{server.origin}/token")
    with World(sqlite_database, clock) as world, capture_logs() as logs:
        world.partner("emr", "requester")
        hub = world.partner("hub", credential=f"oauth:{path}")
        world.submit(prescribed())
        world.work()
        assert world.task("hub")["status"] == "requested"
        assert len(hub.requests) > 0
        assert len(server.token_requests) == 1
        with world.database.read() as connection:
            names = [name for name in inspect(connection).get_table_names() if not name.startswith(BY_DATABASE)]
            rows = [row for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))]
    dump = "\n".join(map(repr, rows))
    assert TENANT in dump
    for canary in ("ACCESSCANARY", server.secret):
        assert canary not in dump + repr(logs)


def test_what_a_client_is_shows_no_secret() -> None:
    assert "ACCESSCANARY" not in repr(
        AccessTokens("https://x.test", lambda: OAuthClient("c"), Limits(), _token="ACCESSCANARY")
    )
