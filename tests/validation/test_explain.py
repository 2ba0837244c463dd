"""Every rule is explained by an example that breaks it, and one that does not."""

import re
from pathlib import Path

import pytest

from footbridge.validation.explain import explain, nearest, rules

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "rules.md").read_text()
IDS = sorted(set(re.findall(r"^\| `([a-z0-9.*-]+)`", PAGE, re.MULTILINE)))
WITHOUT = {"invariant.*", "pack.rule-failed", "reading.too-large", "validation.failed", "validation.time-limit"}


@pytest.mark.parametrize("rule", sorted({*IDS, *rules()} - WITHOUT))
def test_the_example_breaks_the_rule_and_the_neighbour_does_not(rule):
    found = explain(rule)
    assert found.issues or found.unchecked
    assert found.spec.startswith(("https://", "http://"))
    assert found.check(found.meets) == ((), ())


@pytest.mark.parametrize("rule", sorted(WITHOUT))
def test_where_no_example_is_possible_a_sentence_says_why(rule):
    found = explain(rule)
    assert found.breaks is None
    assert found.note.endswith(".")
    assert found.spec.startswith("https://")


def test_no_example_is_of_a_rule_that_is_not_there():
    assert [rule for rule in rules() if not rule.startswith("invariant.") and rule not in IDS] == []


def test_an_invariant_of_a_guide_is_looked_up():
    found = explain("invariant.SDOH-Con-3")
    assert "StructureDefinition/SDOHCC-Condition" in found.note
    assert "category" in found.note
    assert found.spec == "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-Condition"
    assert explain("invariant.dom-6").spec == "https://hl7.org/fhir/R4/domainresource.html"


def test_an_unknown_rule_is_none_and_has_neighbours():
    assert explain("binding.requierd") is None
    assert explain("invariant.no-such-key") is None
    assert nearest("binding.requierd")[0] == "binding.required"
