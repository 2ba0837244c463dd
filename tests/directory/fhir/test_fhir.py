"""A service as FHIR: it conforms, claims what it meets, and says what it could not carry."""

import json
import re
import uuid
from collections import Counter
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.directory.export import fhir_resources
from footbridge.directory.fhir import resources_of
from footbridge.directory.fhir.values import table
from footbridge.directory.model import DirectoryLocation, DirectoryOrganization, ServiceDocument
from footbridge.validation import Validator

SDOHCC = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"


def key(number):
    return str(uuid.UUID(int=number, version=4))


@pytest.fixture(scope="module")
def validator():
    return Validator()


def document(**more):
    return {
        "id": key(1),
        "native_id": "42",
        "source": "north",
        "name": "Community meals",
        "organization": {"id": key(2), "native_id": "7", "name": "North End Hub"},
        "locations": [
            {
                "id": key(3),
                "native_id": "9",
                "location_type": "physical",
                "name": "Main",
                "addresses": [
                    {
                        "address_1": "1 Main St",
                        "city": "Sudbury",
                        "state_province": "ON",
                        "postal_code": "P3E 1A1",
                        "country": "CA",
                    }
                ],
            }
        ],
        "phones": [{"number": "705-555-0100", "type": "voice"}],
        "categories": [{"code": "food-insecurity", "basis": "taxonomy", "evidence": ["BD-5000"]}],
        "attributes": [{"taxonomy_term": {"code": "BD-5000", "name": "Meals"}}],
        "can_refer": True,
        **more,
    }


def claims(made, kind):
    return [
        profile.removeprefix(SDOHCC).removeprefix(US_CORE)
        for one in made.resources
        if one["resourceType"] == kind
        for profile in one.get("meta", {}).get("profile", [])
    ]


def of(made, kind):
    return [one for one in made.resources if one["resourceType"] == kind]


def test_each_resource_claims_what_it_meets(validator):
    made = resources_of(document(), validator, "us")
    assert claims(made, "Organization") == ["us-core-organization"]
    assert claims(made, "Location") == ["SDOHCC-Location"]
    assert claims(made, "HealthcareService") == ["SDOHCC-HealthcareService"]
    assert [profile for profile, _ in made.not_claimed] == [f"{SDOHCC}SDOHCC-HealthcareServiceForReferralManagement"]


def test_us_core_is_not_claimed_in_canada(validator):
    assert claims(resources_of(document(), validator, "ca"), "Organization") == []


@pytest.mark.parametrize(
    ("capacity", "status"),
    [
        ({"available": 3}, "capacity"),
        ({"available": 0}, "no-capacity"),
        ({"description": "Waitlist, about 3 months"}, "waitlist"),
        ({"available": 0, "description": "liste d'attente"}, "waitlist"),
    ],
)
def test_what_is_known_of_capacity_is_said_with_its_age(validator, capacity, status):
    made = resources_of(document(capacities=[{"updated": "2026-11-01T08:00:00Z", **capacity}]), validator, "ca")
    (extension,) = of(made, "HealthcareService")[0]["extension"]
    inner = {one["url"]: one for one in extension["extension"]}
    assert inner["capacityStatus"]["valueCodeableConcept"]["coding"][0]["code"] == status
    assert "2026-11-01" in inner["capacityNotes"]["valueString"]
    assert "SDOHCC-HealthcareServiceForReferralManagement" in claims(made, "HealthcareService")


def test_unknown_capacity_claims_nothing(validator):
    made = resources_of(document(), validator, "ca")
    assert "extension" not in of(made, "HealthcareService")[0]


def people(validator, *contacts, place=()):
    one = document(contacts=list(contacts))
    one["locations"][0]["contacts"] = list(place)
    return {
        role["id"]: role["practitioner"]["display"]
        for role in of(resources_of(one, validator, "ca"), "PractitionerRole")
    }


def test_a_person_has_the_same_id_when_another_one_goes_comes_or_is_listed_elsewhere(validator):
    first, second = {"name": "Ann Roy", "title": "Intake"}, {"id": "7", "name": "Bo Li"}
    both = people(validator, first, second, place=[first])
    assert sorted(both.values()) == ["Ann Roy", "Ann Roy", "Bo Li"]
    assert (
        people(validator, second, {"name": "New"}, first, place=[{"email": "x@y.test"}, first]).items() >= both.items()
    )
    (bo,) = people(validator, {**second, "name": "Bo Li-Roy", "title": "Manager"}).keys()
    assert both[bo] == "Bo Li"
    assert len(people(validator, first, first)) == 2
    assert all(re.fullmatch(r"[A-Za-z0-9.-]{1,54}", one) for one in both)  # "directory-" comes before it on /fhir


def test_a_contact_without_a_name_is_a_way_to_reach_the_record(validator):
    at = {"email": "more@hub.test", "phones": [{"number": "705-555-0177"}]}
    one = document(contacts=[at, at, {"name": "Ann Roy", "email": "ann@hub.test"}])
    one["organization"]["contacts"] = one["locations"][0]["contacts"] = [at]
    made = resources_of(one, validator, "ca")
    for kind in ("Organization", "Location", "HealthcareService"):
        values = [point["value"] for point in of(made, kind)[0]["telecom"]]
        assert (values.count("more@hub.test"), values.count("705-555-0177"), values.count("ann@hub.test")) == (1, 1, 0)
    assert len(of(made, "PractitionerRole")) == 1


def test_an_export_says_which_profile_is_not_claimed_and_why_once_for_each_resource(validator):
    bare = document(phones=[], locations=[{"id": key(3), "native_id": "9", "location_type": "virtual"}])
    counts = Counter()
    written = list(fhir_resources([bare, {**bare, "id": key(4), "native_id": "43"}], validator, "ca", counts))
    told = {str(what): count for what, count in counts.items()}
    assert len(written) == 4
    assert told["does not claim SDOHCC-Location: 'address' occurs 0 times; at least 1 are required."] == 1
    assert [count for what, count in told.items() if what.startswith("does not claim SDOHCC-HealthcareService: ")] == [
        2
    ]


@pytest.mark.parametrize(
    "place", [{"location_type": "virtual"}, {"location_type": "physical", "address_withheld": True}]
)
def test_a_place_without_an_address_is_no_sdohcc_location(validator, place):
    made = resources_of(
        document(locations=[{"id": key(3), "native_id": "9", "name": "Main", **place}]), validator, "ca"
    )
    assert claims(made, "Location") == []
    assert "SDOHCC-Location" in json.dumps(made.not_claimed)
    assert validator.check(of(made, "Location")[0]).valid


def test_the_phone_for_appointments_is_found_by_its_words_else_the_first(validator):
    phones = [
        {"number": "1", "type": "fax"},
        {"number": "2", "type": "voice"},
        {"number": "3", "type": "voice", "description": "Intake line"},
    ]

    def marked(some):
        made = resources_of(document(phones=some), validator, "ca")
        points = of(made, "HealthcareService")[0]["telecom"]
        return [one["value"] for one in points if "Appointment" in json.dumps(one.get("extension", []))], made.assumed

    assert marked(phones) == (["3"], ())
    assert marked(phones[:2]) == (["2"], ("appointment-phone",))
    assert marked(phones[:1]) == ([], ())


def test_hours_of_a_week_are_times_and_others_are_words(validator):
    schedules = [
        {"freq": "WEEKLY", "byday": "MO,WE", "opens_at": "09:00", "closes_at": "17:00"},
        {"freq": "WEEKLY", "byday": "FR", "opens_at": "22:00", "closes_at": "02:00"},
        {"freq": "MONTHLY", "byday": "2MO", "opens_at": "10:00", "closes_at": "12:00"},
        {"description": "By appointment"},
        {"freq": "WEEKLY", "byday": "SU", "opens_at": "00:00", "closes_at": "24:00"},
    ]
    service = of(resources_of(document(schedules=schedules), validator, "ca"), "HealthcareService")[0]
    assert service["availableTime"] == [
        {"daysOfWeek": ["mon", "wed"], "availableStartTime": "09:00:00", "availableEndTime": "17:00:00"},
        {"daysOfWeek": ["sun"], "allDay": True},
    ]
    for words in ("22:00", "2MO", "By appointment"):
        assert words in service["availabilityExceptions"]


def test_people_for_whom_it_is_are_never_its_type(validator):
    attributes = [
        {"taxonomy_term": {"code": "BD-5000", "name": "Meals"}},
        {"taxonomy_term": {"code": "YB-8000", "name": "Older adults"}},
    ]
    service = of(
        resources_of(document(attributes=attributes, minimum_age=60), validator, "ca", "fr"), "HealthcareService"
    )[0]
    assert [one["coding"][0]["code"] for one in service["type"]] == ["BD-5000"]
    assert service["characteristic"] == [{"text": "Older adults"}]
    assert service["eligibility"] == [{"comment": "Âge: à partir de 60 ans"}]


texts = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(str.strip)


@given(
    more=st.fixed_dictionaries(
        {},
        optional={
            "name": texts,
            "description": texts,
            "alert": texts,
            "eligibility_description": texts,
            "fees_description": texts,
            "application_process": texts,
            "interpretation_services": texts,
            "program": st.fixed_dictionaries({"name": texts}),
            "email": texts,
            "phones": st.lists(
                st.fixed_dictionaries(
                    {"number": texts}, optional={"type": texts, "description": texts, "extension": texts}
                ),
                max_size=3,
            ),
            "contacts": st.lists(st.fixed_dictionaries({}, optional={"name": texts, "title": texts}), max_size=2),
            "service_areas": st.lists(st.fixed_dictionaries({}, optional={"name": texts, "extent": texts}), max_size=3),
            "is_free": st.booleans(),
            "minimum_age": st.floats(0, 120),
        },
    )
)
def test_whatever_a_service_has_conforms_to_r4(more):
    made = resources_of(document(**more), Validator(), "ca")
    for resource in made.resources:
        issues = Validator().check(resource).issues
        assert [one.message for one in issues if one.severity in {"error", "fatal"}] == []


def canary(*path):
    return "canary" + "".join(str(part).replace("_", "").title() for part in path)


def maximal():
    """A document with each member that one may have; the value of each is its name."""
    rows = {
        "phones": {"number": "705-555-0177", "type": "voice"},
        "contacts": {"name": "{}"},
        "schedules": {"description": "{}"},
        "languages": {"name": "{}"},
        "service_areas": {"name": "{}"},
        "required_documents": {"document": "{}"},
        "cost_options": {"option": "{}", "amount": 2.5, "currency": "CAD"},
        "capacities": {"available": 3, "description": "{}"},
        "attributes": {"taxonomy_term": {"code": "BD-5000", "name": "{}"}},
        "categories": {"code": "food-insecurity", "basis": "keyword", "evidence": ["x"]},
        "accessibility": {"description": "{}"},
        "addresses": {"address_1": "{}"},
        "additional_urls": {"url": "http://{}.test"},
        "additional_websites": {"url": "http://{}.test"},
        "organization_identifiers": {"identifier": "{}"},
        "program": {"name": "{}"},
    }
    numbers = {"latitude": 46.5, "longitude": -81.0, "minimum_age": 3, "maximum_age": 77, "year_incorporated": 1977}

    def fill(kind, *path):
        made = {}
        for name, form in get_type_hints(kind).items():
            text = canary(*path, name)
            if name in {"id", "native_id", "source", "organization", "locations", "can_refer", "address_withheld"}:
                continue
            if name in rows:
                row = json.loads(json.dumps(rows[name]).replace("{}", text))
                made[name] = row if name == "program" else [row]
            elif name in numbers:
                made[name] = numbers[name]
            elif form is str:
                made[name] = text
            elif form is bool:
                made[name] = True
            else:
                made[name] = [text]
        return made

    base = document()
    owner, place = base["organization"], base["locations"][0]
    return {
        **base,
        **fill(ServiceDocument),
        "categories": base["categories"],
        "last_modified": "2026-11-01",
        "organization": {**owner, **fill(DirectoryOrganization, "organization")},
        "locations": [{**place, **fill(DirectoryLocation, "locations"), "location_type": "physical"}],
    }


def test_each_member_is_carried_or_named_as_not_carried(validator):
    given = maximal()
    made = resources_of(given, validator, "us")
    carried = json.dumps(made.resources)
    structure = {
        "id",
        "native_id",
        "source",
        "organization",
        "locations",
        "can_refer",
        "categories",
        "address_withheld",
    }
    parts = {"": given, "organization.": given["organization"], "locations.": given["locations"][0]}
    lost = []
    for of, part in parts.items():
        for name, value in part.items():
            text = json.dumps(value)
            marks = re.findall(r"canary\w+", text, re.IGNORECASE) or [re.sub(r"^.*?([\w-]+)\W*$", r"\1", str(value))]
            is_there = any(mark.casefold() in carried.casefold() for mark in marks)
            seen_otherwise = name in {"is_free", "location_type", "target_populations", "phones"}
            if name not in structure and not is_there and not seen_otherwise and f"{of}{name}" not in made.not_carried:
                lost.append(f"{of}{name}")
    assert lost == []
    for resource in made.resources:
        assert validator.check(resource).valid, resource["resourceType"]


def test_what_is_named_as_not_carried_is_a_member_of_a_document():
    kinds = {"": ServiceDocument, "organization": DirectoryOrganization, "locations": DirectoryLocation}
    for name in table()["notCarried"]:
        of, _, member = name.rpartition(".")
        assert member in get_type_hints(kinds[of])
