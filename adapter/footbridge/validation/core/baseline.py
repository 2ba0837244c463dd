"""What the type says already of an element that a profile describes, so that a profile keeps only what it adds."""

from footbridge.validation.core.definitions import Definitions, Facts
from footbridge.validation.core.elements import Element, tree


class Baseline:
    """Looks up the elements of the types under a profile."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._types: dict[str, dict[str, Element]] = {}
        self._constraints: dict[str, dict[str, Facts]] = {}

    def of(self, element: Element, profile: Facts) -> "Base | None":
        """The element of the type that a profile's element constrains; None when there is none."""
        name = str(profile.get("type", "")).rpartition("/")[2]
        path = element.path
        found = self._rows(name).get(path)
        if found is None:
            path = str((element.facts.get("base") or {}).get("path") or "")
            name = path.partition(".")[0]
            found = self._rows(name).get(path)
        return None if found is None else Base(found, self.constraints(name), self)

    def root(self, name: str) -> "Base | None":
        """The root element of a type."""
        found = self._rows(name).get(name)
        return None if found is None else Base(found, self.constraints(name), self)

    def constraints(self, name: str) -> dict[str, Facts]:
        """A type's invariants by key."""
        self._rows(name)
        return self._constraints.get(name, {})

    def _rows(self, name: str) -> dict[str, Element]:
        rows = self._types.get(name)
        if rows is None:
            facts = self._definitions.type(name) if name else None
            rows = {}
            if facts is not None:
                self._constraints[name] = facts.get("constraints") or {}
                _collect(tree(facts), rows)
            self._types[name] = rows
        return rows


def _collect(element: Element | None, rows: dict[str, Element]) -> None:
    if element is not None:
        rows.setdefault(element.path, element)
        for child in element.children:
            _collect(child, rows)


class Base:
    """An element of a type, with the invariants that hold there."""

    __slots__ = ("_baseline", "constraints", "element")

    def __init__(self, element: Element, constraints: dict[str, Facts], baseline: Baseline) -> None:
        self.element = element
        self.constraints = constraints
        self._baseline = baseline

    def holds(self, key: str, expression: str | None) -> bool:
        """Whether the type asks this invariant already, at the element or for its type as a whole."""
        if key in (self.element.facts.get("constraint") or ()) and _same(self.constraints, key, expression):
            return True
        for code in self.element.codes:
            root = self._baseline.root(code)
            if root is not None and key in (root.element.facts.get("constraint") or ()):
                return _same(root.constraints, key, expression)
        return False


def _same(constraints: dict[str, Facts], key: str, expression: str | None) -> bool:
    return (constraints.get(key) or {}).get("expression") == expression
