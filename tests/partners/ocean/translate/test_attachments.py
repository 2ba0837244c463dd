"""Only documents of this referral, from the site's own origin, may be fetched."""

from typing import Any

import pytest
from support import ocean_messages as ocean
from support.ocean_messages import add_service_request, resource

from footbridge.partners.ocean.translate import Around


def test_the_letter_first_then_the_documents(translated: Any) -> None:
    letter, document = translated(add_service_request()).attachments
    assert (letter.kind, letter.media_type, letter.size, letter.reference) == (
        "letter",
        "application/pdf",
        None,
        ocean.REFERRAL,
    )
    assert (document.kind, document.media_type, document.size, document.title) == (
        "document",
        "image/png",
        2048,
        "map.png",
    )
    assert document.reference == "att-9"


def _letter(bundle: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = resource(bundle, "letter")["content"][0]["attachment"]
    return found


FOREIGN = [
    "https://evil.invalid/svc/fhir/v1/ServiceRequest/{ref}/$letter",
    "http://ocean.test.invalid/svc/fhir/v1/ServiceRequest/{ref}/$letter",
    "https://ocean.test.invalid:8443/svc/fhir/v1/ServiceRequest/{ref}/$letter",
    "https://ocean.test.invalid@evil.invalid/svc/fhir/v1/ServiceRequest/{ref}/$letter",
    "https://ocean.test.invalid.evil.invalid/svc/fhir/v1/ServiceRequest/{ref}/$letter",
    "https://ocean.test.invalid\\@evil.invalid/svc/fhir/v1/x",
    "https://ocean.test.invalid/svc/fhir/v1/../../admin",
    "https://ocean.test.invalid/svc/fhir/v1/%2e%2e/%2e%2e/admin",
    "https://ocean.test.invalid/other",
    "//evil.invalid/svc/fhir/v1/x",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://ocean.test.invalid/svc/fhir/v1/ServiceRequest/of-somebody-else/$letter",
    "https://ocean.test.invalid:99999/svc/fhir/v1/x",
    "https://[::1/svc",
]


@pytest.mark.parametrize("address", FOREIGN)
def test_an_address_that_is_not_the_sites_own_is_named_and_not_fetched(translated: Any, address: str) -> None:
    bundle = add_service_request()
    _letter(bundle)["url"] = address.format(ref=ocean.REFERRAL)
    made = translated(bundle)
    assert [row.kind for row in made.attachments] == ["document"]
    assert "DocumentReference.content.attachment.url" in made.uncarried


def test_a_default_port_and_capitals_of_the_host_are_the_same_origin(translated: Any) -> None:
    bundle = add_service_request()
    _letter(bundle)["url"] = (
        f"https://OCEAN.test.invalid:443/svc/fhir/v1/ServiceRequest/{ocean.REFERRAL}/$letter?attachments=true"
    )
    assert translated(bundle).attachments[0].kind == "letter"


def test_the_sites_own_base_counts_and_not_what_the_message_says(translated: Any) -> None:
    made = translated(add_service_request(), Around(fhir_base="https://ocean.cognisantmd.com/svc/fhir/v1"))
    assert made.attachments == ()


def test_a_document_that_the_referral_does_not_name_is_not_its_own(translated: Any) -> None:
    bundle = add_service_request()
    resource(bundle, "request")["supportingInfo"] = []
    assert [row.kind for row in translated(bundle).attachments] == ["letter"]  # named by the referral's reference


def test_a_document_of_another_referral_or_person_is_left_out(translated: Any) -> None:
    bundle = add_service_request()
    resource(bundle, "letter")["identifier"][0]["value"] = "of-somebody-else"
    bundle["entry"].append({"fullUrl": "urn:uuid:other", "resource": {"resourceType": "Patient"}})
    resource(bundle, "document")["subject"] = {"reference": "urn:uuid:other"}
    assert translated(bundle).attachments == ()


def test_content_inside_of_the_message_is_named_as_not_carried(translated: Any) -> None:
    bundle = add_service_request()
    resource(bundle, "letter")["content"] = [{"attachment": {"data": "AAAA"}}]
    assert "DocumentReference.content.attachment" in translated(bundle).uncarried


def test_a_document_that_nothing_ties_to_the_referral_is_not_fetched_and_is_named(translated: Any) -> None:
    bundle = add_service_request()
    request = resource(bundle, "request")
    request["supportingInfo"] = [row for row in request["supportingInfo"] if row != ocean.ref("document")]
    made = translated(bundle)
    assert [row.kind for row in made.attachments] == ["letter"]
    assert "DocumentReference:not-of-this-referral" in made.uncarried
    assert "DocumentReference:not-of-this-referral" not in translated(add_service_request()).uncarried
