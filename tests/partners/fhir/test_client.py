"""The client against answers that no proper server gives, and the guards around it."""

from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from structlog.testing import capture_logs

from footbridge.errors import ConfigurationError, PartnerRefused, PartnerUnavailable
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.server import Remote
from footbridge.partners.fhir.transport import Limits, Transport

TASK = {"resourceType": "Task", "id": "t1", "meta": {"versionId": "7"}, "status": "requested"}
CONDITION = "identifier=urn:x|1"
NAMED = {**TASK, "identifier": [{"system": "urn:x", "value": "1"}]}


def bundle(*resources: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources], **rest}


@pytest.mark.parametrize(
    "url",
    [
        "ftp://partner.test/fhir",
        "partner.test/fhir",
        "https://",
        "http://partner.test/fhir",
        "https://user:secret@partner.test/fhir",
        "https://partner.test/fhir?a=b",
        "https://[partner/fhir",
    ],
)
def test_a_base_url_that_is_unfit_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        FhirClient(url)
    assert "secret" not in str(refused.value)


def test_plain_http_is_for_loopback_or_by_permission() -> None:
    for client in (
        FhirClient("http://127.0.0.1:1/fhir"),
        FhirClient("http://[::1]/fhir"),
        FhirClient("http://fhir/", allow_http=True),
    ):
        client.close()


def test_sends_the_token_of_the_moment_and_asks_for_fhir_json(verbatim: Any) -> None:
    verbatim.says(200, TASK)
    tokens = iter(["first", "second"])
    client = FhirClient(verbatim.base_url, token=lambda: next(tokens))
    client.read("Task", "t1")
    client.read("Task", "t1")
    assert [seen.headers["Authorization"] for seen in verbatim.seen] == ["Bearer first", "Bearer second"]
    assert verbatim.seen[0].headers["Accept"] == "application/fhir+json"
    assert verbatim.seen[0].path == "/fhir/Task/t1"


def test_a_token_that_is_no_header_is_a_setting_to_mend(verbatim: Any) -> None:
    client = FhirClient(verbatim.base_url, token=lambda: "a\r\nX: y")
    with pytest.raises(ConfigurationError):
        client.read("Task", "t1")
    assert verbatim.seen == []


@pytest.mark.parametrize("location", ["https://elsewhere.test/fhir/Task/t1", "/fhir/Task/t2"])
def test_follows_no_redirect(verbatim: Any, location: str) -> None:
    verbatim.says(307, None, Location=location)
    with pytest.raises(PartnerRefused, match="base URL"):
        FhirClient(verbatim.base_url).read("Task", "t1")
    assert len(verbatim.seen) == 1


def test_nobody_listens() -> None:
    with pytest.raises(PartnerUnavailable, match="no connection") as error:
        FhirClient("http://127.0.0.1:9/fhir").read("Task", "secret-id")
    assert error.value.status is None
    assert "secret-id" not in str(error.value)


def test_an_answer_that_breaks_off(verbatim: Any) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"resourceType":')

    verbatim.does(cut)
    with pytest.raises(PartnerUnavailable):
        FhirClient(verbatim.base_url).read("Task", "t1")


def test_an_answer_that_never_starts(verbatim: Any) -> None:
    verbatim.does(lambda handler: handler.rfile.read(1) and None)  # waits until the client hangs up
    with pytest.raises(PartnerUnavailable, match="too slow"):
        FhirClient(verbatim.base_url, timeout=0.2).read("Task", "t1")


def test_an_answer_that_trickles_without_end(verbatim: Any) -> None:
    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b" " * 512)
                handler.rfile.flush()
        except OSError:
            handler.close_connection = True

    verbatim.does(trickle)
    transport = Transport(verbatim.base_url, token=None, limits=Limits(total=0.3))
    with pytest.raises((PartnerUnavailable, PartnerRefused), match=r"longer than|larger than"):
        transport.send("GET", "Task", route="Task")
    transport.close()


def test_an_answer_that_is_too_large(verbatim: Any) -> None:
    verbatim.says(200, b" " * 5000)
    transport = Transport(verbatim.base_url, token=None, limits=Limits(max_bytes=4000))
    with pytest.raises(PartnerRefused, match="larger than 4000 bytes"):
        transport.send("GET", "Task", route="Task")
    transport.close()


def test_keeps_no_cookie(verbatim: Any) -> None:
    verbatim.says(200, TASK, Set_Cookie="session=1; Path=/")
    client = FhirClient(verbatim.base_url)
    client.read("Task", "t1")
    client.read("Task", "t1")
    assert "Cookie" not in verbatim.seen[1].headers


@pytest.mark.parametrize(
    ("type_", "id_"), [("Task", "../Patient/1"), ("task", "1"), ("Task", ""), ("Task", "a/b"), ("Task", "a" * 65)]
)
def test_nothing_but_a_type_and_an_id_goes_into_a_path(verbatim: Any, type_: str, id_: str) -> None:
    with pytest.raises(ValueError, match="not a FHIR resource type or id"):
        FhirClient(verbatim.base_url).read(type_, id_)
    assert verbatim.seen == []


def test_a_read_of_another_type_is_refused(verbatim: Any) -> None:
    verbatim.says(200, {"resourceType": "Patient", "id": "t1"})
    with pytest.raises(PartnerRefused, match="something that is not a Task"):
        FhirClient(verbatim.base_url).read("Task", "t1")


def test_numbers_come_and_go_digit_by_digit(verbatim: Any) -> None:
    verbatim.says(200, b'{"resourceType":"Observation","id":"o","valueQuantity":{"value":1.10}}').says(200)
    client = FhirClient(verbatim.base_url)
    client.update(client.read("Observation", "o"))
    assert b'"value":1.10' in verbatim.seen[1].body


class TestCreate:
    def test_where_from_the_headers(self, verbatim: Any) -> None:
        verbatim.says(201, None, Location=f"{verbatim.base_url}/Task/t1/_history/7")
        assert FhirClient(verbatim.base_url).create(TASK) == Remote("Task", "t1", "7", created=True)

    def test_version_from_the_etag(self, verbatim: Any) -> None:
        verbatim.says(201, None, Location="Task/t1", ETag='W/"7"')
        assert FhirClient(verbatim.base_url).create(TASK) == Remote("Task", "t1", "7", created=True)

    def test_where_from_the_body(self, verbatim: Any) -> None:
        verbatim.says(200, TASK)
        assert FhirClient(verbatim.base_url).create(TASK) == Remote("Task", "t1", "7", created=False)

    def test_where_by_asking(self, verbatim: Any) -> None:
        verbatim.says(201).says(200, bundle(NAMED))
        assert FhirClient(verbatim.base_url).create(TASK, CONDITION).id == "t1"
        assert verbatim.seen[1].path == "/fhir/Task?identifier=urn%3Ax%7C1"

    def test_a_server_that_never_tells_is_tried_again(self, verbatim: Any) -> None:
        verbatim.says(201).says(200, bundle())
        with pytest.raises(PartnerUnavailable, match="without saying where"):
            FhirClient(verbatim.base_url).create(TASK, CONDITION)

    def test_a_place_of_another_type_is_not_believed(self, verbatim: Any) -> None:
        verbatim.says(201, None, Location="Patient/p1").says(200, bundle(NAMED))
        assert FhirClient(verbatim.base_url).create(TASK, CONDITION).id == "t1"

    def test_a_condition_goes_as_a_header_that_http_can_carry(self, verbatim: Any) -> None:
        verbatim.says(201, TASK)
        FhirClient(verbatim.base_url).create(TASK, "identifier=urn:x|é\r\nA: b")
        assert verbatim.seen[0].headers["If-None-Exist"] == "identifier=urn:x|%C3%A9%0D%0AA:%20b"


class TestSearch:
    def test_pages_to_the_end(self, verbatim: Any) -> None:
        second = {"relation": "next", "url": f"{verbatim.base_url}?page=2"}
        verbatim.says(200, bundle(TASK, link=[second])).says(200, bundle({**TASK, "id": "t2"}))
        found = FhirClient(verbatim.base_url).search("Task", [("status", "requested")])
        assert [task["id"] for task in found] == ["t1", "t2"]
        assert verbatim.seen[1].path == "/fhir?page=2"

    def test_takes_a_relative_link(self, verbatim: Any) -> None:
        verbatim.says(200, bundle(TASK, link=[{"relation": "next", "url": "Task?page=2"}])).says(200, bundle())
        list(FhirClient(verbatim.base_url).search("Task", []))
        assert verbatim.seen[1].path == "/fhir/Task?page=2"

    def test_never_follows_a_link_to_another_server(self, verbatim: Any) -> None:
        verbatim.says(200, bundle(TASK, link=[{"relation": "next", "url": "http://127.0.0.1:1/fhir?page=2"}]))
        with pytest.raises(PartnerRefused, match="another server"):
            list(FhirClient(verbatim.base_url, token=lambda: "secret").search("Task", []))

    def test_does_not_go_in_circles(self, verbatim: Any) -> None:
        verbatim.says(200, bundle(TASK, link=[{"relation": "next", "url": "Task?page=1"}]))
        with pytest.raises(PartnerRefused, match="do not end"):
            list(FhirClient(verbatim.base_url).search("Task", []))
        assert len(verbatim.seen) == 2

    def test_leaves_out_what_is_no_resource(self, verbatim: Any) -> None:
        odd: list[Any] = [
            {"resourceType": "OperationOutcome", "id": "o"},
            {"resourceType": "Task", "id": "../x"},
            {"id": "1"},
            None,
            3,
        ]
        page = {"resourceType": "Bundle", "entry": [*({"resource": item} for item in odd), 5, None]}
        verbatim.says(200, page).says(200, {"resourceType": "Bundle", "entry": {"resource": TASK}})
        assert list(FhirClient(verbatim.base_url).search("Task", [])) == []
        assert list(FhirClient(verbatim.base_url).search("Task", [])) == []

    @pytest.mark.parametrize(
        ("type_", "query"),
        [
            ("Patient", ("identifier", "https://health-card.test|1234567890")),
            ("Patient", ("name", "Okafor")),
            ("Patient", ("birthdate", "1961-04-05")),
            ("Task", ("patient.identifier", "1234567890")),
            ("Task", ("patient:Patient.name", "Okafor")),
        ],
    )
    def test_what_may_name_a_person_stays_out_of_the_url_and_the_log(
        self, verbatim: Any, type_: str, query: tuple[str, str]
    ) -> None:
        verbatim.says(200, bundle())
        with capture_logs() as logs:
            list(FhirClient(verbatim.base_url).search(type_, [query]))
        assert (verbatim.seen[0].method, verbatim.seen[0].path) == ("POST", f"/fhir/{type_}/_search")
        assert query[1].rpartition("|")[2].encode() in verbatim.seen[0].body
        assert query[1] not in str(logs)

    def test_an_identifier_that_is_a_mere_uuid_may_stand_in_the_url(self, verbatim: Any) -> None:
        verbatim.says(200, bundle())
        token = "urn:ietf:rfc:3986|urn:uuid:9f44d464-7bb4-55e0-b703-2927d6eb6d55"
        list(FhirClient(verbatim.base_url).search("Patient", [("identifier", token)]))
        assert verbatim.seen[0].method == "GET"

    def test_a_server_that_ignores_the_identifier_finds_nobody(self, verbatim: Any) -> None:
        others = (
            {"resourceType": "Task", "id": "a"},
            {**NAMED, "id": "b", "identifier": [{"system": "urn:y", "value": "1"}]},
        )
        verbatim.says(200, bundle(*others))
        assert FhirClient(verbatim.base_url).find("Task", CONDITION) is None


SENT: dict[str, Any] = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [
        {
            "fullUrl": f"urn:uuid:{type_}",
            "resource": {"resourceType": type_},
            "request": {"method": "POST", "url": type_, "ifNoneExist": CONDITION},
        }
        for type_ in ("Patient", "Task")
    ],
}


class TestTransaction:
    def answered(self, *entries: Any) -> dict[str, Any]:
        return {"resourceType": "Bundle", "type": "transaction-response", "entry": list(entries)}

    @staticmethod
    def made(place: str | None, status: str = "201 Created", **rest: Any) -> dict[str, Any]:
        return {"response": {"status": status, **({"location": place} if place else {})}, **rest}

    def test_where_each_entry_went(self, verbatim: Any) -> None:
        verbatim.says(200, self.answered(self.made("Patient/p1/_history/1", "200 OK"), self.made(None, resource=TASK)))
        found = FhirClient(verbatim.base_url).transaction(SENT)
        assert found == {
            "urn:uuid:Patient": Remote("Patient", "p1", "1", created=False),
            "urn:uuid:Task": Remote("Task", "t1", "7", created=True),
        }

    def test_an_entry_without_a_place_is_looked_up(self, verbatim: Any) -> None:
        verbatim.says(200, self.answered(self.made("Patient/p1"), self.made(None))).says(200, bundle(NAMED))
        assert FhirClient(verbatim.base_url).transaction(SENT)["urn:uuid:Task"].reference == "Task/t1"

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            ("422 Unprocessable", PartnerRefused),
            ("503", PartnerUnavailable),
            ("409 Conflict", PartnerUnavailable),
            (None, PartnerRefused),
        ],
    )
    def test_a_failure_hidden_in_a_success(self, verbatim: Any, status: str | None, error: type[Exception]) -> None:
        verbatim.says(200, self.answered(self.made("Patient/p1"), {"response": {"status": status}}))
        with pytest.raises(error, match="entry 1 of the transaction, a Task"):
            FhirClient(verbatim.base_url).transaction(SENT)

    def test_entries_left_unanswered(self, verbatim: Any) -> None:
        verbatim.says(200, self.answered(self.made("Patient/p1")))
        with pytest.raises(PartnerUnavailable):
            FhirClient(verbatim.base_url).transaction(SENT)


def test_the_log_names_the_route_and_not_the_place(verbatim: Any) -> None:
    verbatim.says(200, TASK)
    with capture_logs() as logs:
        FhirClient(verbatim.base_url, partner="north").read("Task", "t1")
    assert [(log["partner"], log["method"], log["route"], log["status"]) for log in logs] == [
        ("north", "GET", "Task/{id}", 200)
    ]
