"""CodeSystems as such (rules codesystem.*; https://hl7.org/fhir/R4/codesystem.html).

codesystem.count        count is not the number of concepts
codesystem.content      concepts where the content is said not to be there
codesystem.supplement   supplements without the content 'supplement', or codes that the other system does not have
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.engine.plan import Findings
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding

SPEC = "codesystem.html"


@dataclass(frozen=True, slots=True)
class CodeSystemContent:
    """What a CodeSystem says of its content, and its content."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Compare the two."""
        return list(self._faults(spot, scope))

    def _faults(self, spot: Spot, scope: Scope) -> Iterator[Issue]:
        system = spot.value
        content, count = system.get("content"), system.get("count")
        codes = list(concepts(system))
        if content == "complete" and count.__class__ is int and count != len(codes):
            yield from _told("codesystem.count", spot.child("count"), "The count is not the number of concepts.")
        if content == "not-present" and codes:
            yield from _told(
                "codesystem.content",
                spot.child("concept", 0),
                "The content is said not to be there, but there are concepts.",
            )
        if isinstance(system.get("supplements"), str):
            yield from _supplement(system, codes, spot, scope)


def _supplement(system: dict[str, Any], codes: list[str], spot: Spot, scope: Scope) -> Iterator[Issue]:
    if system.get("content") != "supplement":
        yield from _told(
            "codesystem.supplement",
            spot.child("content"),
            "What supplements another system has the content 'supplement'.",
        )
    other = system["supplements"].partition("|")[0]
    for code in codes:
        if scope.run.engine.terminology.known_code(other, code) is False:
            yield from _told("codesystem.supplement", spot, "The supplement has a code that the system does not have.")


def concepts(holder: dict[str, Any]) -> Iterator[str]:
    """The codes of all concepts, with those below."""
    waiting: list[Any] = [holder.get("concept")]
    while waiting:
        rows = waiting.pop()
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                yield str(row.get("code"))
                waiting.append(row.get("concept"))


def _told(rule: str, where: Spot | str, words: str) -> Findings:
    return finding(rule, where, words, code="business-rule", spec=SPEC)
