"""What one source withholds, no other source of the tenant tells, whichever was imported first."""

import json
from collections import Counter

import pytest
from sqlalchemy import select

from footbridge.directory.difference import differences
from footbridge.directory.export import fhir_resources, services
from footbridge.directory.findings import findings
from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.removal import remove
from footbridge.directory.importing.run import run_import
from footbridge.directory.records import Record
from footbridge.directory.search import Query, ServiceSearch
from footbridge.directory.sources import current_imports
from footbridge.store.tables.directory import directory_finding, directory_record, directory_withheld
from footbridge.store.tables.directory_search import directory_entry
from footbridge.store.tenants import add_tenant
from footbridge.validation import Validator

ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # what is alike on both databases
TERMS = Terms("test", "feed.json", "CA", "America/Toronto")
STREET = {"address_1": "9 Zanzibar Road", "city": "Sudbury", "state_province": "ON", "postal_code": "P3E 9Z9"}
POINT = {"latitude": 46.51234, "longitude": -81.04321}
CANARIES = ("zanzibar", "p3e 9z9", "46.512", "81.043", "555-0177", "5550177", "zelda", "quux", "z-direct")


def feed(key, *, service=None, organization=None, location=None):
    """An organization with one service at one place; native ids are its own."""
    place = {"organization_id": f"o{key}", "location_type": "physical", "name": f"Site {key}", "addresses": [STREET]}
    return [
        Record(
            "organization", f"o{key}", {"name": "Helping Hands", "description": "Help.", **(organization or {})}, "f"
        ),
        Record("location", f"l{key}", {**place, **POINT, **(location or {})}, "f"),
        Record(
            "service",
            f"s{key}",
            {"organization_id": f"o{key}", "name": "Counselling Circle", "description": "Talks.", **(service or {})},
            "f",
        ),
        Record("service_at_location", f"x{key}", {"service_id": f"s{key}", "location_id": f"l{key}"}, "f"),
    ]


def other(key="o"):
    """A neighbour of no concern: another organization's service elsewhere."""
    return feed(
        key,
        organization={"name": "Northern Food Bank"},
        service={"name": "Food hampers", "phones": [{"number": "705-555-0100"}]},
        location={
            "addresses": [{**STREET, "address_1": "1 Elm Street", "postal_code": "P3E 1A1"}],
            "latitude": 46.4,
            "longitude": -81.2,
        },
    )


PHONE = {"phones": [{"number": "705-555-0123"}]}
NOWHERE = {"addresses": [], "latitude": None, "longitude": None}
HIDDEN = {"withheld": "confidential"}
CONTACT = {"name": "Zelda Quux", "email": "z-direct@example.net", "phones": [{"number": "705-555-0177"}]}
CASES = {
    "a shelter's place": (
        feed("a", service={"name": "Haven Circle shelter for abused women", **PHONE}),
        feed("b", service={"name": "Haven Circle", "phones": [{"number": "(705) 555-0123"}]}),
    ),
    "a confidential address": (
        feed("a", location={"addresses": [{**STREET, **HIDDEN}]}),
        feed("b", service={"description": "Come to 9 Zanzibar Rd."}),
    ),
    "an address with a reason withheld": (
        feed(
            "a",
            service=PHONE,
            location={"addresses": [{"withheld": "reason-withheld"}], "latitude": None, "longitude": None},
        ),
        feed("b", service=PHONE),
    ),
    "a confidential address without a number beside it": (
        feed("a", service=PHONE, location={"addresses": [{**STREET, **HIDDEN}]}),
        feed("b", service={**PHONE, "name": "The Circle"}, location={"latitude": 46.5124, "longitude": -81.0433}),
    ),
    "a confidential phone": (
        feed("a", location=NOWHERE, service={"phones": [{"number": "705-555-0177", **HIDDEN}]}),
        feed("b", location=NOWHERE, service={"description": "Call 705 5550177."}),
    ),
    "a confidential contact": (
        feed("a", location=NOWHERE, organization={"contacts": [{**CONTACT, **HIDDEN}]}),
        feed(
            "b",
            location=NOWHERE,
            organization={"name": "Helping Hands Inc."},
            service={"contacts": [CONTACT], "description": "Ask for Zelda Quux, z-direct@example.net."},
        ),
    ),
}


@pytest.fixture(scope="module")
def validator():
    return Validator()


@pytest.fixture
def tenant(database, clock):
    with database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
    return "north"


@pytest.fixture
def load(database, clock, tenant):
    def load(records, source, **more):
        return run_import(database, clock, Plan(tenant, source, TERMS, **{"processes": 0, **more}), records)

    return load


@pytest.fixture
def shown(database, tenant, validator):
    """All that anybody is shown of the directory, or that is stored of it, as text in lower case."""

    def shown(source=None):
        out = []
        with database.read() as connection:
            current = current_imports(connection, tenant)
            mine = {name: number for name, number in current.items() if source in (None, name)}
            found = list(services(connection, tenant, mine))
            out += [json.dumps(one) for one in found]
            out += [json.dumps(one) for one in fhir_resources(found, validator, "ca", Counter())]
            for name, number in mine.items():
                out += [repr(one) for one in findings(connection, tenant, name, number)]
                out += [repr(one) for one in differences(connection, tenant, name, number)]
            for table, column in (
                (directory_record, directory_record.c.source),
                (directory_finding, directory_finding.c.source),
                (directory_withheld, directory_withheld.c.source),
            ):
                wanted = select(table) if source is None else select(table).where(column == source)
                out += [str(tuple(row)) for row in connection.execute(wanted)]
            if source is None:
                out += [str(tuple(row)) for row in connection.execute(select(directory_entry.c.data))]
        return "\n".join(out).lower()

    return shown


def told(text):
    return [word for word in CANARIES if word in text]


@ONE
@pytest.mark.parametrize("order", ["ab", "ba"])
@pytest.mark.parametrize("case", list(CASES))
def test_what_one_source_withholds_no_other_tells(load, shown, database, clock, tenant, case, order):
    withholding, telling = CASES[case]
    feeds = {"a": withholding, "b": [*telling, *other()]}
    for name in order:
        load(feeds[name], name)
    assert told(shown()) == []
    assert "1 elm street" in shown("b")
    load(feeds["b"], "b")
    load(feeds["a"], "a")
    assert told(shown()) == []
    with database.read() as connection:
        for word in ("zanzibar", "zelda", "quux"):
            asked = Query(words=word)
            found = ServiceSearch(clock).search(connection, tenant, current_imports(connection, tenant), asked)
            assert found.total == 0
        near = Query(near="46.51234,-81.04321", within_km=1.0) if case.startswith("a shelter") else Query()
        found = ServiceSearch(clock).search(connection, tenant, current_imports(connection, tenant), near)
        assert all(one["distanceKm"] is None for one in found.services)


@ONE
@pytest.mark.parametrize("case", list(CASES))
def test_a_value_comes_back_when_nobody_withholds_it_any_more(load, shown, database, tenant, case):
    withholding, telling = CASES[case]
    load(telling, "b")
    before = shown("b")
    load(withholding, "a")
    assert told(shown()) == []
    remove(database, tenant, "a")
    load(telling, "b")
    assert told(shown("b")) == told(before) != []


def test_a_source_that_starts_to_withhold_is_heard_at_once(load, shown):
    load([*feed("b", service=PHONE), *other()], "b")
    load(feed("a", service=PHONE), "a")
    assert "zanzibar" in shown("b")
    load(feed("a", service=PHONE, location={"addresses": [{**STREET, **HIDDEN}]}), "a")
    assert told(shown()) == []
    assert "1 elm street" in shown("b")
    load(feed("a", service=PHONE), "a")
    assert "zanzibar" in shown("a")
    load([*feed("b", service=PHONE), *other()], "b")
    assert "zanzibar" in shown("b")


@ONE
def test_changes_alone_keep_what_was_withheld_before(load, shown):
    load([*feed("a", location={"addresses": [{**STREET, **HIDDEN}]}), *other()], "a")
    load([other()[2]], "a", complete=False)
    load(feed("b"), "b")
    assert told(shown()) == []


@ONE
def test_others_keep_what_is_theirs(load, shown):
    """The same house or the same phone of somebody else is nobody's secret; a second, public site stays."""
    load(
        feed(
            "a",
            location={"addresses": [{**STREET, **HIDDEN}]},
            service={"phones": [{"number": "705-555-0177", **HIDDEN}]},
        ),
        "a",
    )
    neighbours = feed(
        "b",
        organization={"name": "Chess Club"},
        service={"name": "Chess evening", "phones": [{"number": "705-555-0177"}]},
    )
    site = feed(
        "c",
        service=PHONE,
        location={
            "addresses": [{**STREET, "address_1": "30 Public Avenue", "postal_code": "P1A 1A1"}],
            "latitude": 46.9,
            "longitude": -81.3,
        },
    )
    load([*neighbours, *site], "b")
    text = shown("b")
    assert "9 zanzibar road" in text
    assert "555-0177" in text
    assert "30 public avenue" in text


@ONE
def test_two_sources_that_withhold_do_not_hold_each_other_for_ever(load, shown):
    hiding = {"addresses": [{**STREET, **HIDDEN}]}
    load(feed("a", service=PHONE, location=hiding), "a")
    load(feed("b", service=PHONE), "b")
    load(feed("a", service=PHONE), "a")
    load(feed("b", service=PHONE), "b")
    load(feed("a", service=PHONE), "a")
    assert "zanzibar" in shown("a")
    assert "zanzibar" in shown("b")


@ONE
def test_a_dry_run_changes_no_other_source(load, shown):
    load(feed("b"), "b")
    load(feed("a", location={"addresses": [{**STREET, **HIDDEN}]}), "a", dry_run=True)
    assert "zanzibar" in shown("b")
