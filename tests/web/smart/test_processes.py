"""What every process of a server must agree on: a replay, tokens, our own keys; and keys at a URL, over real HTTP."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import requests
from joserfc.jwk import ECKey
from sqlalchemy import text
from support.key_server import KeyServer, jwks
from support.serving import serving

from footbridge.model.clock import SystemClock
from footbridge.security.key_sets import read_keys
from footbridge.store.partners import Partner, add_partner
from footbridge.store.smart_clients import set_smart_client
from footbridge.store.tenants import add_tenant

from .conftest import ASSERTION, KEYS, Software


class Live:
    """A clock and a database, in place of an office."""

    clock = SystemClock()

    def __init__(self, database):
        self.database = database


@pytest.fixture
def keys():
    server = KeyServer(jwks(*KEYS.values()))
    server.headers = {"Cache-Control": "max-age=3600"}
    yield server
    server.stop()


@pytest.fixture
def live(database, keys, tmp_path):
    """Two processes over one database, and a partner whose keys are at a URL."""
    now = datetime.now(UTC)
    with database.write() as connection:
        add_tenant(connection, "north", "ca", now)
        add_partner(connection, "north", Partner("lakeside-services", "hosted", "recipient", "Lakeside", ""), now)
        set_smart_client(connection, "north", "lakeside-services", (None, keys.url), now)
    url = database.engine.url.render_as_string(hide_password=False)
    with serving(url, tmp_path / "log", workers=2) as server:
        yield Software(Live(database)), server


def ask(server, assertion, scope="system/Task.rs"):
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": assertion}
    with requests.Session() as session:  # a connection of its own: any process may take it
        return session.post(f"{server.base}/fhir/token", data=form | {"scope": scope}, timeout=60)


def test_processes_agree(live, keys):
    software, server = live
    configuration = requests.get(f"{server.base}/fhir/.well-known/smart-configuration", timeout=60).json()
    audience = configuration["token_endpoint"]
    assert audience == f"{server.base}/fhir/token"

    # One assertion at once at both processes: one of all gets a token.
    for _ in range(3):
        assertion = software.assertion(aud=audience)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda one: ask(server, one), [assertion] * 8))
        assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
        assert {answer.json()["error"] for answer in answers if answer.status_code == 401} == {"invalid_client"}

    # A token of one process is valid on the other.
    token = next(answer for answer in answers if answer.status_code == 200).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}

    def opens(_):
        return requests.post(f"{server.base}/fhir/$validate", json={"resourceType": "Task"}, headers=bearer, timeout=60)

    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(opens, range(16))} <= {200, 503}  # 503: too many at once

    # Both publish the same keys, whoever made them.
    with ThreadPoolExecutor(8) as pool:
        shown = set(
            pool.map(lambda _: requests.get(f"{server.base}/.well-known/jwks.json", timeout=60).text, range(16))
        )
    assert len(shown) == 1
    assert len(read_keys(shown.pop())) == 4

    # The partner changes its keys: the new one is taken at once, by each process.
    fetched = len(keys.asked)
    assert fetched <= 2
    new = ECKey.generate_key("P-384", {"kid": "ec-2"})
    keys.body = jwks(new)
    for _ in range(4):
        assert ask(server, software.assertion(key=new, aud=audience)).status_code == 200
    assert fetched < len(keys.asked) <= fetched + 2

    # Every token that was given is in the audit, and of the refusals at most some.
    with software.office.database.read() as connection:
        rows = connection.execute(text("SELECT status, partner FROM audit_event WHERE interaction = 'token'")).all()
    assert [row.status for row in rows if row.status == 200] == [200] * 7
    assert {row.partner for row in rows} == {"lakeside-services"}
    log = server.log.read_text()
    assert token not in log
    assert assertion not in log


def test_keys_that_cannot_be_fetched_are_the_clients_to_mend(office):
    software = Software(office)
    software.register(url="http://127.0.0.1:1/jwks.json")
    answer = software.ask()
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert "keys of the client" in answer.json["error_description"]


def test_a_jku_is_never_followed_but_the_registered_one(office, keys):
    software = Software(office)
    software.register(url=keys.url)
    assert software.ask(software.assertion(header={"jku": keys.url})).status_code == 200
    keys.asked.clear()
    other = KeyServer(jwks(*KEYS.values()))
    try:
        assert software.ask(software.assertion(header={"jku": other.url})).status_code == 401
        assert other.asked == []
        assert keys.asked == []
    finally:
        other.stop()


def test_our_keys_are_public_and_may_be_cached(both):
    first = both.client.get("/.well-known/jwks.json")
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert {key["alg"] for key in first.json["keys"]} == {"RS384", "ES384"}
    assert not {"d", "p", "q"} & {name for key in first.json["keys"] for name in key}
    assert both.client.get("/.well-known/jwks.json").json == first.json


def test_the_configuration_says_what_the_endpoint_takes(office):
    said = office.client.get("/fhir/.well-known/smart-configuration").json
    assert said["token_endpoint"] == "http://localhost/fhir/token"
    assert said["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert said["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]
    assert {"client-confidential-asymmetric", "permission-v1", "permission-v2"} <= set(said["capabilities"])
    assert json.dumps(said)
