"""R4's types as FHIRPath needs them: elements, choices, and which type is a kind of which.

The facts are ``profiles/r4-types.json``, made from the official core package by
``scripts/build_fhirpath_types.py``; they are read at first use. Nested elements that hold elements
(``Task.input``) are types of their own, named by their path.
"""

import functools
from dataclasses import dataclass
from typing import Any

from footbridge.data import read_json

# How FHIR's primitive types turn into FHIRPath's own (https://hl7.org/fhir/R4/fhirpath.html#types).
SYSTEM_KINDS = {
    "boolean": "Boolean", "integer": "Integer", "unsignedInt": "Integer", "positiveInt": "Integer",
    "decimal": "Decimal", "date": "Date", "dateTime": "DateTime", "instant": "DateTime", "time": "Time",
}  # fmt: skip
SYSTEM_NAMES = (
    "Any", "Boolean", "Integer", "Decimal", "String", "Date", "DateTime", "Time", "Quantity",
)  # fmt: skip
REFLECTION = {"namespace", "name", "baseType"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One type that an element may have, with the JSON names that carry it."""

    key: str
    extra_key: str
    kind: "TypeInfo"
    primitive: bool


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a type: its FHIRPath name, whether it repeats, its choices (one for most)."""

    name: str
    repeats: bool
    choices: tuple[Choice, ...]


class TypeInfo:
    """One type. ``system`` is the FHIRPath type of a primitive's value, None for a complex type."""

    __slots__ = (
        "_elements", "_keys", "_rows", "abstract", "ancestors", "base", "kind", "name", "namespace",
        "primitive", "system",
    )  # fmt: skip

    def __init__(self, name: str, base: "TypeInfo | None", kind: str, rows: dict[str, str]) -> None:
        self.name = name
        self.base = base
        self.kind = kind
        self.namespace = "System" if kind == "system" else "FHIR"
        self.primitive = kind == "primitive"
        self.abstract = name in {"Resource", "DomainResource"}
        self.ancestors: frozenset[str] = frozenset({name}) | (base.ancestors if base else frozenset())
        self.system = SYSTEM_KINDS.get(name, "String") if self.primitive else None
        self._rows = rows
        self._elements: dict[str, Element] | None = None
        self._keys: dict[str, tuple[Element, Choice]] | None = None

    def __repr__(self) -> str:
        return f"{self.namespace}.{self.name}"

    @property
    def elements(self) -> dict[str, Element]:
        """Every element by its FHIRPath name, inherited ones first."""
        if self._elements is None:
            found = dict(self.base.elements) if self.base else {}
            for written, types in self._rows.items():
                element = _element(written, types)
                found[element.name] = element
            self._elements = found
        return self._elements

    @property
    def keys(self) -> dict[str, tuple[Element, Choice]]:
        """Every JSON name with its element and choice."""
        if self._keys is None:
            self._keys = {
                choice.key: (element, choice) for element in self.elements.values() for choice in element.choices
            }
        return self._keys

    def is_a(self, name: str) -> bool:
        """Whether this type is the named one or derives from it."""
        return name in self.ancestors


def _element(written: str, types: str) -> Element:
    repeats = types.endswith("*")
    types = types.rstrip("*")
    if types == "open":
        types = _facts()["open"]
    name = written.removesuffix("[x]")
    choices = []
    for type_name in types.split("|"):
        kind = fhir_type(type_name) or ANY
        key = name + type_name[:1].upper() + type_name[1:] if written.endswith("[x]") else name
        choices.append(Choice(key, "_" + key, kind, kind.primitive))
    return Element(name, repeats, tuple(choices))


@functools.cache
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = read_json("profiles", "r4-types.json")
    return facts


_made: dict[str, TypeInfo] = {}


def fhir_type(name: str) -> TypeInfo | None:
    """The FHIR type of that name (``Patient``, ``code``, ``Task.input``), None when there is none.

    What is no type is not remembered: any document may name anything.
    """
    found = _made.get(name)
    if found is not None:
        return found
    row = _facts()["types"].get(name)
    if row is None:
        return None
    base = fhir_type(row["base"]) if row["base"] else None
    return _made.setdefault(name, TypeInfo(name, base, row["kind"], row["elements"]))


# A value whose type is not known: its children are found by their JSON names alone.
ANY = TypeInfo("Any", None, "any", {})
SYSTEM = {name: TypeInfo(name, None, "system", {}) for name in SYSTEM_NAMES}
TYPE_INFO = TypeInfo("TypeInfo", None, "system", {})
