"""``footbridge partner``, ``demo`` and ``waiting`` for a site of Ocean."""

import json
from datetime import UTC, datetime

import pytest

from footbridge.simulators.ocean import OceanSimulator
from footbridge.store import ocean_messages
from footbridge.store.engine import open_database
from footbridge.store.ocean_sites import site_of_client


@pytest.fixture
def ocean():
    with OceanSimulator() as found:
        found.add_site("1234", client_secret="of the site")
        yield found


@pytest.fixture
def credential(home):
    (home / "secret").write_text("of the site")
    path = home / "ocean-oauth.json"
    path.write_text(json.dumps({"clientId": "site-1234", "secret": f"file:{home / 'secret'}"}))
    return f"oauth:{path}"


@pytest.fixture
def site(run, tenant, ocean, credential):
    added = run(
        "partner", "add", "clinic-ocean", "--base-url", f"{ocean.base_url}/svc/fhir/v1", "--network", "ocean",
        "--role", "requester", "--site", "1234", "--credential", credential, "--json",
    )  # fmt: skip
    assert added.code == 0, added.err
    return added.json


def open_(home):
    return open_database(f"sqlite:///{home / 'footbridge.sqlite3'}")


def test_a_site_is_added_and_its_credentials_are_shown_once(run, home, site):
    assert site["message_url"] == "http://127.0.0.1:8080/ocean/1234/$process-message"
    assert site["token_url"] == "http://127.0.0.1:8080/ocean/1234/token"
    assert site["poll_seconds"] == 10
    database = open_(home)
    with database.read() as connection:
        assert site_of_client(connection, site["client_id"], site["client_secret"]).number == "1234"
    database.dispose()
    shown = run("partner", "site", "clinic-ocean")
    assert site["client_id"] in shown.out
    assert site["client_secret"] not in shown.out
    renewed = run("partner", "site", "clinic-ocean", "--new-secret", "--json").json
    assert renewed["client_id"] == site["client_id"]
    assert renewed["client_secret"] not in {None, site["client_secret"]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--network", "ocean", "--role", "requester"), "--site"),
        (("--network", "ocean", "--site", "1234"), "requester"),
        (("--site", "1234"), "--site"),
        (("--network", "ocean", "--role", "requester", "--site", "12 34"), "site number"),
        (("--base-url", "https://b.test/fhir"), "once"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(run, tenant, arguments, words):
    ran = run("partner", "add", "clinic-ocean", "https://ocean.test/svc/fhir/v1", *arguments)
    assert ran.code != 0
    assert words in ran.err
    assert run("partner", "list", "--json").json == []


def test_listings(run, home, site, tenant):
    run("partner", "add", "hub", "http://127.0.0.1:9/fhir")
    assert run("partner", "listing", "list", "clinic-ocean", "--json").json == []
    added = run(
        "partner", "listing", "add", "clinic-ocean", "food_bank12345678", "--category", "food-insecurity",
        "--partner", "hub", "--consent", "express-in-form", "--language", "fr-CA",
    )  # fmt: skip
    assert added.code == 0, added.err
    file = home / "listings.json"
    file.write_text(json.dumps([{"external": "walks", "kind": "navigator"}, {"target": "art_class87654321"}]))
    assert run("partner", "listing", "add", "clinic-ocean", "--file", str(file)).code == 0
    listed = {
        row.get("target") or row["external"]: row
        for row in run("partner", "listing", "list", "clinic-ocean", "--json").json
    }
    assert set(listed) == {"food_bank12345678", "walks", "art_class87654321"}
    assert listed["food_bank12345678"]["consent"] == {"basis": "express-in-form"}
    assert "food-insecurity" in run("partner", "listing", "list", "clinic-ocean").out
    assert run("partner", "listing", "remove", "clinic-ocean", "walks").code == 0
    assert run("partner", "listing", "remove", "clinic-ocean", "walks").code != 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("x12345678", "--partner", "nobody"), "nobody"),
        (("x12345678", "--partner", "clinic-ocean"), "receives no referrals"),
        (("x12345678", "--service", "s:1"), "no service"),
        (("x12345678", "--category", "not-one"), "not-one"),
        ((), "TARGET"),
    ],
)
def test_a_wrong_listing_is_refused(run, site, arguments, words):
    ran = run("partner", "listing", "add", "clinic-ocean", *arguments)
    assert ran.code != 0
    assert words in ran.err


def test_the_connection_is_tested(run, site):
    ran = run("partner", "test", "clinic-ocean")
    assert ran.code == 1
    assert "no listing" in ran.out
    run("partner", "listing", "add", "clinic-ocean", "food_bank12345678")
    ran = run("partner", "test", "clinic-ocean")
    assert ran.code == 0, ran.out
    assert "site 1234: yes" in ran.out
    assert "ready for use" in ran.out


def test_a_wrong_secret_is_found_by_the_test(run, home, site):
    (home / "secret").write_text("wrong")
    ran = run("partner", "test", "clinic-ocean")
    assert ran.code == 1
    assert "problem: " in ran.out


def test_messages_that_cannot_be_processed_are_listed_read_again_and_dropped(run, home, site):
    database = open_(home)
    now = datetime.now(UTC)
    with database.write() as connection:
        for body in (b"<xml/>", b"nothing"):
            ocean_messages.add(connection, "riverside", "clinic-ocean", body, now)
        for one in ocean_messages.unread(connection, "riverside", "clinic-ocean", 9):
            ocean_messages.settle(connection, one.number, "failed", "xml")
    database.dispose()
    failed = run("partner", "message", "list", "--state", "failed", "--json").json
    assert [row["why"] for row in failed] == ["xml", "xml"]
    assert failed[0]["text"] == "It is XML; JSON is required."
    assert "cannot be processed: 2" in run("waiting").err
    assert run("partner", "message", "drop", str(failed[0]["number"])).code == 0
    assert run("partner", "message", "retry", str(failed[1]["number"])).code == 0
    assert run("partner", "message", "retry", str(failed[1]["number"])).code != 0
    assert {row["state"] for row in run("partner", "message", "list", "--json").json} == {"dropped", "received"}


def test_removing_a_site_removes_what_is_its(run, home, site):
    run("partner", "listing", "add", "clinic-ocean", "food_bank12345678")
    assert run("partner", "remove", "clinic-ocean", "--yes").code == 0
    database = open_(home)
    with database.read() as connection:
        for table in ("ocean_site", "ocean_listing", "ocean_token", "ocean_message"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0
    database.dispose()


def test_the_demo_ends_as_it_should(run, home):
    ran = run("demo", "--network", "ocean", "--json")
    assert ran.code == 0, ran.out
    assert [row["folder"] for row in ran.json["referrals"]] == [
        "Completed", "Completed", "Completed", "Forwarded (All)", "Completed", "Cancelled",
    ]  # fmt: skip
    assert ran.json["refused"] == 0
