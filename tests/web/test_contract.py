"""docs/openapi.yaml says what the app does."""

import json
import re
from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from footbridge.data import read_json
from footbridge.fhirserver import negotiation, validate
from footbridge.model.lifecycle.answer_table import answer_table
from footbridge.model.lifecycle.tables import machines
from footbridge.model.prescription.schema import json_schema
from footbridge.terminology import categories
from footbridge.web.api import changes, events, prescriptions

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def schemas(contract):
    return contract.document["components"]["schemas"]


def test_it_is_valid_openapi(contract):
    OpenAPIV31SpecValidator(contract.document, base_uri=(DOCS / "openapi.yaml").as_uri()).validate()


def test_every_route_is_described_and_every_description_is_a_route(office, contract):
    routes = {
        (contract.template(rule.rule), method.lower())
        for rule in office.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD"}
    }
    described = {
        (path, method)
        for path, item in contract.document["paths"].items()
        for method in item
        if method in {"get", "put", "post", "delete", "patch", "options"}
    }
    assert described == routes


def test_what_needs_no_token_is_said(office, contract):
    for path, item in contract.document["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            address = path.replace("{id}", "7d4d2f3e-0000-4000-8000-000000000000").replace("{type}", "Task")
            answer = office.client.open(address, method=method.upper())
            assert (answer.status_code == 401) is (operation.get("security") != []), path


def test_the_schema_that_it_refers_to_is_the_one_that_is_served(office):
    served = office.client.get("/api/v1/prescription.schema.json")
    assert served.mimetype == "application/schema+json"
    assert json.loads(served.data) == json_schema()
    assert json.loads((DOCS / "reference" / "prescription.schema.json").read_text()) == json_schema()


def test_the_served_description_refers_to_the_served_schema(office):
    served = yaml.safe_load(office.client.get("/api/v1/openapi.yaml").data)
    references = set(re.findall(r"\$ref': '([^'#]+)", str(served)))
    assert references == {"prescription.schema.json"}


def test_its_lists_are_those_of_the_tables(schemas):
    assert schemas["Category"]["enum"] == [known.code for known in categories()]
    assert schemas["Status"]["enum"] == prescriptions.statuses()
    assert tuple(schemas["EventName"]["enum"]) == events.names()
    assert set(schemas["Moving"]["properties"]["event"]["enum"]) == set(events.names()) - set(events.COMMANDS)
    assert schemas["Role"]["enum"] == list(read_json("mappings", "lifecycle", "actors.json")["roles"])
    codes = read_json("mappings", "lifecycle", "codes.json")
    assert schemas["RequestStatus"]["enum"] == codes["requestStatus"]["codes"]
    assert schemas["GoalStatus"]["enum"] == codes["goalStatus"]["codes"]
    assert schemas["Achievement"]["enum"] == codes["goalAchievement"]["codes"]
    assert set(schemas["Achievement"]["enum"]) == set(answer_table().goal)
    assert schemas["Answering"]["properties"]["happened"]["enum"] == list(answer_table().happened)
    used = {status for machine in machines().values() for status in machine.statuses}
    assert used <= set(schemas["TaskStatus"]["enum"])
    assert schemas["Kind"]["enum"] == json_schema()["properties"]["kind"]["enum"]


def test_its_limits_are_the_ones_that_hold(contract):
    def limit(path, name):
        found = contract.document["paths"][path]["get"]["parameters"]
        return next(one["schema"] for one in found if one["name"] == name)

    assert limit("/api/v1/prescriptions", "limit")["maximum"] == prescriptions.MOST
    assert limit("/api/v1/prescriptions", "limit")["default"] == prescriptions.USUAL
    assert limit("/api/v1/changes", "limit")["maximum"] == changes.MOST
    assert limit("/api/v1/changes", "limit")["default"] == changes.USUAL
    assert limit("/api/v1/changes", "wait")["maximum"] == changes.LONGEST_WAIT


def test_what_validate_takes_is_what_is_described(contract):
    resolve = contract.resolve
    for path in ("/fhir/$validate", "/fhir/{type}/$validate"):
        operation = contract.document["paths"][path]["post"]
        given = {one["name"]: one["schema"] for one in map(resolve, operation["parameters"])}
        assert set(given) == {*validate.PARAMETERS[1:], "_format"}
        assert given["mode"]["enum"] == list(validate.MODES)
        assert set(given["_format"]["enum"]) >= set(negotiation.SENT.values())
        assert set(resolve(operation["requestBody"])["content"]) == set(negotiation.SENT.values())
        for response in map(resolve, operation["responses"].values()):
            assert set(response["content"]) == set(negotiation.SENT.values())
