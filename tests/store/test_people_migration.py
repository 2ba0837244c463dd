"""People who are here before the upgrade are found by name and birth date after it, in every compartment."""

import pytest
from sqlalchemy import text
from support.old_databases import bring_to

from footbridge.model.clock import SystemClock
from footbridge.store.engine import Database, open_database
from footbridge.store.exact_json import dumps
from footbridge.store.migrate import upgrade
from footbridge.store.resources import ResourceStore

AT = "2026-03-02T12:00:00.000000Z"
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "meta": {"versionId": "1", "lastUpdated": AT},
    "name": [{"use": "official", "family": "Côté", "given": ["Zoé"]}],
    "birthDate": "1950-05-04",
    "gender": "female",
}


@pytest.fixture
def old(empty_database_url: str):
    """A database at the version before, with one Patient in our compartment and in a partner's."""
    database = open_database(empty_database_url)
    try:
        with database.write() as connection:
            bring_to(connection, "0031")
            connection.execute(
                text(
                    "INSERT INTO tenant (name, jurisdiction, created, last_write, last_indexed)"
                    f" VALUES ('north', 'us', '{AT}', '{AT}', '{AT}')"
                )
            )
            for compartment in ("", "hub"):
                connection.execute(
                    text(
                        "INSERT INTO resource (tenant, compartment, type, id, version, current, deleted, last_updated,"
                        f" body) VALUES ('north', :of, 'Patient', 'p1', 1, true, false, '{AT}', :body)"
                    ),
                    {"of": compartment, "body": dumps(PATIENT)},
                )
        yield database
    finally:
        database.dispose()


def test_they_are_found_by_what_was_not_searched_before(old: Database):
    upgrade(old)
    for compartment in ("", "hub"):
        store = ResourceStore(old, "north", SystemClock(), "", compartment=compartment)
        for query in (
            [("family", "cote")],
            [("given", "Zo")],
            [("name", "zoé")],
            [("birthdate", "1950-05-04")],
            [("gender", "female"), ("birthdate", "lt1951")],
        ):
            assert [one.id for one in store.search("Patient", query).matches] == ["p1"], query
        for query in ([("name", "official")], [("birthdate", "1951")], [("gender", "male")]):
            assert store.search("Patient", query).matches == [], query
