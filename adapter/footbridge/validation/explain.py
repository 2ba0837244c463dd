"""Explains a rule: what breaks it, the nearest resource that does not, what is said then, and the text that it is from.

The examples are ``profiles/rule-examples.json``: by rule ``breaks`` and ``meets``, a resource as JSON or as the text of
a document, and what they are validated with (``profiles``, ``definitions``, ``options``, the ``encoding`` of a text).
``notes`` stand in place of an example where no small one is possible.
"""

import difflib
import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from footbridge.data import read_json
from footbridge.model.issues import Issue
from footbridge.validation.core.options import Options
from footbridge.validation.core.scope import Unchecked
from footbridge.validation.definitions.registry import R4, Registry
from footbridge.validation.packages import PackageError
from footbridge.validation.validator import Validator

INVARIANT = "invariant."
MOST = 3  # names that are proposed
Json = Any


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rule.

    Attributes:
        rule: its id.
        note: what there is to know beside the example, or in place of one.
        spec: URL of the text that it comes from.
        breaks: a resource that breaks it, or the text of a document; None where there is no example.
        meets: the nearest one that does not.
        issues: what is found in ``breaks``, of this rule.
        unchecked: what this rule leaves unchecked there.
        profiles: canonical URLs that both are validated against.
        definitions: resources that both are validated with.
        options: switches of the validation that are not as usual.
        encoding: in which the text of a document is written; UTF-8 where empty.
    """

    rule: str
    note: str = ""
    spec: str = ""
    breaks: Json = None
    meets: Json = None
    issues: tuple[Issue, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    profiles: tuple[str, ...] = ()
    definitions: tuple[dict[str, Json], ...] = ()
    options: dict[str, Json] = field(default_factory=dict)
    encoding: str = ""

    def check(self, resource: Json) -> tuple[tuple[Issue, ...], tuple[Unchecked, ...]]:
        """What this rule finds in one of the two resources, and what it leaves unchecked."""
        given = resource.encode(self.encoding) if self.encoding and isinstance(resource, str) else resource
        outcome = Validator(definitions=self.definitions, options=Options(**self.options)).check(given, self.profiles)
        issues = tuple(issue for issue in outcome.issues if issue.rule == self.rule)
        return issues, tuple(row for row in outcome.unchecked if row.rule == self.rule)


def rules() -> tuple[str, ...]:
    """The ids of all rules, and of those invariants that have an example."""
    table = _table()
    return tuple(sorted({*table["examples"], *table["notes"]}))


def nearest(name: str) -> list[str]:
    """Ids of rules that look like a name."""
    return difflib.get_close_matches(name, rules(), n=MOST, cutoff=0.5)


def explain(rule: str, packages: Iterable[str] = ()) -> Explanation | None:
    """What there is to know about a rule; None where there is none of that id.

    Args:
        rule: its id, as a report has it.
        packages: whose invariants may be asked about, besides those of the embedded ones, as of ``Validator``.

    Raises PackageNotFound and PackageError.
    """
    table = _table()
    row = table["examples"].get(rule)
    note, spec = table["notes"].get(rule, ""), ""
    if rule.startswith(INVARIANT) and not note:
        note, spec = _invariant(rule.removeprefix(INVARIANT), packages) or (note, spec)
    if row is None:
        return Explanation(rule, note, spec or R4_VALIDATION) if note else None
    profiles, definitions = tuple(row.get("profiles", ())), tuple(row.get("definitions", ()))
    bare = Explanation(
        rule, note, spec, row["breaks"], row["meets"], profiles=profiles, definitions=definitions,
        options=row.get("options", {}), encoding=row.get("encoding", ""),
    )  # fmt: skip
    issues, unchecked = bare.check(bare.breaks)
    told = next((issue.spec for issue in issues if issue.spec), R4_VALIDATION)
    return Explanation(
        rule, note, spec or told, bare.breaks, bare.meets, issues, unchecked, profiles, definitions, bare.options,
        bare.encoding,
    )  # fmt: skip


R4_VALIDATION = "https://hl7.org/fhir/R4/validation.html"


def _invariant(key: str, packages: Iterable[str]) -> tuple[str, str] | None:
    """The words about an invariant, and the page of the definition that has it; None where no definition has."""
    for package in Registry.default(packages).packages:
        for entry in package.of_kind("StructureDefinition"):
            try:
                facts = package.facts(entry)
            except PackageError:  # one that is malformed
                continue
            constraint = (facts.get("constraints") or {}).get(key)
            if constraint is not None and constraint.get("source", facts["url"]) == facts["url"]:
                return _words(key, constraint, facts), _page(str(facts["url"]))
    return None


def _words(key: str, constraint: dict[str, Any], facts: dict[str, Any]) -> str:
    rows = facts.get("snapshot") or facts.get("differential") or ()
    places = dict.fromkeys(str(one["path"]) for one in rows if key in (one.get("constraint") or ()))
    return (
        f"An invariant of {facts['url']}, of severity {constraint.get('severity', 'error')}, "
        f"at {', '.join(places) or facts.get('type')}. "
        f"This FHIRPath must be true there: {constraint.get('expression') or 'none is given'}"
    )


def _page(url: str) -> str:
    return f"https://hl7.org/fhir/R4/{url.removeprefix(R4).lower()}.html" if url.startswith(R4) else url


@functools.cache
def _table() -> dict[str, Any]:
    found: dict[str, Any] = read_json("profiles", "rule-examples.json")
    return found
