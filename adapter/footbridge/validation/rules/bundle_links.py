"""A document or message holds what its first entry speaks of, and nothing that has no part in it.

https://hl7.org/fhir/R4/documents.html, https://hl7.org/fhir/R4/messaging.html
bundle.target   a reference of the Composition or MessageHeader leads to no entry
bundle.orphan   an entry that no chain of references joins to the first
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Issue, Severity
from footbridge.validation.engine.plan import NONE, Findings
from footbridge.validation.engine.references import BundleIndex, Target
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding

SPEC = "documents.html"
HEADS = {
    "document": ("subject", "author", "encounter", "custodian", "attester.party", "event.detail"),
    "message": ("focus",),
}
SECTION = ("author", "focus", "entry")
Json = Any


@dataclass(frozen=True, slots=True)
class BundleLinks:
    """The references between the entries of a document or message."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Follow the references from the first entry."""
        bundle = spot.value
        told = bundle.get("type")
        kind = told if isinstance(told, str) else ""
        rows = bundle.get("entry")
        if kind not in HEADS or scope.bundle is None or rows.__class__ is not list or not rows:
            return NONE
        entries = [row for row in rows if isinstance(row, dict) and isinstance(row.get("resource"), dict)]
        if not entries or entries[0] is not rows[0]:
            return NONE
        head = entries[0]["resource"]
        found = list(_missing(head, kind, entries[0].get("fullUrl"), spot, scope.bundle))
        severity: Severity = "error" if kind == "document" else "warning"
        for at in _orphans(rows, scope.bundle):
            found += finding(
                "bundle.orphan", spot.child("entry", at), "No chain of references joins the entry to the first one.",
                severity=severity, code="informational" if severity == "warning" else "invalid", spec=SPEC,
            )  # fmt: skip
        return found


def _missing(head: Json, kind: str, url: Json, spot: Spot, index: BundleIndex) -> Iterator[Issue]:
    where = f"{spot}.entry[0].resource"
    full_url = url if isinstance(url, str) else None
    references = list(_head_references(head, HEADS[kind]))
    if kind == "document":
        references += _section_references(head.get("section"), "section")
    for path, reference in references:
        if not reference.startswith("#") and not index.find(reference, full_url):
            yield from finding(
                "bundle.target", f"{where}.{path}", "The reference leads to no entry of the Bundle.", code="not-found",
                spec=SPEC,
            )  # fmt: skip


def _head_references(holder: Json, paths: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for path in paths:
        name, _, rest = path.partition(".")
        rows = holder.get(name) if isinstance(holder, dict) else None
        for at, row in enumerate(rows if isinstance(rows, list) else [rows]):
            here = f"{name}[{at}]" if isinstance(rows, list) else name
            if rest:
                yield from ((f"{here}.{inner}", found) for inner, found in _head_references(row, (rest,)))
            elif isinstance(row, dict) and isinstance(row.get("reference"), str):
                yield here, row["reference"]


def _section_references(sections: Json, path: str) -> Iterator[tuple[str, str]]:
    for at, section in enumerate(sections if isinstance(sections, list) else ()):
        if isinstance(section, dict):
            here = f"{path}[{at}]"
            yield from ((f"{here}.{inner}", found) for inner, found in _head_references(section, SECTION))
            yield from _section_references(section.get("section"), f"{here}.section")


def _orphans(rows: list[Json], index: BundleIndex) -> Iterator[int]:
    """The entries that no chain of references, followed either way, joins to the first."""
    numbers = {id(row.get("resource")): at for at, row in enumerate(rows) if isinstance(row, dict)}
    near: dict[int, set[int]] = {at: set() for at in numbers.values()}
    for at in list(near):
        for target in _targets(rows[at], index):
            other = numbers.get(target)
            if other is not None:
                near[at].add(other)
                near[other].add(at)
    joined, waiting = {0}, [0]
    while waiting:
        fresh = near.get(waiting.pop(), set()) - joined
        joined |= fresh
        waiting.extend(fresh)
    yield from (at for at in near if at not in joined and isinstance(rows[at].get("resource"), dict))


def _targets(entry: Json, index: BundleIndex) -> set[int]:
    url = entry.get("fullUrl")
    full_url = url if isinstance(url, str) else None
    found: set[int] = set()
    for reference in _references(entry.get("resource")):
        found.update(id(target.resource) for target in _found(index, reference, full_url))
    return found


def _found(index: BundleIndex, reference: str, full_url: str | None) -> list[Target]:
    return [] if reference.startswith("#") else index.find(reference, full_url)


def _references(value: Json) -> Iterator[str]:
    waiting = [value]
    while waiting:
        at = waiting.pop()
        if isinstance(at, dict):
            reference = at.get("reference")
            if isinstance(reference, str):
                yield reference
            waiting += at.values()
        elif isinstance(at, list):
            waiting += at
