"""A value set's rules: what it includes and excludes (https://hl7.org/fhir/R4/valueset.html#compositions).

Rows of ``include`` are alternatives; within a row its system, its filters and its imports must all agree.
"""

from typing import Any, Protocol

from footbridge.validation.definitions.term_facts import Facts
from footbridge.validation.valuesets import open_systems
from footbridge.validation.valuesets.answers import Answer, Imports, Why, all_of, any_of, negated
from footbridge.validation.valuesets.code_table import CodeTable
from footbridge.validation.valuesets.filters import code_matches, matches


class Codes(Protocol):
    """What the rules ask back; a Terminology is one."""

    def local_member(self, value_set: str, system: str | None, code: str, within: Imports) -> Answer:
        """Whether another value set has the code."""

    def exists(self, system: str, code: str, version: str | None = None) -> Answer:
        """Whether a code system has the code."""

    def table(self, system: str, version: str | None = None) -> CodeTable | None:
        """A code system's table."""


class ValueSetRules:
    """The rules of one ValueSet's facts (``footbridge.validation.definitions.term_facts``)."""

    def __init__(self, facts: Facts) -> None:
        compose = facts.get("compose", {})
        self._url = facts.get("url")
        self._include = [_Row(row) for row in compose.get("include", ())]
        self._exclude = [_Row(row) for row in compose.get("exclude", ())]
        self._active_only = compose.get("inactive") is False
        self._expansion: list[tuple[str, dict[str, str]]] = [
            (part["system"], part["codes"]) for part in facts.get("expansion", ())
        ]

    def member(self, codes: Codes, system: str | None, code: str, within: Imports) -> Answer:
        """Whether the value set has a code; ``system`` None takes any of its systems."""
        if not self._include:
            return self._expanded(system, code)
        included = any_of(row.member(codes, system, code, within) for row in self._include)
        if included is False:
            return False
        excluded = any_of(row.member(codes, system, code, within) for row in self._exclude)
        answer = all_of((included, negated(excluded), self._usable(codes, system, code)))
        return self._expanded(system, code) if isinstance(answer, Why) and self._expansion else answer

    def listed(self, codes: Codes) -> list[tuple[str | None, str]] | None:
        """Every code that the value set may have, with its system; None where not all of them can be told."""
        found = [row.listed(codes) for row in self._include]
        if not found or any(part is None for part in found):
            return None
        return list(dict.fromkeys(pair for part in found for pair in part or ()))

    def _expanded(self, system: str | None, code: str) -> Answer:
        if not self._expansion:
            return Why(f"the value set {self._url} lists no codes")
        return any(code in listed for own, listed in self._expansion if system in (None, own))

    def _usable(self, codes: Codes, system: str | None, code: str) -> Answer:
        if not self._active_only:
            return True
        systems = [system] if system else [row.system for row in self._include if row.system]
        for one in systems:
            table = codes.table(one)
            if table is not None and (spelled := table.find(code)) is not None and table.is_inactive(spelled):
                return False
        return True


class _Row:
    """One include or exclude."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.system: str | None = row.get("system")
        self._version: str | None = row.get("version")
        self._listed: dict[str, str] | None = row.get("concept")
        self._filters: list[dict[str, Any]] = row.get("filter", [])
        self._imports: list[str] = row.get("valueSet", [])

    def member(self, codes: Codes, system: str | None, code: str, within: Imports) -> Answer:
        """Whether the row has a code."""
        if self.system is not None and system not in (None, self.system):
            return False
        own = self._in_system(codes, code)
        if own is False:
            return False
        imported = (codes.local_member(url, system or self.system, code, within) for url in self._imports)
        return all_of((own, *imported))

    def listed(self, codes: Codes) -> list[tuple[str | None, str]] | None:
        """The codes that the row names, or all of its system; None for filters, imports and large systems."""
        if self.system is None or self._imports or self._filters:
            return None
        if self._listed is not None:
            return [(self.system, code) for code in self._listed]
        table = codes.table(self.system, self._version)
        return [(self.system, code) for code in table.codes()] if table is not None and table.is_complete else None

    def _in_system(self, codes: Codes, code: str) -> Answer:
        if self.system is None:
            return bool(self._imports)
        if self._listed is not None:
            return code in self._listed or self._in_other_case(codes, code)
        if self._filters:
            return self._filtered(codes, self.system, code)
        return codes.exists(self.system, code, self._version)

    def _in_other_case(self, codes: Codes, code: str) -> bool:
        """Whether a system without case lists the code in another case."""
        listed = self._listed or {}
        folded = code.casefold()
        if not any(one.casefold() == folded for one in listed):
            return False
        table = codes.table(str(self.system), self._version)
        return table is not None and not table.case_sensitive

    def _filtered(self, codes: Codes, system: str, code: str) -> Answer:
        if system == open_systems.UCUM:
            return all_of(_unit_filter(code, row) for row in self._filters)
        known = open_systems.known(system, code)
        if known is not None:
            return all_of((known, *(code_matches(code, row) for row in self._filters)))
        table = codes.table(system, self._version)
        if table is None:
            return Why(f"the code system {system} is not at hand")
        spelled = table.find(code)
        if spelled is None:
            return False if table.is_complete else Why(f"not every code of {system} is at hand")
        return all_of(matches(table, spelled, row) for row in self._filters)


def _unit_filter(code: str, row: dict[str, Any]) -> Answer:
    if (row.get("property"), row.get("op")) != ("canonical", "="):
        return Why("its filter on units is none that can be run here")
    return open_systems.commensurable(code, str(row.get("value")))
