"""Items of a collection as FHIRPath values, and collections as single values.

An item is a Node (an element of a resource) or a value: bool, int, Decimal, str, Temporal, Quantity, or a
TypeInfo (what ``type()`` gives). Nodes of FHIR's primitive types count as values where a value is asked
for (https://hl7.org/fhir/R4/fhirpath.html#types).
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from footbridge.validation.fhirpath.errors import execution
from footbridge.validation.fhirpath.nodes import Node
from footbridge.validation.fhirpath.quantities import Quantity
from footbridge.validation.fhirpath.temporal import Temporal, parse_date_time, parse_time
from footbridge.validation.fhirpath.typemodel import ANY, SYSTEM, TYPE_INFO, TypeInfo

Item = Any
Items = Sequence[Any]
EMPTY: tuple[Any, ...] = ()
MAX_NUMBER_LENGTH = 400

_SYSTEM_OF = {bool: "Boolean", int: "Integer", Decimal: "Decimal", str: "String", Quantity: "Quantity"}


def unwrap(item: Item) -> Item:
    """The value of a primitive's or quantity's Node; any other item as it is."""
    if item.__class__ is not Node:
        return item
    value = item.value
    kind = value.__class__
    if kind is str:
        system = item.type.system
        return value if system is None or system == "String" else _read(system, value)
    if kind is bool or kind is int or kind is Decimal:
        return value
    if kind is float:
        return Decimal(repr(value))
    if kind is dict and item.type.is_a("Quantity"):
        return quantity_of(item) or item
    return item


def _read(system: str, text: str) -> Item:
    """A date or time from its text; the text itself where it is none."""
    if system == "Time":
        return parse_time(text) or text
    if system in {"Date", "DateTime"}:
        return parse_date_time(text, "Date" if system == "Date" else "DateTime") or text
    return text


def quantity_of(node: Node) -> Quantity | None:
    """A FHIR Quantity as a FHIRPath quantity; None without a number, or with a comparator."""
    value = number(node.value.get("value"))
    unit = node.value.get("code") or node.value.get("unit") or "1"
    if value is None or node.value.get("comparator") or not isinstance(unit, str):
        return None
    return Quantity(value, unit)


def number(value: object) -> Decimal | None:
    """A JSON number as Decimal, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def decimal_from_text(text: str) -> Decimal | None:
    """A Decimal from plain digits with an optional sign and point, else None."""
    bare = text[1:] if text[:1] in {"+", "-"} else text
    whole, point, rest = bare.partition(".")
    good = whole.isascii() and whole.isdigit() and (not point or (rest.isascii() and rest.isdigit()))
    if not good or len(text) > MAX_NUMBER_LENGTH:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def is_number(value: Item) -> bool:
    """Whether a value is an integer or a decimal."""
    return value.__class__ is int or value.__class__ is Decimal


def has_no_value(value: Item) -> bool:
    """Whether an unwrapped item is a primitive with extensions alone, or a FHIR quantity without a plain number.

    Where a value is asked for, such an element counts as an empty collection
    (https://hl7.org/fhir/R4/fhirpath.html#types).
    """
    return value.__class__ is Node and (value.value is None or value.type.is_a("Quantity"))


def single(items: Items, what: str) -> Item:
    """The only item, unwrapped; None for an empty collection, or an item that has no value.

    More than one is an execution error.
    """
    if not items:
        return None
    if len(items) > 1:
        raise execution(f"{what} takes one item, not {len(items)}")
    value = unwrap(items[0])
    return None if has_no_value(value) else value


def text(items: Items, what: str) -> str | None:
    """The only item as a string; None for an empty collection; another type is an execution error."""
    value = single(items, what)
    if value is None or value.__class__ is str:
        return value
    raise execution(f"{what} takes a string, not {type_of(items[0])!r}")


def integer(items: Items, what: str) -> int | None:
    """The only item as an integer; None for an empty collection; another type is an execution error."""
    value = single(items, what)
    if value is None or value.__class__ is int:
        return value
    raise execution(f"{what} takes an integer, not {type_of(items[0])!r}")


def truth(items: Items) -> bool | None:
    """A collection as a boolean: https://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections."""
    if not items:
        return None
    if len(items) > 1:
        raise execution(f"A boolean is one item, not {len(items)}")
    item = items[0]
    if item.__class__ is not Node:
        return item if item.__class__ is bool else True
    if item.value is None and item.type.system == "Boolean":
        return None
    return item.value if item.value.__class__ is bool else True


def type_of(item: Item) -> TypeInfo:
    """The type of an item: FHIR's for a Node, FHIRPath's own for a value."""
    if item.__class__ is Node:
        return item.type
    if isinstance(item, Temporal):
        return SYSTEM[item.kind]
    if isinstance(item, TypeInfo):
        return TYPE_INFO
    name = _SYSTEM_OF.get(item.__class__)
    return SYSTEM[name] if name else ANY


def as_text(value: Item) -> str | None:
    """A value as FHIRPath's toString() gives it; None for what has no text."""
    if value.__class__ is str:
        return value
    if value.__class__ is bool:
        return "true" if value else "false"
    if value.__class__ is int:
        return str(value) if abs(value) < 10**MAX_NUMBER_LENGTH else None
    if value.__class__ is Decimal:
        return format(value, "f") if abs(value.adjusted()) < MAX_NUMBER_LENGTH else None
    if isinstance(value, Temporal | Quantity):
        return value.text()
    return None


def result(item: Item) -> Item:
    """An item as callers of ``evaluate`` get it: bool, int, Decimal, str or dict."""
    if isinstance(item, Node):
        value = item.value
        if value is None:
            return item.extra
        return Decimal(repr(value)) if isinstance(value, float) else value
    if isinstance(item, Temporal | Quantity):
        return item.text()
    if isinstance(item, TypeInfo):
        return {"namespace": item.namespace, "name": item.name}
    return item
