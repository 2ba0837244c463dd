"""The pack ``guide-intent``: the SDOH Clinical Care guide's text, where its profiles do not hold resources to it.

A rule's file has the resource ``type`` and the ``profiles`` that it is about; a FHIRPath ``expression`` that holds on a
resource that meets the text; the element ``at`` which it is told; the key of the guide's own invariant (``letter``)
that it completes, and ``why`` that is not enough. Where the invariant itself fails the rule says nothing more.
"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from footbridge.model.issues import Issue
from footbridge.validation.core.pack import Pack
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath import Compiled, FHIRPathError, Undecided, compile  # noqa: A004
from footbridge.validation.packs.files import GUIDE, rules_of

NAME = "guide-intent"
LONGEST = 300  # characters of a claim that is remembered


@dataclass(frozen=True, slots=True, eq=False)
class IntentRule:
    """One rule, compiled."""

    id: str
    type: str
    profiles: frozenset[str]
    holds: Compiled
    at: str | None
    letter: str | None
    message: str
    spec: str


class _Several(NamedTuple):
    """Rules by their ids; the ids; the expressions in the same order."""

    rules: dict[str, IntentRule]
    ids: tuple[str, ...]
    expressions: tuple[Compiled, ...]


def check(spot: Spot, claims: Sequence[str], scope: Scope) -> None:
    """Check a resource that claims these profiles, or is checked against them; findings are reported to the run."""
    if NAME not in scope.run.options.packs:
        return
    kind = scope.resource["resourceType"]
    if kind not in _rules():
        return
    rules: dict[str, IntentRule] = {}
    certain = scope.run.engine.certain
    for claim in claims:
        if claim.startswith(GUIDE):
            found = (_rules_on if len(claim) <= LONGEST else _rules_on.__wrapped__)(kind, claim)
            if certain is None or not certain.all_hold(found.ids, found.expressions, scope):
                rules = {**rules, **found.rules}
    for rule in rules.values() if len(claims) < 2 else _in_order(rules):
        if certain is None or not certain.holds(rule.holds, scope):
            scope.run.report(_findings(rule, spot, scope))


@functools.lru_cache(maxsize=512)
def _rules_on(kind: str, claim: str) -> _Several:
    """The rules on a resource of that type that claims a profile."""
    url = claim.partition("|")[0]
    rules = {rule.id: rule for rule in _rules()[kind] if url in rule.profiles}
    return _Several(rules, tuple(rules), tuple(rule.holds for rule in rules.values()))


def _in_order(rules: dict[str, IntentRule]) -> list[IntentRule]:
    """The rules in the order of their files."""
    return [rule for several in _rules().values() for rule in several if rule.id in rules]


def _findings(rule: IntentRule, spot: Spot, scope: Scope) -> Iterable[Issue]:
    try:
        if rule.holds.holds(scope.resource, scope.context) or _letter_is_broken(rule, spot, scope):
            return ()
    except Undecided as unknown:
        scope.run.undecided(rule.id, spot, unknown.reason)
        return ()
    except FHIRPathError:  # the resource is malformed there, which other rules tell
        return ()
    where = spot.child(rule.at) if rule.at and rule.at in scope.resource else str(spot)
    profile = next(iter(sorted(rule.profiles)))
    return (
        Issue(rule.id, "warning", "business-rule", rule.message, expression=where, profile=profile, spec=rule.spec),
    )


def _letter_is_broken(rule: IntentRule, spot: Spot, scope: Scope) -> bool:
    if rule.letter is None:
        return False
    broken, place = f"invariant.{rule.letter}", str(spot)
    return any(issue.rule == broken and issue.expression == place for issue in scope.run.issues)


@functools.cache
def _rules() -> dict[str, tuple[IntentRule, ...]]:
    """The rules by resource type."""
    found: dict[str, list[IntentRule]] = {}
    for row in rules_of(NAME):
        rule = IntentRule(
            id=row["id"],
            type=row["type"],
            profiles=frozenset(row["profiles"]),
            holds=compile(row["expression"], root_type=row["type"], strict=True),
            at=row.get("at"),
            letter=row.get("letter"),
            message=row["message"],
            spec=row["spec"],
        )
        found.setdefault(rule.type, []).append(rule)
    return {kind: tuple(rules) for kind, rules in found.items()}


PACK = Pack(NAME, check_resource=check)
