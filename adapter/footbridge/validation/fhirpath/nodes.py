"""A place in a resource: its JSON value, its FHIR type and, for a primitive, its ``_name`` companion.

Navigation never raises: what a resource has in the wrong shape simply has no children.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from footbridge.validation.fhirpath.typemodel import ANY, Choice, TypeInfo, fhir_type

Json = Any
HIDDEN = frozenset({"resourceType", "fhir_comments"})


class Node:
    """One element of a resource.

    ``value`` is the JSON object of a complex type, the JSON scalar of a primitive (None when only its
    extensions are there). ``type`` is its type, ``typemodel.ANY`` when unknown. ``extra`` is the JSON
    object of a primitive's ``_name``: its id and extensions.
    """

    __slots__ = ("extra", "type", "value")

    def __init__(self, value: Json, type_info: TypeInfo, extra: dict[str, Json] | None = None) -> None:
        self.value = value
        self.type = type_info
        self.extra = extra

    def __repr__(self) -> str:
        return f"<Node {self.type!r}>"


def resource_node(value: Json, declared: TypeInfo | None = None) -> Node:
    """The node of a resource, typed by its ``resourceType`` (or by ``declared`` when that is no type)."""
    name = value.get("resourceType") if value.__class__ is dict else None
    known = fhir_type(name) if isinstance(name, str) else None
    return Node(value, known or declared or ANY)


def append_children(node: Node, name: str, out: list[Any]) -> None:
    """Append the children of that name, in order."""
    value = node.value
    if value.__class__ is not dict:
        if node.extra is not None:
            _append_extra(node.extra, name, out)
        if name == "value" and node.type.primitive and value is not None:
            out.append(Decimal(repr(value)) if value.__class__ is float else value)
        return
    element = node.type.elements.get(name)
    if element is None:
        if node.type is ANY:
            _append_guessed(value, name, out)
        return
    for choice in element.choices:
        if choice.primitive:
            raw, extra = value.get(choice.key), value.get(choice.extra_key)
            if raw is not None or extra is not None:
                append_primitive(raw, extra, choice.kind, out)
        else:
            raw = value.get(choice.key)
            if raw is not None:
                append_complex(raw, choice.kind, out)


def append_complex(raw: Json, kind: TypeInfo, out: list[Any]) -> None:
    """Append one object or a list of objects of a complex type."""
    rows = raw if raw.__class__ is list else (raw,)
    if kind.abstract:
        out.extend(resource_node(row, kind) for row in rows if row is not None)
    else:
        out.extend(Node(row, kind) for row in rows if row is not None)


def append_primitive(raw: Json, extra: Json, kind: TypeInfo, out: list[Any]) -> None:
    """Append one scalar or a list of scalars of a primitive type, each with its companion."""
    if raw.__class__ is not list and extra.__class__ is not list:
        out.append(Node(raw, kind, extra if extra.__class__ is dict else None))
        return
    values = raw if raw.__class__ is list else [raw]
    extras = extra if extra.__class__ is list else [extra]
    for at in range(max(len(values), len(extras))):
        value = values[at] if at < len(values) else None
        more = extras[at] if at < len(extras) else None
        more = more if more.__class__ is dict else None
        if value is not None or more is not None:
            out.append(Node(value, kind, more))


def _append_extra(extra: dict[str, Json], name: str, out: list[Any]) -> None:
    """A primitive's own children: its id and its extensions."""
    if name == "extension":
        append_complex(extra.get("extension") or [], _element_type("Extension"), out)
    elif name == "id" and extra.get("id") is not None:
        out.append(Node(extra["id"], _element_type("string")))


def _element_type(name: str) -> TypeInfo:
    return fhir_type(name) or ANY


def _append_guessed(value: dict[str, Json], name: str, out: list[Any]) -> None:
    """Children of a value of unknown type: by plain name, else by a choice's name and known type."""
    if name in value or "_" + name in value:
        append_primitive(value.get(name), value.get("_" + name), ANY, out)
        out[:] = [_typed(item) if isinstance(item, Node) and item.type is ANY else item for item in out]
        return
    for key, raw in value.items():
        suffix = key[len(name) :]
        if key.startswith(name) and suffix[:1].isupper():
            kind = fhir_type(suffix) or fhir_type(suffix[:1].lower() + suffix[1:])
            if kind is not None and kind.primitive:
                append_primitive(raw, value.get("_" + key), kind, out)
            elif kind is not None:
                append_complex(raw, kind, out)


def _typed(node: Node) -> Node:
    return resource_node(node.value) if node.value.__class__ is dict and "resourceType" in node.value else node


def all_children(node: Node) -> Iterator[Node]:
    """Every child, in the order of the JSON."""
    out: list[Any] = []
    if node.value.__class__ is not dict:
        for name in ("id", "extension"):
            _append_extra(node.extra or {}, name, out)
        yield from out
        return
    keys = node.type.keys
    for key in node.value:
        bare = key.removeprefix("_")
        if key in HIDDEN or (bare != key and bare in node.value):
            continue
        known = keys.get(bare)
        out.clear()
        if known is not None:
            _append_choice(node.value, known[1], out)
        elif node.type is ANY:
            _append_guessed(node.value, bare, out)
        yield from out


def _append_choice(value: dict[str, Json], choice: Choice, out: list[Any]) -> None:
    if choice.primitive:
        append_primitive(value.get(choice.key), value.get(choice.extra_key), choice.kind, out)
    elif value.get(choice.key) is not None:
        append_complex(value[choice.key], choice.kind, out)
