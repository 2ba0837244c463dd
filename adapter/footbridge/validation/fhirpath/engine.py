"""The way in: compile an expression once, evaluate it often.

``compile`` is for the validation engine: cached, thread-safe, fast to call. ``evaluate`` is for one
expression on one resource, with plain Python results.
"""

import functools
from collections.abc import Iterable, Mapping
from decimal import Context as DecimalContext
from decimal import localcontext
from typing import Any

from footbridge.validation.fhirpath import tree
from footbridge.validation.fhirpath.checker import check, check_among
from footbridge.validation.fhirpath.compiler import compile_expression
from footbridge.validation.fhirpath.errors import FHIRPathError, execution, syntax
from footbridge.validation.fhirpath.nodes import Node, resource_node
from footbridge.validation.fhirpath.parser import parse
from footbridge.validation.fhirpath.published import as_published
from footbridge.validation.fhirpath.runtime import Code, Context, Decide, Frame, Run
from footbridge.validation.fhirpath.typemodel import ANY, TypeInfo, fhir_type
from footbridge.validation.fhirpath.values import Items, result, truth
from footbridge.validation.fhirpath.variables import free_variables

CACHE_SIZE = 8192
LONGEST = 4000  # characters of an expression that is remembered
NUMBERS = DecimalContext(prec=28)
NO_CONTEXT = Context()


class Compiled:
    """A compiled expression; immutable and safe to share between threads.

    ``variables`` are the names of the %variables that it wants from the Context.
    """

    __slots__ = ("_code", "_decide", "_type", "expression", "variables")

    def __init__(self, expression: str, syntax_tree: tree.Expression, code: Code, root: TypeInfo | None) -> None:
        self.expression = expression
        self.variables = frozenset(free_variables(syntax_tree))
        self._code = code
        self._decide = code.decide or _verdict(code)
        self._type = root

    def __call__(self, focus: Any, context: Context = NO_CONTEXT) -> Items:  # noqa: ANN401 - JSON is any value
        """Evaluate on a focus; the items are Nodes and values.

        ``focus`` is a Node, or the JSON of an element of the root type (of a resource, without one).
        Raises FHIRPathError (execution), and Undecided where a hook of the context has no answer.
        """
        frame = self._frame(focus, context)
        try:
            return self._code.many(frame)
        except (ArithmeticError, RecursionError) as error:
            raise _refusal(error) from None

    def holds(self, focus: Any, context: Context = NO_CONTEXT) -> bool:  # noqa: ANN401 - JSON is any value
        """Evaluate an invariant: True when the result is true, or holds items that are no booleans.

        An empty result does not hold. Raises as ``__call__`` does.
        """
        frame = self._frame(focus, context)
        try:
            return self._decide(frame) is True
        except (ArithmeticError, RecursionError) as error:
            raise _refusal(error) from None

    def evaluate(self, focus: Items, context: Context) -> list[Any]:
        """Evaluate on a collection of items; plain results, as ``footbridge.validation.fhirpath.evaluate``."""
        frame = Frame(focus, Run(context, focus), {})
        try:
            with localcontext(NUMBERS):
                return [result(item) for item in self._code.many(frame)]
        except (ArithmeticError, RecursionError) as error:
            raise _refusal(error) from None

    def _frame(self, focus: Any, context: Context) -> Frame:  # noqa: ANN401 - JSON is any value
        if focus.__class__ is Node:
            node = focus
        elif self._type is None or self._type.abstract:
            node = resource_node(focus, self._type)
        else:
            node = Node(focus, self._type)
        this = (node,)
        return Frame(this, Run(context, this), {})


def _verdict(code: Code) -> Decide:
    """How an invariant that is no boolean by nature decides: several items count as true, as one does."""
    many = code.many

    def decide(frame: Frame) -> bool | None:
        items = many(frame)
        return True if len(items) > 1 else truth(items)

    return decide


def _refusal(error: Exception) -> FHIRPathError:
    if isinstance(error, RecursionError):
        return execution("The expression is nested too deep for the stack that is left")
    return execution("A number is out of range")


def compile(  # noqa: A001 - what it does
    expression: str,
    *,
    root_type: str | None = None,
    strict: bool = False,
    other_types: bool = False,
    published: bool = False,
) -> Compiled:
    """Compile an expression; the same arguments give the same object, unless it is very long.

    ``root_type`` (``Patient``, ``Task.input``, ``code``) is the type of the focus; a resource tells its
    own. ``strict`` checks the names in the expression against R4's types: published invariants do not
    all pass that, and evaluate all the same. With ``other_types`` a path that starts with another type than
    the focus has (``Patient.name`` on a Bundle) passes it too, and is empty. ``published`` reads it as published
    profiles are meant (``footbridge.validation.fhirpath.published``).
    Raises FHIRPathError of kind syntax or semantic.
    """
    make = _remembered if len(expression) <= LONGEST else _compiled
    return make(expression, root_type=root_type, strict=strict, other_types=other_types, published=published)


def _compiled(expression: str, *, root_type: str | None, strict: bool, other_types: bool, published: bool) -> Compiled:
    parsed = parse(expression)
    root = None if root_type is None else fhir_type(root_type)
    try:
        if published:
            parsed = as_published(parsed)
        if strict:
            check(parsed, root, other_types=other_types)
        return Compiled(expression, parsed, compile_expression(parsed), root)
    except RecursionError:
        raise syntax("The expression is nested too deep for the stack that is left") from None


def fault_among(expression: str, root_types: Iterable[str]) -> str | None:
    """Why an expression cannot be evaluated on any of these types; None where it can, or they are unknown.

    Raises FHIRPathError of kind syntax.
    """
    roots = [fhir_type(name) for name in root_types]
    parsed = parse(expression)
    if not roots or any(root is None or root is ANY or root.abstract for root in roots):
        return None
    try:
        check_among(parsed, [root for root in roots if root is not None])
    except FHIRPathError as error:
        return str(error)
    return None


_remembered = functools.lru_cache(maxsize=CACHE_SIZE)(_compiled)


def evaluate(
    resource: dict[str, Any] | None,
    expression: str,
    environment: Mapping[str, Any] | None = None,
    *,
    other_types: bool = False,
) -> list[Any]:
    """Evaluate an expression on a resource.

    Gives a list of bool, int, Decimal, str and dict: elements as their JSON (a primitive that has
    extensions alone as its ``_name`` object), dates and times as FHIR writes them, computed quantities as
    FHIRPath writes them (``4 'mg'``), a type as ``{"namespace", "name"}``. ``environment`` adds %variables
    by name; ``resource``, ``rootResource`` and ``context`` there replace the resource itself. A path that
    starts with the name of another type than the resource has is an error, with ``other_types`` empty.
    Raises FHIRPathError (syntax, semantic, execution), and Undecided where terminology would be needed.
    """
    given = dict(environment or {})
    own = given.pop("resource", resource)
    context = Context(
        resource=own,
        root_resource=given.pop("rootResource", own),
        focus=given.pop("context", None),
        variables=given,
    )
    return evaluate_in(resource, expression, context, other_types=other_types)


def evaluate_in(
    resource: dict[str, Any] | None, expression: str, context: Context, *, other_types: bool = False
) -> list[Any]:
    """As ``evaluate``, in a context with hooks."""
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    root = name if isinstance(name, str) and fhir_type(name) is not None else None
    compiled = compile(expression, root_type=root, strict=True, other_types=other_types)
    missing = compiled.variables - context.variables.keys()
    if missing:
        raise execution(f"There is no variable %{min(missing)}")
    return compiled.evaluate((resource_node(resource),) if resource is not None else (), context)
