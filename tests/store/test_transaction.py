"""A transaction Bundle is stored whole, with its references made literal, or not at all."""

import json

import pytest

from footbridge.store.interaction_errors import InteractionError, InvalidRequest, NotFound, PreconditionFailed
from footbridge.store.resources import ResourceStore

IDENTIFIER = "urn:ietf:rfc:3986"
PATIENT = {"resourceType": "Patient", "identifier": [{"system": IDENTIFIER, "value": "urn:uuid:p"}]}


def bundle(*entries: dict) -> dict:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def entry(method: str, url: str, resource: dict | None = None, full_url: str | None = None, **request: str) -> dict:
    made: dict = {"request": {"method": method, "url": url, **request}}
    if resource is not None:
        made["resource"] = resource
    if full_url is not None:
        made["fullUrl"] = full_url
    return made


def reference_of(answer: dict) -> str:
    return answer["response"]["location"].removeprefix("https://fhir.north.test/r4/").partition("/_history/")[0]


def test_references_become_literal_in_any_direction(store: ResourceStore):
    task = {
        "resourceType": "Task",
        "for": {"reference": "urn:uuid:patient"},
        "focus": {"reference": "urn:uuid:request"},
        "input": [{"type": {"text": "x"}, "valueUri": "urn:uuid:request"}],
        "text": {"status": "generated", "div": '<div><a href="urn:uuid:patient">who</a> urn:uuid:patient</div>'},
        "identifier": [{"system": IDENTIFIER, "value": "urn:uuid:patient"}],
        "instantiatesCanonical": "urn:uuid:patient",
    }
    request = {"resourceType": "ServiceRequest", "subject": {"reference": "urn:uuid:patient"}}
    answers = store.transaction(
        bundle(
            entry("POST", "Task", task, "urn:uuid:task"),
            entry("POST", "ServiceRequest", request, "urn:uuid:request"),
            entry("POST", "Patient", PATIENT, "urn:uuid:patient"),
        )
    )["entry"]
    assert [answer["response"]["status"] for answer in answers] == ["201 Created"] * 3
    assert [answer["response"]["etag"] for answer in answers] == ['W/"1"'] * 3
    made_task, made_request, made_patient = (reference_of(answer) for answer in answers)
    stored = store.read(*made_task.split("/")).resource
    assert stored["for"] == {"reference": made_patient}
    assert stored["focus"] == {"reference": made_request}
    assert stored["input"][0]["valueUri"] == made_request
    assert stored["text"]["div"] == f'<div><a href="{made_patient}">who</a> urn:uuid:patient</div>'
    assert stored["identifier"][0]["value"] == "urn:uuid:patient"
    assert stored["instantiatesCanonical"] == "urn:uuid:patient"
    assert store.read(*made_request.split("/")).resource["subject"] == {"reference": made_patient}


def test_a_repeat_creates_nothing(store: ResourceStore):
    post = entry("POST", "Patient", PATIENT, "urn:uuid:p", ifNoneExist=f"identifier={IDENTIFIER}|urn:uuid:p")
    first = store.transaction(bundle(post))["entry"][0]
    second = store.transaction(bundle(post))["entry"][0]
    assert (first["response"]["status"], second["response"]["status"]) == ("201 Created", "200 OK")
    assert reference_of(first) == reference_of(second)


def test_two_conditional_creates_with_the_same_criteria_make_one(store: ResourceStore):
    post = entry("POST", "Patient", PATIENT, ifNoneExist=f"identifier={IDENTIFIER}|urn:uuid:p")
    request = {"resourceType": "ServiceRequest", "subject": {"reference": "urn:uuid:b"}}
    answers = store.transaction(
        bundle(
            {**post, "fullUrl": "urn:uuid:a"},
            {**post, "fullUrl": "urn:uuid:b"},
            entry("POST", "ServiceRequest", request),
        )
    )["entry"]
    assert [answer["response"]["status"] for answer in answers] == ["201 Created", "200 OK", "201 Created"]
    assert reference_of(answers[0]) == reference_of(answers[1])
    subject = store.read(*reference_of(answers[2]).split("/")).resource["subject"]
    assert subject == {"reference": reference_of(answers[0])}


def test_a_reference_may_be_conditional(store: ResourceStore):
    patient = store.create("Patient", PATIENT).stored
    request = {
        "resourceType": "ServiceRequest",
        "subject": {"reference": f"Patient?identifier={IDENTIFIER}|urn:uuid:p"},
    }
    answer = store.transaction(bundle(entry("POST", "ServiceRequest", request)))["entry"][0]
    stored = store.read(*reference_of(answer).split("/")).resource
    assert stored["subject"] == {"reference": patient.reference}


def test_a_conditional_reference_to_nothing_fails_the_whole(store: ResourceStore):
    request = {"resourceType": "ServiceRequest", "subject": {"reference": "Patient?identifier=nobody"}}
    with pytest.raises(PreconditionFailed) as caught:
        store.transaction(bundle(entry("POST", "Patient", PATIENT), entry("POST", "ServiceRequest", request)))
    assert caught.value.expression == "Bundle.entry[1]"
    assert store.search("Patient").matches == []


def test_a_stale_version_fails_the_whole(store: ResourceStore):
    made = store.create("Task", {"resourceType": "Task", "status": "requested"}).stored
    update = {"resourceType": "Task", "id": made.id, "status": "accepted"}
    with pytest.raises(PreconditionFailed):
        store.transaction(
            bundle(entry("POST", "Patient", PATIENT), entry("PUT", made.reference, update, ifMatch='W/"7"'))
        )
    assert store.search("Patient").matches == []
    assert store.read("Task", made.id).resource["status"] == "requested"


def test_the_order_is_delete_post_put_get(store: ResourceStore):
    old = store.create("Patient", PATIENT).stored
    criteria = f"identifier={IDENTIFIER}|urn:uuid:p"
    task = {"resourceType": "Task", "id": "t", "for": {"reference": "urn:uuid:p"}}
    answers = store.transaction(
        bundle(
            entry("GET", "Task/t"),
            entry("GET", f"Patient?{criteria}"),
            entry("PUT", "Task/t", task),
            entry("POST", "Patient", PATIENT, "urn:uuid:p", ifNoneExist=criteria),
            entry("DELETE", old.reference),
        )
    )["entry"]
    read, searched, put, posted, deleted = answers
    assert [answer["response"]["status"] for answer in (put, posted, deleted)] == [
        "201 Created",
        "201 Created",
        "204 No Content",
    ]
    assert reference_of(posted) != old.reference
    assert read["resource"]["for"] == {"reference": reference_of(posted)}
    assert searched["resource"]["total"] == 1


def test_conditional_updates_and_links_of_another_server(store: ResourceStore):
    organization = {"resourceType": "Organization", "identifier": [{"system": "urn:x", "value": "1"}], "name": "A"}
    put = entry("PUT", "Organization?identifier=urn:x|1", organization, "https://other.test/fhir/Organization/7")
    relative = {"resourceType": "Task", "owner": {"reference": "Organization/7"}}
    absolute = {"resourceType": "Task", "owner": {"reference": "https://other.test/fhir/Organization/7/_history/3"}}
    answers = store.transaction(
        bundle(
            put,
            entry("POST", "Task", relative, "https://other.test/fhir/Task/1"),
            entry("POST", "Task", absolute, "urn:uuid:t"),
            entry("POST", "Task", relative, "urn:uuid:u"),
        )
    )["entry"]
    owners = [store.read(*reference_of(answer).split("/")).resource["owner"]["reference"] for answer in answers[1:]]
    assert owners == [reference_of(answers[0]), reference_of(answers[0]), "Organization/7"]
    again = store.transaction(bundle(put))["entry"][0]
    assert (again["response"]["status"], reference_of(again)) == ("200 OK", reference_of(answers[0]))


@pytest.mark.parametrize(
    ("entries", "error"),
    [
        ([entry("POST", "Task", PATIENT)], InvalidRequest),
        ([entry("POST", "Nonsense", {"resourceType": "Nonsense"})], InteractionError),
        ([entry("PATCH", "Task/1", {})], InteractionError),
        ([{"resource": PATIENT}], InvalidRequest),
        ([entry("PUT", "Task/1", {"resourceType": "Task", "id": "2"})], InvalidRequest),
        ([entry("PUT", "Task/1", {"resourceType": "Task", "id": "1"})] * 2, InvalidRequest),
        ([entry("GET", "Task/nowhere")], NotFound),
    ],
)
def test_a_fault_is_refused_with_its_place(store: ResourceStore, entries: list[dict], error: type[InteractionError]):
    with pytest.raises(error) as caught:
        store.transaction(bundle(entry("POST", "Patient", PATIENT), *entries))
    assert caught.value.expression.startswith(f"Bundle.entry[{len(entries)}]")
    assert store.search("Patient").matches == []


def test_not_a_transaction(store: ResourceStore):
    for body in ({"resourceType": "Bundle", "type": "batch"}, PATIENT, [], None):
        with pytest.raises(InvalidRequest):
            store.transaction(body)


def test_a_batch_goes_on_after_a_fault(store: ResourceStore):
    answers = store.batch(
        {
            "resourceType": "Bundle",
            "type": "batch",
            "entry": [
                entry("POST", "Patient", PATIENT),
                entry("GET", "Task/nowhere"),
                entry("POST", "Task", PATIENT),
                entry("POST", "Patient", PATIENT),
            ],
        }
    )["entry"]
    assert [answer["response"]["status"] for answer in answers] == [
        "201 Created",
        "404 Not Found",
        "400 Bad Request",
        "201 Created",
    ]
    assert answers[1]["response"]["outcome"]["issue"][0]["code"] == "not-found"
    assert store.search("Patient").total == 2


def test_the_sample_bundles_are_taken(store: ResourceStore, test_data):
    for place in sorted((test_data / "samples" / "bundles").glob("*.json"))[:3]:
        sent = json.loads(place.read_bytes())
        answers = store.transaction(sent)["entry"]
        assert len(answers) == len(sent["entry"])
        for answer in answers:
            assert "urn:uuid:" not in json.dumps(
                list(_references(store.read(*reference_of(answer).split("/")).resource))
            )


def _references(node: object):
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
