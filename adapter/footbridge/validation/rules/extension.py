"""Extensions: known, in the right place, of the right kind, with what their definition asks.

https://hl7.org/fhir/R4/extensibility.html
extension.unknown   no loaded package defines the URL
extension.nested    the extension around does not have this part
extension.context   not allowed on this element (its definition's ``context``)
extension.modifier  a modifier outside of ``modifierExtension``, or the other way round
extension.state     its definition is not to be used any more
extension.version   its definition is for other versions of FHIR
extension.content   neither value nor extensions, or both (invariant ext-1)
"""

import functools
import re
from dataclasses import dataclass
from typing import Any

from footbridge.data import read_json
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.extension_context import allowed_here, is_for_r4

SPEC = "extensibility.html"
_OTHER_VERSION = re.compile(
    r"http://hl7\.org/fhir/(1\.0|3\.0|4\.0|4\.3|5\.0)/StructureDefinition/extension-[A-Z][A-Za-z]+(\.[A-Za-z\[\]]+)+\Z"
)
# What the build of FHIR itself leaves in the definitions that it publishes; no package defines them.
_BUILD = "http://hl7.org/fhir/build/StructureDefinition/"
# R4's own types have these with other values, and in other places, than the extensions' later definitions allow.
_AS_R4_HAS = frozenset(
    f"http://hl7.org/fhir/StructureDefinition/{name}" for name in ("structuredefinition-fhir-type", "regex")
)
# Extensions that nobody need define, by a part of their URLs, as the HL7 validator has them: DICOM's, and examples'.
_FREE = ("nema.org",)
_EXAMPLES = ("example.org", "acme.com")


@dataclass(frozen=True, slots=True)
class KnownExtension:
    """Each extension is checked by the definition that its URL names."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Find the definition, and check against it."""
        value = spot.value
        url = value.get("url")
        found = _content(spot, value)
        if url.__class__ is not str:
            return found if "url" in value or "_url" not in value else finding(
                "extension.unknown", spot, "An extension is known by its url; this one has none.", code="structure",
                spec=SPEC,
            )  # fmt: skip
        if ":" not in url:
            return _nested(spot, url, scope) or found
        engine = scope.run.engine
        facts = engine.definitions.extension(url)
        if facts is None:
            return _unknown(spot, url, scope) or found
        if url in _AS_R4_HAS and spot.parent is not None and spot.parent.slot.path == "ElementDefinition.type":
            return found
        found = _modifier(spot, facts) or found
        if not found and not allowed_here(spot, facts, scope):
            found = finding(
                "extension.context", spot, f"The extension {url} is not allowed on this element.", code="structure",
                spec=SPEC + "#context",
            )  # fmt: skip
        engine.check_profile(spot, url, scope)
        return found or _state(spot, facts)


def _state(spot: Spot, facts: dict[str, Any]) -> Findings:
    if not is_for_r4(facts):
        return finding(
            "extension.version", spot.parent or spot, "An extension here is for other versions of FHIR.",
            code="business-rule", spec=SPEC,
        )  # fmt: skip
    if facts.get("state") is None:
        return NONE
    return finding(
        "extension.state", spot, f"The extension is {facts['state']}.", severity="information", code="business-rule",
        spec=SPEC,
    )  # fmt: skip


def _content(spot: Spot, value: dict[str, Any]) -> Findings:
    valued = any(key[:5] == "value" or key[:6] == "_value" for key in value)
    if valued != bool(value.get("extension")):
        return NONE
    words = "both a value and extensions" if valued else "neither a value nor extensions"
    return finding("extension.content", spot, f"The extension has {words}.", code="invariant", spec=SPEC)


def _nested(spot: Spot, url: str, scope: Scope) -> Findings:
    """A relative URL: a part of the extension around, which must define it."""
    outer = spot.parent
    if outer is None or outer.slot.type != "Extension":
        return finding(
            "extension.unknown", spot, "The URL of an extension must be absolute here.", code="value", spec=SPEC
        )
    known = scope.run.engine.parts_of(outer)
    if known is None or url in known:
        return NONE
    return finding(
        "extension.nested", spot, "The extension around this one has no part of this name.", code="structure", spec=SPEC
    )


def _unknown(spot: Spot, url: str, scope: Scope) -> Findings:
    options = scope.run.options
    if url.startswith(_BUILD):
        return NONE
    if other := _OTHER_VERSION.match(url):
        if spot.slot.key != "modifierExtension" and other[1] in _modifies(url.partition("/extension-")[2]):
            return finding(
                "extension.modifier", spot, "The element of the other version of FHIR is a modifier: the extension "
                "belongs in modifierExtension.", code="structure", spec="versions.html#extensions",
            )  # fmt: skip
        scope.run.undecided("extension.unknown", spot, "an extension for an element of another version of FHIR")
        return NONE
    free = (*_FREE, *_EXAMPLES) if options.allow_example_urls else _FREE
    if options.unknown_extensions or any(part in url for part in free):
        return NONE
    return finding(
        "extension.unknown", spot, "The extension's URL is not known: no loaded package defines it.", code="structure",
        spec=SPEC,
    )  # fmt: skip


@functools.cache
def _modifies(path: str) -> tuple[str, ...]:
    """The other versions of FHIR in which an element is a modifier."""
    row = read_json("profiles", "other-versions.json")["modifiers"].get(path) or {}
    return tuple(row.get("versions", ()))


def _modifier(spot: Spot, facts: dict[str, Any]) -> Findings:
    rows = facts.get("snapshot") or [{}]
    is_modifier = bool(rows[0].get("isModifier"))
    if is_modifier == (spot.slot.key == "modifierExtension"):
        return NONE
    words = "is a modifier, so it belongs" if is_modifier else "is no modifier, so it does not belong"
    return finding(
        "extension.modifier", spot, f"The extension {words} in modifierExtension.", code="structure", spec=SPEC
    )
