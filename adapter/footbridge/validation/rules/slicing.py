"""Slices: which value belongs to which, how many, in what order (rules slicing.*).

https://hl7.org/fhir/R4/profiling.html#slicing
slicing.closed     a value belongs to no slice, and no other is allowed
slicing.order      the slices are not in their order; as a warning: another value stands before the end
slicing.discriminator  the profile says nothing of a slice that would tell its values from others
slicing.ambiguous  a value belongs to two slices
slicing.min, slicing.max   too few or too many values of a slice
"""

from collections.abc import Callable
from dataclasses import dataclass

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings, ListRule, ProfileNode
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.discriminator import Criterion, Walked, criterion, must_tell
from footbridge.validation.rules.slice_tests import NEVER

SPEC = "profiling.html#slicing"
DEFAULT = "@default"


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """One slice: what tells its values, how many there may be, what is asked of each; its own slicing, if any."""

    name: str
    criteria: tuple[Criterion, ...]
    decidable: bool
    least: int
    most: int | None
    node: ProfileNode
    inner: ListRule | None

    def has(self, spot: Spot, scope: Scope, walked: Walked) -> bool | None:
        """Whether a value belongs to the slice; None where that cannot be decided."""
        verdict: bool | None = True
        for one in self.criteria:
            held = one.holds(spot, scope, walked)
            if held is False:
                return False
            if held is None:
                verdict = None
        return verdict


@dataclass(frozen=True, slots=True, eq=False)
class Slicing:
    """All slices of an element."""

    element: str
    slices: tuple[Slice, ...]
    rules: str
    ordered: bool
    profile: str

    def check_all(self, items: list[Spot], parent: Spot, scope: Scope) -> Findings:
        """Sort the values into slices, count them, and check each as its slice asks."""
        found: list[Issue] = []
        sorted_in: dict[str, list[Spot]] = {}
        doubtful: set[str] = set()
        last = -1
        told = [one.name for one in self.slices if not one.decidable and one.name != DEFAULT]
        for item in items:
            if told:
                found += self._told(
                    "slicing.discriminator", item, f"The profile does not say how the slice {told[0]} is told."
                )
            at, sure = self._slice_of(item, scope, doubtful, found)
            if at is None:
                if self.rules == "closed" and sure:
                    found += self._told("slicing.closed", item, f"The value belongs to no slice of '{self.element}'.")
                last = len(self.slices) if self.rules == "openAtEnd" and sure else last
                continue
            if at < last and (self.ordered or last == len(self.slices)):
                found += self._told(
                    "slicing.order", item, "The value stands out of the order of its slices.",
                    severity="warning" if last == len(self.slices) else "error",
                )  # fmt: skip
            last = max(last, at)
            sorted_in.setdefault(self.slices[at].name, []).append(item)
        for one in self.slices:
            if not one.decidable and len(items) < one.least:
                found += self._too_few(one, parent, len(items))
            self._check_slice(one, sorted_in.get(one.name, []), parent, scope, found, doubtful)
        return found

    def _slice_of(self, item: Spot, scope: Scope, doubtful: set[str], found: list[Issue]) -> tuple[int | None, bool]:
        """The slice of a value, None where it has none; and whether that is sure: no other slice is undecided."""
        matching = []
        sure = True
        fallback = None
        scope.tick(len(self.slices))
        walked: Walked = {}
        for at, one in enumerate(self.slices):
            if one.name == DEFAULT:
                fallback = at
                continue
            if not one.decidable:
                sure = False
                continue
            verdict = one.has(item, scope, walked)
            if verdict:
                matching.append(at)
            elif verdict is None:
                sure = False
                doubtful.add(one.name)
                scope.run.undecided("slicing.match", item, f"whether it belongs to the slice {one.name}")
        if len(matching) > 1:
            names = ", ".join(self.slices[at].name for at in matching)
            found += self._told("slicing.ambiguous", item, f"The value belongs to several slices: {names}.")
        if matching:
            return matching[0], sure
        return fallback if sure else None, sure

    def _check_slice(
        self, one: Slice, items: list[Spot], parent: Spot, scope: Scope, found: list[Issue], doubtful: set[str]
    ) -> None:
        if not one.decidable:
            scope.run.undecided("slicing.match", parent, f"the slice {one.name} has no usable discriminator")
            return
        if len(items) < one.least and one.name not in doubtful:
            found += self._too_few(one, parent, len(items))
        if one.most is not None and len(items) > one.most:
            found += self._told(
                "slicing.max", parent, f"The slice {self.element}:{one.name} occurs {len(items)} times; at most"
                f" {one.most} are allowed.",
            )  # fmt: skip
        if one.inner is not None:
            found += one.inner.check_all(items, parent, scope)
        if not one.node.idle:
            for item in items:
                scope.run.engine.walk_profile(item, one.node, scope)

    def _too_few(self, one: Slice, parent: Spot, count: int) -> Findings:
        return self._told(
            "slicing.min", parent, f"The slice {self.element}:{one.name} occurs {count} times; at least"
            f" {one.least} are required.",
        )  # fmt: skip

    def _told(self, rule: str, where: Spot, words: str, severity: Severity = "error") -> Findings:
        return finding(rule, where, words, severity=severity, code="structure", profile=self.profile, spec=SPEC)


def make(element: Element, build: Build, node: Callable[[Element], ProfileNode]) -> ListRule | None:
    """The slicing of an element, re-slices within their slices; None when it has no slices."""
    return _slicing(element, element.slices, "", build, node)


def _slicing(
    element: Element, rows: list[Element], above: str, build: Build, node: Callable[[Element], ProfileNode]
) -> ListRule | None:
    own = [row for row in rows if _above(row) == above]
    facts = element.facts.get("slicing") or {}
    if not own:
        return None
    discriminators = facts.get("discriminator") or _implied(element, sliced=bool(facts))
    slices = tuple(_slice(row, rows, discriminators, build, node) for row in own)
    name = element.name.removesuffix("[x]")
    return Slicing(name, slices, facts.get("rules", "open"), bool(facts.get("ordered")), build.profile or "")


def _above(element: Element) -> str:
    return (element.slice_name or "").rpartition("/")[0]


def _implied(element: Element, *, sliced: bool) -> list[dict[str, str]]:
    """The discriminators of slices without a slicing; of a choice also those of a slicing that names none."""
    if element.name.endswith("[x]"):
        return [{"type": "type", "path": "$this"}]
    if sliced or element.name not in {"extension", "modifierExtension"}:
        return []
    return [{"type": "value", "path": "url"}]


def _slice(
    element: Element,
    rows: list[Element],
    discriminators: list[dict[str, str]],
    build: Build,
    node: Callable[[Element], ProfileNode],
) -> Slice:
    made = [criterion(row.get("type", ""), row.get("path", ""), element, build) for row in discriminators]
    criteria = tuple(one for one in made if one is not None) if discriminators else (Criterion((), NEVER),)
    silent = [row for row, one in zip(discriminators, made, strict=True) if one is None]
    decidable = bool(criteria) and not any(must_tell(row, element, build) for row in silent)
    inner = _slicing(element, rows, element.slice_name or "", build, node)
    return Slice(
        element.slice_name or "", criteria, decidable, element.min, element.max, node(element), inner
    )  # fmt: skip
