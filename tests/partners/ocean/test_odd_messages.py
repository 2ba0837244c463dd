"""Messages that depart from the guide as real ones do: each becomes a referral, and is answered in a way Ocean takes."""

import datetime as dt
import json

import orjson
import pytest
from support.ocean import OceanWorld


def resources(bundle, kind):
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def note_without_text(bundle):
    (request,) = resources(bundle, "ServiceRequest")
    request["note"] = [{"authorString": "Dr. Roy", "time": "2026-03-02T09:00:00-05:00"}]


def forms_without_answers(bundle):
    for form in resources(bundle, "QuestionnaireResponse"):
        form["item"] = [{name: value for name, value in item.items() if name != "answer"} for item in form["item"]]


def forms_without_items(bundle):
    for form in resources(bundle, "QuestionnaireResponse"):
        form.pop("item")


def no_form(bundle):
    without(bundle, "QuestionnaireResponse")


def author_without_name(bundle):
    for person in resources(bundle, "Practitioner"):
        person.pop("name", None)


def author_with_an_empty_name(bundle):
    for person in resources(bundle, "Practitioner"):
        person["name"] = [{}, {"given": []}, {"text": ""}]


def no_people(bundle):
    without(bundle, "Practitioner")


def wrong_code_systems(bundle):
    for one in resources(bundle, "Patient") + resources(bundle, "Practitioner"):
        for row in one.get("identifier", []):
            row["type"] = {"coding": [{"system": "http://hl7.org/fhir/v2/0203/", "code": "JHN"}]}


def valueless_identifiers_and_empty_address(bundle):
    for one in resources(bundle, "Patient"):
        one["identifier"] = [*one.get("identifier", []), {"system": "urn:x"}, {}]
        one["address"] = [*one.get("address", []), {}]


def referral_named_by_its_request_only(bundle):
    (header,) = resources(bundle, "MessageHeader")
    (reference,) = [row["valueIdentifier"] for row in header.pop("extension") if "valueIdentifier" in row]
    (request,) = resources(bundle, "ServiceRequest")
    request["identifier"] = [reference]


def header_last(bundle):
    bundle["entry"].append(bundle["entry"].pop(0))


def no_birth_date_and_unknown_gender(bundle):
    for one in resources(bundle, "Patient"):
        one.pop("birthDate", None)
        one["gender"] = "unknown"


def from_the_future(bundle):
    at = "2031-01-01T00:00:00.000-05:00"
    bundle |= {"timestamp": at, "meta": {**bundle.get("meta", {}), "lastUpdated": at}}


def no_time_at_all(bundle):
    bundle.pop("timestamp", None)
    bundle.pop("meta", None)


def without(bundle, kind):
    bundle["entry"] = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] != kind]


ODD = [
    note_without_text, forms_without_answers, forms_without_items, no_form, author_without_name,
    author_with_an_empty_name, no_people, wrong_code_systems, valueless_identifiers_and_empty_address,
    referral_named_by_its_request_only, header_last, no_birth_date_and_unknown_gender, from_the_future, no_time_at_all,
]  # fmt: skip


def test_each_is_taken_once_and_answered_in_a_way_that_ocean_takes(sqlite_database, clock, tmp_path):
    with OceanWorld(sqlite_database, clock, tmp_path) as world:
        world.partner("hub")
        refs = {}
        for odd in ODD:
            refs[odd.__name__] = ref = world.refer()
            body = json.loads(world.ocean.messages(ref)[0].body)
            odd(body)
            world.post(orjson.dumps(body))
        world.ocean.outage(dt.timedelta(hours=1))  # what the clinic sent comes as it was changed, and not from Ocean
        world.settle(0)
        came = {row.referral: (row.state, row.why) for row in world.stored()}
        assert {name: came[ref] for name, ref in refs.items()} == dict.fromkeys(refs, ("done", "applied"))
        world.settle(3)
        for name, ref in refs.items():
            assert world.document_of(ref)["identifier"]["value"] == ref, name
            answers = world.ocean.arrivals(ref)
            first = next(one for one in answers if one.status == 200)
            assert first.event == "notify-add-process-request", name
            assert first.findings == (), name
            bundle = orjson.loads(first.body)
            author = bundle["entry"][0]["resource"]["author"]["reference"]
            role = next(one["resource"] for one in bundle["entry"] if one.get("fullUrl") == author)
            person = next(
                one["resource"] for one in bundle["entry"] if one.get("fullUrl") == role["practitioner"]["reference"]
            )
            assert person["name"][0]["text"], name


@pytest.mark.parametrize("name", ["underscored ids"])
def test_ids_with_underscores_are_referred_to_as_they_came(sqlite_database, clock, tmp_path, name):
    with OceanWorld(sqlite_database, clock, tmp_path, version="0.10") as world:
        world.partner("hub")
        ref = world.refer()
        world.settle()
        bundle = orjson.loads(world.ocean.messages(ref)[0].body)
        roles = [one["id"] for one in resources(bundle, "PractitionerRole")]
        assert any("_" in one for one in roles), name
        answer = orjson.loads(world.ocean.arrivals(ref)[0].body)
        assert {one["id"] for one in resources(answer, "PractitionerRole")} >= set(roles)
        assert world.ocean.arrivals(ref)[0].status == 200
