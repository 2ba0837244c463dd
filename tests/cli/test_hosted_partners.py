"""``footbridge partner`` for partners that work on our ``/fhir``: added, given a token, and let in with it."""

import pytest

from footbridge.model.clock import SystemClock
from footbridge.settings import settings
from footbridge.store.engine import open_database
from footbridge.web.app import create_app


@pytest.fixture
def ask(home):
    """Asks /fhir over the database of the commands, with a token."""

    def get(path, token):
        database = open_database(settings().database_url.get_secret_value())
        try:
            client = create_app(database, SystemClock()).test_client()
            return client.get(f"/fhir/{path}", headers={"Authorization": f"Bearer {token}"})
        finally:
            database.dispose()

    return get


@pytest.mark.parametrize("role", ["recipient", "requester"])
def test_it_is_added_with_a_token_and_what_it_must_be_given(run, tenant, ask, role):
    added = run("partner", "add", "food-bank", "--network", "hosted", "--role", role)
    assert added.code == 0
    token = added.out.strip()
    assert token.startswith("fb_")
    assert "\n" not in token
    assert token not in added.err
    assert "http://127.0.0.1:8080/fhir" in added.err
    assert "http://127.0.0.1:8080/fhir/token" in added.err
    assert ask("Task", token).status_code == 200
    (listed,) = run("partner", "list", "--json").json
    assert (listed["name"], listed["network"], listed["role"], listed["base_url"]) == ("food-bank", "hosted", role, "")
    assert token not in run("partner", "list", "--json").out + run("tenant", "list", "--tokens").out


def test_json_has_all_of_it(run, tenant):
    found = run("partner", "add", "food-bank", "--network", "hosted", "--conformance", "strict", "--json").json
    assert (found["name"], found["conformance"]) == ("food-bank", "strict")
    assert found["fhir_base_url"] == "http://127.0.0.1:8080/fhir"
    assert found["token_endpoint"] == "http://127.0.0.1:8080/fhir/token"
    assert found["token"].startswith("fb_")


def test_the_base_url_is_that_of_the_setting(run, tenant):
    added = run(
        "partner", "add", "hub", "--network", "hosted", env={"FOOTBRIDGE_PUBLIC_URL": "https://care.test/footbridge/"}
    )
    assert "https://care.test/footbridge/fhir" in added.err


def test_another_token_works_beside_the_first_and_is_revoked_alone(run, tenant, ask):
    first = run("partner", "add", "food-bank", "--network", "hosted").out.strip()
    second = run("partner", "token", "food-bank").out.strip()
    assert first != second
    assert [ask("Task", one).status_code for one in (first, second)] == [200, 200]
    name = run("tenant", "list", "--json").json[0]["tenant"]
    digests = {row["digest"] for row in run("tenant", "list", "--tokens", "--json").json if row["partner"]}
    assert len(digests) == 2
    for digest in sorted(digests)[:1]:
        assert run("tenant", "revoke", name, "--digest", digest).code == 0
    assert sorted(ask("Task", one).status_code for one in (first, second)) == [200, 401]


def test_its_tokens_go_with_it(run, tenant, ask):
    token = run("partner", "add", "food-bank", "--network", "hosted").out.strip()
    assert run("partner", "remove", "food-bank", "--yes").code == 0
    assert ask("Task", token).status_code == 401


def test_it_is_tested_at_our_own_address(run, tenant):
    run("partner", "add", "food-bank", "--network", "hosted")
    tested = run("partner", "test", "food-bank")
    assert tested.code == 0
    assert "food-bank: reachable at http://127.0.0.1:8080/fhir" in tested.out


def test_how_strict_it_is_may_change(run, tenant):
    run("partner", "add", "food-bank", "--network", "hosted")
    assert run("partner", "list", "--json").json[0]["conformance"] == "compatible"
    assert run("partner", "set", "food-bank", "--conformance", "strict", "--json").json["conformance"] == "strict"


def test_what_a_requester_without_consents_rests_on_may_be_set(run, tenant):
    run("partner", "add", "annex", "--network", "hosted", "--role", "requester")
    run("partner", "add", "food-bank", "--network", "hosted")
    assert run("partner", "set", "annex", "--consent-basis", "implied", "--json").json["consent_basis"] == "implied"
    assert run("partner", "set", "annex", "--consent-basis", "none", "--json").json["consent_basis"] is None
    refused = run("partner", "set", "food-bank", "--consent-basis", "express")
    assert (refused.code, "requester" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "hub"), "--network hosted"),
        (("add", "hub", "https://hub.test/fhir", "--network", "hosted"), "leave BASE_URL out"),
        (("token", "emr"), "a server of its own"),
        (("token", "nobody"), "nobody"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(run, tenant, words, said):
    run("partner", "add", "emr", "https://emr.test/fhir", "--role", "requester")
    ran = run("partner", *words)
    assert ran.code in {1, 2}
    assert ran.out == ""
    assert said in ran.err


def test_without_a_token_it_gets_a_secret_base_url_where_that_is_on(run, tenant):
    words = ("partner", "add", "pantry", "--network", "hosted", "--no-token", "--from", "192.0.2.0/24")
    off = run(*words)
    assert off.code == 2
    assert "FOOTBRIDGE_ALLOW_TOKENLESS=true" in off.err
    added = run(*words, env={"FOOTBRIDGE_ALLOW_TOKENLESS": "true"})
    assert added.code == 0
    base_url = added.out.strip()
    segment = base_url.removeprefix("http://127.0.0.1:8080/open/").removesuffix("/fhir")
    assert len(segment) > 40
    assert segment not in added.err + run("partner", "list", "--json").out
    for ran in (added, run("partner", "test", "pantry")):
        assert "sends no token" in ran.err
        assert "192.0.2.0/24" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--network", "hosted", "--no-token"), "--from ADDRESS"),
        (("--network", "hosted", "--from", "192.0.2.1"), "--no-token"),
        (("https://hub.test/fhir", "--no-token", "--from", "192.0.2.1"), "of the network hosted"),
        (("--network", "hosted", "--no-token", "--from", "home"), "192.0.2.0/24"),
    ],
)
def test_a_partner_without_a_token_needs_its_addresses(run, tenant, words, said):
    ran = run("partner", "add", "pantry", *words, env={"FOOTBRIDGE_ALLOW_TOKENLESS": "true"})
    assert ran.code == 2
    assert said in ran.err
    assert run("partner", "list", "--json").json == []


def test_a_task_only_partner_has_a_server_and_a_token_of_ours(run, tenant):
    ours = {"FOOTBRIDGE_PUBLIC_URL": "https://care.test"}
    words = ("https://shelter.test/fhir", "--delivery", "task-only")
    assert "FOOTBRIDGE_PUBLIC_URL" in run("partner", "add", "shelter", *words).err
    added = run("partner", "add", "shelter", *words, "--json", env=ours).json
    assert (added["delivery"], added["fhir_base_url"]) == ("task-only", "https://care.test/fhir")
    assert added["token"].startswith("fb_")
    assert run("partner", "token", "shelter", env=ours).out.strip().startswith("fb_")
    assert "another name" in run("partner", "set", "shelter", "--delivery", "resources", env=ours).err
    assert "recipient" in run("partner", "add", "emr", *words, "--role", "requester", env=ours).err
