"""A document or message holds what its first entry speaks of, and nothing that has no part in it.

https://hl7.org/fhir/R4/documents.html, https://hl7.org/fhir/R4/messaging.html
bundle.target   a reference of the Composition or MessageHeader leads to no entry, or to several
bundle.version  an entry's reference asks for a version of what the Bundle holds in another one
bundle.orphan   an entry that no chain of references joins to the first
bundle.reverse  an entry that refers to others, while nothing leads to it
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.references import BundleIndex, Target, type_in_path, version_in, without_version
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

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
        found += _other_versions(rows[1:], spot, scope.bundle)
        severity: Severity = "error" if kind == "document" else "warning"
        for at in _orphans(rows, scope.bundle):
            found += finding(
                "bundle.orphan", spot.child("entry", at), "No chain of references joins the entry to the first one.",
                severity=severity, code="informational" if severity == "warning" else "invalid", spec=SPEC,
            )  # fmt: skip
        return [*found, *_reverse(rows, kind, spot, scope.bundle)]


def _reverse(rows: list[Json], kind: str, spot: Spot, index: BundleIndex) -> Iterator[Issue]:
    """Entries that are joined to the first only by what they refer to; a document may have a Provenance so."""
    numbers = {id(row.get("resource")): at for at, row in enumerate(rows) if isinstance(row, dict)}
    groups = _Groups(len(rows))
    forward, waiting = {0}, [0]
    for at in numbers.values():
        for targets in _targets(rows[at], index):
            groups.join(at, (number for one in targets[:1] if (number := numbers.get(id(one.resource))) is not None))
    while waiting:
        for targets in _targets(rows[waiting.pop()], index):
            for one in targets[:1]:
                number = numbers.get(id(one.resource))
                if number is not None and number not in forward:
                    forward.add(number)
                    waiting.append(number)
    first = groups.of(0)
    severity: Severity = "warning" if kind == "document" else "information"
    for at in numbers.values():
        resource = rows[at].get("resource")
        approved = kind == "document" and isinstance(resource, dict) and resource.get("resourceType") == "Provenance"
        if at not in forward and groups.of(at) == first and isinstance(resource, dict) and not approved:
            yield from finding(
                "bundle.reverse", spot.child("entry", at), "Nothing that the first entry leads to refers to the entry.",
                severity=severity, code="informational", spec=SPEC,
            )  # fmt: skip


def _missing(head: Json, kind: str, url: Json, spot: Spot, index: BundleIndex) -> Iterator[Issue]:
    where = f"{spot}.entry[0].resource"
    full_url = url if isinstance(url, str) else None
    references = list(_head_references(head, HEADS[kind]))
    if kind == "document":
        references += _section_references(head.get("section"), "section")
    for path, reference in references:
        if reference.startswith("#") or (":" not in reference and type_in_path(reference) is None):
            continue  # what leads to no type is reference.form's
        number = len(index.exact(reference, full_url))
        if number != 1:
            words = "more than one entry" if number else "no entry"
            yield from _unfound(f"{where}.{path}", f"The reference leads to {words} of the Bundle.")


def _other_versions(rows: list[Json], spot: Spot, index: BundleIndex) -> Iterator[Issue]:
    """Relative references of the other entries that lead to nothing, though it seems that they do.

    The Bundle holds another version alone, or what they name is on another server than the entry.
    """
    for at, row in enumerate(rows, 1):
        url = row.get("fullUrl") if isinstance(row, dict) else None
        full_url = url if isinstance(url, str) else None
        for reference in _references(row.get("resource")) if isinstance(row, dict) else ():
            if ":" in reference or reference.startswith("#"):
                continue
            if index.find(reference, full_url):
                if full_url is not None and not index.exact(reference, full_url):
                    words = "A reference leads to no entry: what has its type and id has a fullUrl elsewhere."
                    yield from _unfound(spot.child("entry", at), words)
                continue
            if version_in(reference) and index.find(without_version(reference), full_url):
                yield from finding(
                    "bundle.version", spot.child("entry", at),
                    "A reference asks for a version of a resource that the Bundle holds in another one.",
                    code="not-found", spec=SPEC,
                )  # fmt: skip


def _unfound(where: str, words: str) -> Findings:
    return finding("bundle.target", where, words, code="not-found", spec=SPEC)


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
    groups = _Groups(len(rows))
    met: set[int] = set()  # lists of targets whose members are joined: many references may lead to many entries
    for at in numbers.values():
        for targets in _targets(rows[at], index):
            fresh = targets[:1] if id(targets) in met else targets
            met.add(id(targets))
            groups.join(at, (other for one in fresh if (other := numbers.get(id(one.resource))) is not None))
    first = groups.of(0)
    yield from (at for at in numbers.values() if groups.of(at) != first and isinstance(rows[at].get("resource"), dict))


class _Groups:
    """Numbers in groups that grow together."""

    def __init__(self, count: int) -> None:
        self._next = list(range(count))

    def of(self, number: int) -> int:
        """The number that stands for the group."""
        while self._next[number] != number:
            self._next[number] = number = self._next[self._next[number]]
        return number

    def join(self, number: int, others: Iterable[int]) -> None:
        """Make one group of the groups of these numbers."""
        for other in others:
            self._next[self.of(other)] = self.of(number)


def _targets(entry: Json, index: BundleIndex) -> Iterator[list[Target]]:
    """What each reference of an entry leads to in the Bundle."""
    url = entry.get("fullUrl")
    full_url = url if isinstance(url, str) else None
    for reference in _references(entry.get("resource")):
        if not reference.startswith("#"):
            yield index.exact(reference, full_url)


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
