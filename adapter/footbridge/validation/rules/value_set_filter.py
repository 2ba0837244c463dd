"""The filters of a ValueSet's includes (rule valueset.filter; https://hl7.org/fhir/R4/codesystem.html#filters).

A filter's property is one that the code system defines, and its value has the form of that property: a number, a date,
``system#code`` for a Coding. Which operators a property takes is ``profiles/filter-operators.json``.
"""

import functools
import re
from collections.abc import Generator, Iterator
from typing import Any

from footbridge.data import read_json
from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.fhirpath import FHIRPathError, Undecided, regular
from footbridge.validation.rules.rows import Row, rows_of, text_of

SNOMED = "http://snomed.info/sct"
# What every code system may be filtered by: https://hl7.org/fhir/R4/codesystem.html#defined-props
GENERAL = frozenset(
    {"concept", "code", "display", "definition", "designation", "parent", "child", "inactive", "deprecated", "status"}
    | {"notSelectable", "partOf", "synonym", "comment", "itemWeight"}
)
CODES = frozenset({"concept", "code", "parent", "child"})  # their values are codes of the system
MANY = frozenset({"in", "not-in"})
_DATE = r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
# How a value compares, as searches write it: https://hl7.org/fhir/R4/search.html#prefix
_SIGN = "(?:eq|ne|lt|le|gt|ge)?"
FORMS = {
    "boolean": ("true or false", re.compile("true|false")),
    "integer": ("an integer", re.compile(rf"{_SIGN}[+-]?\d+")),
    "decimal": ("a decimal number", re.compile(rf"{_SIGN}[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")),
    "dateTime": ("a date or a time", re.compile(_SIGN + _DATE)),
    "Coding": ("system#code", re.compile(r"[^#\s]+:[^#\s]+[#|]\S+")),
}


def filter_faults(system: str, row: Row, where: str, scope: Scope) -> Iterator[Issue]:
    """Everything wrong with one filter."""
    operator, name = text_of(row.get("op")), text_of(row.get("property"))
    value = text_of(row.get("value"))
    if operator is None or name is None:
        return
    if value is None:
        if "value" not in row:
            yield from _told(where, "The filter needs a value.")
        return
    facts = scope.run.engine.definitions.code_system(system)
    coded = name in CODES and (system != SNOMED or name == "concept")
    kind = "code of the system" if coded else _kind(facts or {}, name)
    taken = _operators(system, name) or (("=", "exists") if kind == "boolean" and name not in GENERAL else ())
    if name == "inactive":
        kind = "boolean"
    if operator in MANY and (coded or kind in {"integer", "decimal", "dateTime"}):
        value = yield from _first(system, row, value, where, scope)
    if taken and operator not in taken:
        yield from _told(where, f"A filter by {name[:40]} takes {', '.join(taken)}, not {operator[:20]}.")
    elif operator == "regex" and kind not in (None, "string"):
        yield from _regex(value, where)
    elif operator == "exists" and kind not in (None, "string"):
        yield from _form("boolean", value, where, scope)
    elif coded and operator not in {"regex", "exists"}:
        yield from _code(system, value, where, scope)
    elif operator not in {"regex", "exists"} and (kind != "Coding" or operator not in MANY):
        yield from _form(kind, value, where, scope)
    yield from _undefined(system, facts, name, where)


def _first(system: str, row: Row, value: str, where: str, scope: Scope) -> Generator[Issue, None, str]:
    """The first of several values; what there is to say of the others."""
    first, _, rest = value.partition(",")
    if rest:
        yield from filter_faults(system, {**row, "value": rest.strip()}, where, scope)
    return first


def _undefined(system: str, facts: Row | None, name: str, where: str) -> Iterator[Issue]:
    known = name in GENERAL or system == SNOMED or _kind(facts or {}, name) is not None
    if not known and _is_listed(facts):
        level: Severity = "information" if facts is None else "warning"
        yield from _told(where, f"The code system does not define the property {name[:40]}.", level)


def _is_listed(facts: Row | None) -> bool:
    """Whether the properties of a system can be told: those of the large ones are not here."""
    return facts is None or facts.get("content") == "complete"


def _code(system: str, value: str, where: str, scope: Scope) -> Iterator[Issue]:
    terminology = scope.run.engine.terminology
    wrong = not value.isdigit() if system == SNOMED else terminology.known_code(system, value) is False
    if wrong:
        yield from _told(where, "The filter's value is no code of the system.")
    elif system != SNOMED and terminology.is_inactive(system, value):
        yield from _told(where, "The filter's value is a code that is not in use any more.", "warning")


def _regex(value: str, where: str) -> Iterator[Issue]:
    try:
        regular.pattern(value)
    except FHIRPathError:
        yield from _told(where, "The filter's value is no regular expression.")
    except Undecided:
        return


def _form(kind: object, value: str, where: str, scope: Scope) -> Iterator[Issue]:
    words, form = FORMS.get(str(kind), ("", None))
    if form is None:
        return
    if not form.fullmatch(value):
        yield from _told(where, f"The filter's value must be {words}.")
    elif kind == "Coding":
        system, hash_sign, code = value.partition("#")
        if not hash_sign:
            return
        url, _, version = system.partition("|")
        if scope.run.engine.terminology.known_code(url, code, version or None) is False:
            yield from _told(where, "The filter's value is no code of the system that it names.")


def _operators(system: str, name: str) -> tuple[str, ...]:
    """The operators of a property; empty where any will do."""
    table = _table()
    return tuple(table["of"].get(system, table["general"]).get(name, ()))


@functools.cache
def _table() -> Row:
    found: Row = read_json("profiles", "filter-operators.json")
    return found


def _kind(facts: Row, name: str) -> Any:  # noqa: ANN401 - as the system says
    rows = facts.get("property")
    if isinstance(rows, dict):
        found = rows.get(name)
        return found.get("type") if isinstance(found, dict) else found
    return next((row.get("type") for row in rows_of(rows) if row.get("code") == name), None)


def _told(where: str, words: str, severity: Severity = "error") -> Findings:
    return finding("valueset.filter", where, words, severity=severity, code="business-rule", spec="valueset.html")
