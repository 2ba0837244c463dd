"""``footbridge partner`` and ``footbridge route``, with real servers on loopback."""

import http.server
import socket
import threading

import pytest


@pytest.fixture
def page():
    """The base URL of a web server that knows no FHIR."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = b"<!doctype html><title>Welcome</title>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words):
            pass

    site = http.server.HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=site.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{site.server_port}/fhir"
    site.shutdown()
    site.server_close()


def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def test_added_listed_tested(run, tenant, server):
    added = run("partner", "add", "emr", server.base_url + "/", "--role", "requester", "--title", "Clinique Sainte-Foy")
    assert added.code == 0
    assert "partner test emr" in added.out
    (listed,) = run("partner", "list", "--json").json
    assert (listed["name"], listed["role"], listed["base_url"]) == ("emr", "requester", server.base_url)
    assert "Clinique Sainte-Foy" in run("partner", "list").out
    tested = run("partner", "test", "emr")
    assert tested.code == 0
    assert tested.err == ""
    assert f"emr: reachable at {server.base_url}" in tested.out
    assert "ready for use" in tested.out


def test_json_of_a_test(run, hub):
    found = run("partner", "test", "north-end-hub", "--json").json
    assert list(found) == ["reachable", "problem", "version", "software", "supports", "step"]
    assert found["reachable"]
    assert found["problem"] is None
    assert found["supports"]["transaction"] is True


def test_nobody_listens(run, tenant):
    run("partner", "add", "hub", f"http://127.0.0.1:{closed_port()}/fhir")
    ran = run("partner", "test", "hub")
    assert ran.code == 1
    assert ran.err == ""
    assert ran.out.splitlines()[0].startswith("hub: not reachable at http://127.0.0.1:")
    assert "problem: The partner did not respond" in ran.out
    assert run("partner", "test", "hub", "--json").json["reachable"] is False


def test_not_fhir(run, tenant, page):
    run("partner", "add", "hub", page)
    ran = run("partner", "test", "hub")
    assert ran.code == 1
    assert "problem: " in ran.out
    assert "Welcome" not in ran.out


@pytest.mark.parametrize("credential", [None, "env:HUB_TOKEN"])
def test_wrong_token(run, tenant, server, credential, monkeypatch):
    server.quirks.token = "right"
    monkeypatch.setenv("HUB_TOKEN", "wrong-and-secret")
    words = [] if credential is None else ["--credential", credential]
    run("partner", "add", "hub", server.base_url, *words)
    ran = run("partner", "test", "hub")
    assert ran.code == 1
    assert "401" in ran.out
    assert "secret" not in ran.out + ran.err


def test_right_token_in_a_file(run, tenant, server, tmp_path):
    server.quirks.token = "right"
    (tmp_path / "token").write_text("right\n")
    run("partner", "add", "hub", server.base_url, "--credential", f"file:{tmp_path / 'token'}")
    assert run("partner", "test", "hub").code == 0


def test_a_credential_that_is_not_there_is_told_twice(run, tenant, server):
    added = run("partner", "add", "hub", server.base_url, "--credential", "env:NO_SUCH_TOKEN")
    assert added.code == 0
    assert added.err == "Note: Credential not found: env:NO_SUCH_TOKEN.\n"
    tested = run("partner", "test", "hub")
    assert tested.code == 2
    assert "env:NO_SUCH_TOKEN" in tested.err


def test_plain_http_beyond_this_machine_takes_a_setting(run, tenant):
    words = ("partner", "add", "hub", "http://192.0.2.1:9/fhir")
    refused = run(*words)
    assert refused.code == 2
    assert "FOOTBRIDGE_ALLOW_HTTP=true" in refused.err
    assert run("partner", "list", "--json").json == []
    assert run(*words, env={"FOOTBRIDGE_ALLOW_HTTP": "true"}).code == 0
    tested = run("partner", "test", "hub")  # asks nothing of the network without the setting
    assert (tested.code, tested.out) == (2, "")
    assert "FOOTBRIDGE_ALLOW_HTTP=true" in tested.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hub", "ftp://hub.test/fhir"], "http or https"),
        (["hub", "hub.test/fhir"], "http or https"),
        (["hub", "https://me:secret@hub.test/fhir"], "without a user name"),
        (["hub", "http://hub.test/fhir"], "https"),
        (["Hub", "https://hub.test/fhir"], "lower-case letters"),
        (["hub", "https://hub.test/fhir", "--credential", "s3cret"], "env:NAME or file:PATH"),
        (["hub", "https://hub.test/fhir", "--network", "hl7v2"], "supported: fhir, hosted"),
        (["hub", "https://hub.test/fhir", "--poll-seconds", "0"], "--poll-seconds"),
    ],
)
def test_an_entry_that_cannot_work_is_refused_and_not_stored(run, tenant, words, said):
    ran = run("partner", "add", *words)
    assert ran.code == 2
    assert said in ran.err
    assert "s3cret" not in ran.err
    assert "secret@" not in ran.err
    assert run("partner", "list", "--json").json == []


def test_a_name_that_is_taken(run, hub):
    ran = run("partner", "add", "north-end-hub", hub.base_url)
    assert ran.code == 1
    assert ran.err.startswith("Error: The partner north-end-hub exists already: `footbridge partner set north-end-hub`")


def test_a_partner_is_changed_in_what_is_named_alone(run, hub):
    (before,) = run("partner", "list", "--json").json
    words = ["--title", "Hub", "--base-url", "https://hub.test/r4/", "--custodian", "--poll-seconds", "1800"]
    ran = run("partner", "set", "north-end-hub", *words, "--guide", "2.3.0", "--delivery", "resources")
    assert ran.code == 0, ran.err
    assert "partner test north-end-hub" in ran.out
    (after,) = run("partner", "list", "--json").json
    changed = {"title": "Hub", "base_url": "https://hub.test/r4", "custodian": True, "poll_seconds": 1800}
    assert after == before | changed | {"guide": "2.3.0", "delivery": "resources"}
    assert run("partner", "set", "north-end-hub", "--no-custodian", "--json").json == after | {"custodian": False}


def test_a_credential_is_changed_and_taken_away(run, hub):
    ran = run("partner", "set", "north-end-hub", "--credential", "env:NO_SUCH_TOKEN", "--json")
    assert (ran.json["credential"], ran.err) == (
        "env:NO_SUCH_TOKEN",
        "Note: Credential not found: env:NO_SUCH_TOKEN.\n",
    )
    assert run("partner", "set", "north-end-hub", "--no-credential", "--json").json["credential"] is None


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["north-end-hug", "--title", "x"], 1, "Did you mean 'north-end-hub'?"),
        (["north-end-hub"], 2, "Specify what to change"),
        (["north-end-hub", "--base-url", "ftp://hub.test"], 2, "http or https"),
        (["north-end-hub", "--base-url", "http://192.0.2.1/fhir"], 2, "FOOTBRIDGE_ALLOW_HTTP=true"),
        (["north-end-hub", "--credential", "s3cret"], 2, "env:NAME or file:PATH"),
        (["north-end-hub", "--credential", "env:A", "--no-credential"], 2, "not both"),
    ],
)
def test_a_change_that_cannot_work_changes_nothing(run, hub, words, code, said):
    before = run("partner", "list", "--json").json
    ran = run("partner", "set", *words)
    assert ran.code == code
    assert said in ran.err
    assert "s3cret" not in ran.err
    assert run("partner", "list", "--json").json == before


def test_a_partner_that_nothing_holds_is_removed_with_its_tokens(run, tenant):
    run("partner", "add", "hub", "https://hub.test/fhir")
    run("tenant", "token", tenant, "--role", "recipient", "--partner", "hub", "--actor", "Kit")
    asked = run("partner", "remove", "hub", input="n\n")
    assert asked.code == 1
    assert len(run("partner", "list", "--json").json) == 1
    ran = run("partner", "remove", "hub", "--yes")
    assert (ran.code, ran.out) == (0, "Partner hub is removed. Tokens revoked: 1.\n")
    assert run("partner", "list", "--json").json == []
    assert run("partner", "remove", "hub", "--yes").code == 1
    assert run("partner", "add", "hub", "https://other.test/fhir").code == 0


def test_what_holds_a_partner_is_told_with_what_to_do(run, hub, examples):
    assert run("prescribe", examples / "01-good-food-box.json").code == 0
    ran = run("partner", "remove", "north-end-hub", "--yes")
    assert ran.code == 1
    for said in ("Used by routes for *", "route set", "Queued messages: 1", "outbox drop", "Open referrals: 1"):
        assert said in ran.err
    assert len(run("partner", "list", "--json").json) == 1


def test_a_record_stays_while_outcomes_are_to_come_home(run, hub, examples):
    run("partner", "add", "emr", "https://emr.test/fhir", "--role", "requester")
    assert run("prescribe", examples / "01-good-food-box.json").code == 0
    run("outbox", "drop", "--partner", "emr", "--yes")
    ran = run("partner", "remove", "emr", "--yes")
    assert ran.code == 1
    assert "Open prescriptions that report to it: 1" in ran.err


def test_whose_partner(run, hub, tenant):
    run("tenant", "add", "lakeside")
    ran = run("partner", "list")
    assert ran.code == 2
    assert "Specify --tenant or set FOOTBRIDGE_TENANT (one of: lakeside, riverside)." in ran.err
    assert run("partner", "list", "--tenant", "lakeside", "--json").json == []
    assert len(run("partner", "list", "--tenant", tenant, "--json").json) == 1
    assert "Did you mean 'lakeside'?" in run("partner", "list", "--tenant", "lakesid").err


def test_before_there_is_a_tenant(run):
    ran = run("partner", "list")
    assert ran.code == 2
    assert "tenant add NAME" in ran.err


def test_unknown_partner(run, hub):
    ran = run("partner", "test", "north-end-hug")
    assert (ran.code, ran.out) == (1, "")
    assert "Did you mean 'north-end-hub'?" in ran.err


def test_routes(run, hub):
    run("partner", "add", "lakeside-services", "https://lakeside.test/fhir")
    both = ["north-end-hub", "lakeside-services"]
    ran = run("route", "set", "food-insecurity", *both)
    assert ran.out == "food-insecurity: north-end-hub, then lakeside-services.\n"
    assert run("route", "set", "food-insecurity", *both, "--json").json == {
        "category": "food-insecurity",
        "partners": both,
    }
    assert run("route", "list", "--json").json == [
        {"category": "*", "partners": ["north-end-hub"]},
        {"category": "food-insecurity", "partners": both},
    ]
    assert "north-end-hub, then lakeside-services" in run("route", "list").out
    assert "a person decides" in run("route", "set", "food-insecurity").out
    assert len(run("route", "list", "--json").json) == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["food-insecurty", "north-end-hub"], 2, "Did you mean 'food-insecurity'?"),
        (
            ["quidditch", "north-end-hub"],
            2,
            "There is sdoh-category-unspecified, food-insecurity, housing-instability,",
        ),
        (["food-insecurity", "north-end"], 1, "Did you mean 'north-end-hub'?"),
        (["food-insecurity", "emr"], 2, "emr is a requester"),
    ],
)
def test_a_route_that_leads_nowhere_is_refused(run, hub, words, code, said):
    run("partner", "add", "emr", "https://emr.test/fhir", "--role", "requester")
    ran = run("route", "set", *words)
    assert ran.code == code
    assert said in ran.err
    assert len(run("route", "list", "--json").json) == 1


def test_a_table_becomes_lists_where_there_is_no_room(run, hub):
    wide = run("partner", "list").out.splitlines()
    assert wide[0].split()[:3] == ["NAME", "ROLE", "TITLE"]
    assert hub.base_url in wide[1]
    narrow = run("partner", "list", env={"COLUMNS": "40"}).out.splitlines()
    assert narrow[0] == "- name: north-end-hub"
    assert f"  base url: {hub.base_url}" in narrow
