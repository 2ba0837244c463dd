"""Resources of the guide, and what the packs say of them."""

import pytest

from footbridge.validation import Validator

ST = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/"
OURS = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
SDC = "http://hl7.org/fhir/uv/sdc/CodeSystem/temp"


@pytest.fixture
def warned():
    """The ids of the packs' rules that speak of a resource, each with its place."""

    def rules(resource, profiles=(), validator=None):
        found = (validator or Validator()).validate(resource, profiles)
        spoken = [issue for issue in found if issue.rule.startswith(("guide-intent.", "terminology-hygiene."))]
        assert {issue.severity for issue in spoken} <= {"warning"}
        return sorted((issue.rule, issue.expression) for issue in spoken)

    return rules


@pytest.fixture
def task():
    """A Task for the patient, of a code, with the kinds of its inputs and outputs."""

    def made(code, inputs=(), outputs=(), system=OURS, **more):
        def part(kind):
            where = SDC if kind in {"questionnaire", "questionnaire-response"} else OURS
            return {"type": {"coding": [{"system": where, "code": kind}]}, "valueMarkdown": "x"}

        resource = {
            "resourceType": "Task",
            "meta": {"profile": [ST + "SDOHCC-TaskForPatient|3.0.0"]},
            "status": "completed",
            "intent": "order",
            "priority": "routine",
            "code": {"coding": [{"system": system, "code": code}]},
            "description": "x",
            "for": {"reference": "Patient/1"},
            "authoredOn": "2026-01-01",
            "requester": {"reference": "Organization/1"},
            "owner": {"reference": "Patient/1"},
        } | more
        if inputs:
            resource["input"] = [part(kind) for kind in inputs]
        if outputs:
            resource["output"] = [part(kind) for kind in outputs]
        return resource

    return made
