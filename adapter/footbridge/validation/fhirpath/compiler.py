"""Turns a syntax tree into closures.

Every expression becomes a Code: a function from a Frame to a collection, and for what is boolean by nature
a function from a Frame to True, False or None that makes no collection. Names of variables made by
defineVariable are resolved here, so that an unknown or repeated one is refused before anything runs.
"""

from collections.abc import Callable, Iterable

from footbridge.validation.fhirpath import functions, operators, tree
from footbridge.validation.fhirpath.errors import execution, semantic, syntax
from footbridge.validation.fhirpath.fixed import fixed_steps, kept
from footbridge.validation.fhirpath.functions.filtering import sort
from footbridge.validation.fhirpath.functions.subsetting import at_index
from footbridge.validation.fhirpath.functions.support import distinct_items
from footbridge.validation.fhirpath.functions.types import as_function, is_function
from footbridge.validation.fhirpath.members import first_member, member, names_type, presence
from footbridge.validation.fhirpath.quantities import Quantity
from footbridge.validation.fhirpath.registry import FUNCTIONS, Function
from footbridge.validation.fhirpath.runtime import BOOLEANS, Code, Decide, Evaluate, Frame, boolean
from footbridge.validation.fhirpath.temporal import parse_date_time, parse_time
from footbridge.validation.fhirpath.values import EMPTY, Item, Items
from footbridge.validation.fhirpath.variables import RESERVED, variable

Scope = frozenset[str]
Step = Callable[[Items, Frame], Items]
Test = Callable[[Items, Frame], bool | None]
NO_NAMES: Scope = frozenset()

assert functions.__all__  # noqa: S101 - importing the families enters the functions


def compile_expression(expression: tree.Expression, scope: Scope = NO_NAMES) -> Code:
    """Compile one expression; ``scope`` holds the names that defineVariable made around it."""
    if isinstance(expression, tree.Path):
        return _path(expression, scope)
    if isinstance(expression, tree.Binary):
        return _binary(expression, scope)
    if isinstance(expression, tree.Sign):
        return operators.negation(compile_expression(expression.operand, scope), expression.sign)
    if isinstance(expression, tree.TypeTest):
        return _type_test(expression, scope)
    if isinstance(expression, tree.Variable):
        return _variable(expression, scope)
    if isinstance(expression, tree.Special):
        return _special(expression)
    return _constant(expression)


def _constant(expression: tree.Literal | tree.QuantityLiteral | tree.Empty) -> Code:
    if isinstance(expression, tree.Empty):
        return Code(lambda _: EMPTY)
    items = (_literal_value(expression),)
    if expression.__class__ is tree.Literal and expression.value.__class__ is bool:
        truth = expression.value
        return Code(lambda _: items, lambda _: truth)
    return Code(lambda _: items)


def _literal_value(literal: tree.Literal | tree.QuantityLiteral) -> Item:
    if isinstance(literal, tree.QuantityLiteral):
        return Quantity(literal.value, literal.unit, literal.calendar)
    if literal.kind not in {"date", "time"}:
        return literal.value
    text = str(literal.value)
    value = parse_time(text) if literal.kind == "time" else parse_date_time(text)
    if value is None:
        raise syntax(f"There is no such {literal.kind}", literal.position)
    return value


def _special(special: tree.Special) -> Code:
    def this(frame: Frame) -> Items:
        return frame.this

    def index(frame: Frame) -> Items:
        return (frame.index,)

    def total(frame: Frame) -> Items:
        if frame.total is None:
            raise execution("$total stands only inside aggregate()", special.position)
        return frame.total

    return Code({"this": this, "index": index, "total": total}[special.name])


def _variable(expression: tree.Variable, scope: Scope) -> Code:
    name = expression.name
    if name in scope:
        return Code(lambda frame: frame.named[name])
    return Code(variable(name, expression.position))


def _binary(expression: tree.Binary, scope: Scope) -> Code:
    operands = [compile_expression(operand, scope) for operand in expression.operands]
    last = expression.operands[-1]
    if expression.operator == "=" and isinstance(last, tree.Literal) and last.kind == "string":
        return operators.equals_text(operands[0], str(last.value))
    if expression.operator == "|" and all(isinstance(each, tree.Literal) for each in expression.operands):
        return _fixed_union(expression)
    flat = operators.FLAT.get(expression.operator)
    return flat(operands) if flat else operators.BINARY[expression.operator](*operands)


def _fixed_union(expression: tree.Binary) -> Code:
    """A union of literals, the same at every evaluation."""
    literals = [each for each in expression.operands if isinstance(each, tree.Literal)]
    items = tuple(distinct_items([_literal_value(literal) for literal in literals]))
    return Code(lambda _: items)


def _type_test(expression: tree.TypeTest, scope: Scope) -> Code:
    many = compile_expression(expression.operand, scope).many
    name = expression.type_name
    if expression.operator == "is":
        return boolean(lambda frame: is_function(many(frame), frame, name))
    return Code(lambda frame: as_function(many(frame), frame, name))


def _path(path: tree.Path, scope: Scope) -> Code:
    steps: list[Step] = []
    decide: Decide | None = None
    start = _this if path.start is None else compile_expression(path.start, scope).many
    same = fixed_steps(path, scope)
    if same and isinstance(path.start, tree.Variable):
        start = kept(_chain(start, _fixed(path.steps[:same], scope)), path.start.name)
    for at, step in enumerate(path.steps[same:], same):
        if at == 0 and path.start is None and isinstance(step, tree.Member):
            steps.append(first_member(step.name))
        elif isinstance(step, tree.Member):
            steps.append(member(step.name))
        elif isinstance(step, tree.Index):
            steps.append(_index(step, scope))
        elif step.name == "defineVariable":
            scope = _define(step, scope, steps)
        else:
            test, evaluate = _call(step, scope)
            if test is not None and at == len(path.steps) - 1:
                decide = _presence(path, start, steps) or _decision(_chain(start, steps), test)
            steps.append(evaluate)
    return Code(_chain(start, steps), decide)


def _fixed(given: Iterable[tree.Step], scope: Scope) -> list[Step]:
    """The steps that a path starts with; they define no variable."""
    steps: list[Step] = []
    for step in given:
        if isinstance(step, tree.Member):
            steps.append(member(step.name))
        elif isinstance(step, tree.Index):
            steps.append(_index(step, scope))
        else:
            steps.append(_call(step, scope)[1])
    return steps


def _this(frame: Frame) -> Items:
    return frame.this


def _chain(start: Evaluate, steps: Iterable[Step]) -> Evaluate:
    """One function from the steps in order."""
    fixed = tuple(steps)
    if not fixed:
        return start
    if len(fixed) == 1:
        only = fixed[0]
        if start is _this:
            return lambda frame: only(frame.this, frame)
        return lambda frame: only(start(frame), frame)

    def many(frame: Frame) -> Items:
        items = start(frame)
        for step in fixed:
            items = step(items, frame)
        return items

    return many


def _decision(before: Evaluate, test: Test) -> Decide:
    return lambda frame: test(before(frame), frame)


def _presence(path: tree.Path, start: Evaluate, steps: list[Step]) -> Decide | None:
    """``a.b.exists()`` and ``a.b.empty()`` by looking for b, with no child made; None for other paths."""
    last, before = path.steps[-1], path.steps[-2] if len(path.steps) > 1 else None
    if not isinstance(last, tree.Call) or last.name not in {"exists", "empty"} or last.arguments:
        return None
    head = len(path.steps) == 2 and path.start is None
    if not isinstance(before, tree.Member) or (head and names_type(before.name)):
        return None
    holder, there = _chain(start, steps[:-1]), presence(before.name)
    if last.name == "exists":
        return lambda frame: there(holder(frame), frame)
    return lambda frame: not there(holder(frame), frame)


def _index(step: tree.Index, scope: Scope) -> Step:
    index = compile_expression(step.value, scope).many
    return lambda items, frame: at_index(items, index(frame))


def _define(call: tree.Call, scope: Scope, steps: list[Step]) -> Scope:
    """defineVariable(name [, value]): keeps the input, and makes %name known to the steps that follow."""
    if not 1 <= len(call.arguments) <= 2:
        raise syntax("defineVariable() takes one or two arguments", call.position)
    first = call.arguments[0]
    if not isinstance(first, tree.Literal) or not isinstance(first.value, str):
        raise semantic("The name in defineVariable() is a literal string", call.position)
    name = first.value
    if name in scope or name in RESERVED:
        raise execution(f"The variable %{name} is already defined", call.position)
    value = compile_expression(call.arguments[1], scope).many if len(call.arguments) == 2 else None

    def step(items: Items, frame: Frame) -> Items:
        inner = frame.inner()
        inner.this = items
        frame.named = {**frame.named, name: items if value is None else value(inner)}
        return items

    steps.append(step)
    return scope | {name}


def _call(call: tree.Call, scope: Scope) -> tuple[Test | None, Step]:
    """A function as a step, and as a test when its result is boolean."""
    entry = FUNCTIONS.get(call.name)
    if call.name == "sort":
        return None, _sort(call, scope)
    if entry is None:
        raise semantic(f"There is no function {call.name}()", call.position)
    if not entry.least <= len(call.arguments) <= entry.most:
        raise syntax(f"{call.name}() does not take {len(call.arguments)} arguments", call.position)
    bound = _bind(entry, call, scope)
    if not entry.boolean:
        return None, bound
    return bound, lambda items, frame: BOOLEANS[bound(items, frame)]


def _bind(entry: Function, call: tree.Call, scope: Scope) -> Callable[[Items, Frame], Item]:
    """The implementation with its arguments compiled and fixed."""
    run = entry.implementation
    if entry.style == "type":
        name = tree.qualified_name(call.arguments[0])
        if name is None:
            raise syntax(f"{call.name}() takes the name of a type", call.position)
        return lambda items, frame: run(items, frame, name)
    codes = [compile_expression(argument, scope) for argument in call.arguments]
    if not codes:
        return run
    if entry.style == "lazy":
        return lambda items, frame: run(items, frame, *codes)
    if len(codes) == 1:
        argument = codes[0].many
        return lambda items, frame: run(items, frame, argument(frame))
    manies = [code.many for code in codes]
    return lambda items, frame: run(items, frame, *(many(frame) for many in manies))


def _sort(call: tree.Call, scope: Scope) -> Step:
    """sort(key, -key, ...): a minus before a key makes it descend, whatever the key's type."""
    keys: list[tuple[Code, bool]] = []
    for argument in call.arguments:
        descends = isinstance(argument, tree.Sign) and argument.sign == "-"
        key = argument.operand if isinstance(argument, tree.Sign) else argument
        keys.append((compile_expression(key, scope), descends))
    fixed = tuple(keys)
    return lambda items, frame: sort(items, frame, fixed)
