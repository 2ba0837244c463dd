"""``footbridge client``: what is held on a client is handed out whole, and erased whole."""

import json
import stat

import pytest

from footbridge.settings import settings
from footbridge.store.engine import open_database
from footbridge.store.tables import metadata

HCN = "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn"
WHO = ("--identifier", f"{HCN}|9876543217")


def rows(table: str) -> list[dict]:
    database = open_database(settings().database_url.get_secret_value())
    with database.read() as connection:
        found = [dict(row._mapping) for row in connection.execute(metadata.tables[table].select())]
    database.dispose()
    return found


@pytest.fixture
def document(home):
    """The file of a prescription for the client."""
    from support.spine import prescribed

    place = home / "prescription.json"
    place.write_text(json.dumps(prescribed(service={"partner": "north-end-hub", "description": "Good Food Box"})))
    return place


@pytest.fixture
def prescribed(run, hub, document):
    """The id of the prescription, which the service has."""
    ran = run("prescribe", document, "--json")
    assert ran.code == 0, ran.err
    run("worker", "--once")
    return ran.lines[0]["id"]


def test_the_export_holds_everything_and_is_for_its_owner_only(run, home, prescribed):
    ran = run("client", "export", home / "client.json", *WHO)
    assert (ran.code, ran.out) == (0, ""), ran.err
    assert "1 prescriptions" in ran.err
    assert "Okafor" not in ran.err
    place = home / "client.json"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    held = json.loads(place.read_text())
    assert held["counts"]["prescriptions"] == 1
    assert held["prescriptions"][0]["document"]["client"]["name"]["family"] == "Okafor"
    assert {one["name"] for one in held["events"]} >= {"submitted", "delivered"}
    assert all(one["actor"] and one["at"] for one in held["events"])
    assert {one["partner"] for one in held["copiesAtPartners"]} == {"north-end-hub"}
    assert any(one["partner"] == "north-end-hub" and one["finished"] for one in held["messages"])
    assert {"Patient", "Task", "ServiceRequest", "Goal"} <= {
        one["resource"]["resourceType"] for one in held["resources"]
    }
    again = run("client", "export", place, *WHO)
    assert (again.code, json.loads(place.read_text())) == (1, held)


def test_the_export_goes_to_standard_output_by_any_pseudonymous_id(run, prescribed):
    whole = run("client", "export", "-", "--person", prescribed).json
    (person,) = whole["persons"]
    patient = whole["clients"][0]["patient"]
    for identity in (person, patient):
        other = run("client", "export", "-", "--person", identity).json
        assert other["counts"] == whole["counts"]
    given = run("client", "export", "-", "--identifier", "-", input=f"{WHO[1]}\n").json
    assert given["counts"] == whole["counts"]


@pytest.mark.parametrize("words", [(), ("--person", "x", *WHO), ("--identifier", "9876543217")])
def test_it_must_be_clear_who_is_meant(run, tenant, words):
    for command in (("export", "-"), ("erase",)):
        assert run("client", *command, *words).code == 2


def test_an_unknown_client_is_not_repeated(run, tenant):
    for words in (("export", "-"), ("erase", "--yes")):
        ran = run("client", *words, "--identifier", f"{HCN}|5551112223")
        assert (ran.code, ran.out) == (1, "")
        assert "5551112223" not in ran.err
        assert run("client", *words, "--person", "nobody").code == 1


def test_what_is_open_is_not_erased_unless_it_is_cancelled_first(run, hub, prescribed):
    refused = run("client", "erase", *WHO, "--yes")
    assert refused.code == 1
    assert "--cancel-open" in refused.err
    assert len(rows("prescription")) == 1
    ran = run("client", "erase", *WHO, "--cancel-open", "--yes", "--reason", "Request 14", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["prescriptions"] == 1
    (copy,) = ran.json["copies"]
    assert (copy["partner"], bool(copy["sent"])) == ("north-end-hub", True)
    assert ran.json["bytes"]["complete"] is True
    (task,) = [one for one in hub.all("Task") if one["intent"] == "order"]
    assert task["status"] == "cancelled", "the service was informed before"
    assert "erase" not in json.dumps(task).lower()
    for table in ("prescription", "referral", "person", "client", "resource", "search_index", "link"):
        assert rows(table) == [], table
    (kept,) = rows("erased_prescription")
    assert (kept["id"], kept["cause"], kept["reason"], kept["status"]) == (
        prescribed,
        "request",
        "Request 14",
        "cancelled",
    )
    assert {one["name"] for one in rows("event")} >= {"submitted", "delivered", "cancel"}
    assert {one["reason"] for one in rows("event")} == {None}


def test_a_partner_that_was_not_reached_is_informed_first(run, hub, server, prescribed):
    server.stop()
    refused = run("client", "erase", *WHO, "--cancel-open", "--yes")
    assert refused.code == 1
    assert "north-end-hub (1)" in refused.err
    assert rows("prescription")[0]["status"] == "cancelled"
    assert run("client", "erase", *WHO, "--yes").code == 1
    assert run("client", "erase", *WHO, "--yes", "--drop-messages").code == 0
    assert rows("prescription") == []


def test_it_asks_by_counts_and_never_by_name(run, prescribed):
    ran = run("client", "erase", *WHO, "--cancel-open", input="n\n")
    assert ran.code == 1
    assert "1 prescriptions, 1 open" in ran.err
    assert "Okafor" not in ran.out + ran.err
    assert [one["status"] for one in rows("prescription")] == ["active"]


@pytest.mark.parametrize("option", ["--reason", "--by"])
def test_the_audit_does_not_take_the_clients_name(run, prescribed, option):
    for said in ("Grace Okafor asked for it", "card 9876543217"):
        ran = run("client", "erase", *WHO, "--cancel-open", "--yes", option, said)
        assert ran.code == 2
        assert said not in ran.err
    assert len(rows("prescription")) == 1


def test_the_same_client_is_somebody_new_afterwards(run, prescribed, document):
    before = run("client", "export", "-", *WHO).json["persons"]
    assert run("client", "erase", *WHO, "--cancel-open", "--yes").code == 0
    assert run("prescribe", document).code == 0
    after = run("client", "export", "-", *WHO).json
    assert after["persons"] != before
    assert after["counts"]["prescriptions"] == 1
    assert {"Patient", "Task", "Organization"} <= {one["resource"]["resourceType"] for one in after["resources"]}
