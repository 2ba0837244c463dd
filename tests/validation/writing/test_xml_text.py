"""What is written as XML reads back as it was."""

import json
import tarfile

import pytest

from footbridge.validation import Validator
from footbridge.validation.reading import read
from footbridge.validation.writing import write_xml

PATIENT = {
    "resourceType": "Patient",
    "id": "1",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>x &amp; y</p></div>'},
    "contained": [{"resourceType": "Organization", "id": "o", "name": "é"}],
    "extension": [
        {"url": "urn:a", "valueDecimal": 1.5},
        {"url": "urn:b", "extension": [{"url": "c", "valueCode": "d"}]},
    ],
    "active": True,
    "name": [
        {"id": "n", "given": ["A", None], "_given": [None, {"extension": [{"url": "urn:c", "valueString": "x"}]}]}
    ],
    "_birthDate": {"id": "b"},
    "birthDate": "2000-01-01",
    "multipleBirthInteger": 2,
}


def again(resource):
    types = Validator().types
    document = read(write_xml(resource, types), types)
    assert document.issues == ()
    return document.resource


def test_every_kind_of_value_comes_back():
    assert json.loads(json.dumps(again(PATIENT), default=float)) == PATIENT


def test_the_order_of_json_does_not_matter():
    assert again(dict(reversed(PATIENT.items()))) == again(PATIENT)


def test_what_xml_cannot_have_is_replaced():
    assert again({"resourceType": "Patient", "language": "a\u0001b"})["language"] == "a\ufffdb"


@pytest.mark.parametrize("resource", [{}, {"resourceType": "Nonsense"}, {"resourceType": "HumanName"}])
def test_what_is_no_resource_is_refused(resource):
    with pytest.raises(ValueError, match="known type"):
        write_xml(resource, Validator().types)


def test_examples_of_the_guide(test_data):
    with tarfile.open(test_data / "fhir-packages" / "hl7.fhir.us.sdoh-clinicalcare#3.0.0.tgz") as archive:
        for member in archive.getmembers():
            if "/example/" in member.name and member.name.endswith(".json") and "/." not in member.name:
                resource = read(archive.extractfile(member).read()).resource
                assert again(resource) == resource, member.name
