"""Equality, equivalence and sameness of items (https://hl7.org/fhirpath/N1/#equality).

``equal_items`` and ``equal`` give None where the answer is empty (dates of different precision, units
that do not compare). ``identity`` gives a hashable key by which distinct(), union and their kin tell items
apart in linear time; of complex values a ``Collection`` asks more.

Two complex values are equal where the left one says nothing that the right one does not say too, as the HL7 validator
has it: a Coding without a display equals that with one. What stands beside a primitive value (``_code``) is left out.
"""

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Any

from footbridge.validation.fhirpath import quantities, temporal
from footbridge.validation.fhirpath.nodes import Node
from footbridge.validation.fhirpath.quantities import Quantity
from footbridge.validation.fhirpath.temporal import Temporal
from footbridge.validation.fhirpath.values import Item, Items, is_number, unwrap

MAX_DEPTH = 100
FEW = 100  # complex items that are compared with each other
Tick = Callable[[int], None]


def _no_tick(_: int) -> None:
    """Where nobody counts."""


def equal(left: Items, right: Items) -> bool | None:
    """``left = right``: None when either is empty or an item's equality stays open."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    verdict: bool | None = True
    for one, other in zip(left, right, strict=True):
        same = equal_items(one, other)
        if same is False:
            return False
        if same is None:
            verdict = None
    return verdict


def equal_items(one: Item, other: Item) -> bool | None:
    """Equality of two items."""
    left, right = unwrap(one), unwrap(other)
    if left.__class__ is str and right.__class__ is str:
        return bool(left == right)
    if is_number(left) and is_number(right):
        return bool(left == right)
    if isinstance(left, Node) and isinstance(right, Node):
        return left.value is right.value or is_in(left.value, right.value)
    return _equal_values(left, right)


def _equal_values(left: Item, right: Item) -> bool | None:
    if isinstance(left, Temporal) and isinstance(right, Temporal):
        return temporal.equal(left, right)
    if isinstance(left, Quantity) or isinstance(right, Quantity):
        first, second = _as_quantity(left), _as_quantity(right)
        return False if first is None or second is None else quantities.equal(first, second)
    if isinstance(left, Temporal) and right.__class__ is str:
        return bool(left.text() == right)
    if isinstance(right, Temporal) and left.__class__ is str:
        return bool(left == right.text())
    return left.__class__ is right.__class__ and bool(left == right)


def _as_quantity(value: Item) -> Quantity | None:
    """A quantity; a number counts as one of unit 1."""
    if is_number(value):
        return Quantity(Decimal(value), "1")
    return value if isinstance(value, Quantity) else None


def is_in(left: Any, right: Any, depth: int = 0) -> bool:  # noqa: ANN401 - JSON is any value
    """Whether all of the left JSON is in the right one: numbers by value, members in any order, lists whole."""
    if isinstance(left, dict) and isinstance(right, dict):
        if depth > MAX_DEPTH:
            return False
        return all(
            name in right and is_in(value, right[name], depth + 1)
            for name, value in left.items()
            if not (name[:1] == "_" and name[1:] in left)
        )
    if isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right) or depth > MAX_DEPTH:
            return False
        return all(is_in(one, other, depth + 1) for one, other in zip(left, right, strict=True))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


class Collection:
    """Items that others are looked for among; of many complex ones only those that are wholly the same are found."""

    __slots__ = ("_complex", "_keys")

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._keys: set[Hashable] = set()
        self._complex: list[Any] = []
        for item in items:
            self._add(item, identity(item))

    def _add(self, item: Item, key: Hashable) -> None:
        self._keys.add(key)
        value = unwrap(item)
        if isinstance(value, Node) and len(self._complex) < FEW:
            self._complex.append(value.value)

    def take(self, item: Item) -> bool:
        """Take an item in, unless one of them equals it; whether it was taken."""
        key = identity(item)
        if key in self._keys or self._found(item):
            return False
        self._add(item, key)
        return True

    def has(self, item: Item) -> bool:
        """Whether one of them equals the item."""
        return identity(item) in self._keys or self._found(item)

    def _found(self, item: Item) -> bool:
        value = unwrap(item)
        return isinstance(value, Node) and any(is_in(one, value.value) for one in self._complex)

    def holds(self, item: Item) -> bool:
        """Whether the item equals one of them."""
        if identity(item) in self._keys:
            return True
        value = unwrap(item)
        return isinstance(value, Node) and any(is_in(value.value, one) for one in self._complex)


def equivalent(left: Items, right: Items, tick: Tick = _no_tick) -> bool:
    """``left ~ right``: in any order; two empty collections are equivalent. ``tick`` counts the work."""
    if len(left) != len(right):
        return False
    rest = list(right)
    for item in left:
        tick(len(rest))
        at = next((at for at, other in enumerate(rest) if equivalent_items(item, other, tick)), None)
        if at is None:
            return False
        del rest[at]
    return True


def equivalent_items(one: Item, other: Item, tick: Tick = _no_tick) -> bool:
    """Equivalence of two items: strings without case and spacing, decimals to the lesser precision."""
    left, right = unwrap(one), unwrap(other)
    if left.__class__ is str and right.__class__ is str:
        return " ".join(left.casefold().split()) == " ".join(right.casefold().split())
    if is_number(left) and is_number(right):
        return quantities.same_to_precision(Decimal(left), Decimal(right))
    if isinstance(left, Temporal) and isinstance(right, Temporal):
        return temporal.equivalent(left, right)
    if isinstance(left, Quantity) or isinstance(right, Quantity):
        first, second = _as_quantity(left), _as_quantity(right)
        return first is not None and second is not None and quantities.equivalent(first, second)
    if isinstance(left, Node) and isinstance(right, Node):
        return json_equivalent(left.value, right.value, tick)
    return left.__class__ is right.__class__ and bool(left == right)


def json_equivalent(
    left: Any,  # noqa: ANN401 - JSON is any value
    right: Any,  # noqa: ANN401 - as above
    tick: Tick = _no_tick,
    depth: int = 0,
) -> bool:
    """Deep equivalence of JSON: each is in the other, with lists in any order and element ids left out."""
    if depth > MAX_DEPTH:
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        names = _names(left)
        if names != _names(right):
            return False
        return all(json_equivalent(left[name], right[name], tick, depth + 1) for name in names)
    if isinstance(left, list) and isinstance(right, list):
        rest = list(right)
        for item in left:
            tick(len(rest))
            at = next((at for at, other in enumerate(rest) if json_equivalent(item, other, tick, depth + 1)), None)
            if at is None:
                return False
            del rest[at]
        return not rest
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return False
    return equivalent_items(left, right) if left is not None and right is not None else left is right


def _names(value: dict[str, Any]) -> set[str]:
    """What an object says, without its id and what stands beside primitive values."""
    return {name for name in value if name != "id" and not (name[:1] == "_" and name[1:] in value)}


def identity(item: Item) -> Hashable:
    """A key that two items share when they are equal."""
    value = unwrap(item)
    kind = value.__class__
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is int or kind is Decimal:
        return ("number", value)
    if kind is bool:
        return ("boolean", value)
    if isinstance(value, Temporal):
        return ("time" if value.kind == "Time" else "date", value.in_utc().parts, value.offset is None)
    if isinstance(value, Quantity):
        measure = value.measure()
        if measure is None:
            return ("quantity", value.value, value.unit)
        return ("quantity", value.base_value(measure).normalize(), measure.dimensions)
    return ("complex", freeze(value.value)) if isinstance(value, Node) else ("other", repr(value))


def freeze(value: Any, depth: int = 0) -> Hashable:  # noqa: ANN401 - JSON is any value
    """JSON as a hashable value; members in any order."""
    if depth > MAX_DEPTH:
        return id(value)
    if isinstance(value, dict):
        return frozenset((name, freeze(member, depth + 1)) for name, member in value.items())
    if isinstance(value, list):
        return tuple(freeze(member, depth + 1) for member in value)
    return ("boolean", value) if isinstance(value, bool) else value
