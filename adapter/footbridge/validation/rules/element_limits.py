"""Limits that a profile sets by extensions of its elements (rules profile.form, profile.value-needed).

https://hl7.org/fhir/extensions/StructureDefinition-minLength.html, .../StructureDefinition-maxDecimalPlaces.html,
.../StructureDefinition-maxSize.html, .../StructureDefinition-regex.html; R5 has the last two as elements:
https://hl7.org/fhir/R5/elementdefinition-definitions.html#ElementDefinition.mustHaveValue, .valueAlternatives.

profile.form          too short, too large, with too many decimal places, or not of the form that a regex asks for
profile.value-needed  no value, where one is needed or a certain extension in its place
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings, Rule
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath import FHIRPathError, Undecided, regular
from footbridge.validation.rules.rows import rows_of

SPEC = "elementdefinition.html"
Json = Any


@dataclass(frozen=True, slots=True, eq=False)
class ElementLimits:
    """``limits`` by name, as ``footbridge.validation.definitions.facts`` has them."""

    limits: dict[str, Json]
    profile: str | None

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Hold the value against each limit."""
        return list(self._faults(spot))

    def _faults(self, spot: Spot) -> Iterator[Issue]:
        if spot.value is None:
            yield from self._absent(spot)
            return
        for name, test in TESTS.items():
            limit = self.limits.get(name)
            if limit is not None and (words := test(spot.value, limit)):
                yield from self._told("profile.form", spot, words)

    def _absent(self, spot: Spot) -> Iterator[Issue]:
        """A primitive with extensions alone."""
        if self.limits.get("mustHaveValue") is True:
            yield from self._told("profile.value-needed", spot, "The element must have a value.")
        wanted = self.limits.get("valueAlternatives")
        there = [row.get("url") for row in rows_of(spot.extra.get("extension"))] if isinstance(spot.extra, dict) else []
        if isinstance(wanted, list) and wanted and not any(isinstance(one, str) and one in there for one in wanted):
            words = "Without a value the element needs one of the extensions that the profile names."
            yield from self._told("profile.value-needed", spot, words)

    def _told(self, rule: str, spot: Spot, words: str) -> Findings:
        return finding(rule, spot, words, code="value", profile=self.profile, spec=SPEC)


def _too_short(value: Json, least: Json) -> str:
    short = isinstance(value, str) and isinstance(least, int) and len(value) < least
    return f"The value has fewer than {least} characters." if short else ""


def _too_precise(value: Json, most: Json) -> str:
    number = value.get("value") if isinstance(value, dict) else value
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal) or not isinstance(most, int):
        return ""
    digits = str(number).partition(".")[2]
    return f"The value has more than {most} decimal places." if len(digits) > most else ""


def _too_large(value: Json, most: Json) -> str:
    data = value.get("data") if isinstance(value, dict) else value
    if not isinstance(data, str) or isinstance(most, bool) or not isinstance(most, int | float | Decimal):
        return ""
    bare = "".join(data.split())
    size = len(bare) * 3 // 4 - bare[-2:].count("=")
    return f"The content has more than {most} bytes." if size > most else ""


def _ill_formed(value: Json, expression: Json) -> str:
    if not isinstance(value, str) or not isinstance(expression, str):
        return ""
    try:
        matches = regular.pattern(expression).fullmatch(value)
    except (FHIRPathError, Undecided):
        return ""
    return "" if matches else "The value does not have the form that the profile asks for."


TESTS: dict[str, Callable[[Json, Json], str]] = {
    "minLength": _too_short,
    "maxDecimalPlaces": _too_precise,
    "maxSize": _too_large,
    "regex": _ill_formed,
}


def make(element: Element, build: Build) -> Iterator[Rule]:
    """The limits that the type has not."""
    limits = element.facts.get("limits")
    if limits and (build.new is None or build.new.facts.get("limits") != limits):
        yield ElementLimits(limits, build.profile)
