"""Extensions."""

import pytest

HL7 = "http://hl7.org/fhir/StructureDefinition/"


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        ({"url": "http://footbridge.test/x", "valueString": "a"}, "extension.unknown"),
        ({"url": "relative", "valueString": "a"}, "extension.unknown"),
        ({"url": HL7 + "patient-birthPlace"}, "extension.content"),
        ({"url": HL7 + "patient-birthPlace", "valueString": "a"}, "profile.type"),
        ({"url": HL7 + "valueset-map", "valueCanonical": "http://a/b"}, "extension.context"),
        ({"valueString": "a"}, "structure.required"),
    ],
)
def test_each_fault_is_found(found, patient, extension, expected):
    assert expected in {rule for rule, _ in found(patient | {"extension": [extension]})}


def test_a_known_extension_in_its_place_is_good(found, patient):
    good = {"url": HL7 + "patient-birthPlace", "valueAddress": {"city": "x"}}
    assert found(patient | {"extension": [good]}) == set()


def test_modifiers_stand_apart(found, patient):
    plain = {"url": HL7 + "patient-birthPlace", "valueAddress": {"city": "x"}}
    assert ("extension.modifier", "Patient.modifierExtension[0]") in found(patient | {"modifierExtension": [plain]})


def test_a_part_must_be_one_of_its_extension(found, patient):
    nationality = {"url": HL7 + "patient-nationality", "extension": [{"url": "planet", "valueString": "x"}]}
    assert ("extension.nested", "Patient.extension[0].extension[0]") in found(patient | {"extension": [nationality]})


def test_unknown_and_example_extensions_can_be_allowed(found, patient):
    other = {"extension": [{"url": "http://footbridge.test/x", "valueString": "a"}]}
    assert found(patient | other, unknown_extensions=True) == set()
