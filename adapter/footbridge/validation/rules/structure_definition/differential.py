"""Whether a differential fits its base (rule definition.differential; https://hl7.org/fhir/R4/profiling.html).

The snapshot is made as it would be to validate with it; what hinders that is told at the definition. Besides, a
profile may not take types, targets or slices that the base does not have, and slices by type have rules of their own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.core.definitions import Definitions, Facts
from footbridge.validation.core.elements import SYSTEM
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.definitions.facts import facts_of
from footbridge.validation.definitions.shape import fault_of
from footbridge.validation.rules.equality import fits
from footbridge.validation.rules.rows import Row, rows_of, text_of
from footbridge.validation.rules.structure_definition.derived import Derived, before, out_of_order, twice
from footbridge.validation.snapshot.generate import generate
from footbridge.validation.snapshot.merge import unlike
from footbridge.validation.snapshot.tree import SnapshotError

SPEC = "profiling.html"
ANY_RESOURCE = frozenset({"Resource", "DomainResource"})
EXTENSIONS = ("extension", "modifierExtension")
LONGEST = 64  # characters of a part of a path, as ids have them
_VALUED = re.compile("(?:fixed|pattern)[A-Z]")
_PART = re.compile(r"[^\s.,:;'\"/|?!@#$%&*()\[\]{}]+(\[x\])?\Z")


@dataclass(frozen=True, slots=True)
class DefinitionDifferential:
    """The differential, laid over the snapshot of the base."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Compare each element with that of the base, then make the snapshot."""
        return list(self._faults(spot, scope))

    def _faults(self, spot: Spot, scope: Scope) -> Iterator[Issue]:
        definition, where = spot.value, str(spot)
        holder = definition.get("differential")
        rows = rows_of(holder.get("element") if isinstance(holder, dict) else None)
        faults = list(_paths(rows, str(definition.get("type")).rpartition("/")[2]))
        definitions = scope.run.engine.definitions
        base = definitions.structure(str(definition.get("baseDefinition")))
        fits = base is not None and base.get("type") == definition.get("type")
        if base is not None and fits and not faults and definition.get("derivation") == "constraint":
            elements = _Base(base, definitions)
            for at, row in enumerate(rows):
                scope.tick(1)
                faults += elements.faults(row)
                if "meaningWhenMissing" in row and not str(row.get("path")).endswith(EXTENSIONS):
                    words = "What it means that an element is missing is said by its type, not by a profile."
                    yield from _told(f"{where}.differential.element[{at}]", words)
                if elements.loosens(row):
                    words = "The fixed value or pattern is not within that of the base."
                    yield from _told(f"{where}.differential.element[{at}]", words)
                if "slicing" in row and elements.is_single(row):
                    words = "An element that does not repeat has no slices."
                    faults.append(words)
                    yield from _told(f"{where}.differential.element[{at}].slicing", words)
            faults += [*_by_type(rows), *_snapshot(definition, scope)]
            faults += [*out_of_order(rows, base["snapshot"]), *twice(rows), *before(rows), *elements.alone(rows)]
        for words in dict.fromkeys(faults):
            yield from _told(where, words)


def _told(where: str, words: str) -> Findings:
    return finding("definition.differential", where, words, code="invalid", spec=SPEC)


def _paths(rows: list[Row], kind: str) -> Iterator[str]:
    for row in rows:
        path = row.get("path")
        if not isinstance(path, str) or not path:
            continue
        parts = path.split(".")
        if any(len(part) > LONGEST for part in parts):
            yield f"A part of the path {path[:40]}... has more than {LONGEST} characters."
        elif not all(_PART.match(part) for part in parts):
            yield f"The path {path[:60]} is not valid."
        elif parts[0] != kind and kind:
            yield f"The path {path[:60]} does not start with {kind}."


@dataclass(frozen=True, slots=True)
class _Base:
    """The elements of the base."""

    facts: Facts
    definitions: Definitions

    def row(self, row: Row) -> Row | None:
        """The element of the base that an element of the differential constrains; None where it has none so."""
        path, name, identity = row.get("path"), row.get("sliceName"), str(row.get("id"))
        rows = self.facts["snapshot"]
        same = [one for one in rows if one.get("path") == path and _is_around(str(one.get("id")), identity)]
        by_id = [one for one in same if one.get("id") == row.get("id")]
        return next(iter(by_id or [one for one in same if one.get("sliceName") == name] or same), None)

    def is_single(self, row: Row) -> bool:
        """Whether an element is there once at most, and is no choice of types."""
        base = self.row(row)
        path = str(row.get("path"))
        return base is not None and "." in path and str(base.get("max")) in {"0", "1"} and not path.endswith("[x]")

    def loosens(self, row: Row) -> bool:
        """Whether a fixed value or a pattern does not hold what the base fixes."""
        base = self.row(row)
        own, given = _wanted(base or {}), _wanted(row)
        if own is None or given is None or row.get("path") == "Extension.url":  # each extension has a url of its own
            return False
        both_fixed = own[0].startswith("fixed") and given[0].startswith("fixed")
        return not fits(given[1], own[1]) or (both_fixed and not fits(own[1], given[1]))

    def faults(self, row: Row) -> Iterator[str]:
        base = self.row(row)
        if base is None:
            return
        path = str(row.get("path"))[:60]
        yield from self._types(row, base, path)
        own, given = base.get("slicing"), row.get("slicing")
        if isinstance(own, dict) and isinstance(given, dict) and own.get("discriminator"):
            yield from _slicing(own, given, path)
        if row.get("sliceName") and not given and self._is_closed_to(row):
            yield f"The base closes the slices of {path}; there is none of this name."

    def alone(self, rows: list[Row]) -> Iterator[str]:
        """Slices with a slicing of their own that the one around them does not go with, as the HL7 validator has it."""
        named: dict[str, Row] = {}
        for row in rows:
            path, name, slicing = str(row.get("path")), row.get("sliceName"), row.get("slicing")
            if not name:
                named[path] = slicing if isinstance(slicing, dict) else {}
            elif not isinstance(slicing, dict) or path.endswith(EXTENSIONS):
                continue
            elif path not in named:
                if any(one.get("path") == path and "slicing" in one for one in self.facts["snapshot"]):
                    yield f"The slice {str(name)[:40]} of {path[:60]} is sliced; the element around it comes first."
            elif _discriminators(slicing) != _discriminators(named[path]) and self._has_type(row):
                yield f"The slice {str(name)[:40]} of {path[:60]} is sliced by something else than the element."

    def _has_type(self, row: Row) -> bool:
        """Whether what is below an element is said by its type, not by the definition itself."""
        codes = [one.get("code") for one in rows_of((self.row(row) or {}).get("type"))]
        return bool(codes) and not {"BackboneElement", "Element"} & set(map(str, codes))

    def _is_closed_to(self, row: Row) -> bool:
        same = [one for one in self.facts["snapshot"] if one.get("path") == row.get("path")]
        closed = any((one.get("slicing") or {}).get("rules") == "closed" for one in same)
        named = str(row["sliceName"]).partition("/")[0]
        return closed and all(one.get("sliceName") != named for one in same)

    def _types(self, row: Row, base: Row, path: str) -> Iterator[str]:
        offered = rows_of(base.get("type"))
        codes = [str(one.get("code")) for one in offered]
        for one in rows_of(row.get("type")):
            code = text_of(one.get("code"))
            if code is not None and set(codes) & ANY_RESOURCE and not self._is_known(code):
                yield f"There is no type {code[:40]} for {path}."
            if code is None or not codes or set(codes) & {"*", "Element", *ANY_RESOURCE}:
                continue
            if code not in codes:
                if not code.startswith("http") or code.startswith(SYSTEM):
                    yield f"The base does not allow the type {code[:40]} at {path}."
                continue
            targets = one.get("targetProfile")
            allowed = [url for other in offered if other.get("code") == code for url in other.get("targetProfile", ())]
            for url in targets if isinstance(targets, list) and allowed else ():
                if isinstance(url, str) and not self._is_target(url, allowed):
                    yield f"The base does not allow the target {url[:100]} at {path}."
            profiles = one.get("profile")
            for url in profiles if isinstance(profiles, list) else ():
                facts = self.definitions.structure(url) if isinstance(url, str) else None
                kind = None if facts is None else str(facts.get("type"))
                if kind and code[:1].isupper() and kind != code and (facts or {}).get("kind") == "complex-type":
                    yield f"The profile at {path} is one of {kind}, the element has the type {code}."

    def _is_known(self, code: str) -> bool:
        return ":" in code or self.definitions.structure(f"http://hl7.org/fhir/StructureDefinition/{code}") is not None

    def _is_target(self, url: str, allowed: list[str]) -> bool:
        """Whether a target is, or is derived from, one that the base allows; unknown ones are."""
        bare = {one.partition("|")[0] for one in allowed}
        seen: set[str] = set()
        name: str | None = url.partition("|")[0]
        while name is not None and name not in seen:
            if name in bare or (not seen and name.endswith("/StructureDefinition/Resource")):
                return True
            seen.add(name)
            facts = self.definitions.structure(name)
            if facts is None:
                return True
            wide = any(one.endswith("/StructureDefinition/Resource") for one in bare)
            if wide and facts.get("kind") == "resource":
                return True
            name = text_of(facts.get("baseDefinition"))
        return False


def _is_around(base: str, own: str) -> bool:
    """Whether an element of the base, by id, is that of the profile or the one that it is a slice of."""
    pairs = zip(base.split("."), own.split("."), strict=False)
    return all(one.partition(":")[2] in ("", other.partition(":")[2]) for one, other in pairs)


def _wanted(row: Row) -> tuple[str, Any] | None:
    """The name and value of an element's ``fixed[x]`` or ``pattern[x]``."""
    return next(((key, value) for key, value in row.items() if _VALUED.match(key)), None)


def _slicing(own: Row, given: Row, path: str) -> Iterator[str]:
    """Slicing of a profile against that of its base: https://hl7.org/fhir/R4/profiling.html#slicing."""
    if own.get("ordered") and given.get("ordered") is False:
        yield f"The base orders the slices of {path}."
    if unlike(own, {**given, "discriminator": rows_of(given.get("discriminator"))}):
        yield f"The base tells the slices of {path} by other discriminators, or has other rules for them."


def _by_type(rows: list[Row]) -> Iterator[str]:
    """Slices of a choice of types: by ``$this``, unordered, each named for its type."""
    for row in rows:
        path, slicing = str(row.get("path")), row.get("slicing")
        if not path.endswith("[x]") or not isinstance(slicing, dict) or row.get("sliceName"):
            continue
        within = f"{row.get('id')}:" if row.get("id") else ""
        named = [one for one in rows if one.get("path") == path and one.get("sliceName")]
        slices = [one for one in named if str(one.get("id") or within).startswith(within)]
        stem = path.rpartition(".")[2].removesuffix("[x]")
        by_type = [one for one in slices if str(one["sliceName"]).startswith(stem)]
        if not slices or not (by_type or any(one.get("type") == "type" for one in _discriminators(slicing))):
            continue
        if slicing.get("ordered"):
            yield f"Slices of {path[:60]} by type have no order."
        told = [(one.get("type"), one.get("path")) for one in _discriminators(slicing)]
        if told and told != [("type", "$this")]:
            yield f"Slices of {path[:60]} by type have the one discriminator type at $this."
        yield from _named(slices, stem, path[:60])
        if len(slices) > 1 and any(one.get("min") == 1 for one in slices):
            yield f"Where one type of {path[:60]} must be there, no other can be."


def _named(slices: list[Row], stem: str, path: str) -> Iterator[str]:
    for one in slices:
        codes = [str(row.get("code")) for row in rows_of(one.get("type"))]
        if len(codes) == 1 and one["sliceName"] != stem + codes[0][:1].upper() + codes[0][1:]:
            yield f"A slice of {path} by type has the name of the type."


def _discriminators(slicing: Row) -> list[Row]:
    return rows_of(slicing.get("discriminator"))


def _snapshot(definition: Row, scope: Scope) -> list[str]:
    """Why the snapshot cannot be made, and where it lets in more than the base."""
    if fault_of(definition) is not None:
        return []
    engine = scope.run.engine
    watcher = Derived(engine.terminology.few, engine.terminology.member)
    alone = {name: value for name, value in definition.items() if name != "snapshot"}
    try:
        generate(facts_of(alone), engine.definitions.structure, watcher)
    except SnapshotError as error:
        return watcher.told if "snapshot" in definition else [f"The snapshot cannot be made: {error}"]
    return watcher.told
