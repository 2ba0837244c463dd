"""Reads the facts of a structure's elements: their tree, and what is said of one element."""

from collections.abc import Iterator
from typing import Any

from footbridge.validation.core.definitions import Facts

SYSTEM = "http://hl7.org/fhirpath/System."
CORE = "http://hl7.org/fhir/StructureDefinition/"
# What FHIR means where R4's definitions name a FHIRPath type.
SYSTEM_PATHS = {"Resource.id": "id", "Extension.url": "uri"}


class Element:
    """One element of a snapshot, with its children and its slices in the order of the snapshot."""

    __slots__ = ("children", "facts", "id", "name", "path", "slice_name", "slices")

    def __init__(self, facts: Facts, identity: str) -> None:
        self.facts = facts
        self.id = identity
        self.path = str(facts.get("path", ""))
        self.name = self.path.rpartition(".")[2]
        self.slice_name: str | None = facts.get("sliceName")
        self.children: list[Element] = []
        self.slices: list[Element] = []

    @property
    def min(self) -> int:
        """The least number of values."""
        return int(self.facts.get("min") or 0)

    @property
    def max(self) -> int | None:
        """The greatest number of values; None for any number."""
        most = self.facts.get("max", "*")
        return None if most == "*" else int(most)

    @property
    def repeats(self) -> bool:
        """Whether its JSON is a list."""
        return str((self.facts.get("base") or self.facts).get("max", "1")) not in {"0", "1"}

    def all(self) -> "Iterator[Element]":
        """The element and every one below it, slices left out."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += element.children

    @property
    def types(self) -> list[dict[str, Any]]:
        """The allowed types."""
        return list(self.facts.get("type") or ())

    @property
    def codes(self) -> list[str]:
        """The names of the allowed types."""
        base = (self.facts.get("base") or {}).get("path") or self.path
        return [type_name(row.get("code", ""), base) for row in self.types]

    def child(self, name: str) -> "Element | None":
        """The child of that name; a choice is found with and without its ``[x]``."""
        return next((row for row in self.children if row.name in {name, name + "[x]"}), None)

    def value(self, prefix: str) -> tuple[str, Any] | None:
        """The suffix and value of ``fixed[x]``, ``pattern[x]``, ``minValue[x]`` or ``maxValue[x]``."""
        for key, value in self.facts.items():
            if key.startswith(prefix) and key[len(prefix) : len(prefix) + 1].isupper():
                return key[len(prefix) :], value
        return None


def type_name(code: str, base_path: str) -> str:
    """The FHIR type that a type code means; R4 names FHIRPath types for ids, URLs and primitive values."""
    if code.startswith(SYSTEM):
        return SYSTEM_PATHS.get(base_path, "string")
    return code.removeprefix(CORE)


def tree(structure: Facts) -> Element | None:
    """The elements of a snapshot as a tree; None where there is none."""
    rows = structure.get("snapshot") or ()
    known: dict[str, Element] = {}
    root: Element | None = None
    for facts, identity in _identified(rows):
        element = Element(facts, identity)
        known[identity] = element
        if root is None:
            root = element
            continue
        head, _, last = identity.rpartition(".")
        parent = known.get(head) or known.get(_without_slices(head))
        if parent is None:
            continue
        whole = known.get(f"{head}.{last.split(':', 1)[0]}") if ":" in last else None
        if whole is not None:
            whole.slices.append(element)
        else:
            parent.children.append(element)
    return root


def _identified(rows: Any) -> Iterator[tuple[Facts, str]]:  # noqa: ANN401 - facts as they come
    """Each element with its id: its own, else one made of its path and the slices that it stands in."""
    stack: dict[str, str] = {}
    for facts in rows:
        path = facts.get("path", "")
        identity = facts.get("id")
        if not identity or ("." not in str(identity) and "." in path):
            head, _, last = path.rpartition(".")
            identity = f"{stack.get(head, head)}.{last}" if head else path
            if facts.get("sliceName"):
                identity += ":" + facts["sliceName"]
        stack[path] = identity
        yield facts, identity


def _without_slices(identity: str) -> str:
    return ".".join(step.split(":", 1)[0] for step in identity.split("."))
