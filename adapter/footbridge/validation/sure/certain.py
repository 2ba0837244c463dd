"""What the engine asks: whether there is nothing to say of a value by its type, or by a place of a profile."""

from typing import TYPE_CHECKING

from footbridge.validation.engine.plan import ProfileNode, Rule, TypePlan
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.engine.walk import plan_of
from footbridge.validation.sure.asked import Asked
from footbridge.validation.sure.members import Unsure
from footbridge.validation.sure.paths import Paths
from footbridge.validation.sure.profiles import Profiles
from footbridge.validation.sure.types import Types
from footbridge.validation.sure.writer import Writer

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

    def type(self, spot: Spot, plan: TypePlan, scope: Scope) -> tuple[Rule, ...] | None:
        """The rules that are left to run where all else of a value's type is sure to be well; None where it is not."""
        if plan.met < self.hot:
            plan.met += 1
            return None
        function, loose = self.types.made(plan)
        if function is None:
            return None
        run = scope.run
        path = spot.slot.path if spot.parent is None or plan.name not in OF_HOLDER else spot.parent.slot.path
        try:
            sure = function(spot.value, asked_in(scope), run.options.max_depth - run.depth, path)
        except (Unsure, RecursionError):
            return None
        return loose if sure else None

    def node(self, spot: Spot, node: ProfileNode, scope: Scope) -> bool:
        """Whether a place of a profile has nothing to say of a value."""
        if node.met < self.hot:
            node.met += 1
            return False
        plan = plan_of(spot)
        if plan is None or spot.extra is not None:
            return False
        if spot.slot.choose is not None and spot.value is not scope.resource:
            return False
        function = self.profiles.made(node, plan)
        try:
            return function is not None and function(spot.value, asked_in(scope))
        except (Unsure, RecursionError):
            return False


OF_HOLDER = frozenset({"Coding", "Extension"})


def asked_in(scope: Scope) -> Asked:
    """The surroundings that the functions ask, one for each resource."""
    asked: Asked | None = scope.asked
    if asked is None:
        asked = scope.asked = Asked(scope)
    return asked
