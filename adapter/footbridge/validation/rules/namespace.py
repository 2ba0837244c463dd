"""A URL in HL7's own namespace that nothing defines (rule uri.undefined).

``http://hl7.org/fhir/...`` names definitions of FHIR and of HL7's guides alone (https://hl7.org/fhir/R4/uri.html), so
one that no loaded package has is misspelt. ``profiles/namespaces.json`` lists registered systems without a definition,
and the guides that are embedded. URLs of other guides are let be, unless the name is nearly that of an embedded one;
so are web pages, and what the embedded packages do not carry (search parameters, operations and the like).
"""

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from footbridge.data import read_json
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.uri_value import is_own

if TYPE_CHECKING:
    from footbridge.validation.core.context import ValidationContext

NAMESPACE = "http://hl7.org/fhir"
SID = NAMESPACE + "/sid/"
FHIRPATH = "http://hl7.org/fhirpath/"
LONGEST = 500  # characters of a URL that is remembered
REMEMBERED = 10_000
KINDS = ("StructureDefinition", "CodeSystem", "ValueSet", "Questionnaire")
# What a definition says of other standards, and what rule extension.unknown looks up.
OTHERS = frozenset({"StructureDefinition.type", "StructureDefinition.mapping.uri", "Extension.url"})
_NOT_CARRIED = re.compile(
    r"/(?:SearchParameter|OperationDefinition|CapabilityStatement|ImplementationGuide|ConceptMap|NamingSystem|Library|"
    r"Measure|StructureMap|CompartmentDefinition|GraphDefinition|MessageDefinition|ActivityDefinition|PlanDefinition|"
    r"ExampleScenario|TestScript|TerminologyCapabilities)/"
)
_OTHER_VERSION = re.compile(r"http://hl7\.org/fhir/\d\.\d/StructureDefinition/extension-")
_GUIDE = re.compile(r"/([a-z]{2}/[a-z0-9\-]{1,60})(?:/|\Z)")
_PASSPORT = re.compile(r"passport-[A-Za-z]{3}\Z")


@dataclass(frozen=True, slots=True)
class DefinedUrl:
    """A uri or url in the namespace leads to a definition."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look it up; each URL once an engine."""
        value = spot.value
        if value.__class__ is not str or not value.startswith(NAMESPACE):
            return NONE
        if spot.slot.path == "ValueSet.expansion.parameter.value[x]":
            value = value.partition("|")[0]  # used-codesystem and the like have a version at the end
        if is_known(value, scope.run.engine) or spot.slot.path in OTHERS or is_own(spot) or _beside(value, scope):
            return NONE
        return finding(
            "uri.undefined", spot, "The URL is one of HL7's own, and no loaded package defines it.", code="not-found",
            spec="uri.html",
        )  # fmt: skip


def is_known(url: str, engine: "ValidationContext") -> bool:
    """Whether a URL in the namespace leads to a definition, or is one of those that need none; remembered."""
    known = engine.known_urls
    answer = known.get(url)
    if answer is None:
        if len(known) >= REMEMBERED:
            known.clear()
        answer = _defined(url, engine)
        if len(url) <= LONGEST:
            known[url] = answer
    return answer


def _beside(url: str, scope: Scope) -> bool:
    """Whether a resource contained in the same one, or an entry of the same Bundle, is what the URL names."""
    if url in _urls(scope.root.get("contained"), scope):
        return True
    return scope.bundle is not None and url in _urls(scope.bundle.bundle.get("entry"), scope)


def _urls(rows: Any, scope: Scope) -> set[str]:  # noqa: ANN401 - JSON is any value
    """The URLs of resources in a list of them, or of entries; worked out once a run."""
    if not isinstance(rows, list):
        return set()
    key = ("urls", id(rows))
    found: set[str] | None = scope.run.memo.get(key)
    if found is None:
        inner = (row.get("resource", row) for row in rows if isinstance(row, dict))
        named = (one.get("url") for one in inner if isinstance(one, dict))
        found = scope.run.memo[key] = {url for url in named if isinstance(url, str)}
    return found


def _defined(url: str, engine: "ValidationContext") -> bool:
    if url.startswith(FHIRPATH):
        return True
    if url.startswith(SID):
        name = url.removeprefix(SID)
        return name in _listed("sid") or _PASSPORT.match(name) is not None or _loaded(url, engine)
    guide = _GUIDE.match(url, len(NAMESPACE))
    if guide is not None and guide[1] not in _listed("guides"):
        return not _is_nearly_one(guide[1])
    if ".html" in url:
        return True
    return bool(_NOT_CARRIED.search(url) or _OTHER_VERSION.match(url)) or _loaded(url, engine)


def _is_nearly_one(guide: str) -> bool:
    """Whether the name of a guide is that of an embedded one with a slip."""
    from difflib import get_close_matches  # noqa: PLC0415 - seldom used

    return bool(get_close_matches(guide, _listed("guides"), n=1, cutoff=0.9))


def _loaded(url: str, engine: "ValidationContext") -> bool:
    """Whether a definition has the URL; a part of it (``#Patient.name``) is looked for without that."""
    entry = engine.definitions.entry
    whole = url.partition("#")[0]
    return "|" not in url and any(entry(kind, whole) is not None for kind in KINDS)


@functools.cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(read_json("profiles", "namespaces.json")[name])
