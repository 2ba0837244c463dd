"""Codes without a system: the HL7 validator takes one that a value set lists, for the list tells the system.

https://hl7.org/fhir/R4/datatypes-definitions.html#Coding.system. A value set that takes a whole system, filters it or
excludes codes tells no system, so that such a code is none of it.
"""

from footbridge.validation.core.scope import Scope
from footbridge.validation.definitions.term_facts import Facts

DEEPEST = 10


def listed_without_system(facts: Facts | None, code: str, scope: Scope, depth: int = 0) -> bool:
    """Whether an include of a value set, or of one that it imports, lists the code."""
    compose = (facts or {}).get("compose") or {}
    if compose.get("exclude") or depth > DEEPEST:
        return False
    for row in compose.get("include", ()):
        if code in row.get("concept", {}):
            return True
        imported = (scope.run.engine.definitions.value_set(url) for url in row.get("valueSet", ()))
        if any(listed_without_system(one, code, scope, depth + 1) for one in imported):
            return True
    return False
