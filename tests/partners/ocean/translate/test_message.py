"""A message is read whatever shape it has; what can never be processed says why, and nothing else is ever raised."""

import datetime as dt
import json
from typing import Any

import pytest
from support import ocean_messages as ocean
from support.ocean_messages import add_service_request, as_v010, encoded, resource

from footbridge.partners.ocean.message import MAX_BYTES, UnreadableMessage, read_message


def read(bundle: dict[str, Any]) -> Any:
    return read_message(encoded(bundle))


def test_a_message_says_what_it_is_about_and_for_whom() -> None:
    message = read(add_service_request())
    assert (message.event, message.version) == ("add-service-request", "0.11.1")
    assert (message.bundle_id, message.header_id) == ("c0000000-0000-4000-8000-000000000000", ocean.IDS["header"])
    assert message.referral == ocean.REFERRAL
    assert message.at == dt.datetime.fromisoformat("2026-01-15T10:00:01-05:00")
    assert (message.target.reference, message.target.external, message.site) == (ocean.LISTING, ocean.EXTERNAL, "1234")
    assert message.fhir_base == ocean.BASE
    assert message.author.name == "Abena Osei"
    assert message.author.role == "Family Physician"
    assert not message.test


def test_both_versions_of_the_guide_say_the_same() -> None:
    new, old = read(add_service_request()), read(as_v010(add_service_request()))
    assert old.version == "0.10.0"
    for name in ("event", "referral", "at", "target", "fhir_base", "author"):
        assert getattr(old, name) == getattr(new, name), name


def _no_header_extension(bundle: dict[str, Any]) -> None:
    del resource(bundle, "header")["extension"]


def _no_identifier(bundle: dict[str, Any]) -> None:
    _no_header_extension(bundle)
    del resource(bundle, "request")["identifier"]


def _letter_only(bundle: dict[str, Any]) -> None:
    _no_header_extension(bundle)
    bundle["entry"] = [row for row in bundle["entry"] if row["resource"]["resourceType"] != "ServiceRequest"]


def _focus_identifier(bundle: dict[str, Any]) -> None:
    _letter_only(bundle)
    bundle["entry"] = [row for row in bundle["entry"] if row["resource"]["resourceType"] != "DocumentReference"]
    system = f"{ocean.NAMING}/id-ereferral-reference"
    resource(bundle, "header")["focus"] = [{"identifier": {"system": system, "value": ocean.REFERRAL}}]


def _bare_system(bundle: dict[str, Any]) -> None:
    _no_header_extension(bundle)
    resource(bundle, "request")["identifier"][0]["system"] = "id-ereferral-reference"


@pytest.mark.parametrize(
    "change", [_no_header_extension, _no_identifier, _letter_only, _focus_identifier, _bare_system]
)
def test_the_referral_is_found_in_every_place_that_may_name_it(change: Any) -> None:
    bundle = add_service_request()
    change(bundle)
    assert read(bundle).referral == ocean.REFERRAL


def test_the_header_is_found_wherever_it_is() -> None:
    bundle = add_service_request()
    bundle["entry"].reverse()
    assert read(bundle).referral == ocean.REFERRAL
    assert read(bundle).target.reference == ocean.LISTING


@pytest.mark.parametrize(
    "reference",
    [
        lambda own: {"reference": f"urn:uuid:{own}"},
        lambda own: {"reference": own},
        lambda own: {"reference": f"PractitionerRole/{own}"},
        lambda own: {"reference": f"{ocean.BASE}/PractitionerRole/{own}"},
        lambda own: {"reference": f"urn:uuid:{own.upper()}"},
        lambda own: {"identifier": {"system": f"{ocean.NAMING}/id-referral-target-reference", "value": ocean.LISTING}},
    ],
)
def test_a_performer_is_found_by_any_form_of_reference(reference: Any) -> None:
    bundle = add_service_request()
    resource(bundle, "request")["performer"] = [reference(ocean.IDS["target"])]
    other = [{"system": f"{ocean.NAMING}/id-referral-target-external-service", "value": "another"}]
    bundle["entry"].append({"resource": {"resourceType": "PractitionerRole", "identifier": other}})
    resource(bundle, "header")["destination"] = []
    assert read(bundle).target.external == ocean.EXTERNAL


def test_a_performer_that_is_named_by_an_identifier_only_is_the_target() -> None:
    bundle = add_service_request()
    system = "id-referral-target-reference"  # the bare name, as OceanMD's lab forwards
    resource(bundle, "request")["performer"] = [{"identifier": {"system": system, "value": "other00000001"}}]
    assert read(bundle).target.reference == "other00000001"


def _forwarded(bundle: dict[str, Any]) -> None:
    old = resource(bundle, "request")
    new = {
        **json.loads(json.dumps(old)),
        "identifier": [{"system": f"{ocean.NAMING}/id-ereferral-reference", "value": "new-ref"}],
        "replaces": [ocean.ref("request")],
        "performer": [{"identifier": {"system": f"{ocean.NAMING}/id-referral-target-reference", "value": "other1"}}],
    }
    bundle["entry"].append({"fullUrl": "urn:uuid:d0000000-0000-4000-8000-0000000000ff", "resource": new})


def test_a_forward_says_who_is_asked_now_and_stays_about_the_referral_that_the_header_names() -> None:
    bundle = add_service_request("notify-update-service-request")
    _forwarded(bundle)
    message = read(bundle)
    assert (message.referral, message.successor) == (ocean.REFERRAL, "new-ref")
    assert message.target.reference == "other1"


def test_a_referral_that_replaces_another_one_names_it() -> None:
    bundle = add_service_request()
    _forwarded(bundle)
    extension = resource(bundle, "header")["extension"][0]
    extension["valueIdentifier"]["value"] = "new-ref"
    message = read(bundle)
    assert (message.referral, message.previous, message.successor) == ("new-ref", ocean.REFERRAL, None)
    assert message.target.reference == "other1"


def test_a_header_and_a_request_of_different_referrals_can_never_be_processed() -> None:
    bundle = add_service_request()
    resource(bundle, "request")["identifier"][0]["value"] = "of-somebody-else"
    with pytest.raises(UnreadableMessage) as caught:
        read(bundle)
    assert caught.value.reason == "contradiction"
    assert "of-somebody-else" not in str(caught.value)


def test_the_time_is_that_of_the_bundle_else_of_its_last_update() -> None:
    bundle = add_service_request()
    del bundle["timestamp"]
    bundle["meta"]["lastUpdated"] = "2026-02-01T00:00:00Z"
    assert read(bundle).at == dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    bundle["meta"]["lastUpdated"] = "2026-02-01T00:00:00"  # without an offset it orders nothing
    assert read(bundle).at is None


def test_an_author_without_a_name_is_nobody() -> None:
    bundle = add_service_request()
    resource(bundle, "practitioner")["name"] = [{"use": "official"}]
    assert read(bundle).author is None


def test_an_event_that_nobody_knows_is_read() -> None:
    assert read(add_service_request("notify-of-things-to-come")).event == "notify-of-things-to-come"


def test_an_older_message_has_the_site_on_the_client() -> None:
    bundle = add_service_request()
    resource(bundle, "target")["identifier"] = resource(bundle, "target")["identifier"][:1]
    resource(bundle, "patient")["identifier"].append({"system": f"{ocean.NAMING}/id-site-number", "value": "77"})
    assert read(bundle).site == "77"


def test_test_data_is_recognized_by_its_tag() -> None:
    bundle = add_service_request()
    resource(bundle, "patient")["meta"] = {"security": [{"code": "HTEST"}]}
    assert read(bundle).test


def test_the_digest_is_of_the_content_and_not_of_the_envelope() -> None:
    first, again = add_service_request(), add_service_request()
    again |= {"id": "another", "timestamp": "2026-03-01T00:00:00Z", "meta": {}}
    again["entry"][0]["fullUrl"] = again["entry"][0]["resource"]["id"] = "e0000000-0000-4000-8000-000000000000"
    assert read(first).digest == read(again).digest
    resource(again, "patient")["birthDate"] = "1948-04-02"
    assert read(first).digest != read(again).digest


BAD = {
    "not-json": [
        b"",
        b"{",
        b"hello",
        b'{"resourceType": "Bundle"',
        b"\xff\xfe{}",
        b'{"a": NaN}',
        encoded(add_service_request())[:-20],
    ],
    "xml": [b"<Bundle xmlns='http://hl7.org/fhir'/>", b"  \n<?xml version='1.0'?><Bundle/>"],
    "not-a-bundle": [
        b"[]",
        b"null",
        b"3",
        b'"text"',
        b'{"resourceType": "Patient"}',
        b'{"resourceType": "Bundle"}',
        b'{"resourceType": "Bundle", "entry": [1]}',
    ],
    "no-header": [b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}'],
    "no-event": [b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "MessageHeader"}}]}'],
    "too-deep": [b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000],
    "too-large": [b" " * (MAX_BYTES + 1)],
}


@pytest.mark.parametrize(("reason", "body"), [(reason, body) for reason, bodies in BAD.items() for body in bodies])
def test_what_can_never_be_processed_says_why(reason: str, body: bytes) -> None:
    with pytest.raises(UnreadableMessage) as caught:
        read_message(body)
    assert caught.value.reason == reason


def test_brackets_in_texts_nest_nothing() -> None:
    bundle = add_service_request()
    resource(bundle, "request")["note"][0]["text"] = '[{"\\' * 200
    assert read(bundle).referral == ocean.REFERRAL


def test_one_id_may_belong_to_resources_of_several_types() -> None:
    bundle = as_v010(add_service_request())
    for row in bundle["entry"]:
        if row["resource"]["resourceType"] in {"DocumentReference", "Patient"}:
            row["resource"]["id"] = ocean.REFERRAL  # as the letter of a referral may have it
    request = next(row["resource"] for row in bundle["entry"] if row["resource"]["resourceType"] == "ServiceRequest")
    request["subject"] = {"reference": ocean.REFERRAL}
    message = read(bundle)
    assert message.referral == ocean.REFERRAL
    found = message.entries.resolve(request["subject"], "Patient")
    assert found is not None
    assert found["birthDate"] == "1948-04-01"


def test_a_contained_resource_that_two_resources_have_is_neither() -> None:
    bundle = add_service_request()
    for name, family in (("request", "One"), ("form", "Two")):
        inner = {"resourceType": "Practitioner", "id": "p", "name": [{"family": family}]}
        resource(bundle, name)["contained"] = [inner]
    assert read(bundle).entries.resolve({"reference": "#p"}) is None
    del resource(bundle, "form")["contained"]
    assert read(bundle).entries.resolve({"reference": "#p"}) is not None
