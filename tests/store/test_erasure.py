"""What is erased is nowhere: in no answer, no row and no byte of the file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.erasure import erase, forget_compartment, replace_erasing
from footbridge.store.index_rows import index_pending
from footbridge.store.interaction_errors import Gone, NotFound
from footbridge.store.resource_rows import Scope
from footbridge.store.resources import ResourceStore
from footbridge.store.tables import metadata

CANARY = "Zanzibarovsky"
KEYS = [("Patient", "p"), ("Task", "t"), ("Patient", "never-there")]


@pytest.fixture(params=["", "bank"])
def compartment(request: pytest.FixtureRequest) -> str:
    """Ours, and a partner's."""
    return request.param


@pytest.fixture
def known(database: Database, north: str, clock: ManualClock, compartment: str) -> ResourceStore:
    """A Patient and a Task in several versions, short and long, all about the canary."""
    store = ResourceStore(database, north, clock, compartment=compartment)
    for number, long in enumerate([1, 3000, 1]):
        store.update("Patient", "p", patient("p", f"{CANARY}-{number}", long))
        store.update("Task", "t", task(long))
        index_pending(database, clock)
    store.update("Patient", "other", patient("other", "1"))
    store.update("Patient", "late", patient("late", f"{CANARY}-9"))
    return store


def patient(identity: str, value: str, long: int = 1) -> dict:
    name = [{"family": value, "given": [value * long]}]
    return {
        "resourceType": "Patient",
        "id": identity,
        "identifier": [{"system": "urn:x", "value": value}],
        "name": name,
    }


def task(long: int = 1) -> dict:
    owner = {"reference": f"Organization/{CANARY}", "display": CANARY * long}
    code = {"coding": [{"system": f"urn:{CANARY}", "code": CANARY}]}
    return {"resourceType": "Task", "id": "t", "status": CANARY, "owner": owner, "requester": owner, "code": code}


def scope(connection, north: str, clock: ManualClock, compartment: str) -> Scope:
    return Scope(connection, north, clock.now(), compartment=compartment)


def test_of_what_is_erased_only_the_versions_stay(
    database: Database, north: str, clock: ManualClock, known: ResourceStore, compartment: str
):
    with database.write() as connection:
        assert erase(scope(connection, north, clock, compartment), KEYS) == 2
    for kind, identity in KEYS[:2]:
        with pytest.raises(Gone):
            known.read(kind, identity)
        for version in "1234":
            with pytest.raises(Gone):
                known.vread(kind, identity, version)
        with pytest.raises(NotFound):
            known.vread(kind, identity, "5")
        bundle = known.history_bundle(kind, identity)
        assert [entry["request"]["method"] for entry in bundle["entry"]] == ["DELETE", "PUT", "PUT", "POST"]
        assert not any("resource" in entry for entry in bundle["entry"])
    assert known.search("Task", [("owner", f"Organization/{CANARY}")]).total == 0
    assert known.search("Task").total == 0
    assert known.search("Patient", [("identifier", f"{CANARY}-2")]).total == 0
    assert [one.id for one in known.search("Patient", [("_sort", "_id")]).matches] == ["late", "other"]
    with database.write() as connection:
        assert erase(scope(connection, north, clock, compartment), KEYS) == 0


def test_a_resource_lives_again_after_it_was_erased(
    database: Database, north: str, clock: ManualClock, known: ResourceStore, compartment: str
):
    with database.write() as connection:
        erase(scope(connection, north, clock, compartment), KEYS)
    written = known.update("Task", "t", {**task(), "status": "requested"})
    assert (written.status, written.stored.version) == (201, 5)
    assert known.read("Task", "t").resource["status"] == "requested"
    assert known.search("Task", [("status", "requested")]).total == 1
    with pytest.raises(Gone):
        known.vread("Task", "t", "3")


def test_the_next_version_may_stay_alone(
    database: Database, north: str, clock: ManualClock, known: ResourceStore, compartment: str
):
    bare = {"resourceType": "Task", "id": "t", "status": "cancelled"}
    with database.write() as connection:
        here = scope(connection, north, clock, compartment)
        assert replace_erasing(here, bare).version == 4
        assert replace_erasing(here, {**bare, "id": "new"}).version == 1
    assert known.read("Task", "t").resource["status"] == "cancelled"
    assert [one.erased for one in known.history("Task", "t")] == [False, True, True, True]
    for version in "123":
        with pytest.raises(Gone):
            known.vread("Task", "t", version)
    assert known.search("Task", [("status", "cancelled"), ("_sort", "_id")]).total == 2
    assert known.search("Task", [("status", CANARY)]).total == 0


def test_an_erasure_is_undone_with_its_transaction(
    database: Database, north: str, clock: ManualClock, known: ResourceStore, compartment: str
):
    def half() -> None:
        with database.write() as connection:
            erase(scope(connection, north, clock, compartment), KEYS)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert known.search("Task", [("status", CANARY)]).total == 1
    assert known.vread("Patient", "p", "1").resource["identifier"][0]["value"] == f"{CANARY}-0"


def test_a_whole_compartment_may_be_forgotten(database: Database, north: str, clock: ManualClock, known: ResourceStore):
    ours, bank, art = (ResourceStore(database, north, clock, compartment=one) for one in ("", "bank", "art"))
    for store in (ours, bank, art):
        store.update("Goal", "g", {"resourceType": "Goal", "id": "g", "lifecycleStatus": "active"})
    with database.write() as connection:
        assert forget_compartment(scope(connection, north, clock, "bank")) >= 1
        with pytest.raises(ValueError, match="our own"):
            forget_compartment(scope(connection, north, clock, ""))
    assert [store.search("Goal", [("lifecycle-status", "active")]).total for store in (ours, bank, art)] == [1, 0, 1]
    assert bank.search("Patient").total == bank.search("Task").total == 0
    with pytest.raises(Gone):
        bank.read("Goal", "g")


@pytest.mark.parametrize("way", ["erase", "replace", "forget"])
@pytest.mark.parametrize("pending", [False, True])
def test_no_byte_of_it_stays(
    database: Database, north: str, clock: ManualClock, known: ResourceStore, compartment: str, way: str, pending: bool
):
    if not pending:
        index_pending(database, clock)
    assert any(CANARY.encode() in one for one in held(database))
    with database.write() as connection:
        here = scope(connection, north, clock, compartment)
        patients = connection.execute(text(f"SELECT DISTINCT type, id FROM resource WHERE body LIKE '%{CANARY}%'"))
        keys = [(row.type, row.id) for row in patients]
        match way:
            case "erase":
                assert erase(here, keys) == 3
            case "replace":
                for kind, identity in keys:
                    replace_erasing(here, {"resourceType": kind, "id": identity})
            case _:
                forget_compartment(here) if compartment else erase(here, keys)
    index_pending(database, clock)
    assert not any(CANARY.lower().encode() in one.lower() for one in held(database))


def held(database: Database) -> Iterator[bytes]:
    """Every byte of the SQLite file and what lies beside it; every row of PostgreSQL."""
    if not database.is_sqlite:
        with database.read() as connection:
            for table in metadata.tables.values():
                yield repr(connection.execute(select(table)).all()).encode()
        return
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    place = Path(str(database.engine.url.database))
    for one in place.parent.glob(f"{place.name}*"):
        yield one.read_bytes()
