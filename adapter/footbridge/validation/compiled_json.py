"""A compiled profile as JSON: what is asked at each place beyond the type, as the engine has it.

Each rule is an object: ``kind``, the name of its class under ``validation/rules``, and its settings; an expression is
its text. What a place asks on top: ``lists`` (all values together), ``slicing``, ``children``. A place that has the
content of one above it (Questionnaire.item.item) is ``{"sameAs": NUMBER}``, counted in the order of the file.
"""

import dataclasses
from typing import Any

from footbridge.validation.core.plan import ProfileChild, ProfileNode
from footbridge.validation.engine.compiler import Compiler
from footbridge.validation.fhirpath import Compiled

Json = Any


def compiled_json(compiler: Compiler, canonical: str) -> dict[str, Json] | None:
    """The profile of a canonical URL, with or without ``|version``; None where it is not loaded or cannot be used."""
    profile = compiler.profile(canonical)
    if profile is None:
        return None
    facts = profile.facts
    head = {"url": profile.url, "version": facts.get("version"), "type": profile.type}
    return {**head, "base": facts.get("baseDefinition"), "root": _Dump().node(profile.root)}


class _Dump:
    """One dump; it remembers the places that it has been at."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}

    def node(self, node: ProfileNode) -> Json:
        """One place."""
        if node.children:
            if (known := self._places.get(id(node.children))) is not None:
                return {"sameAs": known}
            self._places[id(node.children)] = len(self._places)
        made: dict[str, Json] = {}
        if node.rules:
            made["rules"] = [self.value(rule) for rule in node.rules]
        if node.children:
            made["children"] = {child.name: self._child(child) for child in node.children}
        return made

    def _child(self, child: ProfileChild) -> Json:
        made: dict[str, Json] = {}
        if child.list_rules:
            made["lists"] = [self.value(rule) for rule in child.list_rules]
        if child.slicing is not None:
            made["slicing"] = self.value(child.slicing)
        return made | self.node(child.node)

    def value(self, value: Json) -> Json:
        """A setting of a rule."""
        if isinstance(value, ProfileNode):
            return self.node(value)
        if isinstance(value, Compiled):
            return value.expression
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            rows = {one.name: getattr(value, one.name) for one in dataclasses.fields(value) if one.name[0] != "_"}
            return {"kind": type(value).__name__} | {
                name: self.value(row) for name, row in rows.items() if row not in (None, ()) and not callable(row)
            }
        if isinstance(value, list | tuple):
            return [self.value(row) for row in value]
        if isinstance(value, frozenset | set):
            return sorted(map(str, value))
        if isinstance(value, dict):
            return {str(name): self.value(row) for name, row in value.items()}
        return value if isinstance(value, str | int | float | bool | None) else type(value).__name__
