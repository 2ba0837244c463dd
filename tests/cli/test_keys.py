"""``footbridge keys``, ``partner set --jwks``, ``partner add --smart`` and ``audit show``, as their users call them."""

import json

import pytest
from joserfc.jwk import ECKey

from footbridge.cli.simulator_run import introduction

KEY = ECKey.generate_key("P-384", {"kid": "hub-1"})


@pytest.fixture
def hub(run, tenant):
    assert run("partner", "add", "hub", "https://hub.test/fhir").code == 0


def states(rows):
    return sorted((row["algorithm"], row["state"]) for row in rows)


def test_keys_are_listed_rotated_and_given_out(run, tenant):
    first = run("keys", "list", "--json").json
    assert states(first) == [("ES384", "active"), ("ES384", "next"), ("RS384", "active"), ("RS384", "next")]
    assert "2026" in run("keys", "list").out or first[0]["kid"] in run("keys", "list").out
    given = run("keys", "list", "--jwks").json
    assert {key["kid"] for key in given["keys"]} == {row["kid"] for row in first}
    assert "d" not in {name for key in given["keys"] for name in key}
    rotated = run("keys", "rotate", "--json")
    assert "a short time ago" in rotated.err
    now = {row["kid"]: row["state"] for row in rotated.json}
    assert [now[row["kid"]] for row in first if row["state"] == "next"] == ["active", "active"]
    assert [now[row["kid"]] for row in first if row["state"] == "active"] == ["retired", "retired"]


def test_keys_of_a_partner_are_set_by_file_and_by_url_and_removed(run, hub, home):
    (home / "hub.json").write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}))
    said = run("partner", "set", "hub", "--jwks", home / "hub.json", "--json").json
    owner = said["client_id"].partition(".")[0]
    assert said["client_id"] == f"{owner}.hub"
    assert said["token_endpoint"] == "http://127.0.0.1:8080/fhir/token"
    later = run("partner", "set", "hub", "--jwks", "http://127.0.0.1:1/jwks.json")
    assert later.code == 0
    assert "did not respond" in later.err
    assert f"as {owner}.hub" in later.out
    assert run("partner", "set", "hub", "--no-jwks").code == 0


@pytest.mark.parametrize("content", ["", "{}", json.dumps({"keys": [KEY.as_dict(private=True)]})])
def test_a_file_without_usable_keys_is_refused_and_not_quoted(run, hub, home, content):
    (home / "hub.json").write_text(content)
    refused = run("partner", "set", "hub", "--jwks", home / "hub.json")
    assert refused.code == 2
    assert "key set" in refused.err
    assert KEY.as_dict(private=True)["d"] not in refused.out + refused.err


@pytest.mark.parametrize(
    "words", [["--jwks", "nowhere.json"], ["--jwks", "http://keys.test/jwks"], ["--jwks", "x.json", "--no-jwks"]]
)
def test_what_cannot_be_keys_is_refused(run, hub, words):
    assert run("partner", "set", "hub", *words).code == 2


def test_how_we_log_on_is_set_shown_and_forgotten(run, tenant, monkeypatch):
    added = run("partner", "add", "hub", "https://hub.test/fhir", "--smart", "https://hub.test/token", "--json")
    assert added.json["credential"] == "smart"
    assert "https" not in added.json["credential"]
    assert "/.well-known/jwks.json" in added.err
    secret = ["--smart", "https://hub.test/token", "--client-secret", "env:HUB_SECRET"]
    noted = run("partner", "set", "hub", *secret)
    assert "env:HUB_SECRET" in noted.err
    assert "env:HUB_SECRET" in run("doctor").out
    monkeypatch.setenv("HUB_SECRET", "x")
    assert "env:HUB_SECRET" not in run("doctor").out
    assert run("partner", "set", "hub", "--no-credential").code == 0
    assert run("partner", "list", "--json").json[0]["credential"] is None
    assert run("partner", "remove", "hub", "--yes").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--client-id", "x"],
        ["--scope", "system/*.read"],
        ["--smart", "https://hub.test/token", "--credential", "env:X"],
        ["--smart", "http://hub.test/token"],
        ["--smart", "https://169.254.169.254/token"],
        ["--smart", "https://hub.test/token", "--client-secret", "the-secret-itself"],
        ["--smart", "https://hub.test/token", "--algorithm", "HS256"],
    ],
)
def test_options_that_make_no_sense_add_nothing(run, tenant, words):
    assert run("partner", "add", "hub", "https://hub.test/fhir", *words).code == 2
    assert run("partner", "list", "--json").json == []


def test_the_simulator_says_how_to_add_it():
    base = "http://127.0.0.1:1/fhir"
    lines = introduction(base, "hub", "hub", "recipient", None, smart=True)
    assert f"--smart {base}/token" in lines[2]


def test_the_audit_is_shown_to_who_runs_it(run, tenant, examples):
    nothing = run("audit", "show")
    assert (nothing.code, "No access" in nothing.out + nothing.err) == (0, True)
    unknown = run("audit", "show", "--patient", "nobody")
    assert unknown.code == 1
    assert run("audit", "show", "--json").json == []
    assert run("audit", "show", "--patient", "-", input="urn:x|1\n").code == 1
