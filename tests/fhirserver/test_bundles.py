"""transaction and batch over the server."""

import pytest
from support.fhir_client import BASE, TASK

from footbridge.fhirserver.offer import Offer, everything


def entry(method, url, resource=None, full_url=None, **request):
    made = {"request": {"method": method, "url": url, **request}}
    return made | ({"resource": resource} if resource else {}) | ({"fullUrl": full_url} if full_url else {})


def bundle(kind, *entries):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def statuses(answer):
    return [row["response"]["status"][:3] for row in answer.json["entry"]]


ORGANIZATION = {"resourceType": "Organization", "name": "Pantry"}


def test_a_transaction_is_done_whole(ask):
    answer = ask(
        "POST",
        "",
        bundle(
            "transaction",
            entry("POST", "Task", {**TASK, "owner": {"reference": "urn:uuid:0a0a2ce4-74d6-4c9a-8f4c-000000000001"}}),
            entry("POST", "Organization", ORGANIZATION, "urn:uuid:0a0a2ce4-74d6-4c9a-8f4c-000000000001"),
        ),
    )
    assert (answer.status, answer.json["type"], statuses(answer)) == (200, "transaction-response", ["201", "201"])
    task = answer.json["entry"][0]["response"]["location"].removeprefix(f"{BASE}/").partition("/_history")[0]
    assert ask("GET", task).json["owner"]["reference"].startswith("Organization/")


def test_a_transaction_that_fails_leaves_nothing(ask):
    answer = ask("POST", "", bundle("transaction", entry("POST", "Task", TASK), entry("GET", "Task/none")))
    assert (answer.status, answer.issue["expression"]) == (404, ["Bundle.entry[1]"])
    assert ask("GET", "Task?_total=accurate").json["total"] == 0


def test_of_a_batch_some_may_fail(ask):
    answer = ask("POST", "", bundle("batch", entry("POST", "Task", TASK), entry("GET", "Task/none")))
    assert (answer.status, statuses(answer)) == (200, ["201", "404"])
    assert answer.json["entry"][1]["response"]["outcome"]["issue"][0]["code"] == "not-found"
    assert ask("GET", "Task?_total=accurate").json["total"] == 1


@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_preferred_answers_are_those_of_the_entries(ask, kind):
    sent = bundle(kind, entry("POST", "Task", TASK), entry("PUT", "Task/t", {**TASK, "id": "t"}))
    plain = ask("POST", "", sent).json["entry"]
    whole = ask("POST", "", sent, Prefer="return=representation").json["entry"]
    outcome = ask("POST", "", sent, Prefer="return=OperationOutcome").json["entry"]
    assert ["resource" in row for row in plain] == [False, False]
    assert [row["resource"]["resourceType"] for row in whole] == ["Task", "Task"]
    assert [row["response"]["outcome"]["issue"][0]["severity"] for row in outcome] == ["information"] * 2


@pytest.mark.parametrize("body", [{**TASK}, bundle("collection"), bundle("searchset"), {"resourceType": "Bundle"}])
def test_what_is_no_such_bundle_is_refused(ask, body):
    assert ask("POST", "", body).status == 400


def test_no_entry_may_what_a_single_request_may_not(make):
    reads = Offer({"Task": frozenset({"read"})}, frozenset({"transaction", "batch"}))
    make(everything(["Task", "Organization"]))("PUT", "Organization/o", {**ORGANIZATION, "id": "o"})
    ask = make(reads)
    for refused in (
        entry("POST", "Task", TASK),
        entry("PUT", "Task/t", {**TASK, "id": "t"}),
        entry("PUT", "Task?identifier=1", TASK),
        entry("DELETE", "Task/t"),
        entry("GET", "Task"),
        entry("GET", "Task/t/_history"),
        entry("GET", "Organization/o"),
        entry("GET", "metadata"),
        entry("GET", "Task/t/$everything"),
    ):
        assert statuses(ask("POST", "", bundle("batch", refused)))[0] in {"400", "404", "405"}
        assert ask("POST", "", bundle("transaction", refused)).status in {400, 404, 405}


def test_a_conditional_create_that_is_not_offered_is_refused_in_a_bundle_too(make):
    ask = make(everything(["Task"], without={"conditional-create"}))
    sent = bundle("transaction", entry("POST", "Task", TASK, ifNoneExist="identifier=1"))
    assert ask("POST", "", sent).status == 400
    assert ask("POST", "Task", TASK, If_None_Exist="identifier=1").status == 400


@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_a_kind_that_is_not_offered_is_501(make, kind):
    offer = everything(["Task"], without={kind})
    assert make(offer)("POST", "", bundle(kind)).status == 501


@pytest.mark.parametrize(
    "entries",
    [7, [7], [{}], [{"request": 7}], [{"request": {"method": "get", "url": "Task/1"}}], [{"request": {"url": 1}}]],
)
def test_entries_of_the_wrong_shape(ask, entries):
    assert ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries}).status == 400


def test_a_method_that_nobody_has_is_refused_in_its_entry(ask):
    ask("PUT", "Task/t", {**TASK, "id": "t"})
    answer = ask("POST", "", bundle("batch", entry("PATCH", "Task/t"), entry("GET", "Task/t")))
    assert statuses(answer) == ["405", "200"]
    issue = answer.json["entry"][0]["response"]["outcome"]["issue"][0]
    assert (issue["code"], issue["expression"]) == ("not-supported", ["Bundle.entry[0]"])
    assert ask("POST", "", bundle("transaction", entry("PATCH", "Task/t"))).status == 405


def test_an_entry_that_reads_is_answered_as_a_single_request(ask):
    ask("PUT", "Task/t", {**TASK, "id": "t", "description": "first"})
    ask("PUT", "Task/t", {**TASK, "id": "t", "description": "second"})
    for address in (
        "Task/t?_elements=status",
        "Task/t?_summary=true",
        "Task/t/_history/1",
        "Task/t/_history?_count=1",
        "Task/t/_history?_since=2100",
        "Task?_elements=status&_count=1",
        "Task?_summary=count",
        "metadata",
    ):
        (found,) = ask("POST", "", bundle("batch", entry("GET", address))).json["entry"]
        assert (found["response"]["status"], found["resource"]) == ("200 OK", ask("GET", address).json), address
    for address in (
        "Task/t?nothing=1",
        "Task?status:in=x",
        "Task?_summary=some",
        "Task/t/_history?_count=0",
        "Nothing/1",
    ):
        (found,) = ask("POST", "", bundle("batch", entry("GET", address))).json["entry"]
        assert int(found["response"]["status"][:3]) == ask("GET", address).status >= 400, address
    unknown = bundle("batch", entry("GET", "Task?nothing=1"))
    assert statuses(ask("POST", "", unknown, Prefer="handling=strict")) == ["400"]
    (head,) = ask("POST", "", bundle("batch", entry("HEAD", "Task/t"))).json["entry"]
    assert (head["response"]["etag"], "resource" in head) == ('W/"2"', False)


@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_preconditions_of_entries(ask, kind):
    ask("PUT", "Task/t", {**TASK, "id": "t"})
    (known,) = ask("POST", "", bundle(kind, entry("GET", "Task/t"))).json["entry"]
    etag, moment = known["response"]["etag"], known["response"]["lastModified"]
    for request, status in (
        ({"ifNoneMatch": etag}, "304"),
        ({"ifNoneMatch": 'W/"7"'}, "200"),
        ({"ifModifiedSince": moment}, "304"),
        ({"ifModifiedSince": "2020-01-01T00:00:00Z"}, "200"),
        ({"ifNoneMatch": 'W/"7"', "ifModifiedSince": moment}, "200"),
    ):
        (found,) = ask("POST", "", bundle(kind, entry("GET", "Task/t", **request))).json["entry"]
        assert found["response"]["status"][:3] == status, request
        assert ("resource" in found) == (status == "200")
    odd = bundle("batch", entry("GET", "Task/t", ifModifiedSince="yesterday"))
    assert statuses(ask("POST", "", odd)) == ["400"]
    task = {**TASK, "id": "t"}
    for request, status in (({"ifMatch": "*"}, "200"), ({"ifMatch": 'W/"8"'}, "412"), ({"ifNoneMatch": "*"}, "412")):
        answer = ask("POST", "", bundle(kind, entry("PUT", "Task/t", task, **request)))
        assert (str(answer.status) if kind == "transaction" else statuses(answer)[0]) == status, request
    fresh = bundle(kind, entry("PUT", "Task/new", {**TASK, "id": "new"}, ifNoneMatch="*"))
    assert statuses(ask("POST", "", fresh)) == ["201"]
