"""The values of one element of a value, in order, over all JSON names that it has."""

from typing import Any

from footbridge.validation.core.plan import Slot, TypePlan
from footbridge.validation.core.spot import Spot

Json = Any


def gather(spot: Spot, name: str) -> list[Spot]:
    """The values of one element of a parent, in order, over all its JSON names."""
    value = spot.value
    plan = spot.slot.plan
    if value.__class__ is not dict:
        value = spot.extra
        if value.__class__ is not dict:
            return []
    elif plan.kind == "resource":
        plan = plan_of(spot) or plan
    items: list[Spot] = []
    slots = plan.elements.get(name, ())
    if len(slots) > 1:  # value[x] of an extension has fifty, of which one is there
        choices = plan.choices[name]
        there = choices.keys() & value.keys()
        if len(there) < 2:
            slots = tuple(choices[key] for key in there)
    for slot in slots:
        child = value.get(slot.key)
        extra = value.get(slot.extra_key)
        if extra is not None:
            _gather_with_extra(child, extra, slot, spot, items)
        elif child.__class__ is list and slot.array:
            items += [Spot(row, slot, spot, at) for at, row in enumerate(child)]
        elif child is not None:
            items.append(Spot(child, slot, spot, 0 if slot.array else None))
    return items


def _gather_with_extra(child: Json, extra: Json, slot: Slot, parent: Spot, items: list[Spot]) -> None:
    """Values of a primitive that has a ``_name`` companion."""
    if not slot.array:
        items.append(Spot(child, slot, parent, None, extra))
    else:
        _gather_list(child, extra, slot, parent, items)


def _gather_list(child: Json, extra: Json, slot: Slot, parent: Spot, items: list[Spot]) -> None:
    if extra.__class__ is not list:
        rows = child if child.__class__ is list else [] if child is None else [child]
        items.extend([Spot(row, slot, parent, at) for at, row in enumerate(rows)])
        return
    rows = child if child.__class__ is list else []
    for at in range(max(len(rows), len(extra))):
        more = extra[at] if at < len(extra) else None
        items.append(Spot(rows[at] if at < len(rows) else None, slot, parent, at, more))


def plan_of(spot: Spot) -> TypePlan | None:
    """The plan of the resource at a spot, by its own resourceType."""
    choose = spot.slot.choose
    return spot.slot.plan if choose is None else choose(spot.value)
