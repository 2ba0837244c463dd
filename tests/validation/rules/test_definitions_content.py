"""CodeSystems, ValueSets and SearchParameters as such."""

import pytest

BASE = {"url": "http://footbridge.test/x", "status": "draft"}
CODES = [{"code": "a", "concept": [{"code": "b"}]}]


@pytest.mark.parametrize(
    ("resource", "rule"),
    [
        ({"resourceType": "CodeSystem", "content": "complete", "count": 3, "concept": CODES}, "codesystem.count"),
        ({"resourceType": "CodeSystem", "content": "not-present", "concept": CODES}, "codesystem.content"),
        ({"resourceType": "CodeSystem", "content": "complete", "supplements": "http://a.test/b"}, "codesystem.supplement"),
        ({"resourceType": "ValueSet", "compose": {"include": [{"system": "#c"}]}}, "valueset.system"),
        ({"resourceType": "ValueSet", "compose": {"include": [{"system": "http://snomed.info/sct", "filter": [
            {"property": "concept", "op": "is-a", "value": "x"}]}]}}, "valueset.filter"),
        ({"resourceType": "SearchParameter", "name": "X", "description": "x", "code": "x", "base": ["Task"],
          "type": "composite"}, "searchparameter.composite"),
    ],
)  # fmt: skip
def test_each_fault_is_found(found, resource, rule):
    assert rule in {found_rule for found_rule, _ in found(BASE | resource)}


def test_good_ones_pass(found):
    assert found(BASE | {"resourceType": "CodeSystem", "content": "complete", "count": 2, "concept": CODES}) == set()
