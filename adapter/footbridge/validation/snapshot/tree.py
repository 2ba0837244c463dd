"""Elements as a tree: each with its children and, apart from them, its slices.

FHIR lists elements flat and in order; which slice an element belongs to follows from what stands before it
(https://hl7.org/fhir/R4/profiling.html#slicing). A slice of a slice is named ``outer/inner``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from footbridge.validation.definitions.facts import Element, Facts


class SnapshotError(Exception):
    """The differential does not fit its base; the text says which element and why."""


@dataclass(slots=True)
class Node:
    """One element.

    Attributes:
        name: the last part of its path, ``value[x]``; of the root the whole path.
        element: its facts; ``constraint`` holds (key, rule) pairs while it is in a tree.
        children: its child elements in order.
        slices: its slices in order, each with its own children and slices.
        told: whether a list had it, and it does not merely stand above one that did.
    """

    name: str
    element: Element
    children: list["Node"] = field(default_factory=list)
    slices: list["Node"] = field(default_factory=list)
    told: bool = True

    @property
    def slice_name(self) -> str | None:
        """The name of the slice that it is, None for an element that is none."""
        return self.element.get("sliceName")

    def child(self, name: str) -> "Node | None":
        """The child of that name."""
        return next((node for node in self.children if node.name == name), None)

    def slice(self, name: str) -> "Node | None":
        """The slice of that name."""
        return next((node for node in self.slices if node.slice_name == name), None)

    def copy(self) -> "Node":
        """The node with everything below it, to change freely; values within an element are shared."""
        return replace(
            self,
            element=dict(self.element),
            children=[node.copy() for node in self.children],
            slices=[node.copy() for node in self.slices],
        )


def read_tree(rows: Iterable[Element], constraints: Mapping[str, Facts]) -> Node:
    """The tree of a flat list; elements that the list takes for granted are made, with ``told`` False.

    Raises SnapshotError when the list is empty or its paths have no common root.
    """
    root: Node | None = None
    for row in rows:
        element = {
            **row,
            "constraint": [(key.split("~")[0], constraints.get(key, {})) for key in row.get("constraint", ())],
        }
        path = row.get("path")
        if not isinstance(path, str) or not path:
            raise SnapshotError("An element has no path.")
        first, *rest = path.split(".")
        if root is None:
            root = Node(first, {"path": first}, told=False)
        if first != root.name:
            raise SnapshotError(f"{path} does not begin with {root.name}, as the elements before it do.")
        if not rest:
            root.element, root.told = element, True
            continue
        _place(_parent(root, rest[:-1]), rest[-1], element)
    if root is None:
        raise SnapshotError("The definition has no elements.")
    return root


def _parent(node: Node, names: list[str]) -> Node:
    """The element that a path below ``node`` means at this point of the list: its latest slice, where it has some."""
    for name in names:
        below = node.child(name)
        if below is None:
            below = Node(name, {}, told=False)
            node.children.append(below)
        while below.slices:
            below = below.slices[-1]
        node = below
    return node


def _place(parent: Node, name: str, element: Element) -> None:
    slice_name = element.get("sliceName")
    unsliced = parent.child(name)
    if unsliced is None:
        unsliced = Node(name, {}, told=False)
        parent.children.append(unsliced)
    if not slice_name:
        unsliced.element, unsliced.told = element, True
        return
    outer = unsliced
    parts = slice_name.split("/")
    for depth in range(1, len(parts)):
        outer = outer.slice("/".join(parts[:depth])) or outer
    outer.slices.append(Node(name, element))


def flatten(root: Node) -> Iterator[tuple[Element, list[tuple[str, Any]]]]:
    """The elements in FHIR's order with ``id`` and ``path`` set, and the invariants of each."""
    yield from _flatten(root, root.name, root.name)


def _flatten(node: Node, path: str, identity: str) -> Iterator[tuple[Element, list[tuple[str, Any]]]]:
    element = {"id": identity, "path": path}
    element.update((name, value) for name, value in node.element.items() if name not in {"id", "path", "constraint"})
    yield element, node.element.get("constraint", [])
    for child in node.children:
        yield from _flatten(child, f"{path}.{child.name}", f"{identity}.{child.name}")
    stem = identity.removesuffix(f":{node.slice_name}")
    for inner in node.slices:
        yield from _flatten(inner, path, f"{stem}:{inner.slice_name}")
