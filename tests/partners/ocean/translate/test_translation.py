"""Which member of a prescription each part of a message becomes; what is missing or odd never loses the rest."""

import copy
from typing import Any

import pytest
from support import ocean_messages as ocean
from support.ocean_messages import add_service_request, as_v010, item, resource

from footbridge.partners.ocean.translate import Around


def test_a_whole_message(translated: Any) -> None:
    made = translated(add_service_request())
    assert made.errors == ()
    document = made.document
    assert document["identifier"] == {"system": f"{ocean.NAMING}/id-ereferral-reference", "value": ocean.REFERRAL}
    assert document["authored"] == "2026-01-15T10:00:00-05:00"
    assert (document["priority"], document["jurisdiction"], document["language"]) == ("urgent", "ca", "en")
    assert document["client"] == {
        "identifiers": [
            {"system": "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn", "value": ocean.HCN},
            {"system": "urn:footbridge:NamingSystem/health-card-with-version", "value": f"{ocean.HCN}-AB"},
            {"system": "urn:footbridge:NamingSystem/ocean-client-of-referral", "value": ocean.REFERRAL},
        ],
        "name": {"family": "Tremblay", "given": ["Odile", "Marie"]},
        "birthDate": "1948-04-01",
        "gender": "female",
        "languages": [{"code": "fr", "preferred": True}],
        "contacts": [
            {"system": "phone", "value": "416-555-0134", "use": "mobile", "preferred": True},
            {"system": "email", "value": "odile@mail.invalid"},
        ],
        "address": {
            "line": ["12 Elm St", "Unit 4"],
            "city": "Toronto",
            "state": "ON",
            "postalCode": "M4P 0C6",
            "country": "CA",
        },
    }
    assert document["requester"] == {
        "role": "clinician",
        "name": {"family": "Osei", "given": ["Abena"]},
        "identifiers": [
            {"system": "http://infoway-inforoute.ca/fhir/NamingSystem/ca-on-license-physician", "value": "77001"}
        ],
        "contacts": [{"system": "phone", "value": "416-555-0102", "use": "work"}],
        "organization": {"name": "Riverside Family Health Team"},
    }
    assert document["needs"] == [{"category": "food-insecurity", "statement": "Skips meals, cannot pay for groceries."}]
    assert document["interests"] == [{"text": "Walking group"}, {"text": "euchre"}]
    assert document["consent"] == {"status": "given", "basis": "express"}
    assert made.uncarried[0] == "Patient.identifier"  # the MRN, which two clinics may both use


def test_both_versions_of_the_guide_become_the_same_prescription(translated: Any) -> None:
    new, old = translated(add_service_request()), translated(as_v010(add_service_request()))
    assert old.document == new.document
    assert old.errors == ()


def test_a_medical_record_number_never_identifies_a_client(translated: Any) -> None:
    document = translated(add_service_request()).document
    assert "4711" not in str(document)


@pytest.mark.parametrize(
    "system",
    [
        "http://wrong.invalid/NamingSystem/ca-on-patient-hcn",
        "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn|1.0",
        "ca-on-patient-hcn",
        "urn:x:ca-on-patient-hcn",
    ],
)
def test_a_health_card_number_is_known_by_the_end_of_its_system(translated: Any, system: str) -> None:
    bundle = add_service_request()
    resource(bundle, "patient")["identifier"][0]["system"] = system
    first = translated(bundle).document["client"]["identifiers"][0]
    assert first == {"system": "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn", "value": ocean.HCN}


def test_a_version_code_on_the_patient_counts_as_one_on_the_identifier(translated: Any) -> None:
    bundle = add_service_request()
    patient = resource(bundle, "patient")
    patient["extension"] = patient["identifier"][0].pop("extension")
    values = [row["value"] for row in translated(bundle).document["client"]["identifiers"]]
    assert f"{ocean.HCN}-AB" in values


@pytest.mark.parametrize("written", ["1948", "1948-04", "2031-01-01", "yesterday", "1948-13-01", 1948])
def test_a_birth_date_that_is_no_whole_date_is_named_and_not_made_up(translated: Any, written: Any) -> None:
    bundle = add_service_request()
    resource(bundle, "patient")["birthDate"] = written
    made = translated(bundle)
    assert "birthDate" not in made.document["client"]
    assert "Patient.birthDate" in made.uncarried
    assert made.errors == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ({"text": "Odile Tremblay"}, {"family": "Odile Tremblay"}),
        ({"text": "Tremblay, Odile"}, {"family": "Tremblay", "given": ["Odile"]}),
        ({"given": ["Odile"]}, {"given": ["Odile"]}),
        ({"family": " Tremblay "}, {"family": "Tremblay"}),
    ],
)
def test_names_of_every_form(translated: Any, name: dict[str, Any], expected: dict[str, Any]) -> None:
    bundle = add_service_request()
    resource(bundle, "patient")["name"] = [name]
    assert translated(bundle).document["client"]["name"] == expected


def test_the_official_name_is_taken_and_a_nickname_is_what_the_client_is_called(translated: Any) -> None:
    bundle = add_service_request()
    official = resource(bundle, "patient")["name"][0]
    resource(bundle, "patient")["name"] = [
        {"use": "nickname", "given": ["Odie"]},
        {"use": "old", "family": "Roy"},
        official,
    ]
    name = translated(bundle).document["client"]["name"]
    assert name == {"family": "Tremblay", "given": ["Odile", "Marie"], "preferred": "Odie"}


def test_of_several_addresses_the_home_that_can_be_visited_is_taken_and_the_others_are_named(translated: Any) -> None:
    bundle = add_service_request()
    resource(bundle, "patient")["address"] = [
        {"use": "work", "city": "Barrie"},
        {"use": "home", "type": "postal", "line": ["PO Box 7"]},
        {"use": "home", "type": "physical", "city": "Orillia"},
    ]
    made = translated(bundle)
    assert made.document["client"]["address"] == {"city": "Orillia"}
    assert "Patient.address" in made.uncarried


def test_a_message_with_next_to_nothing_still_becomes_a_prescription(translated: Any) -> None:
    bundle = ocean.without(
        add_service_request(), "role", "practitioner", "organization", "form", "letter", "document", "patient"
    )
    resource(bundle, "request").pop("note")
    made = translated(bundle, language="fr-CA")
    assert made.errors == ()
    assert made.document["requester"] == {
        "role": "clinician",
        "name": {"family": "Nom non fourni"},
        "organization": {"name": "Clinique non nommée dans Ocean"},
    }
    assert made.document["needs"] == [
        {"category": "sdoh-category-unspecified", "statement": "L'aiguillage ne donne aucun motif."}
    ]
    assert (made.needs[0].by, made.confidence) == (None, 0.0)


def test_a_message_about_a_task_only_names_what_is_missing(translated: Any) -> None:
    bundle = ocean.without(add_service_request("notify-update-process-request"), "request", "letter")
    resource(bundle, "header").pop("extension")
    bundle.pop("timestamp"), bundle["meta"].pop("lastUpdated")
    made = translated(bundle)
    assert {issue.pointer for issue in made.errors} == {"/authored", "/identifier"}


@pytest.mark.parametrize(
    ("written", "authored"),
    [
        ("2026-01-14", "2026-01-14T00:00:00-05:00"),
        ("2026-01-14T09:30:00Z", "2026-01-14T09:30:00+00:00"),
        ("2026-01-14T09:30:00", "2026-01-14T00:00:00-05:00"),
        (None, "2026-01-15T10:00:00-05:00"),
        ("0000", "2026-01-15T10:00:00-05:00"),
    ],
)
def test_when_it_was_written(translated: Any, written: str | None, authored: str) -> None:
    bundle = add_service_request()
    resource(bundle, "request")["authoredOn"] = written
    assert translated(bundle).document["authored"] == authored


def test_a_clinic_is_named_by_its_place_the_form_or_the_site(translated: Any) -> None:
    bundle = ocean.without(add_service_request(), "organization")
    role = resource(bundle, "role")
    assert translated(bundle, Around(clinic="Clinics of Site 1")).document["requester"]["organization"] == {
        "name": "Clinics of Site 1"
    }
    role["organization"]["display"] = "Lakeside Clinic"
    assert translated(bundle).document["requester"]["organization"]["name"] == "Lakeside Clinic"
    del role["organization"]
    role["location"] = [ocean.ref("place")]
    resource(bundle, "place")["name"] = "Elm Street Office"
    organization = translated(bundle).document["requester"]["organization"]
    assert organization == {"name": "Elm Street Office", "address": {"city": "Toronto", "state": "ON"}}


def test_a_clinic_that_only_the_sender_names(translated: Any) -> None:
    bundle = add_service_request()
    del resource(bundle, "role")["organization"]
    sender = {"resourceType": "PractitionerRole", "organization": ocean.ref("organization")}
    bundle["entry"].append({"fullUrl": "urn:uuid:0e000000-0000-4000-8000-00000000000e", "resource": sender})
    resource(bundle, "header")["sender"] = {"reference": "urn:uuid:0e000000-0000-4000-8000-00000000000e"}
    requester = translated(bundle).document["requester"]
    assert requester["organization"] == {"name": "Riverside Family Health Team"}
    assert requester["name"] == {"family": "Osei", "given": ["Abena"]}


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ({"coding": [{"code": "106328005"}]}, "social-worker"),
        ({"text": "Social Worker"}, "social-worker"),
        ({"coding": [{"display": "Travailleuse sociale"}]}, "social-worker"),
        ({"text": "Link worker"}, "navigator"),
        ({"text": "Astronaut"}, "clinician"),
    ],
)
def test_the_role_of_who_asks(translated: Any, code: dict[str, Any], role: str) -> None:
    bundle = add_service_request()
    resource(bundle, "role")["code"] = [code]
    assert translated(bundle).document["requester"]["role"] == role


def test_what_the_listing_says_is_the_service(translated: Any) -> None:
    bundle = add_service_request()
    resource(bundle, "request")["orderDetail"] = [{"coding": [{"display": "Link worker program"}]}]
    assert translated(bundle).document["service"] == {"description": "Link worker program"}
    service = translated(bundle, service={"directoryId": "d/1"}, partner="hub").document["service"]
    assert service == {"directoryId": "d/1", "partner": "hub"}


def test_texts_and_lists_that_are_too_long_are_cut_and_named(translated: Any) -> None:
    bundle = add_service_request()
    resource(bundle, "patient")["address"][1]["city"] = "T" * 300
    resource(bundle, "patient")["telecom"] = [{"system": "phone", "value": f"416-555-{n:04}"} for n in range(150)]
    reason = " ".join(["groceries"] * 3_000)
    resource(bundle, "request")["note"] = [{"text": reason}]
    made = translated(bundle)
    assert made.errors == ()
    assert {"Patient.address", "Patient.telecom"} <= set(made.uncarried)
    statement = made.document["needs"][0]["statement"]
    rest = " ".join(note["text"] for note in made.document["notes"])
    assert f"{statement} {rest}" == reason  # no word of the reason is lost


def test_what_is_not_read_is_named_without_its_value(translated: Any) -> None:
    bundle = add_service_request()
    resource(bundle, "patient")["maritalStatus"] = {"text": "widowed"}
    resource(bundle, "request")["reasonCode"] = [{"text": "grief"}]
    bundle["entry"].append({"resource": {"resourceType": "Condition", "code": {"text": "grief"}}})
    made = translated(bundle)
    assert {"Patient.maritalStatus", "ServiceRequest.reasonCode", "Condition"} <= set(made.uncarried)
    assert not any("grief" in place or "widowed" in place for place in made.uncarried)


def test_a_translation_is_not_changed_by_the_message_and_does_not_change_it(translated: Any) -> None:
    bundle = add_service_request()
    before = copy.deepcopy(bundle)
    first = translated(bundle)
    assert bundle == before
    assert translated(bundle) == first


def test_a_client_who_is_not_safe_to_contact(translated: Any) -> None:
    bundle = add_service_request()
    resource(bundle, "form")["item"].append(item("safe_to_contact", {"valueBoolean": False}))
    assert translated(bundle).document["client"]["safeToContact"] is False
