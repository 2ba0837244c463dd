"""Schemathesis runs docs/openapi.yaml against the app: nothing that fits it or breaks it makes the app fall over."""

import copy

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from support.contract import Contract

from footbridge.model.prescription.schema import json_schema

REFERENCE = "reference/prescription.schema.json"
EXAMPLES = 20


def whole(document):
    """The description in one document: the schema of a prescription stands among its components."""
    document = copy.deepcopy(document)
    schema = json_schema()
    parts = schema.pop("$defs")
    for name in ("$schema", "$id"):
        schema.pop(name)
    document = pointed(document, {REFERENCE: "#/components/schemas/Document"})
    document["components"]["schemas"] |= {"Document": schema} | {f"Document{name}": one for name, one in parts.items()}
    return pointed(document, {})


def pointed(value, names):
    if isinstance(value, list):
        return [pointed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    value = {name: pointed(item, names) for name, item in value.items()}
    reference = value.get("$ref")
    if isinstance(reference, str):
        for old, new in names.items():
            reference = (
                new if reference == old else reference.replace(f"{old}#/$defs/", "#/components/schemas/Document")
            )
        value["$ref"] = reference.replace("#/$defs/", "#/components/schemas/Document")
    return value


def cases(document):
    """Every operation as ``GET /path``, with data that fit it and, where it takes any, with data that break it."""
    for path, item in document["paths"].items():
        for method in ("get", "post"):
            if method in item:
                operation, label = item[method], f"{method.upper()} {path}"
                yield label, GenerationMode.POSITIVE
                if path.startswith("/fhir"):
                    continue  # faults of a body are what a validation tells: they are answered with 200
                if "parameters" in item or "parameters" in operation or "requestBody" in operation:
                    yield label, GenerationMode.NEGATIVE


@pytest.fixture
def described(office, contract):
    """The app and its description, with a prescription that requests can be about."""
    document = whole(contract.document)
    identity = office.taken_in().rpartition("/")[2]
    document["components"]["parameters"]["Id"]["schema"]["enum"] = [identity, "7d4d2f3e-0000-4000-8000-000000000000"]
    accepted = {"positive_data_acceptance": {"expected-statuses": [200, 201, 400, 403, 404, 409, 422]}}
    schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict({"checks": accepted}))
    schema.app = office.app
    return schema


@pytest.mark.parametrize(("label", "mode"), list(cases(Contract().document)))
def test_the_app_keeps_the_contract(office, described, label, mode):
    operation = next(one.ok() for one in described.get_all_operations() if one.ok().label == label)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def keeps(case):
        case.call_and_validate(headers=office.as_("navigator"))

    keeps()
