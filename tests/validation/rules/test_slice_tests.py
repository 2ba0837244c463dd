"""Which fixed values and patterns can tell a slice, as the HL7 validator has it."""

import pytest

from footbridge.validation.rules.slice_tests import can_tell

CODING = {"system": "http://codes.test", "code": "a"}
NOTE = [{"url": "http://hl7.org/fhir/StructureDefinition/originalText", "valueString": "x"}]


@pytest.mark.parametrize(
    ("kind", "code", "value"),
    [
        ("fixed", "Code", "a"),
        ("fixed", "Boolean", False),
        ("pattern", "DateTime", "2020"),
        ("pattern", "CodeableConcept", {"coding": [CODING]}),
        ("fixed", "Coding", CODING),
        ("pattern", "Identifier", {"system": "http://ids.test", "assigner": {"display": "x"}}),
        ("pattern", "Identifier", {"type": {"coding": [CODING]}}),
        ("pattern", "HumanName", {"family": "x"}),
    ],
)
def test_values_that_tell_a_slice(kind, code, value):
    assert can_tell(kind, code, value)


@pytest.mark.parametrize(
    ("kind", "code", "value"),
    [
        ("fixed", "DateTime", "2020"),
        ("fixed", "HumanName", {"family": "x"}),
        ("pattern", "Quantity", {"code": "mg"}),
        ("pattern", "CodeableConcept", {"text": "x"}),
        ("pattern", "CodeableConcept", {"coding": [CODING], "text": "x"}),
        ("pattern", "CodeableConcept", {"coding": [{**CODING, "extension": NOTE}]}),
        ("pattern", "Coding", {**CODING, "extension": NOTE}),
        ("pattern", "Identifier", {"assigner": {"display": "x"}}),
        ("pattern", "Identifier", {"type": {"text": "x"}}),
        ("pattern", "HumanName", {"family": "x", "given": ["y"]}),
    ],
)
def test_values_that_do_not(kind, code, value):
    assert not can_tell(kind, code, value)
