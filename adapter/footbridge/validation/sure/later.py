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


class _Places:
    """The values below some spots; spots are made of those that are looked for, and of what holds them."""

    def __init__(self, items: Iterable[Spot]) -> None:
        self._spots: dict[int, Spot] = {}
        self.rows: list[_Row] = []
        for spot in items:
            row = (spot.value, spot.slot, None, None)
            self._spots[id(row)] = spot
            self.rows.append(row)

    def spot(self, row: "_Row") -> Spot:
        """The spot of a value, with those above it."""
        spot = self._spots.get(id(row))
        if spot is None:
            value, slot, above, index = row
            spot = self._spots[id(row)] = Spot(value, slot, None if above is None else self.spot(above), index)
        return spot


# A value, its slot, the row of what holds it, its position there.
_Row = tuple[Json, Slot, "_Row | None", int | None]


def _found(wanted: set[int], items: Iterable[Spot]) -> dict[int, Spot] | None:
    """The spots of values by their identity; None where one of them stands nowhere, or twice."""
    found: dict[int, Spot] = {}
    places = _Places(items)
    waiting = places.rows
    for row in waiting:  # which grows
        value = row[0]
        if id(value) in wanted:
            if id(value) in found:
                return None
            found[id(value)] = places.spot(row)
        if value.__class__ is dict:
            slot = row[1]
            plan = slot.plan if slot.choose is None else slot.choose(value)
            if plan is not None:
                _look_below(row, plan, wanted, waiting)
    return found if len(found) == len(wanted) else None


def _look_below(place: _Row, plan: TypePlan, wanted: set[int], waiting: list[_Row]) -> None:
    """Add the values of an object that are looked for, or that may hold one."""
    keys = plan.keys
    for key, child in place[0].items():
        kind = child.__class__
        if kind is list:
            slot = keys.get(key)
            if slot is not None and slot.array:
                for at, row in enumerate(child):
                    if row.__class__ is dict or id(row) in wanted:
                        waiting.append((row, slot, place, at))
        elif kind is dict or id(child) in wanted:
            slot = keys.get(key)
            if slot is not None:
                waiting.append((child, slot, place, None))
