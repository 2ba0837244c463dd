"""create, update, delete, with conditions and preferences."""

import pytest
from support.fhir_client import BASE, TASK

from footbridge.fhirserver.offer import Offer

IDENTIFIER = {"identifier": [{"system": "urn:x", "value": "1"}]}


def test_create_says_where(ask):
    answer = ask("POST", "Task", {**TASK, "id": "mine"})
    identity = answer.json["id"]
    assert answer.status == 201
    assert identity != "mine"
    assert answer.headers["Location"] == f"{BASE}/Task/{identity}/_history/1"
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Last-Modified"] == "Mon, 02 Mar 2026 12:00:00 GMT"


def test_create_only_when_nothing_matches(ask):
    first = ask("POST", "Task", TASK | IDENTIFIER, If_None_Exist="identifier=urn:x|1")
    again = ask("POST", "Task", TASK | IDENTIFIER, If_None_Exist="identifier=urn:x|1")
    assert (first.status, again.status) == (201, 200)
    assert again.json["id"] == first.json["id"]
    ask("POST", "Task", TASK | IDENTIFIER)
    several = ask("POST", "Task", TASK | IDENTIFIER, If_None_Exist="identifier=urn:x|1")
    assert (several.status, several.issue["code"]) == (412, "multiple-matches")
    assert ask("POST", "Task", TASK, If_None_Exist="colour=red").status == 400


def test_update_by_version(ask):
    made = ask("PUT", "Task/t", {**TASK, "id": "t"})
    assert (made.status, made.headers["ETag"]) == (201, 'W/"1"')
    changed = ask("PUT", "Task/t", {**TASK, "id": "t", "status": "accepted"}, If_Match='W/"1"')
    assert (changed.status, changed.headers["ETag"]) == (200, 'W/"2"')
    stale = ask("PUT", "Task/t", {**TASK, "id": "t", "status": "rejected"}, If_Match='W/"1"')
    assert (stale.status, stale.issue["code"]) == (412, "conflict")
    assert ask("GET", "Task/t").json["status"] == "accepted"


def test_an_update_that_must_name_its_version(make, full):
    ask = make(Offer(full.types, full.system, if_match=frozenset({"Task"})))
    assert ask("PUT", "Task/t", {**TASK, "id": "t"}).status == 201
    refused = ask("PUT", "Task/t", {**TASK, "id": "t", "status": "accepted"})
    assert (refused.status, "If-Match" in refused.text) == (400, True)
    entry = {"resource": {**TASK, "id": "t"}, "request": {"method": "PUT", "url": "Task/t"}}
    assert ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}).status == 400
    assert ask("PUT", "Task/t", {**TASK, "id": "t"}, If_Match='W/"1"').status == 200
    statement = ask("GET", "metadata").json
    (task,) = [row for row in statement["rest"][0]["resource"] if row["type"] == "Task"]
    assert {"code": "update", "documentation": "If-Match is required."} in task["interaction"]


def test_conditional_update(ask):
    made = ask("PUT", "Task?identifier=urn:x|1&_format=json", TASK | IDENTIFIER)
    changed = ask("PUT", "Task?identifier=urn:x|1", TASK | IDENTIFIER | {"status": "accepted"})
    assert (made.status, changed.status) == (201, 200)
    assert changed.json["id"] == made.json["id"]
    assert ask("PUT", "Task", TASK).status == 400
    assert ask("PUT", "Task?colour=red", TASK).status == 400


@pytest.mark.parametrize("url", ["Task", "Task?identifier=urn:x|1", "Task/t"])
def test_preferred_answers(ask, url):
    def write(prefer):
        method = "POST" if url == "Task" else "PUT"
        return ask(method, url, TASK | IDENTIFIER | ({"id": "t"} if url == "Task/t" else {}), Prefer=prefer)

    minimal, whole = write("return=minimal"), write("handling=strict, return=representation; x=y")
    outcome = write('return="OperationOutcome"')
    assert (minimal.text, minimal.headers["Preference-Applied"]) == ("", "return=minimal")
    assert whole.json["resourceType"] == "Task"
    assert outcome.issue["severity"] == "information"
    for answer in (minimal, whole, outcome):
        assert answer.headers["Location"].startswith(f"{BASE}/Task/")
        assert answer.headers["ETag"]
    assert write("return=nonsense").json["resourceType"] == "Task"


def test_delete_with_and_without_a_body(ask):
    for identity in ("a", "b"):
        ask("PUT", f"Task/{identity}", {**TASK, "id": identity})
    assert ask("DELETE", "Task/a", If_Match='W/"7"').status == 412
    gone = ask("DELETE", "Task/a")
    assert (gone.status, gone.text, gone.headers["ETag"]) == (204, "", 'W/"2"')
    assert ask("DELETE", "Task/a").status == 204
    assert ask("DELETE", "Task/b", Prefer="return=OperationOutcome").issue["severity"] == "information"
    assert ask("DELETE", "Task?identifier=urn:x|1").status == 405


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"resourceType": 7}',
        b'{"resourceType": "Patient"}',
        b'{"resourceType": "Task", "status": "a", "status": "b"}',
        b'{"resourceType": "Task", "description": "\\ud800"}',
        b'{"resourceType": "Task", "meta": 1}',
        b'{"resourceType": "Task", "x": ' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"resourceType": "Task", "x": 1e9999999999}',
        b"\xff",
    ],
)
def test_a_body_that_is_not_such_a_resource_is_refused(ask, body):
    for method, url in [("POST", "Task"), ("PUT", "Task/t"), ("PUT", "Task?identifier=1")]:
        answer = ask(method, url, body)
        assert (answer.status, answer.issue["severity"]) == (400, "error")
    assert ask("GET", "Task?_total=accurate").json["total"] == 0


def test_an_id_of_another_resource_or_shape_is_refused(ask):
    assert ask("PUT", "Task/t", {**TASK, "id": "u"}).status == 400
    assert ask("PUT", "Task/t", TASK).status == 400


def test_numbers_keep_their_digits(ask):
    body = b'{"resourceType":"Task","status":"requested","intent":"order","input":[{"type":{"text":"x"},"valueDecimal":1.10}]}'
    assert '"valueDecimal":1.10' in ask("POST", "Task", body).text
