"""An invariant: a FHIRPath expression that must hold (rule invariant.KEY).

ele-1, ext-1 and the like, which hold for every element, have native forms elsewhere; NATIVE lists them.
An expression that cannot be read is a fault of the profile, and an issue wherever the rule applies; one that asks
for a function of a later FHIRPath, or that cannot be decided, is reported as unchecked.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.model.issues import Severity
from footbridge.validation.core.build import Build
from footbridge.validation.core.children import plan_of
from footbridge.validation.core.elements import Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, Rule
from footbridge.validation.core.references import contained_in
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath import Compiled, FHIRPathError, Node, Undecided, compile  # noqa: A004
from footbridge.validation.rules.best_practice import SEVERITIES
from footbridge.validation.rules.errata import meant

SPEC = "conformance-rules.html#constraints"
# Invariants that other files check: json_shape, extension, contained, narrative, best_practice.
NATIVE = {"ele-1", "ext-1", "dom-2", "dom-3", "dom-4", "dom-5", "dom-6", "txt-1", "txt-2"}


def _local_target(spot: Spot, scope: Scope) -> bool | None:
    """ref-1 of R4: a local reference leads to a contained resource; None where the expression itself must be asked.

    Asked one by one, references and contained resources would meet each other all.
    """
    reference = spot.value.get("reference") if isinstance(spot.value, dict) else None
    if not isinstance(reference, str):
        return None
    return reference[:1] != "#" or reference == "#" or reference[1:] in contained_in(scope.root, scope)


# Functions of FHIRPath after N1, and of other engines, that are not here.
LATER = frozenset(
    {"alias", "aliasAs", "avg", "check", "coalesce", "convertsToLong", "difference", "duration", "expand",
     "getReferenceKey", "getResourceKey", "hasTemplateIdOf", "htmlChecks1", "item", "lookup", "max", "min",
     "repeatAll", "sum", "toLong", "translate", "validateCS", "validateVS"}
)  # fmt: skip
# Invariants of R4 that have a quick answer.
QUICK = {"ref-1": _local_target}


@dataclass(frozen=True, slots=True, eq=False)
class Invariant:
    """One expression on each value; ``severity`` None where it is good practice, whose severity the options say."""

    key: str
    severity: Severity | None
    expression: str
    compiled: Compiled | None
    why: str
    profile: str | None
    unreadable: bool = False

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Evaluate."""
        rule = "invariant." + self.key.partition("~")[0]
        severity = self.severity or SEVERITIES.get(scope.run.options.best_practice)
        if severity is None:
            return NONE
        if self.compiled is None and self.unreadable:
            return finding(
                rule, spot, f"The rule {self.key} of the profile cannot be used: {self.why}.", severity=severity,
                code="invariant", profile=self.profile, spec=SPEC,
            )  # fmt: skip
        if self.compiled is None:
            scope.run.undecided(rule, spot, self.why)
            return NONE
        plan = plan_of(spot)
        if plan is None:
            return NONE
        extra = spot.extra if spot.extra.__class__ is dict and spot.value.__class__ is not dict else None
        known = QUICK[self.key](spot, scope) if self.key in QUICK else None
        if known is not None:
            return NONE if known else self._broken(rule, spot, severity)
        try:
            if self.compiled.holds(Node(spot.value, plan.info, extra), scope.context):
                return NONE
        except Undecided as unknown:
            scope.run.undecided(rule, spot, unknown.reason)
            return NONE
        except FHIRPathError as error:
            return self._failed(rule, spot, error, severity)
        return self._broken(rule, spot, severity)

    def _broken(self, rule: str, spot: Spot, severity: Severity) -> Findings:
        return finding(
            rule, spot, f"The rule {self.key} does not hold: {self.expression}", severity=severity,
            code="invariant", profile=self.profile, spec=SPEC,
        )  # fmt: skip

    def _failed(self, rule: str, spot: Spot, error: FHIRPathError, severity: Severity) -> Findings:
        """An expression that these values do not let be worked out: the validator cannot say that it holds."""
        return finding(
            rule, spot, f"The rule {self.key} could not be worked out ({error.kind}).", severity=severity,
            code="invariant", profile=self.profile, spec=SPEC,
        )  # fmt: skip


def make(element: Element, build: Build) -> Iterator[Rule]:
    """The invariants of an element that its type does not ask already."""
    for key in element.facts.get("constraint") or ():
        row = build.constraints.get(key) or {}
        expression = row.get("expression")
        if not expression or key in NATIVE or _asked(key, expression, build):
            continue
        yield _compiled(key, row, build)


def _asked(key: str, expression: str, build: Build) -> bool:
    if build.base is not None:
        return build.base.holds(key, expression)
    if build.typed:
        return False
    root = build.compiler.baseline.root(build.type)
    return root is not None and key in (root.element.facts.get("constraint") or ())


def _compiled(key: str, row: dict[str, str], build: Build) -> Invariant:
    compiled, why, unreadable = None, "", False
    try:
        compiled = compile(meant(row["expression"]), published=True)
    except FHIRPathError as error:
        why = f"its expression cannot be compiled: {error}"
        unreadable = not any(f"function {name}()" in why for name in LATER)
    told: Severity = "error" if row.get("severity", "error") == "error" else "warning"
    severity = None if row.get("bestPractice") else told
    return Invariant(key, severity, row["expression"], compiled, why, build.profile, unreadable)
