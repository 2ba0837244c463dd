"""Extensions for elements of other versions of FHIR."""

import pytest

ANIMAL = "StructureDefinition/extension-Patient.animal"


@pytest.mark.parametrize(
    ("version", "holder", "wrong"),
    [("1.0", "extension", True), ("3.0", "extension", True), ("3.0", "modifierExtension", False)],
)
def test_an_element_that_is_a_modifier_stays_one(found, patient, version, holder, wrong):
    row = {"url": f"http://hl7.org/fhir/{version}/{ANIMAL}", "valueString": "a dog"}
    told = {("extension.modifier", f"Patient.{holder}[0]")}
    assert found(patient | {holder: [row]}) == (told if wrong else set())
    other = row | {"url": row["url"].replace("animal", "photo")}
    assert found(patient | {holder: [other]}) == set()
