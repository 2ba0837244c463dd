"""What rules ask the engine: types, targets, conformance on the side, FHIRPath's hooks."""

from abc import ABC, abstractmethod
from typing import Any

from footbridge.validation.core.children import plan_of
from footbridge.validation.core.definitions import Definitions
from footbridge.validation.core.plan import Slot, TypePlan
from footbridge.validation.core.references import Target
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.core.terminology import Terminology
from footbridge.validation.engine.compiler import Compiler
from footbridge.validation.engine.long_chains import verdict
from footbridge.validation.fhirpath import Context
from footbridge.validation.rules import profile_claims

Json = Any
SYSTEM = ("system", "version")
ANYTHING = frozenset({"Resource", "DomainResource", "Any"})


class Questions(ABC):
    """The part of the engine that answers rules."""

    definitions: Definitions
    terminology: Terminology
    compiler: Compiler
    _targets: dict[tuple[tuple[str, ...], str], tuple[str, ...]]
    known_urls: dict[str, bool]
    _parts: dict[str, frozenset[str] | None]

    @abstractmethod
    def check_profile(self, spot: Spot, canonical: str, scope: Scope) -> None:
        """Check one value against one profile; what is found is reported."""

    @abstractmethod
    def resolve(self, reference: str, scope: Scope) -> Target | None:
        """What a reference leads to."""

    @abstractmethod
    def plan_for(self, resource: Json) -> TypePlan | None:
        """The plan of a resource by its resourceType."""

    @abstractmethod
    def root_slot(self, plan: TypePlan) -> Slot:
        """The slot of a resource that stands for itself."""

    def type_of(self, spot: Spot) -> str:
        """The type of a value: of a resource its own, else that of its slot."""
        plan = plan_of(spot)
        return spot.slot.type if plan is None or plan.kind != "resource" else plan.name

    def is_a(self, spot: Spot, name: str) -> bool:
        """Whether a value is of a type or of one derived from it."""
        if spot.slot.type == name:
            return True
        plan = plan_of(spot)
        return plan is not None and (name in plan.ancestors or plan.name == name)

    def is_any(self, spot: Spot, names: frozenset[str]) -> bool:
        """Whether a value is of one of the types."""
        return any(self.is_a(spot, name) for name in names)

    def member_of(self, value: Json, value_set: str) -> bool | None:
        """Whether a code, Coding or CodeableConcept is in a value set; None when that cannot be decided."""
        if isinstance(value, str):
            return self.terminology.member(value_set, None, value)
        if not isinstance(value, dict):
            return False
        rows = value.get("coding") if isinstance(value.get("coding"), list) else [value]
        undecided = False
        for row in rows or ():
            if isinstance(row, dict) and isinstance(row.get("code"), str):
                system, version = (row.get(name) if isinstance(row.get(name), str) else "" for name in SYSTEM)
                verdict = self.terminology.member(value_set, system, row["code"], version or None)
                if verdict:
                    return True
                undecided = undecided or verdict is None
        return None if undecided else False

    def accepting(self, targets: tuple[str, ...], name: str) -> tuple[str, ...]:
        """Those target profiles of a reference that accept a resource of that type; unknown profiles do."""
        known = self._targets.get((targets, name))
        if known is None:
            types = [(url, self._constrained(url)) for url in targets]
            known = tuple(url for url, kind in types if kind is None or kind == name or kind in ANYTHING)
            self._targets[targets, name] = known
        return known

    def parts_of(self, extension: Spot) -> frozenset[str] | None:
        """The relative URLs of the parts that an extension's definition names; None where anything goes."""
        url = extension.value.get("url") if extension.value.__class__ is dict else None
        if not isinstance(url, str) or ":" not in url:
            return None
        if url not in self._parts:
            if self.definitions.extension(url) is None:  # not remembered: any document may name anything
                return None
            self._parts[url] = self._parts_in(url)
        return self._parts[url]

    def _parts_in(self, url: str) -> frozenset[str] | None:
        root = self.compiler.tree(url)
        if root is None:
            return None
        parts = root.child("extension")
        urls = [child.value("fixed") for row in (parts.slices if parts else ()) if (child := row.child("url"))]
        return frozenset(str(fixed[1]) for fixed in urls if fixed is not None)

    def _constrained(self, url: str) -> str | None:
        facts = self.definitions.structure(url)
        return None if facts is None else str(facts.get("type", "")).rpartition("/")[2]

    def conforms(self, spot: Spot, canonical: str, scope: Scope) -> bool | None:
        """Whether a value meets its type and a profile; None when the profile is unknown. Nothing is reported."""
        key = ("conforms", id(spot.value), canonical)
        memo = scope.run.memo
        if key in memo:
            known: bool | None = memo[key]
            return known
        profile = self.compiler.profile(canonical)
        if profile is None:
            profile_claims.undecided(spot, canonical, scope)
            return None
        return verdict(key, lambda: self._conforms(spot, canonical, scope), memo)

    def _conforms(self, spot: Spot, canonical: str, scope: Scope) -> bool:
        run = scope.run.trial()
        side = Scope(run, scope.resource, scope.spot, scope.root, scope.bundle, scope.full_url)
        plan = plan_of(spot)
        if plan is not None and plan.kind == "resource":
            side = Scope(run, spot.value, spot, None, scope.bundle, scope.full_url)
            if spot.slot.key == "contained":
                side.root = scope.root
        self.check_profile(spot, canonical, side)
        return not run.failed

    def target_conforms(self, target: Target, canonical: str, scope: Scope) -> bool | None:
        """Whether the target of a reference meets a profile."""
        spot = self.spot_of(target)
        if spot is None:
            return False
        side = Scope(scope.run, target.resource, spot, target.root, target.bundle, target.full_url)
        return self.conforms(spot, canonical, side)

    def spot_of(self, target: Target) -> Spot | None:
        """A spot for a target that is looked at on the side; None when it is no resource."""
        plan = self.plan_for(target.resource)
        return None if plan is None else Spot(target.resource, self.root_slot(plan))

    def resolved_spot(self, spot: Spot, scope: Scope) -> Spot | None:
        """The target of a Reference or canonical, as a spot."""
        value = spot.value.get("reference") if spot.value.__class__ is dict else spot.value
        target = self.resolve(value, scope) if isinstance(value, str) else None
        return None if target is None else self.spot_of(target)

    def fhirpath_context(self, scope: Scope) -> Context:
        """What FHIRPath may ask about the resource of a scope."""

        def resolve(reference: str) -> dict[str, Json] | None:
            target = self.resolve(reference, scope)
            return _contained_in_entry(reference, scope) if target is None else target.resource

        def conforms_to(value: Json, url: str) -> bool | None:
            plan = self.plan_for(value)
            return None if plan is None else self.conforms(Spot(value, self.root_slot(plan)), url, scope)

        def member_of(value: Json, _: str, url: str) -> bool | None:
            return self.member_of(value, url)

        return Context(
            resource=scope.resource,
            root_resource=scope.root,
            resolve=resolve,
            member_of=member_of,
            conforms_to=conforms_to,
            kept={},
            spend=scope.spend,
        )


def _contained_in_entry(reference: str, scope: Scope) -> dict[str, Json] | None:
    """What a fragment means in an expression that starts at a Bundle: a resource that an entry contains."""
    rows = scope.resource.get("entry") if reference.startswith("#") else None
    for row in rows if isinstance(rows, list) else ():
        resource = row.get("resource") if isinstance(row, dict) else None
        held = resource.get("contained") if isinstance(resource, dict) else None
        for one in held if isinstance(held, list) else ():
            if isinstance(one, dict) and one.get("id") == reference[1:]:
                return one
    return None
