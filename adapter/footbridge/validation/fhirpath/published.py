"""How published profiles write FHIRPath for R4, and how the HL7 validator reads it: a little wider than the text says.

    as        takes several items, as in R4's own search parameters: ``x as T`` and ``x.as(T)`` are ``x.ofType(T)``
    String    and its kin, after ``as`` and in ``is()``, are FHIR's primitive types too: ``(x as String)``
    = 'true'  compares a boolean or a number by its text
    hasValue  holds for a complex element, too

``compile(..., published=True)`` applies it; the language itself (https://hl7.org/fhirpath/N1/) stays as it is written.
"""

import re
from dataclasses import replace
from decimal import Decimal

from footbridge.validation.fhirpath import tree

# System types that stand for the FHIR type of the same name.
SYSTEM_NAMES = frozenset({"Boolean", "String", "Integer", "Decimal", "DateTime", "Time"})
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?\Z")


def as_published(expression: tree.Expression) -> tree.Expression:
    """The expression with what is meant in place of what is written."""
    if isinstance(expression, tree.Path):
        start = None if expression.start is None else as_published(expression.start)
        return replace(expression, start=start, steps=tuple(_step(step) for step in expression.steps))
    if isinstance(expression, tree.Binary):
        return _binary(replace(expression, operands=tuple(as_published(one) for one in expression.operands)))
    if isinstance(expression, tree.Sign):
        return replace(expression, operand=as_published(expression.operand))
    if isinstance(expression, tree.TypeTest):
        operand = as_published(expression.operand)
        if expression.operator == "is":
            return replace(expression, operand=operand)
        call = _of_type(_fhir(expression.type_name), expression.position)
        if isinstance(operand, tree.Path):
            return replace(operand, steps=(*operand.steps, call))
        return tree.Path(operand, (call,), expression.position)
    return expression


def _step(step: tree.Step) -> tree.Step:
    if isinstance(step, tree.Index):
        return replace(step, value=as_published(step.value))
    if not isinstance(step, tree.Call):
        return step
    name = tree.qualified_name(step.arguments[0]) if len(step.arguments) == 1 else None
    if step.name == "as" and name is not None:
        return _of_type(name, step.position)
    if step.name == "is" and name in SYSTEM_NAMES | {"Date"}:
        return replace(step, arguments=(_name(_lower(name), step.position),))
    if step.name in {"is", "ofType"}:
        return step
    if step.name == "hasValue" and not step.arguments:
        return replace(step, name="hasValue or content")
    return replace(step, arguments=tuple(as_published(one) for one in step.arguments))


def _binary(expression: tree.Binary) -> tree.Binary:
    """``x = 'true'`` as ``x = 'true' or x = true``; ``!=`` as neither."""
    if expression.operator not in {"=", "!="} or len(expression.operands) != 2:
        return expression
    left, right = expression.operands
    if _meant(left) is not None:
        left, right = right, left
    other = _meant(right)
    if other is None or isinstance(left, tree.Literal):
        return expression
    both = tuple(replace(expression, operands=(left, one)) for one in (right, other))
    return tree.Binary("or" if expression.operator == "=" else "and", both, expression.position)


def _meant(literal: tree.Expression) -> tree.Literal | None:
    """The boolean or number that a text may stand for."""
    if not isinstance(literal, tree.Literal) or literal.kind != "string":
        return None
    text = str(literal.value)
    if text in {"true", "false"}:
        return tree.Literal("boolean", text == "true", literal.position)
    return _number(text, literal.position) if _NUMBER.match(text) else None


def _number(text: str, position: int) -> tree.Literal:
    if "." in text:
        return tree.Literal("decimal", Decimal(text), position)
    return tree.Literal("integer", int(text), position)


def _of_type(name: str, position: int) -> tree.Call:
    return tree.Call("ofType", (_name(name, position),), position)


def _name(name: str, position: int) -> tree.Path:
    return tree.Path(None, tuple(tree.Member(part, position) for part in name.split(".")), position)


def _fhir(name: str) -> str:
    return _lower(name) if name in SYSTEM_NAMES else name


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
