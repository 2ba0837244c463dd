"""Elements that have the content of another element of their profile: an item within an item."""

import pytest

from footbridge.validation import Validator

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-extr-smap"
UNIT = {
    "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit",
    "valueCoding": {"system": "http://unitsofmeasure.org", "code": "kg"},
}  # fmt: skip


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_what_a_profile_asks_of_items_holds_at_every_depth(depth):
    place, item = "Questionnaire" + ".item[0]" * (depth + 1), {"linkId": "in", "type": "quantity", "text": "x"}
    for units, expected in (([UNIT], []), ([UNIT, UNIT], [("slicing.max", place)])):
        whole = item | {"extension": units}
        for level in range(depth):
            whole = {"linkId": str(level), "type": "group", "text": "x", "item": [whole]}
        form = {"resourceType": "Questionnaire", "status": "draft", "item": [whole]}
        found = {(issue.rule, issue.expression) for issue in Validator().check(form, [SDC]).issues if issue.is_error}
        assert found >= set(expected)
        assert {row for row in found if row[0].startswith("slicing.")} == set(expected)
