"""Walks a differential over its base's snapshot and makes the snapshot of the profile.

The base's tree is copied and the differential's laid over it, element by element. Where the differential goes
below an element that the base leaves closed, the children come from the element's type, its profile, or the
element that its contentReference names.
"""

from collections.abc import Callable
from typing import Protocol

from footbridge.validation.definitions.facts import Element, Facts
from footbridge.validation.snapshot.choices import BY_TYPE, by_type, close, codes_of
from footbridge.validation.snapshot.merge import merged, profiled_root, slice_base, unlike
from footbridge.validation.snapshot.tree import Node, SnapshotError, flatten, read_tree

R4 = "http://hl7.org/fhir/StructureDefinition/"
BY_URL = {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}

# What logical models build on; R5 defines it so, R4 does not.
_BASE: Facts = {"type": "Base", "snapshot": [{"path": "Base", "min": 0, "max": "*"}], "constraints": {}}

Lookup = Callable[[str], Facts | None]


class Watcher(Protocol):
    """Is told what the differential says, as it is laid over the base."""

    def element(self, base: Element, own: Element) -> None:
        """An element of the base, and what the differential says of it."""

    def children(self, above: Element, base: list[str], own: list[str]) -> None:
        """The names below an element: those of the base, and those that the differential constrains."""

    def unsliced(self, own: Element) -> None:
        """A slice of an element that is not sliced."""

    def unmatched(self, own: Element) -> None:
        """An element below a choice of several types, which has no such child: it is left out."""


def generate(facts: Facts, lookup: Lookup, watcher: Watcher | None = None) -> Facts:
    """The facts of a definition with its snapshot made; ``lookup`` gives a definition, snapshot and all.

    ``watcher`` is told each element of the base with what the differential says of it.

    Raises SnapshotError when the base is unknown or the differential does not fit it.
    """
    wanted = str(facts.get("baseDefinition", ""))
    base = _BASE if wanted == f"{R4}Base" else lookup(wanted)
    if base is None:
        raise SnapshotError(f"Its base {wanted} is not known.")
    maker = _Maker(lookup, watcher, specializes=facts.get("derivation") == "specialization")
    root = maker.made(base, facts)
    constraints: dict[str, Facts] = {}
    rows = []
    for element, rules in flatten(root):
        if rules:
            element["constraint"] = list(dict.fromkeys(_entered(key, rule, constraints) for key, rule in rules))
        rows.append(element)
    head = {name: value for name, value in facts.items() if name not in {"differential", "constraints"}}
    return {**head, "snapshot": rows, "constraints": constraints}


def _entered(key: str, rule: Facts, table: dict[str, Facts]) -> str:
    """The key under which a rule stands in the table: its own, or ``key~2`` where that is another rule's."""
    count, name = 1, key
    while name in table and table[name].get("expression") != rule.get("expression"):
        count += 1
        name = f"{key}~{count}"
    table.setdefault(name, rule)
    return name


class _Maker:
    """Lays one differential over its base's tree.

    A new slice starts from the element as the base has it, not as this differential changes it: what the
    differential says of the unsliced element holds for its slices anyhow, when both are checked.
    """

    def __init__(self, lookup: Lookup, watcher: Watcher | None, *, specializes: bool) -> None:
        self._lookup = lookup
        self._watcher = watcher
        self._specializes = specializes
        self._base: Facts = {}
        self._as_in_base: dict[int, Node] = {}

    def made(self, base: Facts, facts: Facts) -> Node:
        root = read_tree(base["snapshot"], base["constraints"])
        self._base = base
        if not facts.get("differential"):
            return root
        over = read_tree(facts["differential"], facts["constraints"])
        if self._specializes:
            root.name = over.name
        elif over.name != root.name:
            raise SnapshotError(f"It constrains {over.name}, its base {root.name}.")
        else:
            _absolute_references(root, str(base.get("type", "")))
        self._lay(root, over, in_slice=False)
        return root

    def _lay(self, node: Node, over: Node, *, in_slice: bool) -> None:
        """Lay one element of the differential, with all below it, over its base, in place."""
        if over.slices or node.name.endswith("[x]"):
            self._as_in_base.setdefault(id(node), node.copy())
        if over.told:
            self._lay_element(node, over.element)
        if over.children:
            names = [child.name for child in over.children]
            self._open(node)
            if self._watcher is not None:
                self._watcher.children(node.element, [child.name for child in node.children], names)
        shortcuts: dict[int, tuple[Node, list[tuple[str, Node]]]] = {}
        for child in over.children:
            found = node.child(child.name)
            if found is not None:
                self._lay(found, child, in_slice=in_slice)
            elif (choice := _choice(node, child.name)) is not None:
                named = child.slices[0] if child.slices and not child.told else child
                shortcuts.setdefault(id(choice[0]), (choice[0], []))[1].append((choice[1], named))
            else:
                self._lay_new(node, child)
        for choice_node, all_named in shortcuts.values():
            self._tell_unmatched(choice_node, [child for _, child in all_named])
            alone = over.child(choice_node.name) is None and all(child.told for _, child in all_named)
            self._lay_shortcuts(choice_node, all_named, in_slice=in_slice, alone=alone)
        if over.slices:
            if node.name.endswith("[x]"):
                by_type(node, over)
            self._lay_slices(node, over.slices)

    def _tell_unmatched(self, choice: Node, named: list[Node]) -> None:
        """What is below a type that a choice of several types is not constrained to."""
        bare = [child for child in named if not child.told and not choice.slices and child.children]
        if self._watcher is not None and bare and len(set(codes_of(choice.element))) > 1:
            self._watcher.unmatched(bare[0].children[0].element)

    def _lay_new(self, node: Node, child: Node) -> None:
        """What the base does not have: a new element of a new type, else left out below a choice of several types."""
        if self._specializes:
            node.children.append(child)
        elif len(set(codes_of(node.element))) < 2:
            raise SnapshotError(f"{child.element.get('path', child.name)} is not in the base.")
        elif self._watcher is not None:
            self._watcher.unmatched(child.element)

    def _lay_element(self, node: Node, over: Element) -> None:
        if self._watcher is not None:
            self._watcher.element(node.element, over)
        if unlike(node.element.get("slicing") or {}, over.get("slicing") or {}):
            raise SnapshotError(f"The slicing of {over.get('path', node.name)} does not fit that of the base.")
        profile = _extension_profile(over)
        if profile is not None and profile != _extension_profile(node.element):
            facts = self._lookup(profile)
            if facts is not None and facts.get("type") == "Extension":
                node.element = profiled_root(node.element, _root_of(facts))
        node.element = merged(node.element, over)

    def _lay_shortcuts(self, node: Node, named: list[tuple[str, Node]], *, in_slice: bool, alone: bool) -> None:
        """Lay ``valueQuantity`` and the like over ``value[x]``.

        Each is a slice by type; one that must be there leaves no other type, and those that stand ``alone``, without
        a word of ``value[x]``, leave no others. Where no other type is left, or the only one named stands within a
        slice, it is the element itself.
        """
        if not node.slices and len(named) == 1 and (in_slice or len(set(codes_of(node.element))) == 1):
            type_name, over = named[0]
            kept = [row for row in node.element["type"] if row["code"] == type_name]
            self._lay(node, Node(node.name, {"type": kept, **over.element}, over.children), in_slice=in_slice)
            return
        if alone:
            close(node, {type_name for type_name, _ in named})
        node.element.setdefault("slicing", BY_TYPE)
        slices = []
        for type_name, over in named:
            kept = [row for row in node.element["type"] if row["code"] == type_name]
            slices.append(Node(node.name, {"type": kept, **over.element, "sliceName": over.name}, over.children))
            if over.element.get("min"):
                node.element.update(type=kept, min=1, slicing={**node.element["slicing"], "rules": "closed"})
        self._lay_slices(node, slices)

    def _lay_slices(self, node: Node, slices: list[Node]) -> None:
        if "slicing" not in node.element and (implied := _implied_slicing(node)):
            node.element["slicing"] = implied
            untyped = [over for over in slices if over.told and "type" not in over.element]
            if implied is BY_TYPE and untyped and self._watcher is not None and len(set(codes_of(node.element))) > 1:
                self._watcher.unsliced(untyped[0].element)
        bare = [over for over in slices if "/" not in str(over.slice_name) or "sliceName" not in node.element]
        if "slicing" not in node.element and bare and self._watcher is not None:
            self._watcher.unsliced(bare[0].element)
        for over in slices:
            name = str(over.slice_name)
            found = node.slice(name)
            if found is None:
                start = self._as_in_base.get(id(node), node)
                found = Node(node.name, slice_base(start.element, name), [child.copy() for child in start.children])
                node.slices.append(found)
            self._lay(found, over, in_slice=True)

    def _open(self, node: Node) -> None:
        """Give an element the children of its type, so that the differential can go below it.

        A choice of several types has the children of every Element alone.
        """
        if node.children:
            return
        reference = node.element.get("contentReference")
        if reference is not None:
            source = self._named(str(reference))
            del node.element["contentReference"]
            node.element["type"] = source.element.get("type", [])
            node.children = [child.copy() for child in source.children]
            return
        node.children = _children(self._type_of(node.element))

    def _named(self, reference: str) -> Node:
        """The element of the base that ``#Questionnaire.item`` names, also with a definition's URL before it."""
        owner, _, path = reference.partition("#")
        facts = self._base if not owner or owner == R4 + str(self._base.get("type")) else self._lookup(owner)
        first, *rest = path.split(".")
        node = read_tree(facts["snapshot"], facts["constraints"]) if facts else None
        if node is not None and node.name != first:
            node = None
        for name in rest:
            node = node.child(name) if node is not None else None
        if node is None:
            raise SnapshotError(f"The contentReference {reference} names no element of its base.")
        if owner:
            _absolute_references(node, first)
        return node

    def _type_of(self, element: Element) -> Facts:
        rows = element.get("type", [])
        profiles = [profile for row in rows for profile in row.get("profile", ())]
        codes = {row.get("code") for row in rows}
        if len(profiles) == 1 and len(rows) == 1 and (facts := self._lookup(profiles[0])) is not None:
            return facts
        name = codes.pop() if len(codes) == 1 else "Element"
        name = "Element" if str(name).startswith("http://hl7.org/fhirpath/") else name
        facts = self._lookup(name if ":" in str(name) else f"{R4}{name}")
        if facts is None:
            raise SnapshotError(f"The type {name} is not known.")
        return facts


def _children(facts: Facts | None) -> list[Node]:
    """New nodes for what stands below the root of a definition."""
    return read_tree(facts["snapshot"], facts["constraints"]).children if facts else []


def _absolute_references(node: Node, type_name: str) -> None:
    """In a profile a contentReference means the element of the type, not that of the profile."""
    reference = str(node.element.get("contentReference", ""))
    if reference.startswith("#") and ":" not in type_name:
        node.element["contentReference"] = f"{R4}{type_name}{reference}"
    for below in (*node.children, *node.slices):
        _absolute_references(below, type_name)


def _extension_profile(element: Element) -> str | None:
    rows = element.get("type", [])
    profiles: list[str] = rows[0].get("profile", []) if len(rows) == 1 and rows[0].get("code") == "Extension" else []
    return profiles[0] if len(profiles) == 1 else None


def _root_of(facts: Facts) -> Element:
    element = facts["snapshot"][0]
    table = facts["constraints"]
    return {**element, "constraint": [(key.split("~")[0], table[key]) for key in element.get("constraint", ())]}


def _choice(node: Node, name: str) -> tuple[Node, str] | None:
    """The choice element and type that a name such as ``valueQuantity`` picks among the children of ``node``."""
    for child in node.children:
        stem = child.name.removesuffix("[x]")
        if stem == child.name or not name.startswith(stem):
            continue
        for type_name in codes_of(child.element):
            if name == stem + type_name[:1].upper() + type_name[1:]:
                return child, type_name
    return None


def _implied_slicing(node: Node) -> Facts | None:
    if node.name in {"extension", "modifierExtension"}:
        return BY_URL
    return BY_TYPE if node.name.endswith("[x]") else None
