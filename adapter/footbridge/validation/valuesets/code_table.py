"""One code system, laid out for questions: does it have a code, what is above it, what are its properties."""

import functools
from collections.abc import Iterable, Iterator
from typing import Any

from footbridge.validation.definitions.term_facts import Facts

_UPWARD = frozenset({"parent", "subsumedBy"})
_RETIRED = frozenset({"retired", "deprecated", "withdrawn", "inactive"})


class CodeTable:
    """The concepts of a CodeSystem's facts (``footbridge.validation.definitions.term_facts``).

    Supplements add displays, designations and properties to its codes, and no code
    (https://hl7.org/fhir/R4/codesystem.html#supplements).
    """

    def __init__(self, facts: Facts, supplements: Iterable[Facts] = ()) -> None:
        self.url = str(facts.get("url", ""))
        self.content = facts.get("content")
        self.language = facts.get("language")
        self.case_sensitive = facts.get("caseSensitive") is not False
        self._concepts: dict[str, Facts] = {}
        self._parents: dict[str, set[str]] = {}
        self._enter(facts.get("concept", {}), None)
        for supplement in supplements:
            self._supplement(supplement.get("concept", {}))
        for code, child in self._named_links():
            self._parents.setdefault(child, set()).add(code)

    @property
    def is_complete(self) -> bool:
        """Whether a code that is not listed does not exist (https://hl7.org/fhir/R4/valueset-codesystem-content-mode.html)."""
        return self.content == "complete" and bool(self._concepts)

    def find(self, code: str) -> str | None:
        """The code as the system spells it, None when it is not listed."""
        if code in self._concepts:
            return code
        return None if self.case_sensitive else self._folded.get(code.casefold())

    def codes(self) -> Iterator[str]:
        """Every code listed."""
        return iter(self._concepts)

    def displays(self, code: str) -> tuple[str, ...]:
        """The display of a listed code and its other designations."""
        concept = self._concepts[code]
        others = (row if isinstance(row, str) else row[1] for row in concept.get("designation", ()))
        return tuple(text for text in (concept.get("display"), *others) if text)

    def texts(self, code: str) -> list[tuple[str | None, str]]:
        """The display of a listed code and its other designations, each with its language where one is told."""
        concept = self._concepts[code]
        rows = [(self.language, concept.get("display"))]
        rows += [(None, row) if isinstance(row, str) else (row[0], row[1]) for row in concept.get("designation", ())]
        return [(language, text) for language, text in rows if text]

    def properties(self, code: str, name: str) -> list[Any]:
        """The values of one property of a listed code."""
        return [value for own, value in self._concepts[code].get("property", ()) if own == name]

    def parents(self, code: str) -> frozenset[str]:
        """The codes right above a listed one."""
        return frozenset(self._parents.get(code, ()))

    def is_below(self, code: str, ancestor: str) -> bool:
        """Whether a code stands anywhere below another one."""
        seen: set[str] = set()
        waiting = list(self._parents.get(code, ()))
        while waiting:
            above = waiting.pop()
            if above == ancestor:
                return True
            if above not in seen:
                seen.add(above)
                waiting.extend(self._parents.get(above, ()))
        return False

    def has_children(self, code: str) -> bool:
        """Whether anything stands below a code."""
        return code in self._with_children

    def is_inactive(self, code: str) -> bool:
        """Whether a listed code is not to be used any more."""
        flags = (*self.properties(code, "inactive"), *self.properties(code, "status"))
        return any(flag is True or flag == "true" or flag in _RETIRED for flag in flags)

    @functools.cached_property
    def _folded(self) -> dict[str, str]:
        return {code.casefold(): code for code in self._concepts}

    @functools.cached_property
    def _with_children(self) -> frozenset[str]:
        return frozenset(above for parents in self._parents.values() for above in parents)

    def _enter(self, concepts: Facts, parent: str | None) -> None:
        waiting = [(code, concept, parent) for code, concept in concepts.items()]
        while waiting:
            code, concept, above = waiting.pop()
            told: Facts = {"display": concept} if isinstance(concept, str) else concept
            self._concepts[code] = told
            if above is not None:
                self._parents.setdefault(code, set()).add(above)
            waiting.extend((child, row, code) for child, row in told.get("concept", {}).items())

    def _supplement(self, concepts: Facts) -> None:
        waiting = list(concepts.items())
        while waiting:
            code, concept = waiting.pop()
            more: Facts = {"display": concept} if isinstance(concept, str) else concept
            waiting.extend(more.get("concept", {}).items())
            own = self._concepts.get(self.find(code) or "")
            if own is None:
                continue
            display = [more["display"]] if more.get("display") else []
            self._concepts[self.find(code) or ""] = {
                **own,
                "designation": [*own.get("designation", ()), *display, *more.get("designation", ())],
                "property": [*own.get("property", ()), *more.get("property", ())],
            }

    def _named_links(self) -> Iterator[tuple[str, str]]:
        """The (parent, child) pairs that concepts tell by properties."""
        for code, concept in self._concepts.items():
            for name, value in concept.get("property", ()):
                if name in _UPWARD:
                    yield str(value), code
                elif name == "child":
                    yield code, str(value)
