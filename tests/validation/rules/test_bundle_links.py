"""Links between the entries of a document."""

import copy

import pytest


def urn(number):
    return f"urn:uuid:6f6d8a4e-1c1f-4b0e-9b53-0d2a1f3c4b{number:02d}"


@pytest.fixture
def document():
    composition = {
        "resourceType": "Composition", "status": "final", "type": {"text": "x"}, "date": "2026-01-01", "title": "x",
        "author": [{"reference": urn(1)}], "subject": {"reference": urn(2)},
    }  # fmt: skip
    parts = [
        composition,
        {"resourceType": "Organization", "name": "x"},
        {"resourceType": "Patient", "active": True},
        {"resourceType": "Flag", "status": "active", "code": {"text": "x"}, "subject": {"reference": urn(2)}},
    ]
    return {
        "resourceType": "Bundle", "type": "document", "timestamp": "2026-01-01T00:00:00Z",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": urn(9)},
        "entry": [{"fullUrl": urn(at), "resource": part} for at, part in enumerate(parts)],
    }  # fmt: skip


def test_entries_that_are_joined_either_way_are_good(found, document):
    assert found(document) == set()


def test_an_orphan_and_a_missing_target_are_found(found, document):
    broken = copy.deepcopy(document)
    broken["entry"][0]["resource"]["author"][0]["reference"] = urn(8)
    assert found(broken) == {
        ("bundle.target", "Bundle.entry[0].resource.author[0]"),
        ("bundle.orphan", "Bundle.entry[1]"),
    }
