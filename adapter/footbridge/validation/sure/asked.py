"""What a sure function may ask: the resource around a value, and rules that are run on the side."""

from typing import TYPE_CHECKING, Any

from footbridge.validation.core.plan import Rule, Slot
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.coding import language_of
from footbridge.validation.sure.members import ODD, codes_in, digest
from footbridge.validation.sure.writer import Function

if TYPE_CHECKING:
    from footbridge.validation.core.context import ValidationContext

Json = Any
Mark = tuple[int, int, int]


class Asked:
    """The surroundings of one resource. Of one validation, in one thread."""

    __slots__ = (
        "_around", "_codes", "_guided", "_side", "codings", "engine", "language", "later", "marks", "numbers", "plain",
        "resource", "scope",
    )  # fmt: skip

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.resource = scope.resource
        self.language = ""
        self.engine: ValidationContext = scope.run.engine
        # Whether a reference that is no fragment leads nowhere, and nobody asks about that.
        self.plain = scope.bundle is None and self.engine.options.fetch is None
        self.plain = self.plain and self.engine.options.references == "ignore"
        # Rules that may have something to say of a value, each with the value: ``later`` runs them.
        self.later: list[tuple[Rule, Json]] = []
        # What values of the resource are known by (``digest``), by their identity.
        self.marks: dict[int, Mark | None] = {}
        self.numbers: dict[tuple[str, ...], int] = {}  # of ``around``, as ``recall`` numbers them
        self.codings: set[tuple[str, ...]] | None = None  # as ``codings`` remembers them
        self._side: Scope | None = None
        self._guided: tuple[bool, tuple[str, ...]] | None = None
        self._codes: dict[str, frozenset[tuple[str, str]]] = {}
        self._around: dict[tuple[str, ...], Json] = {}

    @property
    def side(self) -> Scope:
        """The same surroundings for a run whose findings nobody sees."""
        if self._side is None:
            self._side = self.scope.beside(self.scope.run.aside())
        return self._side

    def quiet(self, rule: Rule, value: Json, slot: Slot) -> bool:
        """Whether a rule that looks at nothing but the value finds nothing, and notes nothing."""
        side = self.side
        for _ in rule.check(Spot(value, slot), side):
            return False
        if side.run.issues or side.run.unchecked:
            self._side = None
            return False
        return True

    def settled(self, rule: Rule, value: Json, slot: Slot) -> bool:
        """True: a rule finds nothing, as in ``quiet``, or is put off."""
        if not self.quiet(rule, value, slot):
            self.later.append((rule, value))
        return True

    def codes(self, row: Json, name: str) -> frozenset[tuple[str, str]]:
        """Each system and code under a name of an object, as ``codes_in``; those of the resource itself once."""
        if row is not self.resource:
            return codes_in(row, name)
        found = self._codes.get(name)
        if found is None:
            found = self._codes[name] = codes_in(row, name)
        return found

    def learn_language(self) -> str:
        """The language of the displays here, worked out once."""
        self.language = language_of(self.scope)
        return self.language

    def spend(self, amount: int) -> None:
        """Count work against the budget; raises OutOfTime as the walk does."""
        if self.scope.run.budget is not None:
            self.scope.run.budget.spend(amount)

    @property
    def guided(self) -> tuple[bool, tuple[str, ...]]:
        """Whether the resource claims a profile of the SDOH guide, and the SDOH categories that it names."""
        if self._guided is None:
            from footbridge.validation.packs.terminology_hygiene import surroundings  # noqa: PLC0415 - a circle else

            self._guided = surroundings(self.resource)
        return self._guided

    def mark(self, value: Json) -> Mark | None:
        """What a value of the resource is known by, as ``digest``; worked out once."""
        at = id(value)
        if at not in self.marks:
            self.marks[at] = digest(value)
        return self.marks[at]

    def around(self, names: tuple[str, ...]) -> Json:
        """What rules on coded elements look at beside the value, to compare: language, ``guided``, elements by a hash.

        None where an element is too large for that.
        """
        if names not in self._around:
            marks = tuple([self.mark(self.resource.get(name)) for name in names])
            self._around[names] = (
                None if None in marks else (self.language or self.learn_language(), self.guided, marks)
            )
        return self._around[names]


def holds(function: Function | None, value: object, asked: Asked) -> bool:
    """Whether there is a function, and it is sure of a value."""
    if function is None:
        return False
    try:
        return function(value, asked)
    except ODD:
        return False


def asked_in(scope: Scope) -> Asked:
    """The surroundings that the functions ask, one for each resource."""
    asked: Asked | None = scope.asked
    if asked is None:
        asked = scope.asked = Asked(scope)
        scope.run.opened.append(scope)
    return asked
