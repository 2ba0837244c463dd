"""Create, read, update and delete as the standard has them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from footbridge.errors import NotFoundError
from footbridge.model.clock import ManualClock
from footbridge.model.operation_outcome import MESSAGE_ID, operation_outcome
from footbridge.store.engine import Database
from footbridge.store.exact_json import dumps, loads
from footbridge.store.interaction_errors import (
    Gone,
    InvalidRequest,
    MultipleMatches,
    NotFound,
    NotSupported,
    PreconditionFailed,
    issues_of,
)
from footbridge.store.resource_rows import Scope, present
from footbridge.store.resources import ResourceStore, put_new

TASK = {"resourceType": "Task", "status": "requested", "identifier": [{"system": "urn:x", "value": "1"}]}


def test_create_gives_id_version_and_time(store: ResourceStore, clock: ManualClock):
    written = store.create("Task", {**TASK, "id": "mine", "meta": {"versionId": "9", "profile": ["urn:p"]}})
    made = written.stored
    assert written.status == 201
    assert made.id != "mine"
    assert written.location == f"Task/{made.id}/_history/1"
    assert made.etag == 'W/"1"'
    assert made.resource == {
        **TASK,
        "id": made.id,
        "meta": {"versionId": "1", "profile": ["urn:p"], "lastUpdated": "2026-03-02T12:00:00.000000Z"},
    }
    assert store.read("Task", made.id) == made


def test_numbers_keep_their_digits(store: ResourceStore):
    body = '{"resourceType":"Observation","valueQuantity":{"value":1.10,"unit":"x"},"referenceRange":[{"low":{"value":0.0}}]}'
    made = store.create("Observation", loads(body)).stored
    assert '"value":1.10,' in made.body
    assert '"value":0.0}' in dumps(store.read("Observation", made.id).resource)


def test_update_makes_a_version_and_keeps_the_old_one(store: ResourceStore, clock: ManualClock):
    made = store.create("Task", TASK).stored
    clock.advance(timedelta(hours=1))
    written = store.update("Task", made.id, {**TASK, "id": made.id, "status": "accepted"}, if_match='W/"1"')
    assert (written.status, written.stored.version) == (200, 2)
    assert store.read("Task", made.id).resource["status"] == "accepted"
    assert store.vread("Task", made.id, "1").resource["status"] == "requested"
    assert [one.version for one in store.history("Task", made.id)] == [2, 1]
    assert [one.version for one in store.history("Task", made.id, since=made.last_updated)] == [2]


def test_update_may_create_under_the_callers_id(store: ResourceStore):
    assert store.update("Task", "mine", {**TASK, "id": "mine"}).status == 201
    assert store.read("Task", "mine").version == 1


@pytest.mark.parametrize("stale", ['W/"2"', 'W/"0"', '"other"', 'W/"01"'])
def test_a_stale_version_is_refused(store: ResourceStore, stale: str):
    made = store.create("Task", TASK).stored
    with pytest.raises(PreconditionFailed) as caught:
        store.update("Task", made.id, {**TASK, "id": made.id}, if_match=stale)
    assert caught.value.status == 412
    with pytest.raises(PreconditionFailed):
        store.delete("Task", made.id, if_match=stale)
    with pytest.raises(PreconditionFailed):
        store.update("Task", "nowhere", {**TASK, "id": "nowhere"}, if_match=stale)
    assert store.read("Task", made.id).version == 1


def test_bad_requests_are_refused(store: ResourceStore):
    with pytest.raises(InvalidRequest):
        store.update("Task", "a", {**TASK, "id": "b"})
    with pytest.raises(InvalidRequest):
        store.update("Task", "a_b", {**TASK, "id": "a_b"})
    with pytest.raises(InvalidRequest):
        store.update("Task", "a", {**TASK, "id": "a"}, if_match="1")
    with pytest.raises(InvalidRequest):
        store.create("Patient", TASK)
    with pytest.raises(InvalidRequest):
        store.create("Task", {**TASK, "meta": "x"})
    with pytest.raises(NotSupported):
        store.create("Nonsense", {"resourceType": "Nonsense"})
    with pytest.raises(NotSupported):
        store.read("Nonsense", "1")


def test_a_deleted_resource_is_gone_and_may_come_back(store: ResourceStore):
    made = store.create("Task", TASK).stored
    assert store.delete("Task", made.id).status == 204
    assert store.delete("Task", made.id).status == 204
    with pytest.raises(Gone):
        store.read("Task", made.id)
    assert store.search("Task").matches == []
    assert store.vread("Task", made.id, "1").resource["status"] == "requested"
    with pytest.raises(Gone):
        store.vread("Task", made.id, "2")
    methods = [entry["request"]["method"] for entry in store.history_bundle("Task", made.id)["entry"]]
    assert methods == ["DELETE", "POST"]
    again = store.update("Task", made.id, {**TASK, "id": made.id})
    assert (again.status, again.stored.version) == (201, 3)
    assert store.search("Task", [("identifier", "urn:x|1")]).total == 1


@pytest.mark.parametrize("version", ["2", "0", "x", "-1", "", "99999999999999999999"])
def test_what_never_was_is_not_found(store: ResourceStore, version: str):
    made = store.create("Task", TASK).stored
    with pytest.raises(NotFound):
        store.read("Task", "nowhere")
    with pytest.raises(NotFound):
        store.history("Task", "nowhere")
    with pytest.raises(NotFound):
        store.vread("Task", made.id, version)
    assert store.delete("Task", "nowhere").stored is None
    with pytest.raises(NotFound):
        store.read("Task", "a\0")
    with pytest.raises(InvalidRequest):
        store.delete("Task", "a\0")


def test_what_no_database_can_hold_is_kept_out_of_the_index(store: ResourceStore):
    made = store.create("Task", {**TASK, "identifier": [{"system": "urn:x", "value": "a\0b"}]}).stored
    assert store.read("Task", made.id).resource["identifier"][0]["value"] == "a\0b"


def test_conditional_create(store: ResourceStore):
    first = store.create("Task", TASK, if_none_exist="identifier=urn:x|1")
    second = store.create("Task", TASK, if_none_exist="identifier=urn%3Ax%7C1")
    assert (first.status, second.status) == (201, 200)
    assert second.stored == first.stored
    store.create("Task", TASK)
    with pytest.raises(MultipleMatches) as caught:
        store.create("Task", TASK, if_none_exist="identifier=urn:x|1")
    assert caught.value.status == 412


@pytest.mark.parametrize("criteria", ["", "_count=1", "nonsense=1", "identifier=", "_sort=_id"])
def test_criteria_that_name_nothing_are_refused(store: ResourceStore, criteria: str):
    with pytest.raises((InvalidRequest, NotSupported)):
        store.create("Task", TASK, if_none_exist=criteria)


def test_conditional_update(store: ResourceStore):
    first = store.conditional_update("Task", "identifier=urn:x|1", TASK)
    second = store.conditional_update("Task", "identifier=urn:x|1", {**TASK, "status": "accepted"})
    assert (first.status, second.status) == (201, 200)
    assert second.stored.reference == first.stored.reference
    with pytest.raises(InvalidRequest):
        store.conditional_update("Task", "identifier=urn:x|1", {**TASK, "id": "other"})
    assert store.conditional_update("Task", "identifier=urn:x|2", {**TASK, "id": "two"}).stored.id == "two"
    with pytest.raises(MultipleMatches):
        store.conditional_update("Task", "identifier=urn:x|1", TASK)


def test_last_updated_rises_strictly_even_when_the_clock_stands(store: ResourceStore):
    moments = [store.create("Task", TASK).stored.last_updated for _ in range(5)]
    assert moments == sorted(set(moments))


def test_an_unknown_tenant_is_refused(database: Database, clock: ManualClock):
    with pytest.raises(NotFoundError):
        ResourceStore(database, "nobody", clock).create("Task", TASK)


def test_a_callers_transaction_covers_everything(database: Database, north: str, clock: ManualClock):
    def half() -> None:
        with database.write() as connection:
            put_new(connection, north, [{**TASK, "id": "a"}, {**TASK, "id": "b"}], clock.now())
            ResourceStore(connection, north, clock).create("Task", TASK)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    store = ResourceStore(database, north, clock)
    assert store.search("Task").total == 0
    with database.write() as connection:
        made = put_new(connection, north, [{**TASK, "id": "a"}, {**TASK, "id": "b"}], clock.now())
    assert [one.reference for one in made] == ["Task/a", "Task/b"]
    assert store.search("Task", [("identifier", "urn:x|1")]).total == 2


def test_tenants_do_not_see_each_other(database: Database, north: str, south: str, clock: ManualClock):
    mine, theirs = ResourceStore(database, north, clock), ResourceStore(database, south, clock)
    made = mine.create("Task", {**TASK, "focus": {"reference": "ServiceRequest/1"}}).stored
    mine.update("ServiceRequest", "1", {"resourceType": "ServiceRequest", "id": "1"})
    for refused in (theirs.read, theirs.history):
        with pytest.raises(NotFound):
            refused("Task", made.id)
    with pytest.raises(NotFound):
        theirs.vread("Task", made.id, "1")
    assert theirs.search("Task").total == 0
    theirs.update("ServiceRequest", "1", {"resourceType": "ServiceRequest", "id": "1"})
    assert theirs.search("ServiceRequest", [("_revinclude", "Task:focus")]).included == []
    assert theirs.create("Task", TASK, if_none_exist="identifier=urn:x|1").status == 201
    assert theirs.update("Task", made.id, {**TASK, "id": made.id, "status": "failed"}).status == 201
    theirs.delete("Task", made.id)
    assert mine.read("Task", made.id) == made
    assert mine.search("Task", [("identifier", "urn:x|1")]).total == 1


def test_an_error_becomes_an_operation_outcome(store: ResourceStore):
    with pytest.raises(NotFound) as caught:
        store.read("Task", "nowhere")
    assert operation_outcome(issues_of(caught.value)) == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "extension": [{"url": MESSAGE_ID, "valueString": "fhir.not-found"}],
                "severity": "error",
                "code": "not-found",
                "details": {"text": "Task not found."},
            }
        ],
    }


def test_which_of_many_are_there(database: Database, north: str, south: str, clock: ManualClock):
    """Type and id belong together, and to one compartment of one tenant; what was deleted counts."""

    def bodies(*keys: tuple[str, str]):
        return [{"resourceType": kind, "id": identity} for kind, identity in keys]

    with database.write() as connection:
        put_new(connection, north, bodies(("Task", "a"), ("Goal", "b"), ("Goal", "gone")), clock.now())
        put_new(connection, north, bodies(("Task", "hub")), clock.now(), compartment="hub")
        put_new(connection, south, bodies(("Task", "south")), clock.now())
    ResourceStore(database, north, clock).delete("Goal", "gone")
    names = ("a", "b", "gone", "hub", "south", "none")
    wanted = [(kind, name) for name in names for kind in ("Task", "Goal")]
    with database.read() as connection:
        ours = Scope(connection, north, clock.now())
        assert present(ours, []) == set()
        assert present(ours, wanted + wanted) == {("Task", "a"), ("Goal", "b"), ("Goal", "gone")}
        assert present(replace(ours, compartment="hub"), wanted) == {("Task", "hub")}
        assert present(replace(ours, tenant=south), wanted) == {("Task", "south")}


def test_looking_for_many_takes_the_primary_key(sqlite_database: Database):
    """Another index leads past every resource of a type."""
    plans = []

    def explain(connection, _cursor, statement, parameters, _context, _many):
        if statement.startswith("WITH"):
            plan = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append(" ".join(row[3] for row in plan))

    event.listen(sqlite_database.engine, "before_cursor_execute", explain)
    with sqlite_database.read() as connection:
        present(Scope(connection, "north", datetime.now(UTC)), [("Task", "a"), ("Goal", "b")])
    (plan,) = plans
    assert "(tenant=? AND compartment=? AND type=? AND id=?)" in plan
