"""Types: what the model knows, is, as, ofType, type(), and the strict check."""

import pytest

from footbridge.validation.fhirpath import FHIRPathError, compile, evaluate, fhir_type  # noqa: A004 - the library's name


def test_elements_inherit_and_choices_carry_their_json_names():
    age = fhir_type("Age")
    assert age.is_a("Quantity")
    assert age.is_a("Element")
    assert set(age.elements) == {"id", "extension", "value", "comparator", "unit", "system", "code"}
    value = fhir_type("Task.input").elements["value"]
    assert "valueReference" in {choice.key for choice in value.choices}
    assert fhir_type("Questionnaire.item").elements["item"].choices[0].kind is fhir_type("Questionnaire.item")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Patient is DomainResource", True),
        ("Patient.name.first() is Element", True),
        ("gender is code", True),
        ("gender is string", True),
        ("gender is id", False),
        ("active is boolean", True),
        ("active is Boolean", False),
        ("active is System.Boolean", False),
        ("active is FHIR.boolean", True),
        ("true is System.Boolean", True),
        ("deceased is boolean", True),
        ("deceased is dateTime", False),
        ("birthDate.is(date)", True),
        ("today() is Date", True),
        ("name.first().type().name", "HumanName"),
        ("name.first().type().namespace", "FHIR"),
        ("1.type().name", "Integer"),
        ("contained.type().name", "Organization"),
        ("gender.is(nonsense)", False),
    ],
)
def test_type_of_a_patients_elements(patient, expression, expected):
    assert evaluate(patient, expression) == [expected]


def test_as_and_of_type_keep_a_primitive_under_its_own_name_alone(patient):
    assert evaluate(patient, "gender.as(code)") == ["female"]
    assert evaluate(patient, "gender.as(string)") == []
    assert evaluate(patient, "gender.ofType(string)") == []
    assert evaluate(patient, "contained.ofType(DomainResource).name") == ["Food bank"]
    assert evaluate(patient, "deceased.ofType(boolean)") == [False]


def test_choices_are_reached_by_their_fhirpath_name_alone():
    observation = {"resourceType": "Observation", "valueQuantity": {"value": 1, "unit": "kg"}}
    assert evaluate(observation, "value.unit") == ["kg"]
    with pytest.raises(FHIRPathError) as refused:
        evaluate(observation, "valueQuantity.unit")
    assert refused.value.kind == "semantic"


@pytest.mark.parametrize(
    "expression",
    [
        "Encounter.name",
        "name.given1",
        "(deceased as Period).unit",
        "children().first()",
        "descendants()[0]",
        "name.startsWith('a')",
        "birthDate + 7",
        "name.where(given)",
        "iif('x', 1, 2)",
        "foo()",
        "name.select(nothing)",
        "repeat(name).nothing",
    ],
)
def test_the_check_refuses_what_the_types_do_not_allow(patient, expression):
    with pytest.raises(FHIRPathError) as refused:
        evaluate(patient, expression)
    assert refused.value.kind == "semantic"


@pytest.mark.parametrize("expression", ["gender.as(string1)", "gender.ofType(string1)", "name.as(HumanName)"])
def test_what_types_cannot_do_at_run_time(patient, expression):
    with pytest.raises(FHIRPathError) as refused:
        evaluate(patient, expression)
    assert refused.value.kind == "execution"


def test_without_strict_an_unknown_element_is_just_not_there(patient):
    assert compile("nothing.exists()", root_type="Patient").holds(patient) is False
    with pytest.raises(FHIRPathError):
        compile("nothing.exists()", root_type="Patient", strict=True)


def test_a_resource_of_unknown_type_is_read_by_its_json_names():
    thing = {"resourceType": "Widget", "parts": [{"valueString": "a"}, {"valueCode": "b"}], "on": True}
    assert evaluate(thing, "parts.value") == ["a", "b"]
    assert evaluate(thing, "Widget.on.exists() or on") == [True]
