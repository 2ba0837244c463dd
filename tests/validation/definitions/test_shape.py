"""Malformed definitions are refused by the place of their fault."""

import json

import pytest

from footbridge.validation import Validator
from footbridge.validation.definitions.shape import fault_of
from footbridge.validation.packages import PackageError, open_package

GOOD = {
    "resourceType": "StructureDefinition", "url": "https://clinic.test/p", "type": "Task", "derivation": "constraint",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Task",
    "differential": {"element": [{"path": "Task.code", "min": 1}]},
}  # fmt: skip


def with_element(**members):
    return GOOD | {"differential": {"element": [{"path": "Task"}, {"path": "Task.code", **members}]}}


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        (with_element(min="1"), "StructureDefinition.differential.element[1].min must be a whole number."),
        (with_element(max="many"), "StructureDefinition.differential.element[1].max must be a whole number as text"),
        (with_element(type={"code": "Task"}), "StructureDefinition.differential.element[1].type must be a list."),
        (GOOD | {"differential": {"element": [{}]}}, "element[0] must have 'path'."),
        (GOOD | {"url": 7}, "StructureDefinition.url must be a text."),
        ({"resourceType": "ValueSet", "compose": {"include": [[]]}}, "ValueSet.compose.include[0] must be an object."),
        (
            {"resourceType": "CodeSystem", "concept": [{"code": "a", "concept": [{"code": 1}]}]},
            "concept[0].concept[0].code",
        ),
    ],
)
def test_the_fault_is_named_with_its_place(definition, told):
    assert told in str(fault_of(definition))
    with pytest.raises(PackageError, match="cannot be used"):
        Validator(definitions=[definition])


@pytest.mark.parametrize("definition", [GOOD, {"resourceType": "Questionnaire", "url": 7}])
def test_what_is_well_formed_or_not_looked_at_passes(definition):
    assert fault_of(definition) is None


def test_all_definitions_of_the_packages_are_well_formed(test_data):
    for path in sorted((test_data / "fhir-packages").glob("hl7.fhir.us.*.tgz")):
        package = open_package(path)
        for entry in package.entries():
            assert fault_of(json.loads(package.read(entry.file))) is None, entry.file
