"""A compartment answers as if it were alone, and as if everything in it were indexed at once."""

import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from support.twins import STEPS, Twins

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.index_rows import BATCH, behind, index_pending
from footbridge.store.interaction_errors import NotFound
from footbridge.store.resources import ResourceStore, put_new
from footbridge.store.tables import search_index

TASK = {"resourceType": "Task", "id": "t", "status": "requested", "owner": {"reference": "Organization/bank"}}
PATIENT = {"resourceType": "Patient", "id": "p", "identifier": [{"system": "urn:x", "value": "1"}]}
_quick = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_quick
@given(st.lists(STEPS, max_size=30))
def test_a_compartment_answers_as_if_alone(database: Database, clock: ManualClock, steps: list):
    twins = Twins(database, clock)
    for step in steps:
        twins.take(*step)
    twins.agree()


@_quick
@given(st.lists(STEPS, max_size=20), st.lists(STEPS, max_size=20))
def test_it_does_not_matter_how_far_the_index_has_come(
    database: Database, clock: ManualClock, before: list, after: list
):
    twins = Twins(database, clock)
    for way, _, *rest in before:
        twins.take(way, "", *rest)
    index_pending(database, clock)
    for way, _, *rest in after:
        if way != "index":
            twins.take(way, "", *rest)
    twins.agree()
    index_pending(database, clock)
    with database.read() as connection:
        assert not behind(connection, twins.names["tenant"])
    twins.agree()


def test_one_id_is_another_resource_in_each_compartment(database: Database, north: str, clock: ManualClock):
    ours, bank, art = (ResourceStore(database, north, clock, compartment=one) for one in ("", "bank", "art"))
    for number, store in enumerate((ours, bank), start=1):
        for _ in range(number):
            store.update("Task", "t", {**TASK, "description": str(number)})
    assert [ours.read("Task", "t").version, bank.read("Task", "t").version] == [1, 2]
    assert ours.read("Task", "t").resource["description"] == "1"
    for refused in (art.read, art.history):
        with pytest.raises(NotFound):
            refused("Task", "t")
    with pytest.raises(NotFound):
        ours.vread("Task", "t", "2")
    ours.delete("Task", "t")
    assert bank.search("Task", [("status", "requested")]).total == 1


def test_moments_rise_over_all_compartments(database: Database, north: str, clock: ManualClock):
    stores = [ResourceStore(database, north, clock, compartment=one) for one in ("", "bank", "art")]
    moments = [store.create("Task", TASK).stored.last_updated for _ in range(3) for store in stores]
    assert moments == sorted(set(moments))


def test_a_search_waits_for_nobody_and_writes_nothing(database: Database, north: str, clock: ManualClock):
    store = ResourceStore(database, north, clock)
    store.update("Patient", "p", PATIENT)
    found: list[int | None] = []
    with database.write() as connection:
        put_new(connection, north, [{**PATIENT, "id": "q"}], clock.now())
        thread = threading.Thread(target=lambda: found.append(store.search("Patient", [("identifier", "1")]).total))
        thread.start()
        thread.join(10)
        assert found == [1]
    assert store.search("Patient", [("identifier", "1")]).total == 2
    assert store.create("Patient", PATIENT, if_none_exist="_id=p").status == 200
    assert _index_rows(database) == 0
    assert index_pending(database, clock) == 2
    assert _index_rows(database) == 2
    assert index_pending(database, clock) == 0
    assert store.search("Patient", [("identifier", "1")]).total == 2


def test_what_waits_is_indexed_batch_by_batch(database: Database, north: str, south: str, clock: ManualClock):
    count = 2 * BATCH + 3
    for tenant in (north, south):
        with database.write() as connection:
            put_new(connection, tenant, [{**PATIENT, "id": f"p{number}"} for number in range(count)], clock.now())
    store = ResourceStore(database, north, clock)
    assert store.search("Patient", [("identifier", "1"), ("_summary", "count")]).total == count
    assert index_pending(database, clock) == 2 * count
    assert _index_rows(database) == 2 * count
    assert store.search("Patient", [("identifier", "1"), ("_summary", "count")]).total == count


def test_what_is_replaced_while_it_is_indexed_leaves_no_rows(
    database: Database, north: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
):
    """The job reads a batch, another writer deletes what it read, and the job goes on."""
    store = ResourceStore(database, north, clock)
    store.update("Patient", "p", PATIENT)
    store.update("Patient", "q", {**PATIENT, "id": "q"})
    write, calls = database.write, []

    def late():
        if not calls:
            calls.append(1)
            store.delete("Patient", "p")
        return write()

    monkeypatch.setattr(database, "write", late)
    index_pending(database, clock)
    monkeypatch.undo()
    assert _index_rows(database) == 1
    assert [one.id for one in store.search("Patient", [("identifier", "1")]).matches] == ["q"]


POLLS = [
    [("owner", "Organization/bank"), ("_lastUpdated", "gt2026-01-01"), ("_sort", "_lastUpdated")],
    [("requester", "Organization/bank"), ("_lastUpdated", "gt2026-01-01"), ("_sort", "_lastUpdated")],
    [("status", "requested"), ("_lastUpdated", "gt2026-01-01"), ("_sort", "_lastUpdated")],
    [("owner", "Organization/bank"), ("status", "requested"), ("_lastUpdated", "gt2026-01-01")],
    [("_lastUpdated", "gt2026-01-01")],
]


@pytest.mark.parametrize("poll", POLLS)
def test_a_poll_is_one_range_of_an_index(sqlite_database: Database, clock: ManualClock, poll: list):
    Twins(sqlite_database, clock)
    plans: list[str] = []

    def explain(connection, cursor, statement, parameters, _context, _many):
        if statement.startswith("SELECT resource"):
            plans.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    store = Twins(sqlite_database, clock).stores("bank")[0]
    store.update("Task", "t", TASK)
    clock.advance(timedelta(seconds=1))
    event.listen(sqlite_database.engine, "before_cursor_execute", explain)
    store.search("Task", poll)
    (plan,) = plans
    assert plan.startswith("SEARCH resource USING INDEX ix_resource_")
    assert "last_updated>?" in plan


def _index_rows(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(search_index)) or 0
