"""``$validate`` costs a server no more than it is allowed to."""

import json
import threading
import time

import pytest
from support.fhir_client import JSON, TASK, XML
from werkzeug.datastructures import Headers

from footbridge.fhirserver import FhirServer, Offer, Request
from footbridge.fhirserver.validate import validate_operation
from footbridge.fhirserver.validate_limits import MOST_TEXT, Limits, Turns
from footbridge.validation import Validator

SLOW = {"resourceType": "Bundle", "type": "nonsense", "entry": [{}] * 80_000}


def server(limits):
    return FhirServer(Offer(operations=(validate_operation(lambda: limits),)), "/fhir")


def sent(limits, body, accept=JSON, content=JSON):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = Headers({"Content-Type": content, "Accept": accept})
    return server(limits).handle(Request("POST", "$validate", (), headers, data))


def issues(answer):
    return json.loads(answer.body)["issue"]


@pytest.fixture(autouse=True)
def _warm():
    Validator().check(SLOW | {"entry": [{}]})


@pytest.mark.parametrize("wrapped", [False, True], ids=["resource", "parameters"])
def test_a_validation_that_takes_too_long_is_stopped_and_says_so(wrapped):
    held = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": SLOW}]}
    start = time.process_time()
    answer = sent(Limits(0.2, Turns(1)), held if wrapped else SLOW)
    assert time.process_time() - start < 3
    assert answer.status == 200
    found = [(row["severity"], row["code"]) for row in issues(answer)]
    assert ("fatal", "too-costly") in found
    assert ("error", "code-invalid") in found


def test_what_ends_in_time_is_answered_as_ever():
    assert all(row["severity"] != "fatal" for row in issues(sent(Limits(30, Turns(1)), TASK)))


def test_no_more_run_at_once_than_may_and_the_others_try_again_later():
    turns = Turns(1, patience=0.05)
    with turns.one(retry_after=1):
        answer = sent(Limits(4.2, turns), TASK)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert [(row["severity"], row["code"]) for row in issues(answer)] == [("error", "throttled")]
    assert sent(Limits(4.2, turns), TASK).status == 200


def test_one_that_waits_gets_its_turn():
    turns = Turns(1, patience=20)
    held = threading.Event()

    def hold():
        with turns.one(retry_after=1):
            held.set()
            time.sleep(0.2)

    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    assert sent(Limits(5, turns), TASK).status == 200
    other.join()


def test_only_some_wait_so_that_threads_stay_free():
    turns = Turns(2, patience=1.5)
    found = []

    def ask():
        start = time.monotonic()
        found.append((sent(Limits(5, turns), TASK).status, time.monotonic() - start < 1))

    with turns.one(retry_after=1), turns.one(retry_after=1):
        asking = [threading.Thread(target=ask) for _ in range(4)]
        [one.start() for one in asking]
        [one.join() for one in asking]
    assert sorted(found) == [(503, False), (503, True), (503, True), (503, True)]


@pytest.mark.parametrize("body", [b"{", b"<Task", b'{"resourceType": "Parameters", "parameter": [{"name": "colour"}]}'])
def test_a_turn_is_given_back_whatever_the_body_is(body):
    turns = Turns(1, patience=0.01)
    for _ in range(3):
        sent(Limits(5, turns), body, content=XML if body[:1] == b"<" else JSON)
    assert sent(Limits(5, turns), TASK).status == 200


def nested(deep, count):
    """Many faults far below: their paths are longer than the document."""
    inner = ",".join(['{"url":"a","x":1}'] * count)
    extension = '"extension":[{"url":"u",'
    return f'{{"resourceType":"Patient",{extension * deep}"extension":[{inner}]{"}]" * deep}}}'.encode()


@pytest.mark.parametrize("accept", [JSON, XML])
@pytest.mark.parametrize(
    "body",
    [
        b"{" + b",".join([b'"a":1'] * 100_000) + b"}",
        b'{"a":' * 300 + b"{" + b",".join([b'"%s":1' % (b"z" * 60)] * 5000) + b"}" + b"}" * 300,
        (b'{"%s":' % (b"a" * 150)) * 60 + b"{" + b",".join([b'"a":1'] * 5000) + b"}" + b"}" * 60,
        b"/**/" * 100_000 + b"{}",
        nested(90, 20_000),
        b'<Patient xmlns="http://hl7.org/fhir">' + b"<name/><active/>" * 20_000 + b"</Patient>",
    ],
    ids=["names", "deep-names", "long-places", "comments", "deep-faults", "order"],
)
def test_an_answer_has_a_bounded_size(body, accept):
    answer = sent(Limits(5, Turns(1)), body, accept, XML if body[:1] == b"<" else JSON)
    assert answer.status == 200
    assert b"too-costly" in answer.body
    assert len(answer.body) < 4 * MOST_TEXT
