"""Imports of changes leave what an import of the whole source leaves, in each form that has no documents of its own.

AIRS XML, iCarol's JSON, tables of HSDS and a table of iCarol: a record that its source wrote as before is not cleaned
again, whatever happens to the others; and one that withholds something, or stands beside one that does, is.
"""

import csv
import json
from contextlib import ExitStack
from html import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import airs_xml as airs
from support.imported import left, same_figures
from support.soak import count

from footbridge.directory.errors import DirectoryError
from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions
from footbridge.store.tenants import add_tenant

STREET = "4 Elm Street"
AGENCY = {"1": "Hub", "2": "Hub of the North"}
ICAROL = ["ResourceAgencyNum", "PublicName", "TaxonomyLevelName", "ParentAgency", "ParentAgencyNum", "AgencyStatus",
          "AgencyDescription", "PhysicalAddress1", "PhysicalCity", "Phone1Number", "Phone1IsPrivate",
          "HoursOfOperation", "TaxonomyTerms"]  # fmt: skip

services = st.fixed_dictionaries(
    {
        "key": st.sampled_from(["101", "102", "103", "104"]),
        "agency": st.sampled_from(["1", "2"]),
        "name": st.sampled_from(["Food bank", "<b>Meals</b>", "Banque alimentaire", "Women's shelter"]),
        "text": st.sampled_from([f"We are at {STREET}.", "Call 705 555 0199.", "Groceries &amp; warmth", ""]),
        "phone": st.sampled_from(["705-555-0199", "705-555-0100 x4"]),
        "private": st.booleans(),
        "active": st.sampled_from([True, True, True, False]),
    }
)
sources = st.lists(
    st.lists(services, min_size=1, max_size=5, unique_by=lambda one: one["key"]), min_size=2, max_size=4
)  # fmt: skip


def by_agency(version):
    found = {}
    for one in version:
        found.setdefault(one["agency"], []).append(one)
    return sorted(found.items())


def as_airs(path, version):
    def service(one):
        hidden = str(one["private"]).lower()
        return airs.service(
            f"<Description>{escape(one['text'])}</Description>",
            f'<Phone Confidential="{hidden}"><PhoneNumber>{one["phone"]}</PhoneNumber></Phone>',
            "<TimeOpen><Notes>Mon-Fri 9 am to 4 pm</Notes></TimeOpen>",
            key=one["key"],
            name=escape(one["name"]),
            attributes="" if one["active"] else 'ExcludeFromWebsite="true"',
        )

    place = f"<PhysicalAddress><Line1>{STREET}</Line1><City>Sudbury</City></PhysicalAddress>"
    agencies = [
        airs.agency(airs.site(place, *map(service, some), key=f"9{key}"), key=key, name=AGENCY[key])
        for key, some in by_agency(version)
    ]
    path.write_text(airs.source(*agencies), "utf-8")
    return path


def as_icarol(path, version):
    def record(kind, key, name, **more):
        names = [{"value": name, "purpose": "Primary"}]
        return {"id": key, "databaseID": 1, "type": kind, "names": names, "status": "Active", "related": [], **more}

    def contact(*, hidden, **more):
        return {"contact": more, "isConfidential": hidden}

    made = []
    for key, some in by_agency(version):
        at = contact(hidden=False, type="PhysicalLocation", line1=STREET, city="Sudbury", stateProvince="ON")
        related = [{"id": key, "type": "Agency", "name": ""}]
        made += [
            record("Agency", key, AGENCY[key]),
            record("Site", f"9{key}", "Site", contactDetails=[at], related=related),
        ]
        made += [
            record(
                "Program",
                one["key"],
                one["name"],
                description=one["text"],
                status="Active" if one["active"] else "Inactive",
                contactDetails=[contact(hidden=one["private"], type="PhoneNumber", number=one["phone"])],
                related=[*related, {"id": f"9{key}", "type": "Site", "name": ""}],
            )
            for one in some
        ]
    path.write_text(json.dumps(made), "utf-8")
    return path


def as_tables(path, version):
    path.mkdir()
    tables = {
        "organizations": [{"id": key, "name": AGENCY[key], "description": "d"} for key, _ in by_agency(version)],
        "services": [
            {"id": one["key"], "organization_id": one["agency"], "name": one["name"], "description": one["text"],
             "status": "active" if one["active"] else "inactive"} for one in version
        ],
        "locations": [{"id": f"9{key}", "name": "Site", "location_type": "physical"} for key, _ in by_agency(version)],
        "addresses": [
            {"id": f"a{key}", "location_id": f"9{key}", "address_1": STREET, "city": "Sudbury"}
            for key, _ in by_agency(version)
        ],
        "services_at_location": [
            {"id": f"at{one['key']}", "service_id": one["key"], "location_id": f"9{one['agency']}"} for one in version
        ],
        "phones": [
            {"id": f"p{one['key']}", "service_id": one["key"], "number": one["phone"],
             "type": "staff only" if one["private"] else "voice"} for one in version
        ],
    }  # fmt: skip
    for name, rows in tables.items():
        write_rows(path / f"{name}.csv", list(rows[0]), rows)
    return path


def as_icarol_table(path, version):
    rows = []
    for key, some in by_agency(version):
        rows.append({"ResourceAgencyNum": key, "PublicName": AGENCY[key], "TaxonomyLevelName": "Agency"})
        rows += [
            {
                "ResourceAgencyNum": one["key"], "PublicName": one["name"], "TaxonomyLevelName": "Program",
                "ParentAgency": AGENCY[key], "ParentAgencyNum": key, "AgencyDescription": one["text"],
                "AgencyStatus": "Active" if one["active"] else "Active, but do not refer",
                "PhysicalAddress1": STREET, "PhysicalCity": "Sudbury", "Phone1Number": one["phone"],
                "Phone1IsPrivate": "Yes" if one["private"] else "No", "HoursOfOperation": "Mon-Fri 9 am to 4 pm",
            }
            for one in some
        ]  # fmt: skip
    write_rows(path.with_suffix(".csv"), ICAROL, rows)
    return path.with_suffix(".csv")


def write_rows(path, names, rows):
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        writer.writerows(rows)


FORMS = {"airs": as_airs, "icarol-json": as_icarol, "hsds-tabular": as_tables, "csv": as_icarol_table}


def load(database, clock, path, form):
    """Import a source as whole; what is said where it is refused."""
    terms = Terms(form, "f", "CA", "America/Toronto")
    plan = Plan("north", "feed", terms, allow_removal=True, processes=0)
    opened = open_path(path, None, ReadOptions())
    assert opened.format == form
    try:
        return run_import(database, clock, plan, opened.records).as_json()
    except DirectoryError as error:
        return str(error)


@pytest.fixture
def check(new_sqlite, clock, tmp_path_factory):
    """Imports versions one after the other, and the last one by itself; gives the figures of each import."""

    def check(form, source):
        folder = tmp_path_factory.mktemp("sources")
        with ExitStack() as stack:
            grown, fresh = stack.enter_context(new_sqlite()), stack.enter_context(new_sqlite())
            for database in (grown, fresh):
                with database.write() as connection:
                    add_tenant(connection, "north", "ca", clock.now())
            paths = [FORMS[form](folder / f"feed{at}", version) for at, version in enumerate(source)]
            figures = [load(grown, clock, path, form) for path in paths]
            expected = load(fresh, clock, paths[-1], form)
            if not isinstance(expected, str):
                assert same_figures(figures[-1], expected), (figures[-1], expected)
                assert left(grown, clock) == left(fresh, clock)
        return figures

    return check


@given(source=sources)
@settings(
    max_examples=count(quick=4, soak=300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@pytest.mark.soak
@pytest.mark.parametrize("form", FORMS)
def test_any_changes_leave_what_a_fresh_import_leaves(check, form, source):
    check(form, source)


def one(key, agency="1", **more):
    return {"key": key, "agency": agency, "name": f"Meals {key}", "text": f"At {STREET}, 705 555 0199.",
            "phone": "705-555-0100", "private": False, "active": True, **more}  # fmt: skip


FEED = [one("101"), one("102"), one("103", agency="2")]


@pytest.mark.parametrize("form", FORMS)
def test_a_record_that_did_not_change_is_not_cleaned_again(check, form):
    first, again, changed = check(form, [FEED, FEED, [one("101", text="Soup."), *FEED[1:]]])
    assert (first["changed"], again["changed"], changed["changed"]) == (3, 0, 1)
    assert first["unchanged"] == 0
    assert again["unchanged"] > changed["unchanged"] >= again["unchanged"] - 2  # the service, and its place in AIRS


@pytest.mark.parametrize("form", [form for form in FORMS if form != "csv"])
def test_what_one_withholds_goes_from_its_neighbours_and_comes_back(check, form):
    secret = one("104", phone="705-555-0199", private=True)
    check(form, [FEED, [*FEED, secret]])
    check(form, [[*FEED, secret], FEED])
    check(form, [FEED, [*FEED, one("104", name="Women's shelter", text="For women who flee violence.")], FEED])
