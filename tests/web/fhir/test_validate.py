"""``$validate``: a resource in, an OperationOutcome out, with a token, and nothing stored."""

import json

import pytest
from sqlalchemy import inspect, text

from footbridge.settings import settings
from footbridge.store.tables.directory_search import BY_DATABASE
from footbridge.validation import Validator
from footbridge.validation.writing import write_xml

TASK = {"resourceType": "Task", "status": "requested", "intent": "order"}
BAD = {"resourceType": "Task", "status": "nonsense", "intent": "order"}
REFERRAL = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-TaskForReferralManagement"
FHIR_JSON = "application/fhir+json"


@pytest.fixture
def ask(office):
    def post(body, path="/fhir/$validate", content_type=FHIR_JSON, query=None, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body)
        return office.client.post(
            path, data=data, content_type=content_type, query_string=query, headers=office.as_("emr", **headers)
        )

    return post


def rules(answer):
    return [row["extension"][0]["valueString"] for row in answer.json["issue"] if row["severity"] in {"fatal", "error"}]


@pytest.mark.parametrize("path", ["/fhir/$validate", "/fhir/Task/$validate"])
def test_what_conforms_has_no_error(ask, path):
    answer = ask(TASK, path)
    assert answer.status_code == 200
    assert answer.json["resourceType"] == "OperationOutcome"
    assert rules(answer) == []


def test_what_does_not_conform_is_told_with_its_place_and_not_its_value(ask):
    answer = ask(BAD)
    assert answer.status_code == 200
    assert rules(answer) == ["binding.required"]
    assert answer.json["issue"][0]["expression"] == ["Task.status"]
    assert "nonsense" not in answer.text


def test_profiles_come_in_the_query_or_in_parameters(ask):
    asked = ask(TASK, query={"profile": REFERRAL})
    held = {
        "resourceType": "Parameters",
        "parameter": [{"name": "resource", "resource": TASK}, {"name": "profile", "valueUri": REFERRAL}],
    }
    assert rules(asked)
    assert rules(ask(held)) == rules(asked)
    assert rules(ask(held, "/fhir/Task/$validate")) == rules(asked)


def test_parameters_are_a_resource_too(ask):
    assert rules(ask({"resourceType": "Parameters"}, "/fhir/Parameters/$validate")) == []
    assert ask({"resourceType": "Parameters"}).status_code == 400


@pytest.mark.parametrize(("name", "near"), [("profil", "profile"), ("Mode", "mode"), ("x" * 500, "profile")])
def test_a_parameter_that_is_not_known_is_refused(ask, name, near):
    part = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": TASK}, {"name": name}]}
    for answer in (ask(TASK, query={name: REFERRAL}), ask(part)):
        assert answer.status_code == 400
        assert answer.json["resourceType"] == "OperationOutcome"
        told = answer.json["issue"][0]["details"]["text"]
        assert f"'{name[:64]}'" in told
        assert near in told


def test_general_parameters_are_taken(ask):
    assert ask(TASK, query={"_format": "json", "_pretty": "true"}).status_code == 200


def test_modes(ask):
    assert rules(ask(TASK, query={"mode": "create"})) == []
    assert rules(ask(TASK, query={"mode": "update"})) == ["validate.update-id"]
    assert rules(ask(TASK | {"id": "1"}, query={"mode": "update"})) == []
    assert rules(ask(BAD, query={"mode": "delete"})) == []
    assert ask(TASK, query={"mode": "nonsense"}).status_code == 400


def test_a_resource_of_another_type_than_the_address(ask):
    assert rules(ask(TASK, "/fhir/Patient/$validate")) == ["validate.type"]
    assert ask(TASK, "/fhir/Nonsense/$validate").status_code == 404
    assert ask(TASK, "/fhir/HumanName/$validate").status_code == 404


def test_xml_goes_in_and_comes_out(ask):
    xml = write_xml(BAD, Validator().types)
    answer = ask(xml, content_type="application/fhir+xml")
    assert answer.mimetype == "application/fhir+xml"
    assert b"binding.required" in answer.data
    assert rules(ask(xml, content_type="application/fhir+xml", Accept=FHIR_JSON)) == ["binding.required"]
    assert ask(BAD, query={"_format": "xml"}).mimetype == "application/fhir+xml"
    assert ask(BAD, Accept="text/html, application/fhir+json;q=0.5").mimetype == FHIR_JSON


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"resourceType": 7}', b"\xff", b'{"a":' * 2000, b"<a/>"])
def test_what_is_no_resource_is_an_outcome_all_the_same(ask, body):
    for content_type in (FHIR_JSON, "application/fhir+xml"):
        answer = ask(body, content_type=content_type, Accept=FHIR_JSON)
        assert answer.status_code == 200
        assert rules(answer)


def test_other_media_types_are_refused(ask):
    answer = ask(TASK, content_type="text/plain")
    assert answer.status_code == 415
    assert answer.json["issue"][0]["code"] == "not-supported"


def test_a_body_that_is_too_large_is_refused_with_an_outcome(office, ask):
    office.app.config["MAX_CONTENT_LENGTH"] = 100
    answer = ask(TASK | {"description": "x" * 200})
    assert answer.status_code == 413
    assert answer.json["issue"][0]["code"] == "too-long"


def test_it_needs_a_token(office):
    answer = office.client.post("/fhir/$validate", json=TASK)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["issue"][0]["code"] == "login"


def test_nothing_is_stored(office, ask):
    with office.database.read() as connection:
        scanned = (name for name in inspect(connection).get_table_names() if not name.startswith(BY_DATABASE))
        tables = list(scanned)

    def rows():
        with office.database.read() as connection:
            return {name: connection.execute(text(f'select count(*) from "{name}"')).scalar() for name in tables}

    before = rows()
    ask(TASK | {"id": "1"}, query={"mode": "update"})
    assert rows() == before


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/fhir/Foo", 404, "not-found"),
        ("GET", "/fhir/Patient/1", 403, "forbidden"),
        ("POST", "/fhir", 403, "forbidden"),
        ("POST", "/fhir/$nope", 404, "not-found"),
        ("POST", "/fhir/Task/$nope", 404, "not-found"),
        ("POST", "/fhir/Foo/$validate", 404, "not-found"),
        ("GET", "/fhir/$validate", 405, "not-supported"),
        ("DELETE", "/fhir/Task/$validate", 405, "not-supported"),
    ],
)
def test_what_is_not_offered_is_refused_with_an_outcome(office, method, path, status, code):
    answer = office.client.open(path, method=method, headers=office.as_("emr"))
    assert answer.status_code == status
    assert answer.mimetype == FHIR_JSON
    [issue] = answer.json["issue"]
    assert (issue["severity"], issue["code"]) == ("error", code)
    if status == 405:
        assert answer.headers["Allow"] == "POST"


def test_a_refusal_has_the_form_that_is_asked_for(office):
    answer = office.client.get("/fhir/Foo", headers=office.as_("emr", Accept="application/fhir+xml"))
    assert answer.status_code == 404
    assert b"<OperationOutcome" in answer.data[:100]


def test_elsewhere_refusals_stay_problems(office):
    assert office.client.get("/fhirs").mimetype == "application/problem+json"


@pytest.mark.parametrize("role", ["emr", "hub"])
def test_its_time_is_a_setting_and_holds_for_every_role(office, role, monkeypatch):
    monkeypatch.setenv("FOOTBRIDGE_VALIDATE_SECONDS", "0.1")
    settings.cache_clear()
    body = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{}] * 60_000})
    answer = office.client.post("/fhir/$validate", data=body, content_type=FHIR_JSON, headers=office.as_(role))
    settings.cache_clear()
    assert answer.status_code == 200
    assert ("fatal", "too-costly") in {(row["severity"], row["code"]) for row in answer.json["issue"]}
