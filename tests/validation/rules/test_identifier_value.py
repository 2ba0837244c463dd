"""Identifiers."""

import pytest

RFC = "urn:ietf:rfc:3986"


@pytest.mark.parametrize(
    ("identifier", "rules"),
    [
        ({"system": "http://a.test/ids", "value": "1"}, set()),
        ({"system": "ids", "value": "1"}, {"identifier.system"}),
        ({"system": "mailto:ids@a.test", "value": "1"}, {"identifier.system"}),
        ({"system": "HTTP://a.test/ids", "value": "1"}, {"identifier.system"}),
        ({"system": RFC, "value": "1"}, {"identifier.uri"}),
        ({"system": RFC, "value": "urn:oid:1.02"}, {"identifier.uri"}),
        ({"system": RFC, "value": "urn:oid:1.2"}, set()),
    ],
)
def test_systems_and_uris(found, task, identifier, rules):
    assert {rule for rule, _ in found(task | {"identifier": [identifier]})} == rules
