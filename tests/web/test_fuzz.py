"""Schemathesis runs docs/openapi.yaml against the app: nothing that fits it or breaks it makes the app fall over."""

import copy

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from schemathesis import GenerationMode
from support.contract import Contract

from footbridge.model.prescription.schema import json_schema

EXAMPLES = 20


def with_every_rule(document):
    """The description with exact dates and the JSON Schema of a prescription: what is made up fits these too."""
    document = renamed(copy.deepcopy(document))
    schema = json_schema()
    parts = {f"Schema{name}": part for name, part in schema.pop("$defs").items()}
    whole = {name: part for name, part in schema.items() if name not in {"$schema", "$id"}}
    document["components"]["schemas"] |= renamed(parts) | {"PrescriptionDocument": renamed(whole)}
    return document


def renamed(value):
    if isinstance(value, list):
        return [renamed(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {"pattern" if name == "x-pattern" else name: renamed(item) for name, item in value.items()}
    if isinstance(value.get("$ref"), str):
        value["$ref"] = value["$ref"].replace("#/$defs/", "#/components/schemas/Schema")
    return value


def has_null(value):
    """Whether a member is null somewhere: it counts as left out, which no schema says, and so breaks nothing."""
    if isinstance(value, dict):
        return None in value.values() or any(map(has_null, value.values()))
    return isinstance(value, list) and any(map(has_null, value))


def has_unsent(query):
    """Whether a parameter is never sent, as an empty list is not: what it breaks does not arrive."""
    return any(value in ([], {}, None) for value in (query or {}).values())


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
def described(office, contract, request):
    """The app and its description, with a prescription that requests can be about."""
    document = with_every_rule(contract.document)
    identity = office.taken_in().rpartition("/")[2]
    document["components"]["parameters"]["Id"]["schema"]["enum"] = [identity, "7d4d2f3e-0000-4000-8000-000000000000"]
    statuses = [200, 201, 400, 403, 404, 409, 422]
    label = request.node.callspec.params["label"]
    if label.endswith("/fhir/token") or "/ocean/" in label:
        statuses.append(401)  # an assertion or a secret that is made up fits the description, and proves nothing
    accepted = {"positive_data_acceptance": {"expected-statuses": statuses}}
    refused = {"negative_data_rejection": {"expected-statuses": ["4xx", 503]}}  # 413 among them: a text may be too long
    checks = schemathesis.Config.from_dict({"checks": accepted | refused})
    schema = schemathesis.openapi.from_dict(document, config=checks)
    schema.app = office.app
    return schema


@pytest.mark.parametrize(("label", "mode"), list(cases(Contract().document)))
def test_the_app_keeps_the_contract(office, described, label, mode):
    operation = next(one.ok() for one in described.get_all_operations() if one.ok().label == label)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def keeps(case):
        assume(mode is GenerationMode.POSITIVE or not (has_null(case.body) or has_unsent(case.query)))
        # a test client does not decompress
        case.call_and_validate(headers={**office.as_("navigator"), "Accept-Encoding": "identity"})

    keeps()
