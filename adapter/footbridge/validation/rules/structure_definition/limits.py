"""What an element of a definition cannot say: limits that its types do not have, keys of invariants that R4 has.

element.limit  a length, a least or greatest value, or a binding on types for which it means nothing

https://hl7.org/fhir/R4/elementdefinition.html; the tables are ``profiles/element-limits.json`` (types by limit) and
``profiles/r4-invariants.json`` (expressions by key).
"""

import functools
from collections.abc import Iterator

from footbridge.data import read_json
from footbridge.model.issues import Issue
from footbridge.validation.core.finding import finding
from footbridge.validation.rules.rows import Row, rows_of

LIMITS = ("maxLength", "minValue", "maxValue", "binding")


def limit_faults(row: Row, where: str, kind: str) -> Iterator[Issue]:
    """Limits of an element of a definition of that type; an element that says no types is not judged."""
    path = str(row.get("path"))
    codes = [str(one.get("code")) for one in rows_of(row.get("type"))] if "." in path else [kind]
    if not codes or any(":" in code or code in {"*", "None"} for code in codes):
        return
    for limit in LIMITS:
        if any(name.startswith(limit) for name in row) and _types()[limit].isdisjoint(codes):
            words = f"The element has a {limit}, which means nothing for its type {', '.join(codes)[:60]}."
            yield from finding("element.limit", where, words, code="business-rule", spec="elementdefinition.html")


def is_taken(key: str, expression: str | None) -> bool:
    """Whether an invariant of R4 itself has this key, with another expression."""
    known = _expressions().get(key)
    return known is not None and expression is not None and expression not in known


@functools.cache
def _types() -> dict[str, frozenset[str]]:
    table = read_json("profiles", "element-limits.json")
    return {limit: frozenset(table[limit]) for limit in LIMITS}


@functools.cache
def _expressions() -> dict[str, list[str]]:
    found: dict[str, list[str]] = read_json("profiles", "r4-invariants.json")["expressions"]
    return found
