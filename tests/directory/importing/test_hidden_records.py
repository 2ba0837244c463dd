"""What stands in a hidden record is not stored, comes back with it, and no finding of a reader tells of it."""

import json

import pytest
from sqlalchemy import select
from support.canaries import all_of

from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.records import Finding, Record
from footbridge.directory.search.packing import unpack
from footbridge.store.tables.directory import directory_record
from footbridge.store.tables.directory_search import directory_snapshot
from footbridge.store.tenants import add_tenant

HIDDEN = {"restrictions": ["exclude-website"]}
TERMS = Terms("test", "feed.json", "CA", "America/Toronto")


def feed(organization=None, service=None, *, guest=True):
    """An organization with a service at its place, and another one's service at the same place."""
    place = {"organization_id": "o", "name": "Canary hall", "addresses": [{"address_1": "9 Zanzibar Road"}]}
    records = [
        Record("organization", "o", {"name": "Canary house", **(organization or {})}, "f"),
        Record("location", "l", place, "f"),
        Record("service", "s", {"organization_id": "o", "name": "Canary talks", **(service or {})}, "f"),
        Record("service_at_location", "x", {"service_id": "s", "location_id": "l", "description": "Canary room"}, "f"),
        Record("organization", "p", {"name": "Public house"}, "f"),
        Record("service", "t", {"organization_id": "p", "name": "Public talks"}, "f"),
    ]
    link = {"service_id": "t", "location_id": "l"}
    return [*records, Record("service_at_location", "y", link, "f")] if guest else records


@pytest.fixture
def load(sqlite_database, clock):
    with sqlite_database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())

    def load(records):
        summary = run_import(sqlite_database, clock, Plan("north", "feed", TERMS, processes=0), records)
        with sqlite_database.read() as connection:
            rows = connection.execute(
                select(directory_record.c.kind, directory_record.c.native_id, directory_record.c.data).where(
                    directory_record.c.until.is_(None)
                )
            )
            return summary, {(kind, native): json.loads(data) for kind, native, data in rows}

    return load


def test_what_stands_in_a_hidden_organization_is_not_stored(load, sqlite_database):
    summary, stored = load(feed(HIDDEN, guest=False))
    assert (summary.read, summary.kept) == (2, 1)
    hidden = [stored[key] for key in (("organization", "o"), ("service", "s"), ("location", "l"))]
    assert hidden == [HIDDEN] * 3
    assert stored["service_at_location", "x"] == HIDDEN
    assert stored["service", "t"]["name"] == "Public talks"
    assert "anary" not in all_of(sqlite_database.engine.url.database)


def test_a_place_where_somebody_else_works_stays(load):
    _, stored = load(feed(HIDDEN))
    assert stored["location", "l"]["name"] == "Canary hall"
    assert stored["service", "s"] == HIDDEN


def test_of_a_hidden_service_its_place_stays(load):
    _, stored = load(feed(service=HIDDEN))
    assert stored["service_at_location", "x"] == HIDDEN
    assert stored["location", "l"]["name"] == "Canary hall"


def test_what_is_shown_again_is_stored_again(load, sqlite_database):
    _, before = load(feed())
    for _again in range(2):
        load(feed(HIDDEN, guest=False))
        assert "anary" not in all_of(sqlite_database.engine.url.database)  # nor in the version of before
        summary, _ = load(feed(HIDDEN, guest=False))
        assert (summary.changed, summary.kept) == (0, 1)
        assert "anary" not in all_of(sqlite_database.engine.url.database)
        summary, after = load(feed())
        assert summary.kept == 2
        assert after == before


@pytest.mark.parametrize("how", ["hidden", "shortened", "gone"])
def test_a_word_of_no_service_any_more_is_suggested_to_nobody(database, clock, how):
    with database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())

    def words(records):
        run_import(database, clock, Plan("north", "feed", TERMS, processes=0), records)
        with database.read() as connection:
            snapshot = directory_snapshot.c
            packed = connection.scalars(
                select(snapshot.data).where(snapshot.name == "vocabulary").order_by(snapshot.number.desc()).limit(1)
            ).one()
        return unpack(packed)

    service = {"description": "Ask for Zelda at the canary talks."}
    assert {"zelda", "canary", "talks"} <= words(feed(service=service)).keys()
    after = {
        "hidden": feed(HIDDEN),
        "shortened": feed(service={"description": "Ask at the canary talks."}),
        "gone": [one for one in feed() if one.native_id not in {"s", "x"}],
    }[how]
    for _again in range(2):
        left = words(after)
        assert "zelda" not in left
        assert ("canary" in left) is (how == "shortened")
        assert left["talks"] == (2 if how == "shortened" else 1)


@pytest.mark.parametrize(
    "service",
    [HIDDEN, {"withheld": "confidential"}, {"contacts": [{"name": "Ann Canary", "withheld": "confidential"}]}],
)
def test_no_finding_of_a_reader_tells_what_is_hidden(load, sqlite_database, service):
    told = [
        Finding("airs.repeated-element", "f", 3, "service", "s", "wait_time", "Call Ann Canary", "Ann Canary"),
        Finding("airs.repeated-element", "f", 4, "service", "t", "wait_time", "Public words"),
    ]
    records = feed(service={"name": "Talks", **service})
    records[1].data["name"] = records[3].data["description"] = records[0].data["name"] = "Hall"
    load([*records, *told])
    everything = all_of(sqlite_database.engine.url.database)
    assert "anary" not in everything
    assert "airs.repeated-element" in everything
    assert "Public words" in everything
