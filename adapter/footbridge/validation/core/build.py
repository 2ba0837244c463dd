"""What a rule's factory is given: the element's surroundings while a structure is compiled."""

from typing import Protocol

from footbridge.validation.core.baseline import Base, Baseline
from footbridge.validation.core.definitions import Definitions, Facts
from footbridge.validation.core.elements import Element
from footbridge.validation.core.plan import Profile, TypePlan


class Plans(Protocol):
    """Compiled types and profiles, each made at first use."""

    definitions: Definitions
    baseline: Baseline

    def tree(self, canonical: str) -> Element | None:
        """The elements of a structure as a tree; None when no package has it."""

    @property
    def element_plan(self) -> TypePlan:
        """The plan of what every element has: an id and extensions."""

    def type(self, name: str) -> TypePlan | None:
        """The plan of a type or resource by its name; None when no package defines it."""

    def profile(self, canonical: str) -> Profile | None:
        """A compiled profile by its URL; None when no package has it."""

    def stand_in(self, canonical: str) -> str | None:
        """The version that takes the place of the one named; None where that one is loaded."""


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
        self,
        compiler: Plans,
        structure: Facts,
        type_name: str,
        base: Base | None,
        *,
        profile: str | None = None,
        typed: bool = False,
    ) -> None:
        self.compiler = compiler
        self.structure = structure
        self.type = type_name
        self.base = base
        self.profile = profile
        self.typed = typed

    @property
    def constraints(self) -> Facts:
        """The invariants of the structure, by key."""
        found: Facts = self.structure.get("constraints") or {}
        return found

    @property
    def new(self) -> Element | None:
        """The type's element, to compare with; None where everything is new."""
        return None if self.base is None else self.base.element
