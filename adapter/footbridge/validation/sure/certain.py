"""What the engine asks: whether there is nothing to say of a value by its type, or by a place of a profile."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from footbridge.validation.engine.plan import ProfileChild, ProfileNode, Rule, TypePlan
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.engine.walk import plan_of
from footbridge.validation.fhirpath import Compiled, fhir_type
from footbridge.validation.fhirpath.parser import parse
from footbridge.validation.sure.asked import Asked
from footbridge.validation.sure.members import Unsure
from footbridge.validation.sure.paths import NO, Paths
from footbridge.validation.sure.profiles import Profiles
from footbridge.validation.sure.types import Types
from footbridge.validation.sure.writer import Function, Writer

if TYPE_CHECKING:
    from footbridge.validation.engine.engine import Engine

HOT = 4  # times that a type or a place is walked before its function is written


class Certain:
    """The sure functions of one engine. Thread-safe: a function may be written twice, and is then the same."""

    def __init__(self, engine: "Engine", *, hot: int = HOT) -> None:
        self.engine = engine
        self.hot = hot
        self.writer = Writer()
        self.paths = Paths(self.writer)
        self.types = Types(self)
        self.profiles = Profiles(self)
        self._expressions: dict[int, Function] = {}

    def type(self, spot: Spot, plan: TypePlan, scope: Scope) -> "Left | None":
        """What the walk must look at in an object, by its type; None for everything.

        To be asked once the object's own level is counted in ``run.depth``.
        """
        if plan.met < self.hot:
            plan.met += 1
            return None
        functions = self.types.made(plan)
        holder = spot.parent if plan.name in OF_HOLDER else spot
        path = "" if holder is None else holder.slot.path
        value, asked, deeper = spot.value, asked_in(scope), scope.run.options.max_depth - scope.run.depth
        parts = functions.parts
        left = []
        for key, child in value.items():
            part = parts.get(key)
            try:
                if part is None or not part(child, asked, deeper, path):
                    left.append(key)
            except (Unsure, RecursionError):
                left.append(key)
        if left and any(key[:1] == "_" for key in left):
            return None  # a companion belongs to another name
        if functions.rest is None or ("id" in value and spot is not scope.spot):
            return left, None
        try:
            sure = bool(value) and functions.rest(value, asked, path)
        except (Unsure, RecursionError):
            sure = False
        return left, functions.loose if sure else None

    def node(self, spot: Spot, node: ProfileNode, scope: Scope) -> tuple[bool, Sequence[ProfileChild]]:
        """Whether the rules of a place of a profile have something to say of a value, and which children may have."""
        if node.met < self.hot:
            node.met += 1
            return True, node.children
        plan = plan_of(spot)
        if plan is None or spot.extra is not None or (spot.slot.choose and spot.value is not scope.resource):
            return True, node.children
        functions = self.profiles.made(node, plan)
        value, asked = spot.value, asked_in(scope)
        left = [
            child
            for child, function in zip(node.children, functions.children, strict=True)
            if function is None or not _holds(function, value, asked)
        ]
        return functions.rules is None or not _holds(functions.rules, value, asked), left

    def holds(self, invariant: Compiled, scope: Scope) -> bool:
        """Whether an expression on the resource itself holds for sure."""
        function = self._expressions.get(id(invariant))
        if function is None:
            kind = fhir_type(str(scope.resource.get("resourceType")))
            true = NO if kind is None else self.paths.verdict(parse(invariant.expression), "v", kind).true
            function = self.writer.function("rule", "v, c", [f"return v.__class__ is dict and ({true})"])
            self._expressions[id(invariant)] = function
            self.writer.const(invariant)  # kept, so that its id is no other's
        return _holds(function, scope.resource, asked_in(scope))


def _holds(function: Function, value: object, asked: Asked) -> bool:
    try:
        return function(value, asked)
    except (Unsure, RecursionError):
        return False


Left = tuple[list[str], "tuple[Rule, ...] | None"]
OF_HOLDER = frozenset({"Coding", "Extension"})


def asked_in(scope: Scope) -> Asked:
    """The surroundings that the functions ask, one for each resource."""
    asked: Asked | None = scope.asked
    if asked is None:
        asked = scope.asked = Asked(scope)
    return asked
