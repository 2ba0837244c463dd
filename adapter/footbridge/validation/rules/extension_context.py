"""Where an extension may stand: the ``context`` of its definition (https://hl7.org/fhir/R4/defining-extensions.html#context)."""

from typing import Any

from footbridge.validation.core.children import plan_of
from footbridge.validation.core.plan import TypePlan
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath import FHIRPathError, Node, Undecided, compile  # noqa: A004

ANYWHERE = frozenset({"Element", "Any"})
# Values that stand for those of other elements, which the path of the definition names.
STAND_INS = frozenset(
    {"ElementDefinition.example.value[x]"}
    | {f"ElementDefinition.{name}[x]" for name in ("defaultValue", "fixed", "pattern", "minValue", "maxValue")}
)
CANONICAL = "CanonicalResource"


def allowed_here(spot: Spot, facts: dict[str, Any], scope: Scope) -> bool:
    """Whether one of the contexts is the element that holds the extension."""
    contexts = facts.get("context") or ()
    holder = spot.parent
    if not contexts or holder is None or holder.slot.path in STAND_INS:
        return True
    names: frozenset[str] | None = None
    for row in contexts:
        if not is_for_r4(row):
            continue
        kind, expression = row.get("type"), str(row.get("expression", ""))
        if kind == "fhirpath":
            if _selects(expression, holder, scope):
                return _invariants(holder, facts, scope)
        elif kind == "extension":
            if _around(holder) == expression:
                return _invariants(holder, facts, scope)
        else:
            names = names or _names(holder)
            if expression in ANYWHERE or plain_context(expression) in names or _is_canonical(expression, holder):
                return _invariants(holder, facts, scope)
    return False


def is_for_r4(row: dict[str, Any]) -> bool:
    """Whether something with ``since`` and ``until`` is for FHIR R4."""
    since, until = (str(row.get(name) or "4.0")[:3] for name in ("since", "until"))
    return since <= "4.0" <= until


def plain_context(expression: str) -> str:
    """``http://hl7.org/fhir/StructureDefinition/Patient#Patient.name`` as ``Patient.name``."""
    return expression.rpartition("#")[2].removesuffix("[x]")


def _names(holder: Spot) -> frozenset[str]:
    """Every name of an element that a context may call it by: its types, its path in its type and from the resource."""
    plan = plan_of(holder)
    names = set(plan.ancestors) if plan is not None else set()
    names.add(holder.slot.type)
    names.update((holder.slot.path.removesuffix("[x]"), holder.slot.path))
    if holder.slot.path.endswith("[x]"):  # the name of a choice with its type, which is written as it is
        names.add(holder.slot.path.removesuffix("[x]") + holder.slot.type)
    names.update(_paths(holder))
    return frozenset(names)


def _paths(holder: Spot) -> list[str]:
    """The paths from each element above: ``Patient.contact.name``, with every ancestor of the type above as a start."""
    steps: list[str] = []
    found: list[str] = []
    spot: Spot | None = holder
    while spot is not None and spot.parent is not None:
        name = spot.slot.path.rpartition(".")[2].removesuffix("[x]")
        steps.insert(0, name)
        above = plan_of(spot.parent)
        starts = _starts(spot.parent, above)
        found += [".".join((start, *steps)) for start in starts]
        if above is not None and above.kind == "resource":
            break
        spot = spot.parent
    return found


def _starts(spot: Spot, plan: TypePlan | None) -> set[str]:
    names = {spot.slot.path.removesuffix("[x]")}
    if plan is not None:
        names.update(plan.ancestors)
    return names


def _is_canonical(expression: str, holder: Spot) -> bool:
    plan = plan_of(holder)
    return expression == CANONICAL and plan is not None and {"url", "version", "publisher"} <= plan.elements.keys()


def _around(holder: Spot) -> str | None:
    """The URL of the extension that holds the holder, or that is the holder."""
    spot: Spot | None = holder
    while spot is not None:
        if spot.slot.type == "Extension" and spot.value.__class__ is dict:
            url = spot.value.get("url")
            return url if isinstance(url, str) else None
        spot = spot.parent
    return None


def _selects(expression: str, holder: Spot, scope: Scope) -> bool:
    """Whether the expression, from the resource, leads to the holder."""
    try:
        items = compile(expression)(scope.resource, scope.context)
    except (FHIRPathError, Undecided):
        return False
    value = holder.extra if holder.value is None else holder.value
    return any(isinstance(item, Node) and (item.value is value or item.extra is value) for item in items)


def _invariants(holder: Spot, facts: dict[str, Any], scope: Scope) -> bool:
    """The definition's contextInvariant, which must hold at the holder."""
    plan = plan_of(holder)
    for expression in facts.get("contextInvariant") or ():
        try:
            extra = holder.extra if holder.extra.__class__ is dict and holder.value.__class__ is not dict else None
            if plan is not None and not compile(expression).holds(Node(holder.value, plan.info, extra), scope.context):
                return False
        except (FHIRPathError, Undecided):
            continue
    return True
