"""What a rule may ask the engine that runs it: types, targets, conformance on the side, definitions, terminology.

Rules know this protocol and no engine; ``engine.Engine`` is what answers.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from footbridge.validation.core.build import Plans
from footbridge.validation.core.definitions import Definitions
from footbridge.validation.core.options import Options
from footbridge.validation.core.plan import ProfileNode, Rule, Slot, TypePlan
from footbridge.validation.core.references import Target
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.core.terminology import Terminology
from footbridge.validation.fhirpath import Compiled, Context

Json = Any


class Sure(Protocol):
    """What decides fast that there is nothing to say: ``validation.sure``."""

    def type(
        self, spot: Spot, plan: TypePlan, scope: Scope, walk: Callable[[str, Json, Spot, TypePlan, Scope], None]
    ) -> Iterator[str] | None:
        """The JSON names of an object that the walk must look at; None for all of them."""

    def rules(self, spot: Spot, plan: TypePlan, scope: Scope) -> tuple[Rule, ...] | None:
        """The rules of a type that are left to run on an object; None where more than rules is left."""

    def node(self, spot: Spot, node: ProfileNode, scope: Scope) -> Any:  # noqa: ANN401 - sure.profiles.PlaceFunctions
        """The functions of a place of a profile, for a value; None where there are none."""

    def holds(self, invariant: Compiled, scope: Scope) -> bool:
        """Whether an expression on the resource itself holds for sure."""

    def all_hold(self, ids: tuple[str, ...], invariants: tuple[Compiled, ...], scope: Scope) -> bool:
        """Whether all of several such expressions hold for sure; their ids stand for them."""


class ValidationContext(Protocol):
    """The engine, as rules see it.

    definitions  structures and other conformance resources
    terminology  value sets and code systems
    compiler     compiled types and profiles
    options      the switches of the engine
    certain      what decides fast; None: everything is walked, with the same issues
    known_urls   what ``rules.namespace`` has found out about URLs, for all validations of the engine
    """

    definitions: Definitions
    terminology: Terminology
    known_urls: dict[str, bool]
    options: Options
    certain: Sure | None

    @property
    def compiler(self) -> Plans:
        """Compiled types and profiles."""

    def walk_profile(self, spot: Spot, node: ProfileNode, scope: Scope) -> None:
        """Check what a place of a profile asks of a value, and of everything in it; what is found is reported."""

    def walk_resource(self, spot: Spot, outer: Scope) -> None:
        """Validate a resource inside of another: contained, an entry, a parameter."""

    def inner_scope(self, spot: Spot, outer: Scope) -> Scope:
        """The scope of a resource inside of another."""

    def check_profile(self, spot: Spot, canonical: str, scope: Scope) -> None:
        """Check one value against one profile, once a run; what is found is reported."""

    def conforms(self, spot: Spot, canonical: str, scope: Scope) -> bool | None:
        """Whether a value meets its type and a profile; None when the profile is unknown. Nothing is reported."""

    def target_conforms(self, target: Target, canonical: str, scope: Scope) -> bool | None:
        """Whether the target of a reference meets a profile."""

    def resolve(self, reference: str, scope: Scope) -> Target | None:
        """What a reference leads to."""

    def resolved_spot(self, spot: Spot, scope: Scope) -> Spot | None:
        """The target of a Reference or canonical, as a spot."""

    def spot_of(self, target: Target) -> Spot | None:
        """A spot for a target that is looked at on the side; None when it is no resource."""

    def plan_for(self, resource: Json) -> TypePlan | None:
        """The plan of a resource by its resourceType; None when that names no resource."""

    def root_slot(self, plan: TypePlan) -> Slot:
        """The slot of a resource that stands for itself."""

    def type_of(self, spot: Spot) -> str:
        """The type of a value: of a resource its own, else that of its slot."""

    def is_a(self, spot: Spot, name: str) -> bool:
        """Whether a value is of a type or of one derived from it."""

    def is_any(self, spot: Spot, names: frozenset[str]) -> bool:
        """Whether a value is of one of the types."""

    def member_of(self, value: Json, value_set: str) -> bool | None:
        """Whether a code, Coding or CodeableConcept is in a value set; None when that cannot be decided."""

    def accepting(self, targets: tuple[str, ...], name: str) -> tuple[str, ...]:
        """Those target profiles of a reference that accept a resource of that type; unknown profiles do."""

    def parts_of(self, extension: Spot) -> frozenset[str] | None:
        """The relative URLs of the parts that an extension's definition names; None where anything goes."""

    def fhirpath_context(self, scope: Scope) -> Context:
        """What FHIRPath may ask about the resource of a scope."""
