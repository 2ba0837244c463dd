"""Rules that a sure function puts off: what they say is found by the rule itself, at its place.

A sure function that meets a rule which may have something to say of a value, and that nothing else is unsure of, notes
the rule with the value (``asked.Asked.later``) and goes on. Who called the function looks the values up by identity in
what the function was given, and runs each rule there, in the order of the notes, which is that of the walk. Where a
value stands twice, or many errors were found already, all is left to the walk.
"""

from collections.abc import Iterable

from footbridge.validation.core.children import plan_of
from footbridge.validation.core.plan import Slot
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.sure.asked import Asked, Json

MARGIN = 20  # issues that a rule has at most, as far as the limit of issues goes


def settled(asked: Asked, items: Iterable[Spot], scope: Scope, *, sure: bool) -> bool:
    """Run the rules that were put off on the values of some spots, or below; False, and nothing is run, where not.

    ``sure`` is what the function said: where it was not sure, what it put off is forgotten.
    """
    rows = asked.later
    asked.later = []
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


def _found(wanted: set[int], items: Iterable[Spot]) -> dict[int, Spot] | None:
    """The spots of values by their identity; None where one of them stands nowhere, or twice."""
    found: dict[int, Spot] = {}
    waiting = list(items)
    while waiting:
        spot = waiting.pop()
        value = spot.value
        if id(value) in wanted:
            if id(value) in found:
                return None
            found[id(value)] = spot
        if value.__class__ is dict:
            plan = plan_of(spot)
            if plan is not None:
                for key, child in value.items():
                    slot = plan.keys.get(key)
                    if slot is not None:
                        waiting += spots_of(child, slot, spot)
    return found if len(found) == len(wanted) else None
