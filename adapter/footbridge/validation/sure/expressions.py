"""What parts of an expression are: a name alone, texts."""

from footbridge.validation.fhirpath import tree
from footbridge.validation.fhirpath.typemodel import Element, TypeInfo


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


def system_and_code(steps: list[tree.Step], element: Element | None) -> tuple[str, str] | None:
    """What ``coding.where(system = S and code = C)`` asks of a concept, S and C; None for other steps."""
    if element is None or len(steps) != 2 or len(element.choices) != 1:
        return None
    coding, where = steps
    if element.choices[0].kind.name != "CodeableConcept" or not isinstance(coding, tree.Member):
        return None
    if coding.name != "coding" or not isinstance(where, tree.Call) or where.name != "where" or not where.arguments:
        return None
    both = where.arguments[0]
    if not isinstance(both, tree.Binary) or both.operator != "and" or len(both.operands) != 2:
        return None
    found = dict(map(_asked, both.operands))
    return (found["system"], found["code"]) if found.keys() == {"system", "code"} else None


def _asked(comparison: tree.Expression) -> tuple[str, str]:
    """The name and the text of ``name = text``; empty for other expressions."""
    if not isinstance(comparison, tree.Binary) or comparison.operator != "=":
        return "", ""
    left, right = comparison.operands
    path = left.steps if isinstance(left, tree.Path) and left.start is None else ()
    texts = literal(right) or ()
    name = path[0].name if len(path) == 1 and isinstance(path[0], tree.Member) else ""
    return (name, next(iter(texts))) if name and texts else ("", "")
