"""``POST /fhir/token``: who gets a token, for what, and what is said to whoever does not."""

import base64
import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import text

from footbridge.model.principals import Principal
from footbridge.store.partners import remove_partner
from footbridge.store.smart_clients import find_access, remove_smart_client

from .conftest import AUDIENCE, KEYS, jwks


def refused(answer, code, *words):
    assert answer.json["error"] == code, answer.text
    assert answer.status_code == (401 if code == "invalid_client" else 400)
    assert set(answer.json) == {"error", "error_description"}
    for word in words:
        assert word in answer.json["error_description"]
    assert answer.headers["Cache-Control"] == "no-store"


def count(office, table):
    with office.database.read() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}"))


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_a_signed_assertion_gets_a_token_that_opens_fhir_for_five_minutes(software_on_both, algorithm):
    office = software_on_both.office
    answer = software_on_both.ask(software_on_both.assertion(algorithm), scope="system/Task.rs system/*.read")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    said = answer.json
    assert (said["token_type"], said["expires_in"]) == ("bearer", 300)
    assert said["scope"] == "system/Task.rs system/*.read"

    def validate():
        headers = {"Authorization": f"Bearer {said['access_token']}"}
        return office.client.post("/fhir/$validate", json={"resourceType": "Task"}, headers=headers).status_code

    assert validate() == 200
    office.later(seconds=299)
    assert validate() == 200
    office.later(seconds=1)
    assert validate() == 401


def test_a_token_names_the_partner_its_role_and_what_was_granted(software):
    token = software.ask(scope="system/Task.cruds system/Patient.rs patient/Task.rs").json["access_token"]
    with software.office.database.read() as connection:
        found = find_access(connection, token, software.office.clock.now())
    scopes = ("system/Patient.rs", "system/Task.rus")
    title = "Lakeside Services"
    assert found == Principal("recipient", "lakeside-services", title, "north", "fhir", scopes)


def test_no_token_and_no_assertion_is_in_the_database(software):
    assertion = software.assertion()
    token = software.ask(assertion).json["access_token"]
    with software.office.database.read() as connection:
        rows = [*connection.execute(text("SELECT * FROM access_token"))]
        rows += [*connection.execute(text("SELECT * FROM used_assertion"))]
    assert len(rows) == 2
    assert token not in repr(rows)
    assert assertion not in repr(rows)


def test_a_token_of_smart_does_not_open_the_api(software):
    token = software.ask(scope="system/*.read").json["access_token"]
    answer = software.office.client.get("/api/v1/prescriptions", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert "/fhir only" in answer.json["detail"]


def test_an_assertion_is_used_once(software_on_both):
    assertion = software_on_both.assertion()
    assert software_on_both.ask(assertion).status_code == 200
    refused(software_on_both.ask(assertion), "invalid_client", "used before")
    assert count(software_on_both.office, "access_token") == 1


def test_the_same_jti_of_another_assertion_is_a_replay_too_and_that_of_another_client_is_not(software):
    assert software.ask(software.assertion(jti="one")).status_code == 200
    refused(software.ask(software.assertion("RS384", jti="one")), "invalid_client", "used before")
    other = type(software)(software.office, "north.north-end-hub")
    with software.office.database.write() as connection:
        from footbridge.store.smart_clients import set_smart_client

        set_smart_client(connection, "north", "north-end-hub", (jwks(), None), software.office.clock.now())
    assert other.ask(other.assertion(jti="one")).status_code == 200


def test_of_many_threads_with_one_assertion_one_gets_a_token(software_on_both):
    assertion, app = software_on_both.assertion(), software_on_both.office.app
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: software_on_both.ask(assertion, client=app.test_client()), range(8)))
    assert sorted(one.status_code for one in answers) == [200] + [401] * 7


def test_what_was_used_is_forgotten_when_its_end_has_passed(software):
    for _ in range(3):
        assert software.ask().status_code == 200
    assert (count(software.office, "used_assertion"), count(software.office, "access_token")) == (3, 3)
    software.office.later(minutes=10)
    assert software.ask().status_code == 200
    assert (count(software.office, "used_assertion"), count(software.office, "access_token")) == (1, 1)


NOW = int(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC).timestamp())


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"exp": NOW + 301}, "300 seconds"),
        ({"exp": NOW + 300.5}, "300 seconds"),
        ({"exp": NOW + 3600}, "300 seconds"),
        ({"exp": 9e15}, "number of seconds"),
        ({"exp": NOW}, "expired"),
        ({"exp": NOW - 1}, "expired"),
        ({"exp": -5}, "expired"),
        ({"exp": None}, "claim exp"),
        ({"exp": str(NOW + 60)}, "number of seconds"),
        ({"exp": True}, "number of seconds"),
        ({"exp": [NOW + 60]}, "number of seconds"),
        ({"nbf": NOW + 120}, "future"),
        ({"iat": NOW + 120}, "future"),
        ({"iat": "soon"}, "number of seconds"),
        ({"aud": "https://other.test/fhir/token"}, AUDIENCE),
        ({"aud": "http://localhost/fhir"}, AUDIENCE),
        ({"aud": ["https://other.test/fhir/token"]}, AUDIENCE),
        ({"aud": {"url": AUDIENCE}}, AUDIENCE),
        ({"aud": None}, AUDIENCE),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": 7}, "jti"),
        ({"jti": "x" * 256}, "jti"),
        ({"sub": "north.north-end-hub"}, "iss and sub"),
        ({"iss": None}, "iss and sub"),
        ({"sub": None}, "iss and sub"),
        ({"iss": ["north.lakeside-services"], "sub": ["north.lakeside-services"]}, "iss and sub"),
    ],
)
def test_a_claim_that_is_wrong_is_named(software, changes, word):
    refused(software.ask(software.assertion(**changes)), "invalid_client", word)
    assert count(software.office, "access_token") == 0


@pytest.mark.parametrize(
    "changes",
    [{"exp": NOW + 300}, {"exp": NOW + 60.5}, {"aud": ["https://x.test", AUDIENCE]}, {"iat": NOW + 30}, {"nbf": NOW}],
)
def test_what_is_at_the_limit_is_taken(software, changes):
    assert software.ask(software.assertion(**changes)).status_code == 200


OTHER = {"RS384": RSAKey.generate_key(2048, {"kid": "rsa-1"}), "ES384": ECKey.generate_key("P-384", {"kid": "ec-1"})}
NO_KEY = "none of its registered keys"


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_another_key_is_refused_in_the_same_words_as_an_unknown_client(software, algorithm):
    wrong = software.ask(software.assertion(algorithm, key=OTHER[algorithm]))
    refused(wrong, "invalid_client", NO_KEY)
    for unknown in ("north.nobody", "nowhere.lakeside-services", "north", "", ".", "north.lakeside-services.x", "\x00"):
        if unknown:
            answer = software.ask(software.assertion(algorithm, iss=unknown, sub=unknown))
            assert answer.json == wrong.json
    assert software.ask(software.assertion(header={"kid": "ec-2"})).json == wrong.json
    assert software.ask(software.assertion(header={"jku": "https://evil.test/jwks"})).json == wrong.json


@pytest.mark.parametrize("header", [{"kid": None}, {"kid": 5}, {"typ": "at+jwt"}, {"crit": ["x"], "x": 1}, {"jku": 5}])
def test_a_header_that_is_wrong_is_refused(software, header):
    key = KEYS["ES384"]
    head = {"alg": "ES384", "typ": "JWT", "kid": "ec-1"} | header
    head = {name: value for name, value in head.items() if value is not None}
    now = int(software.office.clock.now().timestamp())
    me = software.client_id
    claims = json.dumps({"iss": me, "sub": me, "aud": AUDIENCE, "exp": now + 60, "jti": "1"}).encode()
    registry = jws.JWSRegistry(algorithms=["ES384"], strict_check_header=False)
    registry.check_header = lambda _: None
    refused(software.ask(jws.serialize_compact(head, claims, key, registry=registry)), "invalid_client")


def test_other_algorithms_are_refused(software):
    now = int(software.office.clock.now().timestamp())
    me = software.client_id
    claims = json.dumps({"iss": me, "sub": me, "aud": AUDIENCE, "exp": now + 60, "jti": "1"}).encode()
    public = OctKey.import_key(b"a secret that both sides know, of 48 bytes or more")
    for algorithm, key in (
        ("HS256", public),
        ("HS384", public),
        ("RS256", KEYS["RS384"]),
        ("PS384", KEYS["RS384"]),
    ):
        made = jws.serialize_compact(
            {"alg": algorithm, "typ": "JWT", "kid": "rsa-1"}, claims, key, algorithms=[algorithm]
        )
        refused(software.ask(made), "invalid_client", "RS384 or ES384")
    head, body = (
        base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b'{"alg":"none","kid":"rsa-1"}', claims)
    )
    refused(software.ask(f"{head}.{body}."), "invalid_client")
    # A key is not used with the algorithm of another kind, whatever the header says.
    made = jws.serialize_compact({"alg": "RS384", "kid": "ec-1"}, claims, KEYS["RS384"], algorithms=["RS384"])
    refused(software.ask(made), "invalid_client", NO_KEY)


@pytest.mark.parametrize(
    "assertion", ["x", "a.b.c", "..", "e30.e30.e30", "é", "x" * 20_000, "eyJhbGciOiJFUzM4NCJ9.W10.e30", '{"a":1}']
)
def test_what_is_no_assertion_is_refused(software, assertion):
    refused(software.ask(assertion), "invalid_client")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"client_assertion_type": None}, "invalid_request"),
        ({"client_assertion_type": "x"}, "invalid_request"),
        ({"client_assertion": ""}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": " "}, "invalid_scope"),
        ({"scope": "system/Task.sr"}, "invalid_scope"),
        ({"scope": "user/Task.rs openid launch"}, "invalid_scope"),
        ({"scope": "system/Task.rs?status=requested"}, "invalid_scope"),
        ({"scope": "system/Consent.cud"}, "invalid_scope"),
        ({"scope": ["system/Task.rs", "system/Task.u"]}, "invalid_request"),
        ({"client_id": "north.north-end-hub"}, "invalid_client"),
    ],
)
def test_a_request_that_is_wrong_follows_rfc_6749(software, changes, code):
    refused(software.ask(**changes), code)
    assert count(software.office, "access_token") == 0


def test_a_body_that_is_no_form_is_refused(software):
    post = software.office.client.post
    refused(post("/fhir/token", json={"grant_type": "client_credentials"}), "invalid_request", "form")
    refused(
        post("/fhir/token", data=b"scope=\xff", content_type="application/x-www-form-urlencoded"), "invalid_request"
    )
    refused(post("/fhir/token?scope=x", data={"a": "b"}), "invalid_request", "URL")
    answer = post("/fhir/token", data={"scope": "x" * 70_000})
    assert (answer.status_code, answer.json["error"]) == (413, "invalid_request")


def test_a_description_is_in_the_language_of_the_caller(software):
    answer = software.office.client.post("/fhir/token", data={"a": "b"}, headers={"Accept-Language": "fr"})
    assert answer.json["error"] == "invalid_request"
    assert answer.headers["Content-Language"] == "fr"


def test_keys_that_are_replaced_or_removed_end_the_tokens(software):
    office = software.office

    def opens(token):
        with office.database.read() as connection:
            return find_access(connection, token, office.clock.now()) is not None

    first = software.ask().json["access_token"]
    assert opens(first)
    software.register()
    assert not opens(first)
    second = software.ask().json["access_token"]
    with office.database.write() as connection:
        assert remove_smart_client(connection, "north", "lakeside-services")
    assert not opens(second)
    refused(software.ask(), "invalid_client", NO_KEY)
    software.register()
    third = software.ask().json["access_token"]
    with office.database.write() as connection:
        remove_partner(connection, "north", "lakeside-services", office.clock.now())
    assert not opens(third)
    refused(software.ask(), "invalid_client", NO_KEY)


def test_the_audience_is_the_public_url_and_no_host_that_a_caller_makes_up(software, monkeypatch):
    monkeypatch.setenv("FOOTBRIDGE_PUBLIC_URL", "https://care.test/footbridge/")
    from footbridge.settings import settings

    settings.cache_clear()
    try:
        here = "https://care.test/footbridge/fhir/token"
        assert software.ask(software.assertion(aud=here)).status_code == 200
        refused(software.ask(software.assertion()), "invalid_client", here)
        found = software.office.client.get("/fhir/.well-known/smart-configuration").json
        assert found["token_endpoint"] == here
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    evil = {"base_url": "https://evil.test"}
    form = {
        "grant_type": "client_credentials",
        "client_assertion": software.assertion(aud="https://evil.test/fhir/token"),
    }
    answer = software.office.client.post("/fhir/token", data=form, **evil)
    assert (answer.status_code, answer.json["error"]) == (503, "temporarily_unavailable")
    assert "FOOTBRIDGE_PUBLIC_URL" in answer.json["error_description"]


def test_a_database_that_is_away_is_no_fault_of_the_client(software):
    software.office.database.engine.dispose()
    with software.office.database.write() as connection:
        connection.execute(text("DROP TABLE used_assertion"))
    answer = software.ask()
    assert (answer.status_code, answer.json["error"]) in {(503, "temporarily_unavailable"), (500, "server_error")}
    assert "used_assertion" not in answer.text
