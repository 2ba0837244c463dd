"""Elements that have the content of another element: an item within an item."""

import pytest

from footbridge.validation import Validator

URL = "http://footbridge.test/StructureDefinition/form"
PROFILE = {
    "resourceType": "StructureDefinition", "url": URL, "name": "Form", "status": "draft", "kind": "resource",
    "abstract": False, "type": "Questionnaire", "derivation": "constraint", "fhirVersion": "4.0.1",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Questionnaire",
    "differential": {"element": [{"id": "Questionnaire.item.text", "path": "Questionnaire.item.text", "min": 1}]},
}  # fmt: skip


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_what_a_profile_asks_of_items_holds_at_every_depth(depth):
    place, item = "Questionnaire" + ".item[0]" * (depth + 1), {"linkId": "in", "type": "display"}
    for level in range(depth):
        item = {"linkId": str(level), "type": "group", "text": "x", "item": [item]}
    form = {"resourceType": "Questionnaire", "status": "draft", "item": [item]}
    found = Validator(definitions=[PROFILE]).check(form, [URL]).issues
    assert [(issue.rule, issue.expression) for issue in found if issue.is_error] == [("profile.min", place)]
