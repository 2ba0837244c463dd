"""The start of a path that gives the same wherever it is asked: ``%resource.differential.element.first().path``.

An invariant of a list asks such a path once for each of its elements. What it gives is worked out once and kept, so
that the time of a validation grows with the size of a resource, and not with its square.
"""

from footbridge.validation.fhirpath import tree
from footbridge.validation.fhirpath.registry import FUNCTIONS
from footbridge.validation.fhirpath.runtime import Evaluate, Frame
from footbridge.validation.fhirpath.values import Items
from footbridge.validation.fhirpath.variables import CONSTANTS, OF_THE_RUN

OF_THE_RESOURCE = OF_THE_RUN - {"context"}
KEEPING = frozenset({"first", "last", "tail", "single", "distinct", "children", "descendants", "count"})
"""Functions without arguments whose result hangs on their input only."""
PROJECTING = frozenset({"where", "select", "repeat"})
"""Functions that evaluate their argument on each item of their input."""
CHANGING = frozenset({"trace", "defineVariable", "aggregate", "now", "today", "timeOfDay"})
"""Functions that do more than give a result, or whose result is another one elsewhere."""
_KNOWN = OF_THE_RESOURCE | CONSTANTS.keys()


def fixed_steps(path: tree.Path, names: frozenset[str]) -> int:
    """How many steps of a path, from its first, give the same in the whole evaluation; 0 where it is not worth it.

    Args:
        path: a path.
        names: the variables that defineVariable made around it; these may be others elsewhere.
    """
    start = path.start
    if not isinstance(start, tree.Variable) or start.name not in OF_THE_RUN or start.name in names:
        return 0
    count = 0
    while count < len(path.steps) and _is_fixed_step(path.steps[count]):
        count += 1
    last = path.steps[-1]
    asks_presence = isinstance(last, tree.Call) and last.name in {"exists", "empty"} and not last.arguments
    return min(count, len(path.steps) - 2) if asks_presence else count


def kept(evaluate: Evaluate, variable: str) -> Evaluate:
    """The evaluation of such a start, done once: for %context in an evaluation, else for its resource."""
    of_resource = variable in OF_THE_RESOURCE

    def many(frame: Frame) -> Items:
        known = frame.run.kept_of_resource if of_resource else frame.run.kept
        found = known.get(many)
        if found is None:
            found = known[many] = tuple(evaluate(frame))
        return found

    return many


def _is_fixed_step(step: tree.Step) -> bool:
    if isinstance(step, tree.Member):
        return True
    if isinstance(step, tree.Index):
        return isinstance(step.value, tree.Literal)
    entry = FUNCTIONS.get(step.name)
    if entry is None or entry.boolean or step.name in CHANGING:
        return False
    if entry.style == "type" or (step.name in KEEPING and not step.arguments):
        return True
    if step.name in PROJECTING:
        return all(_is_closed(argument) for argument in step.arguments)
    of_text = entry.style == "values" and entry.returns == "String"
    return of_text and all(isinstance(argument, tree.Literal) for argument in step.arguments)


def _is_closed(expression: tree.Expression) -> bool:
    """Whether an argument that is evaluated on each item asks for nothing beside the item and the resource."""
    if isinstance(expression, tree.Variable) and expression.name not in _KNOWN:
        return False
    if isinstance(expression, tree.Special) and expression.name == "total":
        return False
    if isinstance(expression, tree.Path) and any(
        isinstance(step, tree.Call) and step.name in CHANGING for step in expression.steps
    ):
        return False
    return all(_is_closed(inner) for inner in tree.children(expression))
