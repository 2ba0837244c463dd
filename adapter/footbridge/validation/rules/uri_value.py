"""URLs: example URLs, canonicals that are relative or lead nowhere (rules uri.example, uri.canonical, uri.fragment)."""

import re
from dataclasses import dataclass

from footbridge.validation.core.children import plan_of
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

# A scheme in lower case, and something after it; of systems those schemes that can name one.
_ABSOLUTE = re.compile(r"(?:[a-z][a-z0-9_]*|urn):[^ ]")
_SYSTEM = re.compile(r"https?:|urn:")
# What the HL7 validator takes for an example's host: of a canonical, of another URL.
_EXAMPLE = re.compile(r"https?://.*?(?:example\.(?:org|com|net)|acme\.(?:org|com))")
_EXAMPLE_HOST = re.compile(r"https?://.*?(?:example\.org|acme\.com)")


def is_example(url: str) -> bool:
    """Whether a URL is one of those that are kept for examples."""
    return _EXAMPLE.match(url) is not None


def is_example_host(url: str) -> bool:
    """Whether a URL that is no canonical is one of those that are kept for examples."""
    return _EXAMPLE_HOST.match(url) is not None


def is_absolute(url: str) -> bool:
    """Whether a URL is absolute; schemes are in lower case."""
    return _ABSOLUTE.match(url) is not None


def is_system(url: str) -> bool:
    """Whether a URI can be a system: of codes, of identifiers."""
    return _SYSTEM.match(url) is not None


def is_own(spot: Spot) -> bool:
    """Whether a URL is what something is called by: a definition's own, the identity of an entry."""
    path = spot.slot.path
    if path[-4:] != ".url" or spot.parent is None:
        return path == "Bundle.entry.fullUrl"
    plan = plan_of(spot.parent)
    return plan is not None and plan.kind == "resource"


@dataclass(frozen=True, slots=True)
class ExampleUrl:
    """No example URLs where none are allowed."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look for an example's host."""
        value = spot.value
        if value.__class__ is not str or scope.run.options.allow_example_urls:
            return NONE
        if spot.slot.type == "canonical":
            if not is_example(value):
                return NONE
        elif not is_example_host(value) or is_own(spot):
            return NONE
        return finding(
            "uri.example", spot, "An example URL is not allowed here.", code="value", spec="datatypes.html#uri"
        )


@dataclass(frozen=True, slots=True)
class AbsoluteCanonical:
    """A canonical is absolute, or a fragment that names a contained resource."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look for a scheme, or for what is contained."""
        value = spot.value
        if value.__class__ is not str or is_absolute(value):
            return NONE
        if value[:1] == "#":
            return NONE if _is_contained(value[1:], scope) else finding(
                "uri.fragment", spot, "The canonical names a contained resource that is not there.", code="not-found",
                spec="references.html#canonical",
            )  # fmt: skip
        return _not_absolute(spot)


@dataclass(frozen=True, slots=True)
class CanonicalUrl:
    """``url`` of a definition: absolute, as others refer to it (https://hl7.org/fhir/R4/references.html#canonical)."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Look for a scheme."""
        url = spot.value.get("url")
        if url.__class__ is not str or is_absolute(url):
            return NONE
        return _not_absolute(spot.child("url"))


def _not_absolute(where: Spot | str) -> Findings:
    return finding(
        "uri.canonical", where, "A canonical URL must be absolute.", code="value", spec="references.html#canonical"
    )


def _is_contained(identity: str, scope: Scope) -> bool:
    rows = scope.root.get("contained")
    return any(isinstance(row, dict) and row.get("id") == identity for row in (rows if isinstance(rows, list) else ()))
