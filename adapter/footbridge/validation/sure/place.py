"""Where a rule is asked, for the forms of rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from footbridge.validation.core.plan import Rule, Slot, TypePlan
from footbridge.validation.sure.codings import Codings
from footbridge.validation.sure.writer import Writer

if TYPE_CHECKING:
    from footbridge.validation.core.context import ValidationContext
    from footbridge.validation.sure.paths import Paths


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule is asked: ``plan`` and ``slot`` of the value, which generated code has in the variable ``at``.

    ``strict``: no rule is put off there.
    """

    writer: Writer
    paths: "Paths"
    engine: "ValidationContext"
    plan: TypePlan
    slot: Slot
    at: str
    profile: Callable[[str, TypePlan, str], str]
    codings: Codings
    strict: bool = False

    def const(self, value: object) -> str:
        """A name for a value in generated code."""
        return self.writer.const(value)

    def quiet(self, rule: Rule) -> str:
        """The rule itself, on the side; where it finds something it is put off."""
        asked = "c.quiet" if self.strict else "c.settled"
        return f"{asked}({self.const(rule)}, {self.at}, {self.const(self.slot)})"

    def after(self, quick: str, rule: Rule) -> str:
        """What is seen at once, else the rule itself."""
        return f"({quick} or {self.quiet(rule)})"
