"""Answers against a value set that the Questionnaire contains (``answerValueSet`` of ``#id``).

https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.answerValueSet. A code without a system is
an option where a list of codes has it (``listed_without_system``); else nothing tells its system.
"""

from typing import cast

from footbridge.validation.core.scope import Scope
from footbridge.validation.definitions.term_facts import value_set_facts
from footbridge.validation.rules.questionnaire.form import Item, rows_of
from footbridge.validation.rules.without_system import listed_without_system
from footbridge.validation.valuesets.answers import Imports, decided
from footbridge.validation.valuesets.compose import Codes, ValueSetRules


def is_option(coding: Item, form: Item, identity: str, scope: Scope) -> bool | None:
    """Whether a Coding is in the value set with that id; None where that cannot be told."""
    found = [row for row in rows_of(form.get("contained")) if row.get("id") == identity]
    if not found or found[0].get("resourceType") != "ValueSet":
        return None
    facts = value_set_facts(found[0])
    if "compose" not in facts and "expansion" not in facts:
        return None
    system, code = coding.get("system"), coding.get("code")
    if not isinstance(code, str):
        return False
    if not isinstance(system, str):
        return listed_without_system(facts, code, scope)
    terminology = cast("Codes", scope.run.engine.terminology)
    verdict = decided(ValueSetRules(facts).member(terminology, system, code, Imports()))
    unknown = "compose" not in facts and scope.run.engine.definitions.code_system(system) is None
    return None if unknown and not verdict else verdict
