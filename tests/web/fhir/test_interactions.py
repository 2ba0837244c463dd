"""The interactions of ``/fhir`` over HTTP: forms, headers, preferences, and what is not supported."""

import gzip
import json
from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs
from support.fhir_http import JSON, XML, System
from support.spine import TENANT, World, prescribed

from footbridge.model.principals import Principal
from footbridge.store.tenants import make_token
from footbridge.validation import Validator
from footbridge.validation.reading import read_xml
from footbridge.validation.writing import write_xml

Json = dict[str, Any]
ORGANIZATION: Json = {"resourceType": "Organization", "name": "Hub", "active": True}


def to_xml(resource: Json) -> bytes:
    return write_xml(resource, Validator().types)


def from_xml(body: bytes) -> Json:
    document = read_xml(body, Validator().types)
    assert not document.issues
    return document.resource


@pytest.fixture
def asked(clinic: World, hub: System) -> System:
    clinic.submit(prescribed())
    clinic.pass_time()
    return hub


def test_a_create_says_where_it_is_and_which_version(hub: System) -> None:
    answer = hub.ask("POST", "Organization", ORGANIZATION)
    assert answer.status_code == 201
    identity = answer.json["id"]
    assert answer.headers["Location"] == f"http://localhost/fhir/Organization/{identity}/_history/1"
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Last-Modified"]
    assert hub.get(answer.headers["Location"]).json == answer.json
    assert hub.read(f"Organization/{identity}") == answer.json


def test_xml_both_ways_and_mixed(hub: System) -> None:
    made = hub.ask("POST", "Organization", to_xml(ORGANIZATION), Content_Type=XML)
    assert (made.status_code, made.mimetype) == (201, XML)
    identity = from_xml(made.data)["id"]
    as_json = hub.get(f"Organization/{identity}", Accept=JSON)
    assert as_json.json == from_xml(hub.get(f"Organization/{identity}", Accept=XML).data)
    assert hub.get(f"Organization/{identity}?_format=xml").mimetype == XML
    changed = hub.ask(
        "PUT", f"Organization/{identity}", to_xml({**as_json.json, "name": "New"}), Content_Type=XML, Accept=JSON
    )
    assert changed.json["name"] == "New"
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": ORGANIZATION, "request": {"method": "POST", "url": "Organization"}}],
    }
    answered = hub.ask("POST", "", to_xml(bundle), Content_Type=XML)
    assert from_xml(answered.data)["entry"][0]["response"]["status"] == "201 Created"
    assert from_xml(hub.get("Organization?_format=application/fhir+xml").data)["type"] == "searchset"


def test_a_task_is_moved_in_xml(asked: System, clinic: World) -> None:
    task = asked.task()
    answer = asked.ask("PUT", f"Task/{task['id']}", to_xml({**task, "status": "accepted"}), Content_Type=XML)
    assert answer.status_code == 200
    assert asked.task()["status"] == "accepted"


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [
        ("return=minimal", None),
        ("return=representation", "Organization"),
        ("return=OperationOutcome", "OperationOutcome"),
    ],
)
def test_what_is_preferred_is_what_comes_back(hub: System, prefer: str, kind: str | None) -> None:
    answer = hub.ask("POST", "Organization", ORGANIZATION, Prefer=prefer)
    assert answer.status_code == 201
    assert answer.headers["Location"]
    assert (answer.json["resourceType"] if answer.data else None) == kind
    assert answer.headers["Preference-Applied"] == prefer


def test_who_has_the_version_is_not_sent_it_again(hub: System) -> None:
    made = hub.create(ORGANIZATION)
    where = f"Organization/{made['id']}"
    again = hub.get(where, If_None_Match='W/"1"')
    assert (again.status_code, again.data) == (304, b"")
    assert hub.get(where, If_None_Match='W/"2"').status_code == 200
    since = hub.get(where).headers["Last-Modified"]
    assert hub.get(where, If_Modified_Since=since).status_code == 304


def test_versions(hub: System) -> None:
    made = hub.create(ORGANIZATION)
    where = f"Organization/{made['id']}"
    assert hub.put({**made, "name": "Second"}).status_code == 200
    assert hub.read(f"{where}/_history/1") == made
    history = hub.read(f"{where}/_history")
    assert [entry["resource"]["meta"]["versionId"] for entry in history["entry"]] == ["2", "1"]
    assert hub.get(f"{where}/_history/3").status_code == 404
    assert hub.ask("HEAD", where).status_code == 200


def test_conditional_create_and_update(hub: System) -> None:
    number = {"system": "urn:footbridge:test:org", "value": "1"}
    known = {**ORGANIZATION, "identifier": [number]}
    condition = "identifier=urn:footbridge:test:org|1"
    first = hub.ask("POST", "Organization", known, If_None_Exist=condition)
    second = hub.ask("POST", "Organization", known, If_None_Exist=condition)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    changed = hub.ask("PUT", f"Organization?{condition}", {**known, "name": "Changed"})
    assert changed.status_code == 200
    assert changed.json["id"] == first.json["id"]
    made = hub.ask("PUT", "Organization?identifier=urn:footbridge:test:org|2", ORGANIZATION)
    assert made.status_code == 201
    hub.create(known)
    assert hub.ask("PUT", f"Organization?{condition}", known).status_code == 412


def test_preconditions_of_a_write(hub: System) -> None:
    """RFC 9110, section 13.1: what is there, what is not, and one of several versions."""
    made = hub.create(ORGANIZATION)
    where = f"Organization/{made['id']}"
    for headers, status in (
        ({"If_None_Match": "*"}, 412),
        ({"If_None_Match": 'W/"1"'}, 412),
        ({"If_Match": 'W/"5", W/"6"'}, 412),
        ({"If_Match": 'W/"5", "1"'}, 200),
        ({"If_Match": "*"}, 200),
        ({"If_None_Match": 'W/"1"'}, 200),
        ({"If_Match": "*", "If_None_Match": "*"}, 412),
        ({"If_Match": "4"}, 400),
    ):
        answer = hub.ask("PUT", where, made, **headers)
        assert answer.status_code == status, (headers, answer.text)
    assert hub.read(where)["meta"]["versionId"] == "4"
    condition = "Organization?identifier=urn:footbridge:test:org|9"
    numbered = {**ORGANIZATION, "identifier": [{"system": "urn:footbridge:test:org", "value": "9"}]}
    assert hub.ask("PUT", condition, numbered, If_Match="*").status_code == 412
    assert hub.ask("PUT", condition, numbered, If_None_Match="*").status_code == 201
    assert hub.ask("PUT", condition, numbered, If_None_Match="*").status_code == 412


def test_a_stale_if_match_is_412(hub: System) -> None:
    made = hub.create(ORGANIZATION)
    assert hub.put({**made, "name": "Second"}).status_code == 200
    stale = hub.put({**made, "name": "Third"})
    assert stale.status_code == 412
    assert hub.read(f"Organization/{made['id']}")["name"] == "Second"


def test_gzip_both_ways(hub: System) -> None:
    long = {**ORGANIZATION, "alias": [f"Name {number}" for number in range(200)]}
    answer = hub.ask(
        "POST",
        "Organization",
        gzip.compress(json.dumps(long).encode()),
        Content_Encoding="gzip",
        Accept_Encoding="gzip",
    )
    assert answer.status_code == 201
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert json.loads(gzip.decompress(answer.data))["alias"] == long["alias"]
    plain = hub.get(f"Organization/{json.loads(gzip.decompress(answer.data))['id']}")
    assert "Content-Encoding" not in plain.headers


def test_gzip_that_is_none_or_grows_too_large_is_refused(hub: System) -> None:
    for body, status in ((b"no gzip", 400), (gzip.compress(b" " * 5_000_000), 413), (gzip.compress(b"{}")[:-4], 400)):
        answer = hub.ask("POST", "Organization", body, Content_Encoding="gzip")
        assert answer.status_code == status
        assert answer.json["resourceType"] == "OperationOutcome"
    assert hub.ask("POST", "Organization", b"x", Content_Encoding="br").status_code == 415


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PATCH", "Organization/1", 405),
        ("DELETE", "Organization/1", 405),
        ("DELETE", "Organization?name=Hub", 405),
        ("GET", "_history", 404),
        ("GET", "Organization/_history", 404),
        ("GET", "", 405),
        ("POST", "Organization/1", 405),
        ("GET", "Medication/1", 404),
        ("GET", "Patient/$everything", 404),
        ("POST", "Task/$nothing", 404),
        ("PROPFIND", "Task", 501),
    ],
)
def test_what_is_not_supported_is_said(hub: System, method: str, path: str, status: int) -> None:
    answer = hub.ask(method, path)
    assert answer.status_code == status, answer.text
    assert answer.json["issue"][0]["severity"] == "error"
    if status == 405:
        assert answer.headers["Allow"]


def test_another_version_of_fhir_or_another_form_is_refused(hub: System) -> None:
    assert hub.get("Organization", Accept="application/fhir+turtle").status_code == 406
    assert hub.get("Organization", Accept="application/fhir+json; fhirVersion=3.0").status_code == 406
    sent = hub.ask("POST", "Organization", b"name: Hub", Content_Type="application/yaml")
    assert sent.status_code == 415


def test_validate_is_there_too(hub: System) -> None:
    answer = hub.ask("POST", "Task/$validate", {"resourceType": "Task", "status": "nonsense", "intent": "order"})
    assert answer.status_code == 200
    assert answer.json["issue"][0]["expression"] == ["Task.status"]


def test_metadata_is_the_callers(hub: System, clinic: World, app: Flask) -> None:
    mine = hub.get("metadata").json
    task = next(row for row in mine["rest"][0]["resource"] if row["type"] == "Task")
    codes = {row["code"] for row in task["interaction"]}
    assert codes == {"search-type", "read", "vread", "history-instance", "update"}
    assert (task["updateCreate"], task["conditionalCreate"], task["conditionalUpdate"]) == (False, False, True)
    procedure = next(row for row in mine["rest"][0]["resource"] if row["type"] == "Procedure")
    assert {"create", "update"} <= {row["code"] for row in procedure["interaction"]}
    assert mine["instantiates"] == [
        "http://hl7.org/fhir/us/sdoh-clinicalcare/CapabilityStatement/SDOHCC-CoordinationPlatform"
    ]
    anonymous = System(app, None).get("metadata")
    assert anonymous.status_code == 200
    assert "resource" not in anonymous.json["rest"][0]
    assert [one["name"] for one in anonymous.json["rest"][0]["operation"]] == ["validate"]


def test_everything_that_is_declared_works_and_the_rest_is_refused(asked: System) -> None:
    """Of each type: what the CapabilityStatement does not list is 403, 404 or 405, and what it lists is none of these."""
    for row in asked.get("metadata").json["rest"][0]["resource"]:
        type_, codes = row["type"], {one["code"] for one in row["interaction"]}
        trials = {
            "search-type": asked.get(f"{type_}?_count=1"),
            "create": asked.ask("POST", type_, {"resourceType": type_, "id": "x"}),
            "update": asked.ask("PUT", f"{type_}/never", {"resourceType": type_, "id": "never"}),
            "delete": asked.ask("DELETE", f"{type_}/never"),
        }
        for code, answer in trials.items():
            refused = answer.status_code in {403, 405}
            assert refused is (code not in codes), (type_, code, answer.text)


def test_without_a_token_nothing_is_read(app: Flask) -> None:
    for who in (System(app, None), System(app, "fb_wrong")):
        for method, path in (("GET", "Task"), ("GET", "Task/1"), ("POST", ""), ("PUT", "Task/1"), ("GET", "nowhere")):
            answer = who.ask(method, path)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", ["requester", "navigator", "admin"])
def test_a_token_of_no_hosted_partner_reads_nothing(clinic: World, app: Flask, role: str) -> None:
    with clinic.database.write() as connection:
        token = make_token(connection, Principal(role, None, name="kit", tenant=TENANT), clinic.clock.now())
    other = System(app, token)
    for method, path in (("GET", "Task"), ("GET", "Patient/1"), ("POST", ""), ("PUT", "Task/1")):
        answer = other.ask(method, path)
        assert answer.status_code == 403
        assert "hosted" in answer.json["issue"][0]["details"]["text"]


def test_a_person_who_works_for_a_hosted_partner_is_not_its_system(clinic: World, app: Flask) -> None:
    clinic.take_on("annex", "requester", network="hosted", base_url="")
    with clinic.database.write() as connection:
        navigator = Principal("navigator", "annex", name="kit", tenant=TENANT)
        token = make_token(connection, navigator, clinic.clock.now())
    assert System(app, token).get("Task").status_code == 403


def test_addresses_are_those_that_the_caller_reaches(hub: System, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    proxied = hub.ask("POST", "Organization", ORGANIZATION, X_Forwarded_Prefix="/care", Host="clinic.test")
    assert proxied.headers["Location"].startswith("http://clinic.test/care/fhir/Organization/")
    link = hub.get("Organization?_count=1", X_Forwarded_Prefix="/care", Host="clinic.test").json["link"][0]["url"]
    assert link.startswith("http://clinic.test/care/fhir/Organization?")


def test_the_log_holds_no_id_and_no_query(asked: System) -> None:
    task = asked.task()
    with capture_logs() as lines:
        asked.get(f"Task/{task['id']}")
        asked.get("Patient?identifier=urn:footbridge:test|secret-number")
    assert [line["route"] for line in lines if line["event"] == "request"] == [
        "/fhir/<type_name>/<id>",
        "/fhir/<type_name>",
    ]
    assert task["id"] not in str(lines)
    assert "secret-number" not in str(lines)
