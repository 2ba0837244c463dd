"""The filters of a value set's include, one function an operator: https://hl7.org/fhir/R4/valueset-filter-operator.html."""

from collections.abc import Callable
from typing import Any

from footbridge.validation.fhirpath import FHIRPathError, Undecided, regular
from footbridge.validation.valuesets.answers import Answer, Why
from footbridge.validation.valuesets.code_table import CodeTable

_ON_THE_CODE = frozenset({"=", "regex", "in", "not-in"})
_ITSELF = frozenset({"concept", "code"})
Test = Callable[[CodeTable, str, str, str], Answer]


def matches(table: CodeTable, code: str, row: dict[str, Any]) -> Answer:
    """Whether a listed code passes one filter."""
    operator, prop, value = row.get("op"), str(row.get("property", "")), str(row.get("value", ""))
    test = _OPERATORS.get(str(operator))
    return test(table, code, prop, value) if test else Why(f"the filter operator {operator} is unknown")


def code_matches(code: str, row: dict[str, Any]) -> Answer:
    """Whether a code of a system without a list passes a filter, where the filter is on the code itself."""
    if row.get("property") not in _ITSELF or row.get("op") not in _ON_THE_CODE:
        return Why("its filter needs a list of the codes")
    return matches(CodeTable({"concept": {code: ""}}), code, row)


def _equal(table: CodeTable, code: str, prop: str, value: str) -> Answer:
    values = _values(table, code, prop)
    return value in values or (value == "false" and not values)


def _is_a(table: CodeTable, code: str, _prop: str, value: str) -> Answer:
    return code == value or table.is_below(code, value)


def _below(table: CodeTable, code: str, _prop: str, value: str) -> Answer:
    return table.is_below(code, value)


def _not_a(table: CodeTable, code: str, _prop: str, value: str) -> Answer:
    return not (code == value or table.is_below(code, value))


def _generalizes(table: CodeTable, code: str, _prop: str, value: str) -> Answer:
    return code == value or table.is_below(value, code)


def _child(table: CodeTable, code: str, _prop: str, value: str) -> Answer:
    return value in table.parents(code)


def _leaf_below(table: CodeTable, code: str, _prop: str, value: str) -> Answer:
    return table.is_below(code, value) and not table.has_children(code)


def _regex(table: CodeTable, code: str, prop: str, value: str) -> Answer:
    try:
        expression = regular.pattern(value)
        return any(expression.fullmatch(one) for one in _values(table, code, prop))
    except FHIRPathError:
        return Why("the regular expression of its filter is not valid here")
    except Undecided:
        return Why("the regular expression of its filter would take long")


def _listed(table: CodeTable, code: str, prop: str, value: str) -> Answer:
    return bool(_values(table, code, prop) & {part.strip() for part in value.split(",")})


def _not_listed(table: CodeTable, code: str, prop: str, value: str) -> Answer:
    return not _values(table, code, prop) & {part.strip() for part in value.split(",")}


def _exists(table: CodeTable, code: str, prop: str, value: str) -> Answer:
    return bool(_values(table, code, prop)) == (value != "false")


def _values(table: CodeTable, code: str, prop: str) -> set[str]:
    if prop in _ITSELF:
        return {code}
    if prop == "display":
        return set(table.displays(code)[:1])
    if prop == "parent":
        return set(table.parents(code))
    return {str(one).lower() if isinstance(one, bool) else str(one) for one in table.properties(code, prop)}


_OPERATORS: dict[str, Test] = {
    "=": _equal,
    "is-a": _is_a,
    "descendent-of": _below,
    "is-not-a": _not_a,
    "generalizes": _generalizes,
    "child-of": _child,
    "descendent-leaf": _leaf_below,
    "regex": _regex,
    "in": _listed,
    "not-in": _not_listed,
    "exists": _exists,
}
