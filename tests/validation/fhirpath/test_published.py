"""Expressions as published profiles write them; verdicts are those of the HL7 validator on the same resource."""

import pytest

from footbridge.validation.fhirpath import Context, FHIRPathError, compile, evaluate  # noqa: A004

PATIENT = {
    "resourceType": "Patient", "active": True, "multipleBirthInteger": 2,
    "name": [{"use": "official", "family": "Tremblay"}, {"use": "nickname"}],
    "identifier": [{"value": "A1"}, {"value": "B2"}],
    "extension": [{"url": "https://hospital.test/place", "valueAddress": {"city": "Gatineau"}}],
}  # fmt: skip


@pytest.mark.parametrize(
    "expression",
    [
        "multipleBirthInteger = 2", "extension.valueAddress.city = 'Gatineau'", "multipleBirthBoolean.empty()",
        "%resource.extension.all(valueAddress.exists())", "Patient.multipleBirthInteger.exists()",
        "(identifier.value as string).count() = 2", "identifier.value.as(string).exists()", "(name as Address).empty()",
        "(multipleBirth as Integer) = 2", "(name.first().family as String) = 'Tremblay'", "active.is(Boolean)",
        "active = 'true'", "(active != 'true').not()", "multipleBirth = '2'", "iif(active = 'true', true, false)",
        "name.first().hasValue()", "active.hasValue()",
    ],
)  # fmt: skip
def test_what_is_meant_holds(expression):
    assert holds(expression)


@pytest.mark.parametrize(
    "expression",
    ["active = 'True'", "active = '1'", "active is Boolean", "active.as(Boolean).exists()", "name.hasValue()", "gender.hasValue()", "name.family = 'true'",
     "multipleBirth.ofType(Integer).exists()"],
)  # fmt: skip
def test_and_no_more_than_that(expression):
    assert not holds(expression)


def test_the_language_itself_stays_as_it_is_written():
    assert evaluate(PATIENT, "active = 'true'") == [False]
    for expression in ("multipleBirthInteger", "identifier.value as string"):
        with pytest.raises(FHIRPathError):
            evaluate(PATIENT, expression)


def holds(expression):
    return compile(expression, published=True).holds(PATIENT, Context(resource=PATIENT, root_resource=PATIENT))
