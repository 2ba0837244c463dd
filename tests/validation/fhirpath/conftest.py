"""The official suite's cases and the published invariants, for the tests of FHIRPath."""

import json
import tarfile
from decimal import Decimal
from pathlib import Path

import pytest

from footbridge.validation.fhirpath import fhir_type

GUIDES = (
    "hl7.fhir.r4.core#4.0.1",
    "hl7.fhir.us.core#7.0.0",
    "hl7.fhir.us.sdoh-clinicalcare#3.0.0",
    "hl7.fhir.us.sdoh-clinicalcare#2.3.0",
)


def package_files(package: Path, prefix: str):
    with tarfile.open(package) as archive:
        for member in archive:
            if member.name.startswith(prefix) and member.name.endswith(".json"):
                yield json.load(archive.extractfile(member))


@pytest.fixture(scope="session")
def suite(test_data):
    return json.loads((test_data / "fhirpath" / "cases.json").read_text())


@pytest.fixture(scope="session")
def suite_input(test_data):
    folder = test_data / "fhirpath" / "inputs"
    read = {path.name: json.loads(path.read_text(), parse_float=Decimal) for path in folder.glob("*.json")}
    return lambda name: read[name] if name else None


@pytest.fixture(scope="session")
def invariants(test_data):
    """Every constraint of R4, US Core and SDOHCC: (expression, path of its element, key)."""
    found = set()
    for guide in GUIDES:
        package = test_data / "fhir-packages" / f"{guide}.tgz"
        for definition in package_files(package, "package/StructureDefinition-"):
            derived = definition.get("derivation") == "constraint"
            for element in definition.get("snapshot", {}).get("element", []):
                for constraint in element.get("constraint", []):
                    if constraint.get("expression"):
                        path = "" if derived and definition["kind"] != "resource" else element["path"]
                        found.add((constraint["expression"], path, constraint["key"]))
    return sorted(found)


@pytest.fixture(scope="session")
def examples(test_data):
    """The resources among the examples of SDOHCC 3.0.0."""
    package = test_data / "fhir-packages" / f"{GUIDES[2]}.tgz"
    return [row for row in package_files(package, "package/example/") if fhir_type(row.get("resourceType", ""))]


@pytest.fixture
def patient():
    return {
        "resourceType": "Patient",
        "id": "p1",
        "active": True,
        "name": [
            {"use": "official", "family": "Ames", "given": ["Ida", "May"]},
            {"use": "usual", "given": ["Idie"]},
        ],
        "gender": "female",
        "birthDate": "1974-12-25",
        "_birthDate": {"id": "b", "extension": [{"url": "urn:x:time", "valueDateTime": "1974-12-25T14:35:45-05:00"}]},
        "deceasedBoolean": False,
        "telecom": [{"system": "phone", "value": "1", "rank": 2}, {"system": "email", "value": "2", "rank": 1}],
        "contained": [{"resourceType": "Organization", "id": "o", "name": "Food bank"}],
        "managingOrganization": {"reference": "#o"},
    }
