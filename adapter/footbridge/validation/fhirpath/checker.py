"""Checks an expression against R4's types before it runs.

A semantic error is raised where no value of the types could make sense of it: an element that none of the
possible types has, a function on what it cannot take, a criterion that is no boolean, an order asked of
children(), a date plus a number. Where the types are not known (after resolve(), in Bundle.entry.resource)
nothing is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from footbridge.validation.fhirpath import tree
from footbridge.validation.fhirpath.errors import FHIRPathError, semantic
from footbridge.validation.fhirpath.functions.types import keeps_type, specifier
from footbridge.validation.fhirpath.registry import FUNCTIONS, Function
from footbridge.validation.fhirpath.typemodel import ANY, REFLECTION, SYSTEM, TYPE_INFO, TypeInfo, fhir_type

Kinds = frozenset[TypeInfo]
NUMBERS = frozenset({"Integer", "Decimal"})
TEMPORALS = frozenset({"Date", "DateTime", "Time"})
TAKES = {
    "string": frozenset({"String"}),
    "number": NUMBERS,
    "measure": NUMBERS | {"Quantity"},
    "bounded": NUMBERS | TEMPORALS | {"Quantity"},
    "reference": frozenset({"String", "Reference", "CodeableReference"}),
    "coded": frozenset({"String", "Coding", "CodeableConcept", "Quantity"}),
    "primitive": NUMBERS | TEMPORALS | {"String", "Boolean", "Quantity"},
}
BOOLEAN = frozenset({SYSTEM["Boolean"]})
STRING = frozenset({SYSTEM["String"]})
BOOLEAN_OPERATORS = frozenset(
    {"=", "!=", "~", "!~", "<", ">", "<=", ">=", "in", "contains", "and", "or", "xor", "implies"}
)


@dataclass(frozen=True, slots=True)
class Types:
    """What an expression may give: its possible types, None when unknown; and whether it has an order."""

    kinds: Kinds | None
    ordered: bool = True


UNKNOWN = Types(None)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: the types of $this, of $total; and whether a path may start with another type."""

    this: Types
    total: Types = UNKNOWN
    other_types: bool = False


def check(expression: tree.Expression, root: TypeInfo | None, *, other_types: bool = False) -> None:
    """Raise FHIRPathError (semantic) when the types do not allow the expression.

    With ``other_types`` a path that starts with the name of another type than the focus has is empty, and no error.
    """
    kinds = None if root is None or root is ANY or root.abstract else frozenset({root})
    _types(expression, Scope(Types(kinds), other_types=other_types))


def check_among(expression: tree.Expression, roots: Iterable[TypeInfo]) -> None:
    """Raise FHIRPathError (semantic) when no type of several allows a step of the expression."""
    _types(expression, Scope(Types(frozenset(roots))))


def _types(expression: tree.Expression, scope: Scope) -> Types:
    if isinstance(expression, tree.Path):
        return _path(expression, scope)
    if isinstance(expression, tree.Binary):
        return _binary(expression, scope)
    if isinstance(expression, tree.TypeTest):
        return _type_test(expression, scope)
    if isinstance(expression, tree.Sign):
        return _types(expression.operand, scope)
    if isinstance(expression, tree.Special):
        integers = Types(frozenset({SYSTEM["Integer"]}))
        return {"this": scope.this, "index": integers, "total": scope.total}[expression.name]
    return _leaf(expression)


def _leaf(expression: tree.Expression) -> Types:
    if isinstance(expression, tree.QuantityLiteral):
        return Types(frozenset({SYSTEM["Quantity"]}))
    if isinstance(expression, tree.Literal):
        name = expression.kind.capitalize()
        if expression.kind == "date" and "T" in str(expression.value):
            name = "DateTime"
        return Types(frozenset({SYSTEM[name]}))
    return Types(frozenset()) if isinstance(expression, tree.Empty) else UNKNOWN


def _path(path: tree.Path, scope: Scope) -> Types:
    current = scope.this if path.start is None else _types(path.start, scope)
    for at, step in enumerate(path.steps):
        if isinstance(step, tree.Member):
            head = at == 0 and path.start is None
            current = _EMPTY if head and _is_other(step, current, scope) else _member(step, current, head=head)
        elif isinstance(step, tree.Index):
            _types(step.value, scope)
            _require_order(current, "[]", step.position)
        else:
            current = _call(step, current, scope)
    return current


_EMPTY = Types(frozenset())


def _is_other(step: tree.Member, focus: Types, scope: Scope) -> bool:
    """Whether a path starts with the name of a type that the focus does not have, where that may be."""
    if not scope.other_types or focus.kinds is None or not step.name[:1].isupper() or fhir_type(step.name) is None:
        return False
    return not any(kind.is_a(step.name) for kind in focus.kinds)


def _member(step: tree.Member, focus: Types, *, head: bool) -> Types:
    if focus.kinds is None:
        return UNKNOWN
    if head:
        own = frozenset(kind for kind in focus.kinds if kind.namespace == "FHIR" and kind.is_a(step.name))
        if own and step.name[:1].isupper():
            return Types(own)
    found: set[TypeInfo] = set()
    for kind in focus.kinds:
        children = _child_kinds(kind, step.name)
        if children is None:
            return UNKNOWN
        found |= children
    if not found and focus.kinds:
        names = ", ".join(sorted(kind.name for kind in focus.kinds)[:5])
        raise semantic(f"{names} has no element {step.name}", step.position)
    return Types(frozenset(found), focus.ordered)


def _child_kinds(kind: TypeInfo, name: str) -> Kinds | None:
    """The types of a child, an empty set when there is no such child, None when it is unknown."""
    if kind is TYPE_INFO:
        return STRING if name in REFLECTION else frozenset()
    if kind is ANY or kind.abstract:
        return None
    if kind.system is not None and name == "value":
        return frozenset({SYSTEM["String"]})
    element = kind.elements.get(name)
    if element is None:
        return frozenset()
    kinds = frozenset(choice.kind for choice in element.choices)
    return None if any(each is ANY or each.abstract for each in kinds) else kinds


def _require_order(focus: Types, name: str, position: int) -> None:
    if not focus.ordered:
        raise semantic(f"{name} needs an order, which children and descendants have not", position)


def _system_names(focus: Types) -> frozenset[str] | None:
    """The FHIRPath types of what may be there, None when unknown; complex types under their own names."""
    if focus.kinds is None:
        return None
    return frozenset(kind.system or ("Quantity" if kind.is_a("Quantity") else kind.name) for kind in focus.kinds)


def _call(call: tree.Call, focus: Types, scope: Scope) -> Types:
    entry = FUNCTIONS.get(call.name)
    if call.name == "sort":
        _require_order(focus, "sort()", call.position)
        inner = replace(scope, this=focus)
        for argument in call.arguments:
            _types(argument.operand if isinstance(argument, tree.Sign) else argument, inner)
        return focus
    if call.name == "defineVariable":
        for argument in call.arguments:
            _types(argument, replace(scope, this=focus))
        return focus
    if entry is None:
        raise semantic(f"There is no function {call.name}()", call.position)
    if entry.ordered:
        _require_order(focus, f"{call.name}()", call.position)
    _require_input(entry, focus, call.position)
    return _result(entry, call, focus, scope)


def _require_input(entry: Function, focus: Types, position: int) -> None:
    names = _system_names(focus)
    if entry.takes and names and not names & TAKES[entry.takes] and "Any" not in names:
        raise semantic(f"{entry.name}() does not take {', '.join(sorted(names)[:5])}", position)


def _result(entry: Function, call: tree.Call, focus: Types, scope: Scope) -> Types:
    if entry.style == "type":
        return _type_function(call, focus)
    lazy = entry.style == "lazy"
    inner = scope
    if lazy:
        inner = replace(scope, this=focus, total=UNKNOWN if entry.name == "aggregate" else scope.total)
    if entry.returns == "repeat":
        return _repeated(call.arguments[0], focus, scope)
    arguments = [_types(argument, inner) for argument in call.arguments]
    if entry.criteria and arguments:
        _require_boolean(entry, arguments[0], call.position)
    if entry.returns == "focus":
        return focus
    if entry.returns == "argument":
        return arguments[0]
    if entry.returns == "branches":
        return _merge(arguments[1:])
    if entry.returns == "unordered":
        return Types(None, ordered=False)
    if entry.returns == "TypeInfo":
        return Types(frozenset({TYPE_INFO}))
    kind = SYSTEM.get(entry.returns) or fhir_type(entry.returns)
    return UNKNOWN if kind is None else Types(frozenset({kind}))


def _repeated(projection: tree.Expression, focus: Types, scope: Scope) -> Types:
    """The types of repeat(): those of the projection, applied to the input and again to what it gives.

    A name that only a later round has is no error (the types are unknown then), nor one that ends there.
    """
    try:
        first = _types(projection, replace(scope, this=focus))
    except FHIRPathError:
        return UNKNOWN
    try:
        again = _types(projection, replace(scope, this=first))
    except FHIRPathError:
        return first
    return _merge([first, again])


def _require_boolean(entry: Function, argument: Types, position: int) -> None:
    names = _system_names(argument)
    if names and "Boolean" not in names and "Any" not in names:
        raise semantic(f"The criterion of {entry.name}() is no boolean", position)


def _merge(choices: list[Types]) -> Types:
    kinds: set[TypeInfo] = set()
    for choice in choices:
        if choice.kinds is None:
            return UNKNOWN
        kinds |= choice.kinds
    return Types(frozenset(kinds), all(choice.ordered for choice in choices))


def _type_function(call: tree.Call, focus: Types) -> Types:
    name = tree.qualified_name(call.arguments[0]) if len(call.arguments) == 1 else None
    if call.name == "is" or name is None:
        return Types(BOOLEAN) if call.name == "is" else UNKNOWN
    return _narrow(focus, name)


def _narrow(focus: Types, name: str) -> Types:
    """The types after ``as`` or ``ofType``; unknown names are left to the evaluation."""
    _, bare, known = specifier(name)
    if not known:
        return UNKNOWN
    wanted = fhir_type(bare) or SYSTEM.get(bare)
    if focus.kinds is not None:
        kept = frozenset(kind for kind in focus.kinds if keeps_type(kind, name))
        if kept:
            return Types(kept, focus.ordered)
    return UNKNOWN if wanted is None or wanted.abstract else Types(frozenset({wanted}), focus.ordered)


def _type_test(expression: tree.TypeTest, scope: Scope) -> Types:
    operand = _types(expression.operand, scope)
    if expression.operator == "is":
        return Types(BOOLEAN)
    return _narrow(operand, expression.type_name)


def _binary(expression: tree.Binary, scope: Scope) -> Types:
    operands = [_types(operand, scope) for operand in expression.operands]
    operator = expression.operator
    if operator == "|":
        return replace(_merge(operands), ordered=True)
    if operator in BOOLEAN_OPERATORS:
        return Types(BOOLEAN)
    if operator in "+-":
        _require_addable(operator, operands, expression.position)
        return Types(operands[0].kinds)
    if operator == "&":
        return Types(STRING)
    return UNKNOWN if operator in {"*", "/"} else Types(frozenset({SYSTEM["Integer"], SYSTEM["Decimal"]}))


def _require_addable(operator: str, operands: list[Types], position: int) -> None:
    left, right = _system_names(operands[0]), _system_names(operands[1])
    if not left or not right or "Any" in left | right:
        return
    if left <= TEMPORALS and not right & {"Quantity"}:
        raise semantic(f"{operator} on a date or time takes a quantity of time", position)
