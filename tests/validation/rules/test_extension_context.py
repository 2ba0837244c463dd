"""Where extensions may stand."""

import pytest

OWN = "http://footbridge.test/StructureDefinition/ext"


def definition(kind, expression):
    return {
        "resourceType": "StructureDefinition", "url": OWN, "name": "Ext", "status": "draft", "kind": "complex-type",
        "abstract": False, "type": "Extension", "derivation": "constraint", "fhirVersion": "4.0.1",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "context": [{"type": kind, "expression": expression}],
        "differential": {"element": [{"id": "Extension.url", "path": "Extension.url", "fixedUri": OWN}]},
    }  # fmt: skip


@pytest.mark.parametrize("holder", ["fixed", "pattern", "example"])
def test_a_value_in_a_definition_stands_for_one_elsewhere(found, holder):
    value = {"valueString": "x", "_valueString": {"extension": [{"url": OWN, "valueString": "x"}]}}
    row = {"id": "Address.line", "path": "Address.line"}
    if holder == "example":
        row["example"] = [{"label": "x", **value}]
    else:
        row |= {key.replace("value", holder): inner for key, inner in value.items()}
    own = definition("element", "Address.line")
    profile = own | {
        "type": "Address", "url": "http://footbridge.test/StructureDefinition/address", "differential": {"element": [row]},
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Address",
    }  # fmt: skip
    del profile["context"]
    assert "extension.context" not in {rule for rule, _ in found(profile, definitions=[own])}


@pytest.mark.parametrize(
    ("kind", "expression", "allowed"),
    [
        ("element", "Patient.name", True),
        ("element", "HumanName", True),
        ("element", "Element", True),
        ("element", "Patient", False),
        ("element", "Patient.contact.name", False),
        ("fhirpath", "Patient.name", True),
        ("fhirpath", "Patient.name.where(use = 'old')", False),
        ("extension", "http://footbridge.test/other", False),
    ],
)
def test_the_context_is_compared_with_the_holder(found, patient, kind, expression, allowed):
    name = {"family": "Roe", "extension": [{"url": OWN, "valueString": "x"}]}
    issues = found(patient | {"name": [name]}, definitions=[definition(kind, expression)])
    assert issues == (set() if allowed else {("extension.context", "Patient.name[0].extension[0]")})
