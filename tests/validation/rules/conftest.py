"""How the tests of rules ask: what is found in a resource, as pairs of rule and FHIRPath."""

import pytest

from footbridge.validation import Options, Validator

BASE = "http://hl7.org/fhir/StructureDefinition/"
OWN = "http://footbridge.test/StructureDefinition/"


@pytest.fixture(scope="session")
def found():
    """``found(resource, profile=..., severity="error", **options)`` -> {(rule, expression)}."""

    def look(resource, profile=None, *, definitions=(), severity="error", **options):
        rows = [*definitions, *([profile] if profile else [])]
        validator = Validator(definitions=rows, options=Options(**options))
        outcome = validator.check(resource, [profile["url"]] if profile else [])
        return {(issue.rule, issue.expression) for issue in outcome.issues if issue.severity == severity}

    return look


@pytest.fixture(scope="session")
def profile_of():
    """``profile_of("Task", element, ...)`` -> a StructureDefinition with that differential."""

    def make(kind, *elements, name="profile"):
        rows = [{"id": row.get("id", row["path"]), **row} for row in elements]
        return {
            "resourceType": "StructureDefinition", "url": OWN + name, "name": "Profile", "status": "draft",
            "kind": "resource", "abstract": False, "type": kind, "baseDefinition": BASE + kind,
            "derivation": "constraint", "fhirVersion": "4.0.1", "differential": {"element": rows},
        }  # fmt: skip

    return make


@pytest.fixture
def task():
    """A small Task that conforms."""
    return {"resourceType": "Task", "status": "requested", "intent": "order"}


@pytest.fixture
def patient():
    """A small Patient that conforms."""
    return {"resourceType": "Patient", "name": [{"family": "Roe", "given": ["Ann"]}], "gender": "female"}
