"""What a rule's factory is given: the element's surroundings while a structure is compiled."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from footbridge.validation.engine.baseline import Base
from footbridge.validation.engine.definitions import Facts
from footbridge.validation.engine.elements import Element
from footbridge.validation.engine.plan import ListRule, ProfileNode, Rule
from footbridge.validation.rules import catalog

if TYPE_CHECKING:
    from footbridge.validation.engine.compiler import Compiler


class Build:
    """The surroundings of one element.

    structure  the facts of the StructureDefinition being compiled
    type       the type of the slot, where the element is compiled for one type alone; else ""
    base       what the type says of the element, when a profile is compiled; else None
    profile    the URL of the profile being compiled; None for a type
    typed      whether the element is the root of its type
    """

    __slots__ = ("base", "compiler", "profile", "structure", "type", "typed")

    def __init__(
        self, compiler: "Compiler", structure: Facts, type_name: str, base: Base | None, *, profile: str | None = None
    ) -> None:
        self.compiler = compiler
        self.structure = structure
        self.type = type_name
        self.base = base
        self.profile = profile
        self.typed = False

    def value_rules(self, element: Element, *, typed: bool = False, only: str = "") -> Iterator[Rule]:
        """The rules on each value of an element; ``only`` names the one type that they are for."""
        self.typed = typed
        if only:
            self.type = only
        for make in catalog.VALUE_RULES:
            yield from make(element, self)

    def list_rules(self, element: Element) -> Iterator[ListRule]:
        """The rules on the values of an element together."""
        for make in catalog.LIST_RULES:
            yield from make(element, self)

    def slicing(self, element: Element, node: Callable[[Element], ProfileNode]) -> ListRule | None:
        """The slicing of an element; None when it has no slices."""
        return catalog.slicing_of(element, self, node)

    @property
    def constraints(self) -> Facts:
        """The invariants of the structure, by key."""
        found: Facts = self.structure.get("constraints") or {}
        return found

    @property
    def new(self) -> Element | None:
        """The type's element, to compare with; None where everything is new."""
        return None if self.base is None else self.base.element
