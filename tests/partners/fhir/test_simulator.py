"""The simulated server itself: it is FHIR where it is not told otherwise, and misbehaves exactly as told."""

import pytest
import requests

from footbridge.model.clock import ManualClock
from footbridge.partners.fhir.simulator import Fault, FhirSimulator, Quirks, RequestLog
from footbridge.store.interaction_errors import PreconditionFailed
from footbridge.validation import Validator

TASK = {"resourceType": "Task", "status": "requested", "intent": "order"}


def post(server: FhirSimulator, **headers: str) -> requests.Response:
    return requests.post(f"{server.base_url}/Task", json=TASK, headers=headers, timeout=5)


def test_a_create_as_a_plain_http_client_sees_it(server: FhirSimulator) -> None:
    made = post(server)
    id_ = made.json()["id"]
    assert made.status_code == 201
    assert made.headers["Content-Type"].startswith("application/fhir+json")
    assert made.headers["Location"] == f"{server.base_url}/Task/{id_}/_history/1"
    assert made.headers["ETag"] == 'W/"1"'
    assert made.json()["meta"]["lastUpdated"].startswith("2026-03-01T12:00:00")
    assert requests.get(f"{server.base_url}/Task/{id_}/_history", timeout=5).json()["total"] == 1
    assert requests.delete(f"{server.base_url}/Task/{id_}", timeout=5).status_code == 204
    gone = requests.get(f"{server.base_url}/Task/{id_}", timeout=5)
    assert (gone.status_code, gone.json()["resourceType"]) == (410, "OperationOutcome")


def test_preferences_conditions_and_xml_reach_a_plain_client(server: FhirSimulator) -> None:
    minimal = post(server, Prefer="return=minimal")
    assert (minimal.status_code, minimal.content, minimal.headers.get("Content-Type")) == (201, b"", None)
    place = minimal.headers["Location"].partition("/_history")[0]
    known = requests.get(place, headers={"If-None-Match": minimal.headers["ETag"]}, timeout=5)
    assert (known.status_code, known.content) == (304, b"")
    xml = requests.get(place, headers={"Accept": "application/fhir+xml"}, timeout=5)
    assert xml.headers["Content-Type"] == "application/fhir+xml"
    again = requests.post(
        f"{server.base_url}/Task", data=xml.content, headers={"Content-Type": "application/fhir+xml"}, timeout=5
    )
    assert (again.status_code, again.headers["Content-Type"]) == (201, "application/fhir+xml")
    head = requests.head(place, timeout=5)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", 'W/"1"')
    refused = requests.patch(place, timeout=5)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "DELETE, GET, HEAD, PUT")


def test_its_statement_conforms(server: FhirSimulator) -> None:
    found = Validator().check_text(requests.get(f"{server.base_url}/metadata", timeout=5).content)
    assert found.valid, found.issues


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/Task/none", None, 404),
        ("POST", "/Task", b"{", 400),
        ("POST", "/Task", b"[]", 400),
        ("POST", "/Task", b'{"resourceType":"Patient"}', 400),
        ("POST", "", b'{"resourceType":"Bundle","type":"searchset"}', 400),
        ("GET", "/Nonsense", None, 404),
    ],
)
def test_bad_requests_get_an_outcome(
    server: FhirSimulator, method: str, path: str, body: bytes | None, status: int
) -> None:
    answer = requests.request(method, f"{server.base_url}{path}", data=body, timeout=5)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")


def test_notes_requests_by_route(server: FhirSimulator) -> None:
    id_ = post(server).json()["id"]
    requests.get(f"{server.base_url}/Task/{id_}/_history/1", timeout=5)
    requests.post(f"{server.base_url}/Task/_search", data={"_id": id_}, timeout=5)
    requests.get(f"{server.base_url}/Task?status=requested", timeout=5)
    assert server.requests == [
        RequestLog("POST", "Task"),
        RequestLog("GET", "Task/{id}/_history/{vid}"),
        RequestLog("POST", "Task/_search"),
        RequestLog("GET", "Task"),
    ]


def test_a_planned_fault_strikes_once_and_only_what_it_is_for(server: FhirSimulator) -> None:
    server.faults.next(status=429, retry_after=5, method="POST", route="Task")
    assert requests.get(f"{server.base_url}/Task", timeout=5).status_code == 200
    struck = post(server)
    assert (struck.status_code, struck.headers["Retry-After"]) == (429, "5")
    assert server.all("Task") == []
    assert post(server).status_code == 201


def test_a_dropped_answer_hides_what_took_effect(server: FhirSimulator) -> None:
    server.faults.next(drop=True)
    with pytest.raises(requests.ConnectionError):
        post(server)
    assert len(server.all("Task")) == 1


def test_truncated_json_follows_a_write_that_took_effect(server: FhirSimulator) -> None:
    server.faults.next(truncate=True)
    with pytest.raises(requests.JSONDecodeError):
        post(server).json()
    assert len(server.all("Task")) == 1


def test_chance_repeats_itself_by_its_seed_and_ends_when_cleared(server: FhirSimulator) -> None:
    def luck() -> list[int]:
        server.faults.sometimes(0.5, Fault(status=500), seed=7)
        return [post(server).status_code for _ in range(12)]

    first = luck()
    assert first == luck()
    assert {201, 500} == set(first)
    server.faults.clear()
    assert {post(server).status_code for _ in range(5)} == {201}


def test_a_token_is_asked_for_everywhere_but_at_the_metadata(server: FhirSimulator) -> None:
    server.quirks.token = "right"
    assert post(server).status_code == 401
    assert post(server, Authorization="Bearer right").status_code == 201
    assert requests.get(f"{server.base_url}/metadata", timeout=5).status_code == 200
    assert "right" not in repr(server.quirks)


def test_stop_ends_a_request_that_hangs(clock: ManualClock) -> None:
    server = FhirSimulator(clock=clock, quirks=Quirks(stale_status=409)).start()
    base_url = server.base_url
    server.faults.next(delay=600)
    with pytest.raises(requests.Timeout):
        requests.get(f"{base_url}/Task", timeout=0.2)
    server.stop()
    server.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{base_url}/Task", timeout=5)
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.base_url


def test_two_servers_share_nothing(clock: ManualClock) -> None:
    with FhirSimulator(clock=clock, name="one") as one, FhirSimulator(clock=clock, name="two") as two:
        one.put(TASK)
        assert (len(one.all("Task")), len(two.all("Task"))) == (1, 0)
        assert one.base_url != two.base_url


def test_the_staff_sees_every_page_and_does_not_overwrite_what_it_did_not_see(server: FhirSimulator) -> None:
    first = server.put(TASK)
    for _ in range(120):
        server.put(TASK)
    assert len(server.all("Task")) == 121
    assert server.all("Task", status="accepted") == []
    server.put({**first, "status": "accepted"})
    with pytest.raises(PreconditionFailed):
        server.put({**first, "status": "rejected"})
    assert server.get("Task", "none") is None
