"""An element that may be of one of several types has one value, under one name (rule structure.choice).

https://hl7.org/fhir/R4/formats.html#choice
"""

from collections.abc import Iterable
from dataclasses import dataclass

from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, Rule, Slot
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot


@dataclass(frozen=True, slots=True, eq=False)
class OneChoice:
    """At most one of ``keys``, the JSON names of the element ``name``."""

    name: str
    keys: frozenset[str]

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Count the names."""
        found = spot.value.keys() & self.keys
        if len(found) < 2:
            return NONE
        shown = " and ".join(sorted(found))
        return finding(
            "structure.choice", spot, f"'{self.name}' has one value, of one type; here are {shown}.", code="structure",
            spec="formats.html#choice",
        )  # fmt: skip


def rules_for(elements: Iterable[tuple[Slot, ...]]) -> tuple[Rule, ...]:
    """A rule for each element of a type that is a choice; ``elements`` are the slots of each element."""
    found = {slots[0].path: slots for slots in elements if len(slots) > 1 and not slots[0].array}
    return tuple(
        OneChoice(path.rpartition(".")[2].removesuffix("[x]"), frozenset(slot.key for slot in slots))
        for path, slots in found.items()
    )
