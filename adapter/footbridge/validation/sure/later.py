"""Rules that a sure function puts off: what they say is found by the rule itself, at its place.

A sure function that meets a rule which may have something to say of a value, and that nothing else is unsure of, notes
the rule with the value (``asked.Asked.later``) and goes on. Who called the function looks the values up by identity in
what the function was given, and runs each rule there, in the order of the notes, which is that of the walk. Where a
value stands twice, or many errors were found already, all is left to the walk.
"""

from collections.abc import Iterable

from footbridge.validation.core.plan import Slot, TypePlan
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.sure.asked import Asked, Json

MARGIN = 20  # issues that a rule has at most, as far as the limit of issues goes


def settled(asked: Asked, items: Iterable[Spot], scope: Scope, *, sure: bool) -> bool:
    """Run the rules that were put off on the values of some spots, or below; False, and nothing is run, where not.

    ``sure`` is what the function said: where it was not sure, what it put off is forgotten.
    """
    rows = asked.later.copy()
    asked.later.clear()
    run = scope.run
    if not sure or run.errors + MARGIN * len(rows) >= run.options.max_issues:
        return False
    spots = _found({id(value) for _, value in rows}, items)
    if spots is None:
        return False
    for rule, value in rows:
        found = rule.check(spots[id(value)], scope)
        if found:
            run.report(found)
    return True


def spots_of(child: Json, slot: Slot, parent: Spot) -> list[Spot]:
    """The values of one element that has no companion."""
    if slot.array and child.__class__ is list:
        return [Spot(row, slot, parent, at) for at, row in enumerate(child)]
    return [Spot(child, slot, parent)]


class _Place:
    """A value on the way down; its spot is made when it is one of those that are looked for, or holds one."""

    __slots__ = ("_spot", "above", "index", "slot", "value")

    def __init__(self, value: Json, slot: Slot, above: "_Place | None", index: int | None, spot: Spot | None) -> None:
        self.value = value
        self.slot = slot
        self.above = above
        self.index = index
        self._spot = spot

    @property
    def spot(self) -> Spot:
        """The spot, with those above it."""
        if self._spot is None:
            above = None if self.above is None else self.above.spot
            self._spot = Spot(self.value, self.slot, above, self.index)
        return self._spot


def _found(wanted: set[int], items: Iterable[Spot]) -> dict[int, Spot] | None:
    """The spots of values by their identity; None where one of them stands nowhere, or twice."""
    found: dict[int, Spot] = {}
    waiting = [_Place(spot.value, spot.slot, None, None, spot) for spot in items]
    for place in waiting:  # which grows
        value = place.value
        if id(value) in wanted:
            if id(value) in found:
                return None
            found[id(value)] = place.spot
        if value.__class__ is dict:
            slot = place.slot
            plan = slot.plan if slot.choose is None else slot.choose(value)
            if plan is not None:
                _look_below(place, plan, wanted, waiting)
    return found if len(found) == len(wanted) else None


def _look_below(place: _Place, plan: TypePlan, wanted: set[int], waiting: list[_Place]) -> None:
    """Add the values of an object that are looked for, or that may hold one."""
    for key, child in place.value.items():
        kind = child.__class__
        if kind is list:
            slot = plan.keys.get(key)
            if slot is not None and slot.array:
                waiting += [
                    _Place(row, slot, place, at, None)
                    for at, row in enumerate(child)
                    if row.__class__ is dict or id(row) in wanted
                ]
        elif kind is dict or id(child) in wanted:
            slot = plan.keys.get(key)
            if slot is not None:
                waiting.append(_Place(child, slot, place, None, None))
