"""Steps by name, the commonest thing that an expression does.

What a name leads to in a type is worked out once for each type that a step meets, and kept with the step.
"""

from collections.abc import Callable

from footbridge.validation.fhirpath.nodes import Node, append_children, append_primitive, resource_node
from footbridge.validation.fhirpath.runtime import Frame
from footbridge.validation.fhirpath.typemodel import ANY, REFLECTION, Choice, TypeInfo, fhir_type
from footbridge.validation.fhirpath.values import Item, Items

Step = Callable[[Items, Frame], Items]
Test = Callable[[Items, Frame], bool]
Plan = tuple[Choice, ...]


def _plan(kind: TypeInfo, name: str) -> Plan | None:
    """The JSON names and types that a name stands for in a type; None when the type is unknown."""
    if kind is ANY:
        return None
    element = kind.elements.get(name)
    return () if element is None else element.choices


def member(name: str) -> Step:
    """The step to the children of that name."""
    plans: dict[TypeInfo, Plan | None] = {}

    def step(items: Items, _: Frame) -> Items:
        out: list[Item] = []
        for item in items:
            if item.__class__ is not Node:
                if isinstance(item, TypeInfo) and name in REFLECTION:
                    out.extend(_reflect(item, name))
                continue
            kind, value = item.type, item.value
            plan = plans[kind] if kind in plans else plans.setdefault(kind, _plan(kind, name))
            if plan is None or value.__class__ is not dict:
                append_children(item, name, out)
                continue
            for choice in plan:
                if choice.primitive:
                    raw, extra = value.get(choice.key), value.get(choice.extra_key)
                    if raw is not None or extra is not None:
                        append_primitive(raw, extra, choice.kind, out)
                elif (raw := value.get(choice.key)) is not None:
                    _append(raw, choice.kind, out)
        return out

    return step


def _append(raw: Item, kind: TypeInfo, out: list[Item]) -> None:
    if kind.abstract:
        rows = raw if raw.__class__ is list else (raw,)
        out.extend([resource_node(row, kind) for row in rows if row is not None])
    elif raw.__class__ is list:
        out.extend([Node(row, kind) for row in raw if row is not None])
    else:
        out.append(Node(raw, kind))


def presence(name: str) -> Test:
    """Whether any item has children of that name: what ``name.exists()`` asks, with no child made."""
    plans: dict[TypeInfo, Plan | None] = {}
    step = member(name)

    def test(items: Items, frame: Frame) -> bool:
        for item in items:
            if item.__class__ is not Node or item.value.__class__ is not dict:
                return bool(step(items, frame))
            kind, value = item.type, item.value
            plan = plans[kind] if kind in plans else plans.setdefault(kind, _plan(kind, name))
            if plan is None:
                return bool(step(items, frame))
            for choice in plan:
                raw = value.get(choice.key)
                if raw.__class__ is list:
                    return bool(step(items, frame))
                if raw is not None or (choice.primitive and value.get(choice.extra_key) is not None):
                    return True
        return False

    return test


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
