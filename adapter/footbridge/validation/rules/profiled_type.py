"""A value whose type is profiled: a Quantity as SimpleQuantity, a resource as a profile (rule profile.conforms)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import CORE, Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, Rule
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot


@dataclass(frozen=True, slots=True)
class ProfiledType:
    """The value, when of type ``type``, conforms to one of ``profiles``."""

    type: str
    profiles: tuple[str, ...]
    profile: str | None

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Check one profile in full; of several, one must be met."""
        engine = scope.run.engine
        name = engine.type_of(spot)
        if name != self.type or spot.value is None:
            return NONE
        if name == "Extension" and _named(spot.value) in self.profiles:
            return NONE  # the extension rule checks it by its URL
        if len(self.profiles) == 1:
            engine.check_profile(spot, self.profiles[0], scope)
            return NONE
        verdicts = [engine.conforms(spot, url, scope) for url in self.profiles]
        if any(verdicts) or None in verdicts:
            return NONE
        return finding(
            "profile.conforms", spot, f"The value meets none of the profiles {', '.join(self.profiles)}.",
            code="structure", profile=self.profile, spec="profiling.html",
        )  # fmt: skip


def _named(value: Any) -> str | None:  # noqa: ANN401 - JSON is any value
    url = value.get("url") if isinstance(value, dict) else None
    return url if isinstance(url, str) else None


def make(element: Element, build: Build) -> Iterator[Rule]:
    """Types with profiles that the base does not name."""
    old = {} if build.new is None else {code: row.get("profile") for code, row in _typed(build.new)}
    for code, row in _typed(element):
        profiles = tuple(url for url in row.get("profile") or () if url != CORE + code)
        if code == "Extension":
            profiles = tuple(url.partition("|")[0] for url in profiles)
        if not profiles or old.get(code) == row.get("profile") or (build.type and code != build.type):
            continue
        yield ProfiledType(code, profiles, build.profile)


def _typed(element: Element) -> Iterator[tuple[str, dict[str, list[str]]]]:
    return zip(element.codes, element.types, strict=True)
