"""Who reads and writes by the API is in the audit: writes in their transaction, reads once they are stored."""

import json

import pytest
from sqlalchemy import text

from footbridge.store.audit import WantedRows, find_places, list_rows
from footbridge.validation import Validator
from footbridge.web.context import EXTENSION


def audited(office, **wanted):
    """Every access, the oldest first, once what waits is stored."""
    assert office.app.extensions[EXTENSION].audit.flush()
    with office.database.read() as connection:
        return list_rows(connection, "north", WantedRows(limit=1000, **wanted))[::-1]


def told(office, **wanted):
    return [(row.interaction, row.type, row.resource, row.status) for row in audited(office, **wanted)]


def test_what_a_caller_does_is_in_the_audit_with_the_patient(both):
    path = both.taken_in()
    identity = path.rpartition("/")[2]
    both.get(path, "navigator")
    both.get(f"{path}/timeline")
    both.get(f"{path}/bundle")
    both.get("/api/v1/prescriptions", status="active")
    both.get("/api/v1/changes")
    both.get("/api/v1/waiting")
    assert both.client.post(f"{path}/cancel", json={"reason": "moved away"}, headers=both.as_("emr")).status_code == 200
    rows = audited(both)
    assert [(row.interaction, row.query) for row in rows if row.resource == identity] == [
        ("create", None), ("update", None), ("read", None), ("read", None), ("read", None),
    ]  # fmt: skip
    assert [(row.interaction, row.query) for row in rows if row.resource is None] == [
        ("search-type", "status=active"), ("search-type", ""), ("search-type", ""),
    ]  # fmt: skip
    assert {row.type for row in rows} == {"prescription"}
    patients = {row.patients for row in rows if row.patients}
    assert len(patients) == 1
    assert [row.query for row in rows if not row.patients] == [""]  # nothing waits: nobody was shown
    assert len(patients.pop()) == 1
    assert {(row.actor, row.role, row.address) for row in rows} == {
        ("user emr", "requester", "127.0.0.1"),
        ("user navigator", "navigator", "127.0.0.1"),
    }


def test_a_write_that_is_rolled_back_leaves_no_row_and_one_that_is_stored_has_it_at_once(office):
    assert office.submit(office.prescription() | {"kind": "no such kind"}).status_code == 422
    assert told(office) == []
    office.taken_in()
    with office.database.read() as connection:  # without a flush
        assert [row.interaction for row in list_rows(connection, "north", WantedRows())] == ["create"]


def test_without_its_row_a_write_is_not_stored(office):
    with office.database.write() as connection:
        connection.execute(text("ALTER TABLE audit_patient RENAME TO gone"))
    assert office.submit().status_code >= 500
    with office.database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM prescription")) == 0


def test_a_refused_access_is_noted_and_says_no_patient(office):
    path = office.taken_in()
    assert office.get(f"{path}/bundle", "lakeside").status_code == 403
    row = audited(office)[-1]
    assert (row.interaction, row.status, row.partner, row.patients) == ("read", 403, "lakeside-services", ())


def test_what_could_name_a_person_is_not_in_the_audit(office):
    office.taken_in()
    office.get("/api/v1/prescriptions", identifier="urn:x|CANARY-9000")
    office.get("/api/v1/prescriptions", category="CANARY", cursor="CANARY")
    with office.database.read() as connection:
        assert office.app.extensions[EXTENSION].audit.flush()
        rows = connection.execute(text("SELECT * FROM audit_event")).all()
    document = office.prescription()
    assert "CANARY-9000" not in repr(rows)
    for name in (document["client"]["name"]["family"], document["client"]["identifiers"][0]["value"]):
        assert name not in repr(rows)


def test_the_timer_and_the_outbox_are_not_callers(office):
    from footbridge.security import audit

    office.taken_in()
    assert audit.current() is None


def test_an_admin_reads_the_audit_as_fhir_and_that_is_noted(both):
    path = both.taken_in()
    identity = path.rpartition("/")[2]
    both.get(path, "navigator")
    audited(both)
    page = both.get("/fhir/AuditEvent", "admin", patient=identity)
    assert page.status_code == 200, page.text
    events = [entry["resource"] for entry in page.json["entry"]]
    assert [event["subtype"][0]["code"] for event in events] == ["read", "create"]
    for event in events:
        found = Validator().check(event)
        assert found.valid, found.issues
        assert [one["what"]["reference"] for one in event["entity"] if "role" in one and one["role"]["code"] == "1"]
        user = event["agent"][2]
        assert (user["name"], user["requestor"]) in {("user navigator", True), ("user emr", True)}
        assert event["meta"]["profile"][0].startswith("https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.Basic")
    one = both.get(f"/fhir/AuditEvent/{events[0]['id']}", "admin")
    assert one.json == events[0]
    assert [(row.actor, row.type) for row in audited(both)][-2:] == [("user admin", "AuditEvent")] * 2


@pytest.mark.parametrize("who", ["emr", "navigator", "lakeside"])
def test_nobody_but_an_admin_reads_the_audit(office, who):
    assert office.get("/fhir/AuditEvent", who).status_code == 403
    assert office.get("/fhir/AuditEvent/1", who).status_code == 403


def test_pages_of_the_audit_hold_each_event_once(office):
    for number in range(7):
        office.submit(office.prescription(number=number))
    seen, query = [], {"_count": "3"}
    for _ in range(5):
        page = office.get("/fhir/AuditEvent", "admin", **query).json
        seen += [entry["resource"]["id"] for entry in page.get("entry", [])]
        following = [link["url"] for link in page["link"] if link["relation"] == "next"]
        if not following:
            break
        query = dict(pair.split("=") for pair in following[0].partition("?")[2].split("&"))
        office.submit(office.prescription(number=100 + len(seen)))  # what comes meanwhile moves nothing
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize(
    "query",
    [{"patient": "urn:x|1"}, {"_count": "0"}, {"_cursor": "x"}, {"date": "xx2026"}, {"date": "soon"}, {"name": "x"}],
)
def test_a_parameter_that_is_wrong_is_refused(office, query):
    assert office.get("/fhir/AuditEvent", "admin", **query).status_code == 400


def test_the_audit_of_another_tenant_is_not_there(office):
    office.taken_in()
    (row,) = audited(office)
    with office.database.read() as connection:
        assert list_rows(connection, "south", WantedRows()) == []
        assert list_rows(connection, "south", WantedRows(only=row.id)) == []
        assert find_places(connection, "south", row.resource) == set()


def test_an_unknown_event_is_not_found(office):
    for identity in ("1", "x", "1-1", "9" * 30):
        assert office.get(f"/fhir/AuditEvent/{identity}", "admin").status_code == 404
    office.taken_in()
    assert json.loads(office.get("/fhir/AuditEvent", "admin", date="lt2020").text).get("entry", []) == []
