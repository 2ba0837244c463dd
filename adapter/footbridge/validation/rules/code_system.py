"""CodeSystems as such (rules codesystem.*; https://hl7.org/fhir/R4/codesystem.html).

codesystem.count        count is not the number of concepts
codesystem.content      concepts where the content is said not to be there, or none where it is said to be complete
codesystem.supplement   supplements without the content 'supplement', or codes that the other system does not have
codesystem.told         what a reader needs to know of a system and is not told
codesystem.value-set    the value set of all codes is not just that
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.rows import is_hl7s, rows_of, text_of

SPEC = "codesystem.html"
PARTIAL = frozenset({"fragment", "example"})


@dataclass(frozen=True, slots=True)
class CodeSystemContent:
    """What a CodeSystem says of its content, and its content."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Compare the two."""
        return list(self._faults(spot, scope))

    def _faults(self, spot: Spot, scope: Scope) -> Iterator[Issue]:
        system = spot.value
        codes = list(concepts(system))
        yield from _content(system, len(codes), spot)
        if "supplements" in system or system.get("content") == "supplement":
            yield from _supplement(system, codes, spot, scope)
        else:
            yield from _told_to_readers(system, spot)
        if text_of(system.get("valueSet")):
            yield from _value_set(system, spot, scope)


def _content(system: dict[str, Any], number: int, spot: Spot) -> Iterator[Issue]:
    content, count = text_of(system.get("content")), system.get("count")
    if content in {"complete", "supplement"} and isinstance(count, int) and count != number:
        yield from _told("codesystem.count", spot.child("count"), "The count is not the number of concepts.")
    if content in PARTIAL and isinstance(count, int) and number >= count:
        yield from _told(
            "codesystem.count",
            spot.child("count"),
            "A part of a code system has fewer concepts than the count of the whole.",
            "warning",
        )
    if content == "complete" and not number:
        yield from _told("codesystem.content", spot, "A complete code system has concepts; there are none.", "warning")
    if content == "not-present" and number:
        where = spot.child("concept", 0)
        yield from _told("codesystem.content", where, "The content is said not to be there, but there are concepts.")


def _supplement(system: dict[str, Any], codes: list[str], spot: Spot, scope: Scope) -> Iterator[Issue]:
    if system.get("content") != "supplement":
        yield from _told(
            "codesystem.supplement",
            spot.child("content"),
            "What supplements another system has the content 'supplement'.",
        )
    if "caseSensitive" in system:
        yield from _told(
            "codesystem.supplement",
            spot.child("caseSensitive"),
            "The system that is supplemented says whether case matters, not its supplement.",
        )
    named = text_of(system.get("supplements"))
    if named is None:
        yield from _told("codesystem.supplement", spot, "A supplement must say which code system it supplements.")
        return
    other = scope.run.engine.definitions.code_system(named.partition("|")[0])
    if other is None:
        yield from _told(
            "codesystem.supplement", spot, "The system that is supplemented is not at hand: nothing is compared.",
            "warning",
        )  # fmt: skip
        return
    meaning = system.get("hierarchyMeaning")
    if meaning is not None and other.get("hierarchyMeaning") not in (None, meaning):
        yield from _told("codesystem.supplement", spot, "The meaning of the hierarchy is not that of the other system.")
    for code in codes:
        if scope.run.engine.terminology.known_code(str(other.get("url")), code) is False:
            yield from _told("codesystem.supplement", spot, "The supplement has a code that the system does not have.")


def _told_to_readers(system: dict[str, Any], spot: Spot) -> Iterator[Issue]:
    """Case, and the meaning of a hierarchy: https://hl7.org/fhir/R4/codesystem-definitions.html."""
    nested = any(row.get("concept") for row in rows_of(system.get("concept")))
    missing = ["caseSensitive"] if "caseSensitive" not in system else []
    missing += ["hierarchyMeaning"] if nested and "hierarchyMeaning" not in system else []
    level: Severity = "warning" if is_hl7s(system.get("url")) else "information"
    for name in missing:
        yield from _told("codesystem.told", spot, f"Readers need to know {name} of a code system.", level)


def _value_set(system: dict[str, Any], spot: Spot, scope: Scope) -> Iterator[Issue]:
    """The value set of all codes includes the system, whole, and nothing else."""
    content = system.get("content")
    if content != "complete":
        level: Severity = "warning" if content == "supplement" else "information"
        yield from _told("codesystem.value-set", spot, "Only a complete system has a value set of all codes.", level)
    facts = scope.run.engine.definitions.value_set(str(system["valueSet"]))
    if facts is None or content == "supplement":
        return
    rows = (facts.get("compose") or {}).get("include") or []
    if len(rows) != 1:
        yield from _told("codesystem.value-set", spot, "The value set of all codes must have just one include.")
    elif rows[0].get("system") != system.get("url"):
        yield from _told("codesystem.value-set", spot, "The value set of all codes must include this system.")
    elif set(rows[0]) - {"system", "version"}:
        yield from _told("codesystem.value-set", spot, "The value set of all codes must include the whole system.")


def concepts(holder: dict[str, Any]) -> Iterator[str]:
    """The codes of all concepts, with those below."""
    waiting: list[Any] = [holder.get("concept")]
    while waiting:
        for row in rows_of(waiting.pop()):
            yield str(row.get("code"))
            waiting.append(row.get("concept"))


def _told(rule: str, where: Spot | str, words: str, severity: Severity = "error") -> Findings:
    return finding(rule, where, words, severity=severity, code="business-rule", spec=SPEC)
