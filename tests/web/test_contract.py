"""docs/openapi.yaml says what the app does."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from footbridge.data import read_json
from footbridge.fhirserver import negotiation, validate
from footbridge.model.holds import hold_kinds
from footbridge.model.lifecycle.answer_table import answer_table
from footbridge.model.lifecycle.tables import machines
from footbridge.model.prescription.schema import json_schema
from footbridge.referrals.decisions import ACTIONS
from footbridge.referrals.events_offered import event_names
from footbridge.terminology import categories
from footbridge.web.api import changes, prescriptions
from footbridge.web.front_doors import door_of

DOCS = Path(__file__).parents[2] / "docs"


def parts_of(schema):
    """A schema, and whatever stands in it."""
    yield schema
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts_of(part)


def keys_of(schema):
    return {key for part in parts_of(schema) if isinstance(part, dict) for key in part}


def choices_of(schema):
    return [part["oneOf"] for part in parts_of(schema) if isinstance(part, dict) and "oneOf" in part]


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
        if door_of(rule.rule).name != "portal"  # pages for people are no part of the contract
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
            address = (
                path.replace("{id}", "7d4d2f3e-0000-4000-8000-000000000000")
                .replace("{type}", "Task")
                .replace("{vid}", "1")
            )
            answer = office.client.open(address, method=method.upper())
            assert (answer.status_code == 401) is (operation.get("security") != []), path


def test_the_schema_that_it_refers_to_is_the_one_that_is_served(office):
    served = office.client.get("/api/v1/prescription.schema.json")
    assert served.mimetype == "application/schema+json"
    assert json.loads(served.data) == json_schema()
    assert json.loads((DOCS / "reference" / "prescription.schema.json").read_text()) == json_schema()


def test_the_served_description_is_the_one_in_docs_and_refers_to_nothing_outside(office):
    served = office.client.get("/api/v1/openapi.yaml").data
    assert served == (DOCS / "openapi.yaml").read_bytes()
    references = set(re.findall(rb"\$ref: *(\S+)", served))
    assert references
    assert all(one.strip(b"\"'").startswith(b"#/components/") for one in references)


def test_a_prescription_in_it_is_that_of_the_schema(schemas):
    """Whole, in names and limits; only rules between members are left out."""
    parts = {"PrescriptionDocument": json_schema()} | {
        f"Prescription{name}": part for name, part in json_schema()["$defs"].items() if part["type"] == "object"
    }
    for name, part in parts.items():
        assert set(schemas[name]["properties"]) == set(part["properties"]), name
        assert schemas[name].get("required") == part.get("required"), name
        assert not {"anyOf", "oneOf", "allOf", "if", "not"} & set(schemas[name]), name


@pytest.mark.parametrize(("whole", "part"), [("Prescription", "Summary"), ("Change", "Event")])
def test_what_holds_another_schema_repeats_its_members(schemas, whole, part):
    """Written out, since generators lose members, or that they may be null, where ``allOf`` joins two schemas."""
    assert schemas[part]["properties"].items() <= schemas[whole]["properties"].items()
    assert set(schemas[part]["required"]) < set(schemas[whole]["required"])


def test_what_generators_cannot_read_is_not_in_it(schemas):
    """Of choices there is that between the events that may be sent, and that of null."""
    for name, schema in schemas.items():
        assert not {"anyOf", "allOf", "not", "if"} & keys_of(schema), name
        for choice in choices_of(schema):
            assert name == "NewEvent" or choice[1:] == [{"type": "null"}], name
            assert all("$ref" in one or one.get("type") == "object" for one in choice[:1]), name


def test_the_schemas_of_a_prescription_in_it_are_current():
    script = DOCS.parent / "scripts" / "openapi_schemas.py"
    done = subprocess.run([sys.executable, script, "--check"], check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


def test_its_lists_are_those_of_the_tables(schemas):
    assert schemas["Category"]["enum"] == [known.code for known in categories()]
    assert schemas["Status"]["enum"] == prescriptions.statuses()
    assert set(schemas["ShownStatus"]["enum"]) == set(prescriptions.statuses()) | set(schemas["TaskStatus"]["enum"])
    assert tuple(schemas["EventName"]["enum"]) == event_names()
    others = {"route", "split", "answer", "forward", "report-back", *ACTIONS}
    assert set(schemas["Moving"]["properties"]["event"]["enum"]) == set(event_names()) - others
    richer = {"confirm-consent", "confirm-needs", "confirm-records", "replace"}
    assert set(schemas["Deciding"]["properties"]["event"]["enum"]) == set(ACTIONS) - richer
    assert schemas["Hold"]["properties"]["reason"]["enum"] == list(hold_kinds())
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
