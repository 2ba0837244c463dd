"""Contained resources: not nested, referred to, without versions and labels (rules contained.*; dom-2 to dom-5).

https://hl7.org/fhir/R4/references.html#contained
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.engine.plan import NONE, Findings
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding

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
        for at, row in enumerate(rows):
            if row.__class__ is dict:
                found += _faults(row, spot.child("contained", at), referred)
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


def _local_targets(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON is any value
    """Every fragment that something refers to: ``#a`` gives ``a``, ``#`` gives an empty text."""
    waiting = [value]
    while waiting:
        at = waiting.pop()
        if at.__class__ is dict:
            waiting += at.values()
        elif at.__class__ is list:
            waiting += at
        elif at.__class__ is str and at[:1] == "#":
            yield at[1:]
