"""What the engine asks: whether there is nothing to say of a value by its type, or by a place of a profile."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from footbridge.validation.core.children import plan_of
from footbridge.validation.core.plan import ProfileNode, Rule, TypePlan
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath import Compiled
from footbridge.validation.sure.asked import asked_in, holds
from footbridge.validation.sure.later import settled, spots_of
from footbridge.validation.sure.members import ODD, OF_HOLDER
from footbridge.validation.sure.recall import NOTHING, reported

if TYPE_CHECKING:
    from footbridge.validation.core.context import ValidationContext
    from footbridge.validation.sure.functions import Functions
    from footbridge.validation.sure.places import PlaceFunctions
    from footbridge.validation.sure.types import TypeFunctions

Walk = Callable[[str, Any, Spot, TypePlan, Scope], None]

HOT = 4  # times that a type or a place is walked before its function is written
FIRST = 100  # values of types and places that were met so often, before what writes the functions is loaded at all


class Certain:
    """The sure functions of one engine. Thread-safe: a function may be written twice, and is then the same."""

    def __init__(self, engine: "ValidationContext", *, hot: int = HOT) -> None:
        self.engine = engine
        self.hot = hot
        self._walked = 0 if hot else FIRST
        self._functions: Functions | None = None

    @property
    def functions(self) -> "Functions":
        """The functions that were written."""
        if self._functions is None:
            from footbridge.validation.sure.functions import Functions  # noqa: PLC0415 - as its module says

            self._functions = Functions(self.engine)
        return self._functions

    @property
    def has_functions(self) -> bool:
        """Whether any was written."""
        return self._functions is not None

    def type(self, spot: Spot, plan: TypePlan, scope: Scope, walk: Walk) -> Iterator[str] | None:
        """The JSON names of an object that the walk must look at, each when it is asked for; None for all of them.

        ``walk`` checks one element: its name, value, spot of the object, plan, scope.

        To be asked once the object's own level is counted in ``run.depth``.
        """
        if plan.met < self.hot:
            plan.met += 1
            return None
        if self._walked < FIRST:
            self._walked += 1
            return None
        functions = self.functions.types.made(plan)
        # The parts of an extension are judged by the extension around them, as a whole.
        never = "extension" if plan.name == "Extension" else ""
        return self._left(spot, plan, functions, scope, never, walk)

    @staticmethod
    def _left(
        spot: Spot, plan: TypePlan, functions: "TypeFunctions", scope: Scope, never: str, walk: Walk
    ) -> Iterator[str]:
        asked, run = asked_in(scope), scope.run
        deeper = run.options.max_depth - run.depth
        path, part_of, later = path_of(spot, plan), functions.parts.get, asked.later
        remembered = functions.remembered if spot.parent is None and spot is scope.spot else {}
        doubled = functions.extras if not functions.extras.isdisjoint(spot.value) else None
        for key, child in spot.value.items():
            if doubled is not None and (key in doubled or "_" + key in spot.value):
                yield key  # a companion belongs to another name
                continue
            if key in remembered:
                said = remembered[key].said(child, asked)
                if said is NOTHING and not run.full:
                    continue
                if said is None:
                    told = remembered[key].learnt(child, scope, asked, partial(walk, key, child, spot, plan))
                else:
                    told = reported(said, run)
                if told:
                    continue
            part = part_of(key)
            try:
                sure = part is not None and key != never and part(child, asked, deeper, path)
            except ODD:
                sure = False
            if later:
                sure = settled(asked, spots_of(child, plan.keys[key], spot), scope, sure=sure)
            if not sure:
                yield key

    def rules(self, spot: Spot, plan: TypePlan, scope: Scope) -> tuple[Rule, ...] | None:
        """The rules of a type that are left to run on an object; None where more than rules is left."""
        functions = self.functions.types.made(plan)
        if not functions.extras.isdisjoint(spot.value):
            return None
        if functions.rest is None or not spot.value or ("id" in spot.value and spot is not scope.spot):
            return None
        asked = asked_in(scope)
        try:
            sure = functions.rest(spot.value, asked, path_of(spot, plan))
        except ODD:
            sure = False
        if asked.later:  # what was put off stands among the loose rules, in an order that the walk knows
            sure = settled(asked, (), scope, sure=False)
        return functions.loose if sure else None

    def node(self, spot: Spot, node: ProfileNode, scope: Scope) -> "PlaceFunctions | None":
        """The functions of a place of a profile, for a value; None where there are none."""
        if node.met < self.hot:
            node.met += 1
            return None
        if self._walked < FIRST:
            self._walked += 1
            return None
        plan = plan_of(spot)
        if plan is None or spot.extra is not None or (spot.slot.choose and spot.value is not scope.resource):
            return None
        return self.functions.profiles.made(node, plan)

    def holds(self, invariant: Compiled, scope: Scope) -> bool:
        """Whether an expression on the resource itself holds for sure."""
        if self._functions is None:
            return False  # nothing was met often yet
        function = self._functions.expression(invariant, str(scope.resource.get("resourceType")))
        return holds(function, scope.resource, asked_in(scope))

    def all_hold(self, ids: tuple[str, ...], invariants: tuple[Compiled, ...], scope: Scope) -> bool:
        """Whether all of several such expressions hold for sure; their ids stand for them."""
        if self._functions is None or not ids:
            return not ids
        function = self._functions.all_of(ids, invariants, str(scope.resource.get("resourceType")))
        return holds(function, scope.resource, asked_in(scope))


def path_of(spot: Spot, plan: TypePlan) -> str:
    """The path that functions of a type are given as ``p``."""
    holder = spot.parent if plan.name in OF_HOLDER else spot
    return "" if holder is None else holder.slot.path
