"""What there is to say of a coded element of a resource is remembered by its value: few codes are met very often.

Only of elements whose rules look at nothing but the value, the language and the categories of the resource, and whether
it claims a profile of the SDOH guide; and only of concepts and codings without ids and extensions, and of components
that have nothing else. ``recall`` keeps what was said.
"""

from typing import Any

from footbridge.validation.core.plan import ListRule, ProfileChild, ProfileNode, Rule, Slot, TypePlan
from footbridge.validation.packs.terminology_hygiene import CodingHygiene
from footbridge.validation.rules.allowed_type import AllowedType
from footbridge.validation.rules.binding import Binding
from footbridge.validation.rules.cardinality import Cardinality
from footbridge.validation.rules.category_binding import CategoryBinding
from footbridge.validation.rules.coding import KnownCode
from footbridge.validation.rules.fixed import Fixed
from footbridge.validation.rules.invariant import Invariant
from footbridge.validation.rules.pattern import Pattern
from footbridge.validation.rules.slice_tests import Fits, InValueSet, IsSame, IsThere, OfType, OneOf
from footbridge.validation.rules.slicing import Slicing
from footbridge.validation.sure.recall import Coded, Kept, Remembered
from footbridge.validation.sure.slices import belongs_by_type

Json = Any
CODED = frozenset({"CodeableConcept", "Coding"})
OF_VALUE = (AllowedType, Binding, CodingHygiene, Fixed, KnownCode, Pattern)
BY_VALUE = (Fits, InValueSet, IsSame, IsThere, OfType, OneOf)
AROUND = ("%", "resolve", "conformsTo", "now(", "today(", "timeOfDay(")
IN_CONCEPT = frozenset({"coding", "text"})
IN_CODING = frozenset({"system", "version", "code", "display", "userSelected"})
IN_COMPONENT = frozenset({"code", "valueCodeableConcept", "valueString"})
OF_COMPONENT = frozenset({"code", "value[x]"})  # the elements that these are


class Memory:
    """The elements of one engine of which something is remembered."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._count = 0

    def of_type(self, slot: Slot) -> Remembered | None:
        """For an element of a resource type; None where more than the value counts, or nothing is coded."""
        if slot.type not in CODED:
            return None
        return self._made(names_of((*slot.rules, *rules_below(slot.plan))), slot) if slot.choose is None else None

    def of_child(self, child: ProfileChild, plan: TypePlan) -> Coded | None:
        """The same for what a profile asks of an element."""
        slots = plan.elements.get(child.name, ())
        coded = [slot for slot in slots if slot.type in CODED or _is_component(slot)]
        made = {slot.key: self._made(names_of_child(child, slot), slot) for slot in coded}
        by_key = {key: one for key, one in made.items() if one is not None}
        names = frozenset(name for slot in slots for name in (slot.key, slot.extra_key))
        return Coded(names, by_key) if by_key else None

    def _made(self, names: frozenset[str] | None, slot: Slot) -> Remembered | None:
        self._count += 1
        plain = _is_plain if slot.type in CODED else _is_plain_component
        return None if names is None else Remembered(self._count, names, self._kept, plain)


def names_of(rules: tuple[Rule, ...]) -> frozenset[str] | None:
    """The elements of the resource that rules on a value look at; None where they look at more."""
    found: set[str] = set()
    for rule in rules:
        if isinstance(rule, CategoryBinding):
            found.update(rule.names[:1])
        elif not isinstance(rule, OF_VALUE) and not (isinstance(rule, Invariant) and _is_of_value(rule)):
            return None
    return frozenset(found)


def _is_of_value(rule: Invariant) -> bool:
    """Whether an expression looks at nothing around the value, nor at the clock."""
    return not any(word in rule.expression for word in AROUND)


def names_of_child(child: ProfileChild, slot: Slot | None = None) -> frozenset[str] | None:
    """The same for all that a profile asks of an element, under the name of a slot where it may have several."""
    if not all(isinstance(rule, Cardinality) for rule in child.list_rules):
        return None
    return _joined([_names_of_node(child.node, slot), _names_of_slicing(child.slicing, slot)])


def _is_component(slot: Slot) -> bool:
    """Whether a slot is one of codes with values."""
    return slot.type == "BackboneElement" and slot.plan.keys.keys() >= IN_COMPONENT


def _names_of_node(node: ProfileNode, slot: Slot | None = None) -> frozenset[str] | None:
    # Of others than these there are no values: ids and extensions are not in what is remembered.
    there = OF_COMPONENT if slot is not None and _is_component(slot) else IN_CONCEPT | IN_CODING
    below = [child for child in node.children if child.name in there or not _only_counts(child)]
    return _joined([names_of(node.rules), *map(names_of_child, below)])


def _only_counts(child: ProfileChild) -> bool:
    """Whether all that is asked of an element without values is how many there are."""
    known = child.slicing is None or isinstance(child.slicing, Slicing)
    return known and all(isinstance(rule, Cardinality) for rule in child.list_rules)


def _names_of_slicing(slicing: ListRule | None, slot: Slot | None = None) -> frozenset[str] | None:
    if slicing is None:
        return frozenset()
    if not isinstance(slicing, Slicing):
        return None
    parts: list[frozenset[str] | None] = []
    for one in slicing.slices:
        for criterion in one.criteria:
            if not isinstance(criterion.test, BY_VALUE) or any(kind != "child" for kind, _ in criterion.steps):
                return None
        if slot is None or belongs_by_type(one, slot) is not False:  # no value of the slot gets into the others
            parts += [_names_of_node(one.node, slot), _names_of_slicing(one.inner, slot)]
    return _joined(parts)


def _joined(parts: list[frozenset[str] | None]) -> frozenset[str] | None:
    return None if None in parts else frozenset[str]().union(*(part for part in parts if part is not None))


def rules_below(plan: TypePlan) -> tuple[Rule, ...]:
    """The rules of a coded type, and of the codings in it; those of primitive types look at the value alone."""
    found = plan.rules
    for key in (*IN_CONCEPT, *IN_CODING):
        slot = plan.keys.get(key)
        if slot is not None:
            found = (*found, *slot.rules, *(rules_below(slot.plan) if slot.type in CODED else ()))
    return found


def _is_plain(value: Json) -> bool:
    """Whether a value is a concept or a coding with nothing but what was said there."""
    if value.__class__ is not dict:
        return False
    codings = value.get("coding", []) if value.keys() <= IN_CONCEPT else [value]
    return codings.__class__ is list and all(row.__class__ is dict and row.keys() <= IN_CODING for row in codings)


def _is_plain_component(value: Json) -> bool:
    """Whether a value is a component of a plain code, and a plain concept or a text, with nothing else."""
    if value.__class__ is not dict or not value.keys() <= IN_COMPONENT:
        return False
    rows = [row for key, row in value.items() if key != "valueString" or row.__class__ is not str]
    return all(row.__class__ is dict and row.keys() <= IN_CONCEPT and _is_plain(row) for row in rows)
