"""The real message that was published, and our composed ones, member by member."""

import json
from pathlib import Path
from typing import Any

from footbridge.mapping import to_bundle
from footbridge.mapping.validate_input import accept
from footbridge.partners.ocean.listing import Listing
from footbridge.partners.ocean.message import OceanMessage, read_message
from footbridge.partners.ocean.translate import Around, translate

REAL = "v0.11_add-service-request_back-pain.bundle.json"


def _read(test_data: Path, name: str) -> OceanMessage:
    return read_message((test_data / "samples" / "ocean" / name).read_bytes())


def test_the_real_message_member_by_member(test_data: Path) -> None:
    message = _read(test_data, REAL)
    made = translate(message, Listing.decode({"target": "autorouter_test49721437"}), Around())
    referral = "71db1a5c-89ce-41d5-bc71-8466f6c2f182"
    assert made.document == {
        "identifier": {
            "system": "http://localhost:8081/svc/fhir/v1/NamingSystem/id-ereferral-reference",
            "value": referral,
        },
        "kind": "warm-connection",
        "authored": "2025-05-27T11:38:00-04:00",
        "language": "en",
        "jurisdiction": "ca",
        "client": {
            "identifiers": [{"system": "urn:footbridge:NamingSystem/ocean-client-of-referral", "value": referral}],
            "name": {"family": "DKTest"},
            "gender": "male",
        },
        "requester": {
            "role": "clinician",
            "name": {"family": "REDACTED", "given": ["REDACTED"]},
            "organization": {"name": "Clinic not named in Ocean"},
        },
        "needs": [{"category": "stress", "statement": "back pain with no red flags"}],
    }
    assert [(need.by, need.confidence) for need in made.needs] == [("service-type", 0.4)]
    assert made.consent.basis == "missing"
    assert made.errors == ()
    assert made.chart is None  # all chart fields of the form are empty
    (letter,) = made.attachments
    assert letter.url == f"http://localhost:8081/svc/fhir/v1/ServiceRequest/{referral}/$letter"
    assert (letter.kind, letter.media_type, letter.title) == ("letter", "application/pdf", "DKTest--2025-05-27.pdf")
    assert made.uncarried == ("ServiceRequest.category",)


def test_the_real_message_departs_from_its_guide_in_what_was_measured(test_data: Path) -> None:
    message = _read(test_data, REAL)
    made = translate(message, Listing.decode({"target": "autorouter_test49721437"}), Around())
    found = {(issue.rule, issue.expression) for issue in made.departures}
    assert ("invariant.ocean-06", "Bundle") in found  # the header's fullUrl is a bare UUID
    assert ("invariant.ocean-19", "Bundle.entry[1].resource") in found  # identifiers without a value
    assert ("invariant.ocean-22", "Bundle.entry[1].resource") in found  # empty addresses
    claimed = [issue for issue in made.departures if issue.rule == "ocean.profile-not-checked"]
    assert len(claimed) == 8
    assert all("DKTest" not in issue.message for issue in made.departures)


def test_the_composed_message_member_by_member(test_data: Path) -> None:
    message = _read(test_data, "composed/add-service-request.composed.json")
    listing = Listing.decode({"external": "adapter-program-1", "consent": "express-in-form", "kind": "navigator"})
    made = translate(message, listing, Around(fhir_base="https://ocean.cognisantmd.com/svc/fhir/v1"))
    document: dict[str, Any] = made.document
    assert document["identifier"]["system"].startswith("https://ocean.cognisantmd.com/svc/fhir/v1/NamingSystem/")
    assert (document["kind"], document["priority"]) == ("navigator", "routine")
    assert document["client"]["name"] == {"family": "Person", "given": ["Synthetic"]}
    assert document["client"]["birthDate"] == "1948-04-01"
    assert document["client"]["identifiers"][:2] == [
        {"system": "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn", "value": "9999999999"},
        {"system": "urn:footbridge:NamingSystem/health-card-with-version", "value": "9999999999-AB"},
    ]
    assert document["interests"] == [{"text": "Walking group"}, {"text": "card games"}]
    assert document["consent"] == {"status": "given", "basis": "express"}
    assert made.consent.where == "form example_social_prescription, item consent"
    assert [need.category for need in made.needs] == ["social-connection"]
    assert made.needs[0].by == "keyword"
    assert "Loneliness" in made.needs[0].words
    assert made.attachments == ()  # the letter is of another origin than the site's
    assert "DocumentReference.content.attachment.url" in made.uncarried


def test_what_is_made_goes_through_the_whole_mapping(test_data: Path) -> None:
    for name in (REAL, "composed/add-service-request.composed.json"):
        made = translate(_read(test_data, name), Listing.decode({"target": "x", "kind": "signpost"}), Around())
        bundle = to_bundle(accept(json.dumps(made.document)).prescription).bundle
        assert {row["resource"]["resourceType"] for row in bundle["entry"]} >= {"Patient", "ServiceRequest", "Task"}


def test_a_message_of_2019_without_anything_in_it_is_read(test_data: Path) -> None:
    message = _read(test_data, "caredove_notify-add-appointment_2019.bundle.json")
    assert (message.event, message.referral, message.at) == ("notify-add-appointment", "3054622302", None)
