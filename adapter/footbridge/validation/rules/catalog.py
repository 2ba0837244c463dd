"""Every rule of the engine, at one glance. One kind of rule is one file beside this one.

While the walk runs:    json_shape  unknown_element  required  primitive_form
Per element:            VALUE_RULES, LIST_RULES, slicing
Per type, per resource: TYPE_RULES, RESOURCE_RULES
"""

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

from footbridge.validation.engine.plan import ListRule, ProfileNode, Rule
from footbridge.validation.rules import (
    allowed_type,
    binding,
    canonical_target,
    cardinality,
    category_binding,
    element_limits,
    fixed,
    invariant,
    max_length,
    narrative_control,
    pattern,
    profiled_type,
    reference_target,
    slicing,
    value_range,
)

if TYPE_CHECKING:
    from footbridge.validation.engine.elements import Element
    from footbridge.validation.rules.build import Build

# Factories: an element of a structure -> the rules on each of its values.
VALUE_RULES: tuple[Callable[["Element", "Build"], Iterator[Rule]], ...] = (
    allowed_type.make,
    fixed.make,
    pattern.make,
    value_range.make,
    max_length.make,
    element_limits.make,
    binding.make,
    category_binding.make,
    reference_target.make,
    canonical_target.make,
    profiled_type.make,
    narrative_control.make,
    invariant.make,
)

# Factories: an element of a profile -> the rules on all its values together.
LIST_RULES: tuple[Callable[["Element", "Build"], Iterator[ListRule]], ...] = (cardinality.make,)


def slicing_of(element: "Element", build: "Build", node: Callable[["Element"], ProfileNode]) -> ListRule | None:
    """The slicing rule of an element; None when it has no slices."""
    return slicing.make(element, build, node)


def for_type(name: str, kind: str, elements: Collection[str]) -> tuple[Rule, ...]:
    """The rules that hang on a type or a kind of type, whatever element holds it."""
    from footbridge.validation.rules import type_rules  # noqa: PLC0415 - they stand on the catalog

    return type_rules.of(name, kind, elements)


def quick_for(name: str) -> Callable[[object], bool] | None:
    """For a primitive type with rules: a quick test whether a value needs them."""
    from footbridge.validation.rules import type_rules  # noqa: PLC0415 - they stand on the catalog

    return type_rules.QUICK.get(name)
