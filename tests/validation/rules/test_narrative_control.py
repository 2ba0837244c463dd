"""What profiles ask of narratives."""

import pytest

HL7 = "http://hl7.org/fhir/StructureDefinition/narrative-"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
ENGLISH = '<div xml:lang="en" lang="en">x</div>'


@pytest.mark.parametrize(
    ("control", "code", "markup", "expected"),
    [
        ("language", "_no", "<p>x</p>", set()),
        ("language", "_no", ENGLISH, {"narrative.language"}),
        ("language", "_yes", ENGLISH, set()),
        ("language", "_yes", "<p>x</p>", {"narrative.language"}),
        ("language", "_resource", ENGLISH, {"narrative.language"}),
        ("source", "error", '<p class="generated">x</p>', set()),
        ("source", "error", "<p>x</p>", {"narrative.source"}),
    ],
)
def test_sections_are_looked_at(found, profile_of, patient, control, code, markup, expected):
    extension = {"url": f"{HL7}{control}-control", "valueCode": code}
    profile = profile_of("Patient", {"path": "Patient.text", "extension": [extension]})
    resource = patient | {"language": "fr", "text": {"status": "generated", "div": DIV.format(markup)}}
    assert {rule for rule, _ in found(resource, profile)} == expected
