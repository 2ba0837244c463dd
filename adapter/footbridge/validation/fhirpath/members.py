"""Steps by name, the commonest thing that an expression does.

What a name leads to in a type is worked out once for each type that a step meets, and kept with the step. A choice is
found by its JSON name too (``valueQuantity``): the strict check refuses that, published profiles rely on it.
"""

from collections.abc import Callable

from footbridge.validation.fhirpath.nodes import Node, append_children, append_primitive, resource_node
from footbridge.validation.fhirpath.runtime import Frame
from footbridge.validation.fhirpath.typemodel import ANY, REFLECTION, Choice, TypeInfo, fhir_type
from footbridge.validation.fhirpath.values import Item, Items

Step = Callable[[Items, Frame], Items]
Test = Callable[[Items, Frame], bool]


class Plan:
    """What a name stands for in one type: its choices, and for many choices their JSON names as a table."""

    __slots__ = ("choices", "keys")

    def __init__(self, choices: tuple[Choice, ...]) -> None:
        self.choices = choices
        self.keys: dict[str, Choice] | None = None
        if len(choices) > FEW:
            self.keys = {key: choice for choice in choices for key in (choice.key, choice.extra_key)}

    def present(self, value: dict[str, Item]) -> tuple[Choice, ...]:
        """The choices that a JSON object may have, fewer to look at where there are many."""
        if self.keys is None:
            return self.choices
        keys = self.keys
        return tuple(dict.fromkeys(keys[key] for key in value if key in keys))


FEW = 4
NOTHING = Plan(())
UNKNOWN = Plan(())


def _plan(kind: TypeInfo, name: str) -> Plan:
    """The plan for a name in a type; UNKNOWN when the type is."""
    if kind is ANY:
        return UNKNOWN
    element = kind.elements.get(name)
    if element is not None:
        return Plan(element.choices)
    known = kind.keys.get(name)
    return NOTHING if known is None else Plan((known[1],))


def member(name: str) -> Step:
    """The step to the children of that name."""
    plans: dict[TypeInfo, Plan] = {}

    def step(items: Items, _: Frame) -> Items:
        out: list[Item] = []
        for item in items:
            if item.__class__ is not Node:
                if isinstance(item, TypeInfo) and name in REFLECTION:
                    out.extend(_reflect(item, name))
                continue
            kind, value = item.type, item.value
            plan = plans.get(kind) or plans.setdefault(kind, _plan(kind, name))
            if plan is UNKNOWN or value.__class__ is not dict:
                append_children(item, name, out)
            else:
                for choice in plan.choices if plan.keys is None else plan.present(value):
                    _append_choice(value, choice, out)
        return out

    return step


def _append_choice(value: dict[str, Item], choice: Choice, out: list[Item]) -> None:
    raw, kind = value.get(choice.key), choice.kind
    if choice.primitive:
        extra = value.get(choice.extra_key)
        if extra is not None or raw.__class__ is list:
            append_primitive(raw, extra, kind, out)
        elif raw is not None:
            out.append(Node(raw, kind))
    elif raw is None:
        return
    elif kind.abstract:
        rows = raw if raw.__class__ is list else (raw,)
        out.extend([resource_node(row, kind) for row in rows if row is not None])
    elif raw.__class__ is list:
        out.extend([Node(row, kind) for row in raw if row is not None])
    else:
        out.append(Node(raw, kind))


def presence(name: str) -> Test:
    """Whether any item has children of that name: what ``name.exists()`` asks, with no child made."""
    plans: dict[TypeInfo, Plan] = {}
    step = member(name)

    def test(items: Items, frame: Frame) -> bool:
        for item in items:
            if item.__class__ is not Node or item.value.__class__ is not dict:
                return bool(step(items, frame))
            kind, value = item.type, item.value
            plan = plans.get(kind) or plans.setdefault(kind, _plan(kind, name))
            if plan is UNKNOWN:
                return bool(step(items, frame))
            for choice in plan.choices if plan.keys is None else plan.present(value):
                if _present(value, choice):
                    return True
        return False

    return test


def _present(value: dict[str, Item], choice: Choice) -> bool:
    raw = value.get(choice.key)
    if raw is not None and (raw.__class__ is not list or any(row is not None for row in raw)):
        return True
    if not choice.primitive:
        return False
    found: list[Item] = []
    append_primitive(None, value.get(choice.extra_key), choice.kind, found)
    return any(node.extra is not None for node in found)


def _reflect(kind: TypeInfo, name: str) -> Items:
    """What ``type()`` tells: namespace, name, baseType."""
    if name == "baseType":
        return () if kind.base is None else (repr(kind.base),)
    return (kind.namespace if name == "namespace" else kind.name,)


def names_type(name: str) -> bool:
    """Whether a name at the start of a path may stand for the focus itself, by its type."""
    return name[:1].isupper() and fhir_type(name) is not None


def first_member(name: str) -> Step:
    """A name at the start of a path: the focus itself when it names its type, else its children."""
    child = member(name)
    if not names_type(name):
        return child

    def step(items: Items, frame: Frame) -> Items:
        own = [item for item in items if item.__class__ is Node and item.type.is_a(name)]
        return own or child(items, frame)

    return step
