"""The syntax tree of a FHIRPath expression. A chain ``a.b.c[0]`` is one Path with its steps in order."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal: ``kind`` is boolean, string, integer, decimal, date (with or without a time), time."""

    kind: str
    value: bool | int | str | Decimal
    position: int


@dataclass(frozen=True, slots=True)
class QuantityLiteral:
    """``4 'mg'`` or ``4 days``; ``calendar`` says that the unit is a word (day), not a UCUM code."""

    value: Decimal
    unit: str
    calendar: bool
    position: int


@dataclass(frozen=True, slots=True)
class Empty:
    """``{}``, the empty collection."""

    position: int


@dataclass(frozen=True, slots=True)
class Variable:
    """``%name``: an environment variable or one made by defineVariable."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Special:
    """``$this``, ``$index`` or ``$total``; the name is without the dollar sign."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Member:
    """A step to the children of that name."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied to what the steps before it give."""

    name: str
    arguments: tuple["Expression", ...]
    position: int


@dataclass(frozen=True, slots=True)
class Index:
    """``[n]``."""

    value: "Expression"
    position: int


@dataclass(frozen=True, slots=True)
class Path:
    """``start.step.step``; ``start`` is None when the first step works on the focus itself."""

    start: "Expression | None"
    steps: tuple["Step", ...]
    position: int


@dataclass(frozen=True, slots=True)
class Sign:
    """``-x`` or ``+x``."""

    sign: str
    operand: "Expression"
    position: int


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two or more operands; more than two for ``and``, ``or`` and ``|`` alone."""

    operator: str
    operands: tuple["Expression", ...]
    position: int


@dataclass(frozen=True, slots=True)
class TypeTest:
    """``x is T`` or ``x as T``."""

    operator: str
    operand: "Expression"
    type_name: str
    position: int


Step = Member | Call | Index
Expression = Literal | QuantityLiteral | Empty | Variable | Special | Path | Sign | Binary | TypeTest


def qualified_name(expression: Expression) -> str | None:
    """``FHIR.Patient`` or ``Patient`` when the expression is a plain dotted name, else None."""
    if not isinstance(expression, Path) or expression.start is not None:
        return None
    names = [step.name for step in expression.steps if isinstance(step, Member)]
    return ".".join(names) if len(names) == len(expression.steps) else None


def children(expression: Expression) -> Iterator[Expression]:
    """The expressions directly inside one."""
    if isinstance(expression, Path):
        if expression.start is not None:
            yield expression.start
        for step in expression.steps:
            if isinstance(step, Call):
                yield from step.arguments
            elif isinstance(step, Index):
                yield step.value
    elif isinstance(expression, Binary):
        yield from expression.operands
    elif isinstance(expression, Sign | TypeTest):
        yield expression.operand
