"""What is matched without a database is what a search in the database finds."""

from typing import Any

import pytest

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.indexing import index_of
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.store.matching import Candidate
from footbridge.store.resources import ResourceStore
from footbridge.store.search_query import read_query
from footbridge.store.tenants import add_tenant

SYSTEM = "urn:footbridge:test"
RESOURCES: list[dict[str, Any]] = [
    {"resourceType": "Organization", "name": "Café Étoile", "alias": ["Star_Kitchen", "50% Off"], "active": True},
    {"resourceType": "Organization", "name": "café", "identifier": [{"system": SYSTEM, "value": "7"}], "active": False},
    {"resourceType": "Organization", "partOf": {"reference": "Organization/x"}, "type": [{"coding": [{"code": "a|b"}]}]},
    {"resourceType": "Organization", "partOf": {"identifier": {"system": SYSTEM, "value": "9"}}},
    {"resourceType": "Organization", "partOf": {"reference": "https://hub.test/fhir/Organization/x"}, "name": "x" * 400},
    {"resourceType": "Location", "position": {"longitude": -81.01, "latitude": 46.49}, "address": {"city": "Sudbury"}},
    {"resourceType": "Location", "name": "Nowhere", "managingOrganization": {"reference": "Organization/x"}},
    {"resourceType": "Questionnaire", "url": "https://hub.test/q", "date": "2026-03"},
    {"resourceType": "Questionnaire", "status": "draft", "date": "2026-03-02T10:00:00Z"},
]  # fmt: skip
QUERIES = [
    *(f"Organization?name={text}" for text in ("cafe", "CAFÉ", "étoile", "star_", "50%", "_", "x" * 400, "x" * 30)),
    *(f"Organization?name:{how}=toile" for how in ("contains", "exact")),
    "Organization?name:exact=café",
    "Organization?name:contains=%",
    *(f"Organization?identifier={one}" for one in ("7", f"{SYSTEM}|7", f"{SYSTEM}|", "|7", "other|7")),
    *(f"Organization?active={one}" for one in ("true", "false", "true,false")),
    "Organization?active:not=true",
    "Organization?type=a\\|b",
    *(f"Organization?partof={one}" for one in ("x", "Organization/x", "https://footbridge.test/fhir/Organization/x")),
    "Organization?partof=https://hub.test/fhir/Organization/x",
    "Organization?partof:identifier=9",
    *(f"Organization?partof:missing={one}" for one in ("true", "false")),
    "Organization?partof:Organization=x",
    *(f"Organization?_lastUpdated={one}" for one in ("2026", "lt2026", "ge2026-03-02", "ne2026", "sa2027", "eb2027")),
    *(f"Location?near={one}" for one in ("46.49|-81.01|1|km", "46.6|-81.01|5|km", "46.6|-81.01|20000|m", "0|0|1|km")),
    "Location?near:missing=true",
    "Location?address-city=sud&near=46|-81|100|km",
    "Questionnaire?url=https://hub.test/q",
    *(f"Questionnaire?date={prefix}2026-03-02" for prefix in ("", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")),
    *(f"Questionnaire?date={prefix}2026-03" for prefix in ("", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")),
]
BASE = "https://footbridge.test/fhir"


def pairs(text: str) -> tuple[str, list[tuple[str, str]]]:
    kind, _, query = text.partition("?")
    return kind, [(name, value) for name, _, value in (one.partition("=") for one in query.split("&"))]


def test_a_match_is_the_same_in_the_database_and_out_of_it(sqlite_database: Database, clock: ManualClock) -> None:
    with sqlite_database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
    store = ResourceStore(sqlite_database, "north", clock, BASE, compartment="hub")
    stored = [store.create(one["resourceType"], one).stored for one in RESOURCES]
    some = 0
    for text in QUERIES:
        kind, query = pairs(text)
        found = {one.id for one in store.search(kind, query).matches}
        criteria = read_query(kind, query).criteria
        assert criteria
        matched = set()
        for one in stored:
            assert one is not None
            candidate = Candidate(one.id, one.last_updated, one.resource, index_of(one.resource))
            if one.type == kind and candidate.meets(criteria, BASE, lambda _chain: ()):
                matched.add(one.id)
        assert (text, matched) == (text, found)
        some += bool(found)
    assert some > len(QUERIES) // 2


@pytest.mark.parametrize(
    "text", ["Organization?identifier=a|b|c", "Questionnaire?date=x", "Organization?name:missing=x"]
)
def test_what_cannot_be_meant_is_refused_by_both(text: str, clock: ManualClock) -> None:
    kind, query = pairs(text)
    resource = next(
        one for one in RESOURCES if one["resourceType"] == kind and (kind != "Organization" or "identifier" in one)
    )
    candidate = Candidate("1", clock.now(), resource, index_of(resource))
    with pytest.raises(InvalidRequest):
        candidate.meets(read_query(kind, query).criteria, BASE, lambda _chain: ())
