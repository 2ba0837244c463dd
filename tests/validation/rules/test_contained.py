"""Contained resources."""

import pytest


@pytest.mark.parametrize(
    ("held", "rules"),
    [
        ({"id": "p"}, set()),
        ({"id": "q"}, {"contained.orphan", "invariant.ref-1"}),
        ({}, {"contained.id", "invariant.ref-1"}),
        ({"id": "p", "meta": {"versionId": "1"}}, {"contained.version"}),
        ({"id": "p", "meta": {"security": [{"code": "R"}]}}, {"contained.security"}),
        ({"id": "p", "contained": [{"resourceType": "Device", "id": "x"}]}, {"contained.nested"}),
    ],
)
def test_each_rule_of_containing(found, task, held, rules):
    resource = task | {"contained": [{"resourceType": "Patient", "active": True, **held}], "for": {"reference": "#p"}}
    assert {rule for rule, _ in found(resource)} >= rules
    if not rules:
        assert found(resource) == set()
