"""A service states its free places in its compartment, and the directory says so: who said it, and when."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from support.directory_beside import feed, load
from support.fhir_http import System, system_of
from support.spine import TENANT, World

from footbridge.directory.asking import Asker
from footbridge.directory.lookup import find_service
from footbridge.directory.partners import link, unlink
from footbridge.directory.search import Query

Json = dict[str, Any]
URL = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceCapacityStatus"
GUIDE = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"


def stating(status: str, notes: str = "", **members: Any) -> Json:
    """A HealthcareService with a capacity status."""
    parts: list[Json] = [
        {"url": "capacityStatus", "valueCodeableConcept": {"coding": [{"system": GUIDE, "code": status}]}}
    ]
    parts += [{"url": "capacityNotes", "valueString": notes}] if notes else []
    return {"resourceType": "HealthcareService", "extension": [{"url": URL, "extension": parts}], **members}


def stated(system: System, name: str) -> tuple[str, str] | None:
    """Code and notes that the directory's entry has."""
    found = [one for one in system.found(f"HealthcareService?name={name}") if one["id"].startswith("directory-")]
    for one in found[0].get("extension", []):
        if one["url"] == URL:
            values = {part["url"]: part for part in one["extension"]}
            code = values["capacityStatus"]["valueCodeableConcept"]["coding"][0]["code"]
            return code, values.get("capacityNotes", {}).get("valueString", "")
    return None


@pytest.fixture
def linked(clinic: World, hub: System) -> System:
    """The hub, linked to its organization of the directory."""
    load(clinic.database, clinic.clock, TENANT)
    with clinic.database.write() as connection:
        link(connection, TENANT, "hub", "211:hub")
    return hub


def with_capacity(clinic: World, *states: str) -> list[str]:
    found = Asker(clinic.database, clinic.clock).ask(TENANT, Query(capacity=states))
    assert found.total == len(found.services) == sum(found.facets["capacity"].values())
    return sorted(f"{one['name']} {one['capacity']['updated']}" for one in found.services)


def test_what_it_says_is_in_the_directory_from_then_on(clinic: World, linked: System) -> None:
    assert stated(linked, "Food") is None
    before = linked.found("HealthcareService?name=food")[0]
    clinic.clock.advance(timedelta(days=1))
    made = linked.create(stating("waitlist", "About two weeks", name="food bank"))
    code, notes = stated(linked, "Food") or ("", "")
    assert (code, notes) == ("waitlist", "About two weeks; stated by hub; updated 2026-03-03")
    after = next(one for one in linked.found("HealthcareService?name=food") if one["id"] == before["id"])
    assert after["meta"]["versionId"] != before["meta"]["versionId"]
    assert after["meta"]["lastUpdated"].startswith("2026-03-03")
    assert with_capacity(clinic, "waitlist") == ["Food bank 2026-03-03"]
    with clinic.database.read() as connection:
        entry = find_service(connection, TENANT, "211:s1")
    assert entry is not None
    assert (entry["capacities"][0]["status"], entry["capacities"][0]["stated_by"]) == ("waitlist", "hub")
    linked.put({**made, **stating("capacity", name="food bank")})
    assert (stated(linked, "Food") or ("",))[0] == "capacity"
    assert with_capacity(clinic, "waitlist") == []
    current = linked.read(f"HealthcareService/{made['id']}")
    linked.put({name: value for name, value in current.items() if name != "extension"})
    assert stated(linked, "Food") is None


def test_it_is_newer_than_its_source_or_does_not_count(clinic: World, linked: System) -> None:
    """The source said on 1 February that there is no place; what is said on 2 March counts until it says more."""
    assert with_capacity(clinic, "none") == ["Hot meals 2026-02-01"]
    linked.create(stating("capacity", name="Hot meals"))
    assert with_capacity(clinic, "none") == []
    assert with_capacity(clinic, "available") == ["Hot meals 2026-03-02"]
    records = feed()
    (meals,) = [one for one in records if one.native_id == "s2"]
    meals.data["capacities"][0]["updated"] = "2026-03-20"
    clinic.clock.advance(timedelta(days=20))
    load(clinic.database, clinic.clock, TENANT, records)
    assert with_capacity(clinic, "none") == ["Hot meals 2026-03-20"]
    assert (stated(linked, "Hot") or ("",))[0] == "no-capacity"


def test_which_service_is_meant(clinic: World, linked: System) -> None:
    identifier = {"system": "urn:footbridge:NamingSystem/directory/211/service", "value": "s2"}
    linked.create(stating("waitlist", name="Whatever", identifier=[identifier]))
    assert (stated(linked, "Hot") or ("",))[0] == "waitlist"
    answer = linked.ask(
        "POST", "HealthcareService", stating("capacity", name="What?"), Prefer="return=OperationOutcome"
    )
    assert (answer.status_code, answer.json["issue"][0]["severity"]) == (201, "warning")
    assert "identifier" in answer.json["issue"][0]["details"]["text"]
    foreign = {"system": "urn:footbridge:NamingSystem/directory/211/service", "value": "s3"}
    linked.create(stating("capacity", name="x", identifier=[foreign]))
    assert stated(linked, "Beds") is None


def test_one_that_comes_to_mean_another_service_says_nothing_more_of_the_first(clinic: World, linked: System) -> None:
    made = linked.create(stating("waitlist", name="Food bank"))
    linked.put({**made, "name": "Hot meals"})
    assert stated(linked, "Food") is None
    assert (stated(linked, "Hot") or ("",))[0] == "waitlist"
    with clinic.database.write() as connection:
        unlink(connection, TENANT, "hub")
    assert (stated(linked, "Hot") or ("",))[0] == "no-capacity"


def test_one_that_is_linked_to_nothing_changes_nothing(clinic: World, hub: System) -> None:
    load(clinic.database, clinic.clock, TENANT)
    answer = hub.ask(
        "POST", "HealthcareService", stating("capacity", name="Food bank"), Prefer="return=OperationOutcome"
    )
    assert answer.status_code == 201
    assert "linked" in answer.json["issue"][0]["details"]["text"]
    assert stated(hub, "Food") is None


def test_a_requester_says_nothing_of_a_service(clinic: World, linked: System, app: Flask) -> None:
    clinic.take_on("annex", "requester", network="hosted", base_url="")
    with clinic.database.write() as connection:
        link(connection, TENANT, "annex", "211:hub")
    system_of(clinic, app, "annex").create(stating("no-capacity", name="Food bank"))
    assert stated(linked, "Food") is None
