"""Organizations and locations without a service are told of, at each import; a parent and a hidden one are not."""

from sqlalchemy import select

from footbridge.directory.findings import findings
from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.records import Record
from footbridge.store.tables.directory import directory_source
from footbridge.store.tenants import add_tenant

TERMS = Terms("test", "feed.json", "CA", "America/Toronto")


def feed(*alone):
    records = [
        Record("organization", "parent", {"name": "Parent"}, "f"),
        Record("organization", "o", {"name": "Org", "parent_organization_id": "parent"}, "f"),
        Record("organization", "hidden", {"name": "Secret", "restrictions": ["exclude-website"]}, "f"),
        Record("location", "l", {"name": "Hall"}, "f"),
        Record("service", "s", {"name": "Help", "organization_id": "o"}, "f"),
        Record("service_at_location", "x", {"service_id": "s", "location_id": "l"}, "f"),
    ]
    return [*records, *(Record(kind, native, {"name": native}, "f") for kind, native in alone)]


def test_what_no_service_belongs_to_is_told_each_time(database, clock):
    with database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())

    def told(records):
        run_import(database, clock, Plan("north", "feed", TERMS, processes=0), records)
        with database.read() as connection:
            number = connection.scalar(select(directory_source.c.current))
            return {
                one.rule: one.found
                for one in findings(connection, "north", "feed", number)
                if one.rule.endswith("-alone")
            }

    assert told(feed()) == {}
    alone = [("location", f"m{number}") for number in range(7)] + [("organization", "p")]
    expected = {"import.organization-alone": "1: p", "import.location-alone": "7: m0, m1, m2, m3, m4, …"}
    assert told(feed(*alone)) == expected
    assert told(feed(*alone)) == expected
    assert told(feed()) == {}
