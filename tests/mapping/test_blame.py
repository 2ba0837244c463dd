"""Whose a fault is: the caller's where a value of the caller stands, ours everywhere else."""

import pytest
from support.hostile import whole_document

from footbridge.mapping import MappingContext, to_bundle
from footbridge.mapping.blame import blame
from footbridge.mapping.validate_input import accept
from footbridge.model.issues import Issue


@pytest.fixture(scope="module")
def mapped():
    accepted = accept(whole_document())
    return to_bundle(accepted.prescription, MappingContext(jurisdiction=accepted.jurisdiction))


def blamed(mapped, kind, *expressions):
    """What becomes of issues at these places of the first resource of a type."""
    issues = [Issue("test.rule", "error", "value", "A fault.", expression=one) for one in expressions]
    place = [one["resourceType"] for one in mapped.resources].index(kind)
    return blame(mapped, [issues if index == place else [] for index in range(len(mapped.resources))])


@pytest.mark.parametrize(
    ("expression", "pointer"),
    [
        ("Patient.identifier[1].system", "/client/identifiers/0/system"),
        ("Patient.identifier[1]", "/client/identifiers/0"),
        ("Patient.communication[0].language.coding[0].code", "/client/languages/0/code"),
        ("Patient.telecom[0].use", "/client/contacts/0/use"),
        ("Patient.telecom[0].extension[0].value.ofType(string)", "/client/contactNote"),
        ("Patient.birthDate", "/client/birthDate"),
        ("Patient.name[0].given[0]", "/client/name/given/0"),
        ("Patient.name[0].prefix", "/client/name"),
        ("Patient.address[0].line[0]", "/client/address/line/0"),
        ("Patient.language", "/language"),
        ("Patient.gender", "/client/gender"),
        ("Patient.text.div", "/client"),
        ("ServiceRequest.authoredOn", "/authored"),
        ("ServiceRequest.requisition.system", "/journey/system"),
        ("ServiceRequest.code.coding[0].code", "/service/code/code"),
        ("ServiceRequest.code.text.extension[0].value.ofType(code)", "/service/language"),
        ("ServiceRequest.note[0].time", "/inTheirWords/0/said"),
        ("ServiceRequest.priority", "/priority"),
        ("Goal.target[0].due.ofType(date)", "/goals/0/due"),
        ("Goal.description.coding[0].display", "/goals/0/code/display"),
        ("Consent.dateTime", "/consent/given"),
        ("Consent.provision.period.end", "/consent/until"),
        ("Condition.category[1].coding[0].code", "/needs/0/category"),
    ],
)
def test_a_fault_at_a_value_of_the_caller_is_told_at_its_member(mapped, expression, pointer):
    found = blamed(mapped, expression.partition(".")[0], expression)
    if pointer == "/needs/0/category":  # the place of the category among our own is ours to choose
        resource = next(one for one in mapped.resources if one["resourceType"] == "Condition")
        place = next(i for i, one in enumerate(resource["category"]) if one["coding"][0]["code"] == "food-insecurity")
        found = blamed(mapped, "Condition", f"Condition.category[{place}].coding[0].code")
    assert [issue.pointer for issue in found.callers] == [pointer]
    assert all(issue.expression is None for issue in found.callers)
    assert found.ours == ()


@pytest.mark.parametrize(
    "expression",
    [
        "Patient",
        "Patient.active",
        "Patient.identifier[0].system",
        "Patient.identifier[0]",
        "Patient.meta.profile[0]",
        "Patient.name[0].use",
        "Patient.noSuchElement",
        "Patient.extension[0].url",
        "Patient.communication[0].language.coding[0].system",
        "ServiceRequest.status",
        "ServiceRequest.category[0].coding[0].code",
        "Task.focus",
        "Task.code.coding[0].code",
        "Goal.lifecycleStatus",
        "Consent.scope.coding[0].code",
        "Condition.clinicalStatus.coding[0].code",
        "",
    ],
)
def test_a_fault_where_no_value_of_the_caller_stands_is_ours(mapped, expression):
    found = blamed(mapped, expression.partition(".")[0] or "Patient", expression)
    assert found.callers == ()
    assert [issue.expression for issue in found.ours] == [expression]


def test_each_fault_is_told_once_and_both_kinds_together(mapped):
    twice = ("Patient.birthDate", "Patient.birthDate", "Patient.active")
    found = blamed(mapped, "Patient", *twice)
    assert [issue.pointer for issue in found.callers] == ["/client/birthDate"]
    assert len(found.ours) == 1
