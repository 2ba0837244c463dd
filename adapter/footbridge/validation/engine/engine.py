"""The engine: one for all threads. It holds compiled plans; each validation has a Run of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from footbridge.model.issues import Issue
from footbridge.validation.core import references
from footbridge.validation.core.budget import Budget, OutOfTime
from footbridge.validation.core.definitions import Definitions
from footbridge.validation.core.options import DEFAULTS, Options
from footbridge.validation.core.pack import Pack
from footbridge.validation.core.plan import Profile, ProfileNode, Slot, TypePlan
from footbridge.validation.core.references import BundleIndex
from footbridge.validation.core.scope import Run, Scope, Unchecked
from footbridge.validation.core.spot import Spot
from footbridge.validation.core.terminology import Terminology
from footbridge.validation.engine.compiler import Compiler
from footbridge.validation.engine.questions import Questions
from footbridge.validation.engine.walk import walk_profile, walk_type
from footbridge.validation.rules import implied_profiles, profile_claims
from footbridge.validation.rules.json_shape import too_deep
from footbridge.validation.rules.resource_type import unknown_type
from footbridge.validation.sure.certain import Certain

if TYPE_CHECKING:
    from footbridge.validation.core.context import Sure

Json = Any
ERRORS = frozenset({"fatal", "error"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a validation. ``valid`` means that no issue is an error."""

    issues: tuple[Issue, ...]
    unchecked: tuple[Unchecked, ...]

    @property
    def valid(self) -> bool:
        """Whether no issue is an error."""
        for issue in self.issues:  # noqa: SIM110 - a generator costs more than the comparison
            if issue.severity in ERRORS:
                return False
        return True


class Engine(Questions):
    """Validates resources over one set of definitions, with one set of options."""

    def __init__(
        self,
        definitions: Definitions,
        terminology: Terminology,
        options: Options = DEFAULTS,
        guides: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
        packs: Sequence[Pack] = (),
    ) -> None:
        self.definitions = definitions
        self.terminology = terminology
        self.options = options
        self.guides = guides
        self.packs = packs
        self.compiler = Compiler(definitions, packs)
        self.certain: Sure | None = Certain(self)  # None: everything is walked, with the same issues
        self._root_slots: dict[str, Slot] = {}
        self._targets = {}
        self._parts = {}
        self.known_urls = {}

    def check(self, resource: Json, profiles: Sequence[str] = (), budget: Budget | None = None) -> Outcome:
        """Validate a resource against its type, what it claims in ``meta.profile``, and ``profiles``.

        With a budget, the validation stops when it is used up: a fatal issue says so, after what was found till then.
        """
        run = Run(self, self.options, budget)
        try:
            self._check_root(resource, profiles, run)
        except RecursionError:
            run.report(too_deep("$this", self.options.max_depth))
        except OutOfTime:
            if budget is not None:
                run.issues.append(budget.issue())
        finally:
            run.close()
        return Outcome(tuple(run.issues), tuple(run.unchecked.values()))

    def _check_root(self, resource: Json, profiles: Sequence[str], run: Run) -> None:
        plan = self.plan_for(resource)
        if plan is None:
            run.report(unknown_type("$this", resource))
            return
        spot = Spot(resource, self.root_slot(plan))
        scope = Scope(run, resource, spot)
        self._check_resource(spot, plan, scope, profiles)

    def walk_resource(self, spot: Spot, outer: Scope) -> None:
        """Validate a resource inside of another: contained, an entry, a parameter."""
        plan = self.plan_for(spot.value)
        if plan is None:
            outer.run.report(unknown_type(spot, spot.value))
            return
        opened = len(outer.run.opened)
        self._check_resource(spot, plan, self.inner_scope(spot, outer), ())
        outer.run.close(opened)

    def inner_scope(self, spot: Spot, outer: Scope) -> Scope:
        """The scope of a resource inside of another."""
        if spot.slot.key == "contained":
            return Scope(outer.run, spot.value, spot, outer.root, outer.bundle, outer.full_url)
        holder = spot.parent.value if spot.parent is not None else None
        url = holder.get("fullUrl") if isinstance(holder, dict) else None
        return Scope(outer.run, spot.value, spot, None, outer.bundle, url if isinstance(url, str) else None)

    def _check_resource(self, spot: Spot, plan: TypePlan, scope: Scope, profiles: Iterable[str]) -> None:
        if plan.name in {"Bundle", "Parameters"}:
            scope.bundle = BundleIndex(spot.value, scope.bundle)
        walk_type(spot, plan, scope)
        if self.options.base_only:
            return
        for url in profiles:
            profile_claims.check_asked(spot, url, scope)
        for url in implied_profiles.implied(spot.value, self.guides):
            self.check_profile(spot, url, scope)
        claims = profile_claims.claims(spot.value)
        profile_claims.check(spot, claims, scope)
        for pack in self.packs:
            pack.check_resource(spot, (*profiles, *claims), scope)

    def walk_profile(self, spot: Spot, node: ProfileNode, scope: Scope) -> None:
        """Check what a place of a profile asks of a value, and of everything in it."""
        walk_profile(spot, node, scope)

    def check_profile(self, spot: Spot, canonical: str, scope: Scope) -> None:
        """Check one value against one profile, once a run; what is found is reported."""
        done = (id(spot.value), canonical)
        if done in scope.run.seen_profiles:
            return
        scope.run.seen_profiles.add(done)
        profile = self.compiler.profile(canonical)
        if profile is None:
            scope.run.report(profile_claims.unknown(spot, canonical, self.definitions.fault(canonical)))
            return
        if not self._fits_type(spot, profile):
            scope.run.report(profile_claims.wrong_type(spot, profile.url, profile.type))
            return
        walk_profile(spot, profile.root, scope)
        for url in profile.facts.get("imposes") or ():
            self.check_profile(spot, url, scope)

    def _fits_type(self, spot: Spot, profile: Profile) -> bool:
        return profile.type in {"Resource", "DomainResource", "Element"} or self.is_a(spot, profile.type)

    def plan_for(self, resource: Json) -> TypePlan | None:
        """The plan of a resource by its resourceType; None when that names no resource."""
        name = resource.get("resourceType") if resource.__class__ is dict else None
        plan = self.compiler.type(name) if isinstance(name, str) else None
        return plan if plan is not None and plan.kind == "resource" else None

    def root_slot(self, plan: TypePlan) -> Slot:
        """The slot of a resource that stands for itself."""
        slot = self._root_slots.get(plan.name)
        if slot is None:
            slot = Slot(plan.name, plan.name, plan.name, array=False, load=lambda: plan)
            self._root_slots[plan.name] = slot
        return slot

    def resolve(self, reference: str, scope: Scope) -> references.Target | None:
        """What a reference leads to in the document, or outside of it when the options say so."""
        found = references.resolve(reference, scope)
        if found is None and self.options.fetch is not None and not reference.startswith("#"):
            resource = self.options.fetch(reference)
            if isinstance(resource, dict):
                found = references.Target(resource, resource, None)
        return found
