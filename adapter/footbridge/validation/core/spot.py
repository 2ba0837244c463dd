"""A value of a resource together with the place where it stands.

Spots form a chain up to the root of the document, so that a rule can tell the FHIRPath of what it found, and
what holds it. The text of a path is made only when an issue needs it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from footbridge.validation.core.plan import Slot

Json = Any


class Spot:
    """One value: its JSON, its ``_name`` companion (primitives), its slot in the type, its parent.

    ``index`` is the position in a list, None where the element does not repeat. ``value`` is None for a
    primitive that has extensions alone.
    """

    __slots__ = ("extra", "index", "parent", "slot", "value")

    def __init__(
        self, value: Json, slot: "Slot", parent: "Spot | None" = None, index: int | None = None, extra: Json = None
    ) -> None:
        self.value = value
        self.slot = slot
        self.parent = parent
        self.index = index
        self.extra = extra

    def __str__(self) -> str:
        steps = []
        spot: Spot | None = self
        while spot is not None:
            steps.append(spot.slot.label if spot.index is None else f"{spot.slot.label}[{spot.index}]")
            spot = spot.parent
        return ".".join(reversed(steps))

    def child(self, name: str, index: int | None = None) -> str:
        """The FHIRPath of a child that has no spot of its own (it is missing, or unknown)."""
        return f"{self}.{name}" if index is None else f"{self}.{name}[{index}]"
