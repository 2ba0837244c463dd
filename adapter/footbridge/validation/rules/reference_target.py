"""What a reference may lead to: types, profiles, aggregation (rules reference.type, .profile, .aggregation, .missing).

https://hl7.org/fhir/R4/references.html. A target inside the document is looked at; one outside of it only when the
options say so. The type is told by the target, by the form of the URL, or by ``Reference.type``,
which must be an allowed one whatever the target; without a reference it is believed as far as a URL is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import CORE, Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, Rule
from footbridge.validation.core.references import Target, type_in_url
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

SPEC = "references.html"


@dataclass(frozen=True, slots=True)
class ReferenceTarget:
    """``targets`` are canonical URLs of types and profiles; ``aggregation`` says where targets may stand."""

    targets: tuple[str, ...]
    aggregation: tuple[str, ...]
    profile: str | None

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look at where the reference leads."""
        value = spot.value
        if value.__class__ is not dict:
            return NONE
        reference = value.get("reference")
        target = scope.run.engine.resolve(reference, scope) if isinstance(reference, str) else None
        stated = value.get("type")
        if self.targets and reference.__class__ is str and stated.__class__ is str:
            told = stated.removeprefix(CORE)
            if not scope.run.engine.accepting(self.targets, told):
                return self._wrong_type(told, spot, sure=True)
        name = _type_of(value, reference, target)
        if name is not None and self.targets:
            accepted = scope.run.engine.accepting(self.targets, name)
            if not accepted:
                return self._wrong_type(name, spot, sure=_is_sure(target, reference, scope))
            if target is not None:
                found = self._profile(accepted, target, spot, scope)
                if found:
                    return found
        return self._aggregation(reference, target, spot) if self.aggregation else NONE

    def _wrong_type(self, name: str, spot: Spot, *, sure: bool) -> Findings:
        wanted = ", ".join(url.removeprefix(CORE) for url in self.targets)
        shown = name if name.isalpha() else "that type"
        return finding(
            "reference.type", spot, f"The reference leads to {shown}; it must lead to {wanted}.", code="invalid",
            severity="error" if sure else "warning", profile=self.profile, spec=SPEC,
        )  # fmt: skip

    def _profile(self, accepted: tuple[str, ...], target: Target, spot: Spot, scope: Scope) -> Findings:
        """Of the profiles that accept the type one must be met."""
        engine = scope.run.engine
        if any(url.removeprefix(CORE).isalpha() and url.startswith(CORE) for url in accepted):
            return NONE
        verdicts = [engine.target_conforms(target, url, scope) for url in accepted]
        if any(verdicts) or None in verdicts:
            return NONE
        return finding(
            "reference.profile", spot, f"The target meets none of the profiles {', '.join(accepted)}.",
            code="structure", profile=self.profile, spec=SPEC,
        )  # fmt: skip

    def _aggregation(self, reference: Any, target: Target | None, spot: Spot) -> Findings:  # noqa: ANN401
        if not isinstance(reference, str) or not reference:
            return NONE
        place = "contained" if reference.startswith("#") else "bundled" if target and target.bundled else "referenced"
        if place in self.aggregation:
            return NONE
        return finding(
            "reference.aggregation", spot, f"The target is {place}; allowed is {' or '.join(self.aggregation)}.",
            code="invalid", profile=self.profile, spec=SPEC,
        )  # fmt: skip


def _is_sure(target: Target | None, reference: Any, scope: Scope) -> bool:  # noqa: ANN401 - JSON is any value
    """Whether the type is more than what a URL looks like, which nobody follows.

    A type and an id lead to an entry of a Bundle only from an entry whose fullUrl is on the same server
    (https://hl7.org/fhir/R4/bundle.html#references).
    """
    options = scope.run.options
    if options.assume_rest or options.references != "ignore":
        return True
    if target is None or not target.bundled or scope.bundle is None or ":" in reference:
        return target is not None
    return scope.full_url is not None and bool(scope.bundle.exact(reference, scope.full_url))


def _type_of(value: dict[str, Any], reference: Any, target: Target | None) -> str | None:  # noqa: ANN401
    if target is not None:
        name = target.resource.get("resourceType")
        return name if isinstance(name, str) else None
    told = type_in_url(reference) if isinstance(reference, str) else None
    if told is None and isinstance(value.get("type"), str):
        told = value["type"].removeprefix(CORE)
    return told


def make(element: Element, build: Build) -> Iterator[Rule]:
    """Targets that are narrower than the type's."""
    if build.type and build.type != "Reference":
        return
    targets, aggregation = _targets(element)
    if build.new is not None and (targets, aggregation) == _targets(build.new):
        return
    if targets or aggregation:
        yield ReferenceTarget(targets, aggregation, build.profile)


def _targets(element: Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
    targets: list[str] = []
    aggregation: list[str] = []
    for code, row in zip(element.codes, element.types, strict=True):
        if code == "Reference":
            targets += row.get("targetProfile") or ()
            aggregation += row.get("aggregation") or ()
    return tuple(targets), tuple(dict.fromkeys(aggregation))
