"""What parts of an expression are: a name alone, texts."""

from footbridge.validation.fhirpath import tree
from footbridge.validation.fhirpath.typemodel import TypeInfo


def of_url(url: tree.Expression) -> tree.Call:
    """``where(url = ...)``."""
    member = tree.Path(None, (tree.Member("url", 0),), 0)
    return tree.Call("where", (tree.Binary("=", (member, url), 0),), 0)


def single(expression: tree.Expression, kind: TypeInfo) -> str | None:
    """The name of a primitive element that does not repeat, where the expression is that name alone."""
    steps = expression.steps if isinstance(expression, tree.Path) and expression.start is None else ()
    first = steps[0] if len(steps) == 2 else None
    if isinstance(first, tree.Call) and first.name == "ofType" and tree.qualified_name(first.arguments[0]) == kind.name:
        steps = steps[1:]
    if len(steps) != 1:
        return None
    step = steps[0]
    element = kind.elements.get(step.name) if isinstance(step, tree.Member) else None
    if element is None or element.repeats or len(element.choices) != 1 or not element.choices[0].primitive:
        return None
    return element.choices[0].key


def system(kind: TypeInfo, name: str) -> str | None:
    """The FHIRPath type of a primitive element."""
    return kind.keys[name][1].kind.system


def literal(expression: tree.Expression) -> frozenset[str] | None:
    """The text of a literal."""
    if isinstance(expression, tree.Literal) and expression.kind == "string":
        return frozenset({str(expression.value)})
    return None


def literals(expression: tree.Expression) -> frozenset[str] | None:
    """The texts of a union of literals."""
    if not isinstance(expression, tree.Binary) or expression.operator != "|":
        return literal(expression)
    found = [literal(operand) for operand in expression.operands]
    return None if None in found else frozenset().union(*(one for one in found if one is not None))
