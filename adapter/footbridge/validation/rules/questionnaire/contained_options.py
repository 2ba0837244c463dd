"""Answers against a value set that the Questionnaire contains (``answerValueSet`` of ``#id``).

https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.answerValueSet. Only what a value set lists,
or takes whole, is looked at; where it has filters, imports or exclusions nothing is said.
"""

from footbridge.validation.core.scope import Scope
from footbridge.validation.rules.questionnaire.form import Item, rows_of


def is_option(coding: Item, form: Item, identity: str, scope: Scope) -> bool | None:
    """Whether a Coding is in the value set with that id; None where that cannot be told."""
    found = [row for row in rows_of(form.get("contained")) if row.get("id") == identity]
    compose = found[0].get("compose") if found else None
    if not isinstance(compose, dict) or compose.get("exclude"):
        return None
    verdicts = [_in_include(coding, row, scope) for row in rows_of(compose.get("include"))]
    if True in verdicts:
        return True
    return None if None in verdicts or not verdicts else False


def _in_include(coding: Item, row: Item, scope: Scope) -> bool | None:
    system, code = row.get("system"), coding.get("code")
    if "valueSet" in row or "filter" in row or not isinstance(system, str) or not isinstance(code, str):
        return None
    if coding.get("system") != system:
        return False
    if "concept" in row:
        return any(one.get("code") == code for one in rows_of(row["concept"]))
    return scope.run.engine.terminology.known_code(system, code)
