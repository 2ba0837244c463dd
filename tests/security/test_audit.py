"""The audit of a compartment, of reads that wait to be stored, and of a person who is erased."""

import dataclasses
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from support.spine import TENANT, World, prescribed

from footbridge.fhirserver import FhirServer
from footbridge.fhirserver.message import Request
from footbridge.fhirserver.offer import everything
from footbridge.model.clock import ManualClock, SystemClock
from footbridge.model.principals import Principal
from footbridge.referrals.client_data import cancel_open, erase_client, standing_of
from footbridge.security import audit
from footbridge.security.audit import AuditWriter, Call, patients_of, safe_query
from footbridge.security.audit_events import audit_events
from footbridge.security.audited_store import AuditedStore
from footbridge.store.audit import AuditRow, WantedRows, add_rows, erase_patients, find_places, list_rows
from footbridge.store.engine import Database
from footbridge.store.interaction_errors import Forbidden, NotFound
from footbridge.store.person_erasure import Order
from footbridge.store.prescriptions import get_prescription
from footbridge.validation import Validator

BASE = "https://footbridge.test/fhir"
HUB = Call(Principal("recipient", "hub", name="The Hub", tenant=TENANT), "fhir", "10.0.0.7", "r-1")


def rows_of(database: Database, tenant: str = TENANT, **wanted: Any) -> list[AuditRow]:
    with database.read() as connection:
        return list_rows(connection, tenant, WantedRows(limit=100_000, **wanted))[::-1]


@pytest.fixture
def world(database: Database, clock: ManualClock) -> Any:
    with World(database, clock) as world:
        world.partner("emr", "requester")
        world.hosted("hub")
        yield world


@pytest.fixture
def hub(world: World) -> Any:
    """The compartment of the hub, with a referral in it, as its own software uses it; and what stores its reads."""
    world.prescription = world.submit(prescribed()).id
    world.pass_time()
    writer = AuditWriter(world.database, world.clock)
    store = AuditedStore(world.database, world.clock, BASE, compartment="hub", call=HUB, writer=writer)
    return store.under(None), writer


def test_each_read_search_and_write_of_a_compartment_is_noted_with_its_patients(world: World, hub: Any) -> None:
    store, writer = hub
    page = store.search("Task", [("_include", "Task:patient"), ("owner:missing", "false"), ("_count", "5")])
    (task,) = page.matches
    patient = task.resource["for"]["reference"].removeprefix("Patient/")
    store.read("Task", task.id)
    store.read("Patient", patient)
    store.vread("Task", task.id, "1")
    store.history_bundle("Task", task.id)
    note = {"resourceType": "Communication", "status": "completed", "subject": {"reference": f"Patient/{patient}"}}
    made = store.create("Communication", note)
    assert [row.interaction for row in rows_of(world.database)] == ["create"]  # before anything is flushed
    store.update("Communication", made.stored.id, {**note, "id": made.stored.id, "status": "unknown"})
    with pytest.raises(NotFound):
        store.read("Task", "nothing")
    writer.flush()
    found = rows_of(world.database)
    assert [(row.interaction, row.type, row.resource) for row in found] == [
        ("create", "Communication", made.stored.id),
        ("update", "Communication", made.stored.id),
        ("search-type", "Task", None),
        ("read", "Task", task.id),
        ("read", "Patient", patient),
        ("vread", "Task", task.id),
        ("history-instance", "Task", task.id),
    ]
    assert {row.patients for row in found} == {(("hub", patient),)}
    assert {(row.partner, row.address, row.request, row.compartment) for row in found} == {
        ("hub", "10.0.0.7", "r-1", "hub")
    }
    assert found[2].query == "_include=Task:patient&owner:missing=...&_count=5"


def test_what_a_bundle_reads_and_writes_is_noted_entry_by_entry(world: World, hub: Any) -> None:
    store, writer = hub
    (task,) = store.search("Task").matches
    writer.flush()
    before = len(rows_of(world.database))
    asked = [
        ("GET", f"Task/{task.id}", None),
        ("GET", "Patient?_count=1", None),
        ("POST", "Organization", {"resourceType": "Organization", "name": "x"}),
    ]
    entries = [
        {"request": {"method": method, "url": url}} | ({} if body is None else {"resource": body})
        for method, url, body in asked
    ]
    server = FhirServer(everything(["Task", "Patient", "Organization"]), BASE, store)
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    answer = json.loads(server.handle(Request("POST", "", body=json.dumps(bundle).encode())).body)
    assert [entry["response"]["status"][:3] for entry in answer["entry"]] == ["200", "200", "201"]
    with pytest.raises(ValueError, match="audited"):
        store.batch(bundle)
    writer.flush()
    found = rows_of(world.database)[before:]
    assert sorted((row.interaction, row.type) for row in found) == [
        ("create", "Organization"),
        ("read", "Task"),
        ("search-type", "Patient"),
    ]
    assert [bool(row.patients) for row in found] == [False, True, True]


def test_a_write_that_is_refused_leaves_no_row(world: World, hub: Any) -> None:
    class Nobody:
        def judge(self, *_: Any) -> Any:
            raise Forbidden("no")

    _store, writer = hub
    bare = AuditedStore(world.database, world.clock, BASE, compartment="hub", call=HUB, writer=writer)
    with pytest.raises(Forbidden):
        bare.under(Nobody()).create("Organization", {"resourceType": "Organization", "name": "x"})
    assert rows_of(world.database) == []


def test_each_audit_event_is_valid_and_about_one_patient(world: World) -> None:
    patients = (("hub", "a"), ("hub", "b"))
    row = dataclasses.replace(
        audit.row_of(HUB, world.clock.now(), "search-type", type="Task", query="status=..."), patients=patients, id=7
    )
    events = list(audit_events(row, BASE))
    assert [event["id"] for event in events] == ["7-1", "7-2"]
    assert [event["entity"][-1]["what"]["reference"] for event in events] == ["Patient/a", "Patient/b"]
    others = [
        audit.row_of(HUB, world.clock.now(), "token", query="scope=system/Task.rs"),
        audit.row_of(HUB, world.clock.now(), "token", status=401),
        audit.row_of(HUB, world.clock.now(), "create", type="Task", resource="1"),
        audit.row_of(HUB, world.clock.now(), "history-instance", type="Task", resource="1", status=403),
        AuditRow(TENANT, world.clock.now(), "lost", 500, "footbridge", "system", "system", count=3),
    ]
    events += [one for other in others for one in audit_events(dataclasses.replace(other, id=8), BASE)]
    for event in events:
        found = Validator().check(event)
        assert found.valid, (event, found.issues)
    assert {event["outcome"] for event in events} == {"0", "4", "8"}
    assert events[0]["meta"]["profile"] == [
        "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientQuery"
    ]


def test_of_a_person_who_is_erased_the_audit_stays_and_leads_to_nobody(world: World, hub: Any) -> None:
    store, writer = hub
    (task,) = store.search("Task").matches
    patient = task.resource["for"]["reference"].removeprefix("Patient/")
    store.read("Patient", patient)
    caller = Call(Principal("navigator", name="kit", tenant=TENANT), "api", "10.0.0.8", "r-2")
    writer.note(caller, "read", type="prescription", resource=world.prescription, prescriptions=(world.prescription,))
    other = world.submit(_another()).id
    writer.note(caller, "read", type="prescription", resource=other, prescriptions=(other,))
    writer.flush()
    with world.database.read() as connection:
        person = get_prescription(connection, TENANT, world.prescription).person
        kept = rows_of(world.database, patients=find_places(connection, TENANT, other))
        assert len(find_places(connection, TENANT, person)) >= 2  # with us, and in the hub's compartment
        before = rows_of(world.database, patients=find_places(connection, TENANT, person))
        standing = standing_of(connection, TENANT, person, world.clock.now())
    assert len(before) == 3
    cancel_open(world.database, world.clock, TENANT, standing.open, "officer")
    world.pass_time()
    order = Order("request", "privacy officer", "Request 14")
    erase_client(world.database, world.clock, TENANT, person, order, drop=True)
    with world.database.read() as connection:
        dump = repr(
            [
                *connection.execute(text("SELECT * FROM audit_event")),
                *connection.execute(text("SELECT * FROM audit_patient")),
            ]
        )
        assert find_places(connection, TENANT, person) == set()
    assert patient not in dump
    assert person not in dump
    after = [row for row in rows_of(world.database) if row.id in {one.id for one in before}]
    assert [(row.interaction, row.actor, row.recorded, row.resource) for row in after] == [
        (row.interaction, row.actor, row.recorded, row.resource if row.type == "prescription" else None)
        for row in before
    ]
    (pseudonym,) = {one for row in after for _, one in row.patients}
    assert pseudonym.startswith("erased-")
    with world.database.read() as connection:
        found = find_places(connection, TENANT, pseudonym)
    assert [row.id for row in rows_of(world.database, patients=found)] == [row.id for row in before]
    assert [row for row in rows_of(world.database) if row.id in {one.id for one in kept}] == kept


def test_persons_who_are_erased_together_do_not_become_one(world: World) -> None:
    row = audit.row_of(
        HUB, world.clock.now(), "search-type", type="Task", patients=(("", "a"), ("", "b"), ("hub", "c"))
    )
    with world.database.write() as connection:
        add_rows(connection, [row, row])
        assert erase_patients(connection, TENANT, {("", "a"), ("", "b")}) == 4
    first, second = rows_of(world.database)
    assert first.patients == second.patients
    ours = [one for compartment, one in first.patients if not compartment]
    assert len(set(ours)) == 2
    assert all(one.startswith("erased-") for one in ours)
    assert ("hub", "c") in first.patients


def _another() -> Any:
    document = prescribed()
    document["identifier"]["value"] += "-2"
    document["client"]["identifiers"] = [{"system": "urn:test:person", "value": "another"}]
    return document


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        ({"resourceType": "Patient", "id": "p"}, ("p",)),
        ({"resourceType": "Task", "for": {"reference": "Patient/p"}}, ("p",)),
        ({"resourceType": "Task", "subject": {"reference": "Patient/p"}}, ()),
        ({"resourceType": "Goal", "subject": {"reference": f"{BASE}/Patient/p/_history/2"}}, ("p",)),
        ({"resourceType": "Consent", "patient": {"reference": "Patient/p"}}, ("p",)),
        ({"resourceType": "Goal", "subject": {"reference": "Group/p"}}, ()),
        ({"resourceType": "Goal", "subject": {"display": "Ann"}}, ()),
        ({"resourceType": "Goal", "subject": [{"reference": 5}]}, ()),
        ({"resourceType": "Organization"}, ()),
    ],
)
def test_the_patients_of_a_resource(resource: Any, found: Any) -> None:
    assert patients_of(resource) == found


def test_a_query_keeps_no_value_that_could_name_a_person() -> None:
    query = [
        ("patient", "Patient/Ann-Lee"),
        ("identifier", "urn:x|9000"),
        ("status", "requested"),
        ("name:exact", "Lee"),
        ("x" * 500, "y"),
    ]
    assert safe_query(query) == f"patient=...&identifier=...&status=requested&name:exact=...&{'x' * 64}=..."


def waited_for(database: Database, count: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if len(rows_of(database)) == count:
            return True
        time.sleep(0.02)
    return False


def test_a_read_is_stored_within_a_second_and_all_that_wait_when_it_stops(world: World) -> None:
    writer = AuditWriter(world.database, SystemClock())
    writer.start()
    writer.note(HUB, "read", type="Task", resource="1")
    assert waited_for(world.database, 1, 1.0)
    for number in range(1200):
        writer.note(HUB, "read", type="Task", resource=str(number))
    writer.stop()
    assert len(rows_of(world.database)) == 1201


def test_what_cannot_be_stored_waits_and_what_is_lost_is_counted(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(audit, "MOST", 5)
    writer = AuditWriter(world.database, world.clock)
    with world.database.write() as connection:
        connection.execute(text("ALTER TABLE audit_event RENAME TO away"))
    for number in range(8):
        writer.note(HUB, "read", type="Task", resource=str(number))
    assert not writer.flush()
    with world.database.write() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO audit_event"))
    assert writer.flush()
    found = rows_of(world.database)
    assert [row.resource for row in found if row.interaction == "read"] == list("01234")
    assert [row.count for row in found if row.interaction == "lost"] == [3]
    assert writer.flush()
    assert len(rows_of(world.database)) == 6


def test_a_row_that_the_database_refuses_is_lost_and_holds_up_no_other(world: World) -> None:
    writer = AuditWriter(world.database, world.clock)
    for resource in ("1", "2", "3"):
        writer.note(HUB, "read", type="Task", resource=resource)
    writer._waiting[1] = dataclasses.replace(writer._waiting[1], status=None)  # type: ignore[arg-type]
    assert writer.flush()
    found = rows_of(world.database)
    assert [row.resource for row in found if row.interaction == "read"] == ["1", "3"]
    assert [row.count for row in found if row.interaction == "lost"] == [1]
    assert "\x00" not in safe_query([("a\x00b", "\x00"), ("status", "x\x00")])


def test_each_of_many_rows_keeps_its_own_patients(world: World) -> None:
    noted = [
        audit.row_of(
            HUB, world.clock.now(), "read", type="Task", resource=f"t{number}", patients=(("hub", f"p{number}"),)
        )
        for number in range(250)
    ]
    with world.database.write() as connection:
        add_rows(connection, noted)
    found = rows_of(world.database)
    assert [(row.resource, row.patients) for row in found] == [(row.resource, row.patients) for row in noted]


def test_rows_of_many_patients_are_found_by_any_of_them(world: World) -> None:
    row = audit.row_of(HUB, world.clock.now(), "search-type", type="Task")
    many = tuple(("hub", f"p{number}") for number in range(500))
    with world.database.write() as connection:
        add_rows(connection, [dataclasses.replace(row, patients=many), row])
        add_rows(connection, [])
    world.clock.advance(timedelta(hours=1))
    assert len(rows_of(world.database)) == 2
    assert len(rows_of(world.database, patients={("hub", "p499")})) == 1
    assert rows_of(world.database, patients={("other", "p499")}) == []
    assert rows_of(world.database, since=world.clock.now()) == []
