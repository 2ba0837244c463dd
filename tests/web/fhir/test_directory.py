"""The directory on ``/fhir``: every partner reads it beside its own resources, and nobody writes it."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from support.directory_beside import HIDDEN, feed, load
from support.directory_beside import service as offered
from support.fhir_http import XML, System, system_of
from support.spine import TENANT, World

from footbridge.directory.importing.removal import remove
from footbridge.store.audit import WantedRows, list_rows
from footbridge.store.tenants import add_tenant
from footbridge.web.context import EXTENSION

Json = dict[str, Any]
TYPES = ("Organization", "Location", "HealthcareService", "PractitionerRole")
GUIDE = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
TAXONOMY = "http://211hsis.org"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def town(clinic: World, hub: System) -> System:
    """The hub, where the tenant has a directory."""
    load(clinic.database, clinic.clock, TENANT)
    return hub


def names(found: list[Json]) -> list[str]:
    return [one["name"] for one in found]


def service(town: System, name: str = "Food bank") -> Json:
    (found,) = town.found(f"HealthcareService?name={name}")
    return found


def test_services_organizations_places_and_contacts_are_there(town: System) -> None:
    assert sorted(names(town.found("HealthcareService"))) == [
        "Beds for a night", "Food bank", "Good Food Box", "Hot meals",
    ]  # fmt: skip
    assert sorted(names(town.found("Organization"))) == ["Café Étoile", "North End Hub"]
    assert sorted(names(town.found("Location"))) == ["Lake Site", "North Site", "Safe house", "South Site"]
    at_place, of_service = sorted(town.found("PractitionerRole"), key=lambda one: "location" not in one)
    assert of_service["practitioner"]["display"] == "Alex Tremblay"
    assert at_place["practitioner"]["display"] == "Sam Okoro"
    (lake,) = town.found("Location?name=Lake")
    assert at_place["location"] == [{"reference": f"Location/{lake['id']}"}]
    for type_ in TYPES:
        for one in town.found(type_):
            assert town.read(f"{type_}/{one['id']}") == one


ASKED = [
    ("HealthcareService?name=FOOD", ["Food bank"]),
    ("HealthcareService?name:contains=food&_sort=name", ["Food bank", "Good Food Box"]),
    ("HealthcareService?name:exact=Hot meals", ["Hot meals"]),
    ("HealthcareService?name:exact=hot meals", []),
    ("HealthcareService?service-category=food-insecurity&_sort=name", ["Food bank", "Good Food Box", "Hot meals"]),
    (f"HealthcareService?service-category={GUIDE}|food-insecurity&_sort=-name", ["Hot meals", "Good Food Box", "Food bank"]),
    ("HealthcareService?service-category=http://other.test|food-insecurity", []),
    ("HealthcareService?service-category:not=food-insecurity", ["Beds for a night"]),
    ("HealthcareService?service-type=BH-1800", ["Beds for a night"]),
    (f"HealthcareService?characteristic={TAXONOMY}|YB-8000", ["Food bank"]),
    ("HealthcareService?characteristic=BD-1800.2000", []),
    ("HealthcareService?characteristic:missing=true&name=food", []),
    ("HealthcareService?organization.name=star&_sort=name", ["Beds for a night", "Good Food Box"]),
    ("HealthcareService?organization:Organization.name=star&name=good", ["Good Food Box"]),
    ("HealthcareService?location.near=46.49|-81.01|20|km", ["Food bank", "Hot meals"]),
    ("HealthcareService?location.near=46.49|-81.01|1|km&service-category=food-insecurity", ["Food bank"]),
    ("Location?near=46.49|-81.01|20|km", ["North Site", "Lake Site"]),
    ("Location?near=46.49|-81.01|10000|m", ["North Site"]),
    ("Location?near=46.49|-81.01|8|[mi_i]", ["North Site", "Lake Site"]),
    ("Location?near=46.49|-81.01", ["North Site", "Lake Site"]),
    ("Location?near=0|0|1|km,43.65|-79.38|1|km", ["South Site"]),
    ("Location?address-city=sud&name=north", ["North Site"]),
    ("Location?status=suspended", []),
    ("Organization?name=cafe", ["Café Étoile"]),
    ("Organization?identifier=hub", ["North End Hub"]),
    ("Organization?identifier=urn:footbridge:NamingSystem/directory/211/organization|hub", ["North End Hub"]),
    ("Organization?identifier=http://other.test|hub", []),
    ("Organization?active=true&name=north", ["North End Hub"]),
    ("Organization?active=false", []),
    ("Organization?_lastUpdated=lt2026", []),
    ("Organization?_lastUpdated=ge2026-03&_sort=name", ["Café Étoile", "North End Hub"]),
]  # fmt: skip


def test_what_a_partner_may_ask(town: System) -> None:
    """What is at a place that is withheld is near nothing."""
    for query, found in ASKED:
        answer = town.get(query, Prefer="handling=strict")
        assert answer.status_code == 200, answer.text
        assert (query, [entry["resource"]["name"] for entry in answer.json.get("entry", [])]) == (query, found)
        assert answer.json["total"] == len(found)
        type_, _, criteria = query.partition("?")
        by_post = town.ask("POST", f"{type_}/_search", criteria.encode(), Content_Type=FORM)
        assert by_post.json.get("entry") == answer.json.get("entry")
        assert town.get(f"{query}&_summary=count").json["total"] == len(found)


def test_a_place_that_cannot_be_meant_is_refused(town: System) -> None:
    for query in (
        "Location?near=46.49",
        "Location?near=x|y",
        "Location?near=91|0|1|km",
        "Location?near=46|-81|1|kg",
        "Location?near=46|-81|-1|km",
        "HealthcareService?location.near=north",
        "Location?near=1|2|3|km|5",
    ):
        answer = town.get(query)
        assert (query, answer.status_code, answer.json["issue"][0]["code"]) == (query, 400, "invalid")


def test_what_refers_to_what_comes_along(town: System) -> None:
    query = "HealthcareService?name=food&_include=HealthcareService:organization&_include=HealthcareService:location"
    assert sorted(names(town.found(query, "include"))) == ["North End Hub", "North Site"]
    back = town.found("Organization?name=north&_revinclude=HealthcareService:organization", "include")
    assert sorted(names(back)) == ["Food bank", "Hot meals"]
    at_place = town.found("Location?name=south&_revinclude=HealthcareService:location", "include")
    assert sorted(names(at_place)) == ["Beds for a night", "Good Food Box"]
    people = town.found("HealthcareService?name=food&_revinclude=PractitionerRole:service", "include")
    assert [one["practitioner"]["display"] for one in people] == ["Alex Tremblay"]


def test_includes_cross_between_its_own_and_the_directory(town: System) -> None:
    (owner,) = town.found("Organization?name=north")
    mine = {
        "resourceType": "HealthcareService",
        "name": "Our box",
        "providedBy": {"reference": f"Organization/{owner['id']}"},
    }
    made = town.create(mine)
    for base in ("", "http://localhost/fhir/"):
        found = town.found(f"HealthcareService?organization={base}Organization/{owner['id']}&_sort=name")
        assert names(found) == ["Our box", "Food bank", "Hot meals"]
    forth = town.found(f"HealthcareService?_id={made['id']}&_include=HealthcareService:organization", "include")
    assert names(forth) == ["North End Hub"]
    back = town.found(f"Organization?_id={owner['id']}&_revinclude=HealthcareService:organization", "include")
    assert sorted(names(back)) == ["Food bank", "Hot meals", "Our box"]
    assert names(town.found("HealthcareService?organization.name=north&_sort=name")) == [
        "Our box",
        "Food bank",
        "Hot meals",
    ]


def test_pages_have_its_own_first_and_miss_nothing(town: System) -> None:
    mine = {town.create({"resourceType": "HealthcareService", "name": f"Mine {number}"})["id"] for number in range(3)}
    expected = mine | {one["id"] for one in town.found("HealthcareService")}
    for size in (1, 2, 3, 4, 6, 7):
        page, seen = town.get(f"HealthcareService?_count={size}").json, list[str]()
        while True:
            entries = page.get("entry", [])
            assert len(entries) <= size
            seen += [entry["resource"]["id"] for entry in entries]
            link = next((one["url"] for one in page["link"] if one["relation"] == "next"), None)
            if link is None:
                break
            page = town.get(link).json
        assert len(seen) == len(set(seen)) == 7
        assert (set(seen[:3]), set(seen)) == (mine, expected)
    assert town.get("HealthcareService?_count=1&_total=accurate").json["total"] == 7


def test_a_requester_has_places_of_its_own(town: System, clinic: World, app: Flask) -> None:
    clinic.take_on("annex", "requester", network="hosted", base_url="")
    annex = system_of(clinic, app, "annex")
    for name, latitude in (("Mine", 46.5), ("Far", 10)):
        annex.create(
            {"resourceType": "Location", "name": name, "position": {"longitude": -81.01, "latitude": latitude}}
        )
    (mine,) = annex.found("Location?name=mine")
    annex.create(
        {"resourceType": "HealthcareService", "name": "Ours", "location": [{"reference": f"Location/{mine['id']}"}]}
    )
    assert names(annex.found("Location?near=46.49|-81.01|5|km")) == ["Mine", "North Site"]
    assert names(annex.found("HealthcareService?location.near=46.49|-81.01|5|km")) == ["Ours", "Food bank"]
    assert names(town.found("Location?near=46.49|-81.01|5|km")) == ["North Site"]


def test_nobody_writes_it(town: System, clinic: World, app: Flask) -> None:
    clinic.take_on("annex", "requester", network="hosted", base_url="")
    for system in (town, system_of(clinic, app, "annex")):
        for type_ in TYPES:
            one = system.found(type_)[0]
            before = system.read(f"{type_}/{one['id']}")
            changed = {**one, "language": "en"}
            nobody = f"directory-{'0' * 8}-0000-5000-8000-{'0' * 12}"
            entry = {"resource": changed, "request": {"method": "PUT", "url": f"{type_}/{one['id']}"}}
            assert system.put(changed).status_code == 403
            assert system.put({**changed, "id": nobody}).status_code == 403
            assert system.ask("PUT", f"{type_}?identifier=nobody", changed).status_code == 403
            for kind in ("transaction", "batch"):
                bundle = {"resourceType": "Bundle", "type": kind, "entry": [entry]}
                answer = system.ask("POST", "", bundle)
                status = (
                    answer.status_code
                    if kind == "transaction"
                    else int(answer.json["entry"][0]["response"]["status"][:3])
                )
                assert status == 403
            assert system.ask("DELETE", f"{type_}/{one['id']}").status_code == 405
            assert system.read(f"{type_}/{one['id']}") == before


def test_versions(town: System) -> None:
    one = service(town)
    reference, version = f"HealthcareService/{one['id']}", one["meta"]["versionId"]
    answer = town.get(reference)
    assert answer.headers["ETag"] == f'W/"{version}"'
    assert town.get(reference, If_None_Match=f'W/"{version}"').status_code == 304
    assert town.get(f"{reference}/_history/{version}").json == one
    assert town.get(f"{reference}/_history/1").status_code == 404
    history = town.get(f"{reference}/_history").json
    assert [entry["resource"] for entry in history["entry"]] == [one]
    assert town.get(f"HealthcareService/directory-{'0' * 8}-0000-5000-8000-{'0' * 12}").status_code == 404


def test_a_new_import_is_seen_and_makes_a_new_version(town: System, clinic: World) -> None:
    before = service(town)
    clinic.clock.advance(timedelta(hours=1))
    changed = [one for one in feed() if one.native_id not in {"s1", "s1-p1", "s1-p4"}]
    load(clinic.database, clinic.clock, TENANT, [*changed, offered("s1", "hub", "Food bank", open="daily")])
    after = service(town)
    assert after["id"] == before["id"]
    assert after["meta"]["versionId"] != before["meta"]["versionId"]
    assert after["meta"]["lastUpdated"] > before["meta"]["lastUpdated"]
    assert "location" not in after
    assert sorted(names(town.found("Location"))) == ["Lake Site", "Safe house", "South Site"]
    load(clinic.database, clinic.clock, TENANT, changed)
    assert town.get(f"HealthcareService/{before['id']}").status_code == 404


def test_what_is_hidden_or_confidential_has_no_form(town: System) -> None:
    town.said.clear()
    for type_ in TYPES:
        pairs = [("_include", "*"), ("_count", "1000"), *(("_revinclude", f"{one}:*") for one in TYPES)]
        assert town.get(f"{type_}?{urlencode(pairs)}", Prefer="handling=strict").status_code == 200
        for one in town.found(type_):
            town.get(f"{type_}/{one['id']}/_history")
            assert town.ask("GET", f"{type_}/{one['id']}", Accept=XML).status_code == 200
    said = "\n".join(town.said)
    assert "North End Hub" in said
    assert [word for word in HIDDEN if word in said] == []
    for name in ("gone", "bare"):
        assert town.found(f"Organization?identifier={name}") == []
    assert "position" not in town.found("Location?name=safe")[0]
    assert "address" not in town.found("Location?name=safe")[0]


def test_capacity_is_stated_where_it_is_known(town: System) -> None:
    url = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceCapacityStatus"
    stated = {
        one["name"]: [row for row in one.get("extension", []) if row["url"] == url]
        for one in town.found("HealthcareService")
    }
    (extension,) = stated.pop("Hot meals")
    assert extension["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "no-capacity"
    assert "2026-02-01" in extension["extension"][1]["valueString"]
    assert set(map(len, stated.values())) == {0}


def test_the_statement_names_it(town: System) -> None:
    rows = {one["type"]: one for one in town.get("metadata").json["rest"][0]["resource"]}
    for type_ in TYPES:
        assert "directory" in rows[type_]["documentation"]
    assert {
        "name": "near",
        "type": "special",
        "definition": "http://hl7.org/fhir/SearchParameter/Location-near",
    } in rows["Location"]["searchParam"]


def test_another_tenant_and_its_partners_see_nothing_of_it(clinic: World, hub: System) -> None:
    with clinic.database.write() as connection:
        add_tenant(connection, "elsewhere", "ca", clinic.clock.now())
    load(clinic.database, clinic.clock, "elsewhere")
    for type_ in TYPES:
        assert hub.found(type_) == []
        assert hub.get(f"{type_}?_summary=count").json["total"] == 0


def test_a_source_that_was_removed_and_comes_again_is_read_again(town: System, clinic: World) -> None:
    assert "Food bank" in names(town.found("HealthcareService"))
    remove(clinic.database, TENANT, "211")
    assert town.found("HealthcareService") == []
    clinic.clock.advance(timedelta(hours=1))
    load(clinic.database, clinic.clock, TENANT, [one for one in feed() if one.native_id != "s1"])
    assert "Food bank" not in names(town.found("HealthcareService"))


def test_a_read_is_noted_and_scopes_hold(town: System, clinic: World, app: Flask) -> None:
    one = service(town)
    town.read(f"HealthcareService/{one['id']}")
    town.found("Organization?name=north&_revinclude=HealthcareService:organization")
    app.extensions[EXTENSION].audit.flush()
    with clinic.database.read() as connection:
        rows = list_rows(connection, TENANT, WantedRows(limit=100))
    assert ("read", "HealthcareService", one["id"]) in {(row.interaction, row.type, row.resource) for row in rows}
    assert ("search-type", "Organization") in {(row.interaction, row.type) for row in rows}
