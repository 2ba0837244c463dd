"""The user's own value sets, code systems and concept maps, ready to be asked.

Answers have three values: yes, no, and None where the resource alone cannot tell (a filter, a value set
that is not at hand, an expansion that was cut). https://hl7.org/fhir/R4/valueset.html#compositions
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from footbridge.terminology.codesystems import flat_concepts

Resource = dict[str, Any]
_OID = "urn:oid:"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Resources by url; by OID too where a value set has one."""

    value_sets: dict[str, Resource] = field(default_factory=dict)
    code_systems: dict[str, Resource] = field(default_factory=dict)
    concept_maps: dict[str, Resource] = field(default_factory=dict)
    _codes: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, resources: Iterable[Resource]) -> "Loaded":
        """Index resources; of two with one url the later counts."""
        found = cls()
        shelves = {
            "ValueSet": found.value_sets,
            "CodeSystem": found.code_systems,
            "ConceptMap": found.concept_maps,
        }
        for resource in resources:
            shelf = shelves[resource["resourceType"]]
            shelf[resource["url"]] = resource
            if resource["resourceType"] == "ValueSet":
                for oid in _oids(resource):
                    shelf[oid] = resource
        return found

    def value_set(self, name: str) -> Resource | None:
        """A value set by canonical, with or without a version, or by OID."""
        plain, _, version = name.partition("|")
        found = self.value_sets.get(plain) or self.value_sets.get(plain.removeprefix(_OID))
        if found is None or (version and found.get("version") not in {version, None}):
            return None
        return found

    def has_code(self, system: str, code: str) -> bool | None:
        """Whether a loaded CodeSystem has the code; None when none is loaded, or only a part of it."""
        resource = self.code_systems.get(system.partition("|")[0])
        if resource is None:
            return None
        if (system, code) in self._known(system, resource):
            return True
        return False if resource.get("content") == "complete" else None

    def member(self, name: str, system: str, code: str) -> bool | None:
        """Whether a loaded value set holds a code; None when it is not loaded or cannot tell."""
        return self._member(name, system, code, frozenset())

    def codes(self, name: str) -> tuple[list[Resource], bool] | None:
        """The codings that a value set enumerates, and whether that is all of it; None: not loaded."""
        resource = self.value_set(name)
        if resource is None:
            return None
        return self._enumerate(resource, frozenset({resource["url"]}))

    def _known(self, url: str, resource: Resource) -> frozenset[tuple[str, str]]:
        if url not in self._codes:
            if resource["resourceType"] == "CodeSystem":
                pairs = ((url, concept["code"]) for concept in flat_concepts(resource))
            else:
                pairs = ((item.get("system", ""), item["code"]) for item in expansion(resource))
            self._codes[url] = frozenset(pairs)
        return self._codes[url]

    def _member(self, name: str, system: str, code: str, above: frozenset[str]) -> bool | None:
        resource = self.value_set(name)
        if resource is None or resource["url"] in above:
            return None
        if "contains" in resource.get("expansion", {}):
            if (system, code) in self._known("expansion of " + resource["url"], resource):
                return True
            return False if _is_whole(resource) else None
        compose = resource.get("compose")
        if compose is None:
            return None
        inside = above | {resource["url"]}
        included = _any(self._in_part(part, system, code, inside) for part in compose.get("include", []))
        excluded = _any(self._in_part(part, system, code, inside) for part in compose.get("exclude", []))
        return _all([included, None if excluded is None else not excluded])

    def _in_part(self, part: Resource, system: str, code: str, above: frozenset[str]) -> bool | None:
        """One include or exclude: its system part and every value set that it names must hold the code."""
        answers = [self._member(name, system, code, above) for name in part.get("valueSet", [])]
        if "system" in part:
            answers.append(self._in_system(part, system, code))
        return _all(answers)

    def _in_system(self, part: Resource, system: str, code: str) -> bool | None:
        if part["system"] != system:
            return False
        if "concept" in part:
            return any(item.get("code") == code for item in part["concept"])
        return None if part.get("filter") else self.has_code(system, code) is not False

    def _enumerate(self, resource: Resource, above: frozenset[str]) -> tuple[list[Resource], bool]:
        if "contains" in resource.get("expansion", {}):
            return list(expansion(resource)), _is_whole(resource)
        compose = resource.get("compose", {})
        found: list[Resource] = []
        whole = "compose" in resource and not compose.get("exclude")
        for part in compose.get("include", []):
            items, all_of_it = self._enumerate_part(part, above)
            found += items
            whole = whole and all_of_it
        if compose.get("exclude"):
            found = [item for item in found if self.member(resource["url"], item["system"], item["code"])]
        return found, whole

    def _enumerate_part(self, part: Resource, above: frozenset[str]) -> tuple[list[Resource], bool]:
        names = part.get("valueSet", [])
        if "system" in part:
            found, whole = self._enumerate_system(part)
            kept = [
                item
                for item in found
                if _all(self._member(n, item["system"], item["code"], frozenset()) for n in names)
            ]
            return kept, whole and not names
        inner = self.value_set(names[0]) if len(names) == 1 else None
        if inner is None or inner["url"] in above:
            return [], False
        return self._enumerate(inner, above | {inner["url"]})

    def _enumerate_system(self, part: Resource) -> tuple[list[Resource], bool]:
        system = part["system"]
        if "concept" in part:
            return [{"system": system, **_coding(item)} for item in part["concept"]], True
        resource = self.code_systems.get(system)
        if resource is None or part.get("filter"):
            return [], False
        items = [{"system": system, **_coding(item)} for item in flat_concepts(resource)]
        return items, resource.get("content") == "complete"


def expansion(resource: Resource) -> Iterator[Resource]:
    """The codings of a value set's expansion, nested ones too, abstract ones left out."""
    waiting = list(reversed(resource["expansion"].get("contains", [])))
    while waiting:
        item = waiting.pop()
        waiting += reversed(item.get("contains", []))
        if "code" in item and not item.get("abstract"):
            yield {"system": item.get("system", ""), **_coding(item)}


def _coding(item: Resource) -> Resource:
    return {key: item[key] for key in ("code", "display") if key in item}


def _is_whole(resource: Resource) -> bool:
    """Whether an expansion holds everything: not a page of it, not cut."""
    part = resource["expansion"]
    total = part.get("total", 0)
    return not part.get("offset") and total <= sum(1 for _ in expansion(resource))


def _oids(resource: Resource) -> Iterator[str]:
    for identifier in resource.get("identifier", []):
        value = identifier.get("value", "")
        if value.startswith(_OID):
            yield value.removeprefix(_OID)
    tail = resource["url"].rpartition("/")[2]
    if tail.replace(".", "").isdigit() and "." in tail:
        yield tail


def _any(answers: Iterable[bool | None]) -> bool | None:
    """Three-valued or: yes wins, then not known."""
    found = list(answers)
    return True if True in found else (None if None in found else False)


def _all(answers: Iterable[bool | None]) -> bool | None:
    """Three-valued and: no wins, then not known."""
    found = list(answers)
    return False if False in found else (None if None in found else True)
