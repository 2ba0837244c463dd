"""Contained resources: not nested, referred to, without versions and labels (rules contained.*; dom-2 to dom-5).

https://hl7.org/fhir/R4/references.html#contained
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath.nodes import all_children, resource_node
from footbridge.validation.rules.narrative import local_links

SPEC = "references.html#contained"


@dataclass(frozen=True, slots=True)
class Contained:
    """The rules of DomainResource on what it contains."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Look at each contained resource."""
        rows = spot.value.get("contained")
        if rows.__class__ is not list or not rows:
            return NONE
        referred = set(_local_targets(spot.value))
        found: list[Issue] = []
        met: set[Any] = set()
        for at, row in enumerate(rows):
            if row.__class__ is dict:
                where, identity = spot.child("contained", at), str(row.get("id"))
                found += _faults(row, where, referred)
                if "id" in row and identity in met:
                    found += _told("contained.id", where, "Another contained resource has this id.")
                met.add(identity)
        return found


def _faults(row: dict[str, Any], where: str, referred: set[str]) -> Iterator[Issue]:
    told = row.get("meta")
    meta: dict[str, Any] = told if isinstance(told, dict) else {}
    if row.get("contained"):
        yield from _told("contained.nested", where, "A contained resource must not contain resources.")
    if "versionId" in meta or "lastUpdated" in meta:
        yield from _told("contained.version", where, "A contained resource has no versionId and no lastUpdated.")
    if meta.get("security"):
        yield from _told("contained.security", where, "A contained resource has no security labels.")
    identity = row.get("id")
    if not isinstance(identity, str):
        yield from _told("contained.id", where, "A contained resource must have an id.")
    elif identity not in referred and "" not in set(_local_targets(row)):
        yield from _told(
            "contained.orphan", where, "Nothing refers to the contained resource, nor it to its container."
        )


def _told(rule: str, where: str, words: str) -> Findings:
    return finding(rule, where, words, code="invariant", spec=SPEC)


def _local_targets(resource: dict[str, Any]) -> Iterator[str]:
    """Every fragment that something refers to: ``#a`` gives ``a``, ``#`` gives an empty text.

    References, URIs and the links and images of narratives refer; a name or a title that starts so does not.
    """
    waiting = [resource_node(resource)]
    while waiting:
        node = waiting.pop()
        name, value = node.type.name, node.value
        if name == "Reference" and value.__class__ is dict:
            value = value.get("reference")
        elif name == "xhtml":
            yield from local_links(value) if value.__class__ is str else ()
            continue
        elif not node.type.is_a("uri"):
            value = None
        if value.__class__ is str and value[:1] == "#":
            yield value[1:]
        waiting += all_children(node)
